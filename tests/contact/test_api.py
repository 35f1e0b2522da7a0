"""Topics, channels, places and notices in the API, and what is open when."""

import datetime

import pytest

from tests.make import (
    make_care_area,
    make_channel,
    make_exception,
    make_location,
    make_notice,
    make_organogram,
    make_placement,
    make_schedule,
    make_school_year,
    make_topic,
    make_unit,
)

pytestmark = pytest.mark.django_db
# A Monday in winter time.
MONDAY = "2026-03-02"
OFFICE_HOURS = tuple((weekday, "08:30", "16:30") for weekday in range(5))


def get(client, path):
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 200
    return answer.json()


def status(client, channel, moment):
    return get(client, f"channels/{channel.pk}?at={moment}")["status"]


@pytest.fixture
def office():
    return make_channel(schedule=make_schedule(*OFFICE_HOURS, printed="8u30 tot 16u30"))


def test_a_channel_gives_its_number_as_stored_and_as_people_write_it(client):
    channel = make_channel(
        value="+3292666111", label="Algemeen nummer", topic=make_topic(slug="hulp", title="Hulp")
    )
    body = get(client, f"channels/{channel.pk}")
    assert (body["value"], body["display"], body["link"]) == (
        "+3292666111",
        "09 266 61 11",
        "tel:+3292666111",
    )
    assert body["topic"] == {"slug": "hulp", "name": "Hulp", "href": "http://testserver/api/v1/topics/hulp"}


def test_a_channel_gives_its_hours_as_an_expression_and_as_printed(client, office):
    body = get(client, f"channels/{office.pk}")
    assert (body["openingHours"], body["hoursPrinted"]) == ("Mo-Fr 08:30-16:30", "8u30 tot 16u30")


def test_a_channel_whose_hours_are_not_published_does_not_guess(client):
    body = get(client, f"channels/{make_channel().pk}")
    assert "openingHours" not in body
    assert body["status"]["state"] == "unknown"


def test_hours_that_are_not_published_are_not_used(client):
    channel = make_channel(schedule=make_schedule(*OFFICE_HOURS, status="draft"))
    body = get(client, f"channels/{channel.pk}?at={MONDAY}T10:00")
    assert "openingHours" not in body
    assert body["status"]["state"] == "unknown"


def test_an_open_channel_says_until_when(client, office):
    found = status(client, office, f"{MONDAY}T10:00")
    assert (found["state"], found["until"]) == ("open", f"{MONDAY}T16:30:00+01:00")
    assert found["evaluatedAt"] == f"{MONDAY}T10:00:00+01:00"
    assert found["sentence"]


def test_a_closed_channel_says_when_it_opens_and_what_to_use_instead(client, office):
    office.fallback = make_channel(label="Noodnummer", value="101")
    office.save()
    found = status(client, office, f"{MONDAY}T20:00")
    assert (found["state"], found["nextOpening"]) == ("closed", "2026-03-03T08:30:00+01:00")
    assert (found["fallback"]["label"], found["fallback"]["value"]) == ("Noodnummer", "101")


def test_an_open_channel_needs_no_fallback(client, office):
    office.fallback = make_channel()
    office.save()
    assert "fallback" not in status(client, office, f"{MONDAY}T10:00")


def test_a_fallback_that_is_not_published_is_not_named(client, office):
    office.fallback = make_channel(status="withdrawn")
    office.save()
    body = get(client, f"channels/{office.pk}?at={MONDAY}T20:00")
    assert "fallback" not in body
    assert "fallback" not in body["status"]


def test_a_way_without_internet_is_named(client):
    phone = make_channel(label="Telefoon")
    form = make_channel(kind="web_form", value="https://example.org", alternative=phone)
    assert get(client, f"channels/{form.pk}")["alternative"]["label"] == "Telefoon"


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        ("2026-03-02T07:30:00Z", "open"),
        ("2026-03-02T07:29:59Z", "closed"),
        ("2026-03-02T08:30", "open"),
        ("2026-03-02T10:30:00%2B03:00", "open"),
        ("2026-03-02T10:30:00+03:00", "open"),
        ("2026-03-02T08:30:00.000000%2B0100", "open"),
        ("2026-03-02T08:29:59.000000+0100", "closed"),
        ("2026-07-06T06:30:00Z", "open"),
        ("2026-03-02t07:30:00z", "open"),
        ("2026-03-02T07:29:59.999999999999Z", "closed"),
        ("2026-03-02T07:30:00.0Z", "open"),
    ],
)
def test_a_moment_counts_with_its_offset_and_otherwise_as_brussels_time(client, office, moment, state):
    assert status(client, office, moment)["state"] == state


