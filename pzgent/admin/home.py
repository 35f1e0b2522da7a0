"""The home page of the admin: tasks by name, what needs attention, and what changed lately."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext

from pzgent.kernel.editing import may
from pzgent.kernel.editing.approvals import requests_for
from pzgent.kernel.editing.area import may_write
from pzgent.kernel.editing.attention import TRANSLATIONS, Check, count_all
from pzgent.kernel.editing.rights import may_translate
from pzgent.kernel.editing.tasks import Task
from pzgent.kernel.translations import Translated
from pzgent.registry.desk import TASKS

LATEST = 12
# Entries that are read to find as many changes: one action may log hundreds, as the copy of an organogram does.
LATEST_READ = 600


@dataclass(frozen=True)
class Line:
    """The rows of one model that need attention: their number, and the changelist that shows them."""

    name: str
    count: int
    address: str


@dataclass
class Concern:
    """One reason why something needs attention, with a line per model."""

    title: str
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True)
class Change:
    """One change as colleagues read it: what, where it is, by whom, when, what was done, and to how many more."""

    title: str
    kind: str
    address: str
    who: str
    when: datetime.datetime
    what: str
    more: int


def home_context(request: HttpRequest, site: AdminSite) -> dict[str, Any]:
    """Return the context of the home page for this editor."""
    to_approve, asked = requests_for(site, request)
    return {
        "tasks": [task for task in TASKS if _may_do(request, site, task)],
        "concerns": find_concerns(request, site, timezone.localdate()),
        "changes": list(latest_changes(request, site)),
        "to_approve": to_approve,
        "asked": asked,
    }


def _may_do(request: HttpRequest, site: AdminSite, task: Task) -> bool:
    model_admin = site._registry.get(task.model)
    if model_admin is None:
        return False
    may_by_translating = task.is_translating and _may_translate(request, task.model)
    return may_by_translating or bool(getattr(model_admin, f"has_{task.action}_permission")(request))


def _may_translate(request: HttpRequest, model: type[Model]) -> bool:
    """Return whether the editor may translate what this model holds, whatever else they may change."""
    return issubclass(model, Translated) and may_translate(request) and may_write(request, model)


def find_concerns(request: HttpRequest, site: AdminSite, on: datetime.date) -> list[Concern]:
    """Return what needs the attention of this editor, for the models that they may change or translate."""
    checks = [
        check
        for model, model_admin in site._registry.items()
        for check in site.checks_of(model)  # type: ignore[attr-defined]  # of the portal's site
        if model_admin.has_change_permission(request)
        or (check.name == TRANSLATIONS and _may_translate(request, model))
    ]
    counts = count_all(checks, on, lambda model: _rows_of(request, site, model))
    concerns: dict[str, Concern] = {}
    for check in checks:
        if count := counts.get(check, 0):
            title = str(check.title)
            concerns.setdefault(title, Concern(title)).lines.append(_line(check, count))
    return list(concerns.values())


def _rows_of(request: HttpRequest, site: AdminSite, model: type[Model]) -> Any:
    """Return the rows of a model that the editor sees in its changelist."""
    rows = model._default_manager.all()
    if request.user.is_superuser:
        return rows
    return rows.filter(pk__in=site.get_model_admin(model).get_queryset(request).order_by().values("pk"))


def _line(check: Check, count: int) -> Line:
    options = check.model._meta
    changelist = reverse(f"admin:{options.app_label}_{options.model_name}_changelist")
    return Line(str(options.verbose_name_plural), count, f"{changelist}{check.query and '?'}{check.query}")


def latest_changes(request: HttpRequest, site: AdminSite) -> Iterator[Change]:
    """Yield the latest changes of what this editor may view, each with a link unless it was deleted. One query."""
    kinds = {model._meta.label_lower: model for model in site._registry if may(request, "view", model)}
    types = ContentType.objects.get_for_models(*kinds.values(), for_concrete_models=False).values()
    entries = LogEntry.objects.filter(content_type__in=types).select_related("user", "content_type")
    alike = groupby(entries.order_by("-action_time", "-pk")[:LATEST_READ], _action_of)
    for _action, group in islice(alike, LATEST):
        entry, *others = group
        if entry.content_type:
            app, name = entry.content_type.natural_key()
            yield _change_of(entry, kinds[f"{app}.{name}"], len(others))


def _action_of(entry: LogEntry) -> tuple[Any, ...]:
    """Return what entries of one action have in common: who, the kind, the minute, and what was done."""
    minute = entry.action_time.replace(second=0, microsecond=0)
    return entry.user_id, entry.content_type_id, entry.action_flag, entry.change_message, minute


def _change_of(entry: LogEntry, kind: type[Model], more: int) -> Change:
    try:
        address = "" if entry.action_flag == DELETION else entry.get_admin_url() or ""
    except NoReverseMatch:
        address = ""
    who = entry.user.get_full_name() or entry.user.get_username()
    name = str(kind._meta.verbose_name)
    was_deleted = entry.action_flag == DELETION
    what = entry.get_change_message() or (gettext("Deleted.") if was_deleted else "")
    return Change(entry.object_repr, name, address, who, entry.action_time, what, more)
