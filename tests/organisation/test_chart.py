"""The picture of a part of the organogram: which units are in it, and where their boxes stand."""

import itertools
import uuid
from pathlib import Path

import pytest
from django.utils.text import slugify
from django.utils.translation import gettext as _
from hypothesis import given, settings
from hypothesis import strategies as st

from organisation.chart import LEVELS, MOST_LINES, MOST_PARTS, MOST_PARTS_OF_TOP, draw_chart, draw_stack
from organisation.lettering import break_lines, width_of
from organisation.models import UnitKind
from organisation.structure import Node
from organisation.templatetags.drawing_tags import drawing

SNAPSHOT = Path(__file__).with_name("organogram_chart.svg")


def node(name, *children, kind="team", **changes):
    values = {"abbreviation": "", "summary": "", "has_page": True, "level": 0, **changes}
    slug = slugify(name) or "x"
    return Node(id=uuid.uuid4(), slug=slug, name=name, kind=kind, children=list(children), **values)


def many(count, name="Deel"):
    return [node(f"{name} {number}") for number in range(count)]


@st.composite
def structures(draw):
    """Any structure of up to forty units with long and short names."""
    names = st.text("abc éij-", min_size=1, max_size=90).map(lambda text: text.strip() or "x")
    nodes = [
        node(draw(names), kind=draw(st.sampled_from(UnitKind.values)))
        for _ in range(draw(st.integers(1, 40)))
    ]
    for number, child in enumerate(nodes[1:], start=1):
        nodes[draw(st.integers(0, number - 1))].children.append(child)
    return nodes[0]


def overlaps(one, other):
    return one.x < other.right and other.x < one.right and one.y < other.bottom and other.y < one.bottom


@pytest.mark.parametrize("draw", [draw_chart, draw_stack])
@given(top=structures())
@settings(max_examples=120, deadline=None)
def test_no_two_boxes_overlap_and_all_stand_on_the_drawing(draw, top):
    chart = draw(top)
    assert [pair for pair in itertools.combinations(chart.boxes, 2) if overlaps(*pair)] == []
    assert all(box.x >= 0 and box.right <= chart.width for box in chart.boxes)
    assert all(box.y >= 0 and box.bottom <= chart.height for box in chart.boxes)


@given(structures())
@settings(max_examples=60, deadline=None)
def test_text_stays_inside_its_box(top):
    for box in draw_chart(top).boxes:
        for line in box.lines:
            assert box.y < line.y < box.bottom
            assert line.x + width_of(line.text, 13.5 if box.kind else 12) <= box.right


def test_three_levels_are_drawn_and_the_rest_is_counted():
    top = node("Korps", node("Directie", node("Dienst", node("Afdeling", *many(2)), node("Bureau"))))
    boxes = draw_chart(top).boxes
    assert [box.label for box in boxes] == ["Korps", "Directie", "Dienst", f"Dienst: {_('and %d more') % 2}"]
    assert boxes[-1].more_of == "dienst"
    assert max(box.level for box in boxes if box.kind) == LEVELS - 1


def test_a_stack_has_two_levels_below_each_other_and_is_as_wide_as_a_phone():
    top = node("Korps", node("Directie", *many(3)), node("Dienst"), *many(MOST_PARTS_OF_TOP))
    chart = draw_stack(top)
    labels = [box.label for box in chart.boxes]
    assert labels[:4] == ["Korps", "Directie", f"Directie: {_('and %d more') % 3}", "Dienst"]
    assert chart.boxes[-1].more_of == "korps"
    assert all(upper.bottom < lower.y for upper, lower in itertools.pairwise(chart.boxes))
    assert len(chart.drops) == len(chart.boxes) - 1
    assert chart.width <= 320 - 2 * 16


def test_parts_that_do_not_fit_are_counted_and_lead_to_their_own_picture():
    top = node("Korps", node("Groot", *many(MOST_PARTS + 3)), *many(MOST_PARTS_OF_TOP + 4, "Kleiner"))
    remarks = {box.more_of: box.lines[0].text for box in draw_chart(top).boxes if box.more_of}
    assert remarks == {"groot": _("and %d more") % 3, "korps": _("and %d more") % 5}


def test_every_line_joins_the_right_of_a_box_to_the_left_of_another():
    chart = draw_chart(node("Korps", node("Een", *many(3)), node("Twee", *many(2, "Stuk"))))
    rights = {(box.right, box.middle) for box in chart.boxes}
    lefts = {(box.x, box.middle) for box in chart.boxes}
    assert len(chart.links) == len(chart.boxes) - 1
    assert {link.start for link in chart.links} <= rights
    assert {link.end for link in chart.links} == lefts - {(chart.boxes[0].x, chart.boxes[0].middle)}


def test_a_long_name_is_cut_and_kept_whole_as_label():
    name = "Dienst " + "voor van alles en nog wat " * 6
    box = draw_chart(node(name)).boxes[0]
    assert len(box.lines) == MOST_LINES
    assert box.lines[-1].text.endswith("…")
    assert box.label == name
    assert f"<title>{name}</title>" in drawing(draw_chart(node(name)), node(name), "")


def test_a_root_alone_is_one_box_without_lines():
    chart = draw_chart(node("Korps"))
    assert len(chart.boxes) == 1
    assert chart.links == []


def test_a_unit_without_a_page_has_no_link():
    assert draw_chart(node("Korps", has_page=False)).boxes[0].slug == ""


def test_the_same_structure_always_gives_the_same_drawing():
    service = node("Wijkdienst", *many(2), kind="dienst")
    parts = [
        node("Korpschef", kind="functie"),
        node("Directie Operaties", service, node("Team <A&B>"), kind="directie"),
        node("Commissariaat met een naam die over twee regels loopt", kind="commissariaat", has_page=False),
    ]
    top = node("Politiezone", *parts, kind="korps", abbreviation="PZ")
    assert drawing(draw_chart(top), top, "/organogram?top=") == SNAPSHOT.read_text()


@pytest.mark.parametrize(
    "text", ["", "Team", "Interne Dienst voor Preventie en Bescherming", "x" * 200, "é" * 60]
)
def test_lines_are_no_wider_than_they_may_be(text):
    lines = break_lines(text, 120, 13.5, 3)
    assert all(width_of(line, 13.5) <= 120 for line in lines)
    assert 1 <= len(lines) <= 3


def test_a_word_that_is_too_wide_is_broken_with_a_hyphen():
    lines = break_lines("Verantwoordelijkheidsverdeling", 120, 13.5, 3)
    assert lines[0].endswith("-")
    assert "".join(lines).replace("-", "") == "Verantwoordelijkheidsverdeling"
