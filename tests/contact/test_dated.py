"""Channels and locations that hold on some days only: not offered on the others, wherever one looks."""

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from contact.models import Channel, Location
from contact.opening_hours import BRUSSELS
from pzgent.worker import bring_up_to_date
from tests.browser import form_data
from tests.make import make_care_area, make_channel, make_location, make_schedule, make_topic, make_unit
from tests.pages import text_of

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 6, 10)  # a Wednesday
DAY = datetime.timedelta(days=1)
# Relative to today: (first day, last day).
NOT_TODAY = {"over": (None, -1), "to come": (1, None), "long over": (-9, -5)}
TODAY_TOO = {"always": (None, None), "from today": (0, None), "until today": (None, 0), "today": (0, 0)}


@pytest.fixture(autouse=True)
def _noon(monkeypatch):
    set_clock(monkeypatch, datetime.time(12))


def set_clock(monkeypatch, time, day=TODAY):
    moment = datetime.datetime.combine(day, time, BRUSSELS).astimezone(datetime.UTC)
    monkeypatch.setattr(timezone, "now", lambda: moment)


def days(first, last):
    return {
        "valid_from": None if first is None else TODAY + first * DAY,
        "valid_until": None if last is None else TODAY + last * DAY,
    }


@pytest.mark.parametrize("when", NOT_TODAY.values(), ids=NOT_TODAY)
def test_a_channel_is_not_offered_outside_its_days(client, when):
    unit, place = make_unit(), make_location()
    topic = make_topic(unit=unit)
    channel = make_channel(topic=topic, label="Zomernummer", unit=unit, location=place, **days(*when))
    other = make_channel(topic=topic, label="Gewoon nummer", fallback=channel, schedule=make_schedule())
    pages = (topic.get_absolute_url(), place.get_absolute_url(), "/contact", "/", "/zoeken?q=zomernummer")
    assert [page for page in pages if "Zomernummer" in text_of(client.get(page))] == []
    (shown,) = client.get("/api/v1/channels").json()["items"]
    assert (shown["label"], "fallback" in shown, "fallback" in shown["status"]) == (other.label, False, False)
    assert [brief["label"] for brief in client.get(f"/api/v1/topics/{topic.slug}").json()["channels"]] == [
        other.label
    ]
    assert client.get(f"/contact/{topic.slug}/{channel.slug}.vcf").status_code == 404


@pytest.mark.parametrize("when", TODAY_TOO.values(), ids=TODAY_TOO)
def test_it_is_offered_on_its_days_the_first_and_the_last_included(client, when):
    channel = make_channel(label="Zomernummer", **days(*when))
    assert "Zomernummer" in text_of(client.get(channel.topic.get_absolute_url()))
    item = client.get(f"/api/v1/channels/{channel.pk}").json()
    known = {"validFrom": channel.valid_from, "validUntil": channel.valid_until}
    assert {name: item.get(name) for name in known} == {
        name: day.isoformat() if day else None for name, day in known.items()
    }


def test_the_page_says_until_when(client):
    channel = make_channel(**days(None, 3))
    place = make_location(**days(None, 3))
    for page in (channel.topic, place):
        assert "Tot en met 13 juni 2026." in text_of(client.get(page.get_absolute_url()))


def test_the_api_answers_for_another_moment(client):
    old = make_channel(label="Oud", **days(None, -1))
    new = make_channel(label="Nieuw", **days(1, None))
    now = make_channel(label="Nu", fallback=new, schedule=make_schedule())

    def labels(query=""):
        items = client.get(f"/api/v1/channels?sort=label{query}").json()["items"]
        return [item["label"] for item in items]

    assert labels() == ["Nu"]
    assert labels("&at=2026-06-09T23:59") == ["Nu", "Oud"]
    assert labels("&at=2026-06-11T00:00") == ["Nieuw", "Nu"]
    assert {client.get(f"/api/v1/channels/{one.pk}").status_code for one in (old, new)} == {404}
    assert client.get(f"/api/v1/channels/{old.pk}?at=2026-06-01T12:00").json()["validUntil"] == "2026-06-09"
    later = client.get(f"/api/v1/channels/{now.pk}?at=2026-06-11T12:00").json()
    assert later["fallback"]["label"] == "Nieuw"


def test_a_place_that_moves_is_the_old_one_until_and_the_new_one_from_the_day(client):
    old = make_location(name="Oud", **days(None, 0))
    new = make_location(name="Nieuw", **days(1, None))
    make_channel(label="Balie oud", kind="desk", location=old)
    make_channel(label="Balie nieuw", kind="desk", location=new)
    make_care_area(name="Wijk", postal_code="9000", location=new, certainty="named")

    def names(address):
        return [item["name"] for item in client.get(address).json()["items"]]

    assert names("/api/v1/locations") == ["Oud"]
    assert names("/api/v1/locations?asOf=2026-06-11") == ["Nieuw"]
    assert "Nieuw" not in text_of(client.get("/commissariaten?postcode=9000"))
    assert client.get(new.get_absolute_url()).status_code == 404
    assert client.get(f"/api/v1/locations/{new.slug}?asOf=2026-06-11").json()["validFrom"] == "2026-06-11"
    at = client.get("/api/v1/channels?at=2026-06-11T12:00&sort=label&select=label,location").json()["items"]
    assert [item.get("location", {}).get("name") for item in at] == ["Nieuw", None]
    now = client.get("/api/v1/channels?sort=label&select=label,location").json()["items"]
    assert [item.get("location", {}).get("name") for item in now] == [None, "Oud"]


