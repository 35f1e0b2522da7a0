"""Records a version of each object that a request writes, and first its state before if no version has that."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.apps import apps
from django.db import models
from django.http import HttpRequest

from pzgent.kernel.removal import collect
from pzgent.kernel.versions.models import Version, VersionKind
from pzgent.kernel.versions.parts import has_versions, parts_of
from pzgent.kernel.versions.snapshots import Snapshot, digest_of, files_in, take_all

# Of more objects added at once, each gets its first version when it is first edited.
MOST_ADDED = 500
Key = tuple[str, str]


class Recorder:
    """The versions that one request, or one publication by the worker, makes; they share a batch."""

    def __init__(self, user_id: Any) -> None:
        self.user_id, self.batch, self.reason = user_id, uuid.uuid4(), ""
        self.before: dict[Key, Snapshot] = {}
        # Everything recorded, in order: the objects that this request wrote.
        self.written: dict[Key, VersionKind] = {}

    @property
    def can_be_undone(self) -> bool:
        """Whether the request changed or deleted something of which versions are kept."""
        return any(
            kind != VersionKind.ADDED and has_versions(apps.get_model(label))
            for (label, _pk), kind in self.written.items()
        )

    def remember(self, rows: Iterable[models.Model]) -> None:
        """Take the state of objects that are about to be written, unless it was taken before."""
        for model, found in _by_model(rows).items():
            new = [row for row in found if _key(row) not in self.before and not row._state.adding]
            for snapshot in take_all(new) if has_versions(model) else ():
                self.before[snapshot["model"], snapshot["pk"]] = snapshot

    def record(self, rows: Iterable[models.Model], kind: VersionKind = VersionKind.CHANGED) -> None:
        """Record the stored state of objects just written; skip one that does not differ from its last version."""
        for model, found in _by_model(rows).items():
            self.written.update((_key(row), kind) for row in found)
            if has_versions(model) and (kind != VersionKind.ADDED or len(found) <= MOST_ADDED):
                self._record(model, [row.pk for row in found], kind)

    def record_deletions(self, rows: Iterable[models.Model]) -> None:
        """Record the last state of objects about to be deleted, with everything that is deleted along."""
        for model, found in _by_model(rows).items():
            self.written.update((_key(row), VersionKind.DELETED) for row in found)
            for row in found if has_versions(model) else ():
                snapshot = take_all([row])[0]
                self._create(snapshot, VersionKind.DELETED, str(row), along=_along(row)).save()

    def _record(self, model: type[models.Model], keys: Sequence[Any], kind: VersionKind) -> None:
        rows = list(model._base_manager.filter(pk__in=keys))
        last = _last_versions(model, keys)
        new: list[Version] = []
        for row, snapshot in zip(rows, take_all(rows), strict=True):
            known, before = last.get(snapshot["pk"]), self.before.get(_key(row))
            is_first = known is None or known.batch != self.batch
            is_unknown = before is not None and (known is None or known.digest != digest_of(before))
            if before is not None and is_first and is_unknown:
                known = self._create(before, VersionKind.OUTSIDE, str(row))
                new.append(known)
            if known is not None and known.pk is not None and known.batch == self.batch:
                self._replace(known, snapshot, str(row))
            elif known is None or kind != VersionKind.CHANGED or not _is_same(known, snapshot):
                new.append(self._create(snapshot, kind, str(row)))
        Version.objects.bulk_create(new, batch_size=200)

    def _create(
        self, snapshot: Snapshot, kind: VersionKind, label: str, along: Sequence[Snapshot] = ()
    ) -> Version:
        is_own = kind != VersionKind.OUTSIDE
        return Version(
            model=snapshot["model"],
            object_id=snapshot["pk"],
            label=label[:200],
            kind=kind,
            batch=self.batch if is_own else uuid.uuid4(),
            user_id=self.user_id if is_own else None,
            reason=self.reason if is_own else "",
            snapshot=snapshot,
            digest=digest_of(snapshot),
            along=list(along),
            files="\n".join(name for item in (snapshot, *along) for name in files_in(item)),
        )

    def _replace(self, version: Version, snapshot: Snapshot, label: str) -> None:
        """Update the version that this request made before of the same object."""
        version.snapshot, version.digest, version.label = snapshot, digest_of(snapshot), label[:200]
        version.files = "\n".join(files_in(snapshot))
        version.save()


def recorder_of(request: HttpRequest) -> Recorder:
    """Return the recorder of a request."""
    known: Recorder | None = getattr(request, "_versions", None)
    if known is None:
        known = Recorder(request.user.pk)
        request._versions = known  # type: ignore[attr-defined]  # kept for this request
    return known


def _key(row: models.Model) -> Key:
    return row._meta.label_lower, str(row.pk)


def _by_model(rows: Iterable[models.Model]) -> dict[type[models.Model], list[models.Model]]:
    found: dict[type[models.Model], list[models.Model]] = {}
    for row in rows:
        if row.pk is not None:
            found.setdefault(row._meta.concrete_model or type(row), []).append(row)
    return found


def _last_versions(model: type[models.Model], keys: Sequence[Any]) -> dict[str, Version]:
    """Return the newest version of each object. One query."""
    versions = Version.objects.filter(model=model._meta.label_lower, object_id__in=[str(key) for key in keys])
    newest = versions.order_by().values("object_id").annotate(newest=models.Max("pk")).values("newest")
    found = Version.objects.filter(pk__in=newest)
    return {version.object_id: version for version in found}


def _is_same(version: Version, snapshot: Snapshot) -> bool:
    same_place = version.snapshot.get("after") == snapshot.get("after")
    return version.digest == digest_of(snapshot) and same_place and version.kind != VersionKind.DELETED


def _along(row: models.Model) -> list[Snapshot]:
    """Return everything else that deleting a row deletes, its own parts apart, in an order to create it again."""
    collector = collect([row])
    collector.sort()
    own = set(_part_models(type(row)))
    found: list[Snapshot] = []
    for model, rows in reversed(list(collector.data.items())):
        others = [item for item in rows if item != row]
        if others and model not in own:
            found.extend(take_all(_in_order(others)))
    return found


def _part_models(model: type[models.Model]) -> Iterator[type[models.Model]]:
    """Yield the models of the parts of an object, and of the parts of these."""
    for part in parts_of(model):
        yield part.model
        yield from _part_models(part.model)


def _in_order(rows: list[Any]) -> list[Any]:
    """Return nodes in tree order, so that each stands after its parent; other rows by key."""
    is_tree = hasattr(rows[0], "tree_id")
    return sorted(rows, key=lambda row: (row.tree_id, row.lft) if is_tree else (0, str(row.pk)))
