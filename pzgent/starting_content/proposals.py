"""Decisions by editors about the proposals of a release, each of which is accepted or refused separately."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.utils import quote
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import IntegrityError, models, transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext
from mptt.exceptions import InvalidMove

from organisation.models import Placement, Unit
from projects.models import Objective
from pzgent.kernel.editing import log_addition, log_change, may, may_publish
from pzgent.kernel.editing.admin import PUBLIC_FIELDS
from pzgent.kernel.editing.area import area_of
from pzgent.kernel.publishing import Publishable
from pzgent.kernel.translations import OTHER_LANGUAGES, merge_translations
from pzgent.kernel.trees import TREE_COLUMNS, WHOLE_TABLE, tree_locks
from pzgent.kernel.versions.recording import recorder_of
from pzgent.models import ContentProposal, PlanRecord
from pzgent.starting_content.content import CONTENT, PARENT_FIELDS, ContentEntry
from pzgent.starting_content.known_entries import TRANSLATIONS, KnownEntries
from pzgent.starting_content.rows import stored_values, whole_of

MOST_SHOWN = 50
NAMED_BY = ("title", "name", "label", "abbreviation", "text")


@dataclass(frozen=True)
class ProposedChange:
    """One difference as shown to an editor; `value` is the value of its checkbox."""

    value: str
    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Waiting:
    """The proposal for one entry, as shown to an editor."""

    proposal: ContentProposal
    kind: str
    title: str
    address: str
    may_decide: bool
    lines: list[ProposedChange]

    @property
    def value(self) -> str:
        """The value of the single checkbox of a new entry."""
        return f"{self.proposal.pk}:{self.proposal.version_token}:"


@dataclass
class Outcome:
    """The result of the decisions: numbers of differences, and a message for each problem."""

    accepted: int = 0
    refused: int = 0
    problems: list[str] = field(default_factory=list)


def find_waiting(request: HttpRequest, site: AdminSite) -> tuple[list[Waiting], int]:
    """Return the first proposals that this editor may view (at most 50), and their total number; none in an area."""
    if area_of(request) is not None:
        return [], 0
    models_seen = {model for model in _content_models() if may(request, "view", model)}
    labels = [model._meta.label_lower for model in models_seen]
    found = list(ContentProposal.objects.filter(model__in=labels))
    return [_waiting(request, site, proposal) for proposal in found[:MOST_SHOWN]], len(found)


def decide(request: HttpRequest, site: AdminSite, chosen: Sequence[str], is_accepted: bool) -> Outcome:
    """Accept or refuse the chosen differences, in an order in which they can be written.

    The differences of an entry are applied together or not at all, independently of other entries. If the stored wholes
    are inconsistent afterwards, nothing is applied.
    """
    outcome = Outcome()
    asked: dict[str, list[str]] = {}
    for value in chosen:
        key, _, rest = value.partition(":")
        version_token, _, name = rest.partition(":")
        asked.setdefault(f"{key}:{version_token}", []).append(name)
    with transaction.atomic(), tree_locks(Objective, {WHOLE_TABLE}), tree_locks(Placement, {WHOLE_TABLE}):
        waiting = {
            f"{proposal.pk}:{proposal.version_token}": proposal
            for proposal in ContentProposal.objects.select_for_update()
        }
        if asked.keys() - waiting.keys():
            outcome.problems.append(
                gettext("Some of this was decided already, or changed since then. Look at the list again.")
            )
        written: list[models.Model] = []
        for identity, proposal in waiting.items():
            if identity not in asked:
                continue
            try:
                with transaction.atomic():
                    names = _names(proposal, asked[identity])
                    if is_accepted:
                        written.append(_accept(request, site, proposal, names))
                        outcome.accepted += 1 if proposal.is_new else len(names)
                    else:
                        _refuse(request, proposal, names)
                        outcome.refused += 1 if proposal.is_new else len(names)
            except (ValidationError, IntegrityError, InvalidMove, ObjectDoesNotExist) as error:
                reasons = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
                outcome.problems.append(f"“{proposal.key}”: {reasons}")
        try:
            for row in written:
                if (whole := whole_of(row)) is not None:
                    whole.check_stored()
        except ValidationError as error:
            transaction.set_rollback(True)
            return Outcome(problems=[gettext("Nothing was taken over."), *error.messages])
    return outcome


def _names(proposal: ContentProposal, names: Sequence[str]) -> list[str]:
    """Return the chosen fields, or all fields for a new entry, which cannot be split."""
    return [name for name in proposal.changes if proposal.is_new or name in names]


def _require_right(
    request: HttpRequest, proposal: ContentProposal, names: Sequence[str]
) -> type[models.Model]:
    model = proposal.content_model
    if model is None or not _may_decide(request, proposal, names):
        raise ValidationError(gettext("You may not change this."))
    return model


def _may_decide(request: HttpRequest, proposal: ContentProposal, names: Sequence[str]) -> bool:
    model = proposal.content_model
    if model is None or not may(request, "add" if proposal.is_new else "change", model):
        return False
    if area_of(request) is not None or (
        not may_publish(request) and (proposal.is_new or {*PUBLIC_FIELDS} & {*names})
    ):
        return False
    # Renaming a unit also renames its newest placement.
    renames = model is Unit and not proposal.is_new and bool({"name", "abbreviation"} & set(names))
    return not renames or may(request, "change", Placement)


def _accept(
    request: HttpRequest, site: AdminSite, proposal: ContentProposal, names: Sequence[str]
) -> models.Model:
    """Write the values of the file as a change by the editor. Raise ValidationError."""
    model = _require_right(request, proposal, names)
    entry = ContentEntry(
        model, proposal.path, proposal.key, proposal.entry["values"], proposal.entry["links"]
    )
    known = KnownEntries.from_records()
    wanted: Any = known.instance(entry)
    _require_references(known, entry, names)
    values = known.values_of(entry, wanted)
    if proposal.is_new:
        row = wanted
        row.full_clean(exclude=TREE_COLUMNS)
        row.save(force_insert=True)
        known.set_links(entry, row, values, entry.links)
        PlanRecord.objects.update_or_create(
            model=proposal.model, key=proposal.key, defaults={"object_id": str(row.pk), "values": values}
        )
        proposal.delete()
    else:
        record = PlanRecord.objects.get(model=proposal.model, key=proposal.key)
        row = model._base_manager.select_for_update(no_key=True).get(pk=record.object_id)
        _require_unchanged(proposal, row, names)
        _remember_states(request, row)
        _write(known, entry, row, wanted, values, record, names)
        _remember(proposal, record, values, names)
    _log(request, site, row, names, proposal.is_new)
    return row


def _remember_states(request: HttpRequest, row: Any) -> None:
    """Take the state of everything whose history tells of the change, for its versions."""
    parent = PARENT_FIELDS.get(type(row))
    recorder = recorder_of(request)
    recorder.remember([row, *([getattr(row, parent)] if parent else [])])
    if isinstance(row, Unit):
        recorder.remember(Placement.objects.newest_of(row))


def _write(
    known: KnownEntries,
    entry: ContentEntry,
    row: Any,
    wanted: Any,
    values: dict[str, Any],
    record: PlanRecord,
    names: Sequence[str],
) -> None:
    """Write these fields to a stored row, with the same validation as a model form."""
    for name in names:
        column = row._meta.get_field(name)
        if name == TRANSLATIONS:
            loaded = record.values.get(TRANSLATIONS, {})
            row.translations = merge_translations(row.translations, loaded, wanted.translations)
        elif name not in entry.links:
            setattr(row, column.attname, getattr(wanted, column.attname))
    row.clean_fields(exclude={column.name for column in row._meta.fields} - set(names))
    row.clean()
    row.validate_unique()
    row.validate_constraints()
    row.save()
    known.set_links(entry, row, values, names)


def _refuse(request: HttpRequest, proposal: ContentProposal, names: Sequence[str]) -> None:
    """Record the values of the file, so that they are proposed again only if the file changes."""
    model = _require_right(request, proposal, names)
    entry = ContentEntry(
        model, proposal.path, proposal.key, proposal.entry["values"], proposal.entry["links"]
    )
    known = KnownEntries.from_records()
    values = known.values_of(entry, known.instance(entry))
    if proposal.is_new:
        PlanRecord.objects.update_or_create(
            model=proposal.model, key=proposal.key, defaults={"object_id": "", "values": values}
        )
        proposal.delete()
    else:
        _remember(proposal, PlanRecord.objects.get(model=proposal.model, key=proposal.key), values, names)


def _remember(
    proposal: ContentProposal, record: PlanRecord, values: dict[str, Any], names: Sequence[str]
) -> None:
    """Record the values of these fields in the file; other differences remain proposed."""
    record.values |= {name: values[name] for name in names}
    record.save(update_fields=["values"])
    proposal.changes = {name: change for name, change in proposal.changes.items() if name not in names}
    if proposal.changes:
        proposal.save(update_fields=["changes"])
    else:
        proposal.delete()


def _require_references(known: KnownEntries, entry: ContentEntry, names: Sequence[str]) -> None:
    """Raise ValidationError if a foreign key refers to no row; many-to-many lists skip rows that editors deleted."""
    for name, values in entry.links.items():
        target: Any = entry.model._meta.get_field(name).related_model
        stored = set(
            target._base_manager.filter(pk__in=[known.pks[target, str(key)] for key in values]).values_list(
                "pk", flat=True
            )
        )
        known.gone |= {(target, str(key)) for key in values if known.pks[target, str(key)] not in stored}
    for name, key in entry.values.items():
        column = entry.model._meta.get_field(name)
        if isinstance(column, models.ForeignKey) and key not in (None, ""):
            target = column.remote_field.model
            if not target._base_manager.filter(pk=known.pks[target, str(key)]).exists():
                known.gone.add((target, str(key)))
    absent = [text for name, text in known.absent(entry).items() if name in names]
    if absent:
        raise ValidationError(absent[0])


def _require_unchanged(proposal: ContentProposal, row: models.Model, names: Sequence[str]) -> None:
    """Raise ValidationError if the row changed since the difference was found."""
    stored = stored_values(row, names)
    if all(stored[name] == proposal.changes[name]["stored"] for name in names):
        return
    raise ValidationError(
        gettext(
            "Somebody changed this in the meantime. Open it, compare, and change it there or refuse this."
        )
    )


def _log(request: HttpRequest, site: AdminSite, row: Any, names: Sequence[str], is_new: bool) -> None:
    """Log the change in the admin history of the row or of its parent, and update the parent's modification time."""
    labels = [str(row._meta.get_field(name).verbose_name) for name in names]
    if site.is_registered(type(row)):
        if is_new:
            log_addition(request, [row])
        else:
            log_change(request, [row], *labels)
    parent_field = PARENT_FIELDS.get(type(row))
    if parent_field:
        whole = getattr(row, parent_field)
        if isinstance(whole, Publishable):
            whole.save(update_fields=["modified"])
        log_change(request, [whole], str(row._meta.verbose_name))
    if isinstance(row, Unit) and not is_new and {"name", "abbreviation"} & set(names):
        log_change(request, Placement.objects.newest_of(row), gettext("name"))


