"""The contact router, topics, stations and downloads as visitors meet them."""

import datetime
import re

import pytest
from django.utils import translation

from contact.models import CareArea
from contact.opening_hours import BRUSSELS
from pzgent.kernel.zone import get_zone
from tests.make import (
    make_care_area,
    make_channel,
    make_exception,
    make_hidden_place,
    make_location,
    make_organogram,
    make_placement,
    make_schedule,
    make_school_holiday,
    make_topic,
)
from tests.pages import MOST_QUERIES, count_queries, faults_of, text_of

pytestmark = pytest.mark.django_db

WORKDAYS = [(day, "09:00", "17:00") for day in range(5)]


@pytest.fixture(autouse=True)
def _dutch_addresses():
    """A page in English leaves its language behind; the next test starts in Dutch."""
    with translation.override("nl"):
        yield


@pytest.fixture
def at(monkeypatch):
    """Sets the clock of the pages."""

    def set_clock(text):
        moment = datetime.datetime.fromisoformat(text).replace(tzinfo=BRUSSELS)
        for module in ("views", "availability"):
            monkeypatch.setattr(f"contact.{module}.now_in_brussels", lambda: moment)

    return set_clock


@pytest.fixture
def desks():
    """An emergency line, a desk for schools with office hours, and a line for everybody."""
    emergency = make_topic(title="Nood", need="Ik heb nu hulp nodig", position=9)
    make_channel(topic=emergency, label="101", value="101", urgency="emergency", audience="everyone")
    general = make_channel(
        topic=make_topic(title="Algemeen", need="Ik heb een vraag", position=1),
        schedule=make_schedule(always_open=True),
    )
    school = make_topic(
        title="Scholen",
        need="Ik werk op een school",
        other_needs="Ik maak me zorgen over een leerling\nIk wil lesmateriaal lenen\n",
        audience="schools",
        position=2,
    )
    schedule = make_schedule(*WORKDAYS, closed_on_public_holidays=True)
    make_channel(
        topic=school,
        label="Lijn",
        value="+3292666750",
        schedule=schedule,
        fallback=general,
        audience="schools",
    )
    return emergency, general.topic, school


def needs_on(answer):
    return re.findall(r'<h3><a href="/contact/[^"]+">([^<]+)</a></h3>', answer.content.decode())


def test_the_emergency_comes_first_whatever_its_place(client, desks):
    assert needs_on(client.get("/contact")) == [
        "Ik heb nu hulp nodig", "Ik heb een vraag", "Ik werk op een school",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "needs"),
    [
        ("audience=schools", ["Ik werk op een school"]),
        ("urgency=normal", ["Ik heb een vraag", "Ik werk op een school"]),
        ("urgency=emergency", []),
        ("q=zorgen+leerling", ["Ik werk op een school"]),
        ("q=09+266+67+50", ["Ik werk op een school"]),
        ("q=vraag&audience=schools", []),
        ("q=zzz", []),
        ("q=&audience=&urgency=", ["Ik heb een vraag", "Ik werk op een school"]),
    ],
)
def test_the_filters_narrow_the_needs_but_never_the_emergency(client, desks, query, needs):
    answer = client.get(f"/contact?{query}")
    assert (answer.status_code, needs_on(answer)) == (200, ["Ik heb nu hulp nodig", *needs])
    assert faults_of(answer.content.decode()) == []


def test_only_audiences_and_urgencies_that_occur_are_offered(client, desks):
    form = client.get("/contact").context["route"].form
    assert [value for value, _label in form.fields["audience"].choices] == ["", "schools"]
    assert [value for value, _label in form.fields["urgency"].choices] == ["", "emergency", "normal"]


def test_a_topic_for_everybody_shows_its_channel_for_one_audience(client, desks):
    _emergency, general, _school = desks
    make_channel(topic=general, label="Lijn voor studenten", value="+3292666751", audience="students")
    text = text_of(client.get("/contact?audience=students"))
    assert "09 266 67 51" in text
    assert "09 266 67 50" not in text


@pytest.mark.parametrize("query", ["audience=aliens", "urgency=x", f"q={'x' * 101}"])
def test_a_filter_that_does_not_exist_is_named_and_everything_stays(client, desks, query):
    answer = client.get(f"/contact?{query}")
    assert answer.status_code == 400
    assert 'class="field-error"' in answer.content.decode()
    assert len(needs_on(answer)) == 3


def test_an_emergency_that_fits_counts_as_an_answer(client, desks):
    emergency, _general, _school = desks
    make_channel(topic=emergency, label="Europees noodnummer", value="+3292666777", urgency="emergency")
    text = text_of(client.get("/en/contact?q=noodnummer"))
    assert "1 answer fits." in text
    assert "No answer fits" not in text


def test_nothing_found_says_so_with_a_number(client, desks):
    text = text_of(client.get("/en/contact?q=zzz"))
    assert "No answer fits." in text
    assert "09 266 61 11" in text[text.index("No answer fits.") :]


@pytest.mark.parametrize(
    ("address", "slug"),
    [
        ("/fr/contact?q=velo volé", "aangifte-of-afspraak"),
        ("/fr/contact?q=tapage nocturne", "niet-dringende-hulp"),
        ("/en/contact?q=stolen bike", "aangifte-of-afspraak"),
        ("/de/contact?q=Fahrrad gestohlen", "aangifte-of-afspraak"),
    ],
)
def test_the_need_can_be_said_in_another_language(client, plan, address, slug):
    assert slug in [found.topic.slug for found in client.get(address).context["route"].others]


