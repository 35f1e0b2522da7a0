"""Staffing tables beside each other: only what counts the same thing is subtracted."""

import datetime
from decimal import Decimal

import pytest

from organisation.editions import put_beside, subtract
from organisation.models import StaffingLine, StaffingTable
from tests.make import make_grade, make_staffing_table
from tests.pages import text_of

pytestmark = pytest.mark.django_db


def table(year, count=None, grade=None, measure="posts", **changes):
    made = make_staffing_table(slug=f"t{year}", valid_from=datetime.date(year, 1, 1), **changes)
    if grade:
        StaffingLine.objects.create(table=made, grade=grade, count=count, measure=measure)
    return made


def beside(shown, *others):
    return put_beside(StaffingTable.objects.with_lines().in_order(), shown, others)


def only_row(found):
    [category] = found.categories
    [row] = category.rows
    return row


@pytest.mark.parametrize(
    ("after", "before", "amount", "share"),
    [
        (12, 10, 2, "20.0"),
        (10, 12, -2, "-16.7"),
        (10, 10, 0, "0.0"),
        (5, 0, 5, None),
        (Decimal("2.5"), Decimal("2"), Decimal("0.5"), "25.0"),
    ],
)
def test_a_difference_is_absolute_and_in_per_cents(after, before, amount, share):
    found = subtract(Decimal(after), Decimal(before))
    assert found.amount == amount
    assert found.share == (Decimal(share) if share else None)


def test_a_missing_number_is_never_subtracted():
    assert subtract(None, Decimal(1)) is None
    assert subtract(Decimal(1), None) is None


def test_the_same_grade_of_two_editions_is_compared():
    grade = make_grade()
    table(2000, 10, grade)
    table(2001, 12, grade)
    assert only_row(beside("t2001", "t2000")).others[0].difference.amount == 2


def test_two_kinds_are_never_subtracted():
    grade = make_grade()
    table(2000, 10, grade, kind="target")
    table(2001, 12, grade)
    found = beside("t2001", "t2000")
    assert found.has_kinds
    assert not only_row(found).others[0].is_comparable
    assert only_row(found).others[0].difference is None
    assert found.categories[0].totals[0].difference is None


def test_two_measures_are_never_subtracted():
    grade = make_grade()
    table(2000, 10, grade, measure="fte")
    table(2001, 12, grade)
    [category] = beside("t2001", "t2000").categories
    assert [row.others[0].difference for row in category.rows] == [None, None]
    assert category.totals[0].difference is None


def test_totals_are_compared_when_both_count_the_same():
    grade = make_grade()
    table(2000, 10, grade, total_ops=10)
    table(2001, 12, grade, total_ops=12)
    assert beside("t2001", "t2000").categories[0].totals[0].difference.amount == 2


def test_rows_in_two_measures_are_not_added_up():
    made = table(2000, 10, make_grade())
    StaffingLine.objects.create(table=made, grade=make_grade(), count=2, measure="fte")
    assert beside("t2000").categories[0].total.count is None


def test_a_grade_that_only_one_edition_has_is_there():
    table(2000, 10, make_grade(name="Oud"))
    table(2001, 12, make_grade(name="Nieuw"))
    rows = beside("t2001", "t2000").categories[0].rows
    assert [(row.grade.name, row.count, row.others[0].count) for row in rows] == [
        ("Oud", None, 10),
        ("Nieuw", 12, None),
    ]


def test_the_same_table_twice_and_more_than_two_others_are_left_out():
    for year in range(2000, 2005):
        table(year)
    found = beside("t2004", "t2004", "t2000", "t2000", "t2001", "t2002")
    assert [item.slug for item in found.tables] == ["t2004", "t2000", "t2001"]


def test_an_edition_without_numbers_has_no_column():
    grade = make_grade()
    table(2000)
    table(2001, 12, grade)
    table(2002, 12, grade)
    found = beside("t2000", "t2001", "t2002")
    assert [item.table.slug for item in found.counted] == ["t2001", "t2002"]
    assert only_row(found).others[0].difference.amount == 0


def test_without_a_choice_the_formation_in_force_is_shown():
    table(2000)
    table(2001)
    table(2002, kind="actual")
    assert beside("").shown.table.slug == "t2001"


def test_a_stated_total_that_the_lines_do_not_reach_is_told(client):
    table(2000, 10, make_grade(), total_ops=12)
    text = text_of(client.get("/formatie"))
    assert "De bron noemt een totaal van 12. De lijnen hieronder zijn samen 10." in text


def test_a_choice_is_an_address_that_can_be_shared(client, plan):
    answer = client.get("/formatie?versie=streefbezetting&met=formatie-2021")
    assert [item.slug for item in answer.context["beside"].tables] == ["streefbezetting", "formatie-2021"]
    assert client.get("/formatie?versie=bestaat-niet").status_code == 400
    assert client.get("/formatie?met=bestaat-niet").status_code == 400


def test_each_edition_cites_its_decision_and_source(client, plan):
    answer = client.get("/formatie?versie=formatie-2021&met=formatie-2017")
    text = text_of(answer)
    assert "Gemeenteraad van de Stad Gent" in text
    assert text.count("Bedrijfsplan 2021-2025") >= 3
