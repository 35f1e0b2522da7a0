"""Atom feeds of the notices, the projects, the changes of the organogram, and the changes of all open data."""

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
from pzgent.kernel import clock
from pzgent.kernel.cleaning import xml_text
from pzgent.kernel.links import permanent_html
from pzgent.kernel.publishing import Publishable
from pzgent.kernel.rest.answering import links_for
from pzgent.kernel.rest.fields import UrlBuilder
from pzgent.kernel.rich_text import to_html, to_text
from pzgent.kernel.watermarks import State, changed_at
from pzgent.kernel.zone import get_zone
from pzgent.models import PublishedItem

MOST = 50
# Date of last change of an empty feed: the start of the first plan.
BEGINNING = datetime.datetime(2021, 1, 1, tzinfo=datetime.UTC)


class AtomFeed(Atom1Feed):
    """Atom feed with summaries as plain text unless they are a `SafeString`, safe for any character in the database.

    Its date of last change depends on the data only, not on the time of the request, even if the feed is empty.
    """

    changed_at: datetime.datetime | None = None

    def latest_post_date(self) -> datetime.datetime:
        """Return when the feed last changed, falling back to the newest change of an entry."""
        return self.changed_at or (super().latest_post_date() if self.items else BEGINNING)

    def write(self, outfile: Any, encoding: str) -> None:
        """Write the feed without characters that XML does not allow."""
        self.feed = _for_xml(self.feed)
        self.items = [_for_xml(item) for item in self.items]
        super().write(outfile, encoding)

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        """Write an entry with a typed summary, because Django itself marks every summary as HTML."""
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
    """Atom feed with the texts of the editors, in Dutch."""

    feed_type = AtomFeed
    language = "nl"

    def get_feed(self, obj: Any, request: HttpRequest) -> Any:
        """Return the feed with the date of its last change, which may be the removal of an entry."""
        feed: Any = super().get_feed(obj, request)
        entries = [(item["unique_id"], item["updateddate"], item["pubdate"]) for item in feed.items]
        for item in feed.items:
            if isinstance(item["description"], SafeString):
                item["description"] = SafeString(permanent_html(item["description"], links_for(request).site))
        (feed.changed_at,) = changed_at(self._state_of(entries)).values()
        return feed

    def state(self) -> dict[str, State]:
        """Return the entries of the feed and when each last changed, keyed by the name of the feed."""
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
        """Return the objects that have an entry."""
        raise NotImplementedError  # a hook for subclasses

    def item_updateddate(self, item: Any) -> datetime.datetime:
        """Return when the object last changed for the public."""
        raise NotImplementedError  # a hook for subclasses

    def item_pubdate(self, item: Any) -> datetime.datetime | None:
        """Return when the object was published, or None if the feed does not tell."""
        return None

    def author_name(self) -> str:
        """Return the name of the police zone."""
        return get_zone().name

    def item_guid(self, item: Any) -> str:
        """Return the identity of the row, which is independent of its address."""
        return f"urn:uuid:{item.pk}"


def _titled(message: str) -> str:
    """Return a message with the names of the police zone filled in."""
    return message % get_zone().terms


def _shown_since(item: Publishable) -> datetime.datetime:
    """Return when an editor last changed the object, or when its publication date made it visible."""
    return max(item.modified, item.publish_from or item.modified)


class NoticeFeed(PortalFeed):
    """Current and past notices, newest first."""

    link = "/"

    def title(self) -> str:
        """Return the title, which names the police zone."""
        return _titled(gettext("%(police)s: notices"))

    def subtitle(self) -> str:
        """Return what the feed contains."""
        return _titled(gettext("Warnings and messages of the police in %(city)s"))

    def items(self) -> Any:
        """Return the newest published notices that have started."""
        return Notice.objects.begun()[:MOST]

    def item_description(self, item: Notice) -> str:
        """Return the Dutch text."""
        return to_text(item.text_nl)

    def item_link(self, item: Notice) -> str:
        """Return the home page: notices appear on every page."""
        return "/"

    def item_pubdate(self, item: Notice) -> datetime.datetime:
        """Return when the notice started."""
        return item.starts

    def item_updateddate(self, item: Notice) -> datetime.datetime:
        """Return when the object last changed for the public."""
        return _shown_since(item)


class ProjectFeed(PortalFeed):
    """The projects, last changed first, each with its latest news."""

    subtitle = _("The projects of the safety plan, the last changed first")
    link = "/projecten"

    def title(self) -> str:
        """Return the title, which names the police zone."""
        return _titled(gettext("%(police)s: projects"))

    def items(self) -> Any:
        """Return the last changed published projects, with their news prefetched."""
        return Project.objects.published().last_changed_with_news()[:MOST]

    def item_description(self, item: Project) -> str:
        """Return the latest news as HTML, or else the summary as plain text."""
        news = next(iter(item.updates.all()), None)
        # Safe: cleaned to the allowed tags on this line.
        return SafeString(to_html(news.text)) if news else item.summary

    def item_updateddate(self, item: Project) -> datetime.datetime:
        """Return when the object last changed for the public."""
        return _shown_since(item)