def test_every_need_of_a_topic_leads_to_it(client, desks):
    page = client.get("/contact").content.decode()
    assert f'<a href="{desks[2].get_absolute_url()}">Ik maak me zorgen over een leerling</a>' in page


@pytest.mark.parametrize(
    ("moment", "sentence", "instead"),
    [
        ("2026-11-24 10:00", "Open now until 17.00.", False),
        ("2026-11-24 18:00", "Closed now. Opens tomorrow at 9.00.", True),
        ("2026-12-25 10:00", "Closed now: public holiday. Opens Monday at 9.00.", True),
    ],
)
@pytest.mark.parametrize("address", ["/en/contact", "/en/contact/{}"])
def test_a_desk_says_whether_it_is_open_and_what_else_there_is(
    client, desks, at, address, moment, sentence, instead
):
    at(moment)
    text = text_of(client.get(address.format(desks[2].slug)))
    assert sentence in text
    assert ("Now use: 09 266 61 11" in text) is instead


def test_a_desk_by_appointment_says_until_when(client, at):
    at("2026-11-24 10:00")
    channel = make_channel(kind="desk", value="", appointment_needed=True, schedule=make_schedule(*WORKDAYS))
    text = text_of(client.get(f"/en{channel.topic.get_absolute_url()}"))
    assert "Open now until 17.00, by appointment only." in text


def test_an_opening_at_midnight_is_said_as_a_time(client, at):
    at("2026-11-24 10:00")
    channel = make_channel(schedule=make_schedule((2, "00:00", "04:00")))
    assert "Opens tomorrow at 0.00." in text_of(client.get(f"/en{channel.topic.get_absolute_url()}"))


def test_what_only_works_online_names_a_way_without_internet(client):
    other = make_channel(value="+3292666756")
    form = make_channel(kind="web_form", value="https://www.politie.be/x", alternative=other)
    own_page = f"/en{form.topic.get_absolute_url()}"
    for address in ("/en/contact", own_page):
        assert "Without internet: 09 266 67 56" in text_of(client.get(address))


def test_the_week_stands_in_a_table_with_today_marked(client, desks, at):
    at("2026-11-25 10:00")
    page = client.get(f"/en{desks[2].get_absolute_url()}").content.decode()
    assert re.findall(r'<tr aria-current="date"><th scope="row">(\w+)', page) == ["Wednesday"]
    assert "Closed on public holidays." in page


@pytest.mark.parametrize("day", ["2026-12-24", "2026-12-25"])
def test_a_day_that_is_not_as_usual_is_not_marked_in_the_usual_week(client, at, day):
    at(f"{day} 10:00")
    schedule = make_schedule(*WORKDAYS, closed_on_public_holidays=True)
    make_exception(schedule, first_day="2026-12-24", last_day="2026-12-24")
    topic = make_channel(schedule=schedule).topic
    assert 'aria-current="date"' not in client.get(topic.get_absolute_url()).content.decode()


def test_the_days_off_of_a_desk_without_a_week_are_listed(client, at):
    at("2026-04-25 10:00")
    schedule = make_schedule(always_open=True)
    make_exception(schedule, reason="onderhoud")
    channel = make_channel(schedule=schedule)
    assert "1 May 2026: closed ( onderhoud )" in text_of(client.get(f"/en{channel.topic.get_absolute_url()}"))


def test_other_hours_until_midnight_end_at_24(client, at):
    at("2026-04-25 10:00")
    schedule = make_schedule(always_open=True)
    make_exception(schedule, reason="kermis", opens=datetime.time(20), closes=datetime.time(0))
    topic = make_channel(schedule=schedule).topic
    assert "1 May 2026: 20.00 – 24.00 ( kermis )" in text_of(client.get(f"/en{topic.get_absolute_url()}"))


@pytest.mark.parametrize(
    ("changes", "is_green"), [({}, True), ({"school_days_only": True}, False), ({"value": ""}, False)]
)
def test_only_what_is_surely_open_and_can_be_used_looks_open(client, at, changes, is_green):
    at("2026-07-07 10:00")
    hours = {name: value for name, value in changes.items() if name != "value"}
    schedule = make_schedule(*WORKDAYS, **hours)
    topic = make_channel(schedule=schedule, value=changes.get("value", "+3292666756")).topic
    for address in ("/contact", topic.get_absolute_url()):
        assert ("state-open" in client.get(address).content.decode()) is is_green


@pytest.mark.parametrize(
    ("sensitive", "asked", "is_there"),
    [
        (True, "?q=slaat", True),
        (False, "?q=slaat", False),
        (True, "", False),
        (True, "?q=iets", False),
    ],
)
def test_who_asks_about_something_sensitive_can_leave_from_the_answers(client, sensitive, asked, is_there):
    make_channel(topic=make_topic(title="Iemand slaat mij", sensitive=sensitive))
    assert ("data-leave" in client.get(f"/contact{asked}").content.decode()) is is_there


@pytest.mark.parametrize("page", ["/", "/contact", "topic", "station"])
def test_a_print_has_room_for_the_time_that_a_script_adds(client, page):
    channel = make_channel(schedule=make_schedule(always_open=True), location=make_location())
    address = {"topic": channel.topic.get_absolute_url(), "station": channel.location.get_absolute_url()}
    html = client.get(f"/en{address.get(page, page)}").content.decode()
    assert "<span data-print-time></span>. In an emergency" in html


