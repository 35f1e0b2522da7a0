"""What a visitor probably needs who asks the search: help in danger first, then the likeliest way to reach us."""

from __future__ import annotations

from collections.abc import Sequence

from contact.availability import TopicStatus
from pzgent.search import Hit, SearchResults, asked_by, search_everything, without_audience
from pzgent.search.danger import is_calm, tells_of_danger
from pzgent.search.questions import OPTIONAL
from pzgent.search.words import stems_of, words_of

# The page on which a visitor finds their police station.
FINDER = "stations"
# How people say that it happens at this moment, and that they only ask what is open at this moment.
NOW = frozenset({"nu", "momenteel", "bezig", "meteen", "now", "maintenant", "jetzt", "gerade"})
OPEN = frozenset(
    {"open", "geopend", "openingsuren", "gesloten", "dicht", "ouvert", "geöffnet", "geschlossen"}
)
# How people call for the police without a word of what it is about.
CALLS = frozenset({"politie", "polizei", "help", "hulp", "melden"})
# Beside danger, a topic is shown that is at least this part as likely as the first.
LIKELY = 0.7


def needs_of(
    question: str, answer: SearchResults, topics: Sequence[TopicStatus], *, knows_place: bool = False
) -> list[TopicStatus | Hit]:
    """The cards to show above what was found: topics as they are now, and the page that finds a police station.

    At most one topic beside those about danger. These come first: when the question tells of danger, whatever was
    found for it; when one is among the first hits of a question not asked in peace; when it happens now; for who cannot
    call as others do; and beside a topic that is sensitive, of which nobody knows whether it happens now. A question
    that says nothing in particular (“politie”) gets the first topic beside danger. Who names a place need not be asked
    for it.
    """
    audience = asked_by(answer)
    if audience:
        answer = search_everything(without_audience(question))
    by_slug = {found.topic.slug: found for found in topics}
    hits = [hit for hit in answer.first if hit.type == "topic" and hit.slug in by_slug]
    likely = [by_slug[hit.slug] for hit in hits if hit.score >= LIKELY * hits[0].score]
    is_vague = _only_calls(question)
    topic = next((found for found in (topics if is_vague else likely) if not found.is_emergency), None)
    is_danger = (
        bool(audience)
        or tells_of_danger(question)
        or is_vague
        or _happens_now(question)
        or (any(by_slug[hit.slug].is_emergency for hit in hits) and not is_calm(question))
        or (topic is not None and topic.topic.sensitive)
    )
    finder = None if knows_place else _finder(answer)
    needs: list[TopicStatus | Hit] = [found for found in topics if is_danger and found.is_emergency]
    if is_vague and topic:
        needs.append(topic)
    for hit in answer.hits:
        if hit is finder:
            needs.append(hit)
        elif topic and topic not in needs and hit.type == "topic" and hit.slug == topic.topic.slug:
            needs.append(topic)
    return [need.for_audience(audience) if isinstance(need, TopicStatus) else need for need in needs]


def _only_calls(question: str) -> bool:
    return bool(CALLS.intersection(words_of(question))) and OPTIONAL.issuperset(stems_of(question))


def _happens_now(question: str) -> bool:
    words = set(words_of(question))
    return bool(words & NOW) and not words & OPEN


def _finder(answer: SearchResults) -> Hit | None:
    """The page that finds a station, when it is among the first hits or these are all stations to choose from."""
    first = answer.first
    are_stations = bool(first) and all(hit.type == "location" for hit in first)
    among = answer.hits if are_stations else first
    return next((hit for hit in among if hit.type == "page" and hit.slug == FINDER), None)