def test_school_holidays_count(client):
    make_school_year(("Krokus", "2026-03-02", "2026-03-06"), first_day="2025-09-01", last_day="2026-08-31")
    channel = make_channel(schedule=make_schedule(*OFFICE_HOURS, school_days_only=True))
    assert status(client, channel, f"{MONDAY}T10:00")["state"] == "closed"
    assert status(client, channel, "2026-03-09T10:00")["state"] == "open"


def test_an_exception_closes_with_its_reason(client):
    schedule = make_schedule(*OFFICE_HOURS)
    day = datetime.date(2026, 3, 2)
    make_exception(schedule, first_day=day, last_day=day, reason="opleiding")
    found = status(client, make_channel(schedule=schedule), f"{MONDAY}T10:00")
    assert (found["state"], found["reason"]) == ("closed", "opleiding")


def test_without_a_moment_an_answer_stays_the_same_for_a_minute(client, office):
    at = get(client, f"channels/{office.pk}")["status"]["evaluatedAt"]
    assert datetime.datetime.fromisoformat(at).second == 0
    assert datetime.datetime.fromisoformat(at).microsecond == 0


def test_channels_stand_with_the_most_urgent_first(client):
    for label, urgency in (("gewoon", "normal"), ("nood", "emergency"), ("dringend", "urgent")):
        make_channel(label=label, urgency=urgency)
    assert [item["label"] for item in get(client, "channels")["items"]] == ["nood", "dringend", "gewoon"]


def test_channels_can_be_narrowed(client):
    place, topic = make_placement(make_organogram()), make_topic(slug="hulp")
    wanted = make_channel(topic=topic, unit=place.unit, urgency="urgent", kind="email", value="a@example.org")
    make_channel()
    query = f"topic=hulp&unit={place.unit.slug}&urgency=urgent&urgency=emergency&kind=email"
    assert [item["id"] for item in get(client, f"channels?{query}")["items"]] == [str(wanted.pk)]


@pytest.mark.parametrize(
    "query", ["topic=nope", "unit=nope", "kind=fax", "urgency=later", "at=now", "at=2150-01-01T00:00"]
)
def test_what_does_not_exist_cannot_narrow_channels(client, query):
    assert client.get(f"/api/v1/channels?{query}").status_code == 400


def test_a_channel_does_not_name_a_hidden_unit_or_a_place_that_is_not_published(client):
    secret = make_placement(make_organogram(), unit=make_unit(publication_level="withheld"))
    channel = make_channel(unit=secret.unit, location=make_location(status="draft"))
    assert not {"unit", "location"} & set(get(client, f"channels/{channel.pk}"))


def test_a_channel_names_its_unit_and_place(client):
    place = make_placement(make_organogram(), unit=make_unit(slug="korps"))
    channel = make_channel(unit=place.unit, location=make_location(slug="centrum"))
    body = get(client, f"channels/{channel.pk}")
    assert (body["unit"]["slug"], body["location"]["slug"]) == ("korps", "centrum")


def test_channels_of_a_topic_that_is_not_published_are_not_shown(client):
    channel = make_channel(topic=make_topic(status="draft"))
    assert client.get(f"/api/v1/channels/{channel.pk}").status_code == 404


def hours(client, channel, query):
    return get(client, f"channels/{channel.pk}/openingHours?{query}")["items"]


def test_the_intervals_of_a_day_follow_each_other_without_gaps(client, office):
    found = hours(client, office, f"from={MONDAY}&to={MONDAY}")
    assert [item["state"] for item in found] == ["closed", "open", "closed"]
    assert [item["end"] for item in found[:-1]] == [item["start"] for item in found[1:]]
    assert (found[0]["start"], found[-1]["end"]) == ("2026-03-02T00:00:00+01:00", "2026-03-03T00:00:00+01:00")


def test_hours_that_are_not_published_have_no_intervals(client):
    assert hours(client, make_channel(), f"from={MONDAY}") == []


def test_a_year_of_hours_comes_in_pages(client, office):
    body = get(client, f"channels/{office.pk}/openingHours?from=2026-01-01&to=2026-12-31&pageSize=100")
    assert body["total"] > 500
    assert body["next"].endswith("page=2")


@pytest.mark.parametrize(
    "query", ["from=2026-01-02&to=2026-01-01", "from=2026-01-01&to=2027-01-02", "from=9999-12-31"]
)
def test_hours_are_told_for_at_most_a_year(client, office, query):
    assert client.get(f"/api/v1/channels/{office.pk}/openingHours?{query}").status_code == 400