def test_the_way_to_an_appointment_is_where_one_is_made(client):
    place = make_location()
    for address in (place.get_absolute_url(), "/commissariaten"):
        assert '<a href="/contact">Hoe je een afspraak maakt' in client.get(address).content.decode()
    make_channel(
        topic=make_topic(slug="later", position=2),
        kind="appointment",
        value="https://x.example",
        alternative=make_channel(),
    )
    online = make_channel(
        topic=make_topic(slug="aangifte", position=1),
        kind="appointment",
        value="https://x.example",
        alternative=make_channel(),
    )
    for address in (place.get_absolute_url(), "/commissariaten"):
        assert f'<a href="{online.get_absolute_url()}">Hoe je' in client.get(address).content.decode()


def test_a_unit_without_contact_of_its_own_is_called_through_the_one_above(client):
    organogram = make_organogram()
    root = make_placement(organogram, name="Korps")
    team = make_placement(organogram, root, name="Team")
    make_channel(unit=root.unit, kind="email", value="post@politie.example")
    address = f"/en{team.unit.get_absolute_url()}"
    assert "post@politie.example" in text_of(client.get(address))
    make_channel(unit=root.unit, value="101", urgency="emergency")
    make_channel(unit=root.unit, value="+3292666756", label="Eerste", urgency="normal")
    make_channel(unit=root.unit, value="+3292666757", label="Tweede", urgency="normal")
    text = text_of(client.get(address))
    main = text[text.index("no contact point of its own") :]
    assert "09 266 67 56" in main
    assert "All ways to reach us" in main
    assert "post@politie.example" not in main
    assert "09 266 67 57" not in main


def test_places_without_address_say_so_once(client):
    make_location(street="Antonia van Clevestraat 1", city="Gent")
    assert "no address" not in text_of(client.get("/en/commissariaten"))
    for _number in range(3):
        make_location()
    text = text_of(client.get("/en/commissariaten"))
    assert text.count("Does a place have no address? Then it is not in our source.") == 1
    assert "Address: Antonia" in text


@pytest.mark.parametrize(
    ("kind", "is_shown"),
    [("app", True), ("desk", True), ("social", False), ("web", False), ("post", False), ("email", False)],
)
def test_a_channel_without_its_number_or_address_is_left_out(client, kind, is_shown):
    place = make_location()
    channel = make_channel(label="Weg", kind=kind, value="", location=place, alternative=make_channel())
    for address in (
        f"/en{channel.topic.get_absolute_url()}",
        "/en/contact",
        f"/en/commissariaten/{place.slug}",
    ):
        assert ("Weg" in text_of(client.get(address))) is is_shown, address


def test_only_a_fact_that_was_changed_says_when(client):
    place = make_location()
    address = f"/en{place.get_absolute_url()}"
    assert "Changed on" not in text_of(client.get(address))
    place.save()
    assert "Changed on" in text_of(client.get(address))


def test_the_number_of_queries_does_not_grow(client, desks):
    pages = ["/contact?q=school", f"{desks[2].get_absolute_url()}"]
    before = [count_queries(client, page, state="") for page in pages]
    for number in range(5):
        schedule = make_schedule(*WORKDAYS, school_days_only=True)
        make_channel(topic=desks[2], schedule=schedule)
        make_channel(topic=make_topic(title=f"School {number}"), schedule=schedule)
    after = [count_queries(client, page, state="") for page in pages]
    # The one more is the calendar of school holidays, which only matters now.
    assert [count - 1 for count in after] == before
    assert max(count_queries(client, page) for page in pages) <= MOST_QUERIES


# --- Leaving at once ------------------------------------------------------------------------------


def test_a_sensitive_topic_can_be_left_at_once_without_a_script(client):
    page = client.get(
        make_channel(topic=make_topic(sensitive=True)).topic.get_absolute_url()
    ).content.decode()
    assert re.search(
        r'<a class="button" href="https://(?!www\.politie)[^"]+" rel="noreferrer" data-leave>', page
    )


def test_other_topics_have_no_way_to_leave(client, desks):
    assert "data-leave" not in client.get(desks[2].get_absolute_url()).content.decode()


def test_the_answer_to_a_sensitive_question_can_be_left_at_once_too(client, plan):
    assert "data-leave" in client.get("/zoeken?q=mijn man slaat mij").content.decode()
    assert "data-leave" not in client.get("/zoeken?q=fiets gestolen").content.decode()


@pytest.mark.parametrize("language", ["nl", "fr", "en", "de"])
def test_leaving_leads_to_the_weather_in_the_language_of_the_page(client, language):
    topic = make_channel(topic=make_topic(sensitive=True)).topic
    prefix = "" if language == "nl" else f"/{language}"
    page = client.get(f"{prefix}/contact/{topic.slug}").content.decode()
    assert f'href="https://www.meteo.be/{language}" rel="noreferrer"' in page


def test_a_sensitive_topic_offers_nothing_to_keep_on_the_phone(client):
    channel = make_channel(topic=make_topic(sensitive=True), schedule=make_schedule(*WORKDAYS))
    page = client.get(channel.topic.get_absolute_url()).content.decode()
    assert ".vcf" not in page
    assert ".ics" not in page


# --- Cards and calendars --------------------------------------------------------------------------


def lines_of(answer):
    """The logical lines of a download, after a check of its physical ones."""
    assert answer.status_code == 200
    body = answer.content
    assert body.endswith(b"\r\n")
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert max(len(line) for line in body.split(b"\r\n")) <= 75
    return body.decode().replace("\r\n ", "").split("\r\n")[:-1]


