"""The facts about a unit, shown to its head through a signed link, and the answers to them.

A confirmed fact is verified today. A reported error becomes an answer that an editor settles.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contact.models import Channel, Location, Schedule
from organisation.models import Unit
from projects.models import Project, ProjectRole
from pzgent.kernel.versions.recording import Recorder
from pzgent.models import FactAnswer, FactCheck
from pzgent.models.fact_checks import LONGEST_REMARK, Verdict

# The fields that the head of a unit can judge, per model.
SHOWN: Mapping[type[models.Model], Sequence[str]] = {
    Unit: ("name", "abbreviation", "summary", "tasks"),
    Channel: ("topic", "kind", "value", "schedule", "hours_note", "location", "note"),
    Location: ("name", "kind", "street", "postal_code", "city", "serves", "accessibility", "note"),
    Project: ("title", "summary"),
}


class Line(NamedTuple):
    """A field of a fact in words."""

    label: str
    value: str


@dataclass
class Fact:
    """A public object about the unit, with the answer given so far and the error of a refused answer."""

    item: Any
    verdict: str = ""
    remark: str = ""
    error: str = ""

    @property
    def name(self) -> str:
        """The name of its fields in the form."""
        return f"{self.item._meta.label_lower}-{self.item.pk}"

    @property
    def kind(self) -> str:
        """The name of its model."""
        return str(self.item._meta.verbose_name)

    @property
    def lines(self) -> list[Line]:
        """Its fields that have a value."""
        found = []
        for name in SHOWN[type(self.item)]:
            shown = getattr(self.item, f"get_{name}_display", None)
            value = shown() if shown else getattr(self.item, name)
            if isinstance(value, Schedule):
                value = value.summary
            if value:
                found.append(Line(str(self.item._meta.get_field(name).verbose_name), str(value)))
        return found


def facts_of(check: FactCheck) -> list[Fact]:
    """Return the public facts about the unit of a request, with the answers given through its link. Five queries."""
    unit = check.unit
    channels = Channel.objects.published().filter(unit=unit).select_related("topic", "schedule", "location")
    led = Project.objects.published().filter(project_units__unit=unit, project_units__role=ProjectRole.LEAD)
    items = [
        *([unit] if unit.is_published else []),
        *channels.prefetch_related("schedule__slots"),
        *Location.objects.published().filter(unit=unit),
        *led,
    ]
    answers = {(answer.label, answer.key): answer for answer in check.answers.all()}
    facts = [Fact(item) for item in items]
    for fact in facts:
        answer = answers.get((fact.item._meta.label_lower, fact.item.pk))
        if answer is not None:
            fact.verdict, fact.remark = answer.verdict, answer.remark
    return facts


def record(check: FactCheck, sent: Mapping[str, str]) -> list[Fact]:
    """Store the answers of a form; return the facts with what was sent, and the errors of refused answers.

    Nothing is stored if one answer is refused: an error without an explanation, or a verdict about a fact that an
    editor changed after the page was shown. Unanswered facts stay as they are.
    """
    with transaction.atomic():
        facts = facts_of(check)
        answered = [fact for fact in facts if sent.get(fact.name) in Verdict.values]
        for fact in answered:
            _read(fact, sent)
        if not any(fact.error for fact in answered):
            for fact in answered:
                _store(check, fact)
    return facts


def _read(fact: Fact, sent: Mapping[str, str]) -> None:
    """Read the answer to a fact, with its error."""
    fact.verdict = sent[fact.name]
    fact.remark = sent.get(f"{fact.name}-remark", "").replace("\x00", "").strip()
    if sent.get(f"{fact.name}-version") != str(fact.item.version):
        fact.error = _("This was changed in the meantime. Read it again, and answer once more.")
    elif fact.verdict == Verdict.WRONG and not fact.remark:
        fact.error = _("Write what is wrong, and what it should be.")
    elif len(fact.remark) > LONGEST_REMARK:
        fact.error = _("That is too long. Use at most %(count)d characters.") % {"count": LONGEST_REMARK}


def _store(check: FactCheck, fact: Fact) -> None:
    """Store one answer; verify the fact if it was confirmed."""
    is_wrong = fact.verdict == Verdict.WRONG
    if not is_wrong:
        fact.remark = ""
    known = check.answers.filter(label=fact.item._meta.label_lower, key=fact.item.pk).first()
    if known is not None and (known.verdict, known.remark) == (fact.verdict, fact.remark):
        return
    FactAnswer.objects.update_or_create(
        check_request=check,
        label=fact.item._meta.label_lower,
        key=fact.item.pk,
        defaults={
            "title": f"{fact.kind}: {fact.item}"[:250],
            "verdict": fact.verdict,
            "remark": fact.remark,
            "settled_on": None,
            "at": timezone.now(),
        },
    )
    if is_wrong:
        return
    recorder = Recorder(check.made_by_id)
    recorder.remember([fact.item])
    fact.item.verified_on = timezone.localdate()
    fact.item.review_by = fact.item.next_review()
    fact.item.save(update_fields=["verified_on", "review_by"])
    recorder.record([fact.item])
    if check.made_by_id is not None:
        text = _("Confirmed by the service itself, through the link of this editor.")
        LogEntry.objects.log_actions(check.made_by_id, [fact.item], CHANGE, text)