def test_exactly_a_year_of_hours_can_be_asked_for(client, office):
    assert hours(client, office, "from=2028-01-01&to=2028-12-31")


def test_an_unknown_channel_has_no_hours(client):
    address = "/api/v1/channels/00000000-0000-0000-0000-000000000000/openingHours"
    assert client.get(address).status_code == 404


def test_a_topic_names_its_channels_the_most_urgent_first(client):
    topic = make_topic(
        slug="hulp",
        need="Ik heb hulp nodig",
        other_needs="Er is ingebroken\n\n Ik ben bang ",
        synonyms="inbraak\ndiefstal",
        sensitive=True,
    )
    make_channel(topic=topic, label="Bureau")
    make_channel(topic=topic, label="Nood", urgency="emergency")
    make_channel(topic=topic, label="Weg", status="withdrawn")
    body = get(client, "topics/hulp")
    assert [item["label"] for item in body["channels"]] == ["Nood", "Bureau"]
    assert (body["need"], body["synonyms"], body["sensitive"]) == (
        "Ik heb hulp nodig",
        ["inbraak", "diefstal"],
        True,
    )
    assert body["otherNeeds"] == ["Er is ingebroken", "Ik ben bang"]


def test_a_place_gives_no_address_that_is_not_known(client):
    make_location(slug="centrum")
    body = get(client, "locations/centrum")
    assert not {"street", "postalCode", "city", "address", "latitude", "longitude", "careAreas"} & set(body)


def test_a_place_gives_its_address_and_coordinates(client):
    make_location(
        slug="c", street="Antonia 1", postal_code="9000", city="Gent", latitude="51.05", longitude="3.72"
    )
    body = get(client, "locations/c")
    assert (body["address"], body["latitude"], body["longitude"]) == ("Antonia 1, 9000 Gent", 51.05, 3.72)


def test_places_are_found_by_the_postcode_that_they_serve(client):
    centre, west = make_location(slug="centrum"), make_location(slug="west")
    for name in ("Kuip", "Dok"):
        make_care_area(name=name, postal_code="9000", location=centre, certainty="named")
    make_care_area(postal_code="9030", location=west, certainty="named")
    make_care_area(postal_code="9031", location=west, certainty="named", status="draft")
    assert [item["slug"] for item in get(client, "locations?postalCode=9000")["items"]] == ["centrum"]
    assert get(client, "locations?postalCode=9000&postalCode=9030")["total"] == 2
    assert get(client, "locations?postalCode=9031")["total"] == 0
    for written in ("B-9030", "BE-9030", "be 9030", "B9030"):
        assert [item["slug"] for item in get(client, f"locations?postalCode={written}")["items"]] == ["west"]


@pytest.mark.parametrize("code", ["0900", "900", "90000", "gent", "X-9000", "2666756", "９０００"])
def test_a_postcode_has_four_digits(client, code):
    assert client.get(f"/api/v1/locations?postalCode={code}").status_code == 400


def test_an_area_says_how_sure_it_is_and_who_serves_it(client):
    make_care_area(slug="kuip", name="Kuip", location=make_location(slug="centrum"), certainty="derived")
    make_care_area(slug="ergens", name="Ergens")
    assert get(client, "careAreas/kuip")["location"]["slug"] == "centrum"
    body = get(client, "careAreas/ergens")
    assert body["certainty"] == "unknown"
    assert "location" not in body


def test_only_notices_in_force_are_shown_the_most_serious_first(client):
    past = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    make_notice(title="Voorbij", starts=past, ends=past + datetime.timedelta(days=1))
    make_notice(title="Info")
    make_notice(title="Ramp", level="disaster")
    assert [item["title"] for item in get(client, "notices")["items"]] == ["Ramp", "Info"]


def test_a_notice_speaks_the_language_asked_for_or_dutch(client):
    make_notice(slug="n", text_nl="Sluit ramen.", text_fr="Fermez les fenêtres.")
    assert get(client, "notices/n?lang=fr")["text"] == "Fermez les fenêtres."
    assert get(client, "notices/n?lang=de")["text"] == "Sluit ramen."
    assert get(client, "notices/n")["texts"] == {"nl": "Sluit ramen.", "fr": "Fermez les fenêtres."}


