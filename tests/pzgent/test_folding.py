"""The one folding: the same in Python, in both databases and in the browser, and in all that looks for words."""

import json
import re
import subprocess
import unicodedata

import pytest
from django.conf import settings
from django.db import connection
from hypothesis import HealthCheck, given
from hypothesis import settings as bounded
from hypothesis import strategies as st

from pzgent.kernel.folding import NAME, fold
from pzgent.search.words import words_of
from tests.make import make_organogram, make_placement, make_project, make_term, make_topic

# Latin, Greek and Cyrillic letters, marks, punctuation, ligatures, signs of every width; what all three know alike.
ALPHABET = st.characters(codec="utf-16", max_codepoint=0x024F, exclude_characters="\x00") | st.sampled_from(
    "\u0301\u0308\u030a\u0327\u1e9e\u1e80\u1ef9\u0391\u03a3\u03c2\u03ce\u0410\u042f\u0451\u2010\u2011\u2012\u2013\u2014"
    "\u2015\u2212\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u2032\u2033\u02bc\u00a0\u2009\u202f\u3000\ufb00\ufb01\ufb06"
    "\u0132\u0133\u0152\u0153\u00c6\u00df\u0130\u0131\u00ad\u200b\u200d\ufeff\u202e\uff21\uff0d\uff07\u2122\u00bd\u2115"
)
TEXTS = st.text(ALPHABET, max_size=12)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("coördinatie", "COORDINATIE"),
        ("comité", "comite\u0301"),
        ("camera’s", "camera's"),
        ("camera´s", "cameras"),
        ("Sint‐Amandsberg", "sint-amandsberg"),
        ("O‑team", "o–team"),
        ("−5", "-5"),
        ("oﬃcieel", "officieel"),
        ("Straße", "STRASSE"),
        ("STRAẞE", "strasse"),
        ("œuvre", "oeuvre"),
        ("İzmir", "izmir"),
        ("ılıca", "ilica"),
        ("ĳzer", "IJzer"),
        ("09\u00a0266\u202f61", "09 266 61"),
        ("„veilig”", '"veilig"'),
        ("co\u00adör\u200bdinatie", "coordinatie"),
        ("ΟΔΟΣ", "οδός"),
        ("Ｇｅｎｔ", "gent"),
    ],
)
def test_spellings_of_one_text_fold_alike(one, other):
    assert fold(one) == fold(other)


@given(TEXTS)
def test_folding_again_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


def folded_by_the_database(texts):
    with connection.cursor() as cursor:
        shown = "(%s::text)" if connection.vendor == "postgresql" else "(%s)"
        rows = ", ".join([shown] * len(texts))
        cursor.execute(f"WITH given(value) AS (VALUES {rows}) SELECT {NAME}(value) FROM given", texts)
        return [value for (value,) in cursor.fetchall()]


@pytest.mark.django_db
@bounded(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TEXTS, min_size=1, max_size=40))
def test_the_database_folds_alike(db, texts):
    assert folded_by_the_database(texts) == [fold(text) for text in texts]


def folded_in_the_browser(texts):
    script = (settings.BASE_DIR / "static/js/site.js").read_text()
    code = re.search(r"  // Text as it is compared.*?\n  };\n", script, re.DOTALL)[0]
    program = f"{code}console.log(JSON.stringify({json.dumps(texts)}.map(fold)))"
    shown = subprocess.run(["node", "-e", program], capture_output=True, text=True, check=True)
    return json.loads(shown.stdout)


@bounded(max_examples=3, deadline=None)
@given(st.lists(TEXTS, min_size=300, max_size=300))
def test_the_browser_folds_alike(texts):
    assert folded_in_the_browser(texts) == [fold(text) for text in texts]


def spellings(word):
    """How people may type a word: as it is, decomposed in capitals, without accents, with other signs."""
    decomposed = unicodedata.normalize("NFD", word)
    plain = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    typed = word.replace("-", "\u2010").replace("’", "´")
    return [word, decomposed.upper(), plain.replace("’", "'"), f"\u200b{typed}\u00ad"]


@pytest.mark.django_db
@pytest.mark.parametrize("word", ["coördinatie", "camera’s", "Sint-Denijs", "œuvre", "Straße"])
def test_every_search_finds_every_spelling(client, word):
    project = make_project(title=f"De {word} in de stad")
    topic = make_topic(title=f"De {word} in de stad", slug="gezocht")
    term = make_term(abbreviation=f"De {word} in de stad")
    placement = make_placement(make_organogram(), name=f"De {word} in de stad")
    for spelling in spellings(word):
        found = client.get("/projecten", {"q": spelling}).context["selection"].rows
        assert [row.project for row in found] == [project], spelling
        for address in ("topics", "terms", "projects", "units"):
            answer = client.get(f"/api/v1/{address}", {"q": spelling}).json()
            assert answer["total"] == 1, (address, spelling)
        hits = {hit["slug"] for hit in client.get("/api/v1/search", {"q": spelling}).json()["items"]}
        assert {topic.slug, term.slug, placement.unit.slug, project.slug} <= hits, spelling
        listed = client.get("/organogram", {"filter": spelling}).context["page"].listing
        assert listed.hits == 1, spelling


@pytest.mark.django_db
def test_a_number_is_found_by_its_digits_and_no_sign_has_a_meaning(client):
    project = make_project(number=37, title="100% veilig_thuis \\ samen")
    for words in ("37", "100%", "veilig_thuis", "\\", "１００％"):
        assert client.get("/projecten", {"q": words}).context["selection"].rows[0].project == project, words
    for words in ("1%0", "veilig%", "v_ilig"):
        assert client.get("/projecten", {"q": words}).context["selection"].rows == [], words


def test_words_of_a_question_are_folded_by_the_same_rule():
    assert words_of("Comite\u0301 „camera’s” Sint‐Denijs œuvre") == [
        "comite",
        "cameras",
        "sint",
        "denijs",
        "oeuvre",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["I 37", "I-37", "i37", "I‑37", "I\u00a037"])
def test_a_code_is_found_however_it_is_written(client, code):
    project = make_project(kind="I", number=37, title="Drugs")
    make_project(kind="B", number=3, title="Geweld")
    rows = client.get("/projecten", {"q": code}).context["selection"].rows
    found = client.get("/api/v1/projects", {"q": code}).json()["items"]
    assert [row.project for row in rows] == [project]
    assert [item["slug"] for item in found] == [project.slug]
