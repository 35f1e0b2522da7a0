"""Rules of the organisation's models, enforced by the database and past the forms."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from organisation.models import FormerSlug, Placement, StaffingLine, Succession, Unit
from tests.make import (
    make_document,
    make_grade,
    make_key_figure,
    make_organogram,
    make_placement,
    make_policy,
    make_policy_action,
    make_policy_domain,
    make_staffing_table,
    make_term,
    make_unit,
)

pytestmark = pytest.mark.django_db


def refused(make, **changes):
    """Whether the database itself refuses."""
    with pytest.raises(IntegrityError), transaction.atomic():
        make(**changes)
    return True


def test_slugs_are_unique():
    make_unit(slug="wijkdienst")
    assert refused(make_unit, slug="wijkdienst")


def test_a_unit_needs_a_name():
    assert refused(make_unit, name="", slug="leeg")


def test_a_logo_needs_words():
    assert refused(make_unit, logo="logos/x.svg")


def test_a_term_needs_an_abbreviation():
    assert refused(make_term, abbreviation="", slug="leeg")


@pytest.mark.parametrize(
    "changes", [{"value": -1}, {"value": 5, "value_max": 4}, {"value": 5, "value_max": 5}]
)
def test_impossible_figures_are_refused(changes):
    assert refused(make_key_figure, **changes)


def test_a_figure_may_be_missing():
    assert make_key_figure(value=None).value is None


def test_a_grade_has_a_rank_of_its_own():
    make_grade(rank=1)
    assert refused(make_grade, rank=1)


def test_an_unknown_category_is_refused():
    assert refused(make_grade, category="X")


def test_a_count_below_zero_is_refused_and_a_missing_one_is_not():
    table, grade = make_staffing_table(), make_grade()
    assert refused(StaffingLine.objects.create, table=table, grade=grade, count=-1)
    assert StaffingLine.objects.create(table=table, grade=grade, count=None).count is None


def test_a_grade_stands_once_in_a_table():
    table, grade = make_staffing_table(), make_grade()
    StaffingLine.objects.create(table=table, grade=grade, count=1)
    assert refused(StaffingLine.objects.create, table=table, grade=grade, count=2)


def test_lines_must_add_up_to_the_stated_total():
    table, grade = make_staffing_table(total_ops=10), make_grade()
    line = StaffingLine.objects.create(table=table, grade=grade, count=9)
    with pytest.raises(ValidationError, match="9"):
        table.check_whole()
    line.count = 10
    line.save()
    table.refresh_from_db()
    table.check_whole()


def test_a_missing_line_leaves_the_total_unchecked():
    table = make_staffing_table(total_ops=10)
    StaffingLine.objects.create(table=table, grade=make_grade(), count=None)
    table.check_whole()


def test_the_grand_total_is_stated_or_the_sum_or_unknown():
    assert make_staffing_table(total=1149, kind="target").grand_total == 1149
    assert make_staffing_table(total_ops=2, total_calog=3).grand_total == 5
    assert make_staffing_table(total_ops=2, kind="norm").grand_total is None


def test_negative_totals_are_refused():
    assert refused(make_staffing_table, total=-1)


def test_two_tables_of_one_kind_cannot_start_together():
    make_staffing_table()
    assert refused(make_staffing_table)


def test_two_actions_of_a_domain_have_different_numbers():
    domain = make_policy_domain()
    make_policy_action(domain, position=1)
    assert refused(make_policy_action, domain=domain, position=1)


def test_a_domain_stands_once_in_a_policy():
    domain = make_policy_domain()
    assert refused(make_policy_domain, policy=domain.policy, slug=domain.slug)


def test_a_document_that_is_a_source_is_kept():
    document = make_document()
    make_policy(source=document)
    with pytest.raises(ProtectedError):
        document.delete()


def test_a_unit_that_has_a_place_is_kept():
    place = make_placement(make_organogram())
    with pytest.raises(ProtectedError):
        place.unit.delete()


def test_a_unit_stands_once_in_an_organogram():
    root = make_placement(make_organogram())
    assert refused(make_placement, organogram=root.organogram, parent=root, unit=root.unit)


def test_an_unknown_kind_is_refused():
    root = make_placement(make_organogram())
    assert refused(make_placement, organogram=root.organogram, parent=root, kind="filiaal")


@pytest.mark.parametrize(
    ("kind", "with_successor"), [("abolished", True), ("renamed", False), ("merged", False), ("split", False)]
)
def test_a_succession_names_a_successor_unless_abolished(kind, with_successor):
    unit, other, organogram = make_unit(), make_unit(), make_organogram()
    assert refused(
        Succession.objects.create,
        from_unit=unit,
        to_unit=other if with_successor else None,
        kind=kind,
        organogram=organogram,
    )


def test_a_unit_does_not_succeed_itself():
    unit = make_unit()
    assert refused(
        Succession.objects.create, from_unit=unit, to_unit=unit, kind="merged", organogram=make_organogram()
    )


def test_renaming_a_unit_renames_its_newest_place_only():
    old = make_placement(make_organogram(), name="Oud")
    new = make_placement(make_organogram(), unit=old.unit, name="Oud")
    unit = Unit.objects.get(pk=old.unit_id)
    unit.name, unit.abbreviation = "Nieuw", "N"
    unit.save()
    assert list(Placement.objects.filter(pk=new.pk).values_list("name", "abbreviation")) == [("Nieuw", "N")]
    assert Placement.objects.get(pk=old.pk).name == "Oud"


def test_renaming_the_newest_place_renames_the_unit():
    place = make_placement(make_organogram(), name="Oud")
    place.name = "Nieuw"
    place.save()
    assert Unit.objects.get(pk=place.unit_id).name == "Nieuw"


def test_a_draft_does_not_rename_the_unit_until_it_is_published():
    old = make_placement(make_organogram(), name="Oud")
    draft = make_organogram(status="draft")
    make_placement(draft, unit=old.unit, name="Nieuw")
    assert Unit.objects.get(pk=old.unit_id).name == "Oud"
    draft.status = "published"
    draft.save()
    assert Unit.objects.get(pk=old.unit_id).name == "Nieuw"


def test_a_unit_that_loses_its_newest_place_goes_by_the_name_before():
    old = make_placement(make_organogram(), name="Oud")
    new = make_placement(make_organogram(), unit=old.unit, name="Nieuw")
    assert Unit.objects.get(pk=old.unit_id).name == "Nieuw"
    new.delete()
    assert Unit.objects.get(pk=old.unit_id).name == "Oud"


def test_a_new_place_takes_its_name_from_the_unit():
    unit = make_unit(name="Wijkdienst", abbreviation="WD")
    place = Placement.objects.create(organogram=make_organogram(), unit=unit, kind="dienst")
    assert (place.name, place.abbreviation) == ("Wijkdienst", "WD")


def test_a_former_address_name_is_kept_and_never_given_out_again():
    unit = make_unit(slug="oud")
    unit.slug = "nieuw"
    unit.save()
    assert FormerSlug.objects.get(slug="oud").unit == unit
    with pytest.raises(ValidationError):
        Unit(slug="oud", name="Ander").clean()


def test_tasks_are_read_line_by_line():
    assert make_unit(tasks="Eerste\n\n Tweede ").task_list == ["Eerste", "Tweede"]


def test_names_show_the_abbreviation():
    assert str(make_unit(name="Wijkdienst", abbreviation="WD")) == "Wijkdienst (WD)"
    assert str(make_term(abbreviation="WD", expansion="Wijkdienst")) == "WD (Wijkdienst)"


def test_an_edition_knows_whether_it_has_started():
    assert make_organogram(valid_from=datetime.date(2020, 1, 1)).has_started
    assert not make_organogram(valid_from=datetime.date(2999, 1, 1)).has_started


def test_a_unit_renamed_gives_its_name_to_the_place_that_the_public_sees():
    place = make_placement(make_organogram(), name="Oud")
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    later = make_placement(make_organogram(publish_from=tomorrow), unit=place.unit, name="Later")
    unit = Unit.objects.get(pk=place.unit_id)
    unit.name = "Beter"
    unit.save()
    place.refresh_from_db()
    later.refresh_from_db()
    assert (place.name, later.name) == ("Beter", "Later")
