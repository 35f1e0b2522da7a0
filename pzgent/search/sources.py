"""What can be found: one document for each thing with a page or a place on one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy as _

from contact.models import CareArea, Channel, Location, Topic
from organisation.models import (
    CorporatePlan,
    KeyFigure,
    Organogram,
    Policy,
    StaffingTable,
    Statement,
    Term,
    Unit,
)
from organisation.models import Document as Paper
from projects.models import Objective, Plan, Project
from pzgent.models import SynonymRing
from pzgent.search.index import IndexedText
from pzgent.search.words import STOP_WORDS

# How likely it is that somebody looks for this sort of thing.
PRIORS = {
    "topic": 1.2,
    "location": 1.3,
    "unit": 1.15,
    "project": 1.0,
    "policy": 0.95,
    "staffingTable": 0.95,
    "plan": 0.9,
    "corporatePlan": 0.8,
    "organogram": 0.9,
    "page": 0.9,
    "term": 0.8,
    "document": 0.85,
    "keyFigure": 0.5,
    "objective": 0.65,
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
        [
            "dichtstbijzijnde commissariaat",
            "dichtste politiebureau",
            "waar is de politie",
            "adres",
            "alle commissariaten",
        ],
    ),
    "privacy": (_("Privacy"), ["privacy", "cookies", "privacyverklaring"]),
    "accessibility": (_("Accessibility"), ["toegankelijkheid", "toegankelijkheidsverklaring"]),
    "open-data": (_("Open data"), ["open data", "API", "gegevens downloaden"]),
    "about": (
        _("About this site"),
        ["over deze site", "deze website", "van wie is deze website", "fout op de site melden"],
    ),
}
# What is as good as their title.
KNOWN_AS = {"stations": ["commissariaat", "politiebureau in de buurt"]}
# What is no longer or not yet in force is looked for less often.
NOT_IN_FORCE = 0.8
YEARS = re.compile(r"[ ,]*\(?\b(?:19|20)\d\d(?:\s*[-–]\s*(?:19|20)\d\d)?\)?$")
KIND_OF_STATION = re.compile(r"^Commissariaat ")
FEWEST_WORDS = 3
LONGEST_NAME = 60
POLICY = re.compile(r"(?:s?-?beleid|s?beleidsplan)$")


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


def synonym_rings() -> list[list[str]]:
    """The words that mean the same, as editors keep them."""
    return [ring.word_list for ring in SynonymRing.objects.all()]


def all_documents(language: str) -> Iterator[IndexedText]:
    """Everything published that can be found, in a fixed order; also by its words in a language beside Dutch."""
    yield from _topics(language)
    yield from _locations(language)
    yield from _pages()
    yield from _units()
    for project in Project.objects.published().order_by("slug"):
        code = f"{project.kind}{project.number}"
        body = " ".join(filter(None, (strip_tags(project.description), project.outcome)))
        texts = (project.summary, f"{body} {project.translation_of('outcome', language)}".strip())
        yield _document("project", project, project.title, [code], *texts)
    yield from _policies()
    for table, share in _editions(StaffingTable):
        names = [table.get_kind_display(), "agenten", "politiemensen", "personeel"]
        yield _document("staffingTable", table, table.title, names, share=share)
    for plan, share in _editions(Plan):
        yield _document("plan", plan, plan.title, [], plan.summary, share=share)
    for corporate, share in _editions(CorporatePlan):
        yield _document("corporatePlan", corporate, corporate.title, [], corporate.summary, share=share)
    for edition, share in _editions(Organogram):
        yield _document("organogram", edition, edition.title, [], edition.summary, share=share)
    yield from _facts()


def _pages() -> Iterator[IndexedText]:
    areas = [text for area in CareArea.objects.published() for text in (area.name, area.postal_code)]
    for name, (title, aliases) in PAGES.items():
        named = [*aliases, *(areas if name == "stations" else [])]
        yield _document("page", Page(name, title), "", named, names=KNOWN_AS.get(name, []))


def _units() -> Iterator[IndexedText]:
    units: Any = Unit.objects.with_open_page().with_parent_name().order_by("slug")
    for unit in units:
        texts = (unit.summary, f"{unit.tasks} {strip_tags(unit.description)}")
        aliases = [_initials(unit.name), *_placed(unit.name, unit.parent_name or "")]
        yield _document("unit", unit, unit.name, aliases, *texts, names=[unit.abbreviation])


def _policies() -> Iterator[IndexedText]:
    policies = Policy.objects.in_force().prefetch_related("domains__actions").order_by("slug")
    for policy in policies:
        domains = policy.domains.all()
        parts = [text for domain in domains for text in _actions(domain)]
        parts.append(strip_tags(policy.description))
        subject = POLICY.sub("", YEARS.sub("", policy.title))
        names = [subject, f"{subject}splan", *(domain.title for domain in domains)]
        yield _document("policy", policy, policy.title, names, policy.summary, " ".join(parts))


def _facts() -> Iterator[IndexedText]:
    """Papers, words, figures, objectives and statements, which have a place on a page that shows many."""
    for paper in Paper.objects.published().order_by("slug"):
        texts = (paper.description, f"{paper.issued_by} {paper.period}")
        yield _document("document", paper, paper.title, [], *texts)
    for term in Term.objects.published().order_by("slug"):
        yield _document("term", term, term.abbreviation, [term.expansion], term.explanation)
    for figure in KeyFigure.objects.published().order_by("slug"):
        yield _document("keyFigure", figure, figure.label, [], figure.note, figure.get_group_display())
    current = CorporatePlan.objects.get_in_force()
    for objective in Objective.objects.published().select_related("plan").order_by("tree_id", "lft"):
        share = 1.0 if objective.plan == current else NOT_IN_FORCE
        yield _document(
            "objective", objective, objective.title, [objective.code], objective.text, share=share
        )
    for statement in Statement.objects.published().select_related("plan").order_by("slug"):
        # A slogan is known by its words.
        is_short = len(statement.text) <= LONGEST_NAME
        names = [statement.get_kind_display(), statement.text if is_short else ""]
        share = 1.0 if statement.plan == current else NOT_IN_FORCE
        title = statement.title or str(statement)
        yield _document("statement", statement, title, names, statement.text, share=share)


def _topics(language: str) -> Iterator[IndexedText]:
    channels = Prefetch("channels", queryset=Channel.objects.published(), to_attr="shown_channels")
    for topic in Topic.objects.published().prefetch_related(channels).order_by("position", "slug"):
        aliases = [
            topic.need,
            *_lines(topic.other_needs),
            *_lines(topic.synonyms),
            *_translated(topic, language),
        ]
        ways = [
            text
            for channel in topic.shown_channels
            for text in (channel.label, channel.value, channel.display, channel.note)
        ]
        yield _document("topic", topic, topic.title, aliases, topic.intro, " ".join(filter(None, ways)))


def _locations(language: str) -> Iterator[IndexedText]:
    areas = Prefetch("care_areas", queryset=CareArea.objects.published(), to_attr="shown_areas")
    for place in Location.objects.published().prefetch_related(areas).order_by("slug"):
        aliases = [text for area in place.shown_areas for text in (area.name, area.postal_code)]
        aliases.append(place.translation_of("name", language))
        body = " ".join(filter(None, (place.street, place.city, place.note)))
        yield _document("location", place, place.name, aliases, place.serves, body)


def _translated(topic: Topic, language: str) -> Iterator[str]:
    """What visitors call it in a language."""
    for name in ("title", "need", "other_needs", "synonyms"):
        yield from _lines(topic.translation_of(name, language))


def _editions(model: Any) -> Iterator[tuple[Any, float]]:
    """Every published edition, with the share that its prior keeps."""
    in_force = set(model.objects.in_force().values_list("pk", flat=True))
    for edition in model.objects.published().order_by("slug"):
        yield edition, 1.0 if edition.pk in in_force else NOT_IN_FORCE


def _document(
    kind: str,
    item: Any,
    title: str,
    aliases: Iterable[str],
    *texts: str,
    share: float = 1.0,
    names: Iterable[str] = (),
) -> IndexedText:
    """A document; its title without the years at the end is one of its names too."""
    summary, body = (*texts, "", "")[:2]
    named = [alias for alias in (*aliases, YEARS.sub("", title)) if alias and alias != title]
    known = [name for name in names if name]
    return IndexedText(kind, item, title, named, summary, body, PRIORS[kind] * share, known)


def _initials(name: str) -> str:
    """The initials by which a name of at least three words may be known (“DOOB”); nothing for a shorter one."""
    words = [word for word in re.findall(r"\w+", name) if word not in STOP_WORDS and len(word) > 1]
    return "".join(word[0].upper() for word in words) if len(words) >= FEWEST_WORDS else ""


def _placed(name: str, parent: str) -> list[str]:
    """The name with what the unit is part of: names alone are not unique."""
    place = KIND_OF_STATION.sub("", parent)
    return [f"{name} {parent}", f"{name} {place}"] if parent else []


def _actions(domain: Any) -> list[str]:
    return [action.title for action in domain.actions.all()]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
