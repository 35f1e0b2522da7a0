"""Lists in the admin ask as many questions for many rows as for few, and never more than ten."""

import copy
import datetime
import itertools
import uuid

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from organisation.models import Organogram
from tests.make import (
    make_care_area,
    make_channel,
    make_consumer,
    make_corporate_plan,
    make_document,
    make_exception,
    make_key_figure,
    make_location,
    make_objective,
    make_organogram,
    make_placement,
    make_plan,
    make_policy,
    make_policy_domain,
    make_project,
    make_schedule,
    make_staffing_table,
    make_statement,
    make_succession,
    make_term,
    make_topic,
    make_wide_organogram,
)
from tests.thinning import THOROUGH

MOST = 10
DAYS = (datetime.date(1990, 1, 1) + datetime.timedelta(days=number) for number in itertools.count())


def placed_unit():
    organogram = Organogram.objects.first() or make_organogram()
    return make_placement(organogram, organogram.placements.filter(parent=None).first()).unit


ROWS = {
    "unit": placed_unit,
    "organogram": lambda: make_organogram(valid_from=next(DAYS)),
    "succession": lambda: make_succession(Organogram.objects.first()),
    "document": lambda: make_document(source=make_document()),
    "term": make_term,
    "keyfigure": make_key_figure,
    "corporateplan": lambda: make_corporate_plan(valid_from=next(DAYS)),
    "statement": make_statement,
    "policy": make_policy,
    "policydomain": lambda: make_policy_domain(make_policy()),
    "staffingtable": lambda: make_staffing_table(valid_from=next(DAYS)),
    "plan": make_plan,
    "project": make_project,
    "objective": lambda: make_objective(parent=make_objective()),
    "topic": make_topic,
    "channel": lambda: make_channel(topic=make_topic(), schedule=make_schedule()),
    "schedule": lambda: make_schedule((0, "09:00", "17:00")),
    "scheduleexception": make_exception,
    "location": lambda: make_location(unit=placed_unit()),
    "carearea": lambda: make_care_area(certainty="named", location=make_location()),
    "consumer": make_consumer,
}


def app_of(name):
    if name in ("plan", "project", "objective"):
        return "projects"
    if name == "consumer":
        return "pzgent"
    contact = ("topic", "channel", "schedule", "scheduleexception", "location", "carearea")
    return "contact" if name in contact else "organisation"


@pytest.mark.no_cover  # counting lines doubles its time
@pytest.mark.parametrize("name", ROWS)
@pytest.mark.once
def test_many_rows_cost_as_many_questions_as_few(name, admin_client):
    page = reverse(f"admin:{app_of(name)}_{name}_changelist")
    counts = []
    for size in (20, 180) if THOROUGH else (5, 20):
        for _number in range(size):
            ROWS[name]()
        admin_client.get(page)
        with CaptureQueriesContext(connection) as queries:
            answer = admin_client.get(page)
        counts.append(len(queries))
    assert answer.context["cl"].result_count >= 5
    assert counts[0] == counts[1] <= MOST


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model._meta.label_lower)
@pytest.mark.once
def test_every_list_costs_at_most_ten_questions(model, admin_client):
    for name, make in ROWS.items():
        if name == model._meta.model_name or name == "organogram":
            make()
    assert questions_of(model, admin_client) <= MOST


LARGEST = ["unit", "placement", "policy", "document", "term", "project", "channel", "scheduleexception"]


@pytest.mark.parametrize("name", LARGEST if THOROUGH else ["placement", "channel"])
@pytest.mark.once
def test_ten_thousand_rows_cost_ten_questions(name, admin_client):
    model = next(model for model in admin.site._registry if model._meta.model_name == name)
    if name in ("unit", "placement"):
        make_wide_organogram(10_000)
    else:
        copy_in_bulk(ROWS[name](), 10_000)
    assert model.objects.count() >= 10_000
    assert questions_of(model, admin_client) <= MOST


def list_of(model):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def questions_of(model, client):
    """Count the queries of a list that was shown before."""
    client.get(list_of(model))
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(list_of(model))
    assert answer.status_code == 200
    return len(queries)


def copy_in_bulk(item, number):
    """Store copies of a row that differ in what must be unique."""
    rows = []
    for each in range(number):
        row = copy.copy(item)
        row._state = copy.copy(item._state)
        row.pk, row._state.adding = uuid.uuid4() if isinstance(item.pk, uuid.UUID) else None, True
        for name in {"slug", "code", "series"} & {field.name for field in item._meta.concrete_fields}:
            setattr(row, name, f"kopie-{each}")
        rows.append(row)
    type(item).objects.bulk_create(rows, batch_size=500)
