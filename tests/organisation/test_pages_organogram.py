"""The organogram: as a list, a table and a drawing, on any day."""

import datetime
import gzip

import pytest
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from organisation.models import Organogram
from organisation.organogram_page import MOST_ROWS
from tests.make import make_organogram, make_placement, make_unit, make_wide_organogram
from tests.pages import count_queries, faults_of, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def versions():
    """Two organograms: in the second, from 2010, a team has been added."""
    first = make_organogram(title="Eerste", valid_from=datetime.date(2005, 1, 1))
    second = make_organogram(title="Tweede", valid_from=datetime.date(2010, 1, 1))
    old_top = make_placement(first, name="Korps")
    top = make_placement(second, unit=old_top.unit, name="Korps")
    make_placement(second, top, name="Nieuw team")
    return first, second


def test_without_organograms_the_page_says_so(client):
    answer = client.get("/organogram")
    assert answer.status_code == 200
    assert _("No organogram has been published yet.") in text_of(answer)


def test_the_page_shows_the_organogram_of_today(client, versions):
    answer = client.get("/organogram")
    assert answer.context["page"].shown == versions[1]
    assert "Nieuw team" in text_of(answer)


def test_a_day_shows_the_organogram_of_that_day(client, versions):
    answer = client.get("/organogram?datum=2007-06-01")
    assert answer.context["page"].shown == versions[0]


def test_the_list_of_versions_does_not_repeat_a_day_of_the_title(client, versions):
    _first, second = versions
    second.title = "Organogram vanaf 1 januari 2010"
    second.save()
    text = " ".join(text_of(client.get("/organogram")).split())
    assert "Eerste (vanaf 1 januari 2005) Organogram vanaf 1 januari 2010 Over deze versie" in text


def test_a_day_before_the_first_organogram_leads_to_the_first(client, versions):
    answer = client.get("/organogram?datum=1999-01-01")
    assert answer.status_code == 200
    assert versions[0].get_absolute_url() in answer.content.decode()
    assert answer.context["page"].listing is None


@pytest.mark.parametrize("day", ["gisteren", "2021-02-30", "2021-13-01", "01/09/2021", "2021-09-01x", "-"])
@pytest.mark.parametrize("field", ["datum", "vergelijk"])
def test_what_is_no_date_is_refused_with_a_reason(client, versions, day, field):
    answer = client.get("/organogram", {field: day})
    assert answer.status_code == 400
    assert answer.context["form"].errors[field][0] in text_of(answer)
    assert (
        f'<input type="text" id="id_{field}" name="{field}"\n             value="{day}"'
        in answer.content.decode()
    )
    assert '<a href="/organogram">Bekijk het laatste organogram</a>' in answer.content.decode()


def test_a_page_of_an_organogram_is_well_made(client, versions):
    assert faults_of(client.get("/organogram").content.decode()) == []


def test_a_refusal_is_well_made(client):
    assert faults_of(client.get("/organogram?datum=x").content.decode()) == []


def test_a_draft_is_not_shown(client, versions):
    make_placement(make_organogram(status="draft", valid_from=datetime.date(2011, 1, 1)), name="Geheim")
    assert "Geheim" not in client.get("/organogram?datum=2012-01-01").content.decode()


def test_what_stands_below_a_withheld_unit_is_not_shown(client, versions):
    top = versions[1].placements.get(parent=None)
    hidden = make_placement(versions[1], top, unit=make_unit(publication_level="withheld", name="Verborgen"))
    make_placement(versions[1], hidden, name="Kind van verborgen")
    html = client.get("/organogram").content.decode() + client.get("/organogram.svg").content.decode()
    assert "erborgen" not in html


def test_a_listed_unit_is_named_without_a_link(client, versions):
    top = versions[1].placements.get(parent=None)
    listed = make_placement(
        versions[1], top, unit=make_unit(publication_level="listed", name="Zonder pagina")
    )
    html = client.get("/organogram").content.decode() + client.get("/organogram.svg").content.decode()
    assert "Zonder pagina" in html
    assert listed.unit.get_absolute_url() not in html


def test_names_are_written_as_text(client, versions):
    top = versions[1].placements.get(parent=None)
    make_placement(versions[1], top, name='<b>"&</b>', abbreviation="<i>")
    html = client.get("/organogram").content.decode()
    assert "&lt;b&gt;&quot;&amp;&lt;/b&gt;" in html
    assert "<b>" not in html
    assert "<i>" not in html


def test_the_list_is_open_to_the_second_level(client):
    place = None
    organogram = make_organogram()
    for name in ("Nul", "Een", "Twee", "Drie"):
        place = make_placement(organogram, place, name=name)
    html = client.get("/organogram").content.decode()
    assert html.count("<details open>") == 2
    assert html.count("<details>") == 1