def test_a_card_has_what_a_phone_needs(client):
    channel = make_channel(label="Lijn; met, tekens", note="Bel\nof \\ mail. " + "é" * 80, kind="phone")
    topic = channel.topic
    answer = client.get(f"/contact/{topic.slug}/{channel.slug}.vcf")
    lines = lines_of(answer)
    assert answer.headers["Content-Type"] == "text/vcard; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{channel.slug}.vcf"'
    assert lines[:4] == ["BEGIN:VCARD", "VERSION:4.0", "KIND:org", f"UID:urn:uuid:{channel.pk}"]
    assert lines[5:] == [
        "FN:Politiezone Gent: Lijn\\; met\\, tekens",
        "ORG:Politiezone Gent",
        "TEL;TYPE=work,voice:+3292666111",
        "NOTE:Bel\\nof \\\\ mail. " + "é" * 80,
        f"URL:http://testserver/contact/{topic.slug}#{channel.slug}",
        "END:VCARD",
    ]


def test_a_card_of_a_desk_with_an_address_has_it(client):
    place = make_location(street="Antonianumlaan 10", postal_code="9000", city="Gent")
    channel = make_channel(kind="email", value="a@politie.be", location=place)
    lines = lines_of(client.get(f"/contact/{channel.topic.slug}/{channel.slug}.vcf"))
    assert "ADR:;;Antonianumlaan 10;Gent;;9000;" in lines
    assert "EMAIL;TYPE=work:a@politie.be" in lines


def test_a_unit_has_a_card_with_each_of_its_ways_once(client):
    unit = make_placement(make_organogram(), name="Team").unit
    for kind, value in (("phone", "+3292666111"), ("phone", "+3292666111"), ("email", "a@politie.be")):
        make_channel(unit=unit, kind=kind, value=value)
    make_channel(unit=unit, kind="sms", value="+32470123456")
    lines = lines_of(client.get(f"/eenheden/{unit.slug}.vcf"))
    assert [line for line in lines if line.startswith(("TEL", "EMAIL"))] == [
        "TEL;TYPE=work,voice:+3292666111", "EMAIL;TYPE=work:a@politie.be", "TEL;TYPE=work,text:+32470123456",
    ]  # fmt: skip
    assert f'href="/eenheden/{unit.slug}.vcf"' in client.get(unit.get_absolute_url()).content.decode()


def test_a_calendar_has_openings_in_utc_and_days_off(client, at):
    at("2026-12-24 10:00")
    schedule = make_schedule(*WORKDAYS, closed_on_public_holidays=True)
    make_exception(schedule, first_day="2026-12-28", last_day="2026-12-29", reason="Verbouwing")
    channel = make_channel(label="Balie, Gent", schedule=schedule)
    address = f"/en/contact/{channel.topic.slug}/{channel.slug}.ics"
    answer = client.get(address)
    lines = lines_of(answer)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert lines[:3] == ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Politiezone Gent//Openingsuren//NL"]
    events = [line for line in lines if line.startswith(("DTSTART", "DTEND", "SUMMARY"))]
    assert events[:12] == [
        "DTSTART:20261224T080000Z", "DTEND:20261224T160000Z", "SUMMARY:Open: Balie\\, Gent",
        "DTSTART;VALUE=DATE:20261225", "DTEND;VALUE=DATE:20261226",
        "SUMMARY:Closed: Balie\\, Gent (public holiday)",
        "DTSTART;VALUE=DATE:20261228", "DTEND;VALUE=DATE:20261230",
        "SUMMARY:Closed: Balie\\, Gent (Verbouwing)",
        "DTSTART:20261230T080000Z", "DTEND:20261230T160000Z", "SUMMARY:Open: Balie\\, Gent",
    ]  # fmt: skip
    identities = [line for line in lines if line.startswith("UID:")]
    assert len(set(identities)) == len(identities) == lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT")
    assert answer.content == client.get(address).content


def test_summer_time_shows_in_a_calendar(client, at):
    at("2026-03-27 10:00")
    channel = make_channel(schedule=make_schedule(*WORKDAYS))
    lines = lines_of(client.get(f"/contact/{channel.topic.slug}/{channel.slug}.ics"))
    starts = [line for line in lines if line.startswith("DTSTART")]
    assert starts[:2] == ["DTSTART:20260327T080000Z", "DTSTART:20260330T070000Z"]


def test_downloads_are_offered_where_there_is_something_to_download(client, desks):
    school = client.get(desks[2].get_absolute_url()).content.decode()
    general = client.get(desks[1].get_absolute_url()).content.decode()
    assert [school.count(".vcf"), school.count(".ics")] == [1, 1]
    assert [general.count(".vcf"), general.count(".ics")] == [1, 0]


@pytest.mark.parametrize(
    "changes", [{"kind": "web", "value": "https://politie.be"}, {"value": ""}, {"status": "draft"}]
)
@pytest.mark.parametrize("form", ["vcf", "ics"])
def test_there_is_no_download_without_a_number_or_hours(client, changes, form):
    channel = make_channel(**changes)
    assert client.get(f"/contact/{channel.topic.slug}/{channel.slug}.{form}").status_code == 404


def test_a_card_is_not_found_under_another_topic(client):
    channel = make_channel()
    assert client.get(f"/contact/{make_topic().slug}/{channel.slug}.vcf").status_code == 404


def test_a_unit_without_ways_or_that_is_not_public_has_no_card(client):
    organogram = make_organogram()
    team = make_placement(organogram, name="Team").unit
    assert client.get(f"/eenheden/{team.slug}.vcf").status_code == 404
    make_channel(unit=team)
    assert client.get(f"/eenheden/{team.slug}.vcf").status_code == 200
    type(team).objects.filter(pk=team.pk).update(publication_level="listed")
    assert client.get(f"/eenheden/{team.slug}.vcf").status_code == 404


# --- Stations -------------------------------------------------------------------------------------


