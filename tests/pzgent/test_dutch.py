"""The Dutch of the starting content."""

import re

import pytest

from organisation.models import Placement, Unit, UnitKind
from projects.models import Project
from pzgent.starting_content.content import read_content

# “kan je” is right where “je” is not the subject: “Zij kan je bijstaan.”
WRONG_VERB = re.compile(r"\bkan (?:je|jij) (?!bijstaan)", re.IGNORECASE)
SHE = re.compile(r"\b(?:Zij|Ze|zij|haar)\b")
# A task per line, as short as on a list.
LONGEST_TASK = 20
LONGEST_SENTENCE = 15


def texts_of(entry):
    """Return the texts of an entry in our own words: the titles of the parts of a document are as printed."""
    return [text for name, text in entry.values.items() if isinstance(text, str) and name != "sections"]


def test_nobody_is_told_that_they_kan():
    wrong = [entry.place for entry in read_content() for text in texts_of(entry) if WRONG_VERB.search(text)]
    assert wrong == []


@pytest.mark.django_db
def test_a_service_is_masculine(plan):
    services = Placement.objects.filter(kind=UnitKind.DIENST).values("unit")
    wrong = [unit.slug for unit in Unit.objects.filter(pk__in=services) if SHE.search(unit.summary)]
    assert wrong == []


@pytest.mark.django_db
def test_tasks_are_short(plan):
    tasks = [task for unit in Unit.objects.all() for task in unit.task_list]
    assert len(tasks) > 700
    assert [task for task in tasks if len(task.split()) > LONGEST_TASK] == []


@pytest.mark.django_db
def test_a_project_is_summed_up_in_one_or_two_short_sentences(plan):
    summaries = [text for text in Project.objects.values_list("summary", flat=True) if text]
    assert len(summaries) > 50
    sentences = [re.split(r"(?<=[.!?]) ", text) for text in summaries]
    assert [parts for parts in sentences if len(parts) > 2] == []
    assert [part for parts in sentences for part in parts if len(part.split()) > LONGEST_SENTENCE] == []


@pytest.mark.django_db
def test_the_summary_of_a_project_tells_of_the_project_and_not_of_a_unit(plan):
    names = [f"{kind} " for kind in ("Team", "Dienst", "Afdeling", "Directie", "Bureau")]
    names += Unit.objects.values_list("name", flat=True)
    wrong = [
        text for text in Project.objects.values_list("summary", flat=True) for name in names if name in text
    ]
    assert wrong == []
