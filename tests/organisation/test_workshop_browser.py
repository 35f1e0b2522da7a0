"""The workshop in a browser: reorganising by mouse, by keyboard alone and without script, and two editors at once."""

import datetime
import re

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from organisation.models import Organogram, Placement
from pzgent.kernel.trees import find_faults
from tests.outlines import BEFORE, at, make_draft, outline, turns

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
AXE = settings.BASE_DIR / "tests/tools/node_modules/axe-core/axe.min.js"
LATER = timezone.localdate() + datetime.timedelta(days=60)


@pytest.fixture
def draft():
    draft = make_draft()
    draft.valid_from = LATER
    draft.save()
    return draft


@pytest.fixture
def open_page(chromium, live_server):
    """Open a page of the admin, signed in; refused scripts and errors of scripts fail the test."""
    faults = []

    def open_it(path, name="ann", **options):
        account = User.objects.filter(username=name).first() or User.objects.create_superuser(name)
        client = Client()
        client.force_login(account)
        context = chromium.new_context(base_url=live_server.url, **options)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": f"{live_server.url}/admin"}])
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda message: faults.append(message.text) if "Content Security" in message.text else None,
        )
        page.goto(path)
        return page

    yield open_it
    assert faults == []


def workshop(organogram):
    return reverse("admin:organisation_organogram_workshop", args=[organogram.pk])


def item(page, name):
    return page.get_by_role("treeitem", name=name, exact=True)


def choose(page, name):
    """Click on a unit, and wait for its steps."""
    item(page, name).click()
    expect(page.locator("#panel-title")).to_have_text(name)


def message(page):
    return page.locator(".messagelist")


# --- By mouse ---------------------------------------------------------------------------------------
def test_a_reorganisation_by_mouse_from_copy_to_publication(draft, open_page):
    live = Organogram.objects.get(status="published")
    page = open_page(workshop(live))
    page.get_by_role("link", name="Kopiëren naar een concept").click()
    page.get_by_label("Titel").fill("Organogram van morgen")
    page.get_by_label("Eerste dag").fill(LATER.strftime("%d/%m/%Y"))
    page.get_by_role("button", name="Het concept maken").click()
    expect(page.locator("#edition-heading")).to_contain_text("CONCEPT, geldt vanaf")
    new = Organogram.objects.get(title="Organogram van morgen")

    choose(page, "Een")
    page.locator("#step-merge summary").click()
    page.locator("#id_merge-others").fill("Drie")
    page.locator("#id_merge-name").fill("Samen")
    page.get_by_role("button", name="Samenvoegen").click()
    expect(message(page)).to_contain_text("samengevoegd tot “Samen”")
    expect(item(page, "Samen")).to_be_focused()

    choose(page, "Twee")
    page.locator("#step-rename summary").click()
    page.locator("#id_rename-name").fill("Tweede")
    page.get_by_role("button", name="Hernoemen").click()
    expect(message(page)).to_contain_text("“Twee” hernoemd tot “Tweede”")

    page.get_by_role("link", name="Wat dit organogram verandert").click()
    expect(page.locator("#content")).to_contain_text("Samengevoegd (2)")
    page.locator("#id_decided_by").fill("Politiecollege")
    page.get_by_role("button", name="Dit organogram publiceren").click()
    expect(message(page)).to_contain_text("is gepubliceerd. Het geldt vanaf")
    new.refresh_from_db()
    assert (new.status, new.decided_by) == ("published", "Politiecollege")
    assert turns(new) == [
        ("Een", "merged", "Samen"),
        ("Drie", "merged", "Samen"),
        ("Tweede", "renamed", "Tweede"),
    ]
    assert outline(live) == BEFORE
    assert at(new, "Samen").unit.status == "published"


def test_dragging_moves_a_unit_by_the_same_form_and_undo_brings_it_back(draft, open_page):
    Organogram.objects.filter(status="published").delete()
    page = open_page(workshop(draft))
    item(page, "Drie").drag_to(item(page, "Een A"))
    expect(message(page)).to_contain_text("“Drie” verplaatst onder “Een A”")
    assert at(draft, "Drie").parent.name == "Een A"
    page.get_by_role("button", name="Ongedaan maken").click()
    expect(message(page)).to_contain_text("Ongedaan gemaakt")
    assert outline(draft) == BEFORE
    item(page, "Twee").drag_to(item(page, "Een A"), target_position={"x": 10, "y": 2})
    expect(message(page)).to_contain_text("“Twee” verplaatst vóór “Een A”")
    assert find_faults(Placement) == []


def test_dragging_asks_where_it_applies_when_there_are_more_organograms(draft, open_page):
    page = open_page(workshop(draft))
    item(page, "Drie").drag_to(item(page, "Een A"))
    button = page.locator("#move-form button")
    expect(button).to_be_focused()
    assert outline(draft) == BEFORE
    button.click()
    expect(message(page)).to_contain_text("“Drie” verplaatst onder “Een A”")


