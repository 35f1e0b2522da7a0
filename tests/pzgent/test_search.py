"""The search: real questions, Dutch words in every form, synonyms, typing errors, nothing stale and nothing hidden."""

import datetime

import pytest
import yaml
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from contact.models import Topic
from pzgent.kernel.searchable import IndexedText
from pzgent.models import SynonymRing
from pzgent.search import mark, search_everything
from pzgent.search.index import SearchIndex
from pzgent.search.words import stem, stems_of, words_of
from pzgent.worker import bring_up_to_date
from tests.browser import form_data
from tests.make import (
    make_channel,
    make_hidden_place,
    make_organogram,
    make_placement,
    make_project,
    make_schedule,
    make_topic,
    make_unit,
)
from tests.pages import faults_of, text_of
from tests.search_figures import FRESH, ranks_of

pytestmark = pytest.mark.django_db
QUESTIONS = yaml.safe_load((settings.BASE_DIR / "tests/pzgent/search_questions.yaml").read_text())

# Lowest mean reciprocal rank and share among the first three, by set and language. The bar is that of `tuned`; in
# Dutch, `j` falls short of it.
BARS = {
    "tuned": {"nl": (0.9, 0.95), "en": (0.85, 0.9), "fr": (0.85, 0.9), "de": (0.85, 0.9)},
    "held": {"nl": (0.9, 0.95), "en": (0.85, 0.9), "fr": (0.85, 0.9), "de": (0.85, 0.9)},
    "j": {"nl": (0.87, 0.95), "fr": (0.85, 0.9)},
    "n": {"nl": (0.84, 0.88), "fr": (0.74, 0.82)},
}


def keys_of(text):
    return [f"{hit.type}:{hit.slug}" for hit in search_everything(text).hits]


def titles_of(text):
    return [hit.title for hit in search_everything(text).hits]


def rank_of(question, answers):
    return next((place for place, key in enumerate(keys_of(str(question)), 1) if key in answers), 0)


@pytest.mark.parametrize("typed", ["09 266 65 90", "092666590", "+32 9 266 65 90", "0032 (0)9 266.65.90"])
def test_a_phone_number_in_any_spelling_finds_its_topic(typed):
    channel = make_channel(value="+3292666590")
    make_channel(value="+3292666111")
    assert keys_of(typed)[:1] == [f"topic:{channel.topic.slug}"]


@pytest.mark.parametrize("part", QUESTIONS)
def test_real_questions_find_their_answer_first(plan, part):
    ranks = {question: rank_of(question, answers) for question, answers in QUESTIONS[part].items()}
    reciprocal = sum(1 / rank for rank in ranks.values() if rank) / len(ranks)
    late = [question for question, rank in ranks.items() if not 1 <= rank <= 3]
    assert len(ranks) >= 60
    assert reciprocal >= 0.9, ranks
    assert len(late) <= 0.05 * len(ranks), late


@pytest.mark.parametrize(
    ("half", "language"), [(half, code) for half, sets in FRESH.items() for code in sets]
)
def test_fresh_questions_find_their_answer_in_their_language(plan, half, language):
    reciprocal, share = BARS[half][language]
    ranks = ranks_of(FRESH[half][language], language)
    assert ranks.reciprocal >= reciprocal, ranks.late
    assert ranks.on_screen >= share, ranks.late


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("fietsen", "fiets"),
        ("gestolen", "stolen"),
        ("financiën", "financieel"),
        ("Scholen", "school"),
        ("één", "een"),
        ("fietsje", "fietsen"),
        ("bendes", "bende"),
        ("wapens", "wapen"),
        ("adressen", "adres"),
        ("motoren", "motor"),
        ("geparkeerd", "parkeert"),
        ("aangevallen", "aanvallen"),
        ("bedreigd", "bedreiging"),
        ("opgelicht", "oplichting"),
    ],
)
def test_forms_of_one_word_share_a_stem(one, other):
    assert {stem(word) for word in words_of(one)} == {stem(word) for word in words_of(other)}


def test_words_are_folded_and_cut():
    assert words_of("Één café: camera's, O-team, D.O.O.B. 09/266") == [
        "een", "cafe", "cameras", "o", "team", "doob", "09", "266",
    ]  # fmt: skip


def test_words_that_say_nothing_are_left_out_unless_there_are_no_others():
    assert stems_of("waar is mijn fiets") == stems_of("fiets")
    assert stems_of("wie is het") != []


