"""Rules of plans, projects and objectives."""

import pytest
from django.db import IntegrityError, transaction

from projects.aims import get_tree
from projects.models import Objective, Plan, Project, ProjectUnit
from tests.make import make_objective, make_plan, make_project, make_unit

pytestmark = pytest.mark.django_db


def refused(make, **changes):
    """Whether the database itself refuses."""
    with pytest.raises(IntegrityError), transaction.atomic():
        make(**changes)
    return True


def test_a_number_stands_once_in_a_plan():
    make_project(number=4)
    assert refused(make_project, number=4)
    assert make_project(number=4, plan=make_plan()).pk


def test_only_i_and_b_projects_exist():
    assert refused(make_project, kind="X")


def test_a_project_does_not_continue_itself():
    project = make_project()
    project.continues = project
    with pytest.raises(IntegrityError), transaction.atomic():
        project.save()


def test_a_unit_stands_once_in_a_project():
    project, unit = make_project(), make_unit()
    ProjectUnit.objects.create(project=project, unit=unit)
    assert refused(ProjectUnit.objects.create, project=project, unit=unit, role="lead")


def test_a_project_goes_by_the_label_of_the_plan():
    assert str(make_project(kind="I", number=4, title="Fraude")) == "I 4 Fraude"


def test_a_project_of_a_hidden_plan_is_hidden():
    make_project(plan=make_plan(status="draft"))
    assert not Project.objects.published().exists()


def test_projects_are_found_by_unit_and_by_words():
    project, unit = make_project(title="Gestolen fietsen"), make_unit()
    make_project(title="Drugs")
    ProjectUnit.objects.create(project=project, unit=unit)
    assert Project.objects.of_units([unit.slug]).get() == project
    assert Project.objects.search("fietsen gestolen").get() == project


def test_plans_are_counted_with_their_projects():
    make_project()
    assert Plan.objects.with_size().get().size == 1


def test_a_hidden_goal_hides_its_sub_goals():
    goal = make_objective(status="draft")
    make_objective(parent=goal, kind="subgoal")
    make_objective(title="zichtbaar")
    assert [item.title for item in Objective.objects.published()] == ["zichtbaar"]


def test_objectives_form_a_tree_in_their_order():
    goal = make_objective(title="doel")
    make_objective(title="ander doel")
    make_objective(title="deel", parent=goal, kind="subgoal")
    tree = get_tree(Objective.objects.get_with_figures(), [], {})
    assert [entry["node"].title for entry in tree] == ["doel", "ander doel"]
    assert [entry["node"].title for entry in tree[0]["children"]] == ["deel"]
