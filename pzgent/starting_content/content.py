"""Read the starting content of `*/data/*.yaml` into flat entries, one for each row to create."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.db import models

from contact.models import (
    CareArea,
    Channel,
    Guide,
    GuideStep,
    Location,
    Schedule,
    SchoolHoliday,
    SchoolYear,
    Topic,
    WeeklySlot,
)
from organisation.models import (
    CorporatePlan,
    Document,
    FunctionalLine,
    Grade,
    KeyFigure,
    Organogram,
    Partner,
    Placement,
    Policy,
    PolicyAction,
    PolicyDomain,
    StaffingLine,
    StaffingTable,
    Statement,
    Term,
    Unit,
)
from projects.models import Objective, Plan, Project, ProjectUnit
from pzgent.kernel.translations import OTHER_LANGUAGES, Translated
from pzgent.models import AccessibilityGap, AccessibilityStatement, SynonymRing, Zone

YamlLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class PlanError(Exception):
    """Raised if the content cannot be loaded; `errors` lists the file, the entry and the reason of each error."""

    def __init__(self, errors: Sequence[str]) -> None:
        super().__init__("\n".join(errors))
        self.errors = list(errors)


@dataclass(frozen=True)
class NestedList:
    """A list nested in an entry, such as the lines of a staffing table."""

    name: str
    model: type[models.Model]
    parent_field: str
    key_fields: tuple[str, ...]
    parts: tuple["NestedList", ...] = ()


@dataclass(frozen=True)
class Content:
    """One file with the entries of one model, identified by one field."""

    path: str
    model: type[models.Model]
    key_field: str = "slug"
    parts: tuple[NestedList, ...] = ()
    # Fields whose value nested entries inherit from their parent.
    inherited: tuple[str, ...] = ()


ACTIONS = NestedList("actions", PolicyAction, "domain", ("position",))
CONTENT = (
    Content("organisation/data/documents.yaml", Document),
    Content("organisation/data/terms.yaml", Term),
    Content("organisation/data/key_figures.yaml", KeyFigure),
    Content("organisation/data/corporate_plans.yaml", CorporatePlan),
    Content("organisation/data/statements.yaml", Statement),
    Content("organisation/data/organograms.yaml", Organogram),
    Content("organisation/data/units.yaml", Unit),
    Content("organisation/data/partners.yaml", Partner),
    Content("organisation/data/grades.yaml", Grade, "code"),
    Content(
        "organisation/data/staffing_tables.yaml",
        StaffingTable,
        parts=(NestedList("lines", StaffingLine, "table", ("grade",)),),
    ),
    Content(
        "organisation/data/policies.yaml",
        Policy,
        parts=(NestedList("domains", PolicyDomain, "policy", ("slug",), (ACTIONS,)),),
    ),
    Content("projects/data/objectives.yaml", Objective, inherited=("plan",)),
    Content("projects/data/plans.yaml", Plan),
    Content(
        "projects/data/projects.yaml",
        Project,
        parts=(NestedList("units", ProjectUnit, "project", ("unit",)),),
    ),
    Content("contact/data/locations.yaml", Location),
    Content("contact/data/care_areas.yaml", CareArea),
    Content(
        "contact/data/schedules.yaml",
        Schedule,
        parts=(NestedList("slots", WeeklySlot, "schedule", ("weekday", "opens")),),
    ),
    Content(
        "contact/data/school_years.yaml",
        SchoolYear,
        parts=(NestedList("holidays", SchoolHoliday, "school_year", ("first_day",)),),
    ),
    Content("contact/data/topics.yaml", Topic),
    Content("contact/data/channels.yaml", Channel),
    Content(
        "contact/data/guides.yaml",
        Guide,
        parts=(NestedList("steps", GuideStep, "guide", ("position",)),),
    ),
    Content("pzgent/data/identity.yaml", Zone),
    Content("pzgent/data/synonyms.yaml", SynonymRing),
    Content(
        "pzgent/data/accessibility.yaml",
        AccessibilityStatement,
        parts=(NestedList("gaps", AccessibilityGap, "statement", ("kind", "position")),),
    ),
)


def every_part(parts: Iterable[NestedList] | None = None) -> Iterator[NestedList]:
    """Yield the given parts (default: those of all content), with the parts nested in them."""
    for part in [part for content in CONTENT for part in content.parts] if parts is None else parts:
        yield part
        yield from every_part(part.parts)


# The foreign key of a part to its parent, by model.
PARENT_FIELDS: dict[type[models.Model], str] = {part.model: part.parent_field for part in every_part()}
PLACEMENT_FIELDS = ("kind", "in", "children", "also_under")


@dataclass
class ContentEntry:
    """An entry of a content file: its key within the model, and its values as given in the file."""

    model: type[models.Model]
    path: str
    key: str
    values: dict[str, Any]
    links: dict[str, list[str]] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """The location of the entry in the files, for error messages."""
        return f"{self.path}: “{self.key}”"

    @property
    def identity(self) -> str:
        """The identity of the entry across all models."""
        return f"{self.model._meta.label_lower}:{self.key}"


def read_content(root: Path | None = None) -> list[ContentEntry]:
    """Return every entry of every content file, in an order in which they can be written. Raise PlanError."""
    root = root or settings.CONTENT_ROOT
    errors: list[str] = []
    entries: list[ContentEntry] = []
    for content in CONTENT:
        try:
            items = _read_yaml(root, content.path)
            if issubclass(content.model, Translated):
                _add_translations(root, content, items)
            if content.model is Unit:
                editions = [entry.key for entry in entries if entry.model is Organogram]
                entries.extend(_structure_entries(content.path, items, editions))
            else:
                entries.extend(_entries_of(content, items))
        except PlanError as error:
            errors.extend(error.errors)
    seen: set[str] = set()
    for entry in entries:
        if entry.identity in seen:
            errors.append(f"{entry.place}: stands there twice")
        seen.add(entry.identity)
    if errors:
        raise PlanError(errors)
    return entries


def _add_translations(root: Path, content: Content, items: list[dict[str, Any]]) -> None:
    """Add the translations to the entries, from a file per language with texts by key and field. Raise PlanError."""
    known = {str(item.get(content.key_field)): item for item in items}
    path = Path(content.path)
    for language in OTHER_LANGUAGES:
        place = f"{path.parent}/{language}/{path.name}"
        for key, texts in _read_texts(root, place).items():
            if key not in known:
                raise PlanError([f"{place}: “{key}”: there is no such entry in {content.path}"])
            known[key].setdefault("translations", {})[language] = texts


def _read_texts(root: Path, path: str) -> dict[str, dict[str, str]]:
    """Return the translations in one file, or none if the file does not exist. Raise PlanError."""
    content = _parsed(root, path) if (root / path).exists() else {}
    if not isinstance(content, dict) or not all(isinstance(texts, dict) for texts in content.values()):
        raise PlanError([f"{path}: must name entries, each with its texts by field"])
    return {
        str(key): {
            name: "\n".join(map(str, text)) if isinstance(text, list) else str(text)
            for name, text in texts.items()
        }
        for key, texts in content.items()
    }


def _read_yaml(root: Path, path: str) -> list[dict[str, Any]]:
    content = _parsed(root, path)
    if not isinstance(content, list) or not all(isinstance(item, dict) for item in content):
        raise PlanError([f"{path}: must be a list of entries, each with named values"])
    return content


def _parsed(root: Path, path: str) -> Any:
    """Return the parsed content of a file. Raise PlanError if it cannot be read."""
    try:
        return yaml.load((root / path).read_text(encoding="utf-8"), Loader=YamlLoader)  # noqa: S506  # a safe loader
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise PlanError([f"{path}: cannot be read: {error}"]) from error


def _entries_of(content: Content, items: list[dict[str, Any]]) -> Iterator[ContentEntry]:
    for item, parent in _walk(items, content.key_field, inherited=content.inherited):
        key = _key_of(content.path, item, (content.key_field,))
        values = {name: value for name, value in item.items() if name != "children"}
        if parent is not None:
            values["parent"] = parent
        yield from _with_parts(content.path, content.model, key, values, content.parts)


def _walk(
    items: list[dict[str, Any]], key_field: str, parent: str | None = None, inherited: tuple[str, ...] = ()
) -> Iterator[tuple[dict[str, Any], str | None]]:
    """Yield nested entries in document order, each with its parent's key and with the inherited values."""
    for item in items:
        yield item, parent
        common = {name: item[name] for name in inherited if name in item}
        below = [{**common, **child} for child in item.get("children") or []]
        yield from _walk(below, key_field, item.get(key_field), inherited)


