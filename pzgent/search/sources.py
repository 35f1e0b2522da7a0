"""What can be found: one document for each thing with a page or a place on one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Prefetch, QuerySet, Sum, Value
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy as _

from contact.models import CareArea, Channel, Location, Topic
from organisation.models import Document as Paper
from organisation.models import KeyFigure, Organogram, Policy, StaffingTable, Statement, Term, Unit
from projects.models import Objective, Plan, Project
from pzgent.models import SynonymRing
from pzgent.search.index import Document

# How likely it is that somebody looks for this sort of thing.
PRIORS = {
    "topic": 1.5,
    "location": 1.3,
    "unit": 1.15,
    "project": 1.0,
    "policy": 0.95,
    "staffingTable": 0.95,
    "plan": 0.9,
    "organogram": 0.9,
    "page": 0.9,
    "term": 0.9,
    "document": 0.85,
    "keyFigure": 0.6,
    "objective": 0.75,
    "statement": 0.7,
}
# Fixed pages by name, with words that people use for them.
PAGES = {
    "organogram": (_("Organogram"), ["organogram", "structuur van de politie", "wie staat waar"]),
    "staffing": (_("Formation"), ["formatie", "personeel", "personeelsformatie"]),
    "strategy": (_("Strategy"), ["strategie", "doelstellingen", "doelen", "missie en visie"]),
    "key-figures": (_("Key figures"), ["kerncijfers", "cijfers", "statistieken"]),
    "terms": (_("Glossary"), ["begrippen", "woordenlijst", "afkortingen", "jargon"]),
    "stations": (
        _("Find your police station"),
        ["dichtstbijzijnde commissariaat", "waar is de politie", "adres"],
    ),
    "privacy": (_("Privacy"), ["privacy", "cookies", "privacyverklaring"]),
    "accessibility": (_("Accessibility"), ["toegankelijkheid", "toegankelijkheidsverklaring"]),
    "open-data": (_("Open data"), ["open data", "API", "gegevens downloaden"]),
    "about": (_("About this site"), ["over deze site", "fout melden"]),
}
WATCHED: tuple[Any, ...] = (
    Topic, Channel, Location, CareArea, Unit, Project, Policy, StaffingTable, Plan, Organogram, Paper, Term, KeyFigure,
    Objective, Statement,
)  # fmt: skip


@dataclass(frozen=True)
class Page:
    """A page that is always there."""

    slug: str
    title: Any
    pk: None = None

    def __str__(self) -> str:
        return str(self.title)

    def get_absolute_url(self) -> str:
        """Its path in the active language."""
        return reverse(self.slug)


def revision() -> tuple[Any, ...]:
    """Changes whenever something that can be found does, by an edit or by its date; one query."""
    first, *others = [_state_of(model) for model in WATCHED]
    rings = (
        SynonymRing.objects.order_by()
        .values(what=Value("synonyms"))
        .annotate(rows=Count("pk"), versions=Sum("pk"), latest=Max("modified"))
    )
    rows = first.union(*others, rings, all=True)
    return tuple(sorted((row["what"], row["rows"], row["versions"], str(row["latest"])) for row in rows))


def _state_of(model: Any) -> QuerySet[Any, dict[str, Any]]:
    rows = model.objects.published().order_by().values(what=Value(model._meta.model_name))
    return rows.annotate(rows=Count("pk"), versions=Sum("version"), latest=Max("modified"))


def synonym_rings() -> list[list[str]]:
    """The words that mean the same, as editors keep them."""
    return [ring.word_list for ring in SynonymRing.objects.all()]


def all_documents() -> Iterator[Document]:
    """Everything published that can be found, in a fixed order."""
    yield from _topics()
    yield from _locations()
    for name, (title, aliases) in PAGES.items():
        yield _document("page", Page(name, title), "", aliases)
    for unit in Unit.objects.with_page().shown().order_by("slug"):
        texts = (unit.summary, f"{unit.tasks} {strip_tags(unit.description)}")
        yield _document("unit", unit, unit.name, [unit.abbreviation], *texts)
    for project in Project.objects.published().order_by("slug"):
        code = f"{project.kind}{project.number}"
        texts = (project.summary, strip_tags(project.description))
        yield _document("project", project, project.title, [project.code, code], *texts)
    policies = Policy.objects.in_force().prefetch_related("domains__actions").order_by("slug")
    for policy in policies:
        parts = [text for domain in policy.domains.all() for text in (domain.title, *_actions(domain))]
        parts.append(strip_tags(policy.description))
        yield _document("policy", policy, policy.title, [], policy.summary, " ".join(parts))
    for table in StaffingTable.objects.published().order_by("slug"):
        names = [table.get_kind_display(), "agenten", "politiemensen", "personeel"]
        yield _document("staffingTable", table, table.title, names)
    for plan in Plan.objects.published().order_by("slug"):
        yield _document("plan", plan, plan.title, [], plan.summary)
    for edition in Organogram.objects.published().order_by("slug"):
        yield _document("organogram", edition, edition.title, [], edition.summary)
    for paper in Paper.objects.published().order_by("slug"):
        texts = (paper.description, f"{paper.issued_by} {paper.period}")
        yield _document("document", paper, paper.title, [], *texts)
    for term in Term.objects.published().order_by("slug"):
        yield _document("term", term, term.abbreviation, [term.expansion], term.explanation)
    for figure in KeyFigure.objects.published().order_by("slug"):
        yield _document("keyFigure", figure, figure.label, [], figure.note, figure.get_group_display())
    for objective in Objective.objects.published().order_by("tree_id", "lft"):
        yield _document("objective", objective, objective.title, [objective.code], objective.text)
    for statement in Statement.objects.published().order_by("slug"):
        names = [statement.get_kind_display()]
        yield _document("statement", statement, statement.title or str(statement), names, statement.text)


def _topics() -> Iterator[Document]:
    channels = Prefetch("channels", queryset=Channel.objects.published(), to_attr="shown_channels")
    for topic in Topic.objects.published().prefetch_related(channels).order_by("position", "slug"):
        aliases = [topic.need, *_lines(topic.other_needs), *_lines(topic.synonyms)]
        ways = [
            text
            for channel in topic.shown_channels
            for text in (channel.label, channel.value, channel.display, channel.note)
        ]
        yield _document("topic", topic, topic.title, aliases, topic.intro, " ".join(filter(None, ways)))


def _locations() -> Iterator[Document]:
    areas = Prefetch("care_areas", queryset=CareArea.objects.published(), to_attr="shown_areas")
    for place in Location.objects.published().prefetch_related(areas).order_by("slug"):
        aliases = [text for area in place.shown_areas for text in (area.name, area.postal_code)]
        body = " ".join(filter(None, (place.street, place.city, place.note)))
        yield _document("location", place, place.name, aliases, place.serves, body)


def _document(kind: str, item: Any, title: str, aliases: Iterable[str], *texts: str) -> Document:
    summary, body = (*texts, "", "")[:2]
    named = [alias for alias in aliases if alias]
    return Document(kind, item, title, named, summary, body, PRIORS[kind])


def _actions(domain: Any) -> list[str]:
    return [action.title for action in domain.actions.all()]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
