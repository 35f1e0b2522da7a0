"""Working copies: a changed copy beside the stored object, published at once or at a moment."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext

from pzgent.kernel.trees import WHOLE_TABLE, TreeNode, tree_locks
from pzgent.kernel.versions.applying import apply
from pzgent.kernel.versions.models import Bundle, VersionKind, WorkingCopy
from pzgent.kernel.versions.recording import Recorder
from pzgent.kernel.versions.snapshots import (
    Snapshot,
    changed_names,
    files_in,
    model_of,
    take,
    with_values_of,
)

logger = logging.getLogger(__name__)
# A failed publication is tried again after this time: its cause may have gone.
RETRY_AFTER = datetime.timedelta(minutes=1)


def copy_of(obj: models.Model) -> WorkingCopy | None:
    """Return the working copy of an object, if there is one."""
    return copies_of([obj]).get(str(obj.pk))


def copies_of(rows: list[Any]) -> dict[str, WorkingCopy]:
    """Return the working copies of objects of one model, by key. One query."""
    if not rows:
        return {}
    found = WorkingCopy.objects.filter(
        model=rows[0]._meta.label_lower, object_id__in=[str(row.pk) for row in rows]
    )
    return {copy.object_id: copy for copy in found.select_related("author")}


def save_copy(obj: models.Model, snapshot: Snapshot, user_id: Any) -> WorkingCopy:
    """Store a snapshot as the working copy of an object.

    Its base is the stored state, except where that conflicts with an earlier state of the copy.
    """
    copy = copy_of(obj) or WorkingCopy(model=obj._meta.label_lower, object_id=str(obj.pk), revision=0)
    now = take(obj)
    copy.base = with_values_of(now, copy.base, conflicts_of(copy, obj)) if copy.pk else now
    copy.label, copy.snapshot, copy.author_id = str(obj)[:200], snapshot, user_id
    copy.modified, copy.revision = timezone.now(), copy.revision + 1
    copy.problem, copy.is_told = "", False
    copy.files = "\n".join(files_in(snapshot))
    copy.save()
    return copy


def stored_object(copy: WorkingCopy, *, is_locked: bool = False) -> models.Model | None:
    """Return the stored object of a working copy; None if it was deleted."""
    rows: Any = model_of(copy.snapshot)._base_manager
    if is_locked:
        rows.select_for_update(no_key=True).filter(pk=copy.object_id).order_by().values_list("pk").first()
    found: models.Model | None = rows.filter(pk=copy.object_id).first()
    return found


def changes_of(copy: WorkingCopy) -> set[str]:
    """Return the names of what the working copy changes; all else stays as stored."""
    return changed_names(copy.base, copy.snapshot)


def conflicts_of(copy: WorkingCopy, stored: models.Model) -> set[str]:
    """Return the names of what the copy changes and somebody else changed since the copy was made."""
    return changes_of(copy) & (changed_names(copy.base, take(stored)) - {"after"})


def apply_copy(copy: WorkingCopy, stored: models.Model) -> models.Model:
    """Give the stored object the changes of its working copy; all else stays as stored. Raises ValidationError.

    A preview calls this in a transaction that it rolls back.
    """
    return apply(copy.snapshot, stored, only=changes_of(copy))


def publish_copy(copy: WorkingCopy, recorder: Recorder, *, may_overwrite: bool = False) -> models.Model:
    """Apply a working copy, record it as a version, and delete the copy.

    Raises ValidationError if the object was deleted or the result is invalid; with the code `conflict` if somebody else
    changed the same, unless that may be overwritten.
    """
    with _tree_lock(model_of(copy.snapshot)):
        stored = stored_object(copy, is_locked=True)
        if stored is None:
            raise ValidationError(gettext("“%(item)s” was deleted in the meantime.") % {"item": copy.label})
        if not may_overwrite and conflicts_of(copy, stored):
            text = gettext(
                "Somebody else changed the same in “%(item)s” after this working copy was made. Compare both first."
            )
            raise ValidationError(text % {"item": copy.label}, code="conflict")
        if not WorkingCopy.objects.filter(pk=copy.pk, revision=copy.revision).exists():
            text = gettext(
                "A colleague changed the working copy of “%(item)s” in the meantime. Look at it again."
            )
            raise ValidationError(text % {"item": copy.label})
        recorder.remember([stored])
        published = apply_copy(copy, stored)
        with _reason(recorder, copy):
            recorder.record([published], VersionKind.PUBLISHED)
        copy.delete()
    return published


@contextmanager
def _reason(recorder: Recorder, copy: WorkingCopy) -> Iterator[None]:
    """Record who prepared the copy as the reason of the version, if somebody else publishes it."""
    before = recorder.reason
    if not before and copy.author_id != recorder.user_id:
        recorder.reason = (gettext("prepared by %(who)s") % {"who": copy.by})[:200]
    yield
    recorder.reason = before


@contextmanager
def _tree_lock(model: type[models.Model]) -> Iterator[None]:
    """Open a transaction; for nodes of a tree it holds the lock of the table before any row is locked."""
    with tree_locks(model, {WHOLE_TABLE}) if issubclass(model, TreeNode) else transaction.atomic():
        yield


def publish_due(now: datetime.datetime | None = None) -> int:
    """Publish the working copies whose moment has come, each in a transaction of its own; return how many.

    A failure leaves the schedule standing, and is noted in the copy.
    """
    now = now or timezone.now()
    untried = Q(tried_at=None) | Q(tried_at__lte=now - RETRY_AFTER)
    count = 0
    kinds: tuple[tuple[Any, Callable[..., list[models.Model]]], ...] = (
        (WorkingCopy, lambda copy, recorder: [publish_copy(copy, recorder)]),
        (Bundle, publish_bundle),
    )
    for kind, publish in kinds:
        due = kind.objects.filter(untried, publish_at__lte=now).order_by("publish_at", "pk")
        count += sum(_publish_once(kind, key, now, publish) for key in due.values_list("pk", flat=True))
    return count


def _publish_once(
    kind: Any, key: int, now: datetime.datetime, publish: Callable[..., list[models.Model]]
) -> bool:
    """Publish one copy or bundle, unless another process did or somebody called it off; return whether it happened."""
    try:
        with transaction.atomic():
            item = kind.objects.select_for_update().filter(pk=key, publish_at__lte=now).first()
            if item is None:
                return False
            published = publish(item, Recorder(item.scheduled_by_id))
            message = [{"changed": {"fields": [gettext("working copy")]}}]
            LogEntry.objects.log_actions(item.scheduled_by_id, published, CHANGE, message)
    except Exception as error:
        logger.exception("%s %s was not published", kind.__name__, key)
        reasons = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
        kind.objects.filter(pk=key).update(problem=reasons, tried_at=now)
        return False
    return True


def publish_bundle(bundle: Bundle, recorder: Recorder) -> list[models.Model]:
    """Publish all working copies of a bundle, or none; return the objects. Raises ValidationError that names them."""
    with ExitStack() as stack:
        copies = list(bundle.copies.order_by("pk"))
        for model in sorted(
            {model_of(copy.snapshot) for copy in copies}, key=lambda model: model._meta.label
        ):
            stack.enter_context(_tree_lock(model))
        stack.enter_context(transaction.atomic())
        if not copies:
            raise ValidationError(gettext("There are no working copies in this bundle."))
        published: list[models.Model] = []
        problems: list[str] = []
        for copy in copies:
            try:
                published.append(publish_copy(copy, recorder))
            except ValidationError as error:
                problems.extend(f"{copy.label}: {text}" for text in error.messages)
        if problems:
            raise ValidationError(problems)
        bundle.published_at, bundle.batch = timezone.now(), recorder.batch
        bundle.publish_at, bundle.problem, bundle.tried_at = None, "", None
        bundle.save()
    return published
