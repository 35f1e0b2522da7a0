"""Deletion in the admin: public items are withdrawn instead; for others it first shows what else is deleted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import quote
from django.db import transaction
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext

from pzgent.kernel.editions import Edition
from pzgent.kernel.publishing import PublicationStatus, Publishable
from pzgent.kernel.removal import collect, kept_among


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


def after_withdrawal(item: Publishable) -> str:
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
            may_withdraw = getattr(self, "has_publish_permission", self.has_change_permission)
            deletion.may_withdraw = may_withdraw(request)
            deletion.consequences = [
                text for item in deletion.to_withdraw if (text := after_withdrawal(item))
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
