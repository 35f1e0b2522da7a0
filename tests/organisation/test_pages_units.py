"""The page of one unit."""

import datetime

import pytest
from django.utils import timezone
from django.utils.translation import gettext as _

from organisation.models import Placement, Unit
from tests.make import (
    make_document,
    make_hidden_place,
    make_organogram,
    make_placement,
    make_project,
    make_shown_unit,
    make_succession,
    make_unit,
    make_wide_organogram,
)
from tests.pages import MOST_QUERIES, count_queries, empty_blocks_of, faults_of, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree():
    """Korps › Directie › Dienst › Team in one organogram."""
    places, parent = {}, None
    organogram = make_organogram()
    for name in ("Korps", "Directie", "Dienst", "Team"):
        parent = places[name] = make_placement(organogram, parent, name=name)
    return places


def page(client, unit):
    return client.get(unit.get_absolute_url())


def test_a_unit_shows_its_path_tasks_and_parts(client, tree):
    unit = tree["Dienst"].unit
    unit.tasks = "Wijken kennen\nPraten met bewoners"
    unit.save()
    text = text_of(page(client, unit))
    assert "Praten met bewoners" in text
    assert "Korps" in text
    assert "Directie" in text
    assert "Team" in text


def test_a_unit_page_is_well_made(client, tree):
    assert faults_of(page(client, tree["Dienst"].unit).content.decode()) == []


def test_a_unit_without_any_content_has_a_page(client):
    answer = page(client, make_shown_unit(name="Kaal"))
    assert answer.status_code == 200
    assert _("This is the top of the organisation.") in text_of(answer)


def test_a_unit_without_projects_has_no_heading_for_them(client):
    answer = page(client, make_shown_unit(name="Kaal"))
    assert 'id="projects"' not in answer.content.decode()
    assert empty_blocks_of(answer.content.decode()) == []


@pytest.mark.once
def test_no_unit_of_the_plan_has_an_empty_block(client, plan):
    for unit in Unit.objects.published().filter(publication_level="public"):
        html = page(client, unit).content.decode()
        assert (unit.slug, empty_blocks_of(html)) == (unit.slug, [])


def test_a_unit_that_stands_nowhere_has_no_page(client):
    assert page(client, make_unit()).status_code == 404


def test_an_unknown_unit_is_not_found(client):
    assert client.get("/eenheden/bestaat-niet").status_code == 404


@pytest.mark.parametrize("changes", [{"status": "draft"}, {"status": "withdrawn"}])
def test_a_unit_that_is_not_published_is_not_found(client, changes):
    assert page(client, make_shown_unit(**changes)).status_code == 404


@pytest.mark.parametrize("level", ["listed", "withheld"])
def test_a_unit_without_a_page_of_its_own_is_not_found(client, tree, level):
    unit = tree["Dienst"].unit
    unit.publication_level = level
    unit.save()
    assert page(client, unit).status_code == 404


def test_a_unit_below_a_hidden_unit_is_not_found(client, tree):
    hidden = tree["Directie"].unit
    hidden.publication_level = "withheld"
    hidden.save()
    assert page(client, tree["Team"].unit).status_code == 404


def test_a_unit_below_a_unit_that_is_no_longer_published_is_not_found(client, tree):
    ended = tree["Directie"].unit
    ended.publish_until = timezone.now() - datetime.timedelta(hours=1)
    ended.save()
    assert page(client, tree["Team"].unit).status_code == 404


def test_a_listed_part_is_named_without_a_link(client, tree):
    listed = tree["Team"].unit
    listed.publication_level = "listed"
    listed.save()
    html = page(client, tree["Dienst"].unit).content.decode()
    assert "Team" in html
    assert listed.get_absolute_url() not in html


def test_a_withheld_part_is_not_named(client, tree):
    hidden = tree["Team"].unit
    hidden.publication_level = "withheld"
    hidden.save()
    assert "Team" not in text_of(page(client, tree["Dienst"].unit))


def test_a_former_address_redirects_for_good(client, tree):
    unit = tree["Dienst"].unit
    before = unit.get_absolute_url()
    unit.slug = "nieuw-adres"
    unit.save()
    answer = client.get(before)
    assert answer.status_code == 301
    assert answer.headers["Location"] == unit.get_absolute_url()


def test_a_former_address_of_a_withheld_unit_is_not_found(client):
    unit = make_shown_unit()
    before = unit.get_absolute_url()
    unit.slug, unit.publication_level = "ander-adres", "withheld"
    unit.save()
    assert client.get(before).status_code == 404


def test_a_unit_that_went_back_to_its_first_address_does_not_redirect_to_itself(client):
    unit = make_shown_unit(slug="eerste")
    unit.slug = "tweede"
    unit.save()
    unit.slug, unit.status = "eerste", "draft"
    unit.save()
    assert client.get("/eenheden/eerste").status_code == 404


def test_a_unit_that_left_the_organogram_points_to_its_successor(client, tree):
    newer = make_organogram(valid_from=datetime.date(2010, 5, 1))
    top = make_placement(newer, unit=tree["Korps"].unit)
    heir = make_placement(newer, top, name="Nieuwe dienst").unit
    make_succession(newer, from_unit=tree["Dienst"].unit, to_unit=heir)
    answer = page(client, tree["Dienst"].unit)
    assert answer.status_code == 200
    assert answer.context["history"].state == "former"
    assert answer.context["history"].ended_on == newer.valid_from
    assert heir.get_absolute_url() in answer.content.decode()


