"""Steps of a reorganisation: what each does to the tree and to the successions, and that each can be undone."""

import random
from functools import partial

import pytest

from organisation.models import Organogram, Placement, StructureStep, Unit
from organisation.restructuring import NewUnit, add, end, merge, move, rename, shift, split
from organisation.steps import STEPS_KEPT, StepRefused, recording, undo
from organisation.tree_state import read_state
from pzgent.kernel.trees import find_faults
from tests.make import make_unit
from tests.outlines import BEFORE, at, make_draft, outline, turns

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    return make_draft()


def took(organogram, act):
    """Take a step; return it."""
    with recording([organogram], None) as record:
        act()
    return record.steps[0]


def test_moving_under_before_and_after(draft):
    move(at(draft, "Drie"), at(draft, "Een"), "under", [draft])
    assert outline(draft) == ["Korps", ".Een", "..Een A", "..Een B", "..Drie", ".Twee", "..Twee A"]
    move(at(draft, "Drie"), at(draft, "Een A"), "before", [draft])
    assert outline(draft)[1:4] == [".Een", "..Drie", "..Een A"]
    move(at(draft, "Drie"), at(draft, "Twee"), "after", [draft])
    assert outline(draft) == BEFORE


@pytest.mark.parametrize(
    ("name", "target", "position"),
    [
        ("Een", "Een", "under"),
        ("Een", "Een A", "under"),
        ("Een", "Een A", "before"),
        ("Een", "Korps", "before"),
        ("Korps", "Een", "under"),
    ],
)
def test_an_impossible_move_is_refused(draft, name, target, position):
    with pytest.raises(StepRefused):
        move(at(draft, name), at(draft, target), position, [draft])
    assert outline(draft) == BEFORE


def test_a_move_in_two_organograms_keeps_the_order_of_each(draft):
    live = Organogram.objects.get(status="published")
    at(live, "Twee").move_to(at(live, "Drie"), "right")
    move(at(draft, "Twee A"), at(draft, "Drie"), "before", [draft, live])
    assert outline(draft)[-3:] == [".Twee", ".Twee A", ".Drie"]
    assert outline(live)[-3:] == [".Twee A", ".Drie", ".Twee"]


def test_a_move_that_one_organogram_does_not_allow_names_it(draft):
    live = Organogram.objects.get(status="published")
    at(live, "Drie").delete()
    with pytest.raises(StepRefused, match="published"):
        move(at(draft, "Een A"), at(draft, "Drie"), "under", [draft, live])


def test_a_renaming_is_recorded_once_and_a_correction_is_not(draft):
    unit = at(draft, "Een").unit
    rename(unit, NewUnit("Eén", "dienst"), [draft], is_succession=False)
    assert turns(draft) == []
    for name in ("Nieuw", "Nieuwer"):
        rename(unit, NewUnit(name, "dienst"), [draft], is_succession=True)
    assert turns(draft) == [("Een", "renamed", "Een")]
    assert Unit.objects.get(pk=unit.pk).name == "Een"


def test_an_added_unit_is_a_draft_with_a_free_address(draft):
    make_unit(name="Ander", slug="team-zon")
    place = add(at(draft, "Twee"), "before", NewUnit("Team Zon", "team"))
    assert (place.unit.status, place.unit.slug) == ("draft", "team-zon-2")
    assert outline(draft)[3:6] == ["..Een B", ".Team Zon", ".Twee"]


def test_ending_a_unit_hands_over_its_children_and_records_the_end(draft):
    end(at(draft, "Een"), at(draft, "Twee"), at(draft, "Korps"), is_mistake=False)
    assert outline(draft) == ["Korps", ".Een A", ".Een B", ".Twee", "..Twee A", ".Drie"]
    assert turns(draft) == [("Een", "replaced", "Twee")]


