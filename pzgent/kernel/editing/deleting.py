"""Deletion in the admin: public items are withdrawn instead; for others it first shows what else is deleted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import NestedObjects, quote
from django.core.exceptions import ValidationError
from django.db import models, router, transaction
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext

from pzgent.kernel.editions import Edition
from pzgent.kernel.publishing import PublicationStatus, Publishable

MOST_NAMED = 5


@dataclass
class Deletion:
    """Outcome of a deletion request; any of `kept`, `in_use` and `refusals` refuses it.

    `kept` holds public items, `in_use` the links of protected ones; `refusals`, `warnings` and `consequences` (of
    withdrawing) are sentences.
    """

    kept: list[Publishable] = field(default_factory=list)
    own: list[Publishable] = field(default_factory=list)
    links: list[SafeString] = field(default_factory=list)
    in_use: list[Any] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    may_withdraw: bool = False
    consequences: list[str] = field(default_factory=list)

    @property
    def to_withdraw(self) -> list[Publishable]:
        """Items of the admin's own model that a click can withdraw."""
        return [item for item in self.own if item.status != PublicationStatus.WITHDRAWN]

    @property
    def has_editions(self) -> bool:
        """Whether a newer edition can replace one of the items."""
        return any(isinstance(item, Edition) for item in self.kept)


def collect(objects: Iterable[models.Model]) -> NestedObjects:
    """Return Django's collector with everything that deleting the objects would also delete."""
    found = list(objects)
    collector = NestedObjects(using=router.db_for_write(type(found[0])), origin=found)
    collector.collect(found)
    return collector


def kept_among(collector: NestedObjects) -> list[Publishable]:
    """Collected items that must never be deleted, in a fixed order."""
    kept = [
        item
        for items in collector.model_objs.values()
        for item in items
        if isinstance(item, Publishable) and item.is_kept
    ]
    return sorted(kept, key=lambda item: (item._meta.label, str(item), str(item.pk)))


def _after_withdrawal(item: Publishable) -> str:
    """Return what the public sees once an edition in force is withdrawn, as a sentence; empty for other items."""
    editions: Any = type(item)._default_manager
    if not isinstance(item, Edition) or not editions.in_force().filter(pk=item.pk).exists():
        return ""
    series = {name: getattr(item, name) for name in item.series_fields}
    started = editions.published().filter(valid_from__lte=timezone.localdate(), **series).exclude(pk=item.pk)
    before = started.order_by("-valid_from", "-created").first()
    if before is None:
        return gettext("“%(item)s” is in force today. Once withdrawn, there is none in force.") % {
            "item": item
        }
    text = gettext("“%(item)s” is in force today. Once withdrawn, “%(before)s” is in force again.")
    return text % {"item": item, "before": before}


def refuse_in_formset(instance: models.Model) -> None:
    """Raise ValidationError if deleting this formset row would delete anything else, or if the row must be kept."""
    collector = collect([instance])
    if instance in kept_among(collector):
        raise ValidationError(
            gettext("“%(item)s” is or was public: withdraw it instead of deleting it.") % {"item": instance},
            "kept",
        )
    others = [item for items in collector.model_objs.values() for item in items if item != instance]
    if others or collector.protected:
        count = len(others) + len(collector.protected)
        text = ngettext(
            "“%(item)s” was not deleted: %(count)d other item hangs on it (%(names)s). Delete it on its own page, "
            "which shows everything that goes along.",
            "“%(item)s” was not deleted: %(count)d other items hang on it (%(names)s). Delete it on its own page, "
            "which shows everything that goes along.",
            count,
        )
        names = ", ".join(sorted(map(str, (*others, *collector.protected)))[:MOST_NAMED])
        raise ValidationError(text % {"item": instance, "count": count, "names": names}, "takes_along")


class DeletionGuard(admin.ModelAdmin):
    """An admin that refuses to delete what is or was public, also as part of another deletion."""

    delete_confirmation_template = "admin/portal_delete.html"
    delete_selected_confirmation_template = "admin/portal_delete_selected.html"

    def get_refusals(self, request: HttpRequest, objects: Sequence[Any]) -> list[str]:
        """Return further reasons of this model not to delete the objects, as sentences."""
        return []

    def get_warnings(self, request: HttpRequest, objects: Sequence[Any]) -> list[str]:
        """Return consequences of deleting the objects that the list of related items does not show, as sentences."""
        return []

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Return Django's list of everything that is deleted too; items to keep count as protected."""
        objects: list[Any] = list(objs)
        if request.method == "POST" and objects and transaction.get_connection().in_atomic_block:
            keys = [item.pk for item in objects]
            rows = self.model._base_manager.select_for_update(no_key=True).filter(pk__in=keys)
            objects = list(rows.order_by("pk"))
        deletion = request.deletion = Deletion()  # type: ignore[attr-defined]  # read by the templates
        to_delete, counts, perms_needed, protected = super().get_deleted_objects(objects, request)
        deletion.in_use = list(protected)
        if objects:
            deletion.kept = kept_among(collect(objects))
            deletion.own = [item for item in deletion.kept if isinstance(item, self.model)]
            deletion.may_withdraw = self.has_change_permission(request)
            deletion.consequences = [
                text for item in deletion.to_withdraw if (text := _after_withdrawal(item))
            ]
            deletion.links = [self._link(item) for item in deletion.kept]
            deletion.refusals = self.get_refusals(request, objects)
            deletion.warnings = self.get_warnings(request, objects)
        return to_delete, counts, perms_needed, protected or [*deletion.links, *deletion.refusals]

    def _link(self, item: Publishable) -> SafeString:
        """Return the kind, name and status of an item, linked to its admin page if it has one."""
        opts = item._meta
        words = f"{capfirst(opts.verbose_name)}: {item}"
        status = PublicationStatus(item.status).label
        try:
            address = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[quote(item.pk)])
        except NoReverseMatch:
            return format_html("{} ({})", words, status)
        return format_html('<a href="{}">{}</a> ({})', address, words, status)
