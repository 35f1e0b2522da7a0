"""Drawings and tables of one page say exactly the same, whatever the data."""

import datetime
import re
from decimal import Decimal

import pytest

from organisation.bars import draw_bars
from organisation.models import Grade, StaffingLine
from tests.charts import assert_bars_are_as_long_as_their_numbers, bars_of, cells_of, number_of, parts_of
from tests.make import make_grade, make_key_figure, make_staffing_table
from tests.pages import faults_of

pytestmark = pytest.mark.django_db


def rows_of(*counts):
    return draw_bars([("a", counts)], Decimal(10)).rows[0].marks


def test_a_missing_number_and_zero_have_no_bar():
    assert [mark.width for mark in rows_of(None, Decimal(0), Decimal(10))] == [0, 0, 80]


def test_bars_are_in_proportion_and_exact_in_hundredths():
    (mark,) = rows_of(Decimal("3.33"))
    assert round(mark.width * 10 / 80, 2) == Decimal("3.33")


def test_without_numbers_there_is_no_height():
    assert draw_bars([], Decimal(0)).height == 0


def shown(client, query=""):
    """Per category of the page: the rows of the drawing, and those of the table."""
    answer = client.get(f"/formatie{query}")
    html = answer.content.decode()
    assert faults_of(html) == []
    found = {}
    for name in re.findall(r'<h3 id="category-(\w+)"', html):
        svg, table = parts_of(html, f'id="category-{name}"')
        found[name] = bars_of(svg), cells_of(table)
    return found


def assert_both_agree(found, columns):
    """The drawing has the numbers of these columns of the table, in the same order."""
    for bars, cells in found.values():
        assert [[count for count, _width in marks] for _label, marks in bars] == [
            [number_of(row[column]) for column in columns] for _label, row in cells
        ]
    assert_bars_are_as_long_as_their_numbers([row for bars, _cells in found.values() for row in bars])


def test_the_formation_of_the_plan_agrees(client, plan):
    found = shown(client)
    assert list(found) == ["OPS", "CALOG"]
    assert [len(bars) for bars, _cells in found.values()] == [6, 4]
    assert_both_agree(found, [0])
    assert sum(count for _label, [(count, _width)] in found["OPS"][0]) == 1181


def test_editions_of_the_plan_without_numbers_have_no_columns_and_no_bars(client, plan):
    found = shown(client, "?versie=formatie-2021&met=formatie-2017&met=streefbezetting")
    assert_both_agree(found, [0])
    assert {len(row) for _bars, cells in found.values() for _label, row in cells} == {1}


def table_with(counts, grades, year, **changes):
    table = make_staffing_table(valid_from=datetime.date(year, 1, 1), slug=f"t{year}", **changes)
    for grade, count in zip(grades, counts, strict=True):
        StaffingLine.objects.create(table=table, grade=grade, count=count)
    return table


@pytest.fixture
def grades(db):
    return [make_grade(rank=rank, category=category) for category in ("OPS", "CALOG") for rank in (1, 2, 3)]


@pytest.mark.parametrize(
    ("counts", "query", "columns"),
    [
        ([[1, 2, 3, 4, 5, 6]], "", [0]),
        ([[None, 0, Decimal("0.01"), Decimal("99999.99"), None, Decimal("2.5")]], "", [0]),
        ([[None] * 6], "", [0]),
        ([[0] * 6], "", [0]),
        ([[1, 2, 3, 4, 5, 6], [6, None, 4, 0, Decimal("2.5"), 1]], "?versie=t2001&met=t2000", [0, 1]),
        ([[1] * 6, [None, 0, 3, 4, 5, 6], [9] * 6], "?versie=t2002&met=t2000&met=t2001", [0, 1, 3]),
    ],
)
def test_any_editions_agree(client, grades, counts, query, columns):
    for year, row in enumerate(counts, start=2000):
        table_with(row, grades, year)
    found = shown(client, query)
    assert list(found) == ["OPS", "CALOG"]
    assert_both_agree(found, columns)


def test_different_measures_stand_in_rows_of_their_own(client, grades):
    table = table_with([1], grades[:1], 2000)
    StaffingLine.objects.create(table=table, grade=grades[1], count=Decimal("1.5"), measure="fte")
    bars, cells = shown(client)["OPS"]
    assert [[count for count, _width in marks] for _label, marks in bars] == [[1], [Decimal("1.5")]]
    assert [number_of(row[1]) for _label, row in cells] == [1, Decimal("1.5")]
    assert all(row[0] in label for (label, _marks), (_name, row) in zip(bars, cells, strict=True))


def test_the_totals_of_two_editions_agree(client):
    for year, total in ((2000, 10), (2001, 12)):
        make_staffing_table(valid_from=datetime.date(year, 1, 1), total_ops=total, total_calog=3)
    svg, table = parts_of(client.get("/formatie").content.decode(), 'id="kind-formation"')
    bars = bars_of(svg)
    assert_bars_are_as_long_as_their_numbers(bars)
    assert [[count for count, _width in marks] for _label, marks in bars] == [
        [number_of(cell) for cell in row] for _label, row in cells_of(table)
    ]


def test_the_totals_of_one_edition_are_not_drawn(client, plan):
    html = client.get("/formatie").content.decode()
    assert 'class="bars"' not in html[html.index('id="kind-formation"') :]


@pytest.mark.parametrize(
    ("group", "main"), [("vehicles", "voertuigen"), ("bicycles", "fietsen"), ("projects", "i-projecten")]
)
def test_the_figures_of_the_plan_agree(client, plan, group, main):
    cards = client.get("/cijfers").content.decode().partition("<table>")[0]
    asked = client.get(f"/cijfers?groep={group}").content.decode()
    svg, table = parts_of(cards + asked, f'id="{main}"')
    bars = bars_of(svg)
    assert_bars_are_as_long_as_their_numbers(bars)
    cells = {label: row[0] for label, row in cells_of(table)}
    written = {
        next(name for name in cells if name.startswith(label)): count for label, [(count, _width)] in bars
    }
    unit = next(iter(cells.values())).split()[-1]
    assert written == {name: number_of(text) for name, text in cells.items() if text.endswith(unit)}
    assert len(bars) >= 2


def test_figures_of_other_sorts_are_not_drawn(client):
    for number in range(3):
        make_key_figure(group="city", value=number, unit="stuks", highlight=number)
    make_key_figure(group="vehicles", value=3, unit="auto's", highlight=4)
    make_key_figure(group="vehicles", value=3, unit="jaar", highlight=5)
    assert '<svg class="bars"' not in client.get("/cijfers").content.decode()


def test_a_figure_that_is_not_published_has_no_bar(client):
    for value in (4, 2, None):
        make_key_figure(group="vehicles", value=value, unit="auto's", highlight=value)
    svg, _table = parts_of(client.get("/cijfers").content.decode(), '<ul class="cards figures">')
    assert [marks for _label, marks in bars_of(svg)] == [
        [(4, 80)],
        [(2, 40)],
        [(None, 0)],
    ]


def test_a_table_of_many_grades_stays_well_made(client):
    table = make_staffing_table()
    grades = [
        Grade(code=f"X{number}", name=f"X{number}", category="OPS", rank=500 + number) for number in range(60)
    ]
    Grade.objects.bulk_create(grades)
    StaffingLine.objects.bulk_create(
        StaffingLine(table=table, grade=grade, count=grade.rank) for grade in grades
    )
    assert_both_agree(shown(client), [0])
