"""One exception for many opening hours: entered, changed and removed for all of them, or for none."""

import datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from contact.models import ScheduleException
from tests.browser import form_data
from tests.make import make_channel, make_exception, make_location, make_schedule

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:contact_scheduleexception_together")
OFFICE = [(day, "09:00", "17:00") for day in range(5)]
CLOSED = {
    "first_day": "24/12/2027",
    "last_day": "31/12/2027",
    "reason": "Eindejaar",
    "reason_fr": "Fin d'année",
}


@pytest.fixture
def schedules():
    return [make_schedule(*OFFICE, title=f"Balie {number}") for number in range(8)]


def form_of(client, page=PAGE):
    return form_data(client.get(page), "together_form")


def enter(client, schedules, follow=False, **typed):
    return client.post(PAGE, {**filled_in(client, schedules), **typed}, follow=follow)


def filled_in(client, schedules):
    keys = [str(schedule.pk) for schedule in schedules]
    return {**form_of(client), **CLOSED, "schedules": keys, "_save": "1"}


def batch_page(exception):
    return reverse("admin:contact_scheduleexception_batch", args=[exception.pk])


def test_eight_schedules_close_at_once(admin_client, schedules):
    answer = enter(admin_client, schedules, follow=True)
    assert "Toegevoegd bij 8 reeksen openingsuren." in answer.content.decode()
    made = list(ScheduleException.objects.all())
    assert {item.schedule for item in made} == set(schedules)
    assert {(item.first_day.isoformat(), item.last_day.isoformat(), item.is_closed) for item in made} == {
        ("2027-12-24", "2027-12-31", True)
    }
    assert len({item.batch for item in made}) == 1
    assert made[0].translation_of("reason", "fr") == "Fin d'année"


def test_each_exception_and_each_schedule_has_it_in_its_history_and_version(admin_client, schedules):
    enter(admin_client, schedules)
    for schedule in schedules:
        schedule.refresh_from_db()
        assert schedule.version == 2
        assert LogEntry.objects.filter(object_id=str(schedule.pk)).exists()
        assert LogEntry.objects.filter(object_id=str(schedule.exceptions.get().pk)).exists()


def test_a_second_click_enters_nothing_twice(admin_client, schedules):
    data = {**form_of(admin_client), **CLOSED, "schedules": [str(schedules[0].pk)], "_save": "1"}
    first, second = admin_client.post(PAGE, data), admin_client.post(PAGE, data)
    assert first["Location"] == second["Location"]
    assert ScheduleException.objects.count() == 1


def test_a_conflict_in_one_stops_all_and_is_named(admin_client, schedules):
    make_exception(schedules[3], first_day="2027-12-20", last_day="2027-12-27", reason="Verbouwing")
    answer = enter(admin_client, schedules)
    html = answer.content.decode()
    assert "Balie 3: Deze uitzonderingen overlappen" in html
    assert ScheduleException.objects.count() == 1
    assert html.count(" checked") == 8


def test_one_day_with_other_hours(admin_client, schedules):
    enter(admin_client, schedules[:1], last_day="", opens="10", closes="12u")
    made = ScheduleException.objects.get()
    assert made.first_day == made.last_day
    assert made.times == (datetime.time(10), datetime.time(12))


def test_the_place_ticks_all_of_its_hours(admin_client, schedules):
    place, other = make_location(), make_location()
    for schedule in schedules[:3]:
        make_channel(schedule=schedule, location=place)
    make_channel(schedule=schedules[4], location=other)
    assert enter(admin_client, [], places=[str(place.pk)]).status_code == 302
    assert {item.schedule for item in ScheduleException.objects.all()} == set(schedules[:3])


def test_a_look_says_what_stands_on_these_days_and_saves_nothing(admin_client, schedules):
    make_exception(schedules[2], first_day="2027-12-24", last_day="2027-12-24", reason="Vroeg dicht")
    data = {**form_of(admin_client), **CLOSED, "schedules": [str(schedules[2].pk)], "_look": "1"}
    html = admin_client.post(PAGE, data).content.decode()
    assert "Vroeg dicht: 24 december 2027, gesloten" in html
    assert "overlappen" in html
    assert ScheduleException.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"schedules": []}, "minstens één"),
        ({"reason": ""}, "Dit mag niet leeg blijven"),
        ({"first_day": "kerst"}, "31/12/2027"),
        ({"last_day": "1/12/2027"}, "laatste dag"),
        ({"opens": "9"}, "beide uren"),
        ({"opens": "9", "closes": "9"}, "beide uren"),
        ({"schedules": ["x"]}, "geldige"),
    ],
)
def test_what_is_wrong_is_said_and_kept(admin_client, schedules, typed, words):
    answer = admin_client.post(PAGE, {**filled_in(admin_client, schedules[:2]), **typed})
    assert answer.status_code == 200
    problems = " ".join(problem.message for problem in answer.context["problems"])
    assert words.lower() in problems.lower()
    assert "Fin d&#x27;année" in answer.content.decode()
    assert not ScheduleException.objects.exists()