def _content_models() -> set[type[models.Model]]:
    """Return the models that have entries in the content files."""
    from organisation.models import FunctionalLine

    return {content.model for content in CONTENT} | {*PARENT_FIELDS} | {Placement, FunctionalLine}


def _waiting(request: HttpRequest, site: AdminSite, proposal: ContentProposal) -> Waiting:
    model: Any = proposal.content_model
    named = [proposal.entry["values"].get(name) for name in NAMED_BY]
    lines = []
    for name, change in proposal.changes.items():
        value = f"{proposal.pk}:{proposal.version_token}:{name}"
        column = model._meta.get_field(name)
        old, new = (_shown(column, change[side]) for side in ("old", "new"))
        lines.append(ProposedChange(value, str(column.verbose_name), old, new))
    address = ""
    if proposal.object_id and site.is_registered(model):
        opts = model._meta
        address = reverse(
            f"admin:{opts.app_label}_{opts.model_name}_change", args=[quote(proposal.object_id)]
        )
    return Waiting(
        proposal,
        str(model._meta.verbose_name),
        next((str(text) for text in named if text), proposal.key),
        address,
        _may_decide(request, proposal, list(proposal.changes)),
        lines,
    )


def _shown(column: Any, value: Any) -> str:
    """Return a stored value in human-readable form."""
    if value in (None, "", "None", [], {}):
        return "–"
    if column.name == TRANSLATIONS:
        return "\n".join(
            f"{OTHER_LANGUAGES.get(language, language)}, "
            f"{column.model._meta.get_field(name).verbose_name}: {text['text']}"
            for language, texts in value.items()
            for name, text in texts.items()
        )
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if column.is_relation:
        return str(value)
    if isinstance(column, models.BooleanField):
        return gettext("yes") if value == "True" else gettext("no")
    if getattr(column, "flatchoices", None):
        return str({str(code): label for code, label in column.flatchoices}.get(value, value))
    if type(column) is models.DateField:
        return date_format(column.to_python(value))
    return str(value)
