"""Organogram that an admin page is about, and the heading that names it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from organisation.models import Organogram, Placement
from pzgent.kernel.publishing import PublicationStatus

PARAMETER = "organogram"
FILTERS = "_changelist_filters"


@dataclass(frozen=True)
class Heading:
    """State of an organogram: a code for the style sheet, a description, and the related URLs."""

    code: str
    words: str
    title: str
    tree: str
    page: str

    def __str__(self) -> str:
        return gettext("%(state)s: “%(title)s”") % {"state": self.words, "title": self.title}


def heading_of(organogram: Organogram) -> Heading:
    """Return the heading of pages about an organogram. At most one query."""
    return headings_of([organogram])[0]


def headings_of(organograms: Iterable[Organogram]) -> list[Heading]:
    """Return the heading of each organogram. One query in total; none if all know whether they are in force."""
    organograms = list(organograms)
    in_force = _in_force_of(organograms)
    texts = {
        "draft": gettext("DRAFT, applies from %(day)s"),
        "withdrawn": gettext("WITHDRAWN, was to apply from %(day)s"),
        "in-force": gettext("LIVE, in force since %(day)s"),
        "planned": gettext("PLANNED, applies from %(day)s"),
        "past": gettext("PAST, applied from %(day)s"),
    }
    headings = []
    for organogram in organograms:
        code = "in-force" if organogram.pk in in_force else _state(organogram)
        words = texts[code] % {"day": date_format(organogram.valid_from, "j F Y")}
        page = organogram.get_absolute_url() if organogram.is_published else ""
        headings.append(Heading(code, words, organogram.title, tree_of(organogram), page))
    return headings


def _in_force_of(organograms: Sequence[Organogram]) -> set[UUID]:
    """Return the key of the organogram in force, if it is one of these."""
    if all(hasattr(organogram, "is_in_force") for organogram in organograms):
        return {organogram.pk for organogram in organograms if getattr(organogram, "is_in_force", False)}
    return set(Organogram.objects.in_force().values_list("pk", flat=True))


def _state(organogram: Organogram) -> str:
    """Return the state of an organogram that is not in force."""
    if organogram.status != PublicationStatus.PUBLISHED:
        return str(organogram.status)
    waits = organogram.publish_from is not None and organogram.publish_from > timezone.now()
    return "planned" if waits or not organogram.has_started else "past"


def tree_of(organogram: Organogram) -> str:
    """Return the URL of an organogram's tree in the admin."""
    return workshop_of(organogram)


def list_of(organogram: Organogram) -> str:
    """Return the URL of the list of an organogram's placements, to search and delete in."""
    return f"{reverse('admin:organisation_placement_changelist')}?{PARAMETER}={organogram.pk}"


def workshop_of(organogram: Organogram, key: Any = None) -> str:
    """Return the URL of an organogram's workshop, at the placement with this key."""
    address = reverse("admin:organisation_organogram_workshop", args=[organogram.pk])
    return f"{address}?at={key}#p-{key}" if key else address


def asked_organogram(request: HttpRequest) -> Organogram | None:
    """Return the organogram named by a request: in its form, its query string, or the list it came from."""
    filters = QueryDict(request.GET.get(FILTERS, ""))
    parent = as_uuid(request.GET.get("parent", ""))
    of_parent = Placement.objects.filter(pk=parent).values_list("organogram_id", flat=True) if parent else ()
    named = (request.POST.get(PARAMETER), request.GET.get(PARAMETER), *of_parent, filters.get(PARAMETER))
    keys = [key for key in (as_uuid(str(name or "")) for name in named) if key]
    found = Organogram.objects.in_bulk(keys)
    return next((found[key] for key in keys if key in found), None)


def shown_organogram(request: HttpRequest) -> Organogram | None:
    """Return the organogram named by a request, else the one in force, else the newest one."""
    organogram: Any = asked_organogram(request) or Organogram.objects.get_in_force()
    newest: Organogram | None = organogram or Organogram.objects.order_by("-valid_from", "title").first()
    return newest


def as_uuid(text: str) -> UUID | None:
    """Parse the text as a UUID; None if it is invalid."""
    try:
        return UUID(text)
    except ValueError:
        return None
