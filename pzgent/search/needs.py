"""The cards above the search results: emergency help first, then the likeliest way to reach the police."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import get_language

from contact.availability import TopicStatus
from contact.guides import ShownGuide, shown_guide
from pzgent.kernel.translations import DUTCH
from pzgent.search import Hit, SearchResults, asked_by, search_everything, without_audience
from pzgent.search.danger import asks_for_emergency_numbers, tells_of_danger
from pzgent.search.questions import OPTIONAL
from pzgent.search.words import stems_of, words_of

# The page on which a visitor finds their police station.
FINDER = "stations"
# Words with which people call the police without saying what it is about.
CALLS = frozenset({"politie", "polizei", "help", "hulp", "melden"})
# Minimum score of the topic that is shown, as a share of the score of the first topic found.
LIKELY = 0.7


def needs_of(
    question: str, answer: SearchResults, topics: Sequence[TopicStatus], *, knows_place: bool = False
) -> list[TopicStatus | ShownGuide | Hit]:
    """Return the cards above the search results: topics with their current status, a guide, and the station finder.

    At most one topic is shown in addition to the emergency topics, after the guide that fits the question about as
    well. The emergency topics come first if

    - the question tells of danger, whatever it matches;
    - the question names an audience that cannot make an ordinary call;
    - the question asks for the emergency numbers by name.

    A question that says nothing in particular (“politie”) shows the emergency topics and the first other topic. The
    station finder is left out if the visitor already named a place (`knows_place`).
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
        or tells_of_danger(question, get_language() or DUTCH)
        or is_vague
        or asks_for_emergency_numbers(question)
    )
    finder = None if knows_place else _finder(answer)
    needs: list[TopicStatus | ShownGuide | Hit] = [
        found for found in topics if is_danger and found.is_emergency
    ]
    if not (is_vague or audience) and (guide := _guide(answer)):
        needs.append(guide)
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


def _guide(answer: SearchResults) -> ShownGuide | None:
    """Return the guide among the first hits that fits about as well as the best one, if that is a way to get help."""
    if not answer.hits or answer.hits[0].type not in ("topic", "guide"):
        return None
    lowest = LIKELY * answer.hits[0].score
    guides = (hit for hit in answer.first if hit.type == "guide" and hit.score >= lowest)
    return next((found for hit in guides if (found := shown_guide(hit.slug))), None)


def _finder(answer: SearchResults) -> Hit | None:
    """Return the hit for the station finder, if it is among the first hits, or among all hits if the first are all
    locations."""
    first = answer.first
    are_stations = bool(first) and all(hit.type == "location" for hit in first)
    among = answer.hits if are_stations else first
    return next((hit for hit in among if hit.type == "page" and hit.slug == FINDER), None)
