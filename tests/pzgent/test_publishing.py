"""Publication windows and editions in force."""

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from organisation.models import Document, Organogram, Policy, StaffingTable
from tests.make import make_document, make_organogram, make_policy, make_staffing_table

pytestmark = pytest.mark.django_db
NOW = timezone.now()
HOUR = datetime.timedelta(hours=1)
DAY = datetime.date


@pytest.mark.parametrize(
    ("changes", "visible"),
    [
        ({}, True),
        ({"status": "draft"}, False),
        ({"status": "withdrawn"}, False),
        ({"publish_from": NOW - HOUR}, True),
        ({"publish_from": NOW + HOUR}, False),
        ({"publish_until": NOW + HOUR}, True),
        ({"publish_until": NOW - HOUR}, False),
    ],
)
def test_status_and_window_decide_what_the_public_sees(changes, visible):
    document = make_document(**changes)
    assert Document.objects.published().exists() is visible
    assert document.is_published is visible


def test_the_window_is_judged_at_the_moment_asked():
    make_document(publish_from=NOW + HOUR)
    assert Document.objects.published(NOW + 2 * HOUR).exists()


def test_a_window_that_ends_before_it_starts_is_refused_by_the_database():
    with pytest.raises(IntegrityError), transaction.atomic():
        make_document(publish_from=NOW, publish_until=NOW - HOUR)


def test_an_unknown_status_is_refused_by_the_database():
    with pytest.raises(IntegrityError), transaction.atomic():
        make_document(status="secret")


def test_each_save_counts_the_version():
    document = make_document()
    document.save()
    document.save(update_fields=["title"])
    assert Document.objects.get().version == 3


@pytest.fixture
def editions():
    """One organogram from 2020, one from 2021, one from the far future."""
    return [make_organogram(valid_from=DAY(year, 1, 1), title=str(year)) for year in (2020, 2021, 2999)]


@pytest.mark.parametrize(
    ("day", "title"),
    [
        (DAY(2019, 12, 31), None),
        (DAY(2020, 1, 1), "2020"),
        (DAY(2020, 12, 31), "2020"),
        (DAY(2021, 1, 1), "2021"),
    ],
)
def test_the_edition_in_force_is_the_newest_that_has_started(editions, day, title):
    found = Organogram.objects.get_in_force(day)
    assert (found and found.title) == title


def test_a_future_edition_takes_force_by_its_date_alone(editions):
    assert Organogram.objects.get_in_force().title == "2021"
    assert Organogram.objects.get_in_force(DAY(2999, 1, 1)).title == "2999"


def test_a_draft_is_never_in_force(editions):
    Organogram.objects.filter(title="2021").update(status="draft")
    assert Organogram.objects.get_in_force().title == "2020"


def test_each_series_has_its_own_edition_in_force():
    make_policy(series="eco", title="eco 1", valid_from=DAY(2019, 1, 1))
    make_policy(series="eco", title="eco 2", valid_from=DAY(2020, 1, 1))
    make_policy(series="welzijn", title="welzijn", valid_from=DAY(2018, 1, 1))
    assert set(Policy.objects.in_force().values_list("title", flat=True)) == {"eco 2", "welzijn"}


def test_a_formation_and_a_target_are_in_force_side_by_side():
    make_staffing_table(kind="formation")
    make_staffing_table(kind="target")
    assert StaffingTable.objects.in_force().count() == 2


def test_two_published_organograms_cannot_start_on_one_day(editions):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_organogram(valid_from=DAY(2020, 1, 1))


def test_a_draft_may_start_on_the_day_of_a_published_edition(editions):
    assert make_organogram(valid_from=DAY(2020, 1, 1), status="draft").pk


def test_a_plan_that_ends_before_it_starts_is_refused():
    with pytest.raises(IntegrityError), transaction.atomic():
        make_organogram(valid_from=DAY(2020, 1, 1), valid_until=DAY(2019, 1, 1))


def test_a_ratification_before_the_decision_is_refused():
    with pytest.raises(IntegrityError), transaction.atomic():
        make_organogram(decided_on=DAY(2020, 1, 2), ratified_on=DAY(2020, 1, 1))
