"""The page of a document: what it is, where to read it, and every public fact of the site that rests on it."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from organisation.models import Document, FunctionalLine, KeyFigure, Term, Unit
from pzgent.kernel.publishing import Publishable
from pzgent.kernel.source_places import places_in
from pzgent.pages.documents import MOST_IN_CHAPTER, MOST_OPEN
from pzgent.registry.citations import CITATIONS
from tests.make import (
    make_channel,
    make_document,
    make_hidden_place,
    make_organogram,
    make_placement,
    make_policy,
    make_schedule,
    make_statement,
    make_term,
    make_topic,
    make_unit,
)
from tests.pages import MOST_QUERIES, count_queries, empty_blocks_of, faults_of, text_of

pytestmark = pytest.mark.django_db
# Pages whose facts name their source.
WITH_SOURCES = (
    "/begrippen", "/beleid/communicatiebeleid", "/cijfers", "/commissariaten?postcode=9031", "/contact/scholen",
    "/documenten", "/eenheden/wijkdienst", "/formatie", "/organogram", "/partners", "/projecten",
    "/projecten/i-2-fietsdiefstal", "/stappenplannen/fiets-gestolen", "/strategie",
)  # fmt: skip


@pytest.fixture
def law():
    return make_document(slug="wet", title="Wet op de politie", kind="law")


def html_of(client, document):
    answer = client.get(document.get_absolute_url())
    assert answer.status_code == 200
    return answer.content.decode()


# --- what it is ---
SECTIONS = "13 De structuur\n13.5.2 Stafdienst\n13.5.2 a Leiding"


def test_chapters_and_places_have_the_titles_that_the_document_gives_them(client):
    document = make_document(slug="plan", sections=SECTIONS)
    for place in ("13.5.2", "13.5.2 a", "14.1"):
        make_term(abbreviation=f"T {place}", source=document, source_place=place)
    headings = re.findall(r"<h[34][^>]*>(.*?)</h[34]>", html_of(client, document))
    shown = [re.sub(r"<[^>]*>", "", heading) for heading in headings]
    assert shown == [
        "Hoofdstuk 13: De structuur (2)", "13.5.2 Stafdienst", "13.5.2 a Leiding", "Hoofdstuk 14 (1)", "14.1",
    ]  # fmt: skip


def test_the_api_has_the_titles_too(client):
    make_document(slug="plan", sections=SECTIONS)
    make_document(slug="brief")
    found = {item["slug"]: item.get("sections") for item in client.get("/api/v1/documents").json()["items"]}
    assert found["plan"][2] == "13.5.2 a Leiding"
    assert found["brief"] is None


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("13.5.2", "13.5.2"),
        ("Stafdienst", "Stafdienst"),
        ("1 Een\n1 Twee", "twee keer"),
        ("1 Een\nx y", "x y"),
    ],
)
def test_a_title_without_a_number_or_twice_is_refused(text, named):
    with pytest.raises(ValidationError) as refused:
        make_document(sections=text).full_clean()
    assert named in str(refused.value.message_dict["sections"])


def test_every_place_of_the_plan_that_a_fact_names_has_a_title(plan):
    document = Document.objects.get(slug="bedrijfsplan-2021-2025")
    cited = {
        place.name for rows in CITATIONS for found in rows.of(document) for place in places_in(found.place)
    }
    numbered = {name for name in cited if name[0].isdigit()}
    assert len(numbered) > 100
    assert numbered - document.section_titles.keys() == {
        "3.1"
    }  # the text of the plan does not show this title


def test_a_page_says_what_the_document_is_and_where_to_read_it(client):
    document = make_document(
        title="Zonaal plan", kind="plan", period="2020-2025", issued_by="Politieraad",
        description="Wat de zone doet.", url="https://example.be/plan",
    )  # fmt: skip
    text = text_of(client.get(document.get_absolute_url()))
    for told in ("Zonaal plan", _("Kind"), "2020-2025", "Politieraad", "Wat de zone doet."):
        assert told in text
    assert 'href="https://example.be/plan" rel="external noopener"' in html_of(client, document)


def test_who_cannot_read_it_here_learns_where_to_ask(client, law):
    html = html_of(client, law)
    assert _("not in our source") in html
    assert f'<a href="/contact">{_("Ask the police for it")}</a>' in html
    law.url = "https://example.be/wet"
    law.save()
    assert _("Ask the police for it") not in html_of(client, law)


@pytest.mark.parametrize(
    "changes", [{"status": "draft"}, {"status": "withdrawn"}, {"access": "internal"}], ids=str
)
@pytest.mark.parametrize("language", ["", "/fr"])
def test_a_document_that_the_public_cannot_read_has_no_page(client, law, changes, language):
    Document.objects.filter(pk=law.pk).update(**changes)
    assert client.get(f"{language}/documenten/wet").status_code == 404
    assert "/documenten/wet<" not in client.get("/sitemap-documents.xml").content.decode()
    assert client.get("/deelbeelden/document-detail/wet.png").status_code == 404


def test_the_list_leads_to_the_page_unless_there_is_none(client, law):
    make_document(slug="intern", title="Intern", access="internal")
    html = client.get("/documenten").content.decode()
    assert '<a href="/documenten/wet">Wet op de politie</a>' in html
    assert "/documenten/intern" not in html
    assert Document.objects.get(slug="intern").get_absolute_url() == "/documenten#intern"


def test_the_api_and_the_sitemap_name_the_page(client, law):
    assert client.get("/api/v1/documents/wet").json()["htmlUrl"] == "http://testserver/documenten/wet"
    assert "http://testserver/documenten/wet<" in client.get("/sitemap-documents.xml").content.decode()


def test_a_page_leads_to_what_the_site_has_of_the_document(client, law):
    policy = make_policy(title="Ecobeleid", document=law)
    make_policy(title="Nog niet", document=law, status="draft")
    html = html_of(client, law)
    assert f'<a href="{policy.get_absolute_url()}">Ecobeleid</a>' in html
    assert "Nog niet" not in html


# --- the facts ---


def test_a_fact_stands_at_each_place_that_it_names(client, law):
    make_term(abbreviation="HyCAP", source=law, source_place="9, 13.5.3 (voetnoot 2) en tabel 4")
    make_term(abbreviation="APG", source=law, source_place="13.5.2")
    make_term(abbreviation="Elders")
    answer = client.get("/documenten/wet")
    chapters = answer.context["chapters"]
    assert [(chapter.name, chapter.size) for chapter in chapters] == [("9", 1), ("13", 2)]
    assert [section.place.name for section in chapters[1].sections] == ["13.5.2", "13.5.3"]
    assert f"{_('Facts on this site that come from it')} (2)" in text_of(answer)
    assert "Elders" not in text_of(answer)


def test_facts_without_a_place_come_last(client, law):
    make_term(abbreviation="A", source=law)
    make_term(abbreviation="B", source=law, source_place="artikel 3")
    answer = client.get("/documenten/wet")
    assert [chapter.name for chapter in answer.context["chapters"]] == ["artikel 3", ""]
    assert _("No place given") in text_of(answer)


def test_a_list_without_any_place_has_no_chapters(client, law):
    make_term(abbreviation="A", source=law)
    html = html_of(client, law)
    assert "<details" not in html.partition("<main")[2]
    assert _("No place given") not in html


def test_one_place_written_in_two_ways_is_one(client, law):
    make_term(source=law, source_place="tabel 3")
    make_term(source=law, source_place="Tabel 3 (voetnoot 1)")
    [chapter] = client.get("/documenten/wet").context["chapters"]
    assert chapter.size == 2
    assert faults_of(html_of(client, law)) == []


def test_a_fact_has_a_link_its_kind_and_what_tells_it_from_others(client, law):
    organogram = make_organogram()
    top = make_placement(organogram, name="Korps")
    south = make_placement(organogram, top, name="Commissariaat Zuid")
    team = make_placement(organogram, south, unit=make_unit(slug="team-zuid", name="Team", source=law))
    FunctionalLine.objects.create(
        organogram=organogram, unit=south.unit, above=team.unit, kind="led", source=law
    )
    html = html_of(client, law)
    kind = Unit._meta.verbose_name
    assert f'<a href="/eenheden/team-zuid">Team</a> <span class="kind">{kind}: <span>Commissariaat' in html
    assert f'href="{south.unit.get_absolute_url()}">Commissariaat Zuid</a>' in html


def test_the_same_line_in_two_organograms_is_one_fact(client, law):
    units = make_unit(name="Dienst"), make_unit(name="Hoofd")
    for _year in range(2):
        organogram = make_organogram()
        top = make_placement(organogram)
        for unit in units:
            make_placement(organogram, top, unit=unit)
        FunctionalLine.objects.create(
            organogram=organogram, unit=units[0], above=units[1], kind="led", source=law, source_place="5"
        )
    assert client.get("/documenten/wet").context["total"] == 1


def test_what_the_public_does_not_see_is_not_listed(client, law):
    hidden = make_hidden_place(unit=make_unit(name="Geheime cel", source=law))
    Unit.objects.filter(pk=hidden.parent.unit_id).update(source=law)
    make_term(abbreviation="Ontwerp", source=law, status="draft")
    make_statement(text="Zonder plan", source=law, status="withdrawn")
    make_unit(name="Nergens", source=law)
    FunctionalLine.objects.create(
        organogram=hidden.organogram, unit=hidden.unit, above=hidden.parent.unit, source=law
    )
    schedule = make_schedule(title="Verborgen uren", source=law, status="draft")
    topic = make_topic(status="draft", source=law)
    make_channel(topic=topic, label="Verborgen nummer", value="+3292666111", source=law, schedule=schedule)
    answer = client.get("/documenten/wet")
    assert answer.context["total"] == 0
    assert _("Facts on this site that come from it") not in text_of(answer)


def test_opening_hours_lead_to_a_channel_that_has_them(client, law):
    schedule = make_schedule(title="Onthaal", source=law)
    channel = make_channel(topic=make_topic(slug="hulp"), value="+3292666111", schedule=schedule)
    assert f'<a href="/contact/hulp#{channel.slug}">Onthaal</a>' in html_of(client, law)


def test_only_a_long_list_is_folded(client, law):
    for number in range(MOST_OPEN):
        make_term(abbreviation=f"A{number}", source=law, source_place="2")
    assert html_of(client, law).count('<details class="cited" open>') == 1
    make_term(source=law, source_place="3")
    assert html_of(client, law).count('<details class="cited">') == 2


def test_the_places_of_a_long_chapter_are_folded_too(client, law):
    make_term(source=law, source_place="2.1")
    Term.objects.bulk_create(
        Term(slug=f"a{number}", abbreviation="A", status="published", source=law, source_place="2.2")
        for number in range(MOST_IN_CHAPTER)
    )
    html = html_of(client, law)
    assert f"<summary><h4>2.2 ({MOST_IN_CHAPTER})</h4></summary>" in html
    assert faults_of(html) == []


# --- both ways ---


def test_a_source_line_leads_to_the_place_on_the_page(client, law):
    make_term(source=law, source_place="13.5.2 a (voetnoot 1) en 14")
    assert 'href="/documenten/wet#plaats-13-5-2-a"' in client.get("/begrippen").content.decode()
    assert ' id="plaats-13-5-2-a"' in html_of(client, law)


def test_a_source_for_staff_leads_to_its_entry_in_the_list(client):
    make_term(source=make_document(slug="intern", access="internal"), source_place="3")
    assert 'href="/documenten#intern"' in client.get("/begrippen").content.decode()


@pytest.mark.once
def test_every_source_line_of_the_plan_finds_its_place(client, plan):
    found = set()
    for page in WITH_SOURCES:
        links = re.findall(r'href="(/documenten/[^"]+#[^"]+)"', client.get(page).content.decode())
        assert links or page == "/documenten", page
        found.update(links)
    pages = {link.partition("#")[0] for link in found}
    ids = {page: set(re.findall(r' id="([^"]+)"', client.get(page).content.decode())) for page in pages}
    assert {link for link in found if link.partition("#")[2] not in ids[link.partition("#")[0]]} == set()


@pytest.mark.once
def test_every_public_fact_of_the_plan_is_on_the_page_of_its_document(client, plan):
    document = Document.objects.get(slug="bedrijfsplan-2021-2025")
    html = html_of(client, document)
    models = [
        rows.model
        for rows in CITATIONS
        if issubclass(rows.model, Publishable) and hasattr(rows.model, "get_absolute_url")
    ]
    facts = [row for model in models for row in model.objects.with_address().filter(source=document)]
    assert len(facts) > 800
    missing = [row for row in facts if f'"{row.get_absolute_url()}"' not in html]
    assert [row for row in missing if not getattr(row, "is_empty", False)] == []


@pytest.mark.once
@pytest.mark.parametrize("language", ["", "/fr"])
def test_the_pages_of_the_plan_are_well_made(client, plan, language):
    for slug in Document.objects.with_page().values_list("slug", flat=True):
        html = client.get(f"{language}/documenten/{slug}").content.decode()
        assert (slug, faults_of(html), empty_blocks_of(html)) == (slug, [], [])


@pytest.mark.once
def test_a_page_of_the_web_does_not_rest_on_the_plan(plan):
    wrong = Document.objects.filter(basis="public_knowledge").exclude(source=None)
    assert list(wrong) == []


# --- queries ---


@pytest.mark.once
def test_queries_stay_the_same_at_twenty_and_hundreds_of_facts(client, law):
    def fill(count):
        common = {"status": "published", "source": law, "source_place": "13.5"}
        names = [f"rij-{count}-{number}" for number in range(count)]
        Term.objects.bulk_create(Term(slug=name, abbreviation=name, **common) for name in names)
        KeyFigure.objects.bulk_create(
            KeyFigure(slug=name, label=name, group="city", **common) for name in names
        )
        organogram = make_organogram()
        top = make_placement(organogram)
        for name in names[:10]:
            make_placement(organogram, top, unit=make_unit(slug=name, **common))
        Document.objects.bulk_create(Document(slug=name, title=name, **common) for name in names)

    fill(20)
    few = count_queries(client, "/documenten/wet", state="")
    assert count_queries(client, "/documenten/wet") <= MOST_QUERIES
    fill(300)
    assert count_queries(client, "/documenten/wet", state="") == few


@pytest.mark.once
def test_the_plan_costs_no_more_queries_than_any_other_page(client, plan):
    assert count_queries(client, "/documenten/bedrijfsplan-2021-2025") <= MOST_QUERIES
