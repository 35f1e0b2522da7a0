"""Read an uploaded XLSX or CSV as texts, within limits checked before anything is unpacked."""

from __future__ import annotations

import csv
import datetime
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from openpyxl import load_workbook

from pzgent.kernel.files.kinds import MEGABYTE, FileKind
from pzgent.kernel.files.office import check_office
from pzgent.kernel.sheets.writing import LONGEST_CELL, unescape_cell

LARGEST, LARGEST_SHEET, LARGEST_RATIO = 10 * MEGABYTE, 80 * MEGABYTE, 200
MOST_ROWS, MOST_COLUMNS, MOST_EMPTY_ROWS = 10_000, 150, 50_000
DELIMITERS = ";,\t"
SAID_DELIMITER = re.compile(r"sep=(?P<sign>[;,\t])\r?\n")
ENCODINGS = ("utf-8-sig", "cp1252")
WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
# Parts that load data from elsewhere, and cells that stand for several.
FORBIDDEN_PARTS = re.compile(r"^xl/(externalLinks|connections|queryTables)", re.I)
DOCTYPE, MERGED = re.compile(rb"<!(DOCTYPE|ENTITY)", re.I), re.compile(rb"<(\w+:)?mergeCell\b")


@dataclass(frozen=True)
class ReadLine:
    """One row: its number in the spreadsheet, its texts by position, and the cells that cannot be used."""

    number: int
    cells: list[str]
    problems: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ReadSheet:
    """The headings of a sheet and its rows, without empty ones."""

    headings: list[str]
    lines: list[ReadLine]


def read_sheet(name: str, content: bytes) -> ReadSheet:
    """Return the first sheet of a file. Raises ValidationError with what to do about it."""
    if len(content) > LARGEST:
        raise ValidationError(
            gettext("This file is larger than %(size)d MB. Divide it over several files.")
            % {"size": LARGEST // MEGABYTE},
            "too_large",
        )
    if content.startswith(b"PK"):
        rows = _rows_of_xlsx(content)
    elif PurePath(name).suffix.casefold() in (".csv", ".txt", ".tsv"):
        rows = _rows_of_csv(content)
    else:
        raise ValidationError(gettext("Choose an XLSX or CSV file. Save another kind as XLSX first."), "kind")
    return _read(rows)


def _read(rows: Iterator[tuple[int, Sequence[Any]]]) -> ReadSheet:
    """Split off the headings and drop empty rows, within the limits."""
    headings: list[str] = []
    lines: list[ReadLine] = []
    for number, values in rows:
        if number > MOST_EMPTY_ROWS:
            raise ValidationError(
                gettext("Remove the empty rows below the last one, and save again."), "rows"
            )
        line = _line(number, values)
        if not any(line.cells) and not line.problems:
            continue
        if not headings:
            headings = [cell.strip() for cell in line.cells]
            while headings and not headings[-1]:
                headings.pop()
            continue
        if len(lines) == MOST_ROWS:
            text = gettext("This file has more than %(count)d rows. Divide it over several files.")
            raise ValidationError(text % {"count": MOST_ROWS}, "rows")
        lines.append(line)
    if not headings:
        raise ValidationError(gettext("This file is empty. Put the headings in the first row."), "empty")
    return ReadSheet(headings, lines)


def _line(number: int, values: Sequence[Any]) -> ReadLine:
    if len(values) > MOST_COLUMNS:
        text = gettext("This file has more than %(count)d columns. Remove the ones beside the table.")
        raise ValidationError(text % {"count": MOST_COLUMNS}, "columns")
    cells, problems = [], {}
    for place, value in enumerate(values):
        text = _text_of(value)
        if isinstance(value, _Unusable):
            problems[place] = value.reason
        elif len(text) > LONGEST_CELL:
            problems[place] = gettext("This text is too long for a cell. Shorten it, or edit it in the form.")
            text = text[:100]
        cells.append(text)
    return ReadLine(number, cells, problems)


@dataclass(frozen=True)
class _Unusable:
    """A cell that holds no plain value, and why."""

    text: str
    reason: str


def _text_of(value: Any) -> str:
    """Return the text of a cell as an editor would type it: no `.0` behind whole numbers, days as year-month-day."""
    if value is None:
        return ""
    if isinstance(value, _Unusable):
        return value.text
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime.datetime):
        is_day = value.time() == datetime.time()
        return value.date().isoformat() if is_day else value.isoformat(" ", "auto")
    if isinstance(value, datetime.time):
        return value.isoformat("auto" if value.second or value.microsecond else "minutes")
    return str(value).replace("\r\n", "\n").replace("\r", "\n")


