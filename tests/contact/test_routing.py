"""The way from a need to the topics that help: the rules alone, without a database."""

import pytest

from contact.availability import ChannelStatus, TopicStatus
from contact.models import Channel, Topic
from contact.opening_hours import OPEN, Status
from contact.routing import find_route


def topic(slug, *channels, **changes):
    """A topic with channels, each given as (audience, urgency)."""
    row = Topic(slug=slug, **changes)
    items = [
        ChannelStatus(
            Channel(topic=row, audience=audience, urgency=urgency, kind="phone"), Status(OPEN, None), None
        )
        for audience, urgency in channels
    ]
    return TopicStatus(row, items)


DANGER = topic("gevaar", ("everyone", "emergency"), ("deaf", "emergency"))
VICTIMS = topic("slachtoffers", ("everyone", "normal"), audience="victims", sensitive=True)
THEFT = topic("diefstal", ("everyone", "normal"), ("victims", "urgent"), ("students", "normal"))
PRESS = topic("pers", ("press", "normal"))
TOPICS = [DANGER, VICTIMS, THEFT, PRESS]


def nothing_found(_words):
    return [], ""


def route(search=nothing_found, **asked):
    return find_route(TOPICS, asked, search)


def slugs(items):
    return [item.topic.slug for item in items]


def test_all_topics_stand_there_when_nothing_is_asked_emergencies_first():
    found = route()
    assert (slugs(found.emergencies), slugs(found.others)) == (
        ["gevaar"],
        ["slachtoffers", "diefstal", "pers"],
    )
    assert slugs(found.listed) == ["gevaar", "slachtoffers", "diefstal", "pers"]
    assert (found.is_filtered, found.total, found.is_sensitive) == (False, 4, False)


def test_something_wrong_narrows_nothing():
    found = route(audience="vliegtuig")
    assert (slugs(found.others), found.is_filtered, found.total) == (
        ["slachtoffers", "diefstal", "pers"],
        False,
        0,
    )


def test_only_audiences_and_urgencies_that_occur_are_offered():
    form = route().form
    offered = {
        name: {value for value, _label in form.fields[name].choices if value}
        for name in ("audience", "urgency")
    }
    assert offered == {
        "audience": {"deaf", "victims", "students", "press"},
        "urgency": {"emergency", "urgent", "normal"},
    }


def test_an_audience_gets_its_topics_whole_and_of_others_its_channels():
    found = route(audience="victims")
    assert [(item.topic.slug, len(item.channels), item.is_narrowed) for item in found.others] == [
        ("slachtoffers", 1, False),
        ("diefstal", 1, True),
    ]
    assert (found.is_filtered, found.total, found.is_sensitive) == (True, 2, True)


def test_emergencies_stay_and_show_the_channels_for_the_audience():
    assert [len(item.channels) for item in route(audience="deaf").emergencies] == [1]
    assert [len(item.channels) for item in route(audience="press").emergencies] == [2]
    assert slugs(route(audience="deaf").others) == []


@pytest.mark.parametrize(
    ("urgency", "others", "total"),
    [("urgent", ["diefstal"], 1), ("normal", ["slachtoffers", "diefstal", "pers"], 3), ("emergency", [], 1)],
)
def test_an_urgency_leaves_the_channels_of_that_urgency(urgency, others, total):
    found = route(urgency=urgency)
    assert (slugs(found.others), found.total, found.is_filtered) == (others, total, True)
    assert all(item.channel.urgency == urgency for topic in found.others for item in topic.channels)


def test_words_leave_what_the_search_finds_in_its_order():
    found = route(lambda words: (["pers", "diefstal", "onbekend"], ""), q="fiets")
    assert (slugs(found.others), found.total, found.is_filtered) == (["pers", "diefstal"], 2, True)
    assert found.is_sensitive is False


def test_the_audience_that_the_words_name_counts_for_emergencies_unless_another_was_chosen():
    def search(_words):
        return ["slachtoffers", "gevaar"], "deaf"

    assert [len(item.channels) for item in route(search, q="doof").emergencies] == [1]
    assert [len(item.channels) for item in route(search, q="doof", audience="victims").emergencies] == [2]
    assert route(search, q="doof").total == 2
