"""Lists in the admin ask as many questions for many rows as for few."""

import datetime
import itertools

import pytest
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
)
from tests.thinning import THOROUGH

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
    assert counts[0] == counts[1] <= 12
