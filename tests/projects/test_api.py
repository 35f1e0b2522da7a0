"""Plans, projects and objectives in the API."""

import datetime

import pytest

from organisation.models import Unit
from tests.make import (
    make_objective,
    make_organogram,
    make_placement,
    make_plan,
    make_project,
    make_succession,
    make_unit,
)

pytestmark = pytest.mark.django_db


def get(client, path):
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 200
    return answer.json()


def titles(client, query=""):
    return [item["title"] for item in get(client, f"projects{query}")["items"]]


@pytest.fixture
def place():
    return make_placement(make_organogram(), unit=make_unit(slug="wijkdienst", name="Wijkdienst"))


def test_a_project_carries_its_code_kind_and_plan(client):
    make_project(slug="p", kind="B", number=24, title="Wapens", plan=make_plan(slug="zvp", title="ZVP"))
    body = get(client, "projects/p")
    assert (body["number"], body["code"], body["kind"], body["title"]) == (24, "B 24", "B", "Wapens")
    assert body["plan"] == {"slug": "zvp", "name": "ZVP", "href": "http://testserver/api/v1/plans/zvp"}


def test_progress_that_is_not_published_is_left_out(client):
    make_project(slug="p")
    make_project(slug="q", progress="running")
    assert not {"progress", "progressLabel", "units", "objectives", "continues"} & set(
        get(client, "projects/p")
    )
    assert get(client, "projects/q")["progress"] == "running"


def test_a_project_names_its_units_with_their_part(client, place):
    make_project(slug="p").project_units.create(unit=place.unit, role="lead", note="trekker")
    assert get(client, "projects/p")["units"] == [
        {
            "slug": "wijkdienst",
            "name": "Wijkdienst",
            "href": "http://testserver/api/v1/units/wijkdienst",
            "role": "lead",
            "basis": "printed",
            "basisLabel": "staat in de bron",
            "note": "trekker",
        }
    ]


def test_a_project_does_not_name_a_hidden_unit(client, place):
    below = make_placement(place.organogram, place, unit=make_unit(publication_level="withheld"))
    team = make_placement(place.organogram, below)
    project = make_project(slug="p")
    project.project_units.create(unit=below.unit)
    project.project_units.create(unit=team.unit)
    assert "units" not in get(client, "projects/p")


def test_a_project_names_its_objectives_and_what_it_continues(client):
    goal, earlier = make_objective(title="Vertrouwen", slug="doel"), make_project(title="Vroeger")
    project = make_project(slug="p", continues=earlier)
    project.objectives.add(goal)
    body = get(client, "projects/p")
    assert body["objectives"][0]["name"] == "Vertrouwen"
    assert body["continues"]["name"] == "Vroeger"


def test_a_project_does_not_name_what_is_not_published(client):
    project = make_project(slug="p", continues=make_project(status="draft"))
    project.objectives.add(make_objective(status="draft"))
    assert not {"objectives", "continues"} & set(get(client, "projects/p"))


def test_news_stands_with_the_project_the_newest_first(client):
    project = make_project(slug="p")
    project.updates.create(date=datetime.date(2022, 1, 1), text="<p>Eerst</p>")
    project.updates.create(date=datetime.date(2023, 1, 1), text="<p>Later</p>")
    assert get(client, "projects/p")["updates"][0] == {"date": "2023-01-01", "text": "<p>Later</p>"}


def test_projects_can_be_narrowed_by_kind(client):
    make_project(title="Nieuw", kind="I")
    make_project(title="Borgen", kind="B")
    assert titles(client, "?kind=B") == ["Borgen"]
    assert titles(client, "?kind=B&kind=I") == ["Nieuw", "Borgen"]


def test_projects_can_be_narrowed_by_unit_and_stand_there_once(client, place):
    project, other = make_project(title="Buurt"), make_project(title="Ander")
    second = make_placement(place.organogram, place, unit=make_unit(slug="team"))
    for unit in (place.unit, second.unit):
        project.project_units.create(unit=unit)
    assert titles(client, "?unit=wijkdienst&unit=team") == ["Buurt"]
    assert titles(client) == ["Buurt", other.title]


def test_projects_can_be_narrowed_by_objective_plan_and_words(client):
    plan, goal = make_plan(slug="oud"), make_objective(slug="doel")
    project = make_project(title="Fietsen", plan=plan)
    project.objectives.add(goal)
    make_project(title="Auto", plan=make_plan(valid_from=datetime.date(2026, 1, 1)))
    assert (
        titles(client, "?objective=doel")
        == titles(client, "?plan=oud")
        == titles(client, "?q=FIETS")
        == ["Fietsen"]
    )


