"""The organogram and the pages of units as a browser shows them: near, the same without script, and readable."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WORDS = ["gerechtelijk gentbrugge", "ANTENNE", "lccu", "financien", "xyzzy"]


@pytest.fixture
def page(chromium, live_server, plan):
    return chromium.new_context(viewport={"width": 1280, "height": 900}, base_url=live_server.url).new_page()


@pytest.fixture
def plain(chromium, live_server, plan):
    """A page without script."""
    context = chromium.new_context(java_script_enabled=False, base_url=live_server.url)
    return context.new_page()


def deepest_units():
    """One unit of each level, and all of the deepest level, by slug and name."""
    from organisation.models import Placement

    places = Placement.objects.in_organogram_of().select_related("unit")
    deepest = max(place.level for place in places)
    found = {place.level: place for place in places}
    return [*found.values(), *(place for place in places if place.level == deepest)]


def test_any_unit_is_three_actions_from_home_by_the_tree(page):
    for place in deepest_units():
        page.goto("/")
        page.get_by_role("link", name="Organogram", exact=True).first.click()  # 1
        page.locator("#id_filter").fill(place.name)  # 2: typing filters at once
        page.locator(f"#in-{place.unit.slug} > a").click()  # 3
        page.wait_for_url(f"**{place.unit.get_absolute_url()}")


def test_any_unit_is_three_actions_from_home_without_script(plain):
    for place in deepest_units():
        plain.goto("/")
        plain.get_by_role("link", name="Organogram", exact=True).first.click()  # 1
        plain.locator("#id_filter").fill(place.name)
        plain.locator("#id_filter").press("Enter")  # 2: the words and the key that sends them
        plain.locator(f"#in-{place.unit.slug} > a").click()  # 3
        plain.wait_for_url(f"**{place.unit.get_absolute_url()}")


def test_any_unit_is_three_actions_from_home_by_search(page):
    for place in deepest_units():
        parent = f" {place.parent.name}" if place.parent else ""
        page.goto("/")
        box = page.locator("main input[type=search]").first
        box.fill(f"{place.name}{parent}")
        box.press("Enter")  # 1
        page.locator(f'main a[href="{place.unit.get_absolute_url()}"]').first.click()  # 2
        page.wait_for_url(f"**{place.unit.get_absolute_url()}")


def in_sight(page):
    """The lines and rows that are not filtered away, and what is announced."""
    script = """() => [
        ...[...document.querySelectorAll('#tree li:not([hidden])')].map(e => e.id + (e.matches('.hit') ? '!' : '')),
        ...[...document.querySelectorAll('#tree details[open]')].map(e => 'open ' + e.parentElement.id),
        ...[...document.querySelectorAll('#rows tbody tr:not([hidden])')].map(e => e.innerText),
        document.getElementById('found').textContent,
    ]"""
    return page.evaluate(script)


@pytest.mark.parametrize("query", ["", "?datum=2021-09-01&vergelijk=2021-01-01"])
def test_the_filter_gives_the_same_with_and_without_script(page, query):
    typed, sent = {}, {}
    for words in WORDS:
        page.goto(f"/organogram{query}")
        page.locator("#id_filter").fill(words)
        typed[words] = in_sight(page)
        page.goto(f"/organogram{query}{'&' if query else '?'}filter={words}")
        sent[words] = in_sight(page)
    assert typed == sent


def test_the_address_follows_the_filter_and_what_is_open(page):
    page.goto("/organogram")
    assert page.url.endswith("/organogram")
    page.locator("#id_filter").fill("drugs")
    page.wait_for_url("**/organogram?filter=drugs")
    page.locator("#id_filter").fill("")
    page.wait_for_url(re.compile("open="))
    page.locator("#in-wijkdienst > details > summary").click()
    page.wait_for_url(re.compile("wijkdienst"))
    opened = in_sight(page)
    page.goto(page.url)
    assert in_sight(page) == opened


@pytest.mark.parametrize("script", [True, False])
def test_everything_opens_and_closes_with_and_without_script(chromium, live_server, plan, script):
    page = chromium.new_context(java_script_enabled=script, base_url=live_server.url).new_page()
    page.goto("/organogram")
    page.locator("button[value=alles]").click()
    page.wait_for_url(re.compile("open=alles"))
    assert page.locator("#tree details:not([open])").count() == 0
    page.locator("button[value=niets]").click()
    page.wait_for_url(re.compile("open=niets"))
    assert page.locator("#tree details[open]").count() == 1


def test_a_link_to_a_unit_opens_what_is_around_it(page):
    page.goto("/eenheden/antenne-drongen")
    page.get_by_role("link", name="Toon in het organogram").click()
    expect(page.locator("#in-antenne-drongen > a")).to_be_visible()


def test_what_is_open_lasts_when_a_page_is_printed(page):
    page.goto("/organogram")
    address = page.url
    page.evaluate("dispatchEvent(new Event('beforeprint')); dispatchEvent(new Event('afterprint'))")
    assert page.url == address


def test_the_text_of_the_chart_fits_its_boxes(page):
    outside = []
    for query in ("", "?top=wijkdienst", "?top=tactische-teams"):
        page.goto(f"/organogram{query}")
        outside += page.evaluate(
            """() => [...document.querySelectorAll('svg.chart-wide text')].filter(text => {
                const box = text.parentElement.querySelector('rect').getBBox(), is = text.getBBox();
                return is.x < box.x || is.x + is.width > box.x + box.width + 1 || is.y < box.y
                    || is.y + is.height > box.y + box.height;
            }).map(text => text.textContent)"""
        )
    assert outside == []


def test_every_box_of_the_chart_is_reached_by_keyboard_with_a_visible_focus(page):
    page.goto("/organogram?top=directie-beheer")
    boxes = page.locator("svg.chart-wide a")
    page.locator(".chart-frame").focus()
    for number in range(boxes.count()):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "[...document.querySelectorAll('svg.chart-wide a')].indexOf(document.activeElement)"
        )
        assert focused == number
        width = page.evaluate("getComputedStyle(document.activeElement.querySelector('rect')).strokeWidth")
        assert width == "4px"


def test_the_chart_leads_down_and_up(page):
    page.goto("/organogram?top=directie-operaties")
    page.locator("svg.chart-wide a[aria-label^='Commissariaat Gent-Centrum:']").click()
    page.wait_for_url(re.compile("top=commissariaat-gent-centrum"))
    page.locator(".drills a").first.click()
    page.wait_for_url("**/organogram#chart")
    expect(page.locator("h1")).to_have_text("Organogram")


def test_the_chart_is_made_larger_without_script(plain):
    plain.goto("/organogram")
    before = plain.locator("svg.chart-wide").bounding_box()["width"]
    plain.locator("#id_schaal").select_option("200")
    plain.locator("#id_schaal").locator("xpath=ancestor::form").locator("button").click()
    plain.wait_for_url(re.compile("schaal=200"))
    assert plain.locator("svg.chart-wide").bounding_box()["width"] == pytest.approx(2 * before, rel=0.01)
