"""Two organograms beside each other: what happened within a part, what ended where. Without a database."""

import datetime
import uuid

import pytest

from organisation.comparison import Comparison, get_comparison, grouped, remark_on, version_on
from organisation.models import Organogram, Unit
from organisation.structure import Change, Node

OLD, NEW = Organogram(valid_from=datetime.date(2021, 1, 1)), Organogram(valid_from=datetime.date(2022, 1, 1))


def node(slug, *children, has_page=True):
    return Node(uuid.uuid4(), slug, slug, "", "dienst", "", has_page, 0, list(children))


def compared(old_top, new_top, *changes):
    return Comparison(OLD, NEW, old_top, new_top, list(changes))


def ended(slug, *heirs, kind="ended"):
    return Change(kind, slug, slug, is_over=True, heirs=tuple(Unit(slug=heir) for heir in heirs))


OLD_TOP = node("korps", node("a", node("team"), node("cel")), node("b"))
NEW_TOP = node("korps", node("a", node("cel")), node("b", node("team"), node("nieuw")))


@pytest.mark.parametrize(
    ("slug", "found"),
    [
        ("korps", ["a", "team", "nieuw"]),
        ("a", ["a", "team"]),  # the team was part of it
        ("b", ["team", "nieuw"]),  # and became part of this
        ("team", ["team"]),
        ("nieuw", ["nieuw"]),
        ("bestaat-niet", []),
    ],
)
def test_within_a_unit_happened_what_happened_to_what_is_or_was_part_of_it(slug, found):
    changes = [
        Change("renamed", "a", "A"),
        Change("moved", "team", "team"),
        Change("created", "nieuw", "nieuw"),
    ]
    assert [change.slug for change in compared(OLD_TOP, NEW_TOP, *changes).within(slug)] == found


def test_within_is_asked_of_one_organogram_when_the_other_is_empty():
    assert compared(None, NEW_TOP, Change("created", "nieuw", "nieuw")).within("b") != []
    assert compared(OLD_TOP, None, ended("team")).within("a") != []


def test_an_ended_unit_stands_after_its_last_neighbour_that_is_still_there():
    old = node(
        "korps", node("x"), node("a"), node("weg"), node("b", node("ook-weg")), node("verhuisd"), node("z")
    )
    new = node("korps", node("a", node("verhuisd")), node("b"))
    found = compared(old, new, *map(ended, ("x", "weg", "ook-weg", "z"))).ended
    assert {parent: [(near, gone.slug) for near, gone in rows] for parent, rows in found.items()} == {
        "korps": [("", "x"), ("a", "weg"), ("b", "z")],
        "b": [("", "ook-weg")],
    }


def test_a_top_that_ended_stands_under_nothing():
    found = compared(node("oud"), node("nieuw"), ended("oud")).ended
    assert [(near, gone.slug) for near, gone in found[""]] == [("", "oud")]
    assert compared(None, NEW_TOP).ended == {}


def test_the_changes_of_a_unit_and_the_origins_of_an_heir_are_found():
    comparison = compared(
        OLD_TOP, NEW_TOP, ended("team", "b", "nieuw"), ended("cel", "b"), Change("moved", "team", "T")
    )
    assert comparison.origins == {"b": ["team", "cel"], "nieuw": ["team"]}
    assert [change.kind for change in comparison.by_slug["team"]] == ["ended", "moved"]


def test_the_pages_are_those_of_either_organogram():
    old, new = node("korps", node("weg"), node("stil", has_page=False)), node("korps", node("nieuw"))
    assert compared(old, new).page_slugs == {"korps", "weg", "nieuw"}
    assert compared(None, new).page_slugs == {"korps", "nieuw"}


def test_changes_stand_under_their_kind_and_kinds_without_any_are_left_out():
    moved, new = Change("moved", "a", "a"), Change("created", "b", "b")
    assert [(kind, changes) for kind, _label, changes in grouped([moved, new])] == [
        ("created", [new]),
        ("moved", [moved]),
    ]


@pytest.mark.parametrize(
    ("change", "remark"),
    [
        (Change("merged", "a", "a", "a", "b", is_over=True), "gaat verder in b"),
        (Change("ended", "a", "a", "a", "", is_over=True), ""),
        (Change("created", "b", "b", after="korps"), "komt van team"),
        (Change("created", "z", "z", after="korps"), ""),
        (Change("renamed", "a", "n", "o", "n"), "heette o"),
        (Change("moved", "a", "a", "o", "n"), "was deel van o"),
        (Change("moved", "a", "a", "", "n"), ""),
    ],
)
def test_a_change_is_told_by_where_it_comes_from_or_goes_on(change, remark):
    assert remark_on(change, compared(OLD_TOP, NEW_TOP, ended("team", "b"))) == remark


@pytest.mark.parametrize(
    ("day", "version"), [("2020-12-31", None), ("2021-01-01", OLD), ("2021-12-31", OLD), ("2022-01-01", NEW)]
)
def test_a_version_holds_from_its_first_day(day, version):
    assert version_on([OLD, NEW], datetime.date.fromisoformat(day)) is version


def test_a_version_is_not_compared_with_itself_or_with_nothing():
    assert get_comparison([OLD, NEW], None, None) is None
    assert get_comparison([OLD, NEW], OLD, None) is None
    assert get_comparison([OLD, NEW], NEW, NEW.valid_from) is None
