"""Every admin page opens and saves, for every model, with the whole content loaded."""

import re

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField
from django.urls import reverse

from organisation.models import StructureStep, Unit
from pzgent.kernel import fields
from pzgent.models import AccessibilityStatement, FactAnswer, PreviewLink, SignInEvent, Zone
from tests.browser import form_data
from tests.make import (
    make_accessibility_statement,
    make_care_area,
    make_channel,
    make_exception,
    make_grade,
    make_location,
    make_missing,
    make_objective,
    make_organogram,
    make_placement,
    make_policy_action,
    make_project,
    make_schedule,
    make_school_year,
    make_staffing_table,
    make_succession,
    make_unit,
)
from tests.snapshot import made_once

# The sign-in log has no forms; `test_second_step` reads it.
MODELS = sorted(admin.site._registry.keys() - {SignInEvent}, key=lambda model: model._meta.label)
OURS = [model for model in MODELS if model._meta.app_label not in ("auth",)]
ONE_ONLY = (AccessibilityStatement, Zone)  # of which there is one
# Made on the page of what it shows, and withdrawn instead of deleted.
MADE_ELSEWHERE = (FactAnswer, PreviewLink)
INLINE_ONLY = {
    "organisation.FormerSlug", "organisation.FunctionalLine", "organisation.StaffingLine",
    "organisation.PolicyAction", "organisation.Responsibility",
    "projects.ProjectUnit", "projects.ProjectUpdate", "contact.WeeklySlot",
}  # fmt: skip
INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>")
by_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def _make_rows():
    """At least one row of every model of ours, with rows in every inline."""
    organogram = make_organogram()
    unit = make_placement(organogram, make_placement(organogram)).unit
    unit.former_slugs.create(slug="vroeger")
    make_succession(organogram)
    make_school_year(("vakantie", "2026-11-02", "2026-11-08"))
    make_staffing_table(total_ops=3).lines.create(grade=make_grade(), count=3)
    make_policy_action()
    project = make_project(description="<p>Tekst</p>")
    project.project_units.create(unit=unit)
    project.updates.create(date="2026-01-01", text="<p>Nieuws</p>")
    project.objectives.add(make_objective(parent=make_objective()))
    channel = make_channel(
        schedule=make_schedule((0, "09:00", "17:00")), location=make_location(), languages=["nl"]
    )
    make_exception(channel.schedule)
    make_care_area(certainty="named", location=channel.location)
    make_accessibility_statement().gaps.create(text_nl="Kaart")
    make_missing(MODELS)


rows = made_once(_make_rows)


@pytest.fixture
def examples(rows, admin_user):
    """At least one row of every model."""
    Group.objects.create(name="Redacteurs")


def test_every_model_can_be_edited_on_a_page_or_within_one():
    inlined = {
        inline.model for model_admin in admin.site._registry.values() for inline in model_admin.inlines
    }
    models = {
        model
        for app in ("organisation", "projects", "contact")
        for model in apps.get_app_config(app).get_models()
        if model is not StructureStep  # the workshop writes and shows these
    }
    alone = {model._meta.label for model in models - set(MODELS)}
    assert alone ^ INLINE_ONLY == set(), "register these in admin.py, or name them in INLINE_ONLY"
    assert models - set(MODELS) <= inlined


@by_model
def test_every_page_opens_and_holds_nothing_inline(model, examples, admin_client):
    pk = model.objects.first().pk
    pages = [
        address(model, "changelist"),
        address(model, "changelist") + "?q=gent",
        address(model, "history", pk),
        address(model, "change", pk),
        *([] if model in (Zone, *MADE_ELSEWHERE) else [address(model, "delete", pk)]),  # a site is somebody's
    ]
    answers = [admin_client.get(page) for page in pages]
    assert {answer.status_code for answer in answers} == {200}
    assert [INLINE.findall(answer.content.decode()) for answer in answers] == [[]] * len(answers)


def send_back(client, row):
    """Send the form of a row back as a browser does that nobody typed in; tell whether anything came of it."""
    model, page = type(row), address(type(row), "change", row.pk)
    before = model.objects.filter(pk=row.pk).values().get(), LogEntry.objects.count()
    data = {
        name: [value.replace("\n", "\r\n") for value in values]
        for name, values in form_data(client.get(page)).items()
    }
    answer = client.post(page, data)
    assert answer.status_code == 302, answer.context["errors"]
    return before != (model.objects.filter(pk=row.pk).values().get(), LogEntry.objects.count())