def _key_of(path: str, item: Mapping[str, Any], names: tuple[str, ...]) -> str:
    missing = [name for name in names if item.get(name) in (None, "")]
    if missing:
        raise PlanError([f"{path}: an entry lacks “{missing[0]}”: {str(dict(item))[:120]}"])
    return "/".join(str(item[name]) for name in names)


def _with_parts(
    path: str, model: type[models.Model], key: str, values: dict[str, Any], parts: tuple[NestedList, ...]
) -> Iterator[ContentEntry]:
    """Yield the entry itself, then the entries nested in it."""
    nested = {part: values.pop(part.name, None) or [] for part in parts}
    many = {f.name for f in model._meta.many_to_many}
    links = {name: values.pop(name) for name in list(values) if name in many}
    yield ContentEntry(model, path, key, values, links)
    for part, items in nested.items():
        for item in items:
            part_key = f"{key}/{_key_of(path, item, part.key_fields)}"
            yield from _with_parts(path, part.model, part_key, {**item, part.parent_field: key}, part.parts)


def _structure_entries(path: str, items: list[dict[str, Any]], editions: list[str]) -> Iterator[ContentEntry]:
    """Yield the units, then their placements per organogram: the file describes the tree once for all organograms.

    Raise PlanError for an unknown organogram.
    """
    nodes = list(_walk(items, "slug"))
    for node, _parent in nodes:
        _key_of(path, node, ("slug", "name", "kind"))
        values = {name: value for name, value in node.items() if name not in PLACEMENT_FIELDS}
        yield ContentEntry(Unit, path, str(node["slug"]), values)
        if unknown := set(node.get("in", [])).difference(editions):
            raise PlanError([f"{path}: “{node['slug']}”: unknown organogram {', '.join(sorted(unknown))}"])
    for edition in editions:
        for node, parent in nodes:
            if edition in node.get("in", editions):
                yield ContentEntry(
                    Placement, path, f"{edition}/{node['slug']}", _placement_values(edition, node, parent)
                )
                for line in node.get("also_under", []):
                    key = f"{edition}/{node['slug']}/{_key_of(path, line, ('above',))}"
                    yield ContentEntry(
                        FunctionalLine, path, key, {**line, "organogram": edition, "unit": node["slug"]}
                    )


def _placement_values(edition: str, node: dict[str, Any], parent: str | None) -> dict[str, Any]:
    return {
        "organogram": edition,
        "unit": node["slug"],
        "parent": f"{edition}/{parent}" if parent else None,
        "name": node["name"],
        "abbreviation": node.get("abbreviation", ""),
        "kind": node["kind"],
    }
