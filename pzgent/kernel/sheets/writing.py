"""Write rows as XLSX or CSV for editors, in constant memory, with formulas escaped."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from pzgent.kernel.csv_lines import FORMULA, escape_formula

Cell = str | int | Decimal | datetime.date | datetime.time | datetime.datetime | None
BOM = "\N{BYTE ORDER MARK}"
LINES_PER_CHUNK = 200
LONGEST_CELL = 32_767  # characters, a limit of the format
WIDEST, NARROWEST = 60, 12
TEXT, DAY, MOMENT, CLOCK = "@", "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "hh:mm"
LIST_ROWS = 10_000


@dataclass(frozen=True)
class Note:
    """A heading with a note for whoever fills in the column, and the choices of a drop-down list."""

    heading: str
    text: str = ""
    choices: Sequence[str] = ()
    is_text: bool = True


def escape_cell(text: str) -> str:
    """Return the text, escaped so that no spreadsheet evaluates it and `unescape_cell` returns the same text."""
    if text.startswith("'"):
        return f"'{text}" if FORMULA.match(text.lstrip("'")) else text
    return escape_formula(text)


def unescape_cell(text: str) -> str:
    """Return the text that `escape_cell` escaped; drops the apostrophe with which people mark a number as text."""
    return text[1:] if text.startswith("'") and FORMULA.match(text.lstrip("'")) else text


def csv_chunks(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """Yield a CSV file in UTF-8 with semicolons and decimal commas, as spreadsheets in Dutch expect."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";")
    buffer.write(BOM)
    writer.writerow([escape_cell(heading) for heading in headings])
    for number, row in enumerate(rows, 1):
        writer.writerow([_csv_text(value) for value in row])
        if number % LINES_PER_CHUNK == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def _csv_text(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}".replace(".", ",")
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ")
    return escape_cell(str(value))


def write_xlsx(
    target: IO[bytes], title: str, notes: Sequence[Note], rows: Iterable[Sequence[Cell]] = ()
) -> None:
    """Write a workbook with one sheet: bold headings with their notes, drop-down lists, and the rows."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_sheet_title(title))
    sheet.freeze_panes = "A2"
    for number, note in enumerate(notes, 1):
        width = min(max(len(note.heading) + 4, NARROWEST), WIDEST)
        sheet.column_dimensions[get_column_letter(number)].width = width
        if note.is_text:
            # Excel keeps leading zeros and plus signs in columns of text.
            sheet.column_dimensions[get_column_letter(number)].number_format = TEXT
    _add_lists(book, sheet, notes)
    sheet.append([_heading(sheet, note) for note in notes])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    book.save(target)


def _sheet_title(title: str) -> str:
    return "".join(character for character in title if character not in "[]:*?/\\'")[:31] or "1"


def _heading(sheet: Any, note: Note) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=note.heading)
    cell.data_type = "s"
    cell.font = Font(bold=True)
    if note.text:
        cell.comment = Comment(note.text, "-", height=140, width=320)
    return cell


def _cell(sheet: Any, value: Cell) -> WriteOnlyCell | None:
    """Return a cell of the sheet; text is never a formula, not even after somebody edits it."""
    if value is None or value == "":
        return None
    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        cell.data_type, cell.number_format = "s", TEXT
        if FORMULA.match(value):
            cell.quotePrefix = True
    elif isinstance(value, datetime.datetime):
        cell.number_format = MOMENT
    elif isinstance(value, datetime.date):
        cell.number_format = DAY
    elif isinstance(value, datetime.time):
        cell.number_format = CLOCK
    return cell


def _add_lists(book: Any, sheet: Any, notes: Sequence[Note]) -> None:
    """Add a drop-down list to each column with choices; the choices stand on a hidden sheet."""
    columns = [(number, note.choices) for number, note in enumerate(notes, 1) if note.choices]
    if not columns:
        return
    listed = book.create_sheet("lijsten")
    listed.sheet_state = "hidden"
    for place, (number, choices) in enumerate(columns, 1):
        letter, column = get_column_letter(place), get_column_letter(number)
        rule = DataValidation(type="list", formula1=f"lijsten!${letter}$1:${letter}${len(choices)}")
        rule.allow_blank, rule.showErrorMessage = True, True
        rule.add(f"{column}2:{column}{LIST_ROWS}")
        sheet.data_validations.append(rule)
    for row in range(max(len(choices) for _number, choices in columns)):
        listed.append([_cell(listed, (*choices, *[""] * (row + 1))[row]) for _number, choices in columns])
