"""Words of danger: the emergency numbers come first whenever somebody may be hurt, in every language."""

import pytest
from django.utils import translation

from pzgent.search import search_everything
from pzgent.search.danger import may_need_to_leave, tells_of_danger
from pzgent.search.words import silent_in, stem
from tests.search_figures import ALARMS, wrong_alarms

DANGER = {
    "nl": [
        "er staat iemand met een mes aan de dampoort",
        "man met mes", "mes getrokken", "er wordt geschoten", "ik hoor schoten", "iemand met een pistool op de tram",
        "gewapende man in de school", "ze zijn aan het vechten op de Korenmarkt", "mijn man slaat mij",
        "er wordt ingebroken bij de buren", "ze breken bij mij in", "er is een inbreker in huis",
        "er is brand", "rook uit het dak", "vrouw schreeuwt om hulp", "ik hoor gegil", "iemand ligt te bloeden",
        "hij steekt iemand neer", "ik word gevolgd", "hij bedreigt mij nu, ik deed vorige week al aangifte",
        "HELP iemand valt mij aan", "er staat een man mét een ‘mes’", "bom gevonden",
    ],
    "en": [
        "there is a man with a gun outside", "someone has a knife", "someone is breaking in", "I hear screaming",
        "they are fighting in the street", "shots fired", "my house is on fire", "he is bleeding", "I’m being followed",
    ],
    "fr": [
        "un homme avec un couteau", "quelqu’un crie", "au secours", "il y a le feu", "on me menace avec une arme",
        "un cambrioleur chez moi", "j'entends des coups de feu", "mon mari me bat", "à l’aide",
    ],
    "de": [
        "ein Mann mit einem Messer", "jemand schreit", "es brennt", "er schlägt mich", "jemand bricht bei mir ein",
        "ich höre Schüsse", "Einbrecher im Haus", "sie prügeln sich",
    ],
}  # fmt: skip
PEACE = {
    "nl": [
        "messen slijpen", "wapenvergunning aanvragen", "vergunning voor een wapen", "inbraakpreventie", "bedankt",
        "klacht over geweld vorig jaar", "hoeveel gevallen van geweld in 2020", "statistieken geweld",
        "inbraak voorkomen", "fiets gestolen", "wapen inleveren", "organogram", "brandweerkazerne", "mijn mesje",
        "verkeersslachtoffers cijfers", "messentrekker betekenis", "dienst geweldbeheersing", "slagerij",
    ],
    "en": [
        "firearms permit", "gun licence", "crime statistics", "thank you", "fire safety advice", "fire department",
        "sharpen knives", "burglary prevention", "I lost my passport", "complaint about violence last year",
    ],
    "fr": [
        "j'ai perdu mes clés", "où sont mes papiers", "permis de port d'arme", "feu rouge", "mes enfants et mon mari",
        "merci", "statistiques de violence", "prévention cambriolage",
    ],
    "de": [
        "Waffenschein beantragen", "Messer schleifen", "Einbruchschutz", "danke", "Statistik Gewalt", "tot",
        "Anzeige wegen Gewalt im letzten Jahr",
    ],
}  # fmt: skip


def every(questions):
    return [question for listed in questions.values() for question in listed]


@pytest.mark.parametrize("question", every(DANGER))
def test_words_of_danger_are_heard(question):
    assert tells_of_danger(question)


@pytest.mark.parametrize("question", every(PEACE))
def test_a_question_in_peace_is_no_alarm(question):
    assert not tells_of_danger(question)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "/zoeken?q=er staat iemand met een mes aan de dampoort",
        "/zoeken?q=there is a man with a gun outside",
        "/en/zoeken?q=there is a man with a gun outside",
        "/zoeken?q=mes+9000+gent",
        "/zoeken?q=xyzzy+mes",
    ],
)
def test_101_comes_first_whatever_else_is_found(client, plan, address):
    needs = client.get(address).context["needs"]
    assert needs[0].topic.slug == "dringende-hulp"


@pytest.mark.django_db
@pytest.mark.parametrize("question", ["messen slijpen", "wapenvergunning aanvragen", "hoeveel inbraken"])
def test_101_does_not_push_aside_what_is_asked_in_peace(client, plan, question):
    needs = client.get("/zoeken", {"q": question}).context["needs"]
    assert all(need.topic.slug != "dringende-hulp" for need in needs if hasattr(need, "topic"))


@pytest.mark.parametrize(
    ("question", "language", "word", "is_silent"),
    [
        ("er staat iemand met een mes aan de dampoort", "nl", "mes", False),
        ("mes gestolen", "nl", "mes", False),
        ("on a volé mes papiers avec mon sac", "nl", "mes", True),
        ("mes papiers", "fr", "mes", True),
        ("close the door", "en", "door", False),
        ("door de politie", "nl", "door", True),
        ("wer war das", "de", "das", True),
    ],
)
def test_a_word_is_silent_in_its_own_language_only(question, language, word, is_silent):
    assert (word in silent_in(question, language, 2)) == is_silent


@pytest.mark.django_db
def test_the_knife_is_looked_for(plan):
    hits = search_everything("er staat iemand met een mes aan de dampoort").hits
    assert stem("mes") == "mes"
    assert len(hits) > 1


@pytest.mark.django_db
@pytest.mark.parametrize("half", ALARMS["urgent"])
def test_every_urgent_question_shows_101_and_no_other_does(plan, half):
    assert list(wrong_alarms("urgent", half)) == []
    assert list(wrong_alarms("neutral", half)) == []


def test_the_sets_are_large():
    sizes = {
        kind: sum(len(asked) for half in halves.values() for asked in half.values())
        for kind, halves in ALARMS.items()
    }
    assert sizes["urgent"] >= 100
    assert sizes["neutral"] >= 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "is_offered"),
    [
        ("/zoeken?q=mijn man sloeg me vorige maand", True),
        ("/fr/zoeken?q=violence conjugale", True),
        ("/zoeken?q=er staat een man met een mes", True),
        ("/zoeken?q=klacht over een agent", False),
        ("/zoeken?q=sleutels gevonden", False),
    ],
)
def test_who_may_have_to_hide_this_page_can_leave_it_quickly(client, plan, address, is_offered):
    assert ("data-leave" in client.get(address).content.decode()) is is_offered


@pytest.mark.parametrize(
    ("question", "page"),
    [("kan ik online aangifte doen", "nl"), ("kopie van mijn verklaring", "nl"), ("mes enfants", "fr")],
)
def test_a_word_of_danger_in_another_language_is_no_alarm(question, page):
    with translation.override(page):
        assert not tells_of_danger(question, page)
        assert not may_need_to_leave(question)
