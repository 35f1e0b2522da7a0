"""Each fact has a day on which somebody must check it again, and editors are told what is due."""

import datetime
import importlib
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from contact.models import Channel, SchoolYear
from organisation.models import FunctionalLine, Term
from pzgent.kernel.publishing import Sourced, review_day
from tests import registry
from tests.make import MAKERS, make_channel, make_document, make_school_year, make_term

FACTS = [model for model in registry.project_models() if issubclass(model, Sourced)]
LONG_AGO = datetime.date(2020, 1, 31)


def make(model, **changes):
    return (make_school_year if model is SchoolYear else MAKERS[model])(**changes)


def test_what_people_act_on_is_checked_twice_a_year():
    soon = {model.__name__ for model in FACTS if model.review_months == 6}
    assert soon == {"Channel", "Schedule", "Location", "CareArea", "Project"}


@given(st.sampled_from(FACTS), st.dates(datetime.date(1990, 1, 1), datetime.date(2100, 1, 1)))
def test_the_day_lies_the_months_of_the_kind_ahead(model, day):
    due = review_day(model._meta.label_lower, day)
    assert (due.year - day.year) * 12 + due.month - day.month == model.review_months
    assert due.day == day.day or (due + datetime.timedelta(days=1)).day == 1


@pytest.mark.django_db
@pytest.mark.parametrize("model", FACTS, ids=lambda model: model.__name__)
def test_a_fact_without_a_day_gets_one(model):
    row = make(model)
    today = timezone.localdate()
    assert row.review_by == review_day(model._meta.label_lower, today)
    row.verified_on, row.review_by = LONG_AGO, None
    row.save()
    row.refresh_from_db()
    assert row.review_by == review_day(model._meta.label_lower, LONG_AGO)
    assert list(model.objects.due(row.review_by)) == [row]
    assert not model.objects.due(row.review_by - datetime.timedelta(days=1)).exists()


@pytest.mark.django_db
def test_the_day_of_the_editor_stays():
    day = datetime.date(2030, 1, 1)
    term = make_term(review_by=day)
    term.save()
    assert Term.objects.get().review_by == day


@pytest.mark.django_db
def test_what_is_withdrawn_is_not_due():
    make_term(review_by=LONG_AGO, status="withdrawn")
    assert not Term.objects.due(timezone.localdate()).exists()


@pytest.mark.django_db
def test_a_check_counts_anew_unless_the_editor_gives_a_day(admin_client):
    term = make_term(verified_on=LONG_AGO, review_by=LONG_AGO)
    address = reverse("admin:organisation_term_change", args=[term.pk])

    def send(**changes):
        form = admin_client.get(address).context["adminform"].form
        data = {name: form[name].value() for name in form.fields if form[name].value() is not None}
        answer = admin_client.post(address, {**data, **changes})
        assert answer.status_code == 302
        term.refresh_from_db()
        return term.review_by

    assert send(verified_on="2026-03-01") == review_day("organisation.term", datetime.date(2026, 3, 1))
    assert send(verified_on="2026-04-01", review_by="2026-12-01") == datetime.date(2026, 12, 1)
    assert send(editor_note="Anders") == datetime.date(2026, 12, 1)


@pytest.mark.django_db
def test_the_first_page_lists_what_is_due_to_who_may_change_it(client):
    channels = [make_channel(label=f"Nummer {number}", review_by=LONG_AGO) for number in range(7)]
    make_document(title="Geheim stuk", review_by=LONG_AGO)
    user = User.objects.create_user("redactie", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="change_channel"))
    client.force_login(user)
    page = client.get("/admin/").content.decode()
    assert f"{reverse('admin:contact_channel_changelist')}?review=overdue" in page
    assert f"{Channel._meta.verbose_name_plural.capitalize()}: {len(channels)}" in page
    assert "Geheim stuk" not in page
    listed = client.get(f"{reverse('admin:contact_channel_changelist')}?review=overdue")
    assert listed.context["cl"].result_count == 7
    user.user_permissions.set(Permission.objects.filter(codename="view_channel"))
    client.force_login(User.objects.get())
    assert "Nummer" not in client.get("/admin/").content.decode()


@pytest.mark.django_db
def test_the_first_page_asks_as_much_for_one_as_for_many(admin_client):
    def questions():
        with connection.execute_wrapper(lambda execute, *args: asked.append(1) or execute(*args)):
            asked.clear()
            admin_client.get("/admin/")
        return len(asked)

    asked = []
    for model in FACTS:
        make(model, review_by=LONG_AGO)
    admin_client.get("/admin/")
    one = questions()
    for model in FACTS:
        if model is not SchoolYear:  # there is one of each year
            make(model, review_by=LONG_AGO)
    admin_client.get("/admin/")  # reads the zone anew, because a channel is new
    assert questions() == one


@pytest.mark.django_db
def test_the_migration_counts_from_the_last_check_or_change():
    migration = importlib.import_module("pzgent.migrations.0017_review_days")
    checked, never, given_day = make_channel(), make_channel(), make_channel()
    line = MAKERS[FunctionalLine]()
    Channel.objects.filter(pk=checked.pk).update(verified_on=LONG_AGO, review_by=None)
    changed = datetime.datetime(2021, 5, 5, 12, tzinfo=datetime.UTC)
    Channel.objects.filter(pk=never.pk).update(review_by=None, modified=changed)
    Channel.objects.filter(pk=given_day.pk).update(review_by=LONG_AGO)
    FunctionalLine.objects.update(review_by=None)
    migration.plan_reviews(apps, SimpleNamespace(connection=connection))
    for row, day in ((checked, datetime.date(2020, 7, 31)), (never, datetime.date(2021, 11, 5))):
        row.refresh_from_db()
        assert row.review_by == day
    given_day.refresh_from_db()
    line.refresh_from_db()
    assert given_day.review_by == LONG_AGO
    assert line.review_by == review_day("organisation.functionalline", timezone.localdate())
