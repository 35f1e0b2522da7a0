"""The drawing of the top levels: where the boxes stand."""

import uuid

from django.utils.translation import gettext as _

from organisation.chart import COLUMNS, MOST_BRANCHES, MOST_LEAVES, MOST_LINES, draw_chart
from organisation.structure import Node


def node(name, *children):
    return Node(
        id=uuid.uuid4(), slug=name.lower(), name=name, abbreviation="", kind="team", summary="",
        has_page=True, level=0, children=list(children),
    )  # fmt: skip


def many(count, name="Deel"):
    return [node(f"{name} {number}") for number in range(count)]


def overlaps(one, other):
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.bottom
        and other.y < one.bottom
    )


def test_no_two_boxes_overlap_and_all_stand_on_the_drawing():
    top = node("Korps", *(node(f"Directie {number}", *many(number)) for number in range(14)))
    chart = draw_chart(top)
    pairs = [(a, b) for index, a in enumerate(chart.boxes) for b in chart.boxes[index + 1 :]]
    assert [pair for pair in pairs if overlaps(*pair)] == []
    assert all(box.x >= 0 and box.x + box.width <= chart.width for box in chart.boxes)
    assert all(box.y >= 0 and box.bottom <= chart.height for box in chart.boxes)


def test_branches_fill_rows_of_five():
    chart = draw_chart(node("Korps", *many(COLUMNS + 1)))
    rows = {box.y for box in chart.boxes if box.level == 1}
    assert len(rows) == 2


def test_what_does_not_fit_is_counted():
    top = node("Korps", node("Groot", *many(MOST_LEAVES + 3)), *many(MOST_BRANCHES + 4))
    labels = [box.label for box in draw_chart(top).boxes]
    assert _("and %d more") % 3 in labels
    assert _("and %d more") % 5 in labels


def test_a_long_name_is_cut_and_kept_whole_as_label():
    name = "Dienst " + "voor van alles en nog wat " * 6
    box = draw_chart(node(name)).boxes[0]
    assert len(box.lines) == MOST_LINES
    assert box.lines[-1].text.endswith("…")
    assert box.label == name


def test_a_root_alone_is_one_box_without_lines():
    chart = draw_chart(node("Korps"))
    assert len(chart.boxes) == 1
    assert chart.links == []


def test_a_unit_without_a_page_has_no_link():
    top = node("Korps")
    top.has_page = False
    assert draw_chart(top).boxes[0].slug == ""
