"""What is new, as Atom: notices, projects, and what changed in the organogram."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib.syndication.views import Feed
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy as _

from contact.models import Notice
from organisation.comparison import KINDS, get_comparison, version_on
from organisation.models import Organogram
from organisation.structure import Change
from projects.models import Project

MOST = 50


class PortalFeed(Feed):
    """A feed in Atom; its texts are those of the editors, in Dutch."""

    feed_type = Atom1Feed
    language = "nl"
    author_name = "Politiezone Gent"

    def item_guid(self, item: Any) -> str:
        """The identity of the row, which stays when its address changes."""
        return f"urn:uuid:{item.pk}"


class NoticeFeed(PortalFeed):
    """Notices that run or ran, the newest first."""

    title = _("Ghent police: notices")
    subtitle = _("Warnings and messages of the police in Ghent")
    link = "/"

    def items(self) -> Any:
        """Published notices that have started."""
        return Notice.objects.published().filter(starts__lte=timezone.now()).order_by("-starts")[:MOST]

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
        """When an editor last changed it."""
        return item.modified


class ProjectFeed(PortalFeed):
    """The projects, the last changed first, each with its newest news."""

    title = _("Ghent police: projects")
    subtitle = _("The projects of the safety plan, the last changed first")
    link = "/projecten"

    def items(self) -> Any:
        """Published projects with their news at hand."""
        return Project.objects.published().prefetch_related("updates").order_by("-modified", "slug")[:MOST]

    def item_description(self, item: Project) -> str:
        """The newest news, or else the summary."""
        news = next(iter(item.updates.all()), None)
        return strip_tags(news.text) if news else item.summary

    def item_updateddate(self, item: Project) -> datetime.datetime:
        """When an editor last changed it."""
        return item.modified


class OrganogramFeed(PortalFeed):
    """What the organogram in force changed in the one before it."""

    title = _("Ghent police: organogram")
    subtitle = _("Units that came, went, moved or got another name")
    link = "/organogram"

    def items(self) -> list[tuple[Organogram, Change]]:
        """Each change, with the organogram that made it."""
        versions = list(Organogram.objects.published().in_order())
        comparison = get_comparison(versions, version_on(versions, timezone.localdate()), None)
        if comparison is None:
            return []
        return [(comparison.new, change) for _label, changes in comparison.groups for change in changes]

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
        """The organogram, the unit and the kind of change."""
        organogram, change = item
        return f"urn:pzgent:{organogram.pk}:{change.slug}:{change.kind}"

    def item_updateddate(self, item: tuple[Organogram, Change]) -> datetime.datetime:
        """The first moment of the organogram."""
        return timezone.make_aware(datetime.datetime.combine(item[0].valid_from, datetime.time.min))
