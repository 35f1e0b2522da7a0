"""CSV (RFC 4180) in UTF-8 that is safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

# A spreadsheet treats a cell that starts like this as a formula, full-width characters included. A plain number is
# harmless: phone numbers (+3292666111) and negative numbers stay unchanged, for use by programs.
FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
NUMBER = re.compile(r"[+-]?[0-9][0-9 .,]*", re.ASCII)


def csv_line(cells: Iterable[str]) -> bytes:
    """Return one line, including its line ending."""
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue().encode()


def escape_formula(text: str) -> str:
    """Return the text of a cell, prefixed with an apostrophe if a spreadsheet would evaluate it."""
    return f"'{text}" if FORMULA.match(text) and not NUMBER.fullmatch(text) else text
