"""The list of projects that a visitor asks for: which plan, and how many projects each option leads to."""

import datetime

import pytest

from projects.models import Project
from projects.selection import select_projects
from tests.make import make_objective, make_plan, make_project, make_shown_unit, make_unit

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 6, 10)
DAY = datetime.timedelta(days=1)


@pytest.fixture
def projects():
    """Two I projects of a unit and one B of another, for an objective below a goal and for none."""
    unit, other = make_shown_unit(slug="wijk", name="Alfa"), make_shown_unit(slug="verkeer", name="Beta")
    goal = make_objective(slug="doel")
    below = make_objective(slug="deel", parent=goal)
    plan = make_plan(valid_from=TODAY)
    for number, (kind, worker, served, title) in enumerate(
        [("I", unit, below, "Fiets"), ("I", unit, goal, "Auto"), ("B", other, None, "Fiets en auto")], 1
    ):
        project = make_project(plan=plan, kind=kind, number=number, title=title)
        project.project_units.create(unit=worker, role="lead")
        if served:
            project.objectives.add(served)
    return plan


def counts(name, **asked):
    """How many projects each option of a filter leads to, as its label says."""
    form = select_projects(asked, TODAY).form
    return {
        value: int(str(label).rpartition("(")[2].rstrip(")"))
        for value, label in form.fields[name].choices
        if value
    }


def test_an_option_counts_the_projects_that_fit_it_and_all_other_filters(projects):
    assert counts("kind") == counts("kind", kind="I") == {"I": 2, "B": 1}
    assert counts("unit", kind="I") == counts("unit", kind="I", unit="verkeer") == {"wijk": 2, "verkeer": 0}
    assert counts("kind", q="fiets") == {"I": 1, "B": 1}
    assert counts("kind", q="fiets", unit="verkeer") == {"I": 0, "B": 1}


def test_units_are_offered_by_name(projects):
    assert list(counts("unit")) == ["wijk", "verkeer"]


def test_an_objective_counts_the_projects_of_those_below_it(projects):
    assert counts("objective") == {"doel": 2, "deel": 1}
    assert counts("objective", unit="verkeer") == {"doel": 0, "deel": 0}


def test_as_many_projects_are_listed_as_the_option_counts(projects):
    for asked in (
        {"kind": "I"},
        {"unit": "verkeer"},
        {"objective": "doel"},
        {"objective": "deel"},
        {"q": "auto"},
    ):
        name, value = next(iter(asked.items()))
        wanted = counts(name)[value] if name != "q" else 2
        assert len(select_projects(asked, TODAY).rows) == wanted


def test_a_filter_that_is_on_is_taken_off_alone(projects):
    kind, objective = select_projects({"kind": "I", "objective": "deel"}, TODAY).chosen
    assert (kind.without, objective.without) == ("objective=deel", "kind=I")
    assert str(kind.value).startswith("I: ")
    assert not objective.value.startswith("–")


def test_projects_stand_under_their_kind_and_empty_kinds_are_left_out(projects):
    assert [(kind, len(rows)) for kind, rows in select_projects({}, TODAY).by_kind] == [("I", 2), ("B", 1)]
    assert [kind for kind, _rows in select_projects({"kind": "B"}, TODAY).by_kind] == ["B"]


def test_only_what_narrows_a_plan_is_a_filter(projects):
    assert select_projects({"q": "auto"}, TODAY).is_filtered
    assert not select_projects({"plan": projects.slug}, TODAY).is_filtered


@pytest.mark.parametrize(("starts", "shown"), [((-2, -1), -1), ((-1, 0), 0), ((-1, 1), -1), ((1, 2, 3), 1)])
def test_the_plan_is_the_newest_that_has_started_or_else_the_first_to_come(starts, shown):
    plans = {start: make_plan(valid_from=TODAY + start * DAY) for start in starts}
    assert select_projects({}, TODAY).plan == plans[shown]


@pytest.mark.parametrize(("newer", "is_replaced"), [(-1, True), (0, True), (1, False)])
def test_a_plan_is_replaced_from_the_first_day_of_a_newer_one(newer, is_replaced):
    old = make_plan(valid_from=TODAY - 2 * DAY)
    make_plan(valid_from=TODAY + newer * DAY)
    assert select_projects({"plan": old.slug}, TODAY).is_replaced is is_replaced
    assert select_projects({}, TODAY).is_replaced is False


def test_nothing_is_listed_of_a_plan_that_is_not_there(projects):
    selection = select_projects({"plan": "bestaat-niet"}, TODAY)
    assert (selection.plan, selection.rows, selection.is_replaced) == (None, [], False)
    assert select_projects({"kind": "X"}, TODAY).rows == []


def test_what_is_not_published_is_neither_offered_nor_counted(projects):
    make_project(plan=projects, number=9, kind="B", status="draft").objectives.add(
        make_objective(slug="leeg")
    )
    hidden = make_objective(slug="geheim", status="draft")
    Project.objects.get(title="Auto").objectives.add(hidden)
    Project.objects.get(title="Auto").project_units.create(unit=make_unit(slug="geheim"), role="partner")
    make_plan(slug="geheim", status="draft")
    assert counts("objective") == {"doel": 2, "deel": 1}
    assert counts("kind") == {"I": 2, "B": 1}
    assert set(counts("unit")) == {"wijk", "verkeer"}
    offered = {value for value, _label in select_projects({}, TODAY).form.fields["plan"].choices if value}
    assert offered == {projects.slug}
