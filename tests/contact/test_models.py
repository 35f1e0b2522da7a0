"""Rules of contact, enforced by the database and past the forms."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from contact.holidays import SchoolCalendar
from contact.models import CareArea, Channel, Location, Notice, ScheduleException, SchoolHoliday, WeeklySlot
from tests.make import make_channel, make_location, make_schedule, make_school_year, make_topic

pytestmark = pytest.mark.django_db
NOW = timezone.now()
HOUR = datetime.timedelta(hours=1)


def refused(make, *arguments, **changes):
    """Whether the database itself refuses."""
    with pytest.raises(IntegrityError), transaction.atomic():
        make(*arguments, **changes)
    return True


@pytest.mark.parametrize("kind", ["web_form", "appointment", "app", "social"])
def test_what_only_works_online_names_a_way_without_internet(kind):
    assert refused(make_channel, kind=kind, value="https://www.politie.be")
    assert make_channel(kind=kind, value="https://www.politie.be", alternative=make_channel()).pk


def test_a_channel_does_not_replace_itself():
    channel = make_channel()
    channel.fallback = channel
    with pytest.raises(IntegrityError), transaction.atomic():
        channel.save()


def test_an_unknown_kind_is_refused():
    assert refused(make_channel, kind="fax")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("phone", "negen"),
        ("email", "geen adres"),
        ("web", "politie"),
        ("web", "ftp://politie.be"),
        ("sms", "x"),
    ],
)
def test_a_value_that_does_not_fit_the_kind_is_refused(kind, value):
    with pytest.raises(ValidationError) as error:
        Channel(kind=kind, value=value).clean()
    assert "value" in error.value.message_dict


def test_a_phone_number_is_stored_in_one_form():
    channel = Channel(kind="phone", value=" 09 266.61.11 ")
    channel.clean()
    assert (channel.value, channel.display, channel.link) == (
        "+3292666111",
        "09 266 61 11",
        "tel:+3292666111",
    )


@pytest.mark.parametrize(
    ("kind", "value", "link"),
    [
        ("email", "a@b.be", "mailto:a@b.be"),
        ("web", "https://b.be", "https://b.be"),
        ("sms", "112", "sms:112"),
        ("desk", "APG", ""),
        ("phone", "", ""),
    ],
)
def test_a_tap_opens_the_right_thing(kind, value, link):
    assert Channel(kind=kind, value=value).link == link


def test_a_missing_value_is_allowed():
    assert make_channel(value="").display == ""


def test_hours_round_the_clock_know_no_holidays():
    assert refused(make_schedule, always_open=True, closed_on_public_holidays=True)


def test_slots_are_unique_not_empty_and_on_a_day_of_the_week():
    schedule = make_schedule((0, "09:00", "12:00"))
    assert refused(WeeklySlot.objects.create, schedule=schedule, weekday=0, opens="09:00", closes="13:00")
    assert refused(WeeklySlot.objects.create, schedule=schedule, weekday=1, opens="09:00", closes="09:00")
    assert refused(WeeklySlot.objects.create, schedule=schedule, weekday=7, opens="09:00", closes="10:00")


@pytest.mark.parametrize(
    "changes",
    [
        {"last_day": "2026-11-23"},
        {"opens": "09:00"},
        {"closes": "09:00"},
        {"opens": "09:00", "closes": "09:00"},
    ],
)
def test_impossible_exceptions_are_refused(changes):
    values = {"first_day": "2026-11-24", "last_day": "2026-11-24", "reason": "x", **changes}
    assert refused(ScheduleException.objects.create, schedule=make_schedule(), **values)


def test_holidays_of_a_school_year_that_is_not_published_do_not_count():
    make_school_year(("Herfst", "2026-11-02", "2026-11-08"), status="draft")
    assert SchoolHoliday.objects.get_calendar() == SchoolCalendar([], ())
    make_school_year(("Herfst", "2027-11-01", "2027-11-07"), first_day="2027-09-01", last_day="2028-08-31")
    calendar = SchoolHoliday.objects.get_calendar()
    assert calendar.known == ((datetime.date(2027, 9, 1), datetime.date(2028, 8, 31)),)
    assert calendar.holiday_on(datetime.date(2027, 11, 7))
    assert not calendar.holiday_on(datetime.date(2026, 11, 2))


def test_a_school_year_without_holidays_is_not_known():
    make_school_year()
    assert SchoolHoliday.objects.get_calendar().doubt_on(datetime.date(2026, 11, 3))


def test_coordinates_come_together():
    assert refused(make_location, latitude=51)


@pytest.mark.parametrize("code", ["123", "0900", "90000", "abcd"])
def test_a_postcode_has_four_digits(code):
    with pytest.raises(ValidationError):
        Location(slug="x", name="x", kind="antenne", postal_code=code).full_clean()


def test_an_address_is_one_line_of_what_is_known():
    assert make_location().address == ""
    assert make_location(street="Straat 1", postal_code="9000", city="Gent").address == "Straat 1, 9000 Gent"


def test_an_area_has_a_location_unless_unknown():
    values = {"slug": "a", "name": "Mariakerke", "status": "published"}
    assert refused(CareArea.objects.create, certainty="named", **values)
    assert refused(CareArea.objects.create, certainty="unknown", location=make_location(), **values)
    assert CareArea.objects.create(certainty="unknown", **values).pk


def make_notice(**changes):
    values = {
        "slug": "n",
        "title": "Bericht",
        "text_nl": "Tekst",
        "starts": NOW - HOUR,
        "ends": NOW + 12 * HOUR,
    }
    return Notice.objects.create(**{**values, "status": "published", **changes})


def test_a_notice_ends_after_it_starts():
    assert refused(make_notice, ends=NOW - 2 * HOUR)


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({}, True),
        ({"starts": NOW + 12 * HOUR, "ends": NOW + 13 * HOUR}, False),
        ({"ends": NOW - HOUR / 2}, False),
        ({"status": "draft"}, False),
    ],
)
def test_a_notice_shows_between_its_start_and_its_end(changes, shown):
    make_notice(**changes)
    assert Notice.objects.in_force().exists() is shown


def test_the_most_serious_notice_comes_first():
    make_notice()
    make_notice(slug="ramp", level="disaster")
    assert Notice.objects.in_force().first().slug == "ramp"


def test_a_notice_speaks_the_readers_language_or_dutch():
    notice = make_notice(text_fr="Texte")
    with translation.override("fr"):
        assert notice.text == "Texte"
    with translation.override("de"):
        assert notice.text == "Tekst"


def test_a_channel_of_a_hidden_topic_is_hidden():
    make_channel(topic=make_topic(status="draft"))
    assert not Channel.objects.published().exists()


def test_emergencies_come_first():
    make_channel(label="gewoon")
    make_channel(label="nood", urgency="emergency")
    make_channel(label="dringend", urgency="urgent")
    found = Channel.objects.in_order_of_urgency().values_list("label", flat=True)
    assert list(found) == ["nood", "dringend", "gewoon"]


def test_words_people_use_are_found():
    make_topic(title="Diefstal", synonyms="fiets gestolen\ninbraak")
    assert type(make_topic()).objects.search("gestolen FIETS").count() == 1
    assert make_topic(synonyms="a\n\nb ").synonym_list == ["a", "b"]