def test_ending_a_unit_with_all_below_it(draft):
    end(at(draft, "Een"), None, None, is_mistake=False)
    assert outline(draft) == ["Korps", ".Twee", "..Twee A", ".Drie"]
    assert sorted(turns(draft)) == [(name, "abolished", None) for name in ("Een", "Een A", "Een B")]


def test_a_mistake_leaves_no_trace(draft):
    end(at(draft, "Drie"), None, None, is_mistake=True)
    assert turns(draft) == []


def test_a_unit_that_never_existed_elsewhere_leaves_no_trace(draft):
    end(add(at(draft, "Een"), "under", NewUnit("Nieuw", "team")), None, None, is_mistake=False)
    assert turns(draft) == []


def test_the_successor_cannot_end_along(draft):
    with pytest.raises(StepRefused):
        end(at(draft, "Een"), at(draft, "Een A"), None, is_mistake=False)


def test_the_top_neither_ends_nor_merges_nor_splits(draft):
    top = at(draft, "Korps")
    for act in (
        lambda: end(top, None, None, is_mistake=False),
        lambda: merge([top, at(draft, "Een")], NewUnit("Nieuw", "dienst")),
        lambda: split(top, [NewUnit("A", "team"), NewUnit("B", "team")], keeps=False),
    ):
        with pytest.raises(StepRefused):
            act()


def test_merging_into_a_new_unit(draft):
    merge([at(draft, "Een"), at(draft, "Twee")], NewUnit("Samen", "dienst"))
    assert outline(draft) == ["Korps", ".Samen", "..Een A", "..Een B", "..Twee A", ".Drie"]
    assert turns(draft) == [("Een", "merged", "Samen"), ("Twee", "merged", "Samen")]


def test_merging_into_one_of_them_and_into_its_own_child(draft):
    merge([at(draft, "Een"), at(draft, "Twee")], at(draft, "Een A"))
    assert outline(draft) == ["Korps", ".Een A", "..Een B", "..Twee A", ".Drie"]
    assert turns(draft) == [("Een", "merged", "Een A"), ("Twee", "merged", "Een A")]


def test_merging_needs_two_units(draft):
    with pytest.raises(StepRefused):
        merge([at(draft, "Een")], at(draft, "Een"))


def test_splitting_ends_the_unit_unless_it_continues(draft):
    split(at(draft, "Een"), [NewUnit("P", "team"), NewUnit("Q", "team")], keeps=False)
    assert outline(draft)[:5] == ["Korps", ".P", "..Een A", "..Een B", ".Q"]
    split(at(draft, "Drie"), [NewUnit("R", "team")], keeps=True)
    assert outline(draft)[-2:] == [".Drie", ".R"]
    assert turns(draft) == [("Een", "split", "P"), ("Een", "split", "Q"), ("Drie", "split", "R")]


def test_the_end_of_a_part_of_a_split_passes_the_succession_on(draft):
    split(at(draft, "Een"), [NewUnit("P", "team"), NewUnit("Q", "team")], keeps=False)
    merge([at(draft, "P"), at(draft, "Drie")], at(draft, "Drie"))
    assert turns(draft) == [("Een", "split", "Q"), ("Een", "split", "Drie")]


# --- Undoing ----------------------------------------------------------------------------------------
STEPS = {
    "move": lambda o: move(at(o, "Een A"), at(o, "Twee"), "before", [o]),
    "shift": lambda o: shift(at(o, "Een"), "down"),
    "rename": lambda o: rename(at(o, "Een").unit, NewUnit("Nieuw", "team", "NW"), [o], is_succession=True),
    "add": lambda o: add(at(o, "Een"), "before", NewUnit("Nieuw", "team")),
    "end": lambda o: end(at(o, "Een"), at(o, "Drie"), at(o, "Twee"), is_mistake=False),
    "end all": lambda o: end(at(o, "Een"), None, None, is_mistake=False),
    "merge": lambda o: merge([at(o, "Een"), at(o, "Drie")], NewUnit("Nieuw", "team")),
    "merge into child": lambda o: merge([at(o, "Een"), at(o, "Twee")], at(o, "Een B")),
    "split": lambda o: split(at(o, "Een"), [NewUnit("P", "team"), NewUnit("Q", "team")], keeps=False),
}


