"""Registry of the models that have versions, and of the parts that belong to an object of each.

The admin registers its models here: the rows that an editor edits on the page of an object are its parts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Field, Model

from pzgent.kernel.trees import TREE_COLUMNS

# Columns that the application maintains; they are neither compared nor restored.
MAINTAINED = frozenset({*TREE_COLUMNS, "version", "public_since"})


@dataclass(frozen=True)
class Part:
    """Rows that belong to an object: their model, and the name of the foreign key to that object."""

    model: type[Model]
    owner: str

    @property
    def key(self) -> str:
        """The key of these rows in a snapshot."""
        return f"{self.model._meta.label_lower}.{self.owner}"


_parts: dict[type[Model], tuple[Part, ...]] = {}


def keep_versions(model: type[Model], parts: Iterable[Part]) -> None:
    """Register a model whose objects have versions, with the parts that belong to each object."""
    _parts[model] = tuple(parts)


def has_versions(model: type[Model]) -> bool:
    """Return whether versions are kept of the objects of a model."""
    return model in _parts


def parts_of(model: type[Model]) -> tuple[Part, ...]:
    """Return the parts that belong to an object of a model."""
    return _parts.get(model, ())


def is_maintained(field: Field) -> bool:
    """Return whether the application maintains a column itself: the key, a timestamp, a counter, a tree column."""
    known: Any = field
    return (
        field.primary_key
        or field.name in MAINTAINED
        or getattr(known, "auto_now", False)
        or getattr(known, "auto_now_add", False)
    )


def kept_columns(model: type[Model]) -> list[Field]:
    """Return the columns of a model that a snapshot holds."""
    return [field for field in model._meta.concrete_fields if not is_maintained(field)]