@pytest.mark.parametrize(
    "question", ["fiets", "FIETSEN", "fietsendiefstal", "diefstal", "fietsdiefstl", "fiets gestolen"]
)
def test_a_compound_is_found_by_its_parts_its_forms_and_its_errors(question):
    make_project(title="Fietsdiefstal")
    SynonymRing.objects.create(slug="dief", words="gestolen\ndiefstal")
    assert "Fietsdiefstal" in " ".join(titles_of(question))


def test_data_are_not_given_and_news_is_not_new():
    assert stem("gegevens") != stem("geven")
    assert stem("nieuws") != stem("nieuw")


@pytest.mark.parametrize("question", ["verkeers dienst", "verkeerdienst", "verkeersdinst"])
def test_a_compound_that_is_cut_or_misspelt_is_found_whole(question):
    make_project(title="Verkeer op school")
    make_project(title="Dienst na verkoop")
    make_project(title="Verkeersdienst")
    assert titles_of(question)[0].endswith("Verkeersdienst")


@pytest.mark.parametrize(
    ("question", "title"),
    [("inspekteur", "Inspecteur"), ("aangivte", "Aangifte"), ("integritijt", "Integriteit")],
)
def test_who_writes_by_ear_is_understood(question, title):
    make_project(title=title)
    assert titles_of(question)[0].endswith(title)


def test_a_stem_within_another_word_is_no_part_of_it():
    make_project(title="Onderzoek")
    make_project(title="Zoek")
    assert len(titles_of("zoek")) == 1


def test_a_name_that_says_all_comes_before_one_that_says_more():
    documents = [
        IndexedText("topic", 1, "Iets", ["wapen op school", "wapen in huis", "wapen op straat"]),
        IndexedText("topic", 2, "Iets", ["wapen"]),
    ]
    found, _meant = SearchIndex(documents).search("wapen", 5)
    assert [hit.document.item for hit in found] == [2, 1]


def test_a_title_comes_before_what_others_call_something():
    documents = [IndexedText("topic", 1, "Plannen", ["ZVP"]), IndexedText("topic", 2, "Plan", names=["ZVP"])]
    assert SearchIndex(documents).search("zvp", 5)[0][0].document.item == 2


def test_what_nearly_everything_could_be_asked_with_is_not_marked_for_a_synonym():
    documents = [IndexedText("topic", 1, "Gestolen goed"), IndexedText("topic", 2, "Een goed gesprek")]
    index = SearchIndex(documents, [("diefstal", "gestolen goed")])
    (found,), _meant = index.search("diefstal", 5)
    assert (found.document.item, stem("gestolen") in found.stems, stem("goed") in found.stems) == (
        1,
        True,
        False,
    )
    (found, *_), _meant = index.search("goed gesprek", 5)
    assert stem("goed") in found.stems


def test_the_number_in_a_code_is_no_word_by_itself(plan):
    assert rank_of("I 8", ["project:i-8-overpoort"]) == 1
    assert "project:i-8-overpoort" not in keys_of("mijn zoon van 8")[:3]


def test_what_everything_could_be_asked_with_finds_nothing_beside_what_tells():
    make_project(title="Hulp van de politie")
    make_project(title="Fietsen")
    assert len(titles_of("politie hulp fietsen")) == 1
    assert len(titles_of("politie hulp")) == 1


def test_a_ring_does_not_pass_on_what_is_left_of_a_phrase():
    make_project(title="Vacature")
    make_project(title="Agent")
    SynonymRing.objects.create(slug="werk", words="vacature\nagent worden\nde politie")
    assert not any("Vacature" in title for title in titles_of("agent"))


def test_who_speaks_of_themselves_looks_for_help():
    index = SearchIndex([IndexedText("project", 1, "Inbraak"), IndexedText("topic", 2, "Inbraak")])
    assert index.search("inbraak", 5)[0][0].document.item == 1
    assert index.search("mijn inbraak", 5)[0][0].document.item == 2


def test_a_question_about_what_is_done_against_something_wants_a_project():
    index = SearchIndex([IndexedText("topic", 1, "Sluikstort"), IndexedText("project", 2, "Sluikstort")])
    assert index.search("sluikstort", 5)[0][0].document.item == 1
    for question in ("wat doet de politie tegen sluikstort", "aanpak van sluikstort"):
        assert index.search(question, 5)[0][0].document.item == 2


