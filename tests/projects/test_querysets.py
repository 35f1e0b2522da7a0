"""The questions about projects and objectives, asked of a few rows."""

import datetime

import pytest

from organisation.models import Unit
from projects.models import Objective, Plan, Project, ProjectUnit
from tests.make import (
    make_corporate_plan,
    make_key_figure,
    make_objective,
    make_plan,
    make_project,
    make_shown_unit,
    make_unit,
)

pytestmark = pytest.mark.django_db


def titles(rows):
    return [row.title for row in rows]


def test_a_project_is_found_by_all_its_words_or_by_its_code():
    make_project(title="Fiets", kind="I", number=4, summary="Diefstal")
    make_project(title="Auto", kind="B", number=5)
    for asked in ("fiets", "diefstal fiets", "i4", "I 4", "i-4", "fiets 4"):
        assert titles(Project.objects.search(asked)) == ["Fiets"], asked
    assert titles(Project.objects.search("fiets auto")) == titles(Project.objects.search("i 5")) == []


@pytest.fixture
def parts():
    """A project with a unit that the public sees and one that it does not, and another with neither."""
    shown, hidden = make_shown_unit(slug="shown"), make_unit(slug="hidden")
    project = make_project(title="with units", number=1)
    for unit, role in ((hidden, "partner"), (shown, "lead")):
        ProjectUnit.objects.create(project=project, unit=unit, role=role)
    make_project(title="without", number=2)
    return project


@pytest.mark.parametrize("question", ["with_relations", "with_public_relations"])
def test_only_units_that_the_public_sees_are_told_of(parts, question):
    project = getattr(Project.objects.all(), question)().get(pk=parts.pk)
    assert [part.unit.slug for part in project.project_units.all()] == ["shown"]


def test_the_projects_of_a_unit_are_those_in_which_it_takes_part(parts):
    assert titles(Project.objects.all().of_units(["shown"])) == ["with units"]
    assert titles(Project.objects.all().of_any(Unit.objects.filter(slug="hidden"))) == ["with units"]
    assert titles(Project.objects.all().of_units(["other"])) == []
    assert {unit.slug for unit in Project.objects.all().units_taking_part()} == {"shown", "hidden"}


def test_a_part_is_published_with_its_project_and_stands_under_the_newest_plan_first(parts):
    unit = Unit.objects.get(slug="shown")
    newer = make_plan(valid_from=datetime.date(2024, 1, 1))
    for plan, number, title, status in [
        (newer, 2, "b", "published"),
        (newer, 1, "a", "published"),
        (newer, 3, "c", "draft"),
    ]:
        made = make_project(plan=plan, number=number, title=title, status=status)
        ProjectUnit.objects.create(project=made, unit=unit)
    found = ProjectUnit.objects.published().filter(unit=unit).newest_plan_first()
    assert [part.project.title for part in found] == ["a", "b", "with units"]


def test_whether_a_plan_is_in_force_and_what_it_continues_is_told():
    old, new = (make_plan(valid_from=datetime.date(year, 1, 1)) for year in (2014, 2020))
    first = make_project(plan=old, title="first")
    draft = make_project(plan=old, status="draft")
    make_project(plan=new, title="second", continues=first)
    make_project(plan=new, title="third", continues=draft)
    rows = Project.objects.published()
    assert {row.title for row in rows.with_relations() if row.plan_in_force} == {"second", "third"}
    assert {row.title for row in rows.with_public_relations() if row.continues_shown} == {"second"}
    assert Plan.objects.all().with_size().get(pk=old.pk).size == 2


@pytest.fixture
def goals():
    """goal > (aim > step, other); a project serves the step, and another one the goal."""
    made = {"goal": make_objective(slug="goal", title="goal")}
    for slug, parent in (("aim", "goal"), ("step", "aim"), ("other", "goal")):
        made[slug] = make_objective(slug=slug, title=slug, parent=made[parent])
    for slug in ("step", "goal"):
        make_project(title=f"for {slug}").objectives.add(made[slug])
    make_project(title="for nothing")
    return made


def test_the_way_to_an_objective_leads_from_the_top(goals):
    paths = Objective.objects.all().get_paths([goals["step"].pk, goals["goal"].pk])
    assert paths == {goals["step"].pk: ["goal", "aim", "step"], goals["goal"].pk: ["goal"]}


def test_a_project_of_an_objective_is_one_that_serves_it(goals):
    assert titles(Project.objects.all().of_objectives(["step"])) == ["for step"]
    (goal, *_others) = Objective.objects.all().with_projects()
    assert titles(goal.projects.all()) == ["for goal"]


def test_objectives_below_one_that_is_not_published_are_not_either(goals):
    Objective.objects.filter(slug="aim").update(status="draft")
    assert titles(Objective.objects.published().order_by("lft")) == ["goal", "other"]
    make_objective(title="of a draft", plan=make_corporate_plan(status="draft", valid_from="2022-01-01"))
    assert "of a draft" not in titles(Objective.objects.published())


def test_a_figure_knows_the_objectives_that_it_measures(goals):
    figure = make_key_figure()
    goals["aim"].figures.add(figure)
    goals["other"].figures.add(figure)
    assert {key: titles(rows) for key, rows in Objective.objects.all().get_by_figure().items()} == {
        figure.pk: ["aim", "other"]
    }


def test_hidden_projects_are_not_told_of_under_an_objective(goals):
    Project.objects.filter(title="for goal").update(status="draft")
    (goal, *_others) = Objective.objects.all().with_projects()
    assert titles(goal.projects.all()) == []