@by_model
def test_a_form_sent_back_unchanged_changes_nothing(model, examples, admin_client):
    assert not send_back(admin_client, model.objects.last())


@pytest.mark.no_cover  # counting lines doubles its time
@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_no_form_of_the_content_sent_back_unchanged_changes_anything(model, plan, admin_client):
    """The row with the longest texts, and the first one."""
    rows = list(model.objects.all())
    longest = sorted(rows, key=lambda row: -sum(len(str(value)) for value in vars(row).values()))
    assert [row for row in [*rows[:1], *longest[:1]] if send_back(admin_client, row)] == []


def test_who_sends_a_form_back_unchanged_reads_that_nothing_was_saved(admin_client):
    row = make_unit()
    page = address(Unit, "change", row.pk)
    answer = admin_client.post(page, form_data(admin_client.get(page)), follow=True)
    assert [str(message) for message in answer.context["messages"]] == [
        "U wijzigde niets, dus er was niets te bewaren."
    ]


@pytest.mark.parametrize(
    "model", [model for model in OURS if model not in MADE_ELSEWHERE], ids=lambda model: model._meta.label
)
def test_an_empty_new_form_is_refused_without_breaking(model, examples, admin_client):
    if model in ONE_ONLY:
        model.objects.all().delete()
    page = address(model, "add")
    names = form_data(admin_client.get(page))
    answer = admin_client.post(page, {name: value for name, value in names.items() if "_FORMS" in name})
    assert (answer.status_code, bool(answer.context["errors"])) == (200, True)
    assert names["form_once"][0] or model._meta.app_label == "auth"


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_who_may_only_look_sees_the_page_without_a_save_button(model, examples, client):
    viewer = User.objects.create_user("lezer", password="x", is_staff=True)
    viewer.user_permissions.set(
        ContentType.objects.get_for_model(model).permission_set.filter(codename__startswith="view")
    )
    client.force_login(viewer)
    page = address(model, "change", model.objects.first().pk)
    shown = client.get(page)
    assert shown.status_code == 200
    assert b'name="_save"' not in shown.content
    assert client.post(page, {}).status_code == 403


def test_an_unknown_object_leads_back_with_a_message(examples, admin_client):
    for model in OURS:
        assert admin_client.get(address(model, "change", "nonsense")).status_code == 302


@pytest.mark.no_cover  # counting lines doubles its time
def test_lists_and_forms_open_with_the_content_of_the_plan(plan, admin_client):
    pages = [address(model, "changelist") for model in OURS]
    pages += [address(model, "change", row.pk) for model in OURS for row in model.objects.all()[:2]]
    assert {admin_client.get(page).status_code for page in pages} == {200}


# --- Two editors, on every model --------------------------------------------------------------------
@by_model
def test_no_form_is_saved_without_its_version(model, examples, admin_client):
    page = address(model, "change", model.objects.last().pk)
    data = form_data(admin_client.get(page))
    assert data.pop("form_stamp") != [""]
    assert admin_client.post(page, data).context["adminform"].form.is_conflict


@by_model
def test_a_form_opened_before_a_colleague_saved_is_refused(model, examples, admin_client):
    """Any stored difference counts: here the first text that the model has."""
    page = address(model, "change", model.objects.last().pk)
    opened = form_data(admin_client.get(page))
    name = _text_column(model, opened)
    saved = admin_client.post(page, {**opened, name: "fiets\r\nanders" if name == "words" else "anders"})
    assert saved.status_code == 302, saved.context["errors"]
    answer = admin_client.post(page, opened)
    assert answer.context["adminform"].form.is_conflict


def test_a_part_that_a_colleague_changed_counts_for_the_statement(examples, admin_client):
    page = address(AccessibilityStatement, "change", AccessibilityStatement.objects.get().pk)
    opened = form_data(admin_client.get(page))
    assert admin_client.post(page, {**opened, "gaps-0-text_nl": "Filmpje"}).status_code == 302
    assert admin_client.post(page, opened).context["adminform"].form.is_conflict


def _text_column(model, data):
    """A column for plain text that the form shows."""
    return next(
        field.name
        for field in model._meta.fields
        if type(field) in (fields.CharField, fields.TextField, CharField) and not field.choices
        if field.name in data and field.name != "password"
    )
