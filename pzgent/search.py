"""One search over everything the site holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, QuerySet, When
from django.utils.translation import gettext_lazy as _

from contact.models import Topic
from organisation.models import Document, KeyFigure, Policy, Term, Unit
from projects.models import Project

# In the order in which groups are shown: what people need most first.
LABELS = {
    "topic": _("Contact"),
    "unit": _("Organisation"),
    "project": _("Projects"),
    "policy": _("Policies"),
    "document": _("Documents"),
    "term": _("Glossary"),
    "keyFigure": _("Figures"),
}
SNIPPET = 180


@dataclass(frozen=True)
class Hit:
    """Something found; `path` says where it belongs when names are not unique."""

    type: str
    title: str
    url: str
    snippet: str = ""
    path: str = ""
    slug: str = ""


def search_everything(text: str, limit: int = 60) -> list[Hit]:
    """What holds every word of the text, the best first: one query per sort of thing, at most `limit` hits."""
    text = " ".join(text.split())
    if not text:
        return []
    hits = [hit for found in _searches(text, limit) for hit in found]
    wanted = text.casefold()
    hits.sort(key=lambda hit: (_rank(hit, wanted), list(LABELS).index(hit.type)))
    return hits[:limit]


def group_hits(hits: Iterable[Hit]) -> list[tuple[Any, list[Hit]]]:
    """Hits per sort of thing, as (label, hits), in the fixed order."""
    groups: dict[str, list[Hit]] = {}
    for hit in hits:
        groups.setdefault(hit.type, []).append(hit)
    return [(label, groups[kind]) for kind, label in LABELS.items() if kind in groups]


def _rank(hit: Hit, wanted: str) -> int:
    """0 for the very words as title, 1 for a title that begins with them, 2 for one that holds them, 3 otherwise."""
    title = hit.title.casefold()
    if title == wanted or f"({wanted})" in title:
        return 0
    if title.startswith(wanted):
        return 1
    return 2 if wanted in title else 3


def _searches(text: str, limit: int) -> Iterator[list[Hit]]:
    topics = Topic.objects.published().search_with_channels(text)
    yield [_hit("topic", topic, topic.need or topic.intro) for topic in _best(topics, text, limit, "title")]
    units: Any = Unit.objects.with_page().shown().search(text).with_parent_name()
    found: Any = _best(units, text, limit, "name", "abbreviation")
    yield [_hit("unit", unit, unit.summary, unit.parent_name or "") for unit in found]
    projects = Project.objects.published().search(text)
    yield [_hit("project", project, project.summary) for project in _best(projects, text, limit, "title")]
    policies = Policy.objects.in_force().search(text)
    yield [_hit("policy", policy, policy.summary) for policy in _best(policies, text, limit, "title")]
    documents = Document.objects.published().search(text)
    yield [
        _hit("document", document, document.description)
        for document in _best(documents, text, limit, "title")
    ]
    terms = Term.objects.published().search(text)
    yield [_hit("term", term, term.explanation) for term in _best(terms, text, limit, "abbreviation")]
    figures = KeyFigure.objects.published().search(text)
    yield [_hit("keyFigure", figure, figure.note) for figure in _best(figures, text, limit, "label")]


def _best(rows: QuerySet[Any], text: str, limit: int, *titles: str) -> QuerySet[Any]:
    """The first rows, those whose title is or begins with the text before the others."""
    same = [When(**{f"{title}__iexact": text}, then=0) for title in titles]
    begins = [When(**{f"{title}__istartswith": text}, then=1) for title in titles]
    return rows.order_by(Case(*same, *begins, default=2), titles[0])[:limit]


def _hit(kind: str, item: Any, snippet: str, path: str = "") -> Hit:
    short = snippet if len(snippet) <= SNIPPET else f"{snippet[:SNIPPET].rsplit(' ', 1)[0]} …"
    return Hit(kind, str(item), item.get_absolute_url(), short, path, item.slug)
