"""Publication windows and editions in force."""

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from organisation.models import Document, Organogram, Policy, StaffingTable, Statement
from pzgent.kernel.publishing import review_day
from tests.make import (
    make_corporate_plan,
    make_document,
    make_organogram,
    make_policy,
    make_staffing_table,
    make_statement,
)

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
    assert Document.objects.all().with_public_files().exists() is visible
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


@pytest.fixture
def noon(monkeypatch):
    """The clock stands still."""
    moment = datetime.datetime(2026, 6, 10, 10, tzinfo=datetime.UTC)
    monkeypatch.setattr(timezone, "now", lambda: moment)
    return moment


def test_a_window_holds_its_first_moment_and_not_its_last(noon):
    first, last = make_document(publish_from=noon), make_document(publish_until=noon)
    assert list(Document.objects.published(noon)) == [first]
    assert (first.is_published, last.is_published) == (True, False)


def test_what_the_public_saw_and_no_longer_sees_is_retired_from_that_moment(noon):
    over, withdrawn = make_document(publish_until=noon), make_document(status="withdrawn", publish_from=noon)
    make_document(status="withdrawn", publish_from=noon + HOUR)  # nobody ever saw it
    make_document(status="draft", publish_until=noon - HOUR)
    make_document(publish_until=noon + HOUR)
    assert set(Document.objects.retired(noon)) == {over, withdrawn}
    assert set(Document.objects.retired()) == {over, withdrawn}


@pytest.mark.parametrize(("days", "has_started"), [(-1, True), (0, True), (1, False)])
def test_an_edition_has_started_on_its_first_day(noon, days, has_started):
    assert Organogram(valid_from=noon.date() + datetime.timedelta(days=days)).has_started is has_started


@pytest.mark.parametrize(("days", "has_ended"), [(-1, True), (0, False), (1, False)])
def test_an_edition_has_ended_after_its_last_day(noon, days, has_ended):
    assert Organogram(valid_until=noon.date() + datetime.timedelta(days=days)).has_ended() is has_ended
    assert Organogram().has_ended() is False


@pytest.mark.parametrize(("days", "status", "series", "is_newer"), [
    (1, "published", "eco", True), (0, "published", "eco", False), (1, "draft", "eco", False),
    (1, "published", "welzijn", False),
])  # fmt: skip
def test_only_a_newer_published_edition_of_the_series_is_a_successor(days, status, series, is_newer):
    policy = make_policy(series="eco", valid_from=DAY(2020, 1, 1), status="draft")
    make_policy(series=series, status=status, valid_from=DAY(2020, 1, 1) + datetime.timedelta(days=days))
    assert policy.has_successor(Policy.objects.published(), DAY(2020, 1, 2)) is is_newer
    assert policy.has_successor(Policy.objects.published(), DAY(2020, 1, 1)) is False


def test_without_a_day_all_published_editions_are_meant(editions):
    Organogram.objects.filter(title="2020").update(status="draft")
    assert set(Organogram.objects.published_as_of(None).values_list("title", flat=True)) == {"2021", "2999"}
    assert [found.title for found in Organogram.objects.published_as_of(DAY(2030, 1, 1))] == ["2021"]


def test_an_item_of_an_unpublished_edition_is_not_published():
    plan, draft = make_corporate_plan(), make_corporate_plan(status="draft", valid_from=DAY(2022, 1, 1))
    shown = make_statement(plan=plan)
    make_statement(plan=draft)
    make_statement(plan=plan, status="draft")
    assert list(Statement.objects.published()) == list(Statement.objects.in_force()) == [shown]
    assert list(Statement.objects.published_as_of(None)) == [shown]
    assert list(Statement.objects.published_as_of(DAY(2020, 12, 31))) == []
    assert (Statement.objects.of_plan(draft).count(), Statement.objects.of_plan(None).count()) == (1, 0)


@pytest.mark.parametrize(
    ("label", "since", "due"),
    [
        ("contact.channel", DAY(2026, 6, 30), DAY(2026, 12, 30)),
        ("contact.channel", DAY(2026, 7, 1), DAY(2027, 1, 1)),
        ("contact.channel", DAY(2025, 8, 31), DAY(2026, 2, 28)),
        ("contact.topic", DAY(2024, 2, 29), DAY(2025, 2, 28)),
    ],
)
def test_a_fact_is_checked_again_after_its_months_on_a_day_that_exists(label, since, due):
    assert review_day(label, since) == due


def test_a_fact_is_due_on_its_day_unless_it_was_withdrawn():
    due = make_document(review_by=DAY(2026, 6, 10))
    make_document(review_by=DAY(2026, 6, 10), status="withdrawn")
    make_document(review_by=DAY(2026, 6, 11))
    assert list(Document.objects.all().due(DAY(2026, 6, 10))) == [due]


def test_the_day_to_check_again_follows_from_the_last_check_and_is_not_moved(noon):
    checked, today = make_document(verified_on=DAY(2026, 1, 1)), make_document()
    assert (checked.review_by, today.review_by) == (DAY(2027, 1, 1), DAY(2027, 6, 10))
    assert (checked.plan_review(), checked.review_by) == (False, DAY(2027, 1, 1))


def test_saving_named_fields_stores_what_goes_with_them():
    document = make_document()
    Document.objects.update(review_by=None)
    document.refresh_from_db()
    document.save(update_fields=["title"])
    document.refresh_from_db()
    assert (document.version, document.review_by is not None) == (2, True)
    assert document.is_edited
    assert not make_document().is_edited


def test_what_the_public_saw_is_never_deleted(noon):
    drafted = make_document(status="draft")
    seen = make_document()
    seen.status = "draft"
    seen.save()
    planned = make_document(publish_from=noon + HOUR)
    planned.status = "draft"
    planned.save()
    withdrawn = make_document(status="withdrawn")
    assert [row.is_kept for row in (drafted, seen, planned, withdrawn)] == [False, True, False, True]


def test_the_first_public_moment_is_that_of_the_window_and_stays(noon, monkeypatch):
    planned, now, draft = (
        make_document(publish_from=noon + HOUR),
        make_document(),
        make_document(status="draft"),
    )
    assert [row.public_since for row in (planned, now, draft)] == [noon + HOUR, noon, None]
    assert make_document(publish_from=noon - HOUR).public_since == noon
    monkeypatch.setattr(timezone, "now", lambda: noon + 2 * HOUR)
    now.save()
    assert now.public_since == noon


def test_what_bulk_writers_published_was_public_since_then(noon):
    draft = make_document(status="draft")
    Document.objects.update(status="published", publish_from=noon - HOUR)
    draft.save()
    assert draft.public_since == noon - HOUR
