"""The guarded tree: every way in which django-mptt alone would corrupt it."""

import datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import RestrictedError
from django.utils import timezone
from mptt.exceptions import InvalidMove

from organisation.models import Placement
from projects.models import Objective
from pzgent.kernel.trees import find_faults, number_nodes
from tests.make import make_objective, make_organogram, make_placement, make_unit, make_wide_organogram

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree():
    """root > a > (a1, a2), root > b."""
    organogram = make_organogram()
    root = make_placement(organogram, name="root")
    a = make_placement(organogram, root, name="a")
    places = {"root": root, "a": a, "b": make_placement(organogram, root, name="b")}
    places["a1"] = make_placement(organogram, a, name="a1")
    places["a2"] = make_placement(organogram, a, name="a2")
    return places


def fresh(place):
    return Placement.objects.get(pk=place.pk)


def outline():
    return [(place.level, place.name) for place in Placement.objects.order_by("tree_id", "lft")]


def assert_sound():
    assert find_faults(Placement) == []


def test_moving_by_parent_keeps_the_tree_sound(tree):
    a1 = fresh(tree["a1"])
    a1.parent = fresh(tree["b"])
    a1.save()
    assert outline() == [(0, "root"), (1, "a"), (2, "a2"), (1, "b"), (2, "a1")]
    assert_sound()


def test_saving_a_stale_instance_does_not_move_the_node_back(tree):
    stale = fresh(tree["a1"])
    fresh(tree["a1"]).move_to(fresh(tree["b"]), "last-child")
    stale.name = "renamed"
    stale.save()
    assert fresh(stale).parent_id == tree["b"].pk
    assert fresh(stale).name == "renamed"
    assert_sound()


def test_saving_named_fields_never_moves_a_node(tree):
    place = fresh(tree["a1"])
    place.parent = tree["b"]
    place.save(update_fields=["name"])
    assert fresh(place).parent_id == tree["a"].pk
    assert_sound()


def test_moving_below_a_stale_parent_uses_its_present_place(tree):
    stale_parent, moved = fresh(tree["b"]), fresh(tree["a2"])
    fresh(tree["b"]).move_to(fresh(tree["a"]), "first-child")
    moved.parent = stale_parent
    moved.save()
    assert outline() == [(0, "root"), (1, "a"), (2, "b"), (3, "a2"), (2, "a1")]
    assert_sound()


def test_a_node_cannot_move_below_itself(tree):
    place = fresh(tree["a"])
    place.parent = fresh(tree["a1"])
    with pytest.raises(InvalidMove):
        place.save()
    assert_sound()


def test_a_parent_that_is_gone_is_refused(tree):
    gone = fresh(tree["b"])
    fresh(tree["b"]).delete()
    place = fresh(tree["a1"])
    place.parent = gone
    with pytest.raises(InvalidMove):
        place.save()
    assert_sound()


def test_a_node_with_children_is_not_deleted(tree):
    with pytest.raises(RestrictedError):
        fresh(tree["a"]).delete()
    assert len(outline()) == 5
    assert_sound()


def test_deleting_twice_is_no_error(tree):
    first, second = fresh(tree["a1"]), fresh(tree["a1"])
    first.delete()
    assert second.delete() == (0, {})
    assert_sound()


def test_deleting_a_queryset_with_parent_and_child_keeps_the_tree_sound(tree):
    Placement.objects.filter(name__in=["a", "a1", "a2"]).delete()
    assert outline() == [(0, "root"), (1, "b")]
    assert_sound()


def test_deleting_an_organogram_takes_its_whole_tree(tree):
    tree["root"].organogram.delete()
    assert not Placement.objects.exists()


def test_a_copied_node_gets_a_place_of_its_own(tree):
    copy = fresh(tree["a1"])
    copy.pk, copy._state.adding, copy.unit = None, True, make_unit(name="copy")
    copy.pk = Placement._meta.pk.get_default()
    copy.name = "copy"
    copy.save()
    assert outline()[-2:] == [(2, "copy"), (1, "b")]
    assert_sound()


@pytest.mark.parametrize("values", [{"parent": None}, {"lft": 1}, {"level": 3}])
def test_structure_is_not_updated_in_bulk(tree, values):
    with pytest.raises(TypeError, match="save"):
        Placement.objects.update(**values)


def test_nodes_are_not_created_or_updated_in_bulk(tree):
    with pytest.raises(TypeError, match="insert_tree"):
        Placement.objects.bulk_create([tree["a"]])
    with pytest.raises(TypeError, match="save"):
        Placement.objects.bulk_update([tree["a"]], ["parent"])


def test_other_columns_are_updated_in_bulk(tree):
    assert Placement.objects.filter(name="a").update(abbreviation="A") == 1
    tree["b"].abbreviation = "B"
    Placement.objects.bulk_update([tree["b"]], ["abbreviation"])
    assert set(Placement.objects.exclude(abbreviation="").values_list("abbreviation", flat=True)) == {
        "A",
        "B",
    }


def test_roots_of_a_forest_can_change_places():
    first, second = make_objective(title="first"), make_objective(title="second")
    second.move_to(Objective.objects.get(pk=first.pk), "left")
    assert [goal.title for goal in Objective.objects.order_by("tree_id", "lft")] == ["second", "first"]
    assert find_faults(Objective) == []


def test_a_bulk_inserted_tree_is_sound():
    make_wide_organogram(500)
    make_wide_organogram(30)
    assert Placement.objects.count() == 530
    assert_sound()


def test_inserting_nothing_does_nothing():
    assert Placement.objects.insert_tree([]) == 0


