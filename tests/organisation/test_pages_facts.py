"""The pages with staff, policies, key figures, documents and words."""

import datetime
from decimal import Decimal

import pytest
from django.utils import timezone
from django.utils.translation import gettext as _

from organisation.models import (
    Document,
    KeyFigure,
    Policy,
    PolicyAction,
    PolicyDomain,
    StaffingLine,
    StaffingTable,
    Term,
)
from tests.make import (
    make_document,
    make_grade,
    make_key_figure,
    make_policy,
    make_policy_action,
    make_policy_domain,
    make_staffing_table,
    make_term,
)
from tests.pages import MOST_QUERIES, count_queries, faults_of, text_of

pytestmark = pytest.mark.django_db
PAGES = ["/formatie", "/beleid", "/cijfers", "/documenten", "/begrippen"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_without_content_says_so(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    assert 'class="empty"' in answer.content.decode()
    assert faults_of(answer.content.decode()) == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_with_the_whole_plan_is_well_made(client, plan, path):
    html = client.get(path).content.decode()
    assert 'class="empty"' not in html
    assert faults_of(html) == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_can_only_be_read(client, path):
    assert client.post(path).status_code == 405


# --- staff ---


def test_numbers_are_written_the_dutch_way(client, plan):
    text = text_of(client.get("/formatie"))
    assert "1.181" in text
    assert "1.149" in text


def test_the_total_comes_before_the_grades(client, plan):
    text = text_of(client.get("/formatie"))
    assert text.index("1.422") < text.index("Hoofdcommissaris")
    assert text.index("1.422") < text.index("241")


def test_an_edition_without_numbers_says_not_published(client, plan):
    html = client.get("/formatie").content.decode()
    row = html[html.index('<tr id="formatie-2017"') :].partition("</tr>")[0]
    assert row.count(_("not in our source")) == 1
    assert "versie=formatie-2017" not in html


def test_only_editions_with_numbers_can_be_chosen(client, plan):
    answer = client.get("/formatie")
    assert [table.slug for table in answer.context["choices"]] == ["formatie-2021"]
    assert 'name="versie"' not in answer.content.decode()
    line = StaffingTable.objects.get(slug="streefbezetting").lines.create(grade=make_grade(), count=7)
    assert f'name="met" value="{line.table.slug}"' in client.get("/formatie").content.decode()


def test_a_decision_names_who_and_when(client, plan):
    text = text_of(client.get("/formatie"))
    assert "Gemeenteraad van de Stad Gent" in text
    assert "26 april 2021" in text
    assert "16 juli 2021" in text


def test_the_formation_in_force_is_not_the_one_to_come(client):
    make_staffing_table(title="Nu")
    make_staffing_table(title="Straks", valid_from=timezone.localdate() + datetime.timedelta(days=9))
    assert client.get("/formatie").context["beside"].shown.table.title == "Nu"


def test_a_draft_table_is_not_shown(client):
    make_staffing_table(title="Ontwerp", status="draft")
    assert "Ontwerp" not in client.get("/formatie").content.decode()


def test_decimals_are_written_with_a_comma(client):
    table = make_staffing_table()
    StaffingLine.objects.create(table=table, grade=make_grade(), count=Decimal("2.50"), measure="fte")
    html = client.get("/formatie").content.decode()
    assert html.count(">2,5<") == 3


# --- policies ---


def test_a_policy_shows_its_domains_and_actions(client):
    action = make_policy_action(make_policy_domain(code="a", title="Goed werk"), title="Luisteren")
    text = text_of(client.get(action.domain.policy.get_absolute_url()))
    assert "a) Goed werk" in text
    assert "Luisteren" in text


def test_actions_that_the_source_names_but_this_site_lacks_are_said_to_be_elsewhere(client):
    policy = make_policy(stated_actions=14)
    html = client.get(policy.get_absolute_url()).content.decode()
    assert "De bron noemt 14 actiepunten. Hun tekst staat niet op deze site." in " ".join(html.split())


def test_a_difference_between_stated_and_printed_actions_is_shown(client):
    action = make_policy_action(make_policy_domain(make_policy(stated_actions=3)))
    expected = _("Number of action points according to the source: %(stated)s. Published here: %(printed)s.")
    answer = client.get(action.domain.policy.get_absolute_url())
    assert expected % {"stated": 3, "printed": 1} in text_of(answer)


def test_the_list_has_only_the_editions_in_force(client):
    make_policy(title="Oud", series="eco", valid_from=datetime.date(2010, 1, 1))
    make_policy(title="Nieuw", series="eco", valid_from=datetime.date(2020, 1, 1))
    text = text_of(client.get("/beleid"))
    assert "Nieuw" in text
    assert "Oud" not in text


def test_an_earlier_edition_leads_to_the_one_in_force(client):
    old = make_policy(series="eco", valid_from=datetime.date(2010, 1, 1))
    new = make_policy(series="eco", valid_from=datetime.date(2020, 1, 1))
    assert client.get(old.get_absolute_url()).context["newer"] == new
    assert client.get(new.get_absolute_url()).context["newer"] is None


def test_an_edition_to_come_does_not_replace_the_one_in_force(client):
    now = make_policy(series="eco")
    make_policy(series="eco", valid_from=timezone.localdate() + datetime.timedelta(days=9))
    assert client.get(now.get_absolute_url()).context["newer"] is None


def test_a_draft_policy_is_not_found(client):
    assert client.get(make_policy(status="draft").get_absolute_url()).status_code == 404


def test_a_policy_page_is_well_made(client, plan):
    for policy in Policy.objects.all():
        assert faults_of(client.get(policy.get_absolute_url()).content.decode()) == []


def test_a_policy_links_no_document_that_is_not_published(client):
    policy = make_policy(document=make_document(title="Intern stuk", status="draft"))
    assert "Intern stuk" not in client.get(policy.get_absolute_url()).content.decode()


# --- key figures ---


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"value": 265000, "qualifier": "exact", "unit": "inwoners"}, "<strong>265.000</strong> inwoners"),
        ({"value": Decimal("5.40"), "unit": "miljoen euro"}, "<strong>5,4</strong> miljoen euro"),
        ({"value": 5, "value_max": 10, "unit": "km"}, "<strong>5 {to} 10</strong> km"),
        ({"value": 5415}, "<strong>5415</strong>"),
        ({"value": 0, "unit": "zones"}, "<strong>0</strong> zones"),
        ({"value": None, "unit": "zones"}, "not-published"),
    ],
)
def test_a_figure_is_written_as_people_read_it(client, values, expected):
    make_key_figure(**values)
    to = (_("%(low)s to %(high)s") % {"low": "", "high": ""}).strip()
    assert expected.format(to=to) in client.get("/cijfers").content.decode()


