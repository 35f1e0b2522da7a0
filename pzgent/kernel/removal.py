"""The rules of deletion: what goes along with an object, and what must never be deleted."""

from collections.abc import Iterable

from django.contrib.admin.utils import NestedObjects
from django.core.exceptions import ValidationError
from django.db import models, router
from django.utils.translation import gettext, ngettext

from pzgent.kernel.publishing import Publishable

MOST_NAMED = 5


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


def refuse_in_formset(instance: models.Model) -> None:
    """Raise ValidationError if deleting this formset row would delete anything else, or if the row must be kept."""
    if instance._state.adding:  # a row of a form that was never stored
        return
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