@pytest.mark.parametrize("name", STEPS)
def test_each_step_is_undone_completely(draft, name):
    before, units = read_state(draft.pk), set(Unit.objects.values_list("pk", flat=True))
    with recording([draft], None) as record:
        STEPS[name](draft)
        record.units = [unit.pk for unit in Unit.objects.exclude(pk__in=units)]
    assert read_state(draft.pk).digest != before.digest
    undo(record.steps[0])
    assert read_state(draft.pk).rows == before.rows
    assert read_state(draft.pk).turns == before.turns
    assert set(Unit.objects.values_list("pk", flat=True)) == units
    assert find_faults(Placement) == []


def test_steps_are_undone_one_after_the_other_from_the_last(draft):
    chance, steps, states = random.Random(1), [], [read_state(draft.pk).digest]
    for _turn in range(25):
        places = list(Placement.objects.filter(organogram=draft).exclude(parent=None))
        choice = (*chance.sample(places, 2), chance.choice(["under", "before"]), [draft])
        try:
            steps.append(took(draft, partial(move, *choice)))
            states.append(read_state(draft.pk).digest)
        except (StepRefused, IndexError):
            continue
    assert len(steps) > 8
    for step in reversed(steps):
        assert read_state(draft.pk).digest == states.pop()
        undo(step)
    assert read_state(draft.pk).digest == states.pop()
    assert find_faults(Placement) == []


def test_an_earlier_step_is_not_undone_past_a_later_one(draft):
    first = took(draft, lambda: shift(at(draft, "Een"), "down"))
    took(draft, lambda: shift(at(draft, "Drie"), "up"))
    with pytest.raises(StepRefused, match="eerst ongedaan"):
        undo(first)


def test_a_step_is_not_undone_after_another_change_of_the_tree(draft):
    step = took(draft, lambda: shift(at(draft, "Een"), "down"))
    Placement.objects.filter(name="Drie").update(name="Anders")
    with pytest.raises(StepRefused):
        undo(step)


def test_a_step_is_undone_once(draft):
    step = took(draft, lambda: shift(at(draft, "Een"), "down"))
    undo(step)
    with pytest.raises(StepRefused):
        undo(step)


def test_a_step_in_two_organograms_is_undone_in_both_or_in_none(draft):
    live = Organogram.objects.get(status="published")
    both = [draft, live]
    with recording(both, None) as record:
        move(at(draft, "Een A"), at(draft, "Twee"), "under", both)
    assert len(record.steps) == 2
    took(live, lambda: shift(at(live, "Een"), "down"))
    with pytest.raises(StepRefused, match="published"):
        undo(record.steps[0])
    assert outline(draft)[3:6] == [".Twee", "..Twee A", "..Een A"]
    undo(StructureStep.objects.get_last(live))
    undo(record.steps[0])
    assert outline(draft) == outline(live) == BEFORE


def test_a_unit_that_an_editor_worked_on_survives_the_undoing(draft):
    with recording([draft], None) as record:
        place = add(at(draft, "Een"), "under", NewUnit("Nieuw", "team"))
        record.units = [place.unit_id]
    place.unit.summary = "Wat het doet."
    place.unit.save()
    undo(record.steps[0])
    assert Unit.objects.filter(pk=place.unit_id).exists()


def test_nothing_changed_is_no_step_and_old_steps_are_forgotten(draft):
    with recording([draft], None) as record:
        pass
    assert record.steps == []
    rows = [StructureStep(organogram=draft, state_before=str(n), text=str(n)) for n in range(STEPS_KEPT + 5)]
    StructureStep.objects.bulk_create(rows)
    took(draft, lambda: shift(at(draft, "Een"), "down"))
    assert StructureStep.objects.filter(organogram=draft).count() == STEPS_KEPT
