"""The main action of a page: the one button under its heading, with its state in words that fit the channel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from contact.availability import ChannelStatus, get_channel_statuses, marked, public_channel
from contact.hours_sentences import action_sentence
from contact.models import Channel, Location
from contact.models.kinds import ChannelKind
from contact.models.places import WITHOUT_DESK
from contact.opening_hours import CLOSED, now_in_brussels
from contact.shared import first_for_appointments, public_channels
from pzgent.kernel.zone import get_zone

# The text on the button of each kind that is opened with a tap.
LABELS = {
    ChannelKind.PHONE: gettext_lazy("Call %(display)s"),
    ChannelKind.SMS: gettext_lazy("Text %(display)s"),
    ChannelKind.EMAIL: gettext_lazy("Send an e-mail"),
    ChannelKind.WEB: gettext_lazy("Go to the website"),
    ChannelKind.WEB_FORM: gettext_lazy("Fill in the form"),
    ChannelKind.APPOINTMENT: gettext_lazy("Make an appointment online"),
    ChannelKind.APP: gettext_lazy("Install the app"),
    ChannelKind.SOCIAL: gettext_lazy("Open the page"),
}


@dataclass(frozen=True)
class Action:
    """A channel as the button of a page."""

    item: ChannelStatus

    @property
    def channel(self) -> Channel:
        """Return the channel that the button opens."""
        return self.item.channel

    @property
    def label(self) -> str:
        """Return the text on the button."""
        return str(LABELS[ChannelKind(self.channel.kind)]) % {"display": self.channel.display}

    @property
    def sentence(self) -> SafeString:
        """Return its state in words that fit the kind; empty if there is nothing to say."""
        # The rest of the sentence is our own text and needs no escaping.
        return SafeString(action_sentence(self.item.status, ChannelKind(self.channel.kind), marked))

    @property
    def instead(self) -> Action | None:
        """Return the channel to use now while this one is closed, if it can be opened with a tap."""
        other = self.item.fallback if self.item.status.state == CLOSED else None
        found = self.item.others.get(other.pk) if other and other.link else None
        return Action(found) if found else None


def action_of(items: Sequence[ChannelStatus]) -> Action | None:
    """Return the main action: the first channel with a link, else the first such fallback or the general number."""
    own = (item for item in items if item.channel.link)
    return next(map(Action, (*own, *_fallbacks(items))), None) or general_action()


def action_at(place: Location, items: Iterable[ChannelStatus]) -> Action | None:
    """Return the main action of a place: a channel of its own, or else an appointment where its desk takes these, or
    else the general number."""
    own = (Action(item) for item in items if item.channel.link)
    appointment = None if place.kind in WITHOUT_DESK else action_with(first_for_appointments())
    return next(own, None) or appointment or general_action()


def action_with(channel: Channel | None) -> Action | None:
    """Return a channel as an action; None if the public does not see it or it cannot be opened."""
    found = public_channel(channel)
    return _judged(found.pk) if found and found.link else None


def general_action() -> Action | None:
    """Return the general number as an action; None while it is not public."""
    channel = get_zone().general_channel
    return _judged(channel.pk) if channel else None


def _fallbacks(items: Iterable[ChannelStatus]) -> Iterable[ChannelStatus]:
    for item in items:
        other = item.fallback
        found = item.others.get(other.pk) if other and other.link else None
        if found:
            yield found


def _judged(key: object) -> Action | None:
    """Return a public channel by key, with its state and that of its fallback."""
    by_key: dict[object, Channel] = {channel.pk: channel for channel in public_channels()}
    if key not in by_key:
        return None
    ways = [by_key[pk] for pk in (key, by_key[key].fallback_id) if pk in by_key]
    return Action(get_channel_statuses(ways, now_in_brussels())[0])
