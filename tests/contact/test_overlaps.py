"""What forms refuse about hours, and how they read times and days."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from contact.models import ScheduleException, SchoolHoliday, SchoolYear, WeeklySlot
from contact.overlaps import check_exceptions, check_holidays, check_slots, check_within
from pzgent.kernel.editing.moments import ClockField, DayField
from tests.browser import form_data
from tests.make import make_exception, make_schedule, make_school_year

pytestmark = pytest.mark.django_db


def page_of(item):
    return reverse(f"admin:contact_{item._meta.model_name}_change", args=[item.pk])


def save(client, item, **changes):
    return client.post(page_of(item), form_data(client.get(page_of(item)), **changes))


def errors_of(answer):
    return " ".join(str(error) for error in answer.context["errors"])


def rows(prefix, *values):
    found = {f"{prefix}-TOTAL_FORMS": str(len(values))}
    for number, row in enumerate(values):
        found |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return found


def slot(weekday, opens, closes):
    return {"weekday": str(weekday), "opens": opens, "closes": closes}


@pytest.mark.parametrize(
    ("slots", "is_refused"),
    [
        ([(0, "9u", "13u"), (0, "12u", "17u")], True),
        ([(0, "9u", "12u"), (0, "12u", "17u")], False),
        ([(0, "9u", "17u"), (0, "10u", "11u")], True),
        ([(0, "22u", "4u"), (1, "3u", "5u")], True),
        ([(6, "22u", "4u"), (0, "3u", "5u")], True),
        ([(6, "22u", "4u"), (0, "4u", "5u")], False),
        ([(0, "20u", "24u"), (1, "0u", "2u")], False),
    ],
)
def test_hours_that_overlap_are_refused(admin_client, slots, is_refused):
    schedule = make_schedule()
    answer = save(admin_client, schedule, **rows("slots", *(slot(*values) for values in slots)))
    assert (answer.status_code == 200) is is_refused
    assert schedule.slots.exists() is not is_refused
    if is_refused:
        assert "overlappen" in errors_of(answer)


def test_round_the_clock_beside_hours_is_refused(admin_client):
    schedule = make_schedule((0, "09:00", "12:00"))
    answer = save(admin_client, schedule, always_open="on")
    assert "Dag en nacht" in errors_of(answer)
    schedule.refresh_from_db()
    assert not schedule.always_open


def exception(number, first, last, opens=None, closes=None):
    clock = datetime.time.fromisoformat
    return ScheduleException(
        pk=number,
        first_day=datetime.date.fromisoformat(first),
        last_day=datetime.date.fromisoformat(last),
        opens=opens and clock(opens),
        closes=closes and clock(closes),
        reason=f"reden {number}",
    )


@pytest.mark.parametrize(
    ("one", "other", "is_refused"),
    [
        (("2027-07-01", "2027-08-31", "09:00", "12:00"), ("2027-07-15", "2027-07-15"), False),
        (("2027-07-15", "2027-07-15"), ("2027-07-01", "2027-08-31", "09:00", "12:00"), True),
        (("2027-07-01", "2027-07-10"), ("2027-07-08", "2027-07-20"), True),
        (("2027-07-01", "2027-07-01"), ("2027-07-01", "2027-07-01", "09:00", "10:00"), True),
        (("2027-07-01", "2027-07-01"), ("2027-07-01", "2027-07-01"), True),
        (
            ("2027-07-01", "2027-07-01", "09:00", "11:00"),
            ("2027-07-01", "2027-07-01", "10:00", "12:00"),
            True,
        ),
        (
            ("2027-07-01", "2027-07-01", "09:00", "10:00"),
            ("2027-07-01", "2027-07-01", "10:00", "12:00"),
            False,
        ),
        (("2027-07-01", "2027-07-02"), ("2027-07-03", "2027-07-04"), False),
    ],
)
def test_exceptions_that_contradict_each_other_are_refused(one, other, is_refused):
    listed = [exception(1, *one), exception(2, *other)]
    if is_refused:
        with pytest.raises(ValidationError, match=r"reden 1.*reden 2"):
            check_exceptions(listed)
    else:
        check_exceptions(listed)


def test_both_pages_of_an_exception_refuse_an_overlap(admin_client):
    known = make_exception(first_day="2027-07-01", last_day="2027-07-10")
    typed = {"first_day": "8/7/2027", "last_day": "20/7/2027", "reason": "ander"}
    add = reverse("admin:contact_scheduleexception_add")
    answer = admin_client.post(
        add, form_data(admin_client.get(add), schedule=str(known.schedule.pk), **typed)
    )
    assert "overlappen" in errors_of(answer)
    data = form_data(admin_client.get(page_of(known.schedule)))
    data |= {"exceptions-TOTAL_FORMS": "2"} | {f"exceptions-1-{name}": value for name, value in typed.items()}
    assert "overlappen" in errors_of(admin_client.post(page_of(known.schedule), data))
    assert known.schedule.exceptions.count() == 1


def test_who_checks_a_part_keeps_others_from_its_whole(admin_client):
    """Two editors who add exceptions at once would not see each other's."""
    known, page = make_exception(), reverse("admin:contact_scheduleexception_add")
    typed = {"first_day": "8/7/2027", "last_day": "8/7/2027", "reason": "ander"}
    data = form_data(admin_client.get(page), schedule=str(known.schedule.pk), **typed)
    with CaptureQueriesContext(connection) as queries:
        assert admin_client.post(page, data).status_code == 302
    if connection.features.has_select_for_update:
        asked = [query["sql"] for query in queries]
        locked = [sql for sql in asked if '"contact_schedule"' in sql and sql.endswith("FOR NO KEY UPDATE")]
        written = next(sql for sql in asked if sql.startswith('INSERT INTO "contact_scheduleexception"'))
        assert asked.index(locked[0]) < asked.index(written)


