"""What a preview is about, and what its viewer may see."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from organisation.models import Organogram
from pzgent.kernel import clock
from pzgent.kernel.publishing import Publishable
from pzgent.kernel.versions.applying import instance_of
from pzgent.kernel.versions.copies import apply_copy, stored_object
from pzgent.kernel.versions.models import Bundle, WorkingCopy
from pzgent.preview.changes import (
    Change,
    concealment,
    publication_of,
    publication_of_parts,
    renaming,
)

NOON = datetime.time(12)
# Working copies of items, and bundles of these, in addresses.
COPY, BUNDLE = WorkingCopy._meta.label_lower, Bundle._meta.label_lower
# The fields that tell from when on something is on the site, if they are in the future.
STARTS = ("publish_from", "valid_from", "starts", "publish_at")


@dataclass(frozen=True)
class Viewer:
    """An account whose rights decide what a preview shows."""

    request: HttpRequest

    @classmethod
    def of_account(cls, request: HttpRequest, account: Any) -> Viewer:
        """Return a viewer with the rights of an account that did not make the request itself."""
        asked: Any = HttpRequest()  # a new one: what was found out for a request belongs to its user
        asked.method, asked.META, asked.user = "GET", request.META, account
        return cls(asked)

    def may_view(self, item: Model) -> bool:
        """Return whether the admin shows them this item."""
        return bool(self.seen([item])) and self._admin_of(item).has_view_permission(self.request, item)

    def may_change(self, item: Model) -> bool:
        """Return whether the admin lets them change this item."""
        return self.may_view(item) and self._admin_of(item).has_change_permission(self.request, item)

    def seen(self, items: Iterable[Any]) -> list[Any]:
        """Return those of the items that the lists of the admin show them. One query per model."""
        user: Any = self.request.user
        asked = list(items) if user.is_active and user.is_staff else []
        keys: dict[Any, set[Any]] = {}
        for item in asked:
            keys.setdefault(type(item), set()).add(item.pk)
        listed = {model: self._listed(model, found) for model, found in keys.items()}
        return [item for item in asked if item.pk in listed[type(item)]]

    def _listed(self, model: type[Model], keys: set[Any]) -> set[Any]:
        """Return the keys of the rows that the list of a model shows them."""
        model_admin = admin.site._registry.get(model)
        if model_admin is None or not model_admin.has_view_permission(self.request):
            return set()
        rows = model_admin.get_queryset(self.request).filter(pk__in=keys).order_by()
        return set(rows.values_list("pk", flat=True))

    def _admin_of(self, item: Model) -> Any:
        return admin.site._registry[type(item)]


@dataclass(frozen=True)
class Subject:
    """What a preview is about: an item, and the address of the public page that shows it.

    Addresses name it by a model (`label`) and a key. `changes` are made before all others.
    """

    label: str
    key: str
    item: Any
    page: str
    changes: tuple[Change, ...] = ()

    def get_first_moment(self) -> datetime.datetime:
        """Return the first moment at which it can be on the site: now, or later for something planned."""
        return _last_start((self.item, *self.item.get_owners()))

    def get_way_back(self) -> tuple[str, str]:
        """Return the words and the address of the link from the preview to where the editor comes from."""
        if isinstance(self.item, Organogram):
            address = reverse("admin:organisation_organogram_workshop", args=[self.item.pk])
            return _("Back to the workshop"), address
        opts = self.item._meta
        address = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[self.item.pk])
        return _("Back to the form"), address

    def has_drafts(self, viewer: Viewer) -> bool:
        """Return whether drafts belong to it that the viewer may see."""
        return bool(publication_of_parts(self.item, viewer.seen))

    def get_changes(
        self, viewer: Viewer, moment: datetime.datetime, *, with_drafts: bool, reveals: bool
    ) -> list[Change]:
        """Return what is different in its preview at a moment.

        With `reveals`, the plans of others that the viewer may view are shown as well.
        """
        changes = [*self.changes, *publication_of(self.item, moment, viewer.seen)]
        if with_drafts:
            changes += publication_of_parts(self.item, viewer.seen)
        others = viewer.seen if reveals else _none_of
        changes += concealment([self.item], moment, viewer.seen, others)
        return [*changes, *renaming(changes, moment)]


@dataclass(frozen=True)
class BundleSubject(Subject):
    """The whole site with everything in a bundle, as it will be published: nothing else is shown as if it were."""

    members: tuple[Any, ...] = ()

    def get_first_moment(self) -> datetime.datetime:
        """Return the moment of publication, or the first moment at which everything in it can be on the site."""
        return _last_start((self.item, *self.members))

    def get_way_back(self) -> tuple[str, str]:
        """Return the words and the address of the link to the page that publishes the bundle."""
        return _("Back to the bundle"), reverse("admin:pzgent_bundle_release", args=[self.item.pk])

    def has_drafts(self, viewer: Viewer) -> bool:
        """Return False: what is not in the bundle is not published with it."""
        return False

    def get_changes(
        self, viewer: Viewer, moment: datetime.datetime, *, with_drafts: bool, reveals: bool
    ) -> list[Change]:
        """Return what the bundle changes, and what hides the plans of others."""
        items = [one for one in self.members if isinstance(one, Publishable)]
        changes = [
            *self.changes,
            *concealment(items, moment, viewer.seen, viewer.seen if reveals else _none_of),
        ]
        return [*changes, *renaming(changes, moment)]


def _last_start(items: Iterable[Any]) -> datetime.datetime:
    """Return the first whole minute, from now on, at which all of the items have started."""
    moments = [clock.now()]
    for item in items:
        moments += [_as_moment(value) for name in STARTS if (value := getattr(item, name, None))]
    first = max(moments)
    minute = first.replace(second=0, microsecond=0)
    return minute if minute == first or first == moments[0] else minute + datetime.timedelta(minutes=1)


def _as_moment(value: datetime.date) -> datetime.datetime:
    """Return a moment, or noon of a day."""
    if isinstance(value, datetime.datetime):
        return value
    return timezone.make_aware(datetime.datetime.combine(value, NOON))


def _none_of(items: Iterable[Publishable]) -> list[Publishable]:
    return []


def find_subject(viewer: Viewer, label: str, key: str) -> Subject | None:
    """Return the subject with this model and key; None if it has no page, or the viewer may not view it."""
    if label == COPY:
        return _subject_of_copy(viewer, key)
    if label == BUNDLE:
        return _subject_of_bundle(viewer, key)
    try:
        model = apps.get_model(label)
        model_admin: Any = admin.site._registry[model]
        item: Any = model._base_manager.get(pk=key)
    except (LookupError, ValueError, ValidationError, ObjectDoesNotExist):
        return None
    if not isinstance(item, Publishable) or not viewer.may_view(item):
        return None
    page = model_admin.get_page(item)
    return Subject(label, key, item, page) if page else None


def _subject_of_copy(viewer: Viewer, key: str) -> Subject | None:
    """Return the item that a working copy belongs to, to be shown with what the copy changes."""
    copy = WorkingCopy.objects.filter(pk=key).first() if key.isdecimal() else None
    stored = stored_object(copy) if copy is not None else None
    if copy is None or not isinstance(stored, Publishable) or not viewer.may_view(stored):
        return None
    item: Any = instance_of(copy.snapshot)
    model_admin: Any = admin.site._registry[type(stored)]
    page = model_admin.get_page(item)
    return Subject(COPY, key, item, page, (_application_of(copy, stored),)) if page else None


def _application_of(copy: WorkingCopy, stored: Any) -> Change:
    words = _("“%(item)s” as it is in the working copy") % {"item": stored}
    return Change(words, lambda: apply_copy(copy, stored), is_about_names=isinstance(stored, Organogram))


def _subject_of_bundle(viewer: Viewer, key: str) -> Subject | None:
    """Return everything in a bundle, to be shown on the home page and from there; None if it is empty, or the viewer
    may not view all of it."""
    bundle = Bundle.objects.filter(pk=key).first() if key.isdecimal() else None
    if bundle is None or not viewer.may_view(bundle):
        return None
    copies = list(bundle.copies.order_by("pk"))
    pairs = [(copy, stored_object(copy)) for copy in copies]
    if not pairs or not all(stored is not None and viewer.may_view(stored) for _copy, stored in pairs):
        return None
    changes = tuple(_application_of(copy, stored) for copy, stored in pairs)
    members = tuple(instance_of(copy.snapshot) for copy in copies)
    return BundleSubject(BUNDLE, key, bundle, "/", changes, members)