def test_only_the_dutch_part_of_a_figure_is_marked_as_dutch(client):
    make_key_figure(value=150, qualifier="more_than", unit="talen", highlight=1)
    html = client.get("/en/cijfers").content.decode()
    assert '<p class="figure-value"><strong>more than 150</strong> <span lang="nl">talen</span>' in html


def test_a_figure_says_how_exact_it_is(client):
    figure = make_key_figure(value=150, qualifier="more_than", unit="talen")
    assert f"<strong>{figure.get_qualifier_display()} 150</strong>" in client.get("/cijfers").content.decode()


@pytest.mark.parametrize(
    ("precision", "expected"), [("year", "2020"), ("month", "mei 2020"), ("day", "1 mei 2020")]
)
def test_a_figure_gives_its_date_as_exactly_as_the_source(client, precision, expected):
    make_key_figure(reference_date=datetime.date(2020, 5, 1), reference_precision=precision)
    expected = _("Situation: %(day)s") % {"day": expected}
    assert expected in [line.strip() for line in client.get("/cijfers").content.decode().splitlines()]


def test_the_ten_main_figures_come_first_in_the_order_of_the_editors(client):
    for place in range(12, 0, -1):
        make_key_figure(label=f"Cijfer {place}", highlight=place)
    make_key_figure(label="Gewoon")
    page = client.get("/cijfers").context["page"]
    assert [main.figure.highlight for main in page.main] == list(range(1, 11))
    assert {figure.label for figure in page.others} == {"Cijfer 11", "Cijfer 12", "Gewoon"}


def test_figures_that_count_the_same_are_drawn_once(client, plan):
    page = client.get("/cijfers").context["page"]
    charts = {main.figure.slug: main.chart for main in page.main if main.chart}
    assert list(charts) == ["voertuigen", "fietsen", "i-projecten"]
    assert [row.label for row in charts["i-projecten"].rows] == ["I-projecten", "B-projecten"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "ELEKTRISCHE fiets"}, {"Elektrische fietsen"}),
        ({"groep": "bicycles"}, {"Fietsen", "Elektrische fietsen"}),
        ({"groep": "city", "q": "fiets"}, set()),
    ],
)
def test_the_table_of_figures_can_be_narrowed(client, query, found):
    make_key_figure(label="Fietsen", group="bicycles", highlight=1)
    make_key_figure(label="Elektrische fietsen", group="bicycles")
    make_key_figure(label="Wijken", group="city")
    answer = client.get("/cijfers", query)
    assert {figure.label for figure in answer.context["page"].others} == found
    assert ('class="empty"' in answer.content.decode()) is not found
    assert faults_of(answer.content.decode()) == []


