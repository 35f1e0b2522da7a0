"""The public pages as a whole: without a cookie, with the emergency numbers first, and in few queries."""

import pytest
from django.conf import settings

from tests.make import make_channel, make_location, make_organogram, make_placement, make_topic
from tests.pages import MOST_QUERIES, count_queries, faults_of, text_of

pytestmark = pytest.mark.django_db
PAGES = [
    "/", "/contact", "/commissariaten", "/organogram", "/projecten", "/strategie", "/formatie", "/beleid", "/cijfers",
    "/documenten", "/begrippen", "/zoeken", "/zoeken?q=fiets", "/toegankelijkheid", "/privacy", "/over", "/open-data",
]  # fmt: skip
NUMBERS = ["tel:101", "tel:112", "112.be/nl/voor-doven", "tel:+3292666111"]


def numbers_of(body):
    """The places of the emergency numbers, counted from the start of the body."""
    inside = body[body.index("<body") :]
    return [inside.index(number) for number in NUMBERS]


@pytest.mark.parametrize("address", PAGES)
def test_every_page_works_on_an_empty_database(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    assert faults_of(answer.content.decode()) == []


@pytest.mark.parametrize(
    "address", [*PAGES, "/contact/scholen", "/eenheden/wijkdienst", "/commissariaten?postcode=9031"]
)
def test_every_page_of_the_plan_takes_few_queries(client, plan, address):
    assert count_queries(client, address) <= MOST_QUERIES


@pytest.mark.parametrize(
    ("address", "status"), [("/bestaat-niet", 404), ("/eenheden/x", 404), ("/x%00", 400)]
)
def test_errors_carry_the_emergency_numbers(client, address, status):
    answer = client.get(address)
    assert answer.status_code == status
    assert max(numbers_of(answer.content.decode())) < 2048


def test_the_general_number_stands_in_no_template():
    found = [
        path.name
        for path in (settings.BASE_DIR / "templates").rglob("*.html")
        if NUMBERS[-1] in path.read_text()
    ]
    assert found == []


def test_a_broken_page_still_shows_the_emergency_numbers(client, monkeypatch):
    client.raise_request_exception = False

    def broken():
        raise RuntimeError

    monkeypatch.setattr("contact.views.topics_now", broken)
    answer = client.get("/contact")
    assert answer.status_code == 500
    assert max(numbers_of(answer.content.decode())) < 2048


def test_a_topic_shows_its_channels_and_what_to_use_when_closed(client):
    other = make_channel(label="Algemeen nummer")
    topic = make_topic(title="Scholen")
    make_channel(topic=topic, label="Lijn voor scholen", value="+3292666750", fallback=other)
    text = text_of(client.get(topic.get_absolute_url()))
    assert "Lijn voor scholen" in text
    assert "09 266 67 50" in text


def test_an_unknown_topic_is_not_found(client):
    assert client.get("/contact/bestaat-niet").status_code == 404


def test_a_station_is_found_by_postcode(client, plan):
    assert "Antenne Drongen" in text_of(client.get("/commissariaten?postcode=9031"))
    assert client.get("/commissariaten?postcode=1000").status_code == 200
    assert client.get("/commissariaten", {"postcode": "x" * 300}).status_code == 400


def test_a_place_without_an_address_says_so(client):
    make_location(name="Commissariaat Noord")
    assert "Commissariaat Noord" in text_of(client.get("/commissariaten"))


def test_a_unit_without_channels_shows_those_above_it(client):
    root = make_placement(make_organogram(), name="Korps")
    team = make_placement(root.organogram, root, name="Team")
    make_channel(label="Lijn van het korps", unit=root.unit)
    assert "Lijn van het korps" in text_of(client.get(team.unit.get_absolute_url()))


def test_robots_stay_out_of_the_admin(client):
    assert "Disallow: /admin/" in client.get("/robots.txt").content.decode()


@pytest.mark.parametrize("prefix", ["/fr", "/en", "/de"])
def test_the_other_languages_have_their_addresses(client, prefix):
    assert client.get(f"{prefix}/contact").status_code == 200


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/fr", "/fr/"),
        ("/admin", "/admin/"),
        ("/contact/", "/contact"),
        ("/de/contact/scholen/?a=b", "/de/contact/scholen?a=b"),
    ],
)
def test_an_address_typed_by_hand_leads_where_it_should(client, typed, meant):
    answer = client.get(typed)
    assert (answer.status_code, answer.headers["Location"]) == (302, meant)


@pytest.mark.parametrize("typed", ["//evil.example/", "/%5Cevil.example/", "/api/v1/units/", "/admin/x/"])
def test_no_address_leads_to_another_site(client, typed):
    assert "evil" not in client.get(typed).headers.get("Location", "")
    assert "/api" not in client.get(typed).headers.get("Location", "")
