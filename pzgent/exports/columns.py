"""What the columns of the CSV files are called: in English as the API calls its fields, and in Dutch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from pzgent.kernel.rest.resources import Collection
from pzgent.kernel.rest.tables import DUTCH


class Headers(TextChoices):
    """The language of the first line of a CSV file."""

    ENGLISH = "en", _("English")
    DUTCH = "nl", _("Dutch")


def dutch_names(collections: Mapping[str, type[Collection]]) -> dict[str, str]:
    """What the parts of columns are called in Dutch, by what the API calls them."""
    found = dict(DUTCH)
    for collection in collections.values():
        found |= collection.columns
    return found


def named(columns: Iterable[str], names: Mapping[str, str]) -> list[str]:
    """The columns as the first line names them; a part without such a name keeps its own."""
    return [": ".join(names.get(part, part) for part in column.split(".")) for column in columns]
