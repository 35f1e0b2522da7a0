"""The week grid of the opening hours: the model's rows, copied days, the check without saving, and a copy as new."""

import datetime

import pytest
from django.contrib.auth.models import Permission, User
from django.http import QueryDict
from django.urls import reverse

from contact.admin.week_grid import with_copied_days
from contact.models import Schedule, WeeklySlot
from tests.browser import form_data
from tests.make import make_channel, make_exception, make_schedule

pytestmark = pytest.mark.django_db
ADD = reverse("admin:contact_schedule_add")
OFFICE = [(day, "09:00", "17:00") for day in range(5)]


def page_of(schedule):
    return reverse("admin:contact_schedule_change", args=[schedule.pk])


def week(schedule):
    """The stored week, as texts by day."""
    found = {}
    for slot in schedule.slots.order_by("weekday", "opens"):
        found.setdefault(slot.weekday, []).append(f"{slot.opens:%H:%M}-{slot.closes:%H:%M}")
    return found


def cells(data, day):
    """The names of the periods of a day in the form, without their last part."""
    return [
        name.removesuffix("-weekday")
        for name, values in data.items()
        if name.endswith("-weekday") and values[0] == str(day)
    ]


def typed(data, day, *periods):
    """The form with these periods in a day."""
    rows = cells(data, day)
    values = [*periods, *[("", "")] * (len(rows) - len(periods))]
    more = {}
    for row, (opens, closes) in zip(rows, values, strict=True):
        more |= {f"{row}-opens": opens, f"{row}-closes": closes}
    return {**data, **more}


def send(client, schedule, data):
    return client.post(page_of(schedule), data)


# --- The grid -----------------------------------------------------------------------------------
def test_new_hours_have_room_for_two_periods_on_each_of_seven_days(admin_client):
    data = form_data(admin_client.get(ADD))
    assert [len(cells(data, day)) for day in range(7)] == [2] * 7


def test_stored_hours_have_room_for_one_period_more(admin_client):
    schedule = make_schedule((0, "09:00", "12:00"), (0, "13:00", "17:00"), (2, "09:00", "12:00"))
    data = form_data(admin_client.get(page_of(schedule)))
    assert [len(cells(data, day)) for day in range(7)] == [3, 2, 2, 2, 2, 2, 2]


def test_hours_with_a_pause_are_saved_as_the_rows_of_the_model(admin_client):
    schedule = make_schedule()
    data = typed(form_data(admin_client.get(page_of(schedule))), 1, ("9u", "12.30"), ("13", "17.00"))
    assert send(admin_client, schedule, data).status_code == 302
    assert week(schedule) == {1: ["09:00-12:30", "13:00-17:00"]}


def test_emptying_a_period_deletes_it(admin_client):
    schedule = make_schedule((0, "09:00", "12:00"), (0, "13:00", "17:00"))
    data = typed(form_data(admin_client.get(page_of(schedule))), 0, ("09:00", "12:00"))
    assert send(admin_client, schedule, data).status_code == 302
    assert week(schedule) == {0: ["09:00-12:00"]}


def test_who_may_not_delete_periods_cannot_empty_them(client):
    schedule = make_schedule((0, "09:00", "12:00"))
    user = User.objects.create_user("x", is_staff=True)
    names = ["view_schedule", "change_schedule", "view_weeklyslot", "change_weeklyslot", "add_weeklyslot"]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(user)
    data = typed(form_data(client.get(page_of(schedule))), 0)
    assert send(client, schedule, data).status_code == 200
    assert week(schedule) == {0: ["09:00-12:00"]}


def test_who_may_only_look_reads_the_hours_in_the_grid(client):
    schedule = make_schedule((0, "09:00", "12:00"))
    user = User.objects.create_user("x", is_staff=True)
    names = ["view_schedule", "view_weeklyslot"]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(user)
    html = client.get(page_of(schedule)).content.decode()
    assert "9.00 – 12.00" in html
    assert "copy_day_0" not in html


@pytest.mark.parametrize(
    ("period", "field", "words"),
    [
        (("9", ""), "closes", "bijvoorbeeld 17.00"),
        (("", "17"), "opens", "bijvoorbeeld 9.00"),
        (("9", "9.00"), "closes", "opent en sluit op hetzelfde uur"),
        (("negen", "17"), "opens", "9u30"),
    ],
)
def test_a_mistake_stands_at_its_cell_with_an_example(admin_client, period, field, words):
    schedule = make_schedule()
    data = typed(form_data(admin_client.get(page_of(schedule))), 3, period)
    answer = send(admin_client, schedule, data)
    form = next(form for form in answer.context["inline_admin_formsets"][0].formset.forms if form.errors)
    assert words in form.errors[field][0]
    anchor = f"id_{cells(data, 3)[0]}-{field}"
    assert f'<a href="#{anchor}">' in answer.content.decode()
    assert not WeeklySlot.objects.exists()