def _rows_of_csv(content: bytes) -> Iterator[tuple[int, Sequence[Any]]]:
    text = _decoded(content)
    said = SAID_DELIMITER.match(text)
    if said:
        text = text[said.end() :]
    first = re.sub(r'"[^"]*"', "", text.split("\n", 1)[0])
    delimiter = said["sign"] if said else max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, cells in enumerate(reader, 2 if said else 1):
            yield number, [unescape_cell(cell) for cell in cells]
    except csv.Error:
        text = gettext("The quotation marks near line %(line)d do not match. Save the file as XLSX instead.")
        raise ValidationError(text % {"line": reader.line_num}, "quotes") from None


def _decoded(content: bytes) -> str:
    """Return the text, in UTF-8 or else as Windows writes it. Raises ValidationError if it is neither."""
    encodings = ("utf-16",) if content.startswith(WIDE_MARKS) else ENCODINGS
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise ValidationError(
        gettext("The letters of this file cannot be read. Save it as “CSV UTF-8” or as XLSX."), "encoding"
    )


def _rows_of_xlsx(content: bytes) -> Iterator[tuple[int, Sequence[Any]]]:
    _check_xlsx(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        sheet: Any = next(sheet for sheet in book.worksheets if sheet.sheet_state == "visible")
        sheet.reset_dimensions()
        for number, cells in enumerate(sheet.iter_rows(), 1):
            yield number, _without_tail([_value_of(cell) for cell in cells])
            if number > MOST_EMPTY_ROWS:
                return
    except Exception as error:  # damaged workbooks fail in countless ways
        if isinstance(error, ValidationError):
            raise
        text = gettext("This file is damaged, or no spreadsheet. Open it in Excel and save it anew as XLSX.")
        raise ValidationError(text, "damaged") from error


def _without_tail(values: list[Any]) -> list[Any]:
    while values and values[-1] is None:
        values.pop()
    return values


def _value_of(cell: Any) -> Any:
    if cell.data_type == "f":
        text = gettext("This cell holds a formula. Copy it and paste it as a value.")
        return _Unusable(str(cell.value)[:100], text)
    if cell.data_type == "e":
        text = gettext("This cell holds an error of the spreadsheet. Type the value.")
        return _Unusable(str(cell.value)[:100], text)
    return cell.value


def _check_xlsx(content: bytes) -> None:
    """Refuse macros, links to elsewhere, entities, bombs and merged cells."""
    with _opened(content) as archive:
        parts = archive.infolist()
        size = sum(part.file_size for part in parts)
        if size > LARGEST_SHEET or any(
            part.file_size > MEGABYTE and part.file_size > LARGEST_RATIO * max(part.compress_size, 1)
            for part in parts
        ):
            text = gettext("This file becomes too large when it is opened. Divide it over several files.")
            raise ValidationError(text, "too_large_unpacked")
    if check_office(content) != FileKind.XLSX:
        raise ValidationError(gettext("Choose an XLSX or CSV file. Save another kind as XLSX first."), "kind")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if any(FORBIDDEN_PARTS.match(part.filename) for part in parts):
            text = gettext("This file takes data from other files. Copy the sheet, and paste it as values.")
            raise ValidationError(text, "links")
        for part in parts:
            if not part.filename.endswith((".xml", ".rels")):
                continue
            xml = archive.read(part)
            if DOCTYPE.search(xml) or b"\0" in xml[:200]:
                text = gettext(
                    "This file is damaged, or no spreadsheet. Open it in Excel and save it anew as XLSX."
                )
                raise ValidationError(text, "damaged")
            if part.filename.startswith("xl/worksheets/") and MERGED.search(xml):
                text = gettext("This sheet has merged cells. Split them, so that each cell stands alone.")
                raise ValidationError(text, "merged")


def _opened(content: bytes) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        text = gettext("This file is damaged, or no spreadsheet. Open it in Excel and save it anew as XLSX.")
        raise ValidationError(text, "damaged") from error
