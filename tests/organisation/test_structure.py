"""The structure in memory: visibility, parts of it, and what changed."""

import datetime
import json

import pytest
from django.utils import timezone

from organisation.models import Placement, Succession, Unit
from organisation.outline import get_outline
from organisation.querysets.visibility import visible_unit
from organisation.structure import compare, get_structure
from tests.make import make_organogram, make_placement, make_succession, make_unit, make_wide_organogram

pytestmark = pytest.mark.django_db
EARLIER, LATER = (timezone.now() + datetime.timedelta(days=days) for days in (-9, 9))


@pytest.fixture
def organogram():
    """korps > dienst > team, korps > bureau."""
    organogram = make_organogram()
    root = make_placement(organogram, name="korps")
    dienst = make_placement(organogram, root, name="dienst", abbreviation="D")
    make_placement(organogram, dienst, name="team")
    make_placement(organogram, root, name="bureau")
    return organogram


def names(top):
    return [node.name for node in top.walk()] if top else None


def outline(organogram, *part, **depth):
    return json.loads(get_outline(organogram, *part, **depth) or b"null")


def unit(name):
    return Unit.objects.get(name=name)


def test_the_structure_stands_in_document_order(organogram):
    assert names(get_structure(organogram)) == ["korps", "dienst", "team", "bureau"]


def test_the_outline_holds_the_same(organogram):
    document = outline(organogram)
    assert document["children"][0] == {
        "slug": unit("dienst").slug,
        "name": "dienst",
        "abbreviation": "D",
        "kind": "dienst",
        "children": [{"slug": unit("team").slug, "name": "team", "kind": "dienst"}],
    }
    assert [child["name"] for child in document["children"]] == ["dienst", "bureau"]


@pytest.mark.parametrize(
    "changes",
    [
        {"publication_level": "withheld"},
        {"status": "draft"},
        {"status": "withdrawn"},
        {"publish_from": "2999-01-01T00:00Z"},
        {"publish_until": "2001-01-01T00:00Z"},
    ],
)
def test_a_hidden_unit_hides_all_below_it(organogram, changes):
    Unit.objects.filter(name="dienst").update(**changes)
    assert names(get_structure(organogram)) == ["korps", "bureau"]
    assert [child["name"] for child in outline(organogram)["children"]] == ["bureau"]
    assert set(Placement.objects.published().values_list("name", flat=True)) == {"korps", "bureau"}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"status": "draft"},
        {"status": "withdrawn"},
        {"publication_level": "withheld"},
        {"publication_level": "listed"},
        {"publish_from": LATER},
        {"publish_until": EARLIER},
    ],
)
def test_one_rule_says_in_every_form_whether_a_unit_is_visible(organogram, changes):
    Unit.objects.filter(name="dienst").update(**changes)
    place = Placement.objects.get(name="dienst")
    is_visible = Unit.objects.filter(visible_unit(of=""), name="dienst").exists()
    assert Unit.objects.hidden().filter(name="dienst").exists() is not is_visible
    assert Placement.objects.get_paths([place.pk])[place.pk][-1]["visible"] is is_visible
    assert ("dienst" in names(get_structure(organogram))) is is_visible
    assert Placement.objects.published().filter(pk=place.pk).exists() is is_visible


def test_a_hidden_root_hides_everything(organogram):
    Unit.objects.filter(name="korps").update(status="draft")
    assert get_structure(organogram) is None
    assert outline(organogram) is None


def test_a_listed_unit_is_shown_without_a_page(organogram):
    Unit.objects.filter(name="dienst").update(publication_level="listed")
    assert [node.has_page for node in get_structure(organogram).walk()] == [True, False, True, True]


def test_a_part_of_the_structure(organogram):
    assert names(get_structure(organogram, unit("dienst").slug)) == ["dienst", "team"]
    assert outline(organogram, unit("bureau").slug) == {
        "slug": unit("bureau").slug,
        "name": "bureau",
        "kind": "dienst",
    }
    assert get_structure(organogram, "bestaat-niet") is None


@pytest.mark.parametrize(
    ("depth", "shown"),
    [(0, ["korps"]), (1, ["korps", "dienst", "bureau"]), (9, ["korps", "dienst", "team", "bureau"])],
)
def test_a_number_of_levels(organogram, depth, shown):
    assert names(get_structure(organogram, depth=depth)) == shown
    document = outline(organogram, depth=depth)
    assert len(document.get("children", [])) == (2 if depth else 0)


def test_levels_are_counted_from_the_part_asked_for(organogram):
    assert names(get_structure(organogram, unit("dienst").slug, depth=0)) == ["dienst"]


def test_an_empty_organogram_has_no_structure():
    assert get_structure(make_organogram()) is None


@pytest.mark.parametrize("size", [20, 2_000])
def test_any_size_takes_one_query(size, django_assert_num_queries):
    organogram = make_wide_organogram(size)
    with django_assert_num_queries(1):
        assert len(names(get_structure(organogram))) == size
    with django_assert_num_queries(1):
        outline(organogram)


def copy_of(organogram):
    """The next organogram with the same units at the same places."""
    new, made = make_organogram(), {}
    for place in Placement.objects.filter(organogram=organogram).order_by("lft"):
        made[place.pk] = make_placement(new, made.get(place.parent_id), unit=place.unit, name=place.name)
    return new


