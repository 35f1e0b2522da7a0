"""Adding up a staffing table without ever taking a missing number for zero."""

from decimal import Decimal

import pytest

from organisation.formation import by_kind, get_formation
from organisation.models import StaffingLine, StaffingTable
from tests.make import make_grade, make_hidden_place, make_shown_unit, make_staffing_table

pytestmark = pytest.mark.django_db


def formation_of(table):
    return get_formation(StaffingTable.objects.with_lines().get(pk=table.pk))


def add(table, count, **changes):
    grade = changes.pop("grade", None) or make_grade()
    return StaffingLine.objects.create(table=table, grade=grade, count=count, **changes)


def test_rows_follow_the_rank_of_the_grades():
    table = make_staffing_table()
    add(table, 5, grade=make_grade(name="Laag", rank=900))
    add(table, 2, grade=make_grade(name="Hoog", rank=800))
    [category] = formation_of(table).categories
    assert [row.grade.name for row in category.rows] == ["Hoog", "Laag"]


def test_the_stated_total_wins_over_the_sum():
    table = make_staffing_table(total_ops=10)
    add(table, 4)
    assert formation_of(table).categories[0].total == 10


def test_without_a_stated_total_the_rows_are_added_up():
    table = make_staffing_table()
    add(table, Decimal("1.5"))
    add(table, 2)
    assert formation_of(table).categories[0].total == Decimal("3.5")


def test_a_missing_number_makes_the_sum_missing():
    table = make_staffing_table()
    add(table, 4)
    add(table, None)
    assert formation_of(table).categories[0].total is None


def test_numbers_per_unit_are_added_up_per_grade():
    table, grade = make_staffing_table(), make_grade()
    add(table, 4, grade=grade, unit=make_shown_unit())
    add(table, 3, grade=grade, unit=make_shown_unit())
    assert formation_of(table).categories[0].rows[0].count == 7


def test_a_unit_of_which_the_public_may_not_know_is_in_no_sum():
    table, grade = make_staffing_table(), make_grade()
    add(table, 10, grade=grade, unit=make_shown_unit())
    add(table, 7, grade=grade, unit=make_hidden_place().unit)
    (category,) = formation_of(table).categories
    assert [(row.count, row.missing) for row in category.rows] == [(None, "")]
    assert category.total is None


def test_the_number_for_the_whole_corps_is_not_added_to_those_per_unit():
    table, grade = make_staffing_table(), make_grade()
    add(table, 4, grade=grade, unit=make_shown_unit())
    add(table, 9, grade=grade)
    assert formation_of(table).categories[0].rows[0].count == 9


def test_different_measures_are_not_added_up():
    table, grade = make_staffing_table(), make_grade()
    add(table, 4, grade=grade, unit=make_shown_unit(), measure="posts")
    add(table, 3, grade=grade, unit=make_shown_unit(), measure="fte")
    assert sorted(row.count for row in formation_of(table).categories[0].rows) == [3, 4]


def test_the_scale_is_the_greatest_number():
    table = make_staffing_table()
    add(table, 4)
    add(table, 883, grade=make_grade(category="CALOG"))
    assert formation_of(table).scale == 883


def test_a_table_without_numbers_has_no_categories():
    formation = formation_of(make_staffing_table())
    assert formation.categories == []
    assert formation.scale == 0


def test_each_kind_is_there_also_without_tables():
    table = make_staffing_table(kind="target")
    assert dict(by_kind([table])) == {"formation": [], "target": [table], "actual": [], "norm": []}