def test_periods_that_overlap_are_refused(admin_client):
    schedule = make_schedule()
    data = typed(form_data(admin_client.get(page_of(schedule))), 1, ("9", "13"), ("12", "17"))
    answer = send(admin_client, schedule, data)
    assert "overlappen" in answer.content.decode()
    assert not WeeklySlot.objects.exists()


def test_of_two_editors_of_the_same_hours_the_second_is_told(admin_client):
    schedule = make_schedule(*OFFICE)
    opened = form_data(admin_client.get(page_of(schedule)))
    send(admin_client, schedule, typed(opened, 0, ("8", "17")))
    answer = send(admin_client, schedule, typed(opened, 0, ("9", "16")))
    assert answer.context["adminform"].form.is_conflict
    assert week(schedule)[0] == ["08:00-17:00"]


# --- Copying a day --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("choice", "days"), [("next", [0, 1]), ("weekdays", range(5)), ("week", range(7)), ("", [0]), ("x", [0])]
)
def test_a_day_is_copied_when_the_form_is_saved(admin_client, choice, days):
    schedule = make_schedule()
    data = typed(form_data(admin_client.get(page_of(schedule))), 0, ("9", "12"), ("13", "17"))
    assert send(admin_client, schedule, {**data, "copy_day_0": choice}).status_code == 302
    assert week(schedule) == {day: ["09:00-12:00", "13:00-17:00"] for day in days}


def test_a_copied_day_replaces_what_the_other_days_had(admin_client):
    schedule = make_schedule((0, "09:00", "12:00"), (1, "08:00", "10:00"), (1, "11:00", "20:00"))
    data = form_data(admin_client.get(page_of(schedule)), copy_day_0="weekdays")
    assert send(admin_client, schedule, data).status_code == 302
    assert week(schedule) == {day: ["09:00-12:00"] for day in range(5)}


def test_copying_adds_rows_where_a_day_has_too_few():
    sent = QueryDict(mutable=True)
    sent.update({"slots-TOTAL_FORMS": "3", "copy_day_6": "next"})
    for row, (day, opens, closes) in enumerate([(6, "9", "10"), (6, "11", "12"), (0, "", "")]):
        sent.update(
            {f"slots-{row}-weekday": str(day), f"slots-{row}-opens": opens, f"slots-{row}-closes": closes}
        )
    copied = with_copied_days(sent)
    assert copied["slots-TOTAL_FORMS"] == "4"
    assert (copied["slots-2-opens"], copied["slots-3-opens"], copied["slots-3-weekday"]) == ("9", "11", "0")


@pytest.mark.parametrize("total", ["", "x", "-1", "99999999"])
def test_copying_in_a_form_with_a_senseless_number_of_rows_does_nothing(total):
    sent = QueryDict(f"slots-TOTAL_FORMS={total}&copy_day_0=week")
    assert with_copied_days(sent)["slots-TOTAL_FORMS"] == total


# --- The check --------------------------------------------------------------------------------------
def test_the_page_says_what_the_stored_hours_come_to(admin_client):
    html = admin_client.get(page_of(make_schedule(*OFFICE))).content.decode()
    assert "Maandag tot vrijdag 9.00 – 17.00" in html


def test_what_was_typed_is_checked_without_saving_anything(admin_client):
    schedule = make_schedule(*OFFICE)
    data = typed(form_data(admin_client.get(page_of(schedule))), 5, ("22", "6"))
    asked = {"check_day": "zaterdag 3 juli 2027", "check_time": "23u", "_check": "1"}
    answer = send(admin_client, schedule, {**data, **asked, "check_day": "3 juli 2027"})
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "Zaterdag 3 juli 2027 om 23.00 uur: open tot zondag 4 juli 2027 om 6.00 uur." in html
    assert "loopt door de nacht" in html
    assert 'value="22"' in html
    schedule.refresh_from_db()
    assert (5 in week(schedule), schedule.version) == (False, 1)


def test_new_exceptions_are_checked_too(admin_client):
    schedule = make_schedule(*OFFICE)
    make_exception(schedule, first_day="2027-07-05", last_day="2027-07-09", reason="Oud")
    row = {"first_day": "6/7/2027", "last_day": "6/7/2027", "opens": "10", "closes": "11", "reason": "Nieuw"}
    data = form_data(
        admin_client.get(page_of(schedule)), check_day="6/7/2027", check_time="10.30", _check="1"
    )
    more = {f"exceptions-1-{name}": value for name, value in {**row, "id": "", "schedule": ""}.items()}
    html = send(admin_client, schedule, {**data, **more, "exceptions-TOTAL_FORMS": "2"}).content.decode()
    assert "De uitzondering “Nieuw” bepaalt dit (6 juli 2027)." in html
    assert schedule.exceptions.count() == 1


