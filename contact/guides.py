"""Step-by-step guides as pages show them: the main action, and each step with its channel if the public sees it."""

from __future__ import annotations

from dataclasses import dataclass

from contact.actions import Action, action_of, action_with
from contact.availability import get_topic, public_channel
from contact.models import Channel, Guide, GuideStep, Topic
from contact.opening_hours import now_in_brussels
from contact.shared import public_guides


@dataclass(frozen=True)
class ShownStep:
    """One step, with the channel that it leads to."""

    step: GuideStep
    channel: Channel | None


@dataclass(frozen=True)
class ShownGuide:
    """A guide with its main action and its steps."""

    guide: Guide
    action: Action | None
    steps: list[ShownStep]


def guides_of(topic: Topic) -> list[Guide]:
    """Return the public guides of a topic, in the editors' order."""
    return [guide for guide in public_guides().values() if guide.topic_id == topic.pk]


def shown_guide(slug: str) -> ShownGuide | None:
    """Return one public guide as its page shows it, or None."""
    guide = public_guides().get(slug)
    if guide is None:
        return None
    steps = [ShownStep(step, public_channel(step.channel)) for step in guide.steps.all()]
    return ShownGuide(guide, action_with(guide.action) or _of_topic(guide.topic), steps)


def _of_topic(topic: Topic) -> Action | None:
    found = get_topic(topic.slug, now_in_brussels())
    return action_of(found.channels) if found else None