@pytest.mark.parametrize("query", ["kind=X", "kind=i", "plan=nope", "unit=nope", "objective=nope"])
def test_what_does_not_exist_cannot_narrow_projects(client, query):
    assert client.get(f"/api/v1/projects?{query}").status_code == 400


def test_projects_of_a_plan_that_is_not_published_are_not_shown(client):
    make_project(slug="p", plan=make_plan(status="draft"))
    assert client.get("/api/v1/projects/p").status_code == 404


def test_the_plan_in_force_leads_to_its_projects(client):
    make_plan(slug="oud", valid_from=datetime.date(2014, 1, 1))
    make_project(title="Nu", plan=make_plan(slug="nu", valid_from=datetime.date(2020, 1, 1)))
    (item,) = get(client, "plans?asOf=2021-01-01")["items"]
    assert item["slug"] == "nu"
    assert client.get(item["projects"]).json()["items"][0]["title"] == "Nu"


def test_objectives_are_flat_and_name_their_parent(client):
    goal = make_objective(slug="doel", title="Doel", code="1")
    make_objective(slug="sub", title="Sub", kind="subgoal", parent=goal)
    first, second = get(client, "objectives")["items"]
    assert (first["slug"], first["level"], "parent" in first) == ("doel", 0, False)
    assert (second["parent"]["slug"], second["level"]) == ("doel", 1)


def test_objectives_can_be_narrowed_by_kind_and_parent(client):
    goal = make_objective(slug="doel")
    make_objective(slug="sub", kind="subgoal", parent=goal)
    assert [item["slug"] for item in get(client, "objectives?kind=goal")["items"]] == ["doel"]
    assert [item["slug"] for item in get(client, "objectives?parent=doel")["items"]] == ["sub"]


def test_an_objective_below_a_draft_is_not_shown(client):
    make_objective(slug="sub", parent=make_objective(status="draft"))
    assert client.get("/api/v1/objectives/sub").status_code == 404


def test_an_objective_names_the_projects_that_serve_it(client):
    goal = make_objective(slug="doel")
    make_project(title="Fietsen", number=7).objectives.add(goal)
    make_project(status="draft").objectives.add(goal)
    assert [(item["code"], item["title"]) for item in get(client, "objectives/doel")["projects"]] == [
        ("I 7", "Fietsen")
    ]


@pytest.fixture
def reorganised():
    """A directorate with a team that took over from another, which stood elsewhere; each has a project."""
    old = make_organogram(valid_from=datetime.date(2020, 1, 1))
    new = make_organogram(valid_from=datetime.date(2021, 1, 1))
    units = {
        slug: make_unit(slug=slug)
        for slug in ("korps", "operaties", "steun", "vroeger", "nu", "onder", "weg")
    }
    for organogram, teams in ((old, {"vroeger": "steun", "weg": "operaties"}), (new, {"nu": "operaties"})):
        root = make_placement(organogram, unit=units["korps"])
        tops = {slug: make_placement(organogram, root, unit=units[slug]) for slug in ("operaties", "steun")}
        for team, top in teams.items():
            place = make_placement(organogram, tops[top], unit=units[team])
    make_placement(new, place, unit=units["onder"])
    make_succession(new, from_unit=units["vroeger"], to_unit=units["nu"])
    for slug, unit in units.items():
        make_project(title=slug).project_units.create(unit=unit)
    return new


@pytest.mark.parametrize(
    ("unit", "found"),
    [
        ("korps", {"korps", "operaties", "steun", "nu", "onder", "vroeger"}),
        ("operaties", {"operaties", "nu", "onder", "vroeger"}),
        ("steun", {"steun"}),
        ("onder", {"onder"}),
        ("vroeger", {"vroeger", "nu", "onder"}),
        ("weg", {"weg"}),
        ("steun&ancestor=onder", {"steun", "onder"}),
        ("operaties&unit=nu", {"nu"}),
    ],
)
def test_projects_of_a_unit_with_all_below_it_follow_what_became_of_units(client, reorganised, unit, found):
    assert set(titles(client, f"?ancestor={unit}")) == found


def test_what_the_public_does_not_see_below_a_unit_has_no_projects(client, reorganised):
    Unit.objects.filter(slug="nu").update(publication_level="withheld")
    assert set(titles(client, "?ancestor=operaties")) == {"operaties"}


def test_a_unit_that_does_not_exist_cannot_narrow_projects(client):
    assert client.get("/api/v1/projects?ancestor=nope").status_code == 400