def test_a_check_of_new_hours_makes_none(admin_client):
    data = typed(form_data(admin_client.get(ADD), title="Balie"), 0, ("9", "17"))
    answer = admin_client.post(ADD, {**data, "_check": "1", "check_day": "5/7/2027", "check_time": "10"})
    assert "Maandag 5 juli 2027 om 10.00 uur: open tot 17.00 uur." in answer.content.decode()
    assert not Schedule.objects.exists()
    assert admin_client.post(ADD, form_data(answer)).status_code == 302
    assert week(Schedule.objects.get()) == {0: ["09:00-17:00"]}


def test_a_moment_that_cannot_be_read_says_how_to_write_it(admin_client):
    schedule = make_schedule(*OFFICE)
    data = form_data(admin_client.get(page_of(schedule)), _check="1", check_day="morgen")
    assert "31/12/2027" in send(admin_client, schedule, data).content.decode()


def test_a_check_of_hours_that_contradict_says_so(admin_client):
    schedule = make_schedule()
    data = typed(form_data(admin_client.get(page_of(schedule))), 1, ("9", "13"), ("12", "17"))
    html = send(admin_client, schedule, {**data, "_check": "1"}).content.decode()
    assert "overlappen" in html
    assert "Verbeter eerst wat bovenaan staat." in html


def test_saving_warns_of_what_is_probably_not_meant(admin_client):
    schedule = make_schedule()
    data = typed(form_data(admin_client.get(page_of(schedule))), 1, ("9", "12"), ("12.05", "17"))
    answer = admin_client.post(page_of(schedule), data, follow=True)
    assert any("maar 5 minuten gesloten" in str(message) for message in answer.context["messages"])


# --- Copies and channels -----------------------------------------------------------------------------
def test_hours_are_copied_as_new(admin_client):
    slots = [(0, "09:00", "12:00"), (0, "13:00", "17:00"), (0, "18:00", "19:00"), (3, "10:00", "11:00")]
    source = make_schedule(*slots, title="Oud", closed_on_public_holidays=True)
    page = f"{ADD}?copy_of={source.pk}"
    answer = admin_client.get(page)
    data = form_data(answer, title="Nieuw")
    assert admin_client.post(ADD + answer.context["form_url"], data).status_code == 302
    made = Schedule.objects.get(title="Nieuw")
    assert week(made) == week(source)
    assert made.closed_on_public_holidays


@pytest.mark.parametrize("key", ["x", "00000000-0000-0000-0000-000000000000", ""])
def test_a_copy_of_what_does_not_exist_is_an_empty_form(admin_client, key):
    data = form_data(admin_client.get(f"{ADD}?copy_of={key}"))
    assert [len(cells(data, day)) for day in range(7)] == [2] * 7


def channels_page(schedule):
    return reverse("admin:contact_schedule_channels", args=[schedule.pk])


def test_hours_are_given_to_several_channels_at_once(admin_client):
    schedule, channels = make_schedule(title="Balie"), [make_channel() for _number in range(3)]
    ticked = [f"{channel.pk}@{channel.version}" for channel in channels[:2]]
    answer = admin_client.post(channels_page(schedule), {"channels": ticked}, follow=True)
    assert "2 kanalen hebben nu de openingsuren “Balie”." in answer.content.decode()
    for channel in channels:
        channel.refresh_from_db()
    assert [channel.schedule for channel in channels] == [schedule, schedule, None]
    assert channels[0].version == 2
    html = admin_client.get(reverse("admin:contact_channel_history", args=[channels[0].pk])).content.decode()
    assert "openingsuren" in html.lower()


def test_a_channel_that_a_colleague_changed_stops_all_of_them(admin_client):
    schedule, one, other = make_schedule(), make_channel(), make_channel(label="Anders")
    ticked = [f"{channel.pk}@{channel.version}" for channel in (one, other)]
    other.save()
    html = admin_client.post(channels_page(schedule), {"channels": ticked}).content.decode()
    one.refresh_from_db()
    assert one.schedule is None
    assert "Iemand wijzigde deze intussen: Anders" in html
    assert html.count(" checked") == 2


def test_giving_hours_to_no_channel_says_so(admin_client):
    html = admin_client.post(channels_page(make_schedule()), {}).content.decode()
    assert "Vink minstens één kanaal aan." in html


def test_who_may_not_change_channels_gives_them_no_hours(client):
    user = User.objects.create_user("x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["change_schedule", "view_channel"]))
    client.force_login(user)
    assert client.get(channels_page(make_schedule())).status_code == 403


def test_a_closing_time_at_midnight_is_stored_as_such(admin_client):
    schedule = make_schedule()
    data = typed(form_data(admin_client.get(page_of(schedule))), 1, ("12", "24.00"))
    send(admin_client, schedule, data)
    assert schedule.slots.get().closes == datetime.time()
