"""Search indexing of contact."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _

from contact.models import CareArea, Channel, Guide, Location, Topic
from pzgent.kernel.rich_text import to_text
from pzgent.kernel.searchable import IndexedText, Searchable
from pzgent.kernel.text_lines import lines_of
from pzgent.kernel.translations import Text


class Topics(Searchable):
    """Topics, indexed by visitors' own words and by the channels that serve them."""

    kind, collection = "topic", "topics"
    position = 10
    label, singular = _("Contact"), _("topic")
    prior = 1.2

    def texts(self, language: str) -> Iterator[IndexedText]:
        """Yield the texts of the published topics."""
        channels = Prefetch("channels", queryset=Channel.objects.published(), to_attr="shown_channels")
        for topic in Topic.objects.published().prefetch_related(channels).order_by("position", "slug"):
            aliases = [
                topic.need,
                *lines_of(topic.other_needs),
                *lines_of(topic.synonyms),
                *_translated(topic, language),
            ]
            ways = [
                text
                for channel in topic.shown_channels
                for text in (channel.label, channel.value, channel.display, channel.note)
            ]
            yield self.text(topic, topic.title, aliases, to_text(topic.intro), " ".join(filter(None, ways)))

    def title(self, item: Topic) -> Text:
        """Return the title of the topic."""
        return item.translated.title

    def snippet(self, item: Topic, text: IndexedText) -> Text:
        """Return the need in a visitor's words, or else the introduction."""
        intro = item.translated.intro
        return item.translated.need or Text(to_text(intro), intro.language)


class Locations(Searchable):
    """Police stations and other places, indexed by the parts of the city that they serve."""

    kind, collection = "location", "locations"
    position = 20
    label, singular = _("Police stations"), _("location")
    prior = 1.3

    def texts(self, language: str) -> Iterator[IndexedText]:
        """Yield the texts of the published places."""
        areas = Prefetch("care_areas", queryset=CareArea.objects.published(), to_attr="shown_areas")
        places: Any = Location.objects.published().prefetch_related(areas)
        for place in places.order_by("slug"):
            aliases = [text for area in place.shown_areas for text in (area.name, area.postal_code)]
            aliases.append(place.translation_of("name", language))
            body = " ".join(filter(None, (place.street, place.city, place.note)))
            yield self.text(place, place.name, aliases, place.serves, body)

    def title(self, item: Location) -> Text:
        """Return the name of the place."""
        return item.translated.name

    def snippet(self, item: Location, text: IndexedText) -> Text:
        """Return the parts of the city that the place serves."""
        return item.translated.serves


class Guides(Searchable):
    """Step-by-step guides, indexed by visitors' own words and by their steps."""

    kind, collection = "guide", "guides"
    position = 15
    label, singular = _("Step by step"), _("guide")
    # Below its topic, which has every way to reach somebody.
    prior = 0.62

    def texts(self, language: str) -> Iterator[IndexedText]:
        """Yield the texts of the published guides."""
        for guide in Guide.objects.published().prefetch_related("steps").order_by("position", "slug"):
            translated = (guide.translation_of(name, language) for name in ("title", "synonyms"))
            aliases = [*guide.synonym_list, *(line for text in translated for line in lines_of(text))]
            steps = (f"{step.title} {to_text(step.text)}" for step in guide.steps.all())
            yield self.text(guide, guide.title, aliases, guide.summary, " ".join(steps))

    def title(self, item: Guide) -> Text:
        """Return the title of the guide."""
        return item.translated.title

    def snippet(self, item: Guide, text: IndexedText) -> Text:
        """Return the summary of the guide."""
        return item.translated.summary


SEARCHABLE: tuple[Searchable, ...] = (
    Topics(),
    Guides(),
    Locations(),
)


def _translated(topic: Topic, language: str) -> Iterator[str]:
    """Yield visitors' words for the topic in a language."""
    for name in ("title", "need", "other_needs", "synonyms"):
        yield from lines_of(topic.translation_of(name, language))