def test_an_exception_that_holds_on_no_day_is_pointed_out(admin_client):
    schedule = make_schedule(*[(day, "09:00", "12:00") for day in range(5)])
    weekend = {
        "first_day": "3/7/2027",
        "last_day": "4 juli 2027",
        "opens": "9u",
        "closes": "12.00",
        "reason": "Feest",
    }
    answer = admin_client.post(
        page_of(schedule),
        form_data(admin_client.get(page_of(schedule)), **rows("exceptions", weekend)),
        follow=True,
    )
    assert "“Feest” verandert niets" in answer.content.decode()
    found = schedule.exceptions.get()
    assert (found.last_day, found.closes) == (datetime.date(2027, 7, 4), datetime.time(12))


def test_school_holidays_and_school_years_do_not_overlap(admin_client):
    year = make_school_year(("Herfst", "2026-11-02", "2026-11-08"))
    other = {"name": "Ook", "first_day": "8/11/2026", "last_day": "9/11/2026"}
    data = form_data(admin_client.get(page_of(year)))
    data |= {"holidays-TOTAL_FORMS": "2"} | {f"holidays-1-{name}": value for name, value in other.items()}
    assert "overlappen" in errors_of(admin_client.post(page_of(year), data))
    data |= {"holidays-1-first_day": "1/9/2027", "holidays-1-last_day": "2/9/2027"}
    assert "valt niet in het schooljaar" in errors_of(admin_client.post(page_of(year), data))
    add = reverse("admin:contact_schoolyear_add")
    typed = {"title": "Dubbel", "first_day": "31/8/2027", "last_day": "31/8/2028"}
    assert "overlappen" in errors_of(admin_client.post(add, form_data(admin_client.get(add), **typed)))
    assert SchoolYear.objects.count() == 1
    single = reverse("admin:contact_schoolholiday_add")
    answer = admin_client.post(single, form_data(admin_client.get(single), school_year=str(year.pk), **other))
    assert "overlappen" in errors_of(answer)


