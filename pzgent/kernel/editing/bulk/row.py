"""One row of a spreadsheet on its way in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Row:
    """One row on its way in: its texts by column, the object that it is about, and what was found wrong or changed.

    `key` is the primary key of a new object, known before it is stored so that other rows can refer to it.
    """

    number: int
    cells: dict[str, str]
    item: Any = None
    key: str = ""
    token: str = ""
    label: str = ""
    problems: list[tuple[str, str]] = field(default_factory=list)
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    # The keys of the new rows that must be written before this one, and what makes it unique in the file.
    after: list[str] = field(default_factory=list)
    unique: list[str] = field(default_factory=list)
    # The primary key of the object when the row was checked; empty for a new one.
    stored: str = ""

    @property
    def is_new(self) -> bool:
        """True if the row adds an object."""
        return self.item is None