def test_a_successor_below_a_hidden_unit_is_not_named(client, tree):
    newer = make_organogram(valid_from=datetime.date(2010, 5, 1))
    top = make_placement(newer, unit=tree["Korps"].unit)
    hidden = make_placement(newer, top, unit=make_unit(publication_level="withheld"))
    heir = make_placement(newer, hidden, name="Stille dienst").unit
    make_succession(newer, from_unit=tree["Dienst"].unit, to_unit=heir)
    assert "Stille dienst" not in page(client, tree["Dienst"].unit).content.decode()


def test_a_successor_names_where_it_comes_from(client, tree):
    newer = make_organogram(valid_from=datetime.date(2010, 5, 1))
    top = make_placement(newer, unit=tree["Korps"].unit)
    heir = make_placement(newer, top, name="Nieuwe dienst").unit
    make_succession(newer, from_unit=tree["Dienst"].unit, to_unit=heir)
    assert tree["Dienst"].unit.get_absolute_url() in page(client, heir).content.decode()


def test_an_abolished_unit_says_so(client, tree):
    newer = make_organogram(valid_from=datetime.date(2010, 5, 1))
    make_placement(newer, unit=tree["Korps"].unit)
    make_succession(newer, from_unit=tree["Dienst"].unit, to_unit=None, kind="abolished")
    assert _("It was abolished.") in text_of(page(client, tree["Dienst"].unit))


def test_a_unit_that_is_still_to_come_says_so(client):
    future = make_organogram(valid_from=timezone.localdate() + datetime.timedelta(days=30))
    unit = make_placement(future, name="Later").unit
    assert page(client, unit).context["history"].state == "future"


def test_history_gives_the_name_in_each_organogram(client, tree):
    newer = make_organogram(valid_from=datetime.date(2010, 5, 1))
    top = make_placement(newer, unit=tree["Korps"].unit, name="Korps")
    make_placement(newer, top, unit=tree["Dienst"].unit, name="Grote dienst")
    history = page(client, tree["Dienst"].unit).context["history"]
    assert [standing.place.name for standing in history.standings] == ["Dienst", "Grote dienst"]


def test_history_leaves_out_an_organogram_in_which_the_unit_stood_below_a_hidden_one(client):
    older, newer = make_organogram(), make_organogram()
    hidden = make_placement(older, unit=make_unit(publication_level="withheld", name="Geheim"))
    unit = make_placement(older, hidden, name="Dienst").unit
    make_placement(newer, unit=unit)
    answer = page(client, unit)
    assert [standing.place.organogram for standing in answer.context["history"].standings] == [newer]
    assert "Geheim" not in answer.content.decode()


def test_a_draft_organogram_is_not_part_of_the_history(client, tree):
    make_placement(make_organogram(status="draft"), unit=tree["Dienst"].unit)
    assert len(page(client, tree["Dienst"].unit).context["history"].standings) == 1


def test_a_unit_shows_its_projects_and_its_role(client, tree):
    project = make_project(title="Straatcontact")
    project.project_units.create(unit=tree["Dienst"].unit, role="lead")
    make_project(title="Van een ander")
    html = page(client, tree["Dienst"].unit).content.decode()
    assert project.get_absolute_url() in html
    assert "Van een ander" not in html


def test_a_unit_shows_no_project_that_is_not_published(client, tree):
    make_project(title="Geheim plan", status="draft").project_units.create(unit=tree["Dienst"].unit)
    assert "Geheim plan" not in page(client, tree["Dienst"].unit).content.decode()


def test_a_unit_says_where_its_facts_come_from(client):
    unit = make_shown_unit(source=make_document(title="Bronboek"), source_place="hoofdstuk 9")
    text = text_of(page(client, unit))
    assert "Bronboek" in text
    assert "hoofdstuk 9" in text


def test_formatted_text_is_cleaned_on_its_way_out(client):
    unit = make_shown_unit()
    type(unit).objects.filter(pk=unit.pk).update(description="<p>Goed</p><script>alert(1)</script>")
    html = page(client, unit).content.decode()
    assert "<p>Goed</p>" in html
    assert "alert(1)" not in html


@pytest.mark.parametrize("size", [20, 2_000])
def test_queries_stay_within_bounds_at_any_size(client, size):
    organogram = make_wide_organogram(size)
    top = Placement.objects.get(organogram=organogram, parent=None)
    assert count_queries(client, top.unit.get_absolute_url()) == 3


def test_a_unit_with_everything_stays_within_four_queries(client, plan):
    newest = Placement.objects.get(unit__slug="wijkdienst", organogram__slug="organogram-2021-09")
    make_succession(newest.organogram, to_unit=newest.unit)
    assert count_queries(client, newest.unit.get_absolute_url()) <= MOST_QUERIES


def test_what_the_name_says_is_not_said_above_it(client, plan):
    assert 'class="kind"' not in client.get("/eenheden/team-pluk").content.decode().partition("<h1")[0]
    assert "Team PLUK (PLUK)" not in client.get("/organogram").content.decode()
    above = client.get("/eenheden/wijkdienst").content.decode().partition("<h1")[0]
    assert '<p class="kind">dienst' in above


def test_a_former_address_of_a_hidden_unit_leads_nowhere(client):
    unit = make_placement(make_organogram()).unit
    before = unit.slug
    unit.slug = "nieuw-adres"
    unit.save()
    assert client.get(f"/eenheden/{before}").status_code == 301
    make_hidden_place(unit=unit)
    assert client.get(f"/eenheden/{before}").status_code == 404
