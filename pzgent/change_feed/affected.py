"""Which API objects a row change may affect, so that only these are compared with the published items.

The database records the keys of changed rows and of the rows that they refer to, as they were before and after the
change (`triggers.py`). Each collection declares which rows its objects show, and the lookup path from these to the
object (`Collection.affected_by`). A superfluous object only costs time; a missing one would delay its change to the
next day.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.http import QueryDict

from organisation.models import Placement, Unit
from projects.models import Objective
from pzgent.change_feed.triggers import MOST_ROWS, OF_VISIBILITY, watched_models
from pzgent.kernel.rest.answering import ApiQuery
from pzgent.kernel.rest.fields import UrlBuilder
from pzgent.kernel.rest.resources import Collection
from pzgent.models import DataChange

# The keys of the changed rows by model; None where any row of the model may have changed.
ChangedRows = dict[type[Model], list[dict[str, Any]] | None]
# Above this many objects, comparing all is cheaper than finding them.
MOST_OBJECTS = 2_000


def changed_rows(marks: Iterable[int]) -> ChangedRows | None:
    """Return the rows that changed under these marks; None if a mark does not tell what changed. A few queries."""
    models = {model._meta.db_table: model for model in watched_models()}
    found: ChangedRows = {}
    for table, keys in DataChange.objects.filter(mark__in=list(marks)).values_list("table_name", "row_keys"):
        if table not in models:
            return None
        known = found.get(models[table], [])
        if known is None or keys is None or len(known) + len(keys) > MOST_ROWS:
            found[models[table]] = None
        else:
            found[models[table]] = [*known, *keys]
    _add_units_below(found)
    _add_objectives_below(found)
    return found


def _add_units_below(rows: ChangedRows) -> None:
    """Add the descendant units: hiding a unit hides them too, and their path contains its name."""
    own, placed = rows.get(Unit, []), rows.get(Placement, [])
    if own is None or placed is None:
        rows[Unit] = rows[Placement] = None
        return
    tops = _turned(own) | {row["unit_id"] for row in placed}
    if tops:
        below = _at_or_below(Placement, {"unit__in": tops}).values_list("unit_id", flat=True)
        rows[Unit] = [*own, *({"id": key} for key in {*tops, *below})]
        rows[Placement] = placed or [{"unit_id": key} for key in tops]


def _add_objectives_below(rows: ChangedRows) -> None:
    """Add the descendant objectives: hiding an objective hides them too."""
    own = rows.get(Objective)
    if own:
        below = _at_or_below(Objective, {"pk__in": _turned(own)}).values_list("pk", flat=True)
        rows[Objective] = [*own, *({"id": key} for key in below)]


def _turned(rows: list[dict[str, Any]]) -> set[Any]:
    """Return the ids of the rows that became public, or stopped being public."""
    known: dict[Any, set[tuple[Any, ...]]] = {}
    for row in rows:
        known.setdefault(row["id"], set()).add(tuple(row.get(name) for name in sorted(OF_VISIBILITY)))
    return {key for key, states in known.items() if len(states) > 1}


def _at_or_below(model: Any, condition: dict[str, Any]) -> Any:
    tops = model.objects.filter(**condition)
    return model.objects.get_queryset_descendants(tops, include_self=True).order_by()


def affected_objects(kind: type[Collection], rows: ChangedRows) -> set[UUID] | None:
    """Return the ids of the objects of a collection that may have changed; None if any of them may have."""
    collection, found = kind(), set[UUID]()
    shown: Any = collection.rows(ApiQuery({}, UrlBuilder("", ""), QueryDict(), ""))
    objects = shown.model._default_manager.order_by()
    for model, paths in collection.affected_by.items():
        changed = rows.get(model, [])
        if changed is None or (changed and paths is None):
            return None
        for path, column in (paths or {}).items():
            values = {row[column] for row in changed if row.get(column) is not None}
            if path == "pk":
                found |= {UUID(str(value)) for value in values}
            elif values:
                keys = objects.filter(**{f"{path}__in": values}).values_list(collection.id_field, flat=True)
                found |= set(keys)
    return found if len(found) <= MOST_OBJECTS else None