def place_in(organogram, name):
    return Placement.objects.get(organogram=organogram, unit__name=name)


def kinds(changes):
    return [(change.kind, change.name) for change in changes]


def test_equal_organograms_show_no_change(organogram):
    assert compare(organogram, copy_of(organogram)) == []


def test_new_renamed_moved_and_ended_units_are_told_apart(organogram):
    new = copy_of(organogram)
    make_placement(new, place_in(new, "bureau"), name="nieuw")
    team = place_in(new, "team")
    team.parent = place_in(new, "bureau")
    team.save()
    place_in(new, "dienst").delete()
    renamed = place_in(new, "bureau")
    renamed.name = "kantoor"
    renamed.save()
    assert sorted(kinds(compare(organogram, new))) == [
        ("created", "nieuw"),
        ("ended", "dienst"),
        ("moved", "team"),
        ("renamed", "kantoor"),
    ]


def test_a_succession_says_what_became_of_a_unit(organogram):
    new = copy_of(organogram)
    successor = make_unit(name="opvolger")
    make_placement(new, place_in(new, "korps"), unit=successor)
    place_in(new, "bureau").delete()
    Succession.objects.create(from_unit=unit("bureau"), to_unit=successor, kind="merged", organogram=new)
    found = [change for change in compare(organogram, new) if change.kind == "merged"]
    assert [(change.name, change.after) for change in found] == [("bureau", "opvolger")]


def successor_in(organogram, name, **changes):
    heir = make_unit(name=name, **changes)
    make_placement(organogram, place_in(organogram, "korps"), unit=heir)
    return heir


def test_a_split_names_every_part(organogram):
    new = copy_of(organogram)
    place_in(new, "bureau").delete()
    for name in ("deel b", "deel a"):
        heir = successor_in(new, name)
        Succession.objects.create(from_unit=unit("bureau"), to_unit=heir, kind="split", organogram=new)
    (found,) = [change for change in compare(organogram, new) if change.kind == "split"]
    assert found.after == "deel a, deel b"


def test_a_withheld_successor_is_not_named(organogram):
    new = copy_of(organogram)
    place_in(new, "bureau").delete()
    heir = successor_in(new, "geheim", publication_level="withheld")
    Succession.objects.create(from_unit=unit("bureau"), to_unit=heir, kind="merged", organogram=new)
    assert "geheim" not in str(compare(organogram, new))
    assert [change.after for change in compare(organogram, new) if change.kind == "merged"] == [""]


def test_what_happened_in_an_edition_in_between_counts(organogram):
    between, new = copy_of(organogram), copy_of(organogram)
    place_in(new, "bureau").delete()
    middle = make_unit(name="tussen")
    heir = successor_in(new, "eind")
    Succession.objects.create(from_unit=unit("bureau"), to_unit=middle, kind="merged", organogram=between)
    Succession.objects.create(from_unit=middle, to_unit=heir, kind="replaced", organogram=new)
    (found,) = [change for change in compare(organogram, new) if change.slug == unit("bureau").slug]
    assert (found.kind, found.after) == ("merged", "eind")


def test_an_abolished_unit_simply_ended(organogram):
    new = copy_of(organogram)
    place_in(new, "bureau").delete()
    Succession.objects.create(from_unit=unit("bureau"), to_unit=None, kind="abolished", organogram=new)
    (found,) = [change for change in compare(organogram, new) if change.slug == unit("bureau").slug]
    assert (found.kind, found.after) == ("ended", "")


def test_paths_lead_from_the_root_down(organogram, django_assert_num_queries):
    team = Placement.objects.get(name="team")
    with django_assert_num_queries(1):
        paths = Placement.objects.get_paths([team.pk])
    assert [step["name"] for step in paths[team.pk]] == ["korps", "dienst", "team"]


def test_paths_of_nothing_are_empty():
    assert Placement.objects.get_paths([]) == {}


def test_places_below_a_unit(organogram):
    assert set(Placement.objects.below(unit("dienst").slug).values_list("name", flat=True)) == {"team"}


def test_heirs_are_found_past_a_turn_that_leads_back():
    old, new = make_organogram(), make_organogram()
    root = make_placement(old, name="korps")
    first = make_placement(old, root, name="a").unit
    last = make_placement(new, make_placement(new, unit=root.unit), name="c").unit
    between = make_unit(name="b")
    for origin, heir in ((first, between), (between, first), (between, last)):
        make_succession(new, from_unit=origin, to_unit=heir)
    (change,) = [change for change in compare(old, new) if change.slug == first.slug]
    assert (change.kind, change.heirs, change.after, change.is_over) == ("replaced", (last,), "c", True)


def test_only_what_happened_after_the_old_one_up_to_the_new_one_counts():
    before, old, new, later = (make_organogram() for _number in range(4))
    root = make_placement(old, name="korps")
    gone = make_placement(old, root, name="weg").unit
    make_placement(new, unit=root.unit)
    for organogram in (before, old, later):
        make_succession(organogram, from_unit=gone, to_unit=root.unit)
    (change,) = compare(old, new)
    assert (change.kind, change.heirs) == ("ended", ())
    make_succession(new, from_unit=gone, to_unit=root.unit)
    (change,) = compare(old, new)
    assert (change.kind, change.heirs) == ("replaced", (root.unit,))
