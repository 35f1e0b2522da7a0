"""Applies a snapshot to its object, through validation and `save()` of the model, never around them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.fields.files import FileField
from django.utils.text import capfirst
from django.utils.translation import gettext
from mptt.exceptions import InvalidMove

from pzgent.kernel.removal import refuse_in_formset
from pzgent.kernel.trees import TREE_COLUMNS, WHOLE_TABLE, TreeNode, tree_locks
from pzgent.kernel.versions.parts import Part, kept_columns, parts_of
from pzgent.kernel.versions.snapshots import Snapshot, model_of, references_in, take
from pzgent.kernel.wholes import Whole


def apply(
    snapshot: Snapshot, obj: models.Model | None = None, *, only: Collection[str] | None = None
) -> models.Model:
    """Give an object the state of a snapshot, and return it; without an object, create it with its former key.

    `only` limits this to the named fields, relations and parts. Raises ValidationError if something that the snapshot
    refers to no longer exists, or if the result is invalid.
    """
    model = model_of(snapshot)
    with _locks(model, snapshot, obj):
        row = model(pk=_key(model, snapshot["pk"])) if obj is None else obj
        _check_references(model, snapshot, only)
        if obj is None and "version" in _names(model):
            row.version = (snapshot.get("record", {}).get("version") or 0) + 1  # type: ignore[attr-defined]  # asked above
        _write(row, snapshot, only)
        if isinstance(row, TreeNode) and "after" in snapshot and (only is None or "after" in only):
            _place(row, snapshot["after"])
        for part in parts_of(model):
            if part.key in snapshot["parts"] and (only is None or part.key in only):
                _write_parts(row, part, snapshot)
        _check_wholes(row)
    return row


@contextmanager
def _locks(model: type[models.Model], snapshot: Snapshot, obj: models.Model | None) -> Iterator[None]:
    """Open a transaction that holds the lock of the tree, if the object is a node."""
    if not issubclass(model, TreeNode):
        with transaction.atomic():
            yield
        return
    node = obj or _filled(model(), snapshot)
    with tree_locks(model, {WHOLE_TABLE, node.tree_key}):  # type: ignore[union-attr]  # a node
        yield


def instance_of(snapshot: Snapshot) -> models.Model:
    """Return an unsaved instance with the key and the columns of a snapshot, to check rights on it."""
    model = model_of(snapshot)
    return _filled(model(pk=_key(model, snapshot["pk"])), snapshot)


def _names(model: type[models.Model]) -> set[str]:
    return {field.name for field in model._meta.concrete_fields}


def _key(model: type[models.Model], key: str) -> Any:
    return model._meta.pk.to_python(key)


def _filled(
    row: models.Model, snapshot: Snapshot, only: Collection[str] | None = None, owner: str = ""
) -> Any:
    """Set the columns of a row; one that the snapshot does not know keeps its value, in a new row its default."""
    for field in kept_columns(type(row)):
        is_wanted = field.name != owner and (only is None or field.name in only)
        if is_wanted and field.name in snapshot["fields"]:
            setattr(row, field.attname, _value(field, snapshot["fields"][field.name]))
    return row


def _value(field: models.Field, value: Any) -> Any:
    """Return the value of a column from its JSON."""
    if isinstance(field, models.ForeignKey):
        return field.target_field.to_python(value)
    return value if isinstance(field, (models.JSONField, FileField)) else field.to_python(value)


def _check_references(model: type[models.Model], snapshot: Snapshot, only: Collection[str] | None) -> None:
    """Raise ValidationError that names what no longer exists of all that the snapshot refers to."""
    wanted: dict[type[models.Model], set[str]] = {}
    for target, key in _wanted_references(model, snapshot, only):
        wanted.setdefault(target, set()).add(key)
    problems = []
    for target, keys in wanted.items():
        stored = target._base_manager.filter(pk__in=keys).values_list("pk", flat=True)
        names = snapshot.get("names", {}).get(target._meta.label_lower, {})
        for key in sorted(keys - {str(found) for found in stored}):
            values = {"kind": capfirst(target._meta.verbose_name), "name": names.get(key, key)}
            problems.append(gettext("%(kind)s “%(name)s” does not exist any more.") % values)
    for field in kept_columns(model):
        name = snapshot["fields"].get(field.name)
        is_wanted = name and (only is None or field.name in only)
        if is_wanted and isinstance(field, FileField) and not field.storage.exists(name):
            text = gettext("The file of “%(field)s” does not exist any more.")
            problems.append(text % {"field": field.verbose_name})
    if problems:
        raise ValidationError(problems, code="missing")


def _wanted_references(
    model: type[models.Model], snapshot: Snapshot, only: Collection[str] | None
) -> Iterable[tuple[type[models.Model], str]]:
    """Yield all that the applied part of a snapshot refers to."""
    kept = {
        group: {name: value for name, value in snapshot[group].items() if only is None or name in only}
        for group in ("fields", "many")
    }
    yield from references_in(model, kept)
    for part in parts_of(model):
        if only is None or part.key in only:
            for row in snapshot["parts"].get(part.key, ()):
                without_owner = {name: value for name, value in row["fields"].items() if name != part.owner}
                yield from _wanted_references(part.model, {**row, "fields": without_owner}, None)


def _write(row: models.Model, snapshot: Snapshot, only: Collection[str] | None, owner: str = "") -> None:
    """Validate and save one row with its relations, without its parts."""
    _filled(row, snapshot, only, owner)
    _validate(row)
    try:
        row.save()
    except InvalidMove as error:
        raise ValidationError(str(error), code="cycle") from error
    for relation in type(row)._meta.many_to_many:
        if relation.name in snapshot["many"] and (only is None or relation.name in only):
            getattr(row, relation.name).set(snapshot["many"][relation.name])


def _validate(row: models.Model) -> None:
    """Validate as a form does: columns that can be edited, the rules of the model, and every constraint."""
    labels = {field.name: str(field.verbose_name) for field in type(row)._meta.concrete_fields}
    hidden = {field.name for field in type(row)._meta.concrete_fields if not field.editable}
    try:
        row.full_clean(exclude={*hidden, *TREE_COLUMNS}, validate_constraints=False)
        row.validate_constraints()
    except ValidationError as error:
        found = [
            f"{capfirst(labels[name])}: {text}" if name in labels else text
            for name, texts in error.message_dict.items()
            for text in texts
        ]
        raise ValidationError(found, code="invalid") from error


def _place(node: TreeNode, after: str | None) -> None:
    """Move a node to where it stood among its siblings, if the sibling before it still stands there."""
    if after is None:
        first = (
            type(node)
            ._base_manager.filter(parent=node.parent_id, tree_id=node.tree_id)
            .order_by("lft")
            .first()
        )
        if node.parent_id is not None and first is not None and first.pk != node.pk:
            node.move_to(first, "left")
        return
    before = type(node)._base_manager.filter(pk=after, parent=node.parent_id).first()
    if before is not None and before.pk != node.pk and node.lft != before.rght + 1:
        node.move_to(before, "right")


def _write_parts(owner: models.Model, part: Part, snapshot: Snapshot) -> None:
    """Delete, change and create the parts of one kind until they are those of the snapshot.

    A changed part to which nothing refers is deleted and created again: two parts can thus swap unique values.
    """
    rows = {row["pk"]: row for row in snapshot["parts"][part.key]}
    items = {str(item.pk): item for item in part.model._base_manager.filter(**{part.owner: owner})}
    for key in items.keys() - rows.keys():
        _remove(items.pop(key))
    is_leaf = not part.model._meta.related_objects
    changed = [key for key in rows if key not in items or _stored(items[key]) != _content(rows[key])]
    for key in changed if is_leaf else ():
        if key in items:
            items.pop(key).delete()
    for key in changed:
        item = items.get(key) or part.model(pk=_free_key(part.model, key))
        setattr(item, part.owner, owner)
        _write(item, rows[key], None, part.owner)
        for inner in parts_of(part.model):
            _write_parts(item, inner, {"parts": {inner.key: [], **rows[key]["parts"]}})


def _free_key(model: type[models.Model], key: str) -> Any:
    """Return the former key of a part; a new one if it is taken."""
    former = _key(model, key)
    return model._meta.pk.get_default() if model._base_manager.filter(pk=former).exists() else former


def _stored(item: models.Model) -> Snapshot:
    return _content(take(item))


def _content(row: Snapshot) -> Snapshot:
    return {name: row.get(name) for name in ("fields", "many", "parts")}


def _remove(item: models.Model) -> None:
    """Delete a part with its own parts. Raises ValidationError if anything else hangs on it."""
    for part in parts_of(type(item)):
        for inner in part.model._base_manager.filter(**{part.owner: item}):
            _remove(inner)
    refuse_in_formset(item)
    item.delete()


def _check_wholes(row: models.Model) -> None:
    """Check what is only valid together with its parts: the object itself, or the whole that it is a part of."""
    if isinstance(row, Whole):
        row.check_stored()
    for field in type(row)._meta.concrete_fields:
        if isinstance(field, models.ForeignKey) and field.remote_field.on_delete is models.CASCADE:
            owner = getattr(row, field.name)
            if isinstance(owner, Whole):
                owner.check_stored()
