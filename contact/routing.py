"""Find the topics that help a visitor, by words, audience and urgency."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from contact.availability import TopicStatus
from contact.forms import NeedForm
from contact.models.kinds import Audience, Urgency


@dataclass
class Route:
    """Form, emergencies (always listed first), and the other topics that match the request."""

    form: NeedForm
    emergencies: list[TopicStatus]
    others: list[TopicStatus]
    is_filtered: bool = False
    # Number of matching topics, emergencies included.
    total: int = 0
    listed: list[TopicStatus] = field(init=False)

    def __post_init__(self) -> None:
        self.listed = [*self.emergencies, *self.others]

    @property
    def asked(self) -> list[str]:
        """Return the words, the audience and the urgency that were asked for, as a title tells them."""
        if not self.is_filtered:
            return []
        words, audience, urgency = (self.form.cleaned_data[name] for name in ("q", "audience", "urgency"))
        labels = (Audience(audience).label if audience else "", Urgency(urgency).label if urgency else "")
        return [str(text) for text in (words, *labels) if text]

    @property
    def is_sensitive(self) -> bool:
        """True if the request suggests that the visitor may need to leave the page quickly."""
        return self.is_filtered and any(found.topic.sensitive for found in self.others)


# Finds topics by words: returns the slugs of the matches, best match first, and the audience named by the words, if
# any.
Search = Callable[[str], tuple[Sequence[str], str]]


def find_route(topics: Sequence[TopicStatus], asked: Mapping[str, str], search: Search) -> Route:
    """Return the matching topics; all of them for an empty or invalid request."""
    emergencies = [found for found in topics if found.is_emergency]
    others = [found for found in topics if not found.is_emergency]
    audiences = {found.topic.audience for found in topics} | {
        item.channel.audience for found in topics for item in found.channels
    }
    urgencies = {item.channel.urgency for found in topics for item in found.channels}
    form = NeedForm(asked, _options(Audience, audiences - {Audience.EVERYONE}), _options(Urgency, urgencies))
    if not form.is_valid():
        return Route(form, emergencies, others)
    words, audience, urgency = (form.cleaned_data[name] for name in ("q", "audience", "urgency"))
    fitting = list(topics)
    if audience:
        fitting = list(_for_audience(fitting, audience))
    if urgency:
        fitting = list(_of_urgency(fitting, urgency))
    if words:
        slugs, named = search(words)
        place_of = {slug: place for place, slug in enumerate(slugs)}
        fitting = [found for found in fitting if found.topic.slug in place_of]
        fitting.sort(key=lambda found: place_of[found.topic.slug])
        audience = audience or named
    emergencies = [found.for_audience(audience) for found in emergencies]
    urgent = {found.topic.pk for found in emergencies}
    others = [found for found in fitting if found.topic.pk not in urgent]
    return Route(
        form, emergencies, others, is_filtered=bool(words or audience or urgency), total=len(fitting)
    )


def _options(choices: type[Audience] | type[Urgency], used: set[str]) -> list[tuple[str, str]]:
    return [(value, str(label).capitalize()) for value, label in choices.choices if value in used]


def _for_audience(topics: Iterable[TopicStatus], audience: str) -> Iterator[TopicStatus]:
    """Yield the topics for the audience as a whole, and other topics with only their channels for it."""
    for found in topics:
        channels = [item for item in found.channels if item.channel.audience == audience]
        if found.topic.audience == audience:
            yield found
        elif channels:
            yield replace(found, channels=channels, is_narrowed=True)


def _of_urgency(topics: Iterable[TopicStatus], urgency: str) -> Iterator[TopicStatus]:
    """Yield the topics with only their channels of this urgency."""
    for found in topics:
        channels = [item for item in found.channels if item.channel.urgency == urgency]
        if channels:
            yield replace(found, channels=channels)
