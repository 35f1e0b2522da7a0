"""What is new, as Atom: notices, projects, what changed in the organogram, and in all of the open data."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid5

import orjson
from django.contrib.syndication.views import Feed
from django.db.models import Max
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contact.models import Notice
from organisation.comparison import KINDS, get_comparison, grouped, version_on
from organisation.models import Organogram
from organisation.structure import Change
from projects.models import Project
from pzgent.change_feed.changes import body_for
from pzgent.kernel.cleaning import xml_text
from pzgent.kernel.publishing import Publishable
from pzgent.kernel.rest.answering import links_for
from pzgent.kernel.rest.fields import UrlBuilder
from pzgent.kernel.rich_text import clean_html
from pzgent.kernel.watermarks import State, changed_at
from pzgent.kernel.zone import get_zone
from pzgent.models import PublishedItem

MOST = 50
# When the data of an empty feed last changed: nothing happened since the first plan began.
BEGINNING = datetime.datetime(2021, 1, 1, tzinfo=datetime.UTC)


class AtomFeed(Atom1Feed):
    """Atom in which a plain text stays a text and only a `SafeString` is HTML, for any character in the database.

    It changes when its data do: not at each request, also when it is empty.
    """

    changed_at: datetime.datetime | None = None

    def latest_post_date(self) -> datetime.datetime:
        """When the feed last changed, or else the newest change of an entry."""
        return self.changed_at or (super().latest_post_date() if self.items else BEGINNING)

    def write(self, outfile: Any, encoding: str) -> None:
        """Write what XML can hold."""
        self.feed = _for_xml(self.feed)
        self.items = [_for_xml(item) for item in self.items]
        super().write(outfile, encoding)

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        """The entry; Django itself sends every summary as HTML."""
        super().add_item_elements(handler, {**item, "description": None})
        summary = item["description"]
        if summary:
            kind = "html" if isinstance(summary, SafeString) else "text"
            handler.addQuickElement("summary", summary, {"type": kind})


def _for_xml(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: type(value)(xml_text(value)) if isinstance(value, str) else value
        for name, value in values.items()
    }


class PortalFeed(Feed):
    """A feed in Atom; its texts are those of the editors, in Dutch."""

    feed_type = AtomFeed
    language = "nl"

    def get_feed(self, obj: Any, request: HttpRequest) -> Any:
        """The feed, dated by its last change: also by an entry that is gone."""
        feed: Any = super().get_feed(obj, request)
        entries = [(item["unique_id"], item["updateddate"], item["pubdate"]) for item in feed.items]
        (feed.changed_at,) = changed_at(self._state_of(entries)).values()
        return feed

    def state(self) -> dict[str, State]:
        """Which entries it has and when each last changed, under its name."""
        return self._state_of(
            [
                (self.item_guid(item), self.item_updateddate(item), self.item_pubdate(item))
                for item in self.items()
            ]
        )

    def _state_of(
        self, entries: Sequence[tuple[str, datetime.datetime, datetime.datetime | None]]
    ) -> dict[str, State]:
        newest = max((moment for entry in entries for moment in entry[1:] if moment), default=BEGINNING)
        return {f"feed {type(self).__name__}": ([entry[:2] for entry in entries], newest)}

    def items(self) -> Iterable[Any]:
        """What it has an entry for."""
        raise NotImplementedError  # a hook: each kind says its own

    def item_updateddate(self, item: Any) -> datetime.datetime:
        """When it last changed for the public."""
        raise NotImplementedError  # as above

    def item_pubdate(self, item: Any) -> datetime.datetime | None:
        """When it was published, where that is told."""
        return None

    def author_name(self) -> str:
        """The zone."""
        return get_zone().name

    def item_guid(self, item: Any) -> str:
        """The identity of the row, which stays when its address changes."""
        return f"urn:uuid:{item.pk}"


def _titled(message: str) -> str:
    """A message with the names of the zone."""
    return message % get_zone().terms


def _shown_since(item: Publishable) -> datetime.datetime:
    """When an editor last changed it, or it appeared by its date."""
    return max(item.modified, item.publish_from or item.modified)


class NoticeFeed(PortalFeed):
    """Notices that run or ran, the newest first."""

    link = "/"

    def title(self) -> str:
        """Whose notices they are."""
        return _titled(gettext("%(police)s: notices"))

    def subtitle(self) -> str:
        """What they are."""
        return _titled(gettext("Warnings and messages of the police in %(city)s"))

    def items(self) -> Any:
        """Published notices that have started."""
        return Notice.objects.begun()[:MOST]

    def item_description(self, item: Notice) -> str:
        """The text in Dutch."""
        return item.text_nl

    def item_link(self, item: Notice) -> str:
        """Notices stand on every page."""
        return "/"

    def item_pubdate(self, item: Notice) -> datetime.datetime:
        """When it began."""
        return item.starts

    def item_updateddate(self, item: Notice) -> datetime.datetime:
        """When it last changed for the public."""
        return _shown_since(item)


class ProjectFeed(PortalFeed):
    """The projects, the last changed first, each with its newest news."""

    subtitle = _("The projects of the safety plan, the last changed first")
    link = "/projecten"

    def title(self) -> str:
        """Whose projects they are."""
        return _titled(gettext("%(police)s: projects"))

    def items(self) -> Any:
        """Published projects with their news at hand."""
        return Project.objects.published().last_changed_with_news()[:MOST]

    def item_description(self, item: Project) -> str:
        """The newest news as HTML, or else the summary."""
        news = next(iter(item.updates.all()), None)
        # Cleaned to the allowed tags right here.
        return SafeString(clean_html(news.text)) if news else item.summary

    def item_updateddate(self, item: Project) -> datetime.datetime:
        """When it last changed for the public."""
        return _shown_since(item)


class OrganogramFeed(PortalFeed):
    """What the organogram in force changed in the one before it."""

    subtitle = _("Units that came, went, moved or got another name")
    link = "/organogram"

    def title(self) -> str:
        """Whose organogram it is."""
        return _titled(gettext("%(police)s: organogram"))

    def items(self) -> list[tuple[Organogram, Change]]:
        """Each change, with the organogram that made it."""
        versions = list(Organogram.objects.published().in_order())
        comparison = get_comparison(versions, version_on(versions, timezone.localdate()), None)
        if comparison is None:
            return []
        return [(comparison.new, change) for group in grouped(comparison.changes) for change in group[2]]

    def item_title(self, item: tuple[Organogram, Change]) -> str:
        """The unit, and what happened to it."""
        return f"{item[1].name}: {KINDS[item[1].kind]}"

    def item_description(self, item: tuple[Organogram, Change]) -> str:
        """The organogram that made the change."""
        return item[0].title

    def item_link(self, item: tuple[Organogram, Change]) -> str:
        """The changes of that organogram."""
        return f"{item[0].get_absolute_url()}#changes"

    def item_guid(self, item: tuple[Organogram, Change]) -> str:
        """Follows from the organogram, the unit and the kind of change."""
        organogram, change = item
        return f"urn:uuid:{uuid.uuid5(organogram.pk, f'{change.slug} {change.kind}')}"

    def item_updateddate(self, item: tuple[Organogram, Change]) -> datetime.datetime:
        """The first moment of the organogram."""
        return timezone.make_aware(datetime.datetime.combine(item[0].valid_from, datetime.time.min))


class PagedAtomFeed(AtomFeed):
    """Atom in pages: each names the next one with older entries, and the first (RFC 5005, 3)."""

    def add_root_elements(self, handler: Any) -> None:
        """The links to other pages, after what every feed has."""
        super().add_root_elements(handler)
        for relation in ("first", "next"):
            if self.feed.get(relation):
                handler.addQuickElement("link", "", {"rel": relation, "href": self.feed[relation]})


@dataclass(frozen=True)
class ChangesPage:
    """The changes before a number, the newest first, and the addresses of this site."""

    rows: list[PublishedItem]
    links: UrlBuilder
    before: int | None
    older: int | None

    def address(self, before: int | None) -> str:
        """The address of a page of this feed."""
        root = f"{self.links.site}{reverse('changes-feed')}"
        return root if before is None else f"{root}?before={before}"


class ChangesFeed(Feed):
    """Every change of what the API shows, the newest first; follow `next` for older ones."""

    feed_type = PagedAtomFeed
    language = "nl"
    subtitle = _("Everything in the open API that is new, changed or gone")

    def get_feed(self, page: ChangesPage, request: HttpRequest) -> Any:
        """A page with the date of the newest change of all: an item that changes again leaves an older page."""
        feed: Any = super().get_feed(page, request)
        feed.changed_at = PublishedItem.objects.aggregate(last=Max("at"))["last"]
        return feed

    def author_name(self) -> str:
        """The zone."""
        return get_zone().name

    def title(self, page: ChangesPage) -> str:
        """Whose changes they are."""
        return _titled(gettext("%(police)s: changes of the open data"))

    def get_object(self, request: HttpRequest) -> ChangesPage:
        """The page asked for. Raises Http404 for what is no number."""
        before = request.GET.get("before")
        if before is not None and not (before.isascii() and before.isdigit() and len(before) < 19):
            raise Http404
        number = int(before) if before is not None else None
        found = list(PublishedItem.objects.newest_before(number)[: MOST + 1])
        older = found[MOST - 1].number if len(found) > MOST else None
        return ChangesPage(found[:MOST], links_for(request), number, older)

    def link(self, page: ChangesPage) -> str:
        """Where people read of the open data."""
        return reverse("open-data")

    def feed_url(self, page: ChangesPage) -> str:
        """This page of the feed."""
        return page.address(page.before)

    def feed_guid(self, page: ChangesPage) -> str:
        """The same for all pages."""
        return page.address(None)

    def feed_extra_kwargs(self, page: ChangesPage) -> dict[str, Any]:
        """The other pages."""
        return {"first": page.address(None), "next": page.address(page.older) if page.older else ""}

    def items(self, page: ChangesPage) -> list[Any]:
        """The changes, each with what its item shows."""
        return [(row, _shown(row, page.links), page.links) for row in page.rows]

    def item_title(self, item: Any) -> str:
        """What it is called, and where it stands in the API."""
        row, shown, _links = item
        name = next((shown[field] for field in ("name", "title", "label", "slug") if field in shown), row.key)
        text = gettext("Gone: %(name)s") if row.is_removed else "%(name)s"
        return f"{row.collection}: {text % {'name': name}}"

    def item_description(self, item: Any) -> str:
        """Its summary, where it has one."""
        _row, shown, _links = item
        return str(shown.get("summary") or shown.get("text") or "")

    def item_link(self, item: Any) -> str:
        """Its address in the API; of what is gone, the change itself."""
        row, shown, links = item
        return str(shown.get("href") or f"{links.api}/changes?after={row.number - 1}&pageSize=1")

    def item_guid(self, item: Any) -> str:
        """One for each change of each item."""
        row, _shown, _links = item
        return uuid5(row.key, str(row.number)).urn

    def item_updateddate(self, item: Any) -> datetime.datetime:
        """When the feed noticed it."""
        return item[0].at


def _shown(row: PublishedItem, links: UrlBuilder) -> dict[str, Any]:
    return {} if row.is_removed else orjson.loads(body_for(row.body, links.site))
