"""The background worker: it alone writes what follows from the data, misses nothing, and does no more than it must."""

import random
import re

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.db import DatabaseError, connection, models, transaction
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from mptt.exceptions import InvalidMove

from organisation.models import Placement, Term, Unit
from projects.models import Objective
from pzgent.affected import changed_rows
from pzgent.api import EXPORTED
from pzgent.changes import SettledState, number_differences, public_state
from pzgent.exports import Export
from pzgent.models import DataChange, FeedState, PublishedItem
from pzgent.rest.fields import Links
from pzgent.triggers import MOST_ROWS, watched_models
from pzgent.worker import Numbering, bring_up_to_date
from tests.make import make_organogram, make_placement, make_term, make_unit

pytestmark = pytest.mark.django_db
EDITS = 60
# Rows of what a tree itself keeps are changed by moving a node.
STRUCTURE = {"lft", "rght", "tree_id", "level", "parent"}


def change_something(chance):
    """One edit of any row that the public may see, past all forms; an edit that the database refuses is none."""
    model = chance.choice([model for model in watched_models() if model.objects.exists()])
    row = chance.choice(list(model.objects.order_by("pk")))
    try:
        with transaction.atomic():
            EDIT[chance.choice(sorted(EDIT))](chance, model, row)
    except (
        FieldDoesNotExist, DatabaseError, InvalidMove, ProtectedError, IndexError, TypeError, ValueError,
    ):  # fmt: skip
        return


def delete(chance, model, row):
    row.delete()


def publish(chance, model, row):
    status = chance.choice(["published", "draft", "withdrawn"])
    model.objects.filter(pk=row.pk).update(status=status)


def word(chance, model, row):
    texts = [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField) and not field.choices and field.editable
    ]
    field = chance.choice(texts)
    model.objects.filter(pk=row.pk).update(**{field.name: f"{getattr(row, field.name)}{chance.randrange(1000)}"[-30:]})


def refer(chance, model, row):
    relations = [
        field for field in model._meta.concrete_fields if field.is_relation and field.name not in STRUCTURE
    ]
    field = chance.choice(relations)
    others = list(field.related_model.objects.order_by("pk"))
    model.objects.filter(pk=row.pk).update(**{field.name: chance.choice([None, *others])})


def move(chance, model, row):
    place = chance.choice(list(Placement.objects.exclude(parent=None).order_by("pk")))
    place.parent = chance.choice(list(Placement.objects.filter(organogram=place.organogram).order_by("pk")))
    place.save()


EDIT = {function.__name__: function for function in (delete, publish, word, word, refer, refer, move)}


@pytest.mark.parametrize("seed", range(1))
def test_what_is_compared_after_an_edit_is_all_that_it_changed(plan, seed):
    chance, numbering = random.Random(seed), Numbering()
    numbering.bring_up_to_date()
    told = 0
    for number in range(EDITS):
        change_something(chance)
        before = PublishedItem.objects.count()
        newest = numbering.bring_up_to_date().number
        told += newest
        if number % 4 == 3:
            assert number_differences(EXPORTED) == newest, number
        assert before
    assert told
