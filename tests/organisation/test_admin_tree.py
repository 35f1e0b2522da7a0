"""An organogram as a tree in the admin."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from organisation.models import Placement
from pzgent.kernel.trees import find_faults
from tests.browser import form_data
from tests.make import make_organogram, make_placement, make_unit, make_wide_organogram

TREE = "admin:organisation_placement_changelist"


@pytest.fixture
def tree(db):
    root = make_placement(make_organogram(), name="Korps")
    for name in ("Een", "Twee", "Drie"):
        make_placement(root.organogram, root, name=name)
    return {place.name: place for place in Placement.objects.all()}


def names(answer):
    return [place.name for place in answer.context["cl"].result_list]


def move(client, direction, place, **data):
    return client.post(reverse("admin:organisation_placement_move"), {direction: str(place.pk), **data})


def order():
    return list(Placement.objects.order_by("tree_id", "lft").values_list("name", flat=True))


def save(client, place, **changes):
    page = reverse("admin:organisation_placement_change", args=[place.pk])
    return client.post(page, form_data(client.get(page), **changes))


def add(client, **changes):
    page = reverse("admin:organisation_placement_add")
    return client.post(page, form_data(client.get(page), **changes))


def errors_of(answer):
    return set(answer.context["adminform"].form.errors)


# --- The list ---------------------------------------------------------------------------------------
def test_the_tree_in_force_is_shown_in_document_order(tree, admin_client):
    make_placement(make_organogram(status="draft"), name="Andere")
    make_placement(tree["Korps"].organogram, tree["Een"], name="Onder een")
    assert names(admin_client.get(reverse(TREE))) == ["Korps", "Een", "Onder een", "Twee", "Drie"]


def test_another_organogram_can_be_chosen(tree, admin_client):
    draft = make_placement(make_organogram(status="draft"), name="Andere").organogram
    assert names(admin_client.get(reverse(TREE) + f"?organogram={draft.pk}")) == ["Andere"]


def test_an_unknown_organogram_shows_the_one_in_force(tree, admin_client):
    assert names(admin_client.get(reverse(TREE) + "?organogram=nonsense"))[0] == "Korps"


def test_without_a_published_organogram_the_newest_draft_is_shown(admin_client):
    make_placement(make_organogram(status="draft"), name="Concept")
    assert names(admin_client.get(reverse(TREE))) == ["Concept"]


def test_levels_are_classes_and_words(tree, admin_client):
    html = admin_client.get(reverse(TREE)).content.decode()
    assert re.findall(r"tree-level-(\d)", html) == ["0", "1", "1", "1"]
    assert " style=" not in html


def test_search_results_show_their_path(tree, admin_client):
    html = admin_client.get(reverse(TREE) + "?q=twee").content.decode()
    assert 'class="field-path' in html


def test_the_first_cannot_go_up_and_the_last_cannot_go_down(tree, admin_client):
    html = admin_client.get(reverse(TREE)).content.decode()
    disabled = set(re.findall(r'<button[^>]*id="([^"]+)"[^>]* disabled>', html))
    root, first, last = (tree[name].pk for name in ("Korps", "Een", "Drie"))
    assert disabled == {f"up-{root}", f"down-{root}", f"up-{first}", f"down-{last}"}


def test_the_buttons_belong_to_a_form_with_a_token(tree, admin_client):
    answer = admin_client.get(reverse(TREE))
    data = form_data(answer, "tree-moves")
    assert set(data) == {"csrfmiddlewaretoken", "query", "form_once"}
    assert answer.content.decode().count('form="tree-moves"') == 8


@pytest.mark.once
def test_ten_thousand_places_cost_as_many_questions_as_twenty(admin_client):
    counts = []
    for size in (20, 10_000):
        organogram = make_wide_organogram(size)
        page = reverse(TREE) + f"?organogram={organogram.pk}"
        admin_client.get(page)
        with CaptureQueriesContext(connection) as queries:
            admin_client.get(page)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12


# --- Moving -----------------------------------------------------------------------------------------
def test_a_button_moves_a_unit_up(tree, admin_client):
    answer = move(admin_client, "up", tree["Drie"])
    assert (answer.status_code, order()) == (302, ["Korps", "Een", "Drie", "Twee"])
    assert find_faults(Placement) == []


def test_a_button_moves_a_unit_down(tree, admin_client):
    move(admin_client, "down", tree["Een"])
    assert order() == ["Korps", "Twee", "Een", "Drie"]


def test_after_a_move_the_same_list_opens_at_the_same_row(tree, admin_client):
    key = tree["Drie"].organogram_id
    answer = move(admin_client, "up", tree["Drie"], query=f"organogram={key}&p=2")
    assert answer["Location"] == f"{reverse(TREE)}?organogram={key}&p=2#up-{tree['Drie'].pk}"


@pytest.mark.parametrize(
    ("direction", "name"), [("up", "Een"), ("down", "Drie"), ("up", "Korps"), ("down", "Korps")]
)
def test_a_move_past_the_edge_changes_nothing(direction, name, tree, admin_client):
    make_placement(make_organogram(status="draft"), name="Andere boom")
    before = order()
    assert move(admin_client, direction, tree[name]).status_code == 302
    assert order() == before


@pytest.mark.parametrize("data", [{}, {"up": "nonsense"}, {"up": "00000000-0000-0000-0000-000000000000"}])
def test_a_move_of_nothing_is_a_message(data, tree, admin_client):
    answer = admin_client.post(reverse("admin:organisation_placement_move"), data, follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["error"]


def test_moving_needs_a_post(tree, admin_client):
    assert admin_client.get(reverse("admin:organisation_placement_move")).status_code == 405


def test_who_may_only_look_cannot_move(tree, client, django_user_model):
    viewer = django_user_model.objects.create_user("lezer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_placement"))
    client.force_login(viewer)
    assert move(client, "up", tree["Drie"]).status_code == 403
    assert order()[-1] == "Drie"


# --- The form ---------------------------------------------------------------------------------------
def test_a_unit_moves_by_choosing_another_part_of(tree, admin_client):
    save(admin_client, tree["Drie"], parent=str(tree["Een"].pk))
    assert Placement.objects.get(name="Drie").parent == tree["Een"]
    assert find_faults(Placement) == []


def test_moving_below_itself_is_an_error(tree, admin_client):
    below = make_placement(tree["Korps"].organogram, tree["Een"])
    answer = save(admin_client, tree["Een"], parent=str(below.pk), abbreviation="getypt")
    assert answer.context["adminform"].form.has_error("parent", "cycle")
    assert 'value="getypt"' in answer.content.decode()


@pytest.mark.parametrize("name", ["Een", "Korps"])
def test_only_the_top_has_no_part_of(name, tree, admin_client):
    answer = save(admin_client, tree[name], parent="")
    assert answer.status_code == (302 if name == "Korps" else 200)


def test_a_part_of_in_another_organogram_is_an_error(tree, admin_client):
    other = make_placement(make_organogram())
    assert errors_of(save(admin_client, tree["Een"], parent=str(other.pk))) == {"parent"}


def test_a_part_of_that_was_deleted_meanwhile_is_an_error(tree, admin_client):
    page = reverse("admin:organisation_placement_change", args=[tree["Drie"].pk])
    data = form_data(admin_client.get(page), parent=str(tree["Een"].pk))
    tree["Een"].delete()
    assert errors_of(admin_client.post(page, data)) == {"parent"}


def test_a_new_place_takes_over_the_name_of_the_unit(tree, admin_client):
    unit = make_unit(name="Nieuwe dienst", abbreviation="ND")
    values = {"organogram": str(tree["Een"].organogram_id), "parent": str(tree["Een"].pk), "kind": "dienst"}
    assert add(admin_client, unit=str(unit.pk), **values).status_code == 302
    place = Placement.objects.get(unit=unit)
    assert (place.name, place.abbreviation, place.parent) == ("Nieuwe dienst", "ND", tree["Een"])


def test_a_unit_stands_in_an_organogram_once(tree, admin_client):
    values = {"organogram": str(tree["Een"].organogram_id), "parent": str(tree["Een"].pk), "kind": "dienst"}
    assert errors_of(add(admin_client, unit=str(tree["Twee"].unit_id), **values)) == {"__all__"}


def test_a_second_top_is_refused(tree, admin_client):
    values = {"organogram": str(tree["Een"].organogram_id), "kind": "korps"}
    assert "parent" in errors_of(add(admin_client, unit=str(make_unit().pk), **values))


def test_add_below_fills_in_the_place(tree, admin_client):
    page = reverse("admin:organisation_placement_add")
    page += f"?organogram={tree['Een'].organogram_id}&parent={tree['Een'].pk}"
    data = form_data(admin_client.get(page))
    assert (data["organogram"], data["parent"]) == ([str(tree["Een"].organogram_id)], [str(tree["Een"].pk)])


def test_a_name_in_the_newest_organogram_becomes_the_name_of_the_unit(tree, admin_client):
    save(admin_client, tree["Een"], name="Eerste")
    tree["Een"].unit.refresh_from_db()
    assert tree["Een"].unit.name == "Eerste"
