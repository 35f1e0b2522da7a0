"""What a visitor is offered of channels that were judged: most of it the rules alone, without a database."""

import datetime

import pytest

from contact.availability import (
    NO_CALENDAR,
    ChannelStatus,
    TopicStatus,
    get_calendar,
    get_channel,
    get_topic,
    get_topics,
    public_channel,
)
from contact.models import Channel, Location, Schedule, ScheduleException, Topic
from contact.opening_hours import BRUSSELS, BY_APPOINTMENT, CLOSED, OPEN, UNKNOWN, DaysOff, Status
from pzgent.kernel.validity import for_any_time
from tests.make import make_channel, make_topic

TODAY = datetime.date(2026, 6, 10)  # a Wednesday
DAY = datetime.timedelta(days=1)
NOON = datetime.datetime.combine(TODAY, datetime.time(12), BRUSSELS)


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOON)


def channel(**changes):
    """A published phone number of a published topic."""
    values = {"kind": "phone", "value": "101", "status": "published", "topic": Topic(status="published")}
    return Channel(**{**values, **changes})


def judged(*states, **changes):
    """Channels in these states, each with the next one as its way out; the first of them."""
    others, way_out = {}, None
    for state in reversed(states):
        way_out = channel(fallback=way_out, **changes)
        others[way_out.pk] = item = ChannelStatus(way_out, Status(state, NOON), None, others=others)
    return item


def nth(item, number):
    """The channel so many ways out further on."""
    found = item.channel
    for _step in range(number):
        found = found.fallback
    return found


@pytest.mark.parametrize("status", ["draft", "withdrawn"])
def test_a_way_out_is_only_named_when_it_and_its_topic_are_published(status):
    hidden = [channel(status=status), channel(topic=Topic(status=status))]
    for fallback in (*hidden, channel(valid_until=TODAY - DAY), channel(valid_from=TODAY + DAY)):
        item = ChannelStatus(channel(fallback=fallback), Status(CLOSED, NOON), None)
        assert (public_channel(fallback), item.fallback, item.alternative) == (None, None, None)


def test_a_way_out_is_named_on_its_first_and_last_day_and_on_the_day_asked_for():
    assert public_channel(channel(valid_from=TODAY, valid_until=TODAY))
    assert public_channel(channel(valid_from=TODAY + DAY), TODAY + DAY)


def test_what_is_open_needs_no_way_out_unless_its_number_is_not_published():
    assert judged(OPEN, OPEN).fallback is None
    assert judged(OPEN, OPEN, value="").fallback is not None
    assert judged(BY_APPOINTMENT, OPEN).fallback is not None


def test_what_has_no_hours_needs_no_way_out():
    assert judged(UNKNOWN, OPEN, kind="email", value="a@b.be").fallback is None
    assert judged(UNKNOWN, OPEN).fallback is not None


@pytest.mark.parametrize(
    ("states", "number"),
    [
        ((CLOSED, OPEN), 1),
        ((CLOSED, CLOSED, OPEN), 2),
        ((CLOSED, CLOSED, UNKNOWN), 2),
        ((CLOSED, CLOSED, BY_APPOINTMENT, OPEN), 2),
        ((CLOSED, CLOSED, CLOSED), 1),
    ],
)
def test_the_fallback_is_the_first_that_is_not_known_to_be_closed_or_else_the_first(states, number):
    item = judged(*states)
    assert item.fallback == nth(item, number)


def test_a_way_out_without_a_published_number_gives_way_to_its_own():
    item = judged(CLOSED, OPEN, OPEN)
    nth(item, 1).value = ""
    assert item.fallback == nth(item, 2)


def test_ways_out_that_lead_back_end_with_the_first():
    item = judged(CLOSED, CLOSED, CLOSED)
    nth(item, 2).fallback = nth(item, 1)
    assert item.fallback == nth(item, 1)
    nth(item, 2).fallback = item.channel
    assert item.fallback == nth(item, 1)


def test_a_way_out_that_was_not_judged_is_taken_as_it_is():
    closed = ChannelStatus(channel(fallback=channel()), Status(CLOSED, NOON), None)
    assert closed.fallback == closed.channel.fallback


def test_the_alternative_is_not_what_was_just_named():
    item = judged(CLOSED, OPEN)
    item.channel.alternative = item.channel.fallback
    assert item.alternative is None
    item = judged(CLOSED, OPEN)
    item.channel.alternative = other = channel()
    assert item.alternative == other


@pytest.mark.parametrize(
    ("value", "state", "shade"),
    [
        ("101", OPEN, OPEN),
        ("", OPEN, UNKNOWN),
        ("", CLOSED, CLOSED),
        ("", BY_APPOINTMENT, UNKNOWN),
        ("101", UNKNOWN, UNKNOWN),
    ],
)
def test_it_looks_open_only_when_there_is_a_number_to_use(value, state, shade):
    item = judged(state, value=value)
    assert (item.shade, item.is_open) == (shade, state == OPEN)