def test_the_table_gives_the_path_of_each_unit(client):
    organogram = make_organogram()
    top = make_placement(organogram, name="Korps")
    middle = make_placement(organogram, top, name="Wijkdienst")
    make_placement(organogram, middle, name="Gerechtelijk team")
    assert '<span class="path">Korps › Wijkdienst</span>' in client.get("/organogram").content.decode()


def test_changes_since_the_version_before_are_listed(client, versions):
    comparison = client.get("/organogram").context["page"].comparison
    assert (comparison.old, comparison.new) == versions
    assert [change.name for change in comparison.changes] == ["Nieuw team"]


def test_two_versions_are_compared_from_old_to_new_in_either_order(client, versions):
    page = client.get("/organogram?datum=2005-05-01&vergelijk=2020-01-01").context["page"]
    assert (page.comparison.old, page.comparison.new) == versions
    assert page.shown == versions[1]


def test_the_first_version_has_nothing_to_compare_with(client, versions):
    answer = client.get("/organogram?datum=2005-05-01")
    assert answer.context["page"].comparison is None


def test_a_future_organogram_says_that_it_is_still_to_come(client):
    day = timezone.localdate() + datetime.timedelta(days=40)
    make_placement(make_organogram(title="Straks", valid_from=day), name="Korps")
    answer = client.get("/organogram", {"datum": day.isoformat()})
    assert answer.context["page"].shown.title == "Straks"
    assert answer.context["page"].in_force is None


def second_of(organogram):
    return organogram.placements.order_by("lft")[1].unit.slug


@pytest.fixture
def sizes(db):
    """The second unit of organograms of 20, 20 and 10,000 places."""
    days = [datetime.date(year, 1, 1) for year in (2001, 2002, 2003)]
    organograms = [
        make_wide_organogram(size, valid_from=day) for size, day in zip([20, 20, 10_000], days, strict=True)
    ]
    return [second_of(organogram) for organogram in organograms]


@pytest.mark.once
def test_queries_stay_the_same_at_twenty_and_ten_thousand_places(client, sizes):
    for query in (
        "datum={day}",
        "filter=eenheid&datum={day}",
        "open=alles&datum={day}",
        "top={slug}&datum={day}",
    ):
        small = "/organogram?" + query.format(day="2002-05-05", slug=sizes[1])
        few = count_queries(client, small, state="")
        large = "/organogram?" + query.format(day="2003-05-05", slug=sizes[2])
        assert count_queries(client, large, warmed_by="/privacy", state="") == few
        assert count_queries(client, small) <= 3


def test_a_chain_of_units_deeper_than_python_can_recurse_is_shown(client):
    organogram, parent, rows = make_organogram(), None, []
    from organisation.models import Placement, Unit

    units = [Unit(slug=f"schakel-{n}", name=f"Schakel {n}", status="published") for n in range(1_500)]
    Unit.objects.bulk_create(units)
    for unit in units:
        parent = Placement(organogram=organogram, unit=unit, parent=parent, name=unit.name, kind="team")
        rows.append(parent)
    Placement.objects.insert_tree(rows)
    answer = client.get("/organogram")
    assert answer.status_code == 200
    assert "Schakel 1499" in answer.content.decode()


def test_a_long_table_stands_on_a_page_of_its_own(client):
    make_wide_organogram(MOST_ROWS + 1)
    page = client.get("/organogram")
    assert '<table id="rows">' not in page.content.decode()
    address = page.context["page"].table_address
    assert f'href="{address}"' in page.content.decode()
    html = client.get(address).content.decode()
    assert html.count('<th scope="row">') == MOST_ROWS + 1
    assert 'class="structure"' not in html
    assert faults_of(html) == []


def weight_of(text):
    return len(gzip.compress(text, 6))


def test_an_organogram_of_three_hundred_units_weighs_at_most_thirty_kilobytes(client, plan):
    """The first view in all, compressed: page, style and script, with names as long and as different as the plan's."""
    organogram = Organogram.objects.get_in_force()
    places = list(organogram.placements.order_by("lft"))
    for number in range(300 - len(places)):
        like = places[number * 7 % len(places)]
        name = f"{like.name} {['Noord', 'Oost', 'Zuid', 'West'][number % 4]} {number}"
        make_placement(organogram, places[number * 13 % len(places)], name=name, kind=like.kind)
    page = client.get("/organogram").content
    assert page.count(b"<li id=") == 300
    files = [settings.BASE_DIR / "static/css/site.css", settings.BASE_DIR / "static/js/site.js"]
    assert weight_of(page) + sum(weight_of(file.read_bytes()) for file in files) <= 30 * 1024
