"""The questions about units and their places: who may be named, whose page opens, what stands where."""

import datetime

import pytest

from organisation.history import get_history, get_renamed
from organisation.models import FunctionalLine, Organogram, Placement, Unit
from organisation.querysets.visibility import unit_open, unit_shown
from tests.make import (
    make_hidden_place,
    make_organogram,
    make_placement,
    make_shown_unit,
    make_succession,
    make_topic,
    make_unit,
)

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 6, 10, 10, tzinfo=datetime.UTC)
TODAY = NOW.date()
DAY = datetime.timedelta(days=1)
HOUR = datetime.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def names(rows):
    return [row.name for row in rows]


@pytest.mark.parametrize(
    ("changes", "is_named", "opens"),
    [
        ({}, True, True),
        ({"publication_level": "listed"}, True, False),
        ({"publication_level": "withheld"}, False, False),
        ({"status": "draft"}, False, False),
        ({"publish_from": NOW}, True, True),
        ({"publish_from": NOW + HOUR}, False, False),
        ({"publish_until": NOW + HOUR}, True, True),
        ({"publish_until": NOW}, False, False),
    ],
)
def test_a_unit_is_named_when_it_is_published_and_has_a_page_when_it_is_public(changes, is_named, opens):
    unit = make_shown_unit(**changes)
    make_topic(unit=unit)
    row = unit.topics.annotate(shown=unit_shown(), open=unit_open()).get()
    assert (row.shown, row.open) == (is_named, opens)
    rows = Unit.objects.filter(pk=unit.pk)
    assert (rows.in_public_structure().exists(), rows.with_open_page().exists()) == (is_named, opens)
    assert (rows.hidden().exists(), rows.with_page().exists()) == (not is_named, opens)
    assert rows.not_withheld().exists() is (unit.publication_level != "withheld")
    assert (get_history(unit.slug, TODAY) is not None) is opens


def test_a_unit_below_something_hidden_is_neither_named_nor_has_a_page():
    place = make_hidden_place(name="below")
    assert not Unit.objects.filter(pk=place.unit_id).in_public_structure().exists()
    assert not Unit.objects.filter(pk=place.unit_id).with_open_page().exists()
    assert Placement.objects.get_public_paths([place.pk, None]) == {}
    assert get_history(place.unit.slug, TODAY) is None


@pytest.mark.parametrize("changes", [{"status": "draft"}, {"publish_from": NOW + HOUR}])
def test_a_unit_of_an_organogram_that_is_not_published_is_unknown(changes):
    place = make_placement(make_organogram(**changes))
    rows = Unit.objects.filter(pk=place.unit_id)
    assert not rows.in_public_structure().exists()
    assert not rows.with_open_page().exists()
    assert get_history(place.unit.slug, TODAY) is None


@pytest.fixture
def versions():
    """Yesterday's, today's and tomorrow's organogram, and a draft; a unit with another name in each."""
    unit = make_unit(slug="unit", name="unit")
    for day, name, status in [
        (-1, "old", "published"),
        (0, "now", "published"),
        (1, "new", "published"),
        (2, "draft", "draft"),
    ]:
        organogram = make_organogram(valid_from=TODAY + day * DAY, status=status, title=name)
        top = make_placement(
            organogram,
            name="korps",
            unit=Unit.objects.filter(slug="korps").first() or make_unit(slug="korps"),
        )
        make_placement(organogram, top, name=name, unit=unit)
    return unit


def place_on(day):
    unit = Unit.objects.with_place(TODAY + day * DAY).get(slug="unit")
    return Placement.objects.get(pk=unit.place_id).name


def test_a_unit_stands_in_the_newest_organogram_that_has_started_or_else_in_the_newest(versions):
    assert [place_on(day) for day in (-2, -1, 0, 1, 9)] == ["new", "old", "now", "new", "new"]
    assert names(Placement.objects.newest_first().filter(unit=versions)) == ["new", "now", "old"]
    assert names(Placement.objects.all().newest_of(versions)) == ["new"]


def test_the_organogram_in_force_is_that_of_the_day(versions):
    found = {day: names(Placement.objects.in_organogram_of(TODAY + day * DAY)) for day in (-2, -1, 0, 1)}
    assert found == {-2: [], -1: ["korps", "old"], 0: ["korps", "now"], 1: ["korps", "new"]}
    assert Placement.objects.all().get_units_placed([versions.pk], TODAY) == {versions.pk}
    assert Placement.objects.all().get_units_placed([versions.pk], TODAY - 2 * DAY) == set()
    assert names(Placement.objects.all().tops_of(Organogram.objects.get(title="old"))) == ["korps"]


def test_the_present_place_is_in_the_organogram_in_force_or_else_in_the_newest(versions):
    past = make_placement(
        Organogram.objects.get(title="old"), Placement.objects.get(name="old"), name="gone"
    ).unit
    found = Placement.objects.all().get_current_places([versions.pk, past.pk])
    by_name = {Placement.objects.get(pk=key).name for key, _kind in found.values()}
    assert by_name == {"now", "gone"}


def test_a_unit_takes_the_name_of_its_newest_published_place_once(versions):
    Unit.objects.filter(slug="unit").update(name="wrong")
    assert Unit.objects.filter(slug="unit").sync_names() == 1
    assert Unit.objects.get(slug="unit").name == "new"
    assert Unit.objects.filter(slug="unit").sync_names() == 0