@pytest.fixture
def areas():
    """Two parts that share a postcode, one derived from its postcode and one that is not known."""
    gentbrugge = make_location(name="Commissariaat Gentbrugge", serves="Gentbrugge en omgeving")
    antenne = make_location(name="Antenne Ledeberg", serves="Ledeberg")
    westrem = make_location(name="Politiepunt Westrem", serves="Sint-Denijs-Westrem")
    make_care_area(name="Gentbrugge", postal_code="9050", location=gentbrugge, certainty="named")
    make_care_area(name="Ledeberg", postal_code="9050", location=antenne, certainty="named")
    make_care_area(
        name="Sint-Denijs-Westrem",
        also_called="Saint-Denis-Westrem",
        postal_code="9051",
        location=westrem,
        certainty="named",
    )
    make_care_area(name="Afsnee", postal_code="9051", location=westrem, certainty="derived")
    make_care_area(name="Mariakerke", postal_code="9030")


def found_for(client, typed):
    answer = client.get("/commissariaten", {"postcode": typed})
    assert answer.status_code == 200
    return answer.context["answer"].match, [area.name for area in answer.context["answer"].areas]


@pytest.mark.parametrize(
    ("typed", "match", "names"),
    [
        ("9050", "found", ["Gentbrugge", "Ledeberg"]),
        (" B-9050 ", "found", ["Gentbrugge", "Ledeberg"]),
        ("9051 Afsnee", "found", ["Afsnee"]),
        ("B-9050 ledeberg", "found", ["Ledeberg"]),
        ("9050 Gent", "found", ["Gentbrugge", "Ledeberg"]),
        ("9050, Gent", "found", ["Gentbrugge", "Ledeberg"]),
        ("Gent 9050", "found", ["Gentbrugge", "Ledeberg"]),
        ("Gent (9050)", "found", ["Gentbrugge", "Ledeberg"]),
        ("BE-9050", "found", ["Gentbrugge", "Ledeberg"]),
        ("be 9050 gent, België", "found", ["Gentbrugge", "Ledeberg"]),
        ("B‑9050", "found", ["Gentbrugge", "Ledeberg"]),
        ("９０５０", "found", ["Gentbrugge", "Ledeberg"]),
        ("\u200b9050\ufeff", "found", ["Gentbrugge", "Ledeberg"]),
        ("9050\u00a0Ledeberg", "found", ["Ledeberg"]),
        ("9050-Ledeberg", "found", ["Ledeberg"]),
        ("9050 – Ledeberg", "found", ["Ledeberg"]),
        ("Ledeberg, 9050", "found", ["Ledeberg"]),
        ("Sint-Denijs-Westrem 9051", "found", ["Sint-Denijs-Westrem"]),
        ("Brussel 1000", "outside", []),
        ("gentbrugge", "found", ["Gentbrugge"]),
        ("St. Denijs Westrem", "found", ["Sint-Denijs-Westrem"]),
        ("westrem", "found", ["Sint-Denijs-Westrem"]),
        ("omgeving", "found", ["Gentbrugge"]),
        ("Afsnée", "found", ["Afsnee"]),
        ("Genbrugge", "similar", ["Gentbrugge"]),
        ("Mariakerke", "found", ["Mariakerke"]),
        ("9000", "unfilled", []),
        ("9999", "outside", []),
        ("1000 Brussel", "outside", []),
        ("Antwerpen", "unheard_of", []),
        ("Gendbruge", "similar", ["Gentbrugge"]),
        ("ledeburg", "similar", ["Ledeberg"]),
        ("Mariakerk", "similar", ["Mariakerke"]),
        ("sint denys westrem", "similar", ["Sint-Denijs-Westrem"]),
        ("afsne", "similar", ["Afsnee"]),
        ("Saint-Denis-Westrem", "found", ["Sint-Denijs-Westrem"]),
        ("Sankt Denijs Westrem", "found", ["Sint-Denijs-Westrem"]),
    ],
)
def test_a_postcode_or_name_finds_its_parts_of_the_city(client, areas, typed, match, names):
    found, parts = found_for(client, typed)
    assert (found, sorted(parts)) == (match, sorted(names))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("9050", "More than one part of the city fits."),
        ("Ledeberg", "The source names this part of the city, but not its borders."),
        ("Afsnee", "This is likely: it follows from the postcode."),
        ("Mariakerke", "Our source does not say which police station serves this part."),
        ("9000", "Our source does not say which police station serves it."),
        ("2000", "This postcode is not in our zone."),
        ("Antwerpen", "We know no part of Ghent with this name."),
        ("Genbrugge", "Do you mean one of these?"),
    ],
)
def test_the_answer_says_how_sure_it_is(client, areas, typed, sentence):
    answer = client.get("/en/commissariaten", {"postcode": typed})
    assert sentence in text_of(answer)
    assert faults_of(answer.content.decode()) == []