def test_who_asks_when_a_station_is_open_wants_a_place():
    index = SearchIndex([IndexedText("topic", 1, "Commissariaat"), IndexedText("page", 2, "Commissariaat")])
    assert index.search("commissariaat", 5)[0][0].document.item == 1
    assert index.search("welk commissariaat is open", 5)[0][0].document.item == 2


def test_who_names_a_place_wants_it():
    texts = [IndexedText("unit", 1, "Team Drongen", prior=1.5), IndexedText("location", 2, "Antenne Drongen")]
    assert SearchIndex(texts).search("drongen", 5)[0][0].document.item == 2


def test_an_optional_word_matches_no_compound():
    index = SearchIndex([IndexedText("topic", 1, "Slechthorend"), IndexedText("topic", 2, "Beroofd")])
    assert "slechthor" not in index.search("slecht beroofd", 5)[0][0].stems


def test_the_parts_of_a_question_are_found_apart():
    make_project(title="Diefstal van een fiets")
    make_project(title="Diefstal van een auto")
    assert titles_of("fietsdiefstal")[0].endswith("fiets")


def test_a_mended_question_is_proposed():
    make_topic(title="Commissariaat")
    answer = search_everything("komissariaat")
    assert answer.hits[0].title == "Commissariaat"
    assert answer.meant == "commissariaat"
    assert search_everything("commissariaat").meant == ""


def test_what_answers_every_word_comes_before_what_answers_one():
    make_project(title="Drugs")
    make_project(title="Drugs op school")
    assert titles_of("drugs school")[0].endswith("Drugs op school")


def test_a_name_comes_before_a_text_that_holds_it():
    make_project(title="Iets anders", summary="Over parkeren in de stad en parkeren elders.")
    make_project(title="Parkeren")
    assert titles_of("parkeren")[0].endswith("Parkeren")


def test_the_sort_of_thing_asked_for_counts_more():
    documents = [
        IndexedText("project", 1, "Inwoners helpen"),
        IndexedText("keyFigure", 2, "Inwoners van de stad"),
    ]
    found, _meant = SearchIndex(documents).search("hoeveel inwoners", 5)
    assert [hit.document.item for hit in found] == [2, 1]


def test_synonyms_of_editors_count_in_both_directions():
    make_unit_in_tree("Drugscoördinator")
    assert titles_of("narcotica") == []
    SynonymRing.objects.create(slug="drugs", words="drugs\nnarcotica\ndrugscoördinator")
    assert titles_of("narcotica") == ["Drugscoördinator"]


def test_a_phrase_means_the_same_as_a_whole():
    make_topic(title="Verloren voorwerpen")
    SynonymRing.objects.create(slug="verloren", words="lost property\nverloren voorwerpen")
    assert titles_of("lost property") == ["Verloren voorwerpen"]
    assert titles_of("property") == []


def test_a_ring_needs_two_words():
    with pytest.raises(ValidationError, match="twee woorden"):
        SynonymRing(slug="x", words="een\nEEN").full_clean()


def test_an_editor_adds_synonyms_in_the_admin(client):
    client.force_login(get_user_model().objects.create_superuser("an"))
    make_topic(title="Verloren voorwerpen")
    form = client.get("/admin/pzgent/synonymring/add/")
    data = form_data(form, slug=["kwijt"], words=["kwijtgespeeld\nverloren"])
    assert client.post("/admin/pzgent/synonymring/add/", data).status_code == 302
    assert titles_of("kwijtgespeeld") == ["Verloren voorwerpen"]
    refused = client.post("/admin/pzgent/synonymring/add/", {"slug": "leeg", "words": "alleen"})
    assert "minstens twee woorden" in refused.content.decode()


def make_unit_in_tree(name, **changes):
    return make_placement(make_organogram(), unit=make_unit(name=name, **changes)).unit


def test_an_edit_is_found_at_once():
    topic = make_topic(title="Fietsen")
    assert titles_of("fietsen") == ["Fietsen"]
    topic.title = "Brommers"
    topic.save()
    assert titles_of("fietsen") == []
    assert titles_of("brommers") == ["Brommers"]
    topic.status = "withdrawn"
    topic.save()
    assert titles_of("brommers") == []
    topic.delete()