def test_what_ended_says_that_it_is_gone(client):
    place, channel = make_location(), make_channel()
    bring_up_to_date()
    for row in (place, channel):
        type(row).objects.filter(pk=row.pk).update(**days(None, -1))
    assert client.get(f"/api/v1/locations/{place.slug}").status_code == 410
    assert client.get(f"/api/v1/channels/{channel.pk}").status_code == 410


def test_midnight_in_ghent_changes_every_answer(client, monkeypatch):
    make_channel(label="Vandaag", **days(None, 0))
    make_channel(label="Morgen", **days(1, None))
    bring_up_to_date()
    last = client.get("/api/v1/changes?collection=channels").json()["last"]
    for time, day, label in (
        (datetime.time(23, 59), TODAY, "Vandaag"),
        (datetime.time(0, 0), TODAY + DAY, "Morgen"),
    ):
        set_clock(monkeypatch, time, day)
        for _ in range(2):  # the second time from what was kept
            assert [item["label"] for item in client.get("/api/v1/channels").json()["items"]] == [label]
    bring_up_to_date()
    changes = client.get(f"/api/v1/changes?collection=channels&after={last}").json()["items"]
    assert sorted(change["action"] for change in changes) == ["delete", "upsert"]


def test_nothing_is_told_of_hours_after_the_last_day(client):
    office = {"schedule": make_schedule(*((day, "09:00", "17:00") for day in range(5)))}
    channel = make_channel(**office, **days(None, 1))
    address = f"/api/v1/channels/{channel.pk}"
    assert client.get(address).json()["status"]["until"] == "2026-06-10T17:00:00+02:00"
    tomorrow = client.get(f"{address}?at=2026-06-11T18:00").json()["status"]
    assert tomorrow["state"] == "closed"
    assert {"nextOpening", "until"}.isdisjoint(tomorrow)
    hours = client.get(f"{address}/openingHours?from=2026-06-10&to=2026-06-20").json()["items"]
    assert hours[-1]["end"] == "2026-06-12T00:00:00+02:00"
    assert client.get(f"{address}/openingHours?from=2026-06-12&to=2026-06-20").status_code == 404


def test_what_is_open_day_and_night_is_so_until_its_last_midnight(client):
    channel = make_channel(schedule=make_schedule(always_open=True), **days(None, 0))
    status = client.get(f"/api/v1/channels/{channel.pk}").json()["status"]
    assert (status["state"], status["until"]) == ("open", "2026-06-11T00:00:00+02:00")


def test_channels_with_the_same_hours_and_other_days_are_judged_apart(client):
    topic, always = make_topic(), make_schedule(always_open=True)
    make_channel(topic=topic, schedule=always)
    make_channel(topic=topic, schedule=always, **days(None, 0))
    text = text_of(client.get(topic.get_absolute_url()))
    assert (text.count("Dag en nacht open."), text.count("Nu open tot middernacht.")) == (1, 1)


@pytest.mark.parametrize("make", [make_channel, make_location])
def test_the_database_refuses_a_last_day_before_the_first(make):
    make(**days(0, 0))
    with pytest.raises(IntegrityError), transaction.atomic():
        make(**days(1, 0))


def test_the_linked_data_tell_the_days(client):
    make_channel(label="A", **days(None, 3))
    make_location(**days(0, None))
    headers = {"accept": "application/ld+json"}
    assert '"dct:valid":"../2026-06-13"' in client.get("/api/v1/channels", headers=headers).content.decode()
    assert '"dct:valid":"2026-06-10/.."' in client.get("/api/v1/locations", headers=headers).content.decode()


@pytest.mark.parametrize("model", [Channel, Location])
def test_an_editor_gives_the_days_and_sees_what_is_not_offered(admin_client, model):
    item = make_channel() if model is Channel else make_location()
    address = reverse(f"admin:contact_{model._meta.model_name}_change", args=[item.pk])
    values = form_data(admin_client.get(address))
    assert admin_client.post(address, {**values, "valid_until": "2026-06-09"}).status_code == 302
    item.refresh_from_db()
    assert item.valid_until == TODAY - DAY
    listed = admin_client.get(reverse(f"admin:contact_{model._meta.model_name}_changelist"))
    assert '<span class="state state-ended">niet vandaag</span>' in listed.content.decode()
