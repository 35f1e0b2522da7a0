"""Undoing: everything that one save wrote is put back as it was before, as a whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib import messages
from django.contrib.admin.sites import AdminSite
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext

from pzgent.kernel.editing.version_admin import SEEN, state_of
from pzgent.kernel.once import new_token
from pzgent.kernel.removal import collect, kept_among
from pzgent.kernel.versions.differences import Difference, differences
from pzgent.kernel.versions.models import Version, VersionKind
from pzgent.kernel.versions.parts import has_versions
from pzgent.kernel.versions.snapshots import changed_names, digest_of, take


@dataclass
class Step:
    """What undoing one version does, and why it cannot if it cannot."""

    version: Version
    model_admin: Any
    obj: Any
    before: Version | None
    names: set[str] = field(default_factory=set)
    lines: list[Difference] = field(default_factory=list)
    problem: str = ""
    is_allowed: bool = True

    @property
    def kind(self) -> str:
        """The kind of what is put back, as a word."""
        return str(self.model_admin.opts.verbose_name)

    @property
    def is_addition(self) -> bool:
        """Whether the object was added, so that undoing deletes it."""
        return self.version.kind == VersionKind.ADDED

    @property
    def is_deletion(self) -> bool:
        """Whether the object was deleted, so that undoing brings it back."""
        return self.version.kind == VersionKind.DELETED


def undo_view(site: AdminSite, request: HttpRequest, batch: UUID) -> HttpResponse:
    """Ask whether to undo everything that one save wrote; or do it."""
    versions = list(Version.objects.filter(batch=batch).select_related("user").order_by("-pk"))
    versions = [version for version in versions if _is_known(version)]
    if not versions:
        raise Http404
    admins: list[Any] = [site.get_model_admin(apps.get_model(version.model)) for version in versions]
    if not all(model_admin.has_view_permission(request) for model_admin in admins):
        raise PermissionDenied
    if request.method != "POST":
        return _ask(site, request, batch, _steps(site, request, versions))
    with _writing(request, list(zip(admins, versions, strict=True))):
        response: HttpResponse = admins[0].once(request, lambda: _undo(site, request, batch, versions))
        return response


def _is_known(version: Version) -> bool:
    try:
        return has_versions(apps.get_model(version.model))
    except LookupError:
        return False


@contextmanager
def _writing(request: HttpRequest, pairs: list[tuple[Any, Version]]) -> Iterator[None]:
    """Open one transaction that holds the locks of every model to write."""
    with ExitStack() as stack:
        for model_admin, version in sorted(pairs, key=lambda pair: pair[1].model):
            stack.enter_context(model_admin.writing(request, version.object_id))
        yield


def _steps(site: AdminSite, request: HttpRequest, versions: list[Version]) -> list[Step]:
    """Return what undoing does, the last version first."""
    return [_step(site, request, version) for version in versions]


def _step(site: AdminSite, request: HttpRequest, version: Version) -> Step:
    model = apps.get_model(version.model)
    model_admin: Any = site.get_model_admin(model)
    obj = model_admin.get_object(request, version.object_id)
    known = Version.objects.filter(model=version.model, object_id=version.object_id)
    before = known.filter(pk__lt=version.pk).order_by("-pk").first()
    step = Step(version, model_admin, obj, before)
    if step.is_deletion:
        step.is_allowed = model_admin.may_recreate(request, version)
        step.problem = gettext("It is back already.") if obj is not None else ""
    elif obj is None:
        step.problem = gettext("It does not exist any more.")
    elif digest_of(take(obj)) != version.digest:
        step.problem = gettext("It was changed again afterwards. Choose a version in its history instead.")
    elif step.is_addition:
        step.is_allowed = model_admin.has_delete_permission(request, obj)
        if kept_among(collect([obj])) or collect([obj]).protected:
            step.problem = gettext("It was added, and is published or in use now. Withdraw it instead.")
    elif before is None:
        step.problem = gettext("Its state before is not known.")
    else:
        _compare(request, step, before)
    return step


def _compare(request: HttpRequest, step: Step, before: Version) -> None:
    """Fill in what putting back the version before changes."""
    now = take(step.obj)
    step.names = changed_names(now, before.snapshot) & step.model_admin.get_writable_names(request, step.obj)
    labels = step.model_admin.get_labels_of_fields(request, step.obj)
    step.lines = differences(now, before.snapshot, step.names, labels)
    step.is_allowed = step.model_admin.may_write(request, step.obj, now, before.snapshot, step.names)


def _undo(site: AdminSite, request: HttpRequest, batch: UUID, versions: list[Version]) -> HttpResponse:
    steps = _steps(site, request, versions)
    if not all(step.is_allowed for step in steps):
        raise PermissionDenied
    if any(step.problem for step in steps):
        return _ask(site, request, batch, steps)
    if request.POST.get(SEEN) != _seen(steps):
        return _ask(
            site, request, batch, steps, [gettext("Somebody changed this after you opened this page.")]
        )
    try:
        with transaction.atomic():
            for step in steps:
                _take_back(request, step)
    except ValidationError as error:
        return _ask(site, request, batch, _steps(site, request, versions), error.messages)
    messages.success(request, gettext("Undone."))
    return HttpResponseRedirect(_address_after(steps))


def _take_back(request: HttpRequest, step: Step) -> None:
    """Put one object back as it was before."""
    if step.is_deletion:
        step.model_admin.recreate(request, step.version)
        return
    obj = step.model_admin.model._base_manager.filter(pk=step.version.object_id).first()
    if obj is None:
        return  # a part that went with its owner
    if step.is_addition:
        step.model_admin.log_deletions(request, [obj])
        step.model_admin.delete_model(request, obj)
    elif step.before is not None:
        step.model_admin.restore(request, obj, step.before.snapshot, step.names)


def _seen(steps: list[Step]) -> str:
    """Return a text that changes with the state of everything that is put back."""
    return digest_of({"fields": [state_of(take(step.obj)) if step.obj is not None else "" for step in steps]})


def _address_after(steps: list[Step]) -> str:
    """Return the page of what was put back; a list if it is several objects, or nothing is left."""
    opts = steps[0].model_admin.opts
    base = f"admin:{opts.app_label}_{opts.model_name}"
    if steps[0].is_addition or len(steps) > 1:
        return reverse(f"{base}_changelist")
    return reverse(f"{base}_change", args=[steps[0].version.object_id])


def _ask(
    site: AdminSite, request: HttpRequest, batch: UUID, steps: list[Step], problems: list[str] | None = None
) -> HttpResponse:
    context = {
        **site.each_context(request),
        "title": gettext("Undo"),
        "steps": steps,
        "version": steps[0].version,
        "problems": problems or [],
        "seen": _seen(steps),
        "form_once": new_token(),
        "may_undo": all(step.is_allowed and not step.problem for step in steps),
    }
    status = 409 if problems else 200
    return TemplateResponse(request, "admin/versions/undo.html", context, status=status)