def test_what_is_deleted_is_gone_at_once():
    make_topic(title="Fietsen")
    assert titles_of("fietsen") == ["Fietsen"]
    Topic.objects.all().delete()
    assert titles_of("fietsen") == []


def test_what_is_published_by_its_date_is_found_from_then(monkeypatch):
    later = timezone.now() + datetime.timedelta(hours=1)
    make_topic(title="Straks", publish_from=later)
    assert titles_of("straks") == []
    monkeypatch.setattr(timezone, "now", lambda: later + datetime.timedelta(seconds=1))
    assert titles_of("straks") == ["Straks"]


def test_what_changes_past_the_models_is_found_at_once():
    make_topic(title="Fietsen")
    assert titles_of("fietsen") == ["Fietsen"]
    Topic.objects.update(title="Brommers")
    assert titles_of("brommers") == ["Brommers"]


def test_hidden_units_are_not_found():
    make_unit_in_tree("Geheim team", publication_level="withheld")
    make_unit_in_tree("Vermeld team", publication_level="listed")
    make_unit(name="Nergens team")
    assert titles_of("team") == []


def test_a_unit_that_now_stands_below_a_hidden_one_is_not_found():
    unit = make_unit_in_tree("Verhuisd team")
    assert titles_of("verhuisd team") == ["Verhuisd team"]
    make_hidden_place(unit=unit)
    assert titles_of("verhuisd team") == []


def test_a_unit_that_ended_is_found():
    old = make_organogram(valid_from=datetime.date(2001, 1, 1))
    make_placement(old, unit=make_unit(name="Oud team"))
    make_placement(make_organogram(valid_from=datetime.date(2002, 1, 1)), name="Korps")
    assert titles_of("oud team") == ["Oud team"]


@pytest.mark.parametrize("question", ["", "   ", "?!", "'", "%", "🚓", "a" * 200, "de het een", "0" * 50])
def test_no_question_makes_the_search_fail(client, question):
    make_topic(title="Fietsen")
    assert client.get("/zoeken", {"q": question}).status_code == 200


@pytest.mark.parametrize(
    "query", ["?soort=unit", "?soort=unit&q=", "?soort=unit&q=%20", "?q=xqzk&soort=project"]
)
def test_a_search_of_one_kind_that_finds_nothing_has_a_page(client, query):
    assert client.get(f"/zoeken{query}").status_code == 200


@pytest.mark.parametrize("query", ["?q=%00", "?q=" + "x" * 8_000, "?q=fiets&soort=niets", "?q=%ff"])
def test_a_question_that_cannot_be_is_refused(client, query):
    assert client.get(f"/zoeken{query}").status_code in (400, 414)


def test_an_empty_database_says_what_to_do(client):
    assert "09 266 61 11" in text_of(client.get("/zoeken?q=fiets"))


def test_without_a_question_the_page_offers_what_is_asked_most(client):
    topic = make_topic(title="Aangifte", need="Ik wil aangifte doen")
    html = client.get("/zoeken").content.decode()
    assert f'<a href="{topic.get_absolute_url()}">Ik wil aangifte doen</a>' in html.split("Meest gevraagd")[1]
    assert "Meest gevraagd" not in client.get("/zoeken?q=xyzzy").content.decode()


def test_search_engines_take_all_answers_for_the_one_page(client, official):
    html = client.get("/zoeken?q=fiets").content.decode()
    assert '<link rel="canonical" href="http://testserver/zoeken">' in html
    assert "noindex" not in html


def test_words_are_marked_and_nothing_else_gets_through():
    assert mark("<b>Fietsen</b> & fiets", frozenset({stem("fiets")})) == (
        "&lt;b&gt;<mark>Fietsen</mark>&lt;/b&gt; &amp; <mark>fiets</mark>"
    )


def test_the_page_has_the_best_answer_with_what_is_open(client):
    topic = make_topic(title="Fiets gestolen", need="Mijn fiets is gestolen")
    make_channel(topic=topic, label="Balie", schedule=make_schedule(always_open=True))
    make_project(title="Fietsdiefstal")
    SynonymRing.objects.create(slug="dief", words="gestolen\ndiefstal")
    answer = client.get("/zoeken?q=fiets gestolen")
    html = answer.content.decode()
    best = html.split('class="best-answer"')[1].split("</section>")[0]
    assert "Dag en nacht open." in best
    assert 'value="fiets gestolen"' in html
    assert "Projecten (1)" in text_of(answer)
    assert faults_of(html) == []


