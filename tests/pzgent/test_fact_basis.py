"""What kind of fact something is: told beside its source on pages, in the API and in files, by one mechanism."""

import re

import pytest
import yaml
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from contact.models import CareArea
from organisation.models import Document, KeyFigure, Organogram, Policy, StaffingTable, Term, Unit
from projects.models import Plan, ProjectUnit
from pzgent.kernel.publishing import FactBasis, Sourced
from tests.make import (
    make,
    make_care_area,
    make_document,
    make_key_figure,
    make_location,
    make_policy,
    make_policy_action,
    make_policy_domain,
    make_term,
)

SOURCED = [model for model in apps.get_models() if issubclass(model, Sourced)]
OTHER_KINDS = [kind for kind in FactBasis if kind != FactBasis.PRINTED]
pytestmark = pytest.mark.django_db


def words_of(answer):
    """The words of a page, without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


@pytest.mark.parametrize("model", [*SOURCED, ProjectUnit], ids=lambda model: model.__name__)
def test_every_fact_has_a_kind_and_only_one_of_the_list(model):
    row = make(model)
    assert row.basis == FactBasis.PRINTED
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.filter(pk=row.pk).update(basis="guessed")
    row.basis = "guessed"
    with pytest.raises(ValidationError, match="basis"):
        row.full_clean()


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_a_page_marks_what_the_source_does_not_say(client, kind):
    make_term(
        abbreviation="ABC", source=make_document(title="Plan"), basis=kind, source_note="Van ons <zelf>."
    )
    text = words_of(client.get("/begrippen"))
    assert f"Soort feit: {kind.label} ." in text
    assert "Van ons &lt;zelf&gt;." in text


def test_what_the_source_says_needs_no_mark(client):
    make_term(abbreviation="ABC", source=make_document(title="Plan"))
    assert "Soort feit" not in words_of(client.get("/begrippen"))


@pytest.mark.parametrize(
    ("language", "label"),
    [
        ("nl", "algemene kennis"),
        ("fr", "notoriété publique"),
        ("en", "public knowledge"),
        ("de", "allgemein bekannt"),
    ],
)
def test_the_api_tells_the_kind_beside_the_source(client, language, label):
    term = make_term(source=make_document(), basis=FactBasis.PUBLIC_KNOWLEDGE, source_note="Zie elders.")
    for address in ("terms", f"terms/{term.slug}"):
        body = client.get(f"/api/v1/{address}", {"lang": language}).json()
        shown = body["items"][0] if "items" in body else body
        assert (shown["basis"], shown["basisLabel"]) == ("public_knowledge", label)
        assert shown["sourceNote"] == "Zie elders."
        assert "document" in shown["source"]


def test_the_code_list_names_every_kind(client):
    items = client.get("/api/v1/refData/factBases").json()["items"]
    assert [item["code"] for item in items] == FactBasis.values
    assert {"afgeleid", "zelf geteld", "algemene kennis"} < {item["label"] for item in items}


@pytest.mark.parametrize("collection", ["units", "organograms", "staffingTables", "policies", "plans", "projects",
                                        "objectives", "keyFigures", "statements", "documents", "terms", "topics",
                                        "channels", "locations", "careAreas"])  # fmt: skip
def test_every_collection_with_sources_tells_the_kind(client, plan, collection):
    items = client.get(f"/api/v1/{collection}", {"pageSize": 5}).json()["items"]
    assert items
    assert all(item["basis"] in FactBasis.values and item["basisLabel"] for item in items)


def test_the_whole_structure_tells_the_kind_too(client, plan):
    body = client.get("/api/v1/organogram", {"depth": 0}).json()
    assert (body["basis"], body["basisLabel"]) == ("derived", "afgeleid")
    assert "negen" in body["sourceNote"]


def test_a_file_has_columns_for_it_in_both_languages(client):
    make_term(basis=FactBasis.COUNTED, source_note="Geteld.")
    for language, names in {"en": ("basis", "basisLabel", "sourceNote"),
                            "nl": ("code soort feit", "soort feit", "opmerking bij de bron")}.items():  # fmt: skip
        lines = b"".join(client.get("/api/v1/exports/terms.csv", {"headers": language})).decode().splitlines()
        head, row = lines[0].lstrip("\ufeff").split(","), lines[1].split(",")
        assert [row[head.index(name)] for name in names] == ["counted", "zelf geteld", "Geteld."]


def test_counts_of_our_own_are_called_so(client):
    action = make_policy_action(make_policy_domain(make_policy()))
    policy = action.domain.policy
    assert "1 actiepunt (zelf geteld)" in words_of(client.get(policy.get_absolute_url()))
    Policy.objects.filter(pk=policy.pk).update(stated_actions=1)
    assert "zelf geteld" not in words_of(client.get(policy.get_absolute_url()))


def test_no_answer_about_the_city_claims_to_be_sure(client):
    make_care_area(
        name="Ledeberg",
        postal_code="9050",
        certainty="named",
        location=make_location(),
        basis="public_knowledge",
    )
    text = words_of(client.get("/commissariaten", {"postcode": "9050"}))
    assert "Dit is zeker" not in text
    assert "Soort feit: algemene kennis" in text


def test_a_note_follows_the_language_where_it_is_translated(client):
    area = make_care_area(name="Ledeberg", postal_code="9050", source_note="De postcode is algemene kennis.")
    area.translate("source_note", "fr", "Le code postal est connu.")
    area.save()
    answer = client.get("/fr/commissariaten", {"postcode": "9050"}).content.decode()
    assert '<span class="source-note">Le code postal est connu.</span>' in answer
    assert (
        client.get(f"/api/v1/careAreas/{area.slug}", {"lang": "fr"})
        .json()["sourceNote"]
        .startswith("Le code")
    )
    assert (
        '<span class="source-note" lang="nl">'
        in client.get("/de/commissariaten", {"postcode": "9050"}).content.decode()
    )


# --- the content of the plan ---

EXPANDED_BY_US = [
    *(
        "anpr",
        "apo",
        "bob",
        "bom",
        "b-s",
        "calog",
        "coppra",
        "d5",
        "fpc",
        "id-kaart",
        "islp",
        "it",
        "kb",
        "kmo",
    ),
    *("pmd", "sms", "spoc", "uz", "vpv", "zsg"),
]


def test_expansions_that_the_plan_does_not_give_are_public_knowledge(plan):
    kinds = dict(Term.objects.filter(slug__in=EXPANDED_BY_US).values_list("slug", "basis"))
    assert kinds == dict.fromkeys(EXPANDED_BY_US, "public_knowledge")
    assert Term.objects.get(slug="apg").basis == "printed"


def test_postcodes_and_parts_of_the_city_do_not_pass_for_the_plan(plan):
    assert not CareArea.objects.filter(basis="printed").exists()
    assert not CareArea.objects.filter(source_note="").exists()


def test_who_works_on_a_project_is_derived(client, plan):
    assert not ProjectUnit.objects.exclude(basis="derived").exists()
    project = ProjectUnit.objects.filter(role="lead").first().project
    assert "(trekker, afgeleid)" in words_of(client.get(project.get_absolute_url()))
    body = client.get(f"/api/v1/projects/{project.slug}").json()
    assert {part["basis"] for part in body["units"]} == {"derived"}


def test_the_numbers_of_platoons_are_ours(client, plan):
    platoons = Unit.objects.filter(slug__startswith="interventiepeloton-")
    assert set(platoons.values_list("basis", flat=True)) == {"derived"}
    text = words_of(client.get(platoons.first().get_absolute_url()))
    assert "Het nummer is van deze site." in text
    assert "dag en nacht naar" not in text


@pytest.mark.parametrize(
    ("model", "slug", "words"),
    [
        (Unit, "directie-operaties", ["tien", "negen"]),
        (Unit, "stafdienst", ["vier", "vijf"]),
        (Unit, "antenne-oostakker-en-kanaaldorpen", ["antenne", "commissariaat"]),
        (KeyFigure, "operationele-diensten", ["tien", "negen"]),
        (KeyFigure, "entiteiten-stafdienst", ["vier", "vijf"]),
        (KeyFigure, "commissariaten", ["Oostakker", "antenne"]),
        (Organogram, "organogram-2021", ["tien", "negen", "vier", "vijf", "Oostakker"]),
        (Plan, "zvp-2020-2025", ["zes jaar", "vijf jaar"]),
        (Policy, "diversiteitsbeleid-2020-2025", ["2020-2021", "2020-2025"]),
        (StaffingTable, "streefbezetting", ["OPS, CALOG"]),
        (Document, "diversiteitsplan-ii", ["2020-2021"]),
    ],
)
def test_the_public_reads_where_the_plan_contradicts_itself(client, plan, model, slug, words):
    row = model.objects.get(slug=slug)
    page = words_of(client.get(row.get_absolute_url().partition("#")[0]))
    assert row.source_note in page.replace("&#x27;", "'")
    assert all(word in row.source_note for word in words)


CLAIMS = {
    "organisation/data": [r"niet\s+gepubliceerd\.</p>", r"rijdt dag en nacht", r"minimumnormen haalt",
                          r"Niet-opgehaalde", r"Toestemming vragen aan de gemeente\b", r"kort begeleiden",
                          r"kleinere post", r"actiepunten\s+staan in figuur", r"Ze staan in figuur 10"],
    "contact/data": [r"begeleiding is\s+kort", r"L'accompagnement est court", r"support is short",
                     r"Begleitung ist kurz", r"Vindt het bureau die\s+niet"],
    "pzgent/data": [r"feiten zijn er alleen in het Nederlands", r"facts are in Dutch only"],
}  # fmt: skip


@pytest.mark.parametrize(("folder", "pattern"), [(f, p) for f, found in CLAIMS.items() for p in found])
def test_the_content_claims_no_more_than_the_plan(folder, pattern):
    files = [*(settings.BASE_DIR / folder).rglob("*.yaml")]
    assert files
    assert [file.name for file in files if re.search(pattern, file.read_text())] == []


def test_the_content_says_what_the_plan_says(plan):
    assert "personen" in Unit.objects.get(slug="team-intel").summary
    assert "gemeenteraad" in Unit.objects.get(slug="team-cameras").tasks
    assert "ruim" in Document.objects.get(slug="cijfers-galop").description
    assert "duurzaamheid" in Unit.objects.get(slug="bureau-post-en-gevonden-objecten").tasks
    assert "figuur 10" in Policy.objects.get(slug="diversiteitsbeleid-2020-2025").description


def test_the_emergency_strip_says_that_time_can_be_lost():
    assert "via 112 kun je tijd verliezen" in Client().get("/over").content.decode()


def test_every_note_of_the_content_fits_and_ends_as_a_sentence():
    for path in settings.BASE_DIR.glob("*/data/*.yaml"):
        for note in _notes(yaml.safe_load(path.read_text())):
            assert note.endswith("."), (path.name, note)


def _notes(part):
    """Every public note in what a file says."""
    if isinstance(part, dict):
        yield from ([part["source_note"]] if "source_note" in part else [])
        part = list(part.values())
    for inner in part if isinstance(part, list) else []:
        yield from _notes(inner)


def test_a_figure_tells_its_kind(client):
    make_key_figure(label="Getelde dingen", value=17, basis=FactBasis.COUNTED)
    assert "zelf geteld" in words_of(client.get("/cijfers"))