@pytest.mark.parametrize("kind", ["phone", "sms", "email", "web", "desk"])
@pytest.mark.parametrize("value", ["x", ""])
def test_only_a_number_or_mail_address_is_published_and_saved_by_its_value(kind, value):
    item = judged(OPEN, kind=kind, value=value)
    is_number = kind in ("phone", "sms", "email")
    assert item.is_published is (bool(value) or not is_number)
    assert item.can_be_saved is (bool(value) and is_number)


def test_there_are_hours_to_tell_when_the_state_or_the_reason_is_known():
    def has_hours(state, reason=""):
        return ChannelStatus(channel(kind="email"), Status(state, NOON, reason=reason), None).has_hours

    assert (has_hours(UNKNOWN), has_hours(CLOSED), has_hours(UNKNOWN, "vakantie")) == (False, True, True)


def schedule(*exceptions, slots=(), **changes):
    made = Schedule(**changes)
    made._prefetched_objects_cache = {"slots": list(slots), "exceptions": list(exceptions)}
    return made


def exception(first, last):
    return ScheduleException(first_day=TODAY + first * DAY, last_day=TODAY + last * DAY)


@pytest.mark.parametrize(
    ("first", "last", "coming", "day"), [(-2, -1, 0, 2), (-1, 0, 1, None), (0, 1, 1, None), (1, 2, 1, 2)]
)
def test_a_day_with_other_hours_counts_from_its_first_to_its_last(first, last, coming, day):
    item = ChannelStatus(channel(), Status(OPEN, NOON), schedule(exception(first, last)))
    assert (len(item.coming_exceptions), item.ordinary_day) == (coming, day)
    assert item.has_calendar is True


@pytest.mark.parametrize(("first", "last", "day"), [(-2, -1, 2), (-1, 0, None), (0, 1, None), (1, 2, 2)])
def test_a_holiday_is_no_ordinary_day(first, last, day):
    off = [DaysOff(TODAY + first * DAY, TODAY + last * DAY, "feestdag")]
    assert ChannelStatus(channel(), Status(OPEN, NOON), schedule(), off).ordinary_day == day


def test_no_day_is_the_present_one_in_a_copy_for_any_time():
    item = judged(OPEN)
    assert (item.ordinary_day, item.has_calendar, item.coming_exceptions) == (2, False, [])
    with for_any_time():
        assert item.ordinary_day is None


def test_a_place_that_is_not_published_is_not_named():
    shown, hidden = Location(status="published"), Location(status="draft")
    places = [judged(OPEN, location=place).place for place in (shown, hidden, None)]
    assert places == [shown, None, None]


def topic(*items):
    return TopicStatus(Topic(status="published"), list(items))


def test_a_topic_is_narrowed_to_an_audience_only_when_that_leaves_a_part():
    everyone, victims = judged(OPEN), judged(OPEN, audience="victims")
    both = topic(everyone, victims)
    assert both.for_audience("victims") == TopicStatus(both.topic, [victims], is_narrowed=True)
    assert both.for_audience("press") is both
    assert (alone := topic(victims)).for_audience("victims") is alone


def test_a_topic_is_an_emergency_when_one_of_its_channels_is():
    assert topic(judged(OPEN), judged(OPEN, urgency="emergency")).is_emergency
    assert not topic(judged(OPEN, urgency="urgent")).is_emergency


def test_the_one_channel_to_show_is_the_first_that_says_when_it_is_open():
    mail, silent, phone = judged(UNKNOWN, kind="email"), judged(OPEN, value=""), judged(CLOSED)
    assert topic(mail, silent, phone, judged(OPEN)).first is phone
    assert topic(mail, silent).first is mail
    assert topic().first is None


def test_the_school_holidays_are_read_only_when_hours_hang_on_them():
    assert get_calendar([None, Schedule()]) is NO_CALENDAR  # no database here: reading would fail
    with pytest.raises(RuntimeError, match="Database access not allowed"):
        get_calendar([None, Schedule(), Schedule(school_days_only=True)])


@pytest.mark.django_db
def test_a_channel_is_found_by_its_own_name_though_its_way_out_is_read_before_it():
    way_out = make_channel(slug="a", topic=make_topic(slug="a", position=1))
    make_channel(slug="b", topic=make_topic(slug="b", position=2), fallback=way_out)
    found = get_channel("b", "b", NOON)
    assert (found.channel.slug, found.fallback) == ("b", way_out)
    assert get_channel("a", "b", NOON) is None
    assert get_topic("b", NOON).channels[0].channel.slug == "b"
    assert get_topic("c", NOON) is None


@pytest.mark.django_db
def test_topics_with_an_emergency_come_first_and_keep_their_order():
    for position, urgency in enumerate(("normal", "emergency", "urgent", "emergency")):
        topic = make_topic(slug=f"{position}", position=position)
        make_channel(topic=topic, urgency=urgency)
        make_channel(topic=topic, status="draft")
    make_topic(status="draft")
    found = get_topics(NOON)
    assert [item.topic.slug for item in found] == ["1", "3", "0", "2"]
    assert [len(item.channels) for item in found] == [1, 1, 1, 1]