def test_the_page_shows_one_sort_alone(client):
    make_topic(title="Fietsen")
    make_project(title="Fietsdiefstal", summary="Over fietsen.")
    body = text_of(client.get("/zoeken?q=fietsen&soort=project"))
    assert "Fietsdiefstal" in body
    assert "Wat je waarschijnlijk nodig hebt" not in body
    assert (
        'aria-current="true">Projecten (1)' in client.get("/zoeken?q=fietsen&soort=project").content.decode()
    )


def test_the_page_proposes_the_mended_question(client):
    make_topic(title="Commissariaat")
    assert 'href="/zoeken?q=commissariaat"' in client.get("/zoeken?q=komissariaat").content.decode()


def test_who_counts_wants_a_number_and_no_help(plan):
    assert keys_of("hoeveel flikken")[0].startswith(("staffingTable:", "page:staffing"))
    index = SearchIndex(
        [
            IndexedText("topic", 1, "Personeel", prior=1.25),
            IndexedText("keyFigure", 2, "Personeel", prior=0.6),
        ]
    )
    for question in ("aantal agenten", "hoeveel inspecteurs werken er", "hoeveel volk werkt bij de politie"):
        assert index.search(question, 5)[0][0].document.item == 2
    assert index.search("hoeveel volk komt er kijken naar de stoet", 5) == ([], "")
    assert index.search("hoeveel werken", 5) == ([], "")


@pytest.mark.parametrize("question", ["wie behandelt klachten", "welke dienst behandelt klachten"])
def test_who_asks_for_a_part_of_the_organisation_wants_no_help(question):
    documents = [IndexedText("topic", 1, "Klachten"), IndexedText("unit", 2, "Klachten")]
    assert SearchIndex(documents).search(question, 5)[0][0].document.item == 2


def test_a_word_with_synonyms_is_no_typing_error():
    documents = [IndexedText("unit", 1, "Bas"), IndexedText("unit", 2, "Korpschef")]
    found, meant = SearchIndex(documents, [("korpschef", "baas")]).search("baas", 5)
    assert ([hit.document.item for hit in found], meant) == ([2], "")


@pytest.mark.parametrize(
    ("page", "question"),
    [
        ("nl", "payer"),
        ("nl", "think before you act"),
        ("fr", "musique trop forte"),
        ("en", "how many inspectors are there"),
        ("de", "Einspruch"),
        ("de", "wie viele Inspektoren"),
    ],
)
def test_an_ordinary_word_of_a_language_is_never_mended(plan, page, question):
    with translation.override(page):
        assert search_everything(question).meant == ""


@pytest.mark.parametrize(
    ("page", "question"),
    [("en", "how many inspectors"), ("fr", "combien d'inspecteurs"), ("de", "wie viele Inspektoren")],
)
def test_who_counts_in_another_language_finds_the_staff(plan, page, question):
    with translation.override(page):
        assert keys_of(question)[0] in ("page:staffing", "staffingTable:formatie-2021")


def test_only_words_of_the_language_of_the_page_are_proposed():
    documents = [IndexedText("location", 1, "Commissariaten")]
    rings = [("commissariaten", "comissariaten", "commissariatten")]
    assert SearchIndex(documents, rings).search("komissariaten", 5)[1] == "commissariaten"


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("pooier", "unit:team-meprosch"),
        ("schiettraining", "unit:team-geweldbeheersing-en-bewapening"),
        ("burn-out", "policy:welzijnsbeleid-2020-2025"),
        ("allochtonen", "project:i-26-diversiteit"),
        ("verbouwing commissariaat", "project:i-27-moderne-politiehuizen"),
        ("hoofdbureau", "location:algemeen-politiecentrum-gent"),
    ],
)
def test_everyday_words_are_known(plan, question, answer):
    assert 1 <= rank_of(question, [answer]) <= 3


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("9820", "niet in onze zone"),
        ("9030, Gent", "Mariakerke"),
        ("politie Gent 9030", "Mariakerke"),
        ("BE-9030", "Mariakerke"),
        ("9031-Drongen", "Drongen"),
        ("Merelbeke, 9820", "niet in onze zone"),
        ("politie Merelbeke", "niet in onze zone"),
        ("Merelbeke", "niet in onze zone"),
        ("9030", "Mariakerke"),
        ("Muide", "9000 Gent, andere delen"),
        ("Brugse Poort", "Gent, andere delen"),
    ],
)
def test_a_place_gets_the_answer_of_the_station_finder(client, plan, question, said):
    html = client.get("/zoeken", {"q": question}).content.decode()
    assert said.split(" ", 1)[-1] in html.split('id="answer"')[1].split("</section>")[0]


