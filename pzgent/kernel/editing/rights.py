"""Permissions across models: a form or action that writes a second model checks its permissions and logs in its
history.

Django itself checks the model of the page and of each inline, and in a deletion the related models
that have an admin.
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.admin.sites import AdminSite
from django.contrib.admin.utils import unquote
from django.contrib.auth import get_permission_codename
from django.db.models import CASCADE, Model
from django.http import HttpRequest
from django.urls import Resolver404, resolve

from pzgent.kernel.editing.area import area_of, may_write, require_logged_in_area
from pzgent.kernel.editing.second_person import PUBLISH, require_second_person, works_solo
from pzgent.kernel.versions.models import VersionKind
from pzgent.kernel.versions.recording import recorder_of

# The right to change nothing but translations.
TRANSLATE = "pzgent.translate"
# The permission that each admin page of a model requires, by the suffix of its URL name.
PAGE_RIGHTS = {
    "add": "add",
    "changelist": "view",
    "change": "view",
    "history": "view",
    "version": "view",
    "compare": "view",
    "restore": "change",
    "working_copy": "view",
    "release": "view",
    "bin": "view",
    "bin_restore": "view",
    "delete": "delete",
}


def may(request: HttpRequest, action: str, *models: type[Model]) -> bool:
    """Return whether the user may add, change, delete or view (`action`) each of these models; change implies view."""
    return all(
        (request.user.has_perm(_codename(action, model)) and (action == "view" or may_write(request, model)))
        or (action == "view" and request.user.has_perm(_codename("change", model)))
        for model in models
    )


def may_publish(request: HttpRequest, model: type[Model] | None = None) -> bool:
    """Return whether the user may decide what the public sees, of the models (or this model) that they may change.

    Without a second person: see `second_person.may_release` for what somebody else prepared.
    """
    is_free = request.user.has_perm(PUBLISH) and works_solo(request)
    return is_free and (model is None or may(request, "change", model))


def may_translate(request: HttpRequest) -> bool:
    """Return whether the user may change the translations of what they may view."""
    return request.user.has_perm(TRANSLATE)


def may_import(request: HttpRequest, model: type[Model]) -> bool:
    """Return whether the user may write many items of this model at once, from a file."""
    return may(request, "import", model) and (may(request, "add", model) or may(request, "change", model))


def _codename(action: str, model: type[Model]) -> str:
    return f"{model._meta.app_label}.{get_permission_codename(action, model._meta)}"


def may_open(site: AdminSite, request: HttpRequest, address: str) -> bool:
    """Return whether the user may open this address; addresses outside the pages of a model are open to all editors."""
    try:
        match = resolve(urlsplit(address).path)
    except Resolver404:
        return True
    name, key = match.url_name or "", match.kwargs.get("object_id")
    for model, model_admin in site._registry.items():
        page = name.removeprefix(f"{model._meta.app_label}_{model._meta.model_name}_")
        if page != name and page in PAGE_RIGHTS:
            may_reach = (
                not key
                or area_of(request) is None
                or model_admin.get_queryset(request).filter(pk=unquote(key)).exists()
            )
            return may_reach and bool(getattr(model_admin, f"has_{PAGE_RIGHTS[page]}_permission")(request))
    return True


def log(request: HttpRequest, items: Iterable[Model], flag: int, message: Any) -> None:
    """Write the same entry in the history of each item, and record a version of each."""
    rows = list(items)
    require_second_person(request, rows)
    if flag != DELETION:
        require_logged_in_area(request, rows)
    LogEntry.objects.log_actions(request.user.pk, rows, flag, message)  # type: ignore[arg-type]  # any iterable
    if flag != DELETION:
        recorder_of(request).record(rows, VersionKind.ADDED if flag == ADDITION else VersionKind.CHANGED)


def log_addition(request: HttpRequest, items: Iterable[Model]) -> None:
    """Log the addition of each item in its history."""
    log(request, items, ADDITION, [{"added": {}}])


def log_change(request: HttpRequest, items: Iterable[Model], *fields: str) -> None:
    """Log the change of these fields in the history of each item."""
    log(request, items, CHANGE, [{"changed": {"fields": list(fields)}}])


def log_parts(site: AdminSite, request: HttpRequest, formsets: Iterable[Any]) -> None:
    """Log what the inlines saved in the history of each part that has an admin page of its own."""
    for formset in formsets:
        if not site.is_registered(formset.model):
            continue
        log_addition(request, formset.new_objects)
        for item, fields in formset.changed_objects:
            log_change(request, [item], *fields)
        log(request, formset.deleted_objects, DELETION, "")


def undeletable_parts(site: AdminSite, request: HttpRequest, model: type[Model]) -> dict[str, str]:
    """Return cascading parts without an admin that the user may not delete: singular names by plural name."""
    found: dict[str, str] = {}
    waiting, seen = [model], {model}
    while waiting:
        for relation in waiting.pop()._meta.related_objects:
            part: Any = relation.related_model
            if relation.on_delete is not CASCADE or part in seen or part._meta.auto_created:
                continue
            seen.add(part)
            waiting.append(part)
            if not site.is_registered(part) and not may(request, "delete", part):
                found[str(part._meta.verbose_name_plural)] = str(part._meta.verbose_name)
    return found
