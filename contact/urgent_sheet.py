"""The urgent sheet: the emergency numbers and what to say there, in many languages.

The sentences are those of `data/urgent_sheet.yaml`; the numbers come from the channels.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from contact.models import Channel
from contact.models.kinds import ChannelKind, Urgency
from contact.shared import public_channels
from pzgent.kernel.translations import DUTCH, OTHER_LANGUAGES
from pzgent.kernel.zone import get_zone

TEXTS = Path(__file__).with_name("data") / "urgent_sheet.yaml"


@dataclass(frozen=True)
class SheetPart:
    """The sentences of one language; the data file explains them."""

    code: str
    name: str
    police: str
    ambulance: str
    app: str
    general: str
    say: str
    where: str
    what: str
    hurt: str
    stay: str
    search: tuple[str, ...]
    direction: str = "ltr"


class Way(NamedTuple):
    """A number or app: its link, what is shown of it, and the name of its sentence."""

    link: str
    shown: str
    sentence: str


@dataclass(frozen=True)
class ShownPart:
    """One language as the page shows it: each way to get help with its sentence."""

    part: SheetPart
    lines: list[tuple[Way, str]]


def _read() -> tuple[SheetPart, ...]:
    known: dict[str, dict[str, Any]] = yaml.safe_load(TEXTS.read_text(encoding="utf-8"))
    return tuple(
        SheetPart(code=code, **{**texts, "search": tuple(texts["search"])}) for code, texts in known.items()
    )


PARTS = _read()
OF_SITE = {DUTCH, *OTHER_LANGUAGES}
# The words by which people search the sheet, in the languages of the site and in the others.
SEARCH_WORDS = tuple(word for part in PARTS if part.code in OF_SITE for word in part.search)
FOREIGN_WORDS = tuple(
    dict.fromkeys(word for part in PARTS if part.code not in OF_SITE for word in part.search)
)


def shown_parts() -> list[ShownPart]:
    """Return every language of the sheet, with the ways to get help that are public."""
    ways = list(_ways())
    return [ShownPart(part, [(way, getattr(part, way.sentence)) for way in ways]) for part in PARTS]


def _ways() -> Iterator[Way]:
    """Yield the ways to get help, most urgent first."""
    zone = get_zone()
    yield Way(f"tel:{zone.urgent_number}", zone.urgent_number, "police")
    yield Way(f"tel:{zone.ambulance_number}", zone.ambulance_number, "ambulance")
    if app := _emergency_app():
        yield Way(app.link, app.label, "app")
    if general := zone.general_channel:
        yield Way(general.link, general.display, "general")


def _emergency_app() -> Channel | None:
    """Return the app for emergencies, or None while none is public."""
    return next(
        (
            channel
            for channel in public_channels()
            if channel.kind == ChannelKind.APP and channel.urgency == Urgency.EMERGENCY and channel.link
        ),
        None,
    )
