"""The questions about contact, asked of a few rows: what belongs to the answer at its edges, and in which order."""

import datetime

import pytest

from contact.models import CareArea, Channel, Location, Notice, SchoolHoliday, Topic
from contact.querysets import number_contains
from tests.make import (
    make_care_area,
    make_channel,
    make_location,
    make_notice,
    make_school_year,
    make_topic,
    make_unit,
)

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 6, 10, 10, tzinfo=datetime.UTC)  # noon in Brussels
TODAY = NOW.date()
DAY = datetime.timedelta(days=1)
HOUR = datetime.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def labels(rows):
    return [row.label for row in rows]


@pytest.mark.parametrize("make", [make_channel, make_location])
@pytest.mark.parametrize(
    ("days", "is_shown", "has_ended"),
    [
        ({}, True, False),
        ({"valid_from": TODAY}, True, False),
        ({"valid_from": TODAY + DAY}, False, False),
        ({"valid_until": TODAY}, True, False),
        ({"valid_until": TODAY - DAY}, False, True),
    ],
)
def test_what_has_days_is_published_from_its_first_to_its_last(make, days, is_shown, has_ended):
    row = make(**days)
    rows = type(row).objects.all()
    assert (rows.published().exists(), rows.ended().exists(), row.is_published) == (
        is_shown,
        has_ended,
        is_shown,
    )
    assert type(make(status="draft", **days)).objects.ended().count() == has_ended


def test_between_days_counts_what_holds_on_one_of_them():
    for first, last in ((-3, -2), (-3, -1), (1, 3), (2, 3)):
        make_channel(label=f"{first} {last}", valid_from=TODAY + first * DAY, valid_until=TODAY + last * DAY)
    found = Channel.objects.published_between(TODAY - DAY, TODAY + DAY)
    assert set(labels(found)) == {"-3 -1", "1 3"}
    assert labels(Channel.objects.published(on=TODAY + 2 * DAY).filter(label="2 3")) == ["2 3"]


def test_a_moment_stands_for_its_day_in_brussels():
    make_channel(valid_from=TODAY + DAY)
    assert Channel.objects.published(NOW + 12 * HOUR).exists()  # midnight there, ten in the evening in UTC
    assert not Channel.objects.published(NOW + 11 * HOUR).exists()


def test_a_channel_of_a_topic_that_is_not_published_is_not():
    make_channel(topic=make_topic(status="draft"))
    make_channel(topic=make_topic(publish_from=NOW + HOUR))
    assert not Channel.objects.published().exists()
    assert Channel.objects.published(NOW + HOUR).count() == 1


def test_a_topic_has_only_its_published_channels():
    topic = make_topic()
    make_channel(topic=topic, label="normal")
    make_channel(topic=topic, label="urgent", urgency="urgent")
    make_channel(topic=topic, status="draft")
    make_channel(topic=topic, valid_until=TODAY - DAY)
    (found,) = Topic.objects.all().with_public_channels()
    assert labels(found.channels.all()) == ["urgent", "normal"]


@pytest.fixture
def places():
    """Two places of two units, with channels there, of the units, and of nobody."""
    here, there = (
        make_location(slug=slug, unit=make_unit(slug=f"unit-{slug}")) for slug in ("here", "there")
    )
    way_out = make_channel(label="way out")
    make_channel(label="at here", location=here, fallback=way_out)
    make_channel(label="of unit here", unit=here.unit)
    make_channel(label="of unit here, elsewhere", unit=here.unit, location=there)
    make_channel(label="at there", location=there)
    return here, there


def test_at_a_place_is_what_stands_there_and_what_its_unit_has_nowhere_else(places):
    here, there = places
    found = Channel.objects.all().at_location(here)
    assert set(labels(found)) == {"at here", "of unit here"}
    assert {channel.label for channel in Channel.objects.all() if channel.is_at(here)} == set(labels(found))
    assert set(labels(Channel.objects.all().at_location(there))) == {"of unit here, elsewhere", "at there"}
    nobody = make_location()
    assert not Channel.objects.all().at_location(nobody).exists()
    assert set(labels(Channel.objects.all().at_any(Location.objects.filter(pk=here.pk)))) == {
        "at here",
        "of unit here",
    }
    assert not Channel.objects.all().at_any(Location.objects.filter(pk=nobody.pk)).exists()


def test_what_has_neither_place_nor_unit_is_met_in_the_street(places):
    assert set(labels(Channel.objects.all().at_a_place())) == {
        "at here", "of unit here", "of unit here, elsewhere", "at there",
    }  # fmt: skip


def test_a_channel_is_of_its_own_unit_or_else_of_that_of_its_topic():
    unit, other = make_unit(slug="unit"), make_unit()
    topic = make_topic(unit=unit)
    make_channel(label="own", unit=unit)
    make_channel(label="of the topic", topic=topic)
    make_channel(label="of another", topic=topic, unit=other)
    assert set(labels(Channel.objects.all().of_units(["unit"]))) == {"own", "of the topic"}


def test_the_most_urgent_comes_first_and_then_the_order_of_the_editors():
    for label, urgency, position in [
        ("c", "normal", 1),
        ("d", "normal", 2),
        ("b", "urgent", 9),
        ("a", "emergency", 9),
    ]:
        make_channel(label=label, urgency=urgency, position=position, topic=make_topic(position=position))
    assert labels(Channel.objects.all().in_order_of_urgency()) == ["a", "b", "c", "d"]