@pytest.mark.parametrize("typed", ["2000", "Antwerpen"])
def test_who_lives_elsewhere_is_sent_to_their_own_police(client, areas, typed):
    assert (
        'href="https://www.politie.be/nl"'
        in client.get("/commissariaten", {"postcode": typed}).content.decode()
    )


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "  ",
        "90",
        "90500",
        "0900",
        "Dorpstraat 12",
        "?",
        "x" * 61,
        "tel 2666756",
        "09 266 67 56",
        "Kortrijksesteenweg 1050",
        "9000 9050",
        "9050 12",
        "٩٠٥٠",
    ],
)
def test_what_cannot_be_a_place_is_refused_and_kept(client, areas, typed):
    answer = client.get("/commissariaten", {"postcode": typed})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert 'aria-describedby="postcode-error"' in page
    assert f'value="{typed}"' in page
    assert faults_of(page) == []


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("Gand", {"Gent-Centrum", "Gent-West", "Nieuw Gent", "Gent, andere delen"}),
        ("Ghent centre", {"Gent-Centrum"}),
        ("Gent Zentrum", {"Gent-Centrum"}),
        ("Gand Ouest", {"Gent-West"}),
        ("Tronchiennes", {"Drongen"}),
        ("Mont-Saint-Amand", {"Sint-Amandsberg"}),
        ("wondelgm", {"Wondelgem"}),
        ("sint amantsberg", {"Sint-Amandsberg"}),
        ("oostaker", {"Oostakker"}),
        ("zwijnarde", {"Zwijnaarde"}),
        ("de kanaaldorpen", {"Oostakker", "Desteldonk", "Mendonk", "Sint-Kruis-Winkel"}),
    ],
)
def test_other_languages_and_typing_errors_find_the_parts_of_the_plan(client, plan, typed, names):
    assert names <= set(found_for(client, typed)[1])


def test_a_station_that_is_not_public_is_not_named(client):
    hidden = make_location(name="Geheim", serves="Verborgen wijk", status="draft")
    make_care_area(name="Wijk", postal_code="9050", location=hidden, certainty="named")
    assert "Geheim" not in text_of(client.get("/commissariaten?postcode=9050"))
    assert found_for(client, "verborgen")[0] == "unheard_of"
    assert client.get(hidden.get_absolute_url()).status_code == 404


def test_an_area_that_an_editor_fills_is_shown_at_once(client, areas):
    area = CareArea.objects.get(name="Mariakerke")
    area.location, area.certainty = make_location(name="Commissariaat Nieuw"), "named"
    area.save()
    assert "Commissariaat Nieuw" in text_of(client.get("/commissariaten?postcode=9030"))


def test_every_postcode_of_the_city_has_an_answer(client, plan):
    found = {}
    for postcode in get_zone().postal_code_list:
        answer = client.get("/commissariaten", {"postcode": postcode}).context["answer"]
        found[postcode] = {area.location.name if area.location else None for area in answer.areas}
    assert found == {
        "9000": {"Commissariaat Gent-Centrum", "Commissariaat Gent-West", "Commissariaat Nieuw-Gent", None},
        "9030": {None},
        "9031": {"Antenne Drongen"},
        "9032": {"Commissariaat Wondelgem"},
        "9040": {"Commissariaat Sint-Amandsberg"},
        "9041": {"Antenne Oostakker en kanaaldorpen"},
        "9042": {"Antenne Oostakker en kanaaldorpen"},
        "9050": {"Commissariaat Gentbrugge", "Antenne Ledeberg"},
        "9051": {"Politiepunt Sint-Denijs-Westrem"},
        "9052": {"Politiepunt Zwijnaarde"},
    }


def test_a_station_shows_what_it_serves_and_who_to_call(client, at):
    at("2026-11-24 10:00")
    unit = make_placement(make_organogram(), name="Wijkteam").unit
    place = make_location(name="Commissariaat Noord", unit=unit)
    make_care_area(name="Noord", postal_code="9000", location=place, certainty="named")
    make_channel(label="Balie", location=place, value="+3292666756", schedule=make_schedule(*WORKDAYS))
    make_channel(label="Team", unit=unit, value="+3292666757")
    make_channel(label="Elders", value="+3292666758")
    address = place.get_absolute_url()
    page = client.get(f"/en{address}")
    text = text_of(page)
    for part in ("9000 Noord", "09 266 67 56", "09 266 67 57", "Open now until 17.00."):
        assert part in text
    assert "09 266 67 58" not in text
    assert faults_of(page.content.decode()) == []
    assert count_queries(client, address) <= MOST_QUERIES


@pytest.mark.parametrize(("appointment_needed", "is_said"), [(True, True), (False, False)])
def test_by_appointment_only_is_said_unless_a_desk_there_is_open_to_all(client, appointment_needed, is_said):
    location = make_location()
    make_channel(location=location, kind="desk", value="", appointment_needed=appointment_needed)
    for address in (location.get_absolute_url(), "/commissariaten"):
        text = text_of(client.get(f"/en{address}"))
        assert ("only come by appointment" in text) is is_said


@pytest.mark.parametrize("address", ["/", "/contact", "/contact/scholen"])
def test_another_language_asks_the_database_no_more_than_dutch(client, desks, address):
    _emergency, _general, school = desks
    page = school.get_absolute_url() if address == "/contact/scholen" else address
    for number in range(3):
        make_channel(topic=school, label=f"Lijn {number}")
    assert count_queries(client, f"/fr{page}") == count_queries(client, page)


def test_a_station_of_which_little_is_known_says_so(client):
    place = make_location()
    text = text_of(client.get(f"/en{place.get_absolute_url()}"))
    assert "Our source gives no number or opening hours of this place." in text
    assert "Address not in our source" in text
    assert "Serves" not in text


# --- What else, and what comes --------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/en/contact", "/en/contact/{}"])
def test_the_way_out_is_one_that_is_open(client, desks, at, address):
    at("2026-11-24 20:00")
    night = make_channel(topic=desks[1], value="+3292666753", schedule=make_schedule(always_open=True))
    day = make_channel(topic=desks[1], value="+3292666752", schedule=make_schedule(*WORKDAYS), fallback=night)
    topic = make_channel(schedule=make_schedule(*WORKDAYS), fallback=day).topic
    own_page = address.format(topic.slug)
    assert "Now use: 09 266 67 53" in text_of(client.get(own_page))
    at("2026-11-24 08:59")
    assert "Now use: 09 266 67 53" in text_of(client.get(own_page))