@pytest.fixture
def tree():
    """korps > (dienst > (team > cel), bureau)."""
    organogram = make_organogram()
    found = {}
    for name, above in [
        ("korps", ""),
        ("dienst", "korps"),
        ("team", "dienst"),
        ("cel", "team"),
        ("bureau", "korps"),
    ]:
        found[name] = make_placement(
            organogram, found.get(above), name=name, unit=make_unit(slug=name, name=name)
        )
    return found


def test_below_a_unit_is_all_that_stands_under_it_but_not_itself(tree):
    below = {slug: set(names(Placement.objects.below(slug))) for slug in tree}
    assert below == {
        "korps": {"dienst", "team", "cel", "bureau"},
        "dienst": {"team", "cel"},
        "team": {"cel"},
        "cel": set(),
        "bureau": set(),
    }
    assert set(names(Placement.objects.below_any(["team", "dienst"]))) == {"team", "cel"}
    assert set(names(Placement.objects.at_or_below([tree["team"].pk]))) == {"team", "cel"}


def test_a_path_leads_from_the_top_to_the_place(tree):
    (steps,) = Placement.objects.get_public_paths([tree["team"].pk]).values()
    assert [step["slug"] for step in steps] == ["korps", "dienst", "team"]
    assert all(step["has_page"] for step in steps)


def test_within_a_unit_are_those_below_it_and_those_that_became_one_of_them(tree):
    later = make_organogram()
    top = make_placement(later, unit=tree["korps"].unit, name="korps")
    heir = make_placement(later, top, name="heir").unit
    make_succession(later, from_unit=tree["dienst"].unit, to_unit=heir, kind="renamed")
    found = Unit.objects.within_any([heir.slug])
    assert set(names(found)) == {"heir", "dienst"}
    assert set(names(Unit.objects.within_any(["dienst"], later.valid_from - DAY))) == {
        "dienst",
        "team",
        "cel",
    }
    assert set(names(Unit.objects.within_any(["dienst"]))) == {"dienst", "heir", "team", "cel"}


def test_a_retired_slug_leads_to_the_unit_only_while_its_page_opens(tree):
    unit = tree["team"].unit
    unit.former_slugs.create(slug="vroeger")
    assert get_renamed("vroeger") == unit
    assert get_renamed("team") is None
    assert set(Unit.objects.known_as("vroeger")) == set(Unit.objects.known_as("team")) == {unit}
    Unit.objects.filter(slug="dienst").update(publication_level="withheld")
    assert get_renamed("vroeger") is None


def test_a_line_is_shown_only_where_both_its_ends_are(tree):
    organogram = tree["korps"].organogram
    line = FunctionalLine.objects.create(
        organogram=organogram, unit=tree["cel"].unit, above=tree["bureau"].unit, kind="steered"
    )
    assert list(FunctionalLine.objects.shown()) == [line]
    assert names(Placement.objects.also_under_any(["bureau"])) == ["cel"]
    assert names(Placement.objects.also_under_any(["dienst"])) == []
    for hidden in ("dienst", "bureau"):
        Unit.objects.filter(slug=hidden).update(publication_level="withheld")
        assert not FunctionalLine.objects.shown().exists()
        Unit.objects.filter(slug=hidden).update(publication_level="public")
    Organogram.objects.update(status="draft")
    assert not FunctionalLine.objects.shown().exists()
    assert line.kind == "steered"


def test_a_unit_in_time_is_current_former_or_to_come(versions):
    later = make_placement(
        Organogram.objects.get(title="new"), Placement.objects.get(name="new"), name="later"
    ).unit
    past = make_placement(
        Organogram.objects.get(title="old"), Placement.objects.get(name="old"), name="past"
    ).unit
    found = {unit.name: get_history(unit.slug, TODAY) for unit in (versions, later, past)}
    states = {history.standing.place.name: (history.state, history.ended_on) for history in found.values()}
    assert states == {"now": ("current", None), "later": ("future", None), "past": ("former", TODAY)}
    assert get_history("unit", TODAY - DAY).standing.place.name == "old"


def test_each_other_name_or_place_is_a_stage(versions):
    history = get_history("unit", TODAY)
    assert [(stage.old_name, stage.old_parent) for stage in history.stages] == [
        ("", ""),
        ("old", ""),
        ("now", ""),
    ]
    assert [stage.is_first for stage in history.stages] == [True, False, False]
    moved = Placement.objects.get(name="new")
    moved.parent = make_placement(moved.organogram, moved.parent, name="dienst")
    moved.name = "now"
    moved.save()
    last = get_history("unit", TODAY).stages[-1]
    assert (last.old_name, last.old_parent) == ("", "korps")
    assert get_history("korps", TODAY).stages[0].standing.above == []
    assert len(get_history("korps", TODAY).stages) == 1


def test_beside_a_unit_stand_the_others_of_its_parent_and_below_it_its_own(tree):
    history = get_history("dienst", TODAY)
    assert (names(history.siblings), names(history.children)) == (["bureau"], ["team"])
    assert (history.above, history.standing.nearest["slug"]) == (["korps"], "korps")
    top = get_history("korps", TODAY)
    assert (top.siblings, top.standing.nearest, names(top.children)) == ([], None, ["dienst", "bureau"])
    assert get_history("team", TODAY).above == ["dienst", "korps"]
