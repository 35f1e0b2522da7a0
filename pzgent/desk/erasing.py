"""Erasure of a text, such as the name of a person, from everything that the portal stores.

Covers all texts of the content and its translations, stored versions, working copies, the bin, answers and logs. What
is derived from these (pages, search index, exports, change feed) follows by itself. Backups are not changed; they are
deleted after `BACKUPS_KEPT_DAYS`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pzgent.kernel.publishing import Publishable
from pzgent.kernel.versions.models import Version
from pzgent.kernel.versions.snapshots import digest_of

SHORTEST = 3
TITLE_LENGTH = 80
# Rows of these tables name tables and digests, never a text of an editor.
TECHNICAL = frozenset({"pzgent.datachange", "pzgent.signin", "pzgent.watermark", "pzgent.planrecord"})
# Names that editors know for the columns of versions and of the log.
RECORD_NAMES = {
    "label": gettext_lazy("name"),
    "snapshot": gettext_lazy("what was stored"),
    "object_repr": gettext_lazy("name"),
    "change_message": gettext_lazy("what was done"),
}


@dataclass(frozen=True)
class Place:
    """A stored value that contains the text; `is_by_hand` if it cannot be replaced, such as a web address name."""

    row: models.Model
    field: Any
    value: Any
    is_by_hand: bool = False

    @property
    def kind(self) -> str:
        """The name of its model."""
        return str(self.row._meta.verbose_name)

    @property
    def title(self) -> str:
        """The object that has the value."""
        name = self.row.label if isinstance(self.row, Version) else str(self.row)
        return Truncator(name).chars(TITLE_LENGTH)

    @property
    def label(self) -> str:
        """The name of the field."""
        names = RECORD_NAMES if isinstance(self.row, (Version, LogEntry)) else {}
        return str(names.get(self.field.name, self.field.verbose_name))


def find(text: str, replacement: str = "") -> list[Place]:
    """Return every place that contains the text, with upper and lower case as given. One query per table."""
    return [place for model in _models() for place in _places_in(model, text, replacement)]


def erase(text: str, replacement: str, user: Any) -> int:
    """Replace the text everywhere, and log it without its value; return the number of places.

    All or nothing. Raises ValidationError that names the object whose rules the new text would break.
    """
    with transaction.atomic():
        places = [place for place in find(text, replacement) if not place.is_by_hand]
        by_row: dict[tuple[str, Any], list[Place]] = {}
        for place in places:
            by_row.setdefault((place.row._meta.label, place.row.pk), []).append(place)
        for found in by_row.values():
            _write(found)
        message = _("A text was erased in %(count)d places.") % {"count": len(places)}
        LogEntry.objects.create(
            user=user, action_flag=CHANGE, object_repr=str(_("Erasure")), change_message=message
        )
    return len(places)


def _models() -> Iterator[type[models.Model]]:
    for model in apps.get_models(include_auto_created=True):
        is_own = model._meta.app_label in settings.OWN_APPS or model is LogEntry
        if is_own and not model._meta.proxy and model._meta.label_lower not in TECHNICAL:
            yield model


def _texts_of(model: type[models.Model]) -> list[Any]:
    """Return the columns that hold texts: plain ones and JSON, without codes and keys."""
    kinds = (models.CharField, models.TextField, models.JSONField)
    columns = (field for field in model._meta.concrete_fields if isinstance(field, kinds))
    return [field for field in columns if not field.choices and not field.primary_key]


def _places_in(model: type[models.Model], text: str, replacement: str) -> Iterator[Place]:
    columns = _texts_of(model)
    if not columns:
        return
    rows: Any = model._base_manager.all()
    if not any(isinstance(field, models.JSONField) for field in columns):
        condition = models.Q()
        for field in columns:
            condition |= models.Q(**{f"{field.name}__contains": text})
        rows = rows.filter(condition)
    for row in rows.order_by("pk").iterator(chunk_size=500):
        for field in columns:
            value = getattr(row, field.attname)
            new = _replaced(value, text, replacement)
            if new == value:
                continue
            new, is_by_hand = _fitting(field, row, new)
            yield Place(row, field, new, is_by_hand)


def _replaced(value: Any, text: str, replacement: str) -> Any:
    """Return the value with the text replaced, within lists and objects too."""
    if isinstance(value, str):
        return value.replace(text, replacement)
    if isinstance(value, list):
        return [_replaced(item, text, replacement) for item in value]
    if isinstance(value, dict):
        return {name: _replaced(item, text, replacement) for name, item in value.items()}
    return value


def _fitting(field: Any, row: models.Model, value: Any) -> tuple[Any, bool]:
    """Return a value that the field accepts, empty if need be, and whether an editor has to change it by hand."""
    if isinstance(field, models.SlugField):
        return value, True
    if isinstance(field, models.JSONField):
        return value, False
    try:
        field.run_validators(value)
        field.validate(value, row)
    except ValidationError:
        return "", not field.blank
    return value, False


def _write(places: Sequence[Place]) -> None:
    """Write the new values of one row. Raises ValidationError if a rule of the database refuses them."""
    row = places[0].row
    values = {place.field.attname: place.value for place in places}
    if isinstance(row, Version) and "snapshot" in values:
        values["digest"] = digest_of(values["snapshot"])
    for name, value in values.items():
        setattr(row, name, value)
    try:
        with transaction.atomic():
            if isinstance(row, Publishable):
                row.save(update_fields=list(values))
            else:
                type(row)._base_manager.filter(pk=row.pk).update(**values)
    except IntegrityError:
        text = _("“%(item)s” cannot do without this text. Change it by hand first.")
        raise ValidationError(text % {"item": places[0].title}) from None
