"""The bin: deleted objects, and their return with everything that was deleted along."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import models, transaction

from pzgent.kernel.trees import TreeNode
from pzgent.kernel.versions.applying import apply, instance_of
from pzgent.kernel.versions.models import Version, VersionKind
from pzgent.kernel.versions.snapshots import Snapshot, model_of


def in_bin(models_shown: Iterable[type[models.Model]]) -> models.QuerySet[Version]:
    """Return the last version of each deleted object of these models, newest first; not of what exists again."""
    labels = [model._meta.label_lower for model in models_shown]
    newer = Version.objects.filter(
        model=models.OuterRef("model"), object_id=models.OuterRef("object_id"), pk__gt=models.OuterRef("pk")
    )
    found = Version.objects.filter(~models.Exists(newer), model__in=labels, kind=VersionKind.DELETED)
    return found.select_related("user").defer("along").order_by("-pk")


def models_deleted(version: Version) -> list[type[models.Model]]:
    """Return the models of everything that a deletion removed, without the tables behind many-to-many relations."""
    found = {model_of(item): None for item in (version.snapshot, *version.along)}
    return [model for model in found if not model._meta.auto_created]


def recreate(version: Version) -> models.Model:
    """Create a deleted object again, with everything that was deleted along. Raises ValidationError."""
    model = model_of(version.snapshot)
    if model._base_manager.filter(pk=version.object_id).exists():
        raise ValidationError("", code="exists")
    with transaction.atomic():
        row = apply(version.snapshot)
        kinds: dict[type[models.Model], list[Snapshot]] = {}
        for item in version.along:
            kinds.setdefault(model_of(item), []).append(item)
        for kind, items in kinds.items():
            _recreate_all(kind, items)
    return row


def _recreate_all(model: type[models.Model], items: Sequence[Snapshot]) -> None:
    """Create rows of one model again; a whole tree in one go, relations only between rows that both exist."""
    if model._meta.auto_created:
        for item in items:
            _relate(model, item)
    elif issubclass(model, TreeNode) and items[0]["fields"]["parent"] is None:
        _plant(model, items)
    else:
        for item in items:
            if not model._base_manager.filter(pk=item["pk"]).exists():
                apply(item)


def _relate(model: type[models.Model], item: Snapshot) -> None:
    row = instance_of(item)
    columns = [field for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey)]
    try:
        both: dict[str, Any] = {field.name: getattr(row, field.name) for field in columns}
    except ObjectDoesNotExist:
        return
    model._base_manager.get_or_create(**both)


def _plant(model: type[TreeNode], items: Sequence[Snapshot]) -> None:
    """Create the nodes of new trees, given in tree order, in linear time."""
    nodes: dict[Any, Any] = {}
    for item in items:
        node: Any = instance_of(item)
        if node.parent_id is not None:
            node.parent = nodes[node.parent_id]
        nodes[node.pk] = node
        node.clean()
    manager: Any = model._default_manager
    manager.insert_tree(list(nodes.values()))