@pytest.mark.parametrize(
    "question",
    [
        "2021",
        "Gent",
        "fiets",
        "101",
        "9500 euro gestolen",
        "9000 euro gestolen",
        "tel 2666756",
        "Gent 2021",
        "jaarverslag 2021",
        "Drongen 2020",
        "tel 9000",
    ],
)
def test_what_is_no_place_gets_no_answer_of_the_station_finder(client, plan, question):
    assert 'id="answer"' not in client.get("/zoeken", {"q": question}).content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "/zoeken?q=komissariaat",
        "/zoeken?q=politiekantoor",
        "/zoeken?q=waar is het commissariaat",
        "/fr/zoeken?q=poste de police",
        "/en/zoeken?q=nearest police station",
        "/de/zoeken?q=Polizeiwache",
    ],
)
def test_who_looks_for_a_station_can_say_where_they_are(client, plan, address):
    html = client.get(address).content.decode()
    best = html.split('class="best-answer"')[1].split("</section>")[0]
    assert '<input id="postcode" name="postcode"' in best
    assert faults_of(html) == []


def test_the_station_finder_comes_before_the_general_number_when_it_fits_better(client, plan):
    best = client.get("/zoeken?q=commissariaat").content.decode().split('class="best-answer"')[1]
    assert best.index('name="postcode"') < best.index("/contact/niet-dringende-hulp")


@pytest.mark.parametrize(
    "address", ["?q=politie wondelgem", "?q=fiets gestolen", "?q=commissariaat&soort=unit"]
)
def test_the_station_finder_is_not_offered_when_it_would_not_help(client, plan, address):
    assert 'name="postcode"' not in client.get(f"/zoeken{address}").content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "/zoeken?q=er wordt nu ingebroken",
        "/zoeken?q=er staat een inbreker in mijn tuin",
        "/zoeken?q=er is iemand in mijn huis",
        "/zoeken?q=er wordt gevochten op straat",
        "/zoeken?q=buurman slaat zijn vrouw",
        "/zoeken?q=ik word geslagen",
        "/zoeken?q=stalking",
        "/en/zoeken?q=someone is breaking in",
        "/en/zoeken?q=he is hitting me",
        "/fr/zoeken?q=les voisins se battent",
        "/fr/zoeken?q=quelqu'un entre chez moi",
        "/de/zoeken?q=die Nachbarn schlagen sich",
    ],
)
def test_who_may_be_in_danger_sees_101_first(client, plan, address):
    answer = client.get(address)
    best = answer.content.decode().split('class="best-answer"')[1].split("</section>")[0]
    assert answer.context["needs"][0].topic.slug == "dringende-hulp"
    assert "tel:101" in best
    assert "data-leave" in answer.content.decode()


@pytest.mark.parametrize(
    "question", ["fiets gestolen", "organogram", "xyzzyxyzzy", "is het commissariaat nu open"]
)
def test_the_number_for_danger_stands_above_every_answer_but_is_no_answer(client, plan, question):
    answer = client.get("/zoeken", {"q": question})
    above, main = answer.content.decode().split("<main")
    assert 'href="tel:101"' in above
    assert 'href="tel:101"' not in main
    assert all(
        need.topic.slug != "dringende-hulp" for need in answer.context["needs"] if hasattr(need, "topic")
    )


@pytest.mark.parametrize("question", ["fiets", "mijn fiets", "velo", "fietsen"])
def test_a_bicycle_alone_is_most_likely_a_stolen_one(client, plan, question):
    (need,) = client.get("/zoeken", {"q": question}).context["needs"]
    assert need.topic.slug == "aangifte-of-afspraak"


@pytest.mark.parametrize(
    "address",
    ["/zoeken?q=politie", "/zoeken?q=politie gent", "/zoeken?q=iets melden", "/de/zoeken?q=Polizei"],
)
def test_who_only_says_police_sees_how_to_call_it(client, plan, address):
    needs = client.get(address).context["needs"]
    assert [need.topic.slug for need in needs] == ["dringende-hulp", "niet-dringende-hulp"]