class OrganogramFeed(PortalFeed):
    """Changes between the previous organogram and the one in force."""

    subtitle = _("Units that came, went, moved or got another name")
    link = "/organogram"

    def title(self) -> str:
        """Return the title, which names the police zone."""
        return _titled(gettext("%(police)s: organogram"))

    def items(self) -> list[tuple[Organogram, Change]]:
        """Return each change, with the organogram that introduced it."""
        versions = list(Organogram.objects.published().in_order())
        comparison = get_comparison(versions, version_on(versions, clock.today()), None)
        if comparison is None:
            return []
        return [(comparison.new, change) for group in grouped(comparison.changes) for change in group[2]]

    def item_title(self, item: tuple[Organogram, Change]) -> str:
        """Return the name of the unit and the kind of change."""
        return f"{item[1].name}: {KINDS[item[1].kind]}"

    def item_description(self, item: tuple[Organogram, Change]) -> str:
        """Return the title of the organogram that introduced the change."""
        return item[0].title

    def item_link(self, item: tuple[Organogram, Change]) -> str:
        """Return the address of the changes on the page of that organogram."""
        return f"{item[0].get_absolute_url()}#changes"

    def item_guid(self, item: tuple[Organogram, Change]) -> str:
        """Return an identity derived from the organogram, the unit and the kind of change."""
        organogram, change = item
        return f"urn:uuid:{uuid.uuid5(organogram.pk, f'{change.slug} {change.kind}')}"

    def item_updateddate(self, item: tuple[Organogram, Change]) -> datetime.datetime:
        """Return midnight (local time) of the day on which the organogram came into force."""
        return timezone.make_aware(datetime.datetime.combine(item[0].valid_from, datetime.time.min))


class PagedAtomFeed(AtomFeed):
    """Paged Atom feed: each page links to the first, and to the next with older entries (RFC 5005, section 3)."""

    def add_root_elements(self, handler: Any) -> None:
        """Write the links to other pages, after the elements of every feed."""
        super().add_root_elements(handler)
        for relation in ("first", "next"):
            if self.feed.get(relation):
                handler.addQuickElement("link", "", {"rel": relation, "href": self.feed[relation]})


@dataclass(frozen=True)
class ChangesPage:
    """The changes before a change number, newest first, and a URL builder for this site."""

    rows: list[PublishedItem]
    links: UrlBuilder
    before: int | None
    older: int | None

    def address(self, before: int | None) -> str:
        """Return the absolute URL of a page of this feed."""
        root = f"{self.links.site}{reverse('changes-feed')}"
        return root if before is None else f"{root}?before={before}"


class ChangesFeed(Feed):
    """Every change of the items of the API, newest first; follow the `next` links for older ones."""

    feed_type = PagedAtomFeed
    language = "nl"
    subtitle = _("Everything in the open API that is new, changed or gone")

    def get_feed(self, page: ChangesPage, request: HttpRequest) -> Any:
        """Return a page of the feed, dated by the newest change of all: an item that changes again leaves its page."""
        feed: Any = super().get_feed(page, request)
        feed.changed_at = PublishedItem.objects.aggregate(last=Max("at"))["last"]
        return feed

    def author_name(self) -> str:
        """Return the name of the police zone."""
        return get_zone().name

    def title(self, page: ChangesPage) -> str:
        """Return the title, which names the police zone."""
        return _titled(gettext("%(police)s: changes of the open data"))

    def get_object(self, request: HttpRequest) -> ChangesPage:
        """Return the requested page. Raise Http404 for an invalid change number."""
        before = request.GET.get("before")
        if before is not None and not (before.isascii() and before.isdigit() and len(before) < 19):
            raise Http404
        number = int(before) if before is not None else None
        found = list(PublishedItem.objects.newest_before(number)[: MOST + 1])
        older = found[MOST - 1].number if len(found) > MOST else None
        return ChangesPage(found[:MOST], links_for(request), number, older)

    def link(self, page: ChangesPage) -> str:
        """Return the address of the page about the open data."""
        return reverse("open-data")

    def feed_url(self, page: ChangesPage) -> str:
        """Return the address of this page of the feed."""
        return page.address(page.before)

    def feed_guid(self, page: ChangesPage) -> str:
        """Return the identity of the feed, the same for all pages."""
        return page.address(None)

    def feed_extra_kwargs(self, page: ChangesPage) -> dict[str, Any]:
        """Return the addresses of the first and the next page."""
        return {"first": page.address(None), "next": page.address(page.older) if page.older else ""}

    def items(self, page: ChangesPage) -> list[Any]:
        """Return the changes, each with the representation of its item."""
        return [(row, _shown(row, page.links), page.links) for row in page.rows]

    def item_title(self, item: Any) -> str:
        """Return the collection and the name of the item, marked if the item was removed."""
        row, shown, _links = item
        name = next((shown[field] for field in ("name", "title", "label", "slug") if field in shown), row.key)
        text = gettext("Gone: %(name)s") if row.is_removed else "%(name)s"
        return f"{row.collection}: {text % {'name': name}}"

    def item_description(self, item: Any) -> str:
        """Return the summary or the text of the item, or "" if it has neither."""
        _row, shown, _links = item
        return str(shown.get("summary") or shown.get("text") or "")

    def item_link(self, item: Any) -> str:
        """Return the address of the item in the API, or that of the change if the item was removed."""
        row, shown, links = item
        return str(shown.get("href") or f"{links.api}/changes?after={row.number - 1}&pageSize=1")

    def item_guid(self, item: Any) -> str:
        """Return an identity for each change of each item."""
        row, _shown, _links = item
        return uuid5(row.key, str(row.number)).urn

    def item_updateddate(self, item: Any) -> datetime.datetime:
        """Return when the change feed recorded the change."""
        return item[0].at


def _shown(row: PublishedItem, links: UrlBuilder) -> dict[str, Any]:
    return {} if row.is_removed else orjson.loads(body_for(row.body, links.site))
