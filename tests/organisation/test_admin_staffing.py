"""Staffing tables in the admin."""

from decimal import Decimal

import pytest
from django.urls import reverse

from organisation.models import StaffingLine
from tests.browser import form_data
from tests.make import make_grade, make_staffing_table, make_unit


@pytest.fixture
def table(db):
    """A table that states 19 operational posts: 7 and 12."""
    table = make_staffing_table(total_ops=19)
    for count in (7, 12):
        table.lines.create(grade=make_grade(), count=count)
    return table


def save(client, table, **changes):
    page = reverse("admin:organisation_staffingtable_change", args=[table.pk])
    names = {
        f"lines-{name}" if name[0].isdigit() or name.isupper() else name: value
        for name, value in changes.items()
    }
    return client.post(page, form_data(client.get(page), **names))


def refusals(answer):
    return list(answer.context["inline_admin_formsets"][0].formset.non_form_errors())


def new_line(number, **values):
    row = {"id": "", "unit": "", "measure": "posts", **values}
    return {"TOTAL_FORMS": str(number + 1), **{f"{number}-{name}": value for name, value in row.items()}}


def test_lines_that_add_up_are_saved(table, admin_client):
    assert save(admin_client, table, **{"0-count": "8", "1-count": "11"}).status_code == 302
    assert list(table.lines.values_list("count", flat=True)) == [Decimal(8), Decimal(11)]


def test_lines_that_do_not_add_up_are_refused_with_both_sums(table, admin_client):
    answer = save(admin_client, table, **{"1-count": "13"})
    [message] = refusals(answer)
    assert "20" in message
    assert "19" in message
    assert 'value="13"' in answer.content.decode()


def test_a_total_and_its_lines_can_change_together(table, admin_client):
    assert save(admin_client, table, **{"1-count": "13", "total_ops": "20"}).status_code == 302


def test_an_empty_number_means_not_published_and_stops_the_check(table, admin_client):
    assert save(admin_client, table, **{"1-count": ""}).status_code == 302
    assert table.lines.filter(count=None).count() == 1


def test_a_line_ticked_for_deletion_does_not_count(table, admin_client):
    assert len(refusals(save(admin_client, table, **{"1-DELETE": "on"}))) == 1
    assert save(admin_client, table, **{"1-DELETE": "on", "total_ops": "7"}).status_code == 302


def test_a_new_line_counts(table, admin_client):
    line = new_line(2, grade=str(make_grade().pk), count="1")
    assert len(refusals(save(admin_client, table, **line))) == 1
    assert save(admin_client, table, total_ops="20", **line).status_code == 302


def test_a_new_table_is_added_with_its_lines(admin_client):
    page = reverse("admin:organisation_staffingtable_add")
    typed = {"title": "Formatie", "kind": "formation", "valid_from": "1/1/2027", "total_ops": "7"}
    line = {
        f"lines-{name}": value for name, value in new_line(0, grade=str(make_grade().pk), count="8").items()
    }
    assert len(refusals(admin_client.post(page, form_data(admin_client.get(page), **typed, **line)))) == 1
    typed["total_ops"] = "8"
    assert admin_client.post(page, form_data(admin_client.get(page), **typed, **line)).status_code == 302
    assert StaffingLine.objects.get().count == 8


def test_a_grade_that_stands_there_twice_is_refused(table, admin_client):
    grade = str(make_grade().pk)
    lines = {**new_line(2, grade=grade, count="1"), **new_line(3, grade=grade, count="1")}
    assert len(refusals(save(admin_client, table, total_ops="", **lines))) == 1
    assert StaffingLine.objects.count() == 2


def test_a_grade_may_stand_there_once_for_each_unit(table, admin_client):
    grade = str(make_grade().pk)
    units = [make_unit(), make_unit()]
    lines = {}
    for number, unit in enumerate(units, start=2):
        lines |= new_line(number, grade=grade, unit=str(unit.pk), count="1")
    assert save(admin_client, table, total_ops="", **lines).status_code == 302


def test_a_negative_number_is_refused(table, admin_client):
    answer = save(admin_client, table, **{"0-count": "-1"})
    assert answer.context["inline_admin_formsets"][0].formset.errors[0]


def test_deleting_a_grade_in_use_is_refused(table, admin_client):
    grade = table.lines.first().grade
    answer = admin_client.post(reverse("admin:organisation_grade_delete", args=[grade.pk]), {"post": "yes"})
    assert answer.context["protected"]
