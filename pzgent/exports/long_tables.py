"""Tables with one row for each part of an object, where a cell of the object's own table could only hold JSON.

Each row repeats what identifies the object, so that the table can be joined with that of its collection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Representation = Mapping[str, Any]
DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MIDNIGHT = "00:00"


@dataclass(frozen=True)
class LongTable:
    """A table made from the items of a collection.

    `replaces` names the columns that the table of the collection leaves to this one.
    """

    collection: str
    rows: Callable[[Representation], Iterable[Representation]]
    columns: tuple[str, ...]
    replaces: tuple[str, ...] = ()


def _parts(field: str, owner: str, part: str = "") -> Callable[[Representation], Iterator[Representation]]:
    """A function that gives one row for each object in a field: its own fields, its owner, and itself as `part`."""

    def rows(item: Representation) -> Iterator[Representation]:
        for each in item.get(field, ()):
            yield {**each, owner: item, **({part: each} if part else {})}

    return rows


def _slots(channel: Representation) -> Iterator[Representation]:
    """The weekly hours of a channel; day and night is each day from midnight to midnight."""
    hours = channel.get("hours", {})
    always = [{"day": day, "opens": MIDNIGHT, "closes": MIDNIGHT} for day in DAYS]
    for slot in always if hours.get("roundTheClock") else hours.get("slots", ()):
        yield {**slot, "hours": hours, "channel": channel}


def _of_hours(field: str) -> Callable[[Representation], Iterator[Representation]]:
    """A function that gives one row for each object in a list of a channel's hours."""

    def rows(channel: Representation) -> Iterator[Representation]:
        for each in channel.get("hours", {}).get(field, ()):
            yield {**each, "channel": channel}

    return rows


def _actions(policy: Representation) -> Iterator[Representation]:
    """The actions in each domain of a policy; one row for a domain without actions."""
    for domain in policy.get("domains", ()):
        for action in domain.get("actions", [{}]):
            yield {"policy": policy, "domain": domain, "action": action}


def _columns(owner: str, *fields: str) -> tuple[str, ...]:
    return tuple(f"{owner}.{field}" for field in fields)


CHANNEL = _columns("channel", "id", "slug", "label", "topic.slug", "kind", "unit.slug", "location.slug")
EDITION = ("slug", "title", "validFrom", "validUntil")
LONG_TABLES = {
    "openingExceptions": LongTable(
        "channels",
        _of_hours("exceptions"),
        (*CHANNEL, "firstDay", "lastDay", "days", "notOn", "opens", "closes", "reason"),
        ("hours.exceptions",),
    ),
    "openingKnownDays": LongTable(
        "channels",
        _of_hours("known"),
        (*CHANNEL, "firstDay", "lastDay"),
        ("hours.known",),
    ),
    "openingSchoolHolidays": LongTable(
        "channels",
        _of_hours("schoolHolidays"),
        (*CHANNEL, "firstDay", "lastDay", "name"),
        ("hours.schoolHolidays",),
    ),
    "openingSlots": LongTable(
        "channels",
        _slots,
        (*CHANNEL, "day", "opens", "closes", "hours.closedOnPublicHolidays", "hours.schoolDaysOnly"),
        ("hours.slots",),
    ),
    "policyActions": LongTable(
        "policies",
        _actions,
        (
            *_columns("policy", "id", "series", *EDITION),
            *_columns("domain", "slug", "code", "title"),
            *_columns("action", "position", "title"),
        ),
    ),
    "projectUnits": LongTable(
        "projects",
        _parts("units", "project", "unit"),
        (
            *_columns("project", "id", "slug", "code", "title", "plan.slug"),
            *_columns("unit", "slug", "name", "href"),
            "role",
            "note",
        ),
    ),
    "staffingLines": LongTable(
        "staffingTables",
        _parts("lines", "staffingTable"),
        (
            *_columns("staffingTable", "id", "kind", *EDITION),
            *_columns("grade", "code", "name", "category"),
            *_columns("unit", "slug", "name"),
            "count",
            "countMissing",
            "measure",
        ),
        ("lines",),
    ),
    "unitLines": LongTable(
        "units",
        _parts("alsoUnder", "unit", "above"),
        (
            *_columns("unit", "id", "slug", "name"),
            *_columns("above", "slug", "name"),
            "kind",
            "kindLabel",
            "note",
        ),
    ),
}


def columns_left_to_others(collection: str) -> set[str]:
    """The columns of a collection that a long table holds instead."""
    return {
        column
        for table in LONG_TABLES.values()
        if table.collection == collection
        for column in table.replaces
    }
