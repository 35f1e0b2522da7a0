"""How long everything is kept that is not content, and the deletion of what is older.

The background worker carries this out once a day.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pzgent.kernel import jobs, once, totals
from pzgent.kernel.versions.models import Version, VersionKind
from pzgent.models import FactCheck, PageTotal, PreviewLink, SearchTotal, SignInEvent, UsedForm

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

VERSIONS_KEPT = datetime.timedelta(days=10 * 365)
BIN_KEPT = datetime.timedelta(days=365)
CHECKS_KEPT = datetime.timedelta(days=180)
LINKS_KEPT = datetime.timedelta(days=180)


@dataclass(frozen=True)
class Retention:
    """How long one kind of record is kept; `outdated` returns the records from before a moment, if there is a limit."""

    name: StrOrPromise
    kept: datetime.timedelta | None
    reason: StrOrPromise
    outdated: Callable[[datetime.datetime], Any] | None = None

    @property
    def days(self) -> int | None:
        """The number of days; None without a limit."""
        return self.kept.days if self.kept is not None else None


def _in_bin(before: datetime.datetime) -> Any:
    """Return all versions of the objects that were deleted before a moment, and not restored since."""
    deleted = Version.objects.filter(kind=VersionKind.DELETED, at__lt=before)
    later = Version.objects.filter(at__gte=before).values("object_id")
    return Version.objects.filter(object_id__in=deleted.values("object_id")).exclude(object_id__in=later)


def _old_versions(before: datetime.datetime) -> Any:
    """Return the versions from before a moment, but never the last one of an object."""
    last = Version.objects.order_by().values("model", "object_id").annotate(last=Max("pk")).values("last")
    return Version.objects.filter(at__lt=before).exclude(pk__in=last)


RETENTIONS = (
    Retention(
        _("Versions of what still exists"),
        VERSIONS_KEPT,
        _("So that each change can be read again and undone. The last version of each stays."),
        _old_versions,
    ),
    Retention(_("The bin"), BIN_KEPT, _("So that what was deleted by mistake can come back."), _in_bin),
    Retention(
        _("Fact checks by services, with their answers"),
        CHECKS_KEPT,
        _("Counted from the day on which the link stopped working."),
        lambda at: FactCheck.objects.filter(ends__lt=at),
    ),
    Retention(
        _("Links to previews"),
        LINKS_KEPT,
        _("Counted from the day on which the link stopped working; who made it must be traceable."),
        lambda at: PreviewLink.objects.filter(ends_at__lt=at),
    ),
    Retention(
        _("Sign-ins, with half of the internet address"),
        datetime.timedelta(days=settings.SIGN_IN_LOG_DAYS),
        _("To find out what happened when an account was misused."),
        lambda at: SignInEvent.objects.filter(at__lt=at),
    ),
    Retention(
        _("Sessions of editors"),
        datetime.timedelta(seconds=settings.SESSION_COOKIE_AGE),
        _("After that one signs in again."),
        lambda at: Session.objects.filter(expire_date__lt=timezone.now()),
    ),
    Retention(
        _("Uploaded spreadsheets, and actions on many rows"),
        jobs.KEPT_FOR,
        _("To finish an import."),
        lambda at: jobs.Job.objects.filter(created__lt=at),
    ),
    Retention(
        _("Which forms were sent"),
        once.KEPT_FOR,
        _("So that a form that is sent twice makes one object."),
        lambda at: UsedForm.objects.filter(at__lt=at),
    ),
    Retention(
        _("How often each page was read"),
        totals.PAGES_KEPT,
        _("To compare with the same month of last year. It says nothing about who read it."),
        lambda at: PageTotal.objects.filter(day__lt=at.date()),
    ),
    Retention(
        _("Questions that the search could not answer"),
        totals.WORDS_KEPT,
        _("To improve the search. Only what several people asked is kept."),
        lambda at: SearchTotal.objects.filter(day__lt=at.date()),
    ),
    Retention(
        _("Backups"),
        datetime.timedelta(days=settings.BACKUPS_KEPT_DAYS),
        _("To recover after a disaster. The backup command deletes older ones."),
    ),
)


def delete_outdated(now: datetime.datetime | None = None) -> int:
    """Delete everything that is kept no longer; return the number of records."""
    now = now or timezone.now()
    return sum(
        rule.outdated(now - rule.kept).delete()[0]
        for rule in RETENTIONS
        if rule.outdated is not None and rule.kept is not None
    )
