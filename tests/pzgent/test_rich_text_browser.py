"""The editor of texts with formatting in a real browser: pasting, the keyboard, links, and the security policy."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from contact.models import Topic
from organisation.models import Term
from pzgent.kernel.links import reference_to
from tests.make import make, make_project, make_shown_unit, make_topic
from tests.pasted import PASTED
from tests.pzgent.test_accessibility import AXE, axe_faults, load
from tests.pzgent.test_rich_text import HOSTILE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASTE = """([selector, html]) => {
    const data = new DataTransfer();
    data.setData("text/html", html);
    data.setData("text/plain", "plain");
    document.querySelector(selector).dispatchEvent(
        new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}"""
AREA = ".field-intro .rich-text-area"


@pytest.fixture
def opened(chromium, live_server, admin_client):
    """Return a function that opens an admin page as a superuser; anything refused by the policy fails the test."""
    session = admin_client.cookies["sessionid"].value
    faults = []

    def open_page(address, **options):
        context = chromium.new_context(
            **{"base_url": live_server.url, "viewport": {"width": 1280, "height": 900}, **options}
        )
        context.add_cookies([{"name": "sessionid", "value": session, "url": f"{live_server.url}/admin"}])
        page = context.new_page()
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(address)
        return page

    yield open_page
    assert [fault for fault in faults if "favicon" not in fault] == []


def page_of(topic):
    return reverse("admin:contact_topic_change", args=[topic.pk])


def saved(page, topic):
    page.locator("[name=_save]").first.click()
    expect(page.locator(".messagelist li")).to_be_visible()
    topic.refresh_from_db()
    return topic.intro


@pytest.mark.parametrize("source", PASTED)
def test_what_is_pasted_becomes_clean(opened, source):
    topic, (html, stored) = make_topic(intro=""), PASTED[source]
    page = opened(page_of(topic))
    page.locator(AREA).click()
    page.evaluate(PASTE, [AREA, html])
    if source == "web":
        assert page.evaluate("window.ran") is None
        stored_in_form = page.locator("#id_intro").input_value()
        assert "javascript" not in stored_in_form
        assert "onclick" not in stored_in_form
        return
    assert saved(page, topic) == stored


def test_text_is_typed_as_it_is(opened):
    topic = make_topic(intro="Eerst.\n\nDaarna.")
    page = opened(page_of(topic))
    area = page.locator(AREA)
    expect(area).to_have_text("Eerst.Daarna.")
    assert page.locator("#id_intro").input_value() == topic.intro
    area.click()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("2021. Dat was <naam>")
    page.keyboard.press("Enter")
    page.keyboard.type("- a < b **c**")
    assert saved(page, topic) == "<p>2021. Dat was &lt;naam&gt;</p><p>- a &lt; b **c**</p>"


def test_an_untouched_text_stays(opened):
    topic = make_topic(intro='<p lang="fr">Oui <abbr title="x">a</abbr></p> <ul> <li>b</li> </ul>')
    before = topic.intro
    page = opened(page_of(topic))
    page.locator(AREA).click()
    page.keyboard.press("ArrowRight")
    assert saved(page, topic) == before


def test_marks_that_the_buttons_do_not_offer_survive_an_edit(opened):
    topic = make_topic(
        intro='<p lang="fr">Oui <abbr title="x">a</abbr></p><ol start="3"><li lang="de">b</li></ol>'
    )
    page = opened(page_of(topic))
    page.locator(f"{AREA} p").first.click()
    page.wait_for_timeout(150)  # ProseMirror settles the selection of a click a moment later
    page.keyboard.press("Home")
    page.keyboard.type("N")
    assert saved(page, topic) == (
        '<p lang="fr">NOui <abbr title="x">a</abbr></p><ol start="3"><li lang="de">b</li></ol>'
    )


def test_everything_works_by_keyboard(opened):
    topic, unit = make_topic(intro="Hallo daar"), make_shown_unit(name="Zwanendienst")
    page = opened(page_of(topic))
    area = page.locator(AREA)
    area.focus()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.press("Alt+F10")
    expect(page.get_by_role("button", name="Vet").first).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(area.locator("h3")).to_have_text("Hallo daar")
    expect(area).to_be_focused()
    page.wait_for_timeout(150)  # the editor follows the selection a moment later
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(150)
    page.keyboard.press("Enter")
    page.keyboard.press("ControlOrMeta+k")
    dialog = page.get_by_role("dialog", name="Link")
    expect(dialog.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("zwan")
    expect(dialog.get_by_role("option")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    page.keyboard.press("Tab")
    expect(page.locator(".field-prepare :focus")).to_have_count(1)
    page.keyboard.press("Shift+Tab")
    expect(area).to_be_focused()
    assert saved(page, topic) == (f'<h3>Hallo daar</h3><p><a href="{reference_to(unit)}">{unit.name}</a></p>')


def test_a_link_is_made_of_selected_words_changed_and_removed(opened):
    topic, other = make_topic(intro="Lees meer"), make_topic(title="Zwanen melden")
    page = opened(page_of(topic))
    page.locator(AREA).click()
    page.keyboard.press("ControlOrMeta+A")
    page.locator(".field-intro [data-command=link]").click()
    page.keyboard.type("www.gent.be")
    page.get_by_role("button", name="Link plaatsen").click()
    expect(page.locator(f"{AREA} a")).to_have_attribute("href", "https://www.gent.be")
    page.locator(".field-intro [data-command=link]").click()
    expect(page.get_by_role("combobox", name="Zoek een pagina")).to_have_value("https://www.gent.be")
    page.keyboard.type("zwanen")
    page.get_by_role("option", name="Zwanen melden").click()
    page.get_by_role("button", name="Link plaatsen").click()
    expect(page.locator(f"{AREA} a")).to_have_attribute("href", str(reference_to(other)))
    page.locator(".field-intro [data-command=link]").click()
    expect(page.get_by_role("combobox", name="Zoek een pagina")).to_have_value("Zwanen melden")
    page.get_by_role("button", name="Link weghalen").click()
    assert saved(page, topic) == "Lees meer"


def test_a_table_is_made_and_its_cells_filled(opened):
    topic = make_topic(intro="")
    page = opened(page_of(topic))
    page.locator(AREA).click()
    page.locator(".field-intro [data-command=table]").click()
    page.keyboard.type("Dag")
    page.locator(f"{AREA} th").nth(1).click()
    page.keyboard.type("Uur")
    page.locator(f"{AREA} td").first.click()
    page.keyboard.type("maandag")
    page.locator(".field-intro [data-command=row-off]").focus()
    page.locator(f"{AREA} td").nth(2).click()
    page.locator(".field-intro [data-command=row-off]").click()
    assert saved(page, topic).startswith(
        '<table><tbody><tr><th scope="col">Dag</th><th scope="col">Uur</th></tr><tr><td>maandag</td><td></td></tr>'
    )


def test_long_sentences_and_jargon_are_shown(opened):
    make(Term, abbreviation="APO")
    topic = make_topic(intro="Kort. " + "woord " * 21 + "APO.")
    page = opened(page_of(topic))
    advice = page.locator(".field-intro .rich-text-advice")
    expect(advice).to_be_hidden()
    page.locator(AREA).focus()
    expect(advice.locator("li")).to_have_text(
        ["Lange zin (22 woorden): “woord woord woord woord woord woord …”", "Woorden die uitleg vragen: APO"]
    )


def test_nothing_hostile_runs_without_the_policy_either(opened):
    make_topic(slug="boos", intro="".join(f"<div>{text}</div>" for text in HOSTILE))
    topic = Topic.objects.get()
    for address in (page_of(topic), "/contact/boos"):
        page = opened(address, bypass_csp=True)
        page.evaluate("window.ran = undefined")
        page.wait_for_load_state("networkidle")
        page.evaluate("document.querySelectorAll('a[href^=javascript]').length")
        assert page.evaluate("typeof window.ran") == "undefined"
        assert (
            page.locator("main script:not([src]), .rich-text-area script, iframe, svg[onload]").count() == 0
        )
    area = opened(page_of(topic), bypass_csp=True)
    area.locator(AREA).click()
    for text in HOSTILE:
        area.evaluate(PASTE, [AREA, text])
    assert area.evaluate("typeof window.ran") == "undefined"


def test_a_row_that_is_added_has_an_editor_too(opened):
    project = make_project()
    page = opened(reverse("admin:projects_project_change", args=[project.pk]))
    page.locator("#updates-group .add-row a").click()
    area = page.locator("#updates-0 .rich-text-area")
    area.click()
    page.keyboard.type("Nieuws")
    assert page.locator("[name=updates-0-text]").input_value() == "<p>Nieuws</p>"


def test_without_script_there_is_a_textarea(opened):
    topic = make_topic(intro="Eerst.\n\nDaarna.")
    page = opened(page_of(topic), java_script_enabled=False)
    expect(page.locator("#id_intro")).to_have_value(topic.intro)
    expect(page.locator(".field-intro [role=toolbar]")).to_be_hidden()


@pytest.mark.parametrize("width", [360, 1280])
def test_a_form_with_many_editors_is_accessible_and_fits(opened, width):
    topic = make_topic(intro="<p>Een <a href='https://gent.be'>link</a></p>")
    page = opened(page_of(topic), viewport={"width": width, "height": 900}, bypass_csp=True)
    page.locator("details summary").evaluate_all(
        "parts => parts.forEach((part) => { part.parentNode.open = true; })"
    )
    expect(page.locator(".rich-text-area")).to_have_count(12)
    assert (
        page.locator(".rich-text-area").evaluate_all(
            "areas => areas.map((area) => area.scrollWidth - area.clientWidth)"
        )
        == [0] * 12
    )
    expect(page.get_by_role("textbox", name="Inleiding", exact=False).first).to_be_visible()
    load(page, AXE)
    rich = [fault for fault in axe_faults(page) if "rich-text" in str(fault)]
    assert rich == []
    page.locator(AREA).focus()
    page.keyboard.press("ControlOrMeta+k")
    assert [fault for fault in axe_faults(page) if "rich-text" in str(fault) or "dialog" in str(fault)] == []