def test_a_child_before_its_parent_is_refused():
    root, child = Placement(), Placement()
    child.parent_id = root.pk
    with pytest.raises(ValueError, match="before its parent"):
        number_nodes([child, root], 1)


def test_an_organogram_has_one_root(tree):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_placement(tree["root"].organogram, name="second root")
    assert_sound()


def test_a_parent_from_another_organogram_is_refused(tree):
    from django.core.exceptions import ValidationError

    other = make_placement(make_organogram(), name="other")
    place = fresh(tree["a1"])
    place.parent = other
    with pytest.raises(ValidationError):
        place.save()


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        ("UPDATE organisation_placement SET lft = lft + 100 WHERE name = 'a1'", "left edge"),
        ("UPDATE organisation_placement SET rght = rght + 1 WHERE name = 'b'", "right edge"),
        ("UPDATE organisation_placement SET level = 7 WHERE name = 'a2'", "level"),
        ("UPDATE organisation_placement SET tree_id = tree_id + 9 WHERE name = 'a2'", "tree number"),
    ],
)
def test_a_fault_is_found(tree, sql, fault):
    with connection.cursor() as cursor:
        cursor.execute(sql)
    assert any(fault in found for found in find_faults(Placement))


def test_a_cycle_of_parents_is_found(tree):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE organisation_placement SET parent_id = "
            "(SELECT id FROM organisation_placement WHERE name = 'a1') WHERE name = 'a'"
        )
    assert sum("cycle" in fault for fault in find_faults(Placement)) == 3


def test_two_roots_with_one_tree_number_are_found(tree):
    make_placement(make_organogram(), name="other root")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE organisation_placement SET tree_id = 1")
    assert any("shares tree number" in fault for fault in find_faults(Placement))


def test_the_index_on_tree_and_left_edge_exists():
    for model in (Placement, Objective):
        with connection.cursor() as cursor:
            found = connection.introspection.get_constraints(cursor, model._meta.db_table).values()
        assert any(entry["index"] and entry["columns"] == ["tree_id", "lft"] for entry in found)


def test_moving_does_not_undo_a_rename_by_somebody_else(tree):
    stale = fresh(tree["a1"])
    other = fresh(tree["a1"])
    other.name = "renamed"
    other.save()
    stale.parent = tree["b"]
    stale.save()
    assert (fresh(stale).name, fresh(stale).parent_id) == ("renamed", tree["b"].pk)


def test_moving_beside_a_target_that_moved_follows_it(tree):
    stale_target = fresh(tree["a2"])
    fresh(tree["a2"]).move_to(fresh(tree["b"]), "last-child")
    fresh(tree["a1"]).move_to(stale_target, "left")
    assert fresh(tree["a1"]).parent_id == tree["b"].pk
    assert_sound()


def test_moving_beside_a_target_that_is_gone_is_refused(tree):
    gone = fresh(tree["a2"])
    fresh(tree["a2"]).delete()
    with pytest.raises(InvalidMove):
        fresh(tree["a1"]).move_to(gone, "left")


def test_saving_a_deleted_node_is_refused(tree):
    stale = fresh(tree["a1"])
    fresh(tree["a1"]).delete()
    with pytest.raises(Placement.DoesNotExist):
        stale.save()
    assert_sound()


def test_saving_a_node_says_when_it_changed(monkeypatch):
    goal = make_objective(title="goal")
    later = goal.modified + datetime.timedelta(hours=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    stored = Objective.objects.get(pk=goal.pk)
    stored.title = "other goal"
    stored.save()
    stored = Objective.objects.get(pk=goal.pk)
    assert (stored.title, stored.modified, stored.version) == ("other goal", later, 2)


def test_only_what_was_changed_is_written(tree):
    first, second = fresh(tree["a1"]), fresh(tree["a1"])
    first.name = "first"
    first.save()
    second.abbreviation = "second"
    second.save()
    assert (fresh(first).name, fresh(first).abbreviation) == ("first", "second")
    second.name = "third"  # a second save of the same instance compares with the first one
    second.save()
    assert fresh(first).name == "third"


def test_a_node_is_not_moved_below_itself_or_what_is_below_it(tree):
    for parent in ("a", "a1"):
        place = fresh(tree["a"])
        place.parent = fresh(tree[parent])
        with pytest.raises(InvalidMove):
            place.save()
    assert_sound()


def test_deleting_many_tells_how_many_and_nothing_twice(tree):
    assert Placement.objects.filter(name__in=("a1", "a2", "b")).delete() == (3, {"organisation.Placement": 3})
    assert fresh(tree["a"]).delete() == (1, {"organisation.Placement": 1})
    assert tree["a"].delete() == (0, {})
    assert_sound()


def test_what_is_below_something_hidden_is_left_out_with_it(tree):
    def left(*hidden):
        rows = Placement.objects.without_subtrees_of(Placement.objects.filter(name__in=hidden))
        return list(rows.order_by("tree_id", "lft").values_list("name", flat=True))

    assert left("a") == ["root", "b"]
    assert left("a2") == ["root", "a", "a1", "b"]
    assert left("root") == []


def test_trees_are_numbered_one_after_the_other():
    nodes = [Placement(name=name) for name in ("one", "below", "two")]
    nodes[1].parent_id = nodes[0].pk
    number_nodes(nodes, 7)
    found = [(node.tree_id, node.level, node.lft, node.rght) for node in nodes]
    assert found == [(7, 0, 1, 4), (7, 1, 2, 3), (8, 0, 1, 2)]