def test_the_languages_spoken_are_told_by_name(client):
    topic = make_channel(languages=["fr", "vgt", "tr"]).topic
    text = text_of(client.get(f"/en{topic.get_absolute_url()}"))
    assert "Languages: French, Flemish Sign Language, tr" in text


def test_a_number_that_is_not_in_the_source_gives_way_to_what_to_use(client):
    other = make_channel(value="+3292666753")
    topic = make_channel(
        value="", label="Lijn", schedule=make_schedule(always_open=True), fallback=other
    ).topic
    text = text_of(client.get(f"/en{topic.get_absolute_url()}"))
    assert "Call 09 266 67 53" in text
    assert "Lijn" not in text


def test_ways_out_that_are_all_closed_name_the_first_and_end(client, desks, at):
    at("2026-11-24 20:00")
    schedule = make_schedule(*WORKDAYS)
    first = make_channel(topic=desks[1], value="+3292666752", schedule=schedule)
    second = make_channel(value="+3292666753", schedule=schedule, fallback=first)
    type(first).objects.filter(pk=first.pk).update(fallback=second)
    assert "Now use: 09 266 67 52" in text_of(client.get(f"/en{second.topic.get_absolute_url()}"))


@pytest.mark.parametrize(
    ("rule", "moment", "told"),
    [
        # A holiday is told to its end, also when that is further ahead than holidays are announced.
        ("school_days_only", "2026-12-01 10:00", "21 December 2026 – 1 January 2027: Kerstvakantie"),
        ("closed_on_public_holidays", "2026-12-01 10:00", "25 December 2026: public holiday"),
        (
            "closed_on_public_holidays",
            "2026-12-10 10:00",
            "25 December 2026: public holiday 1 January 2027: public holiday",
        ),
    ],
)
def test_holidays_of_the_coming_weeks_are_announced(client, at, rule, moment, told):
    at(moment)
    make_school_holiday(name="Kerstvakantie", first_day="2026-12-21", last_day="2027-01-03")
    topic = make_channel(schedule=make_schedule(*WORKDAYS, **{rule: True})).topic
    assert f"Holidays in the coming weeks: {told} " in text_of(client.get(f"/en{topic.get_absolute_url()}"))


def test_the_sensitive_topics_of_the_plan_can_be_left(client, plan):
    for slug in ("slachtofferhulp", "lgbt"):
        assert "data-leave" in client.get(f"/contact/{slug}").content.decode()


def test_an_address_breaks_between_its_parts(client):
    channel = make_channel(kind="email", value="BAS.Gent@police.belgium.eu")
    assert (
        "BAS.<wbr>Gent<wbr>@police.<wbr>belgium.<wbr>eu</a>"
        in client.get(channel.topic.get_absolute_url()).content.decode()
    )


@pytest.mark.parametrize(
    "address",
    ["/contact?audience=deaf", "/contact?q=ik ben doof", "/en/contact?q=I am deaf", "/de/contact?q=taub"],
)
def test_who_is_deaf_is_not_sent_to_a_telephone(client, plan, address):
    html = client.get(address).content.decode()
    urgent = html.split('aria-labelledby="urgent"')[1].split("</section>")[0]
    assert "112 BE" in urgent
    assert "https://www.112.be/nl/voor-doven" in urgent
    assert "tel:101" not in urgent


@pytest.mark.parametrize(
    ("address", "slug"),
    [
        ("/contact?q=ze hebben mijn fiets gepikt", "aangifte-of-afspraak"),
        ("/contact?q=ik ben leraar", "scholen"),
        ("/contact?q=pers", "pers"),
        ("/contact?q=hond blaft", "niet-dringende-hulp"),
        ("/en/contact?q=my bike was stolen", "aangifte-of-afspraak"),
    ],
)
def test_a_sentence_leads_to_the_likeliest_need(client, plan, address, slug):
    assert client.get(address).context["route"].others[0].topic.slug == slug


def test_what_hardly_fits_is_no_answer(client, plan):
    assert client.get("/contact?q=organogram").context["route"].total == 0


def test_an_answer_that_is_an_emergency_is_pointed_at(client, plan):
    text = text_of(client.get("/contact?q=spookrijder"))
    assert "1 antwoord past." in text
    assert "Wat past, staat hierboven, bij ‘Is het dringend?’." in text


def test_where_nothing_fits_danger_is_thought_of_first(client, desks):
    text = text_of(client.get("/en/contact?q=zzz"))
    assert text.index("Call 101 at once.", text.index("0 answers")) < text.index("No answer fits.")


def test_another_way_that_is_closed_too_is_not_offered(client, at):
    at("2026-11-24 20:00")
    day_and_night = make_channel(value="+3292666111", schedule=make_schedule(always_open=True))
    hours = make_schedule(*WORKDAYS)
    call = make_channel(value="+3292666750", schedule=hours, fallback=day_and_night)
    make_channel(topic=call.topic, kind="email", value="bas@example.be", alternative=call)
    address = f"/en{call.topic.get_absolute_url()}"
    assert "Another way: 09 266 61 11" in text_of(client.get(address))
    at("2026-11-24 10:00")
    assert "Another way: 09 266 67 50" in text_of(client.get(address))


def test_a_place_names_a_way_out_that_is_open(client, at):
    at("2026-11-24 20:00")
    day_and_night = make_channel(value="+3292666111", schedule=make_schedule(always_open=True))
    also_closed = make_channel(value="+3292666750", schedule=make_schedule(*WORKDAYS), fallback=day_and_night)
    place = make_location()
    make_channel(location=place, schedule=make_schedule(*WORKDAYS), fallback=also_closed, value="+3292666751")
    text = text_of(client.get(f"/en{place.get_absolute_url()}"))
    assert "Now use: 09 266 61 11" in text
    assert "09 266 67 50" not in text


