"""Snapshots: an object with its parts as JSON, readable long after its model has changed.

    {"model": "contact.schedule", "pk": "…", "fields": {…}, "many": {…}, "after": "…",
     "parts": {"contact.weeklyslot.schedule": [{"pk": "…", "fields": {…}, "many": {…}, "parts": {…}}]},
     "names": {"organisation.unit": {"…": "Recherche"}}, "record": {"version": 3}}

`names` holds the names of everything referred to, so that a snapshot remains readable after that is deleted. `after` is
the previous sibling of a node in a tree.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models.fields.files import FileField

from pzgent.kernel.trees import TreeNode
from pzgent.kernel.versions.parts import kept_columns, parts_of

Snapshot = dict[str, Any]
NAME_LENGTH = 200
CONTENT = ("fields", "many", "parts")


def take(obj: models.Model) -> Snapshot:
    """Return the snapshot of a stored object, with the values of this instance and its parts as stored."""
    return take_all([obj])[0]


def take_all(rows: Sequence[models.Model]) -> list[Snapshot]:
    """Return the snapshot of each object; the objects are of one model. The number of queries is constant."""
    if not rows:
        return []
    model = type(rows[0])
    taken = _rows(model, rows)
    names = _names_in(model, taken)
    after = _previous_siblings(rows)
    return [
        {
            "model": model._meta.label_lower,
            **row,
            **({"after": after[item.pk]} if item.pk in after else {}),
            "names": {label: _named_in(row, found) for label, found in names.items()},
            "record": {"version": getattr(item, "version", None)},
        }
        for item, row in zip(rows, taken, strict=True)
    ]


def model_of(snapshot: Snapshot) -> type[models.Model]:
    """Return the model of a snapshot. Raises LookupError if it no longer exists."""
    return apps.get_model(snapshot["model"])


def digest_of(snapshot: Snapshot) -> str:
    """Return a digest of the content; equal for two snapshots without a difference, names and place apart."""
    content = {name: snapshot.get(name, {}) for name in CONTENT}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def changed_names(old: Snapshot, new: Snapshot) -> set[str]:
    """Return the names of the fields, relations and parts (by their key) that differ between two snapshots.

    A name that only one of the two knows does not count, apart from parts.
    """
    found = {
        name
        for group in ("fields", "many")
        for name in old.get(group, {}).keys() & new.get(group, {}).keys()
        if old[group][name] != new[group][name]
    }
    parts = old.get("parts", {}).keys() | new.get("parts", {}).keys()
    found |= {key for key in parts if old["parts"].get(key, []) != new["parts"].get(key, [])}
    return found | ({"after"} if old.get("after") != new.get("after") else set())


def files_in(snapshot: Snapshot) -> list[str]:
    """Return the names of the stored files that a snapshot refers to."""
    model = model_of(snapshot)
    columns = [field.name for field in model._meta.concrete_fields if isinstance(field, FileField)]
    return [name for column in columns if (name := snapshot["fields"].get(column))]


def with_values_of(snapshot: Snapshot, other: Snapshot, names: Iterable[str]) -> Snapshot:
    """Return a snapshot in which these fields, relations and parts have the values of another one."""
    chosen = set(names)
    return {
        **snapshot,
        **{
            group: {
                name: other[group].get(name, value) if name in chosen else value
                for name, value in snapshot[group].items()
            }
            for group in CONTENT
        },
        "names": {
            label: {**other["names"].get(label, {}), **snapshot["names"].get(label, {})}
            for label in {**snapshot["names"], **other["names"]}
        },
    }


def plain_value(field: models.Field, row: models.Model) -> Any:
    """Return the value of a column as JSON."""
    value = field.value_from_object(row)
    if isinstance(field, FileField):
        return value.name or ""
    if value is None or isinstance(field, models.JSONField) or isinstance(value, (bool, int)):
        return value
    if isinstance(field, models.ForeignKey):
        return str(value)
    return field.value_to_string(row)


def referred_model(field: models.Field) -> type[models.Model] | None:
    """Return the model that a column refers to; None if it is no reference."""
    return field.remote_field.model if isinstance(field, models.ForeignKey) else None


def references_in(model: type[models.Model], row: Snapshot) -> Iterable[tuple[type[models.Model], str]]:
    """Yield everything that one row (without its parts) refers to, as (model, key)."""
    for field in kept_columns(model):
        target, key = referred_model(field), row["fields"].get(field.name)
        if target is not None and key is not None:
            yield target, str(key)
    for relation in model._meta.many_to_many:
        yield from ((relation.related_model, key) for key in row["many"].get(relation.name, ()))


def _rows(model: type[models.Model], rows: Sequence[models.Model]) -> list[Snapshot]:
    """Return keys, columns, relations and parts of the rows."""
    columns = kept_columns(model)
    keys = [row.pk for row in rows]
    many = {relation.name: _many(relation, keys) for relation in model._meta.many_to_many}
    parts: dict[str, dict[Any, list[Snapshot]]] = {}
    for part in parts_of(model):
        found = list(part.model._base_manager.filter(**{f"{part.owner}__in": keys}).order_by("pk"))
        of_owner = parts[part.key] = {}
        for item, taken in zip(found, _rows(part.model, found), strict=True):
            of_owner.setdefault(item.serializable_value(part.owner), []).append(taken)
    return [
        {
            "pk": str(row.pk),
            "fields": {field.name: plain_value(field, row) for field in columns},
            "many": {name: found.get(row.pk, []) for name, found in many.items()},
            "parts": {key: found.get(row.pk, []) for key, found in parts.items()},
        }
        for row in rows
    ]


def _many(relation: Any, keys: Sequence[Any]) -> dict[Any, list[str]]:
    """Return the keys that each row is related to. One query."""
    through = relation.remote_field.through
    here, there = relation.m2m_field_name(), relation.m2m_reverse_field_name()
    found: dict[Any, list[str]] = {}
    pairs = through._base_manager.filter(**{f"{here}__in": keys})
    for owner, other in pairs.values_list(f"{here}_id", f"{there}_id"):
        found.setdefault(owner, []).append(str(other))
    return {owner: sorted(others) for owner, others in found.items()}


def _all_references(model: type[models.Model], row: Snapshot) -> Iterable[tuple[type[models.Model], str]]:
    """Yield everything that a row and its parts refer to."""
    yield from references_in(model, row)
    for part in parts_of(model):
        for item in row["parts"].get(part.key, ()):
            yield from _all_references(part.model, item)


def _names_in(model: type[models.Model], taken: Iterable[Snapshot]) -> dict[str, dict[str, str]]:
    """Return the names of everything that the rows refer to, by model. One query per model."""
    wanted: dict[type[models.Model], set[str]] = {}
    for row in taken:
        for target, key in _all_references(model, row):
            wanted.setdefault(target, set()).add(key)
    return {
        target._meta.label_lower: {
            str(item.pk): str(item)[:NAME_LENGTH] for item in target._base_manager.filter(pk__in=keys)
        }
        for target, keys in wanted.items()
    }


def _named_in(row: Snapshot, names: dict[str, str]) -> dict[str, str]:
    """Return those names whose key occurs in the row."""
    text = json.dumps(row)
    return {key: name for key, name in names.items() if f'"{key}"' in text or f": {key}" in text}


def _previous_siblings(rows: Sequence[models.Model]) -> dict[Any, str | None]:
    """Return the key of the sibling before each node; empty for other rows. One query."""
    nodes: list[Any] = [row for row in rows if isinstance(row, TreeNode)]
    if not nodes:
        return {}
    model: Any = type(nodes[0])
    ends = model._base_manager.filter(
        tree_id__in={node.tree_id for node in nodes}, rght__in={node.lft - 1 for node in nodes}
    )
    known = {(tree, right): key for key, tree, right in ends.values_list("pk", "tree_id", "rght")}
    return {
        node.pk: str(known[node.tree_id, node.lft - 1]) if (node.tree_id, node.lft - 1) in known else None
        for node in nodes
    }