@pytest.mark.parametrize(
    "text",
    ["9u30", "9.30", "9:30", "09h30", "9 u 30", "9 uur 30", "9u.30", "0930", "9:30:00", " 9u30 ",
     "9H30", "9,30", "9.30 uur", "9.30u"],
)  # fmt: skip
def test_a_time_is_read_as_people_write_it(text):
    assert ClockField().clean(text) == datetime.time(9, 30)


@pytest.mark.parametrize("text", ["9u", "9", "09", "9 uur", "9 u.", "9.00", "9h", "09h00", "9u00"])
def test_an_hour_is_read_as_people_write_it(text):
    assert ClockField().clean(text) == datetime.time(9)


@pytest.mark.parametrize(
    "text", ["25u", "9u61", "9.5", "negen", "-9", "9u30u30", "٩:٣٠", "24.30", "9 am", "93"]
)
def test_what_is_no_time_is_refused_with_an_example(text):
    with pytest.raises(ValidationError, match="9u30"):
        ClockField().clean(text)


@pytest.mark.parametrize("text", ["24u", "24.00", "24:00", "0u", "0.00", "00:00"])
def test_midnight_is_midnight(text):
    assert ClockField().clean(text) == datetime.time(0)


@given(st.times().map(lambda clock: clock.replace(second=0, microsecond=0)))
def test_every_time_is_read_in_each_spelling(clock):
    for spelling in ("%H:%M", "%H.%M", "%Hu%M", "%Hh%M", "%H uur %M", "%H:%M:%S", "%H%M"):
        assert ClockField().clean(clock.strftime(spelling)) == clock


@pytest.mark.parametrize(
    "text",
    ["1/7/2027", "01-07-2027", "1.7.2027", "1 juli 2027", "1 jul. 2027",
     "1. Juli 2027", "1 juillet 2027", "2027-07-01",
     "1/7/27", "1 July 2027", "1 7 2027"],
)  # fmt: skip
def test_a_day_is_read_as_people_write_it(text):
    assert DayField().clean(text) == datetime.date(2027, 7, 1)


@pytest.mark.parametrize("text", ["31/2/2027", "7/2027", "morgen", "1 foo 2027", "1/13/2027", "0/1/2027"])
def test_what_is_no_day_is_refused_with_an_example(text):
    with pytest.raises(ValidationError, match="31/12/2027"):
        DayField().clean(text)


clocks = st.builds(datetime.time, st.integers(0, 23), st.sampled_from([0, 15, 30]))


@given(
    st.lists(st.tuples(st.integers(0, 6), clocks, clocks).filter(lambda item: item[1] != item[2]), max_size=4)
)
def test_accepted_hours_never_hold_twice_at_one_minute(values):
    slots = [WeeklySlot(weekday=day, opens=opens, closes=closes) for day, opens, closes in values]
    held: list[int] = []
    for day, opens, closes in values:
        start = day * 1440 + opens.hour * 60 + opens.minute
        length = (closes.hour * 60 + closes.minute - opens.hour * 60 - opens.minute) % 1440
        held += [minute % 10080 for minute in range(start, start + length, 15)]
    try:
        check_slots(slots)
    except ValidationError:
        assert len(set(held)) < len(held)
    else:
        assert len(set(held)) == len(held)


# --- the rules alone, with rows that are not stored ---

DAYS = {"first_day": datetime.date(2026, 6, 8), "last_day": datetime.date(2026, 6, 10)}


def refusal(check, *rows):
    """What is said when these rows are refused; nothing when they are not."""
    try:
        check(*rows)
    except ValidationError as error:
        return error.messages[0]
    return ""


def day_off(first, last, times=(None, None), **changes):
    opens, closes = (text and datetime.time.fromisoformat(text) for text in times)
    days = {"first_day": datetime.date(2026, 6, first), "last_day": datetime.date(2026, 6, last)}
    return ScheduleException(**{"reason": "opleiding", "opens": opens, "closes": closes, **days, **changes})