def test_the_nearest_places_come_first_with_their_distance(client):
    make_location(slug="ver", latitude="51.10", longitude="3.80")
    make_location(slug="dichtbij", latitude="51.055", longitude="3.725")
    make_location(slug="onbekend")
    items = client.get("/api/v1/locations?near=51.054,3.725").json()["items"]
    assert [item["slug"] for item in items] == ["dichtbij", "ver"]
    assert items[0]["distance"] == pytest.approx(111, abs=1)
    assert items[1]["distance"] == pytest.approx(7_340, abs=50)
    assert "distance" not in client.get("/api/v1/locations/ver").json()


@pytest.mark.parametrize(
    "point", ["51.05", "51.05;3.72", "91,3", "51,181", "x,y", "51.05,3.72,1", "٥١,3", "1e3,3"]
)
def test_what_is_no_point_is_refused(client, point):
    answer = client.get("/api/v1/locations", {"near": point})
    assert answer.status_code == 400
    assert answer.json()["issues"][0]["name"] == "near"


def found(client, query):
    return {item["slug"] for item in get(client, f"channels?{query}")["items"]}


@pytest.fixture
def stations():
    """Two stations of one directorate, each with a desk and a number of its unit; the first serves 9000."""
    organogram = make_organogram()
    root = make_placement(organogram, unit=make_unit(slug="korps"))
    directorate = make_placement(organogram, root, unit=make_unit(slug="operaties"))
    units = [
        make_placement(organogram, directorate, unit=make_unit(slug=slug)).unit for slug in ("west", "oost")
    ]
    places = [make_location(slug=f"post-{unit.slug}", name=unit.slug, unit=unit) for unit in units]
    make_care_area(postal_code="9000", location=places[0], certainty="named")
    for unit in units:
        make_channel(slug=f"balie-{unit.slug}", kind="desk", value="", unit=unit)
        make_channel(slug=f"nummer-{unit.slug}", unit=unit)
    make_channel(slug="elders", kind="desk", value="")
    return places


def test_a_desk_is_where_its_unit_works(client, stations):
    items = {item["slug"]: item for item in get(client, "channels")["items"]}
    assert items["balie-west"]["location"] == {
        "slug": "post-west", "name": "west", "href": "http://testserver/api/v1/locations/post-west",
    }  # fmt: skip
    assert get(client, f"channels/{items['balie-oost']['id']}")["location"]["slug"] == "post-oost"
    assert "location" not in items["nummer-west"]
    assert "location" not in items["elders"]


def test_a_desk_of_a_unit_with_two_places_does_not_guess(client, stations):
    make_location(slug="tweede", unit=stations[0].unit)
    items = {item["slug"]: item for item in get(client, "channels")["items"]}
    assert "location" not in items["balie-west"]
    assert {"balie-west", "nummer-west"} == found(client, "location=tweede")


def test_a_desk_is_at_no_place_that_the_public_does_not_see_on_the_day(client, stations):
    stations[0].status = "draft"
    stations[0].save()
    stations[1].valid_until = datetime.date(2026, 3, 2)
    stations[1].save()
    for day, slugs in (("2026-03-02", {"balie-oost"}), ("2026-03-03", set())):
        items = get(client, f"channels?at={day}T10:00")["items"]
        assert {item["slug"] for item in items if "location" in item} == slugs


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("postalCode=9000", {"balie-west", "nummer-west"}),
        ("postalCode=9050", set()),
        ("location=post-oost", {"balie-oost", "nummer-oost"}),
        ("location=post-oost&location=post-west&kind=desk", {"balie-oost", "balie-west"}),
        ("location=post-oost&postalCode=9000", set()),
        ("ancestor=operaties&kind=desk", {"balie-oost", "balie-west"}),
        ("ancestor=west", {"balie-west", "nummer-west"}),
    ],
)
def test_channels_can_be_narrowed_by_where_they_are(client, stations, query, slugs):
    assert found(client, query) == slugs


@pytest.mark.parametrize("query", ["location=nergens", "postalCode=90", "ancestor=nope"])
def test_a_place_that_does_not_exist_cannot_narrow_channels(client, query):
    assert client.get(f"/api/v1/channels?{query}").status_code == 400


def test_a_place_embeds_the_channels_of_the_unit_that_works_there(client, stations):
    body = get(client, "locations/post-west?embed=channels")
    assert {channel["slug"] for channel in body["channels"]} == {"balie-west", "nummer-west"}


def test_locations_can_be_narrowed_by_a_unit_above_them(client, stations):
    make_location(slug="elders")
    items = get(client, "locations?ancestor=operaties")["items"]
    assert {item["slug"] for item in items} == {"post-west", "post-oost"}