def test_who_is_deaf_is_helped_with_what_they_come_for_too(client, plan):
    needs = client.get("/zoeken?q=slechthorend, aangifte doen").context["needs"]
    assert [need.topic.slug for need in needs] == ["dringende-hulp", "aangifte-of-afspraak"]


def test_everything_is_counted_and_what_is_not_shown_is_said(client):
    for number in range(70):
        make_project(title=f"Fietsenstalling {number}")
    make_placement(make_organogram(), name="Fietsenteam")
    answer = client.get("/en/zoeken?q=fietsen")
    assert answer.context["total"] == 71
    assert {kind: count for kind, _label, count in answer.context["sorts"]} == {"project": 70, "unit": 1}
    assert "These are the answers that fit best." in text_of(answer)
    chosen = client.get("/en/zoeken?q=fietsen&soort=unit")
    assert "Fietsenteam" in text_of(chosen)
    assert "These are the answers that fit best." not in text_of(chosen)


def test_a_sort_of_which_nothing_fits_says_so(client):
    make_project(title="Fietsen")
    text = text_of(client.get("/en/zoeken?q=fietsen&soort=policy"))
    assert "Nothing of this sort fits these words. Show everything that fits" in text
    assert "Call the general number" not in text


def test_a_name_is_not_known_before_its_day_and_is_from_then_on(client, monkeypatch):
    unit = make_placement(make_organogram(), name="Oud").unit
    moment = timezone.now() + datetime.timedelta(days=30)
    make_placement(make_organogram(publish_from=moment), unit=unit, name="Geheim")
    assert "Geheim" not in client.get(unit.get_absolute_url()).content.decode()
    assert titles_of("geheim") == []
    monkeypatch.setattr(timezone, "now", lambda: moment + datetime.timedelta(minutes=1))
    bring_up_to_date()
    assert titles_of("geheim") == ["Geheim"]
    assert "<h1>Geheim</h1>" in client.get(unit.get_absolute_url()).content.decode()


def test_who_is_deaf_gets_a_way_without_a_call(client, plan):
    best = (
        client.get("/zoeken?q=ik ben doof")
        .content.decode()
        .split('class="best-answer"')[1]
        .split("</section>")[0]
    )
    assert "tel:101" not in best
    assert "App 112" in best
    assert "Sms naar de noodcentrale" in best


def test_the_page_takes_few_queries_also_with_two_thousand_rows(client):
    topic = make_topic(title="Fietsen")
    make_channel(topic=topic, schedule=make_schedule((0, "08:00", "12:00")))
    client.get("/zoeken?q=fietsen")
    with CaptureQueriesContext(connection) as few:
        client.get("/zoeken?q=fietsen")
    Topic.objects.bulk_create(
        Topic(title=f"Fiets {number}", slug=f"fiets-{number}", status="published") for number in range(2_000)
    )
    client.get("/zoeken?q=fietsen")
    with CaptureQueriesContext(connection) as many:
        client.get("/zoeken?q=fietsen")
    assert len(many) == len(few) <= 8


def test_the_api_answers_every_sort_with_an_address_that_exists(client, plan):
    for kind, question in {
        "topic": "aangifte", "location": "gentbrugge", "unit": "korpschef", "project": "fietsdiefstal",
        "policy": "eco", "objective": "vertrouwen", "statement": "missie", "staffingTable": "formatie",
        "plan": "veiligheidsplan", "organogram": "organogram", "document": "jaarverslag", "term": "calog",
        "keyFigure": "inwoners",
    }.items():  # fmt: skip
        items = client.get(f"/api/v1/search?q={question}&type={kind}").json()["items"]
        assert items, kind
        assert client.get(items[0]["href"]).status_code == 200, kind


def test_the_api_takes_a_question_as_long_as_the_page_does(client, plan):
    question = (
        "ik wil graag weten waar ik terecht kan om aangifte te doen van de diefstal van mijn fiets gisteren"
    )
    assert client.get("/api/v1/search", {"q": question}).json()["items"][0]["slug"] == "aangifte-of-afspraak"
    assert client.get("/api/v1/search", {"q": "a" * 200}).status_code == 200
    assert client.get("/api/v1/search", {"q": "a" * 201}).status_code == 400
