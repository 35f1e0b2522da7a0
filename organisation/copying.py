"""Copy of an organogram as a draft, the start of a reorganisation."""

import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext

from organisation.models import FunctionalLine, Organogram, Placement, Succession
from pzgent.kernel.editing import free_slug


def models_to_copy(source: Organogram) -> tuple[type[Model], ...]:
    """Return the models of which a copy makes rows; what led to an organogram that has started stays with that one."""
    copied = (Organogram, Placement, FunctionalLine)
    return copied if source.is_published and source.has_started else (*copied, Succession)


def copy_organogram(source: Organogram, valid_from: datetime.date, title: str = "") -> Organogram:
    """Create a draft with the same structure, names, kinds and lines, valid from the given day; linear time.

    The copy of an organogram that has not started takes over its successions too.
    """
    name = (title or gettext("%(title)s (copy)") % {"title": source.title})[:200]
    slug = free_slug(Organogram, name[:80] if title else f"{name[:80]} {valid_from}")
    with transaction.atomic():
        draft = Organogram.objects.create(
            slug=slug, title=name, valid_from=valid_from, summary=source.summary
        )
        copies: dict[UUID, Placement] = {}
        for place in Placement.objects.filter(organogram=source).order_by("tree_id", "lft"):
            copies[place.pk] = Placement(
                organogram=draft,
                unit_id=place.unit_id,
                parent=copies[place.parent_id] if place.parent_id else None,
                name=place.name,
                abbreviation=place.abbreviation,
                kind=place.kind,
            )
        Placement.objects.insert_tree(list(copies.values()))
        parts: set[Any] = {FunctionalLine, Succession} & set(models_to_copy(source))
        for model in parts:
            rows = list(model.objects.filter(organogram=source))
            for row in rows:
                row.pk, row.organogram, row._state.adding = None, draft, True
            model.objects.bulk_create(rows)
    return draft
