"""Import and actions on many rows, as an editor does them in a browser: with the mouse, and with the keyboard alone."""

import os
from itertools import cycle
from pathlib import Path

import pytest
from playwright.sync_api import expect

from contact.models import Channel
from organisation.models import Term
from tests.make import make_term, make_topic
from tests.pzgent.test_accessibility import axe_faults, load
from tests.sheets import page_of, xlsx_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HEADINGS = ["Onderwerp", "Soort", "Opschrift", "Nummer of adres"]
SIZE = 200
AXE = "axe-core/axe.min.js"
PICTURES = os.environ.get("PICTURES", "")


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def desk(request, chromium, live_server, admin_client):
    """A page of the signed-in editor, with or without script, that collects what the browser complains about."""
    context = chromium.new_context(
        viewport={"width": 1280, "height": 900}, locale="nl-BE", java_script_enabled=request.param
    )
    session = admin_client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": f"{live_server.url}/admin"}])
    page = context.new_page()
    page.has_script = request.param
    page.complaints = []
    page.on(
        "console", lambda message: page.complaints.append(message.text) if message.type == "error" else None
    )
    page.home = live_server.url
    return page


def _look(page, name):
    """Check the page with axe, and keep a picture of it at three widths if asked for."""
    if page.has_script:
        load(page, AXE)
        # The list of all models beside the page is judged with the home page.
        page.evaluate("document.querySelector('#nav-sidebar')?.remove()")
        assert axe_faults(page) == []
    for width in (360, 768, 1280) if PICTURES else ():
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)


def _channels(wrong=()):
    rows = [["aangifte", "telefoon", f"Lijn {number}", f"09 266 {number:04d}"] for number in range(SIZE)]
    for number in wrong:
        rows[number][0] = "aangfte"
    return xlsx_of([HEADINGS, *rows])


def _file(name, content):
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def test_two_hundred_channels_are_imported_with_the_mouse(desk):
    make_topic(slug="aangifte")
    desk.goto(desk.home + page_of(Channel, "changelist"))
    desk.click("text=Importeren")
    _look(desk, "upload")
    desk.set_input_files("input[type=file]", _file("kanalen.xlsx", _channels(wrong=[3, 150])))
    desk.click("text=Bestand nakijken")
    _wait_for_report(desk)
    expect(desk.locator(".job-table tbody tr")).to_have_count(2)
    expect(desk.locator(".job-table tbody tr").first).to_contain_text("“aangfte” bestaat niet")
    _look(desk, "errors")
    desk.click("text=Ander bestand kiezen")
    desk.set_input_files("input[type=file]", _file("kanalen.xlsx", _channels()))
    desk.click("text=Bestand nakijken")
    _wait_for_report(desk)
    _look(desk, "report")
    assert Channel.objects.count() == 0
    desk.click(f"input[value='{SIZE} rijen doorvoeren']")
    expect(desk.locator(".messagelist")).to_contain_text("200 rijen zijn ingevoerd")
    expect(desk.locator("#changelist")).to_contain_text(f"{SIZE} contactkanalen")
    assert Channel.objects.filter(value="+3292660150").exists()
    assert desk.complaints == []


def _wait_for_report(page):
    expect(page.locator("#job_form")).to_be_visible(timeout=120_000)


def test_an_import_by_the_keyboard_alone(desk):
    desk.goto(desk.home + page_of(Term, "import"))
    field = desk.locator("input[type=file]")
    field.set_input_files(_file("termen.xlsx", xlsx_of([["Afkorting of woord"], ["FIT"]])))
    field.focus()
    desk.keyboard.press("Tab")
    assert _focused(desk) == "Bestand nakijken"
    desk.keyboard.press("Enter")
    _wait_for_report(desk)
    _tab_to(desk, "1 rij doorvoeren")
    desk.keyboard.press("Enter")
    expect(desk.locator(".messagelist")).to_contain_text("1 rij is ingevoerd")
    assert Term.objects.count() == 1


def _focused(page):
    focus = page.locator("*:focus")
    return focus.get_attribute("value") if focus.count() else ""


def _tab_to(page, value):
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the link that skips the navigation
    for _number in range(30):
        page.keyboard.press("Tab")
        if _focused(page) == value:
            return
    raise AssertionError(f"no way to “{value}” by the keyboard")


def test_an_action_on_many_rows_asks_and_reports(desk):
    for _number in range(3):
        make_term(status="draft")
    desk.goto(desk.home + page_of(Term, "changelist"))
    for box in desk.locator("input.action-select").all():
        box.check()
    desk.select_option("select[name=action]", "publish")
    desk.click("button[name=index]")
    expect(desk.locator("#content")).to_contain_text("3 begrippen publiceren?")
    _look(desk, "ask")
    desk.click("input[name=start]")
    expect(desk.locator(".messagelist")).to_contain_text("3 begrippen met nu de status “gepubliceerd”")
    assert set(Term.objects.values_list("status", flat=True)) == {"published"}
    assert desk.complaints == []


def test_the_progress_goes_on_by_itself(desk, monkeypatch):
    from pzgent.kernel.editing.bulk import action_admin

    monkeypatch.setattr(action_admin, "PORTION_SECONDS", 0)
    monkeypatch.setattr(action_admin, "LINES_AT_ONCE", 1)
    monkeypatch.setattr(action_admin, "monotonic", cycle([0, 0, 9]).__next__)
    for _number in range(4):
        make_term(status="draft")
    desk.goto(desk.home + page_of(Term, "changelist"))
    for box in desk.locator("input.action-select").all():
        box.check()
    desk.select_option("select[name=action]", "publish")
    desk.click("button[name=index]")
    desk.click("input[name=start]")
    expect(desk.locator(".messagelist")).to_contain_text("4 begrippen", timeout=120_000)


def test_the_source_of_many_facts_is_chosen_from_the_list(desk):
    make_term()
    desk.goto(desk.home + page_of(Term, "changelist"))
    desk.check("input.action-select")
    desk.select_option("select[name=action]", "set_source")
    desk.click("button[name=index]")
    expect(desk.locator("#job_form select")).to_have_count(1)
    assert desk.complaints == []
