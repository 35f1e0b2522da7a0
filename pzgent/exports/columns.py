"""Column names of the CSV files: in English, as in the API, or in Dutch."""

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
    """Return the Dutch names of the parts of columns, by their names in the API."""
    found = dict(DUTCH)
    for collection in collections.values():
        found |= collection.columns
    return found


def named(columns: Iterable[str], names: Mapping[str, str]) -> list[str]:
    """Return the column names for the header line; a part that is not in `names` keeps its own name."""
    return [": ".join(names.get(part, part) for part in column.split(".")) for column in columns]
