"""An editor's journeys with opening hours in a real browser: by mouse, by keyboard alone, and without script."""

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import expect

from contact.models import Schedule, ScheduleException
from tests.make import make_channel, make_exception, make_location, make_schedule
from tests.pzgent.test_accessibility import AXE, TAGS, load, unfold

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "een lange zin met woorden"
OFFICE = [(day, "09:00", "17:00") for day in range(5)]
LIST = reverse("admin:contact_scheduleexception_changelist")


@pytest.fixture
def desk(chromium, live_server):
    """Opens a browser in which an editor has signed in."""
    User.objects.create_superuser("an", password=PASSWORD)

    def open_desk(**options):
        context = chromium.new_context(
            base_url=live_server.url, **{"viewport": {"width": 1280, "height": 900}, **options}
        )
        page = context.new_page()
        page.refusals = []
        page.on(
            "console",
            lambda said: page.refusals.append(said.text) if "Content Security" in said.text else None,
        )
        page.goto(reverse("admin:index"))
        sign_in(page)
        return page

    return open_desk


def sign_in(page):
    page.fill("#id_username", "an")
    page.fill("#id_password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("#user-tools")


def page_of(schedule):
    return reverse("admin:contact_schedule_change", args=[schedule.pk])


def week(schedule):
    return {
        (slot.weekday, f"{slot.opens:%H:%M}", f"{slot.closes:%H:%M}")
        for slot in Schedule.objects.get(pk=schedule.pk).slots.all()
    }


def tab_to(page, locator, most=200):
    """Press Tab until the element has the focus, as somebody without a mouse does."""
    for _number in range(most):
        if locator.evaluate("part => part === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"not reached by the keyboard: {locator}")


# --- Closed on a holiday, for eight at once --------------------------------------------------------
@pytest.fixture
def eight():
    place = make_location(name="Commissariaat Noord")
    found = [make_schedule(*OFFICE, title=f"Balie {number}") for number in range(8)]
    for schedule in found:
        make_channel(schedule=schedule, location=place, label="Onthaal")
    make_schedule(*OFFICE, title="Ander uur")
    return found


def closed():
    return set(ScheduleException.objects.values_list("schedule__title", "first_day", "opens"))


def is_right(schedules):
    return {(title, str(day), opens) for title, day, opens in closed()} == {
        (schedule.title, "2027-07-22", None) for schedule in schedules
    }


@pytest.mark.parametrize("script", [True, False])
def test_eight_desks_close_for_a_day_by_mouse(desk, eight, script):
    """Three pages: the list, the form, and the result, from which it is taken back again."""
    page = desk(java_script_enabled=script)
    page.goto(LIST)
    page.get_by_role("link", name="Voor veel openingsuren tegelijk").click()
    page.get_by_label("Eerste dag").fill("22 juli 2027")
    page.get_by_label("Reden", exact=False).first.fill("Brugdag")
    page.get_by_label("Commissariaat Noord").check()
    page.get_by_role("button", name="Bewaren voor alles").click()
    expect(page.locator(".messagelist")).to_contain_text("Toegevoegd bij 8 reeksen openingsuren.")
    assert is_right(eight)
    page.get_by_role("button", name="Voor alle verwijderen").click()
    page.get_by_role("button", name="Ja, voor alle verwijderen").click()
    expect(page.locator(".messagelist")).to_contain_text("Verwijderd bij 8 reeksen openingsuren.")
    assert not ScheduleException.objects.exists()
    assert page.refusals == []


def test_eight_desks_close_for_a_day_by_keyboard(desk, eight):
    page = desk()
    page.goto(LIST)
    tab_to(page, page.get_by_role("link", name="Voor veel openingsuren tegelijk"))
    page.keyboard.press("Enter")
    page.wait_for_selector("#together_form")
    tab_to(page, page.locator("#id_first_day"))
    page.keyboard.type("22/7/2027")
    tab_to(page, page.locator("#id_reason"))
    page.keyboard.type("Brugdag")
    tab_to(page, page.get_by_label("Commissariaat Noord"))
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_selector(".messagelist .success")
    assert is_right(eight)


def test_what_a_place_ticked_can_be_unticked_and_the_list_searched(desk, eight):
    page = desk()
    page.goto(reverse("admin:contact_scheduleexception_together"))
    page.get_by_label("Commissariaat Noord").check()
    page.get_by_label("Zoek in deze lijst").fill("balie 3")
    assert page.locator("#hours-list tbody tr:visible").count() == 1
    page.get_by_label("Balie 3").uncheck()
    page.get_by_label("Eerste dag").fill("22/7/2027")
    page.locator("#id_reason").fill("Brugdag")
    page.get_by_role("button", name="Bewaren voor alles").click()
    page.wait_for_selector(".messagelist .success")
    assert is_right([schedule for schedule in eight if schedule.title != "Balie 3"])


# --- The grid -----------------------------------------------------------------------------------
NEW_WEEK = {(day, *times) for day in range(5) for times in (("08:30", "12:00"), ("13:00", "16:30"))}


def cell(page, day, number, side):
    return page.get_by_label(f"{day}, periode {number}: {side}", exact=True)


def test_the_hours_of_a_desk_are_changed_by_mouse(desk):
    schedule = make_schedule(*OFFICE)
    page = desk()
    page.goto(page_of(schedule))
    for number, times in enumerate((("8u30", "12"), ("13", "16.30")), 1):
        for side, text in zip(("van", "tot"), times, strict=True):
            cell(page, "maandag", number, side).fill(text)
    page.get_by_label("Kopieer maandag naar").select_option("weekdays")
    expect(cell(page, "vrijdag", 2, "tot")).to_have_value("16.30")
    page.fill("#id_check_day", "9/7/2027")
    page.fill("#id_check_time", "12u30")
    page.get_by_role("button", name="Nakijken zonder te bewaren").click()
    expect(page.locator("#hours-check")).to_contain_text(
        "Vrijdag 9 juli 2027 om 12.30 uur: gesloten; opent om 13.00 uur."
    )
    expect(page.locator("#hours-check")).to_be_focused()
    assert len(week(schedule)) == 5
    page.locator("[name=_save]").last.click()
    page.wait_for_selector(".messagelist .success")
    assert week(schedule) == NEW_WEEK
    assert page.refusals == []


def test_the_hours_of_a_desk_are_changed_by_keyboard(desk):
    schedule = make_schedule(*OFFICE)
    page = desk()
    page.goto(page_of(schedule))
    tab_to(page, cell(page, "maandag", 1, "van"))
    for text in ("8.30", "12", "13", "16.30"):
        page.keyboard.press("Control+A")
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    tab_to(page, page.get_by_label("Kopieer maandag naar"), most=5)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(cell(page, "vrijdag", 2, "van")).to_have_value("13")
    expect(cell(page, "zaterdag", 1, "van")).to_have_value("")
    page.keyboard.press("Enter")
    page.wait_for_selector(".messagelist .success")
    assert week(schedule) == NEW_WEEK


def test_the_hours_of_a_desk_are_changed_without_script(desk):
    schedule = make_schedule(*OFFICE)
    page = desk(java_script_enabled=False)
    page.goto(page_of(schedule))
    for number, times in enumerate((("8u30", "12"), ("13", "16.30")), 1):
        for side, text in zip(("van", "tot"), times, strict=True):
            cell(page, "maandag", number, side).fill(text)
    page.get_by_label("Kopieer maandag naar").select_option("weekdays")
    page.get_by_role("button", name="Nakijken zonder te bewaren").click()
    assert cell(page, "vrijdag", 2, "tot").input_value() == "16.30"
    page.locator("[name=_save]").last.click()
    page.wait_for_selector(".messagelist .success")
    assert week(schedule) == NEW_WEEK


def test_of_two_browsers_on_the_same_hours_the_second_is_told_and_loses_nothing(desk):
    schedule = make_schedule(*OFFICE)
    one = desk()
    other = one.context.new_page()
    for page in (one, other):
        page.goto(page_of(schedule))
    cell(one, "maandag", 1, "van").fill("8.00")
    cell(other, "maandag", 1, "van").fill("10.00")
    one.locator("[name=_save]").last.click()
    one.wait_for_selector(".messagelist .success")
    other.locator("[name=_save]").last.click()
    expect(other.locator("#problems")).to_be_focused()
    expect(other.locator(".conflict")).to_be_visible()
    assert cell(other, "maandag", 1, "van").input_value() == "10.00"
    assert (0, "08:00", "17:00") in week(schedule)


# --- What was typed is not lost -------------------------------------------------------------------
@pytest.mark.parametrize("script", [True, False])
def test_a_session_that_is_lost_while_typing_loses_nothing(desk, script):
    schedule = make_schedule(*OFFICE)
    page = desk(java_script_enabled=script)
    page.goto(page_of(schedule))
    cell(page, "maandag", 1, "van").fill("8.00")
    Session.objects.all().delete()
    page.locator("[name=_save]").last.click()
    expect(page.locator(".messagelist")).to_contain_text("Wat u typte, is bewaard")
    sign_in(page)
    if not script:
        page.get_by_role("button", name="Verstuur opnieuw wat ik typte").click()
    page.wait_for_selector(".messagelist .success")
    assert (0, "08:00", "17:00") in week(schedule)
    assert page.refusals == []


def test_signing_in_from_a_second_tab_loses_nothing(desk):
    schedule = make_schedule(*OFFICE)
    page = desk()
    page.goto(page_of(schedule))
    cell(page, "maandag", 1, "van").fill("8.00")
    Session.objects.all().delete()
    second = page.context.new_page()
    second.goto(reverse("admin:index"))
    sign_in(second)
    page.locator("[name=_save]").last.click()
    page.get_by_role("button", name="Verstuur opnieuw wat ik typte").click()
    page.wait_for_selector(".messagelist .success")
    assert (0, "08:00", "17:00") in week(schedule)


def test_leaving_with_something_typed_asks_first_and_saving_does_not(desk):
    schedule = make_schedule(*OFFICE)
    page, asked = desk(), []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.goto(page_of(schedule))
    cell(page, "maandag", 1, "van").click()
    page.get_by_role("link", name="Openingsuren").first.click()
    page.wait_for_url("**/schedule/")
    assert asked == []
    page.goto(page_of(schedule))
    cell(page, "maandag", 1, "van").fill("8.00")
    page.get_by_role("link", name="Openingsuren").first.click(no_wait_after=True)
    expect(cell(page, "maandag", 1, "van")).to_have_value("8.00")
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    page.locator("[name=_save]").last.click()
    page.wait_for_selector(".messagelist .success")
    assert asked == ["beforeunload"]


# --- Accessibility ------------------------------------------------------------------------------------
# What the pages of the hours consist of; the frame around them is judged with all other pages.
OWN_PARTS = ["#together_form", "#hours-list", ".week-grid", ".hours-check", ".year-calendar", "#problems"]
JUDGE = """async ([tags, parts]) => {
    const include = parts.filter((part) => document.querySelector(part));
    const found = await axe.run({include}, {runOnly: tags});
    return found.violations.map((fault) => `${fault.id}: ${fault.nodes[0].html.slice(0, 200)}`);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_the_hours_have_no_faults(desk, eight, scheme):
    exception = make_exception(eight[0], first_day="2027-07-22", last_day="2027-07-23")
    page = desk(bypass_csp=True, color_scheme=scheme)
    page.goto(reverse("admin:contact_scheduleexception_together"))
    page.get_by_role("button", name="Bewaren voor alles").click()
    faults = {"refused": faults_of(page)}
    for name, address in {
        "together": reverse("admin:contact_scheduleexception_batch", args=[exception.pk]),
        "year": f"{reverse('admin:contact_schedule_year')}?year=2027&schedule={eight[0].pk}",
        "channels": reverse("admin:contact_schedule_channels", args=[eight[0].pk]),
        "hours": page_of(eight[0]),
    }.items():
        page.goto(address)
        faults[name] = faults_of(page)
    assert {name: found for name, found in faults.items() if found} == {}


def faults_of(page):
    unfold(page)
    load(page, AXE)
    return page.evaluate(JUDGE, [TAGS, OWN_PARTS])
