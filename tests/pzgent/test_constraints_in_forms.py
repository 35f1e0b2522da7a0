"""Constraints on fields that a form does not show are explained by the form, not by an error of the database."""

import datetime

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.forms import modelform_factory

from contact.models import Topic
from pzgent.kernel.editing import ConstrainedForm, SafeForm
from tests.make import make_topic

pytestmark = pytest.mark.django_db
INLINES = [
    inline
    for owner in admin.site._registry.values()
    for inline in owner.inlines
    if inline.model._meta.constraints
]
CONSTRAINED = [model for model in admin.site._registry if model._meta.constraints]


def form_of(model, rf):
    request = rf.get("/")
    request.user = User(is_superuser=True, is_active=True, is_staff=True)
    return admin.site._registry[model].get_form(request, None, change=False)


@pytest.mark.parametrize("model", CONSTRAINED, ids=lambda model: model._meta.label_lower)
def test_every_form_checks_the_constraints_on_what_it_hides(model, rf, monkeypatch):
    checked = []
    monkeypatch.setattr(model, "validate_constraints", lambda self, exclude=None: checked.append(exclude))
    form = form_of(model, rf)({}, instance=model())
    form.is_valid()
    hidden = {field.name for field in model._meta.concrete_fields} - form.fields.keys()
    assert checked
    assert all(not hidden & set(excluded) for excluded in checked)


@pytest.mark.parametrize("inline", INLINES, ids=lambda inline: inline.__name__)
def test_every_row_checks_the_constraints_too(inline):
    assert issubclass(inline.form, ConstrainedForm)


def make_wrong(form_class, **values):
    topic = make_topic(
        publish_from=datetime.datetime(2027, 1, 1, tzinfo=datetime.UTC),
    )
    topic.publish_until = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    form = form_class({"title": "Nieuw", **values}, instance=topic)
    form.data["form_stamp"] = form.current_version_token
    return form


def test_a_hidden_field_that_breaks_a_rule_is_said_above_the_form():
    form = make_wrong(modelform_factory(Topic, form=SafeForm, fields=["title"]))
    assert form.non_field_errors() == ["‘Publiceren tot’ moet later zijn dan ‘publiceren vanaf’."]


def test_a_rule_is_said_once():
    form = make_wrong(
        modelform_factory(Topic, form=SafeForm, fields=["title", "publish_from", "publish_until"]),
        publish_from="2027-01-01 10:00",
        publish_until="2026-01-01 10:00",
    )
    assert sum(len(found) for found in form.errors.values()) == 1


def test_a_unique_value_of_a_hidden_field_is_said_above_the_form():
    """A unique constraint of one field names that field, which the form does not have."""
    form = make_wrong(modelform_factory(Topic, form=SafeForm, fields=["title"]))

    class OneField:
        fields = ("slug",)

        def validate(self, *_args, **_kwargs):
            raise ValidationError("bezet", "unique")

    form.instance.get_constraints = lambda: [(Topic, [OneField()])]
    assert form.non_field_errors() == ["bezet"]