def test_an_appointment_is_only_said_to_be_needed_where_that_is_known(client):
    place = make_location()
    said = {
        "/en/commissariaten": "To a police station you can only come by appointment.",
        f"/en{place.get_absolute_url()}": "You can only come by appointment.",
    }
    assert not any(words in text_of(client.get(address)) for address, words in said.items())
    make_channel(kind="desk", label="Balie", value="", location=make_location(), appointment_needed=True)
    assert all(words in text_of(client.get(address)) for address, words in said.items())
    make_channel(kind="desk", label="Open balie", value="", location=place, appointment_needed=False)
    assert not any(words in text_of(client.get(address)) for address, words in said.items())


@pytest.mark.parametrize("kind", ["antenne", "politiepunt"])
def test_what_holds_for_the_desks_of_police_stations_is_not_said_of_smaller_places(client, kind):
    make_channel(kind="desk", label="Balie", value="", location=make_location(), appointment_needed=True)
    place = make_location(kind=kind)
    address = f"/en{place.get_absolute_url()}"
    text = text_of(client.get(address))
    assert "only come by appointment" not in text
    assert "Our source does not say whether you need an appointment here. Call first." in text
    make_channel(kind="desk", label="Loket", value="", location=place, appointment_needed=True)
    assert "You can only come by appointment." in text_of(client.get(address))


def test_a_unit_without_a_page_that_opens_is_not_named(client):
    unit = make_placement(make_organogram()).unit
    topic = make_topic(unit=unit)
    place = make_location(unit=unit)
    make_channel(topic=topic, unit=unit, value="+3292666750")
    pages = [topic.get_absolute_url(), place.get_absolute_url()]
    assert all(unit.get_absolute_url() in client.get(page).content.decode() for page in pages)
    assert client.get(f"{unit.get_absolute_url()}.vcf").status_code == 200
    make_hidden_place(unit=unit)
    assert client.get(unit.get_absolute_url()).status_code == 404
    assert not any(unit.get_absolute_url() in client.get(page).content.decode() for page in pages)
    assert client.get(f"{unit.get_absolute_url()}.vcf").status_code == 404


def test_a_contact_card_without_a_number_is_not_there(client):
    unit = make_placement(make_organogram()).unit
    make_channel(unit=unit, value="")
    assert client.get(f"{unit.get_absolute_url()}.vcf").status_code == 404


def test_a_day_that_the_night_before_reaches_into_can_be_closed(client, at):
    at("2026-11-24 10:00")
    hours = make_schedule((4, "22:00", "02:00"), (5, "10:00", "12:00"))
    make_exception(
        hours, first_day=datetime.date(2026, 11, 28), last_day=datetime.date(2026, 11, 28), reason="Feest"
    )
    channel = make_channel(schedule=hours)
    lines = lines_of(client.get(f"/contact/{channel.topic.slug}/{channel.slug}.ics"))
    assert "DTSTART;VALUE=DATE:20261128" in lines
    assert "DTEND;VALUE=DATE:20261129" in lines


@pytest.mark.parametrize("typed", ["Dampoort", "Muide-Meulestede"])
def test_a_priority_district_of_the_plan_is_a_part_of_the_city(client, plan, typed):
    match, _names = found_for(client, typed)
    assert match in ("found", "unfilled")


@pytest.mark.parametrize(
    ("prefix", "said"),
    [
        ("", "maandag om 8.30 uur"),
        ("/fr", "lundi à 8 h 30"),
        ("/en", "Monday at 8.30"),
        ("/de", "Montag um 8.30 Uhr"),
    ],
)
def test_a_time_is_written_as_in_the_language(client, at, prefix, said):
    at("2026-11-28 10:00")
    channel = make_channel(value="+3292666750", schedule=make_schedule((0, "08:30", "12:00")))
    with translation.override("nl"):
        address = channel.topic.get_absolute_url()
    assert said in text_of(client.get(f"{prefix}{address}"))


@pytest.mark.parametrize(
    ("prefix", "said"), [("", "Adres: Straat 1"), ("/fr", "Adresse\N{NO-BREAK SPACE}: Straat 1")]
)
def test_a_colon_is_written_as_in_the_language(client, prefix, said):
    make_location(street="Straat 1", postal_code="9000", city="Gent")
    assert said in client.get(f"{prefix}/commissariaten").content.decode()


def test_a_unit_without_a_number_names_the_general_one(client):
    unit = make_placement(make_organogram()).unit
    make_channel(unit=unit, kind="desk", value="", appointment_needed=True)
    said = "Not sure? Call the general number, day and night: 09 266 61 11"
    with translation.override("nl"):
        address = unit.get_absolute_url()
    assert said in text_of(client.get(f"/en{address}"))
    make_channel(unit=unit, value="+3292666750")
    assert said not in text_of(client.get(f"/en{address}"))


def test_a_fault_can_be_reported_at_once(client):
    make_channel(kind="email", value="later@example.be", topic=make_topic(position=2))
    make_channel(kind="email", value="meldpunt@example.be", topic=make_topic(position=1))
    html = client.get("/over?pagina=/contact").content.decode()
    fault = html.split('id="fault"')[1].split("<h2")[0]
    assert 'href="mailto:meldpunt@example.be"' in fault
    assert "tel:+3292666111" in fault
    assert "later@" not in fault
