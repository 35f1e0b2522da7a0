"""Direct answers above the results of the search: numbers, days, places, meanings, and an honest nothing."""

import datetime

import pytest
from django.utils import translation

from pzgent.kernel import clock
from pzgent.search.answers import day_meant
from tests.make import make_organogram
from tests.pages import faults_of

pytestmark = pytest.mark.django_db
TODAY = datetime.datetime(2026, 11, 30, 12, tzinfo=datetime.UTC)


def direct(client, address):
    """Return the text of the direct answer on a page."""
    html = client.get(address).content.decode()
    assert faults_of(html) == []
    return html.split('id="direct"')[1].split("</section>")[0] if 'id="direct"' in html else ""


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/zoeken?q=hoeveel inspecteurs werken er", ["883", "26 april 2021"]),
        ("/en/zoeken?q=how many inspectors", ["883", "26 April 2021"]),
        ("/fr/zoeken?q=combien d'inspecteurs", ["883"]),
        ("/de/zoeken?q=wie viele Inspektoren", ["883"]),
        ("/zoeken?q=hoeveel mensen werken bij de politie", ["1.422"]),
        ("/zoeken?q=hoeveel fietsen heeft de politie", ["398"]),
        ("/zoeken?q=1181", ["1.181", "operationeel personeel"]),
        ("/zoeken?q=1 181", ["1.181"]),
        ("/zoeken?q=883", ["Inspecteur van politie: 883"]),
        ("/zoeken?q=wat betekent calog", ["Administratief en logistiek kader"]),
        ("/zoeken?q=wat veranderde er in het organogram", ["/organogram"]),
    ],
)
def test_what_is_asked_is_answered_above_the_results(client, plan, address, said):
    answer = direct(client, address)
    assert [part for part in said if part not in answer] == []


@pytest.mark.parametrize(
    "address", ["/zoeken?q=fiets gestolen", "/zoeken?q=9000", "/zoeken?q=hoeveel verdient", "/zoeken"]
)
def test_what_asks_for_no_fact_gets_none(client, plan, address):
    assert direct(client, address) == ""


def test_the_hours_of_a_day_name_the_holiday(client, plan):
    with clock.set_to(TODAY):
        answer = direct(client, "/zoeken?q=open op 11 november?")
    assert "Donderdag 11 november 2027 (Wapenstilstand)" in answer
    assert "Werken bij de politie: gesloten" in answer
    assert "de hele dag open" in answer


@pytest.mark.parametrize(
    ("language", "question", "day"),
    [
        ("nl", "open op 25/12", (2026, 12, 25)),
        ("nl", "gesloten op 1 mei", (2027, 5, 1)),
        ("nl", "zondag open", (2026, 12, 6)),
        ("nl", "open met kerstmis", (2026, 12, 25)),
        ("nl", "morgen open?", (2026, 12, 1)),
        ("en", "open on December 25th", (2026, 12, 25)),
        ("fr", "ouvert le 1er mai", (2027, 5, 1)),
        ("de", "ist sonntags geöffnet", (2026, 12, 6)),
        ("nl", "open op 31 februari", None),
        ("nl", "wanneer open", None),
    ],
)
def test_a_day_is_the_next_one_of_that_name(language, question, day):
    with translation.override(language), clock.set_to(TODAY):
        assert day_meant(question) == (datetime.date(*day) if day else None)


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ("waar kan ik terecht als ik in Mariakerke woon", "Mariakerke"),
        ("welk commissariaat voor de Brugse Poort", "Brugse Poort"),
        ("politie in Zwijnaarde openingsuren", "Zwijnaarde"),
        ("waar moet ik zijn in Zwijnaarde?", "Zwijnaarde"),
        ("afspraak maken in 9040", "9040"),
    ],
)
def test_a_place_in_a_longer_question_gets_the_station_finder(client, plan, question, place):
    html = client.get("/zoeken", {"q": question}).content.decode()
    assert place in html.split('id="answer-title"')[1].split("</h2>")[0]


@pytest.mark.parametrize("question", ["fiets gestolen in Drongen", "project in Ledeberg"])
def test_a_place_beside_another_matter_does_not(client, plan, question):
    assert 'id="answer-title"' not in client.get("/zoeken", {"q": question}).content.decode()


def test_without_a_topic_the_best_hit_stands_on_top(client, plan):
    html = client.get("/zoeken?q=drugco").content.decode()
    assert "Drugscoördinator" in html.split('class="best-answer"')[1].split("</section>")[0]


def test_nothing_is_said_to_be_nothing_with_the_number_to_call(client, plan):
    html = client.get("/zoeken?q=xyzzyq").content.decode()
    empty = html.split('<div class="empty">')[1].split("</div>")[0]
    assert "Hierover hebben we niets" in empty
    assert "09 266 61 11" in empty


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/zoeken?q=wie leidt de directie operaties", ["Directeur Operaties"]),
        ("/en/zoeken?q=who leads DrugCo", ["Drugscoördinator", "hele korps"]),
        ("/fr/zoeken?q=qui dirige wijkdienst", ["Wijkdirectie"]),
    ],
)
def test_who_leads_a_part_is_a_post(client, plan, address, said):
    answer = direct(client, address)
    assert [part for part in said if part not in answer] == [], answer


def test_whose_boss_is_no_unit_gets_no_post(client, plan):
    assert direct(client, "/zoeken?q=mijn baas slaat mij, wie helpt") == ""


def test_what_changed_names_the_changes_and_shows_no_topic(client, plan):
    html = client.get("/zoeken?q=wat veranderde er in het organogram").content.decode()
    answer = html.split('id="direct"')[1].split("</section>")[0]
    assert "1 september 2021" in answer
    assert "Nieuw: Team PLUK" in answer
    assert "/organogram?datum=2021-09-01&amp;vergelijk=2021-01-01#changes" in answer
    assert 'class="best-answer"' not in html


def test_the_first_organogram_has_nothing_to_compare_with(client, db):
    make_organogram()
    assert "Het organogram toont" in direct(client, "/zoeken?q=wat veranderde er in het organogram")


def test_a_guide_that_fits_stands_before_its_topic_with_its_action(client, plan):
    html = client.get("/zoeken?q=mijn fiets is gestolen").content.decode()
    cards = html.split('class="best-answer"')[1].split("</section>")[0]
    guide, topic = cards.index("/stappenplannen/fiets-gestolen"), cards.index("/contact/aangifte-of-afspraak")
    assert guide < cards.index('class="button"') < topic


def test_a_guide_about_something_else_does_not(client, plan):
    assert (
        "/stappenplannen/inbraak"
        not in (
            client.get("/zoeken?q=hoe voorkom ik een inbraak")
            .content.decode()
            .split('class="best-answer"')[1]
            .split("</section>")[0]
        )
    )