@pytest.mark.parametrize(
    ("row", "name"),
    [
        (ScheduleException(reason="opleiding", **DAYS), "opleiding"),
        (SchoolHoliday(name="vakantie", **DAYS), "vakantie"),
        (SchoolYear(title="schooljaar", **DAYS), "schooljaar"),
    ],
)
def test_a_refusal_names_both_by_what_they_are_called_and_their_days(row, name):
    said = refusal(check_holidays, [row, row])
    assert said.count(f"“{name}” (8 juni 2026 – 10 juni 2026)") == 2
    row.last_day = row.first_day
    assert refusal(check_holidays, [row, row]).count(f"“{name}” (8 juni 2026)") == 2


@pytest.mark.parametrize(
    ("earlier", "later", "is_refused"),
    [
        ((8, 9), (10, 11), False),
        ((8, 10), (10, 11), True),
        ((10, 11), (8, 10), True),
        ((8, 12), (9, 10), False),
        ((8, 12), (8, 10), False),
        ((8, 12), (10, 12), False),
        ((8, 12), (8, 12), True),
        ((9, 10), (8, 12), True),
    ],
)
def test_days_within_those_of_an_earlier_exception_may_differ(earlier, later, is_refused):
    assert bool(refusal(check_exceptions, [day_off(*earlier), day_off(*later)])) is is_refused


@pytest.mark.parametrize(
    ("one", "other", "is_refused"),
    [
        (("09:00", "12:00"), ("12:00", "15:00"), False),
        (("12:00", "15:00"), ("09:00", "12:00"), False),
        (("09:00", "12:01"), ("12:00", "15:00"), True),
        (("12:00", "15:00"), ("09:00", "12:01"), True),
        (("22:00", "04:00"), ("04:00", "06:00"), False),
        (("22:00", "04:30"), ("04:00", "06:00"), True),
        (("09:00", "12:00"), ("09:00", "10:00"), True),
        (("09:00", "12:00"), (None, None), True),
        ((None, None), ("09:00", "12:00"), True),
        (("09:00", "09:00"), ("12:00", "13:00"), True),
    ],
)
def test_the_same_days_may_have_several_hours_that_do_not_overlap(one, other, is_refused):
    assert bool(refusal(check_exceptions, [day_off(8, 9, one), day_off(8, 9, other)])) is is_refused
    assert refusal(check_exceptions, [day_off(8, 9, one), day_off(8, 10, other)]) != ""


@pytest.mark.parametrize(
    ("first", "last", "is_refused"),
    [(8, 10, False), (7, 10, True), (8, 11, True), (9, 9, False), (11, 11, True)],
)
def test_a_holiday_lies_within_its_school_year(first, last, is_refused):
    holiday = SchoolHoliday(
        name="vakantie",
        first_day=DAYS["first_day"].replace(day=first),
        last_day=DAYS["last_day"].replace(day=last),
    )
    assert bool(refusal(check_within, [holiday], SchoolYear(title="jaar", **DAYS))) is is_refused


@pytest.mark.parametrize(
    ("one", "other", "is_refused"),
    [
        ((0, "09:00", "12:00"), (0, "12:00", "13:00"), False),
        ((0, "09:00", "12:01"), (0, "12:00", "13:00"), True),
        ((0, "12:00", "13:00"), (0, "09:00", "12:01"), True),
        ((0, "22:30", "02:15"), (1, "02:15", "03:00"), False),
        ((0, "22:30", "02:15"), (1, "02:14", "03:00"), True),
        ((6, "22:30", "02:15"), (0, "02:15", "03:00"), False),
        ((6, "22:30", "02:15"), (0, "02:14", "03:00"), True),
        ((0, "09:00", "09:00"), (1, "09:00", "10:00"), False),
        ((0, "09:00", "09:00"), (1, "08:59", "10:00"), True),
    ],
)
def test_weekly_hours_do_not_share_a_minute(one, other, is_refused):
    slots = [
        WeeklySlot(
            weekday=day, opens=datetime.time.fromisoformat(opens), closes=datetime.time.fromisoformat(closes)
        )
        for day, opens, closes in (one, other)
    ]
    assert bool(refusal(check_slots, slots)) is is_refused
    assert bool(refusal(check_slots, slots[::-1])) is is_refused
