"""Items due for an account: those that go live, end, need a review, await approval or were not published."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.utils import quote
from django.db.models import Model, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from pzgent.kernel.editing.copy_admin import WorkingCopyAdmin
from pzgent.kernel.editing.rights import may
from pzgent.kernel.editions import Edition
from pzgent.kernel.publishing import PublicationStatus, Publishable, Sourced
from pzgent.kernel.versions.copies import stored_object
from pzgent.kernel.versions.models import Bundle, WorkingCopy

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

STARTS, ENDS, REVIEW, RELEASE = "starts", "ends", "review", "release"
WORDS: dict[str, StrOrPromise] = {
    STARTS: _("Goes live: %(title)s"),
    ENDS: _("Leaves the site: %(title)s"),
    REVIEW: _("To check again: %(title)s"),
    RELEASE: _("Working copy is published: %(title)s"),
}


@dataclass(frozen=True)
class Due:
    """Something that happens, or has to be done, at a moment or on a day."""

    what: str
    when: datetime.date | datetime.datetime
    title: str
    address: str
    key: str

    @property
    def day(self) -> datetime.date:
        """The day in the time zone of the site."""
        return timezone.localtime(self.when).date() if isinstance(self.when, datetime.datetime) else self.when

    @property
    def words(self) -> str:
        """Kind and title of the item."""
        return str(WORDS[self.what]) % {"title": self.title}


def request_of(account: Any) -> HttpRequest:
    """Return a request with the rights of an account that made none itself."""
    request = HttpRequest()
    request.method, request.user = "GET", account
    return request


def find_due(
    request: HttpRequest, first: datetime.date, last: datetime.date, *, with_overdue: bool = False
) -> list[Due]:
    """Return what is due from one day to another, in order, of all that the account may change.

    `with_overdue` adds what should have been checked before. One query per model.
    """
    found: list[Due] = []
    for model, model_admin in admin.site._registry.items():
        is_dated = issubclass(model, (Publishable, Sourced))
        if is_dated and model_admin.has_change_permission(request):
            rows = model_admin.get_queryset(request).filter(_within(model, first, last, with_overdue))
            found += [due for row in rows for due in _of_row(model, row)]
    found += [_released(copy, address) for copy, address in releases(request)]
    kept = [
        due
        for due in found
        if first <= due.day <= last or (with_overdue and due.what == REVIEW and due.day < first)
    ]
    return sorted(kept, key=lambda due: (due.day, due.title))


def _within(model: type[Model], first: datetime.date, last: datetime.date, with_overdue: bool) -> Q:
    """Return the condition of the rows with a date in a period; `find_due` chooses among their dates."""
    moments = (_midnight(first), _midnight(last + datetime.timedelta(days=1)))
    found = Q(pk__in=[])
    if issubclass(model, Publishable):
        dates = Q(publish_from__range=moments) | Q(publish_until__range=moments)
        dates |= Q(valid_until__range=(first, last)) if _ends_on_a_day(model) else Q()
        found |= Q(status=PublicationStatus.PUBLISHED) & dates
    if issubclass(model, Sourced):
        due = Q(review_by__lte=last) if with_overdue else Q(review_by__range=(first, last))
        withdrawn = Q(status=PublicationStatus.WITHDRAWN) if issubclass(model, Publishable) else Q(pk__in=[])
        found |= due & ~withdrawn
    return found


def _ends_on_a_day(model: type[Model]) -> bool:
    """Return whether rows leave the site after a day of their own; the period of an edition ends without that."""
    names = {field.name for field in model._meta.concrete_fields}
    return "valid_until" in names and not issubclass(model, Edition)


def _midnight(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time()))


def _of_row(model: type[Model], row: Any) -> Iterator[Due]:
    opts = model._meta
    address = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[quote(row.pk)])
    title = f"{capfirst(opts.verbose_name)} “{row}”"
    is_shown = getattr(row, "status", "") == PublicationStatus.PUBLISHED
    dates = {
        STARTS: is_shown and row.publish_from,
        ENDS: is_shown and (row.publish_until or (_ends_on_a_day(model) and row.valid_until)),
        REVIEW: getattr(row, "status", "") != PublicationStatus.WITHDRAWN and getattr(row, "review_by", None),
    }
    for what, when in dates.items():
        if when:
            yield Due(what, when, title, address, f"{opts.label_lower}-{row.pk}-{what}")


def releases(request: HttpRequest, *, failed: bool = False) -> list[tuple[WorkingCopy | Bundle, str]]:
    """Return the planned working copies and bundles with their pages, or those that could not be published."""
    wanted = ~Q(problem="") if failed else Q(publish_at__isnull=False)
    found: list[tuple[WorkingCopy | Bundle, str]] = []
    for copy in WorkingCopy.objects.filter(wanted, publish_at__isnull=False).order_by("publish_at", "pk"):
        stored = stored_object(copy)
        model_admin = admin.site.get_model_admin(type(stored)) if stored is not None else None
        if isinstance(model_admin, WorkingCopyAdmin) and model_admin.has_change_permission(request, stored):
            found.append((copy, model_admin.get_copy_address(copy.object_id)))
    if may(request, "view", Bundle):
        for bundle in Bundle.objects.filter(wanted, publish_at__isnull=False).order_by("publish_at", "pk"):
            found.append((bundle, reverse("admin:pzgent_bundle_release", args=[bundle.pk])))
    return found


def _released(item: WorkingCopy | Bundle, address: str) -> Due:
    key = f"{item._meta.label_lower}-{item.pk}"
    return Due(RELEASE, item.publish_at, str(item), address, key)  # type: ignore[arg-type]  # planned