# --- Afterwards --------------------------------------------------------------------------------------
@pytest.fixture
def entered(admin_client, schedules):
    enter(admin_client, schedules[:3])
    return list(ScheduleException.objects.order_by("pk"))


def change(client, exception, **typed):
    page = batch_page(exception)
    return client.post(page, {**form_of(client, page), "_save": "1", **typed}, follow=True)


def test_it_is_changed_for_all_of_them(admin_client, entered):
    answer = change(admin_client, entered[1], last_day="2/1/2028", reason="Kerst")
    assert "Gewijzigd bij 3 reeksen openingsuren." in answer.content.decode()
    assert {(item.reason, item.last_day.isoformat()) for item in ScheduleException.objects.all()} == {
        ("Kerst", "2028-01-02")
    }


def test_others_join_and_some_leave(admin_client, entered, schedules):
    keys = [str(schedule.pk) for schedule in (schedules[0], schedules[5])]
    html = change(admin_client, entered[0], schedules=keys).content.decode()
    assert "Toegevoegd bij 1 reeks" in html
    assert "Verwijderd bij 2 reeksen" in html
    assert {item.schedule for item in ScheduleException.objects.all()} == {schedules[0], schedules[5]}
    assert len({item.batch for item in ScheduleException.objects.all()}) == 1


def test_it_is_removed_for_all_after_a_question(admin_client, entered, schedules):
    page = batch_page(entered[0])
    asked = admin_client.post(page, {"_remove": "1"})
    assert "Balie 2" in asked.content.decode()
    assert ScheduleException.objects.count() == 3
    answer = admin_client.post(page, {"_remove": "1", "confirmed": "1"}, follow=True)
    assert "Verwijderd bij 3 reeksen openingsuren." in answer.content.decode()
    assert not ScheduleException.objects.exists()
    schedules[0].refresh_from_db()
    assert schedules[0].version == 3


def test_a_change_that_a_colleague_made_in_the_meantime_is_shown_first(admin_client, entered):
    page = batch_page(entered[0])
    opened = form_of(admin_client, page)
    change(admin_client, entered[0], reason="Van Jan")
    answer = admin_client.post(page, {**opened, "reason": "Van mij", "_save": "1"})
    html = answer.content.decode()
    assert "Iemand wijzigde dit intussen" in html
    assert "Van Jan: van 24 december 2027" in html
    assert {item.reason for item in ScheduleException.objects.all()} == {"Van Jan"}
    again = admin_client.post(page, {**form_data(answer, "together_form"), "_save": "1"})
    assert again.status_code == 302
    assert {item.reason for item in ScheduleException.objects.all()} == {"Van mij"}


def test_an_exception_of_one_can_become_one_of_many(admin_client, schedules):
    single = make_exception(schedules[0], first_day="2027-12-24", last_day="2027-12-24")
    keys = [str(schedule.pk) for schedule in schedules]
    assert change(admin_client, single, schedules=keys).status_code == 200
    assert ScheduleException.objects.count() == 8
    single.refresh_from_db()
    assert ScheduleException.objects.filter(batch=single.batch).count() == 8


def test_an_exception_that_is_gone_leads_back(admin_client):
    assert admin_client.get(PAGE.replace("together", "999/together")).status_code == 302


# --- Rights -----------------------------------------------------------------------------------------
def editor_with(client, *names):
    user = User.objects.create_user("x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(user)
    return client


def test_who_may_not_add_exceptions_does_not_see_the_page(client):
    assert editor_with(client, "view_scheduleexception").get(PAGE).status_code == 403


def test_hours_that_an_editor_may_not_change_are_not_in_the_list(client, schedules):
    editor_with(client, "add_scheduleexception", "view_schedule")
    assert enter(client, schedules).status_code == 200
    assert not ScheduleException.objects.exists()


@pytest.mark.parametrize("way", ["fewer", "remove"])
def test_who_may_not_delete_exceptions_takes_none_away(client, admin_client, schedules, way):
    enter(admin_client, schedules[:3])
    exception = ScheduleException.objects.first()
    editor_with(client, "change_scheduleexception", "change_schedule")
    page = batch_page(exception)
    more = (
        {"schedules": [str(schedules[0].pk)], "_save": "1"}
        if way == "fewer"
        else {"_remove": "1", "confirmed": "1"}
    )
    assert client.post(page, {**form_of(client, page), **more}).status_code == 403
    assert ScheduleException.objects.count() == 3


def test_many_schedules_ask_no_more_questions_than_few(
    admin_client, schedules, django_assert_max_num_queries
):
    for schedule in schedules:
        make_channel(schedule=schedule, location=make_location())
        make_exception(schedule)
    with django_assert_max_num_queries(16):
        admin_client.get(PAGE)