# --- By keyboard alone --------------------------------------------------------------------------------
def test_a_team_is_added_and_moved_by_keyboard_alone(draft, open_page):
    page = open_page(workshop(draft))
    page.locator("#workshop-find").focus()
    page.keyboard.type("twee a")
    expect(page.locator("#tree li:visible")).to_have_count(3)
    page.keyboard.press("Enter")
    expect(item(page, "Twee A")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(item(page, "Twee")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#panel")).to_be_focused()
    summary = page.locator("#step-add summary")
    for _tab in range(6):
        page.keyboard.press("Tab")
        if summary.evaluate("part => part === document.activeElement"):
            break
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Team Zon")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("team")
    for key in ("Tab", "Tab", "Enter"):
        page.keyboard.press(key)
    expect(item(page, "Team Zon")).to_be_focused()
    expect(page.locator("#workshop-status")).to_contain_text("“Team Zon” toegevoegd")
    page.keyboard.press("Alt+ArrowUp")
    expect(message(page)).to_contain_text("staat nu boven ‘Twee A’")
    expect(item(page, "Team Zon")).to_be_focused()
    assert outline(draft)[4:7] == [".Twee", "..Team Zon", "..Twee A"]


def test_the_tree_has_one_tab_stop_and_walks_opens_and_closes_by_arrows(draft, open_page):
    page = open_page(workshop(draft))
    assert page.locator("#tree a[tabindex='0']").count() == 1
    item(page, "Korps").focus()
    for key, name in (
        ("ArrowDown", "Een"), ("ArrowRight", "Een A"), ("ArrowLeft", "Een"), ("End", "Drie"), ("Home", "Korps"),
        ("d", "Drie"), ("Home", "Korps"), ("ArrowDown", "Een"),
    ):  # fmt: skip
        page.keyboard.press(key)
        expect(item(page, name)).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(item(page, "Een")).to_have_attribute("aria-expanded", "false")
    expect(item(page, "Een A")).to_be_hidden()
    page.reload()
    expect(item(page, "Een A")).to_be_hidden()


# --- Without script, and two at once --------------------------------------------------------------------
def test_everything_works_without_script(draft, open_page):
    page = open_page(workshop(draft), java_script_enabled=False)
    page.locator("#workshop-find").fill("Drie")
    page.locator("#workshop-find").press("Enter")
    page.locator("#step-move summary").click()
    page.locator("#id_move-target").fill("Een")
    page.locator("#move-form button").click()
    assert message(page).inner_text().startswith("“Drie” verplaatst onder “Een”")
    assert re.search(rf"at={at(draft, 'Drie').pk}#p-", page.url)
    page.get_by_role("button", name="Ongedaan maken").click()
    assert outline(draft) == BEFORE


def test_two_editors_in_one_draft_lose_nothing_and_are_told(draft, open_page):
    mine, theirs = (open_page(workshop(draft), name) for name in ("ann", "bob"))
    choose(theirs, "Een A")
    theirs.get_by_role("button", name="Omlaag").click()
    expect(message(theirs)).to_contain_text("staat nu onder")
    item(mine, "Drie").click()
    expect(mine.locator("#panel")).to_contain_text("Een collega wijzigde dit organogram")
    mine.get_by_role("link", name="Toon de boom zoals hij nu is").click()
    mine.get_by_role("button", name="Omhoog").click()
    expect(message(mine)).to_contain_text("staat nu boven ‘Twee’")
    theirs.get_by_role("button", name="Ongedaan maken").click()
    expect(message(theirs)).to_contain_text("Maak die eerst ongedaan")
    assert outline(draft) == ["Korps", ".Een", "..Een B", "..Een A", ".Drie", ".Twee", "..Twee A"]


# --- Accessible -----------------------------------------------------------------------------------------
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.mark.parametrize("width", [360, 1366])
def test_the_pages_have_no_accessibility_faults_and_fit(width, draft, open_page):
    live = Organogram.objects.get(status="published")
    pages = [f"{workshop(draft)}?at={at(draft, 'Een').pk}", workshop(live), f"{workshop(draft)}?find=n"]
    pages += [
        reverse(f"admin:organisation_organogram_{name}", args=[organogram.pk])
        for name, organogram in (("changes", draft), ("duplicate", draft), ("withdraw", live))
    ]
    page = open_page(pages[0], bypass_csp=True, viewport={"width": width, "height": 800})
    for address in pages:
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.evaluate(AXE.read_text())
        found = page.evaluate(
            """async (tags) => (await axe.run(document, {runOnly: tags})).violations.map(
                (fault) => `${fault.id}: ${fault.nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`)""",
            TAGS,
        )
        assert found == [], address
