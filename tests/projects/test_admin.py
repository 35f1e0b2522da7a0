"""Plans, projects and objectives in the admin."""

import pytest
from django.urls import reverse

from projects.models import Objective, Project
from pzgent.kernel.trees import find_faults
from tests.browser import form_data
from tests.make import make_objective, make_plan, make_project, make_unit


def page_of(item):
    return reverse(f"admin:projects_{item._meta.model_name}_change", args=[item.pk])


def save(client, item, **changes):
    return client.post(page_of(item), form_data(client.get(page_of(item)), **changes))


def row(prefix, number, **values):
    return {
        f"{prefix}-TOTAL_FORMS": str(number + 1),
        **{f"{prefix}-{number}-{key}": text for key, text in values.items()},
    }


def test_units_and_news_are_edited_on_the_page_of_a_project(admin_client):
    project, unit = make_project(), make_unit()
    units = row("project_units", 0, id="", unit=str(unit.pk), role="lead", note="")
    news = row("updates", 0, id="", date="2026-03-01", text="<b>Gestart</b>")
    assert save(admin_client, project, **units, **news).status_code == 302
    assert project.project_units.get().unit == unit
    assert project.updates.get().text == "<p><strong>Gestart</strong></p>"


def test_objectives_are_chosen_on_the_page_of_a_project(admin_client):
    project, goals = make_project(), [make_objective(), make_objective()]
    save(admin_client, project, objectives=[str(goal.pk) for goal in goals])
    assert project.objectives.count() == 2
    assert save(admin_client, project, title="Nieuw").status_code == 302
    assert project.objectives.count() == 2


def test_a_number_that_the_plan_has_already_is_refused(admin_client):
    first, second = make_project(), make_project()
    assert set(save(admin_client, second, number=first.number).context["adminform"].form.errors) == {
        "__all__"
    }


def test_a_unit_takes_part_once(admin_client):
    project, unit = make_project(), make_unit()
    project.project_units.create(unit=unit)
    answer = save(
        admin_client, project, **row("project_units", 1, id="", unit=str(unit.pk), role="partner", note="")
    )
    assert answer.context["errors"]


def test_a_new_project_gets_its_address_from_its_title(admin_client):
    page = reverse("admin:projects_project_add")
    changes = {"plan": str(make_plan().pk), "kind": "I", "number": "4", "title": "Meer blauw op straat"}
    assert admin_client.post(page, form_data(admin_client.get(page), **changes)).status_code == 302
    assert Project.objects.get().slug == "meer-blauw-op-straat"


def test_a_plan_links_to_its_projects(admin_client):
    project = make_project()
    links = admin_client.get(page_of(project.plan)).context["portal_links"]
    assert admin_client.get(links[0][1]).context["cl"].result_count == 1


@pytest.fixture
def goals(db):
    return [make_objective(title=title) for title in ("Een", "Twee")]


def titles():
    return list(Objective.objects.order_by("tree_id", "lft").values_list("title", flat=True))


def move(client, direction, goal):
    return client.post(reverse("admin:projects_objective_move"), {direction: str(goal.pk)})


def test_goals_move_among_each_other(goals, admin_client):
    assert move(admin_client, "up", goals[1]).status_code == 302
    assert titles() == ["Twee", "Een"]
    assert find_faults(Objective) == []


def test_the_last_goal_cannot_go_further_down(goals, admin_client):
    move(admin_client, "down", goals[1])
    assert titles() == ["Een", "Twee"]


def test_an_objective_moves_by_choosing_another_part_of(goals, admin_client):
    below = make_objective(title="Onder een", parent=goals[0])
    save(admin_client, below, parent=str(goals[1].pk))
    below.refresh_from_db()
    assert below.parent == goals[1]
    assert find_faults(Objective) == []


def test_an_objective_cannot_become_part_of_itself(goals, admin_client):
    below = make_objective(parent=goals[0])
    answer = save(admin_client, goals[0], parent=str(below.pk), text="getypt")
    assert answer.context["adminform"].form.has_error("parent", "cycle")
    assert "getypt" in answer.content.decode()


def test_publishing_an_objective_leaves_a_sound_tree(goals, admin_client):
    make_objective(parent=goals[0])
    data = {"action": "withdraw", "_selected_action": [str(goals[0].pk)]}
    asked = admin_client.post(reverse("admin:projects_objective_changelist"), data)
    admin_client.post(asked["Location"], {"start": "1"})
    assert Objective.objects.get(pk=goals[0].pk).status == "withdrawn"
    assert find_faults(Objective) == []


def test_a_search_for_an_objective_answers_with_its_path(goals, admin_client):
    make_objective(title="Onder een", parent=goals[0], code="1.1")
    data = {"app_label": "projects", "model_name": "objective", "field_name": "parent", "term": "onder"}
    found = admin_client.get(reverse("admin:autocomplete"), data).json()["results"]
    assert [item["text"] for item in found] == ["Een › 1.1 Onder een"]


def test_paths_of_objectives_cost_one_question_a_level(goals, django_assert_num_queries):
    leaves = [make_objective(parent=goal) for goal in goals]
    with django_assert_num_queries(2):
        paths = Objective.objects.get_paths(leaf.pk for leaf in leaves)
    assert [paths[leaf.pk][0] for leaf in leaves] == ["Een", "Twee"]