def test_mailboxes_are_addresses_for_everybody_and_appointments_and_desks_their_own_kind():
    first, second = make_topic(position=1), make_topic(position=2)
    make_channel(label="second", kind="email", value="a@b.be", topic=second)
    make_channel(label="first", kind="email", value="a@b.be", topic=first)
    make_channel(kind="email", value="", topic=first)
    make_channel(kind="email", value="a@b.be", audience="press", topic=first)
    phone = make_channel(label="phone", topic=first)
    make_channel(label="appointment", kind="appointment", topic=second, alternative=phone)
    make_channel(label="earlier", kind="appointment", topic=first, alternative=phone)
    make_channel(label="desk", kind="desk", topic=first)
    assert labels(Channel.objects.all().mailboxes()) == ["first", "second"]
    assert labels(Channel.objects.all().for_appointments()) == ["earlier", "appointment"]
    assert labels(Channel.objects.all().desks()) == ["desk"]


def test_a_shared_number_goes_where_it_is_shared_and_nowhere_else():
    source, other = make_channel(value="+3292666111"), make_channel(value="101")
    copy = make_channel(same_number_as=source)
    beside = make_channel(same_number_as=other)
    Channel.objects.filter(pk=source.pk).update(value="112")
    values = dict(Channel.objects.values_list("pk", "value"))
    assert (values[copy.pk], values[beside.pk], values[other.pk]) == ("112", "101", "101")
    Channel.objects.filter(pk=source.pk).update(position=3)
    assert Channel.objects.get(pk=copy.pk).version == 2


def test_a_number_is_found_among_phones_and_text_messages_only():
    make_channel(label="phone", value="+3292666111")
    make_channel(label="sms", kind="sms", value="+3292666111")
    make_channel(label="mail", kind="email", value="3292666111@b.be")
    assert set(labels(Channel.objects.filter(number_contains("09 266 61 11")))) == {"phone", "sms"}
    assert not Channel.objects.filter(number_contains("fiets")).exists()


def test_a_place_serves_the_postcodes_of_its_published_areas():
    place = make_location()
    make_care_area(postal_code="9000", location=place, certainty="named")
    make_care_area(postal_code="9030", location=place, certainty="named", status="draft")
    (shown,) = Location.objects.all().with_relations()
    assert [area.postal_code for area in shown.care_areas.all()] == ["9000"]
    assert [Location.objects.all().serving_any([code]).count() for code in ("9000", "9030", "9040")] == [
        1,
        0,
        0,
    ]


def test_the_nearest_place_comes_first_and_a_degree_to_the_east_is_shorter():
    for name, latitude, longitude in [
        ("north", "51.06", "3.70"),
        ("east", "51.05", "3.714"),
        ("far", "51.09", "3.70"),
    ]:
        make_location(name=name, latitude=latitude, longitude=longitude)
    make_location(name="unknown")
    found = Location.objects.all().nearest_to(51.05, 3.70)
    assert [place.name for place in found] == ["east", "north", "far"]


def test_areas_of_which_it_is_known_who_serves_them_come_first():
    make_care_area(name="a", postal_code="9000")
    make_care_area(name="b", postal_code="9050", location=make_location(), certainty="named")
    assert [area.name for area in CareArea.objects.all().known_first()] == ["b", "a"]


def titles(rows):
    return [row.title for row in rows]


@pytest.mark.parametrize(
    ("starts", "ends", "found"),
    [
        (-2, -1, {"begun", "ended"}),
        (-1, 0, {"begun", "ended"}),
        (0, 1, {"begun", "in_force", "to_come"}),
        (1, 2, {"to_come"}),
    ],
)
def test_a_notice_runs_from_its_start_until_its_end(starts, ends, found):
    make_notice(starts=NOW + starts * HOUR, ends=NOW + ends * HOUR)
    make_notice(starts=NOW + starts * HOUR, ends=NOW + ends * HOUR, status="draft")
    questions = ("begun", "ended", "in_force", "to_come")
    assert {name for name in questions if getattr(Notice.objects.all(), name)()} == found
    assert all(getattr(Notice.objects.all(), name)(NOW).count() == (name in found) for name in questions)


def test_a_notice_that_is_taken_away_by_then_does_not_come():
    make_notice(publish_until=NOW)
    make_notice(title="kept", publish_until=NOW + HOUR, publish_from=NOW + HOUR / 2)
    assert titles(Notice.objects.all().to_come()) == ["kept"]


def test_the_most_serious_notice_comes_first_and_then_the_newest():
    for title, level, starts in [
        ("d", "info", -2),
        ("c", "info", -1),
        ("a", "disaster", -3),
        ("b", "serious", -3),
    ]:
        make_notice(title=title, level=level, starts=NOW + starts * HOUR)
    assert titles(Notice.objects.all().in_force()) == ["a", "b", "c", "d"]
    assert titles(Notice.objects.all().begun())[:2] == ["c", "d"]


def test_the_holidays_of_published_school_years_are_public_and_those_of_none():
    make_school_year(("herfst", "2026-11-02", "2026-11-08"))
    make_school_year(
        ("geheim", "2027-11-02", "2027-11-08"), first_day="2027-09-01", last_day="2028-08-31", status="draft"
    )
    SchoolHoliday.objects.create(name="los", first_day=TODAY, last_day=TODAY)
    assert {holiday.name for holiday in SchoolHoliday.objects.public()} == {"herfst", "los"}
    calendar = SchoolHoliday.objects.get_calendar()
    assert [holiday.name for holiday in calendar.holidays] == ["los", "herfst"]
    assert calendar.known == ((datetime.date(2026, 9, 1), datetime.date(2027, 8, 31)),)


def test_a_topic_is_found_by_all_words_in_any_of_its_texts():
    make_topic(title="Fiets", synonyms="velo")
    found = [
        bool(Topic.objects.all().search(words)) for words in ("fiets", "velo fiets", "auto", "fiets auto")
    ]
    assert found == [True, True, False, False]