@pytest.mark.parametrize("query", ["/cijfers?groep=onzin", *(f"{path}?q={'a' * 101}" for path in PAGES[2:])])
def test_an_unreadable_filter_is_refused(client, query):
    assert client.get(query).status_code == 400


def test_a_list_without_filter_is_folded_and_with_one_open(client):
    make_document(title="Jaarverslag", kind="report")
    make_document(title="Wet", kind="law")
    assert "<details open>" not in (html := client.get("/documenten").content.decode())
    assert '<details id="kind-report">' in html
    html = client.get("/documenten?q=jaar").content.decode()
    assert '<details id="kind-report" open>' in html
    assert "kind-law" not in html


# --- documents ---


def test_a_public_document_has_a_link(client):
    make_document(url="https://example.be/plan.pdf")
    assert 'href="https://example.be/plan.pdf"' in client.get("/documenten").content.decode()


def test_a_document_for_staff_has_no_link(client):
    make_document(url="https://intern.example.be/x", access="internal")
    answer = client.get("/documenten")
    assert "intern.example.be" not in answer.content.decode()
    assert _("Only for the staff of the police.") in text_of(answer)


def test_the_place_of_a_document_can_be_linked_to(client):
    document = make_document()
    assert f'id="{document.slug}"' in client.get("/documenten").content.decode()


# --- words ---


def test_words_stand_in_alphabetical_order_whatever_their_accents_or_capitals(client):
    for word in ("Zorg", "élan", "apg", "3P", "Elf"):
        make_term(abbreviation=word)
    groups = client.get("/begrippen").context["groups"]
    assert [letter for letter, _terms in groups] == ["0-9", "A", "E", "Z"]
    assert [term.abbreviation for _letter, terms in groups for term in terms] == [
        "3P",
        "apg",
        "élan",
        "Elf",
        "Zorg",
    ]


def test_a_word_without_meaning_says_not_published(client):
    make_term(abbreviation="DOC POL")
    assert _("not in our source") in text_of(client.get("/begrippen"))


def test_words_can_be_narrowed(client):
    make_term(abbreviation="APG", expansion="Algemeen Politiecentrum")
    make_term(abbreviation="BPM")
    groups = client.get("/begrippen?q=algemeen").context["groups"]
    assert [(letter, [term.abbreviation for term in terms]) for letter, terms in groups] == [("A", ["APG"])]
    assert 'class="empty"' in client.get("/begrippen?q=xyzzy").content.decode()


def test_a_word_can_be_linked_to(client):
    term = make_term()
    assert f'id="{term.slug}"' in client.get("/begrippen").content.decode()


# --- queries ---


def fill(count):
    """`count` rows of everything that these pages list."""
    source = make_document(slug=f"bron-{count}")
    names = [f"rij-{count}-{number}" for number in range(count)]
    common = {"status": "published", "source": source}
    Document.objects.bulk_create(Document(slug=name, title=name, **common) for name in names)
    Term.objects.bulk_create(Term(slug=name, abbreviation=name, **common) for name in names)
    KeyFigure.objects.bulk_create(KeyFigure(slug=name, label=name, group="city", **common) for name in names)
    day = datetime.date(2020, 1, 1)
    policies = [Policy(slug=name, series=name, title=name, valid_from=day, **common) for name in names]
    Policy.objects.bulk_create(policies)
    domains = PolicyDomain.objects.bulk_create(
        PolicyDomain(policy=policy, slug="a", title="A") for policy in policies
    )
    PolicyAction.objects.bulk_create(PolicyAction(domain=domain, title="Doen") for domain in domains)
    for number in range(count // 10):
        day = datetime.date(2000 + count // 100, 1, 1) + datetime.timedelta(days=number)
        make_staffing_table(valid_from=day, source=source)


@pytest.mark.once
def test_queries_stay_the_same_at_twenty_and_hundreds_of_rows(client):
    fill(20)
    few = [count_queries(client, path, state="") for path in PAGES]
    assert max(count_queries(client, path) for path in PAGES) <= MOST_QUERIES
    fill(500)
    assert [count_queries(client, path, warmed_by="/privacy", state="") for path in PAGES] == few


def test_a_policy_with_many_actions_takes_few_queries(client):
    policy = make_policy()
    domains = [PolicyDomain(policy=policy, slug=f"d{number}", title="D") for number in range(200)]
    PolicyDomain.objects.bulk_create(domains)
    PolicyAction.objects.bulk_create(PolicyAction(domain=domain, title="Doen") for domain in domains)
    assert count_queries(client, policy.get_absolute_url()) <= MOST_QUERIES
