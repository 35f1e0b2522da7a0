"""CSV (RFC 4180) in UTF-8 that is harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

# A spreadsheet takes a cell that starts like this for a formula, also in full-width signs. A plain number is harmless:
# phone numbers (+3292666111) and negative numbers stay as they are, to be used by programs.
FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
NUMBER = re.compile(r"[+-]?[0-9][0-9 .,]*", re.ASCII)


def csv_line(cells: Iterable[str]) -> bytes:
    """One line, its end included."""
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue().encode()


def escape_formula(text: str) -> str:
    """The text of a cell; behind an apostrophe when a spreadsheet would calculate with it."""
    return f"'{text}" if FORMULA.match(text) and not NUMBER.fullmatch(text) else text
