"""Spreadsheets that arrive and leave: hostile, odd and ordinary ones."""

import datetime
import io
import zipfile
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from pzgent.kernel.sheets import Note, csv_chunks, escape_cell, read_sheet, reading, unescape_cell, write_xlsx
from tests.sheets import csv_of, xlsx_of

ROWS = [["Naam", "Nummer"], ["Café", "0478"]]
SHEET = "xl/worksheets/sheet1.xml"


def texts(read):
    return [read.headings, *[line.cells for line in read.lines]]


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_csv_is_read_whatever_its_signs_and_letters(delimiter, encoding):
    assert texts(read_sheet("a.csv", csv_of(ROWS, delimiter, encoding))) == ROWS


def test_the_line_that_names_the_separator_is_no_row():
    read = read_sheet("a.csv", b"sep=;\r\n" + csv_of([["a,b", "c"], ["1", "2"]]))
    assert (read.headings, read.lines[0].number) == (["a,b", "c"], 3)


def test_a_workbook_gives_texts_as_an_editor_would_type_them():
    values = [
        1.0,
        0.5,
        True,
        datetime.datetime(2027, 1, 2),
        datetime.datetime(2027, 1, 2, 9, 30),
        datetime.time(9, 30),
    ]
    read = read_sheet("a.xlsx", xlsx_of([list("abcdef"), values]))
    assert read.lines[0].cells == ["1", "0.5", "ja", "2027-01-02", "2027-01-02 09:30:00", "09:30"]


def test_a_phone_number_written_as_text_keeps_its_plus_and_zeros():
    assert read_sheet("a.xlsx", xlsx_of([["t"], ["+3292666111"], ["09 266"]])).lines[1].cells == ["09 266"]


def test_empty_rows_and_columns_are_left_out():
    read = read_sheet("a.xlsx", xlsx_of([["a", None, None], [None], ["1"], [None, None], ["2"]]))
    assert [(line.number, line.cells) for line in read.lines] == [(3, ["1"]), (5, ["2"])]


def test_formulas_and_errors_are_problems_of_their_cells():
    read = read_sheet("a.xlsx", xlsx_of([["a", "b"], ["=1+1", "#N/A"]]))
    assert sorted(read.lines[0].problems) == [0, 1]


def refusal(name, content):
    with pytest.raises(ValidationError) as caught:
        read_sheet(name, content)
    return caught.value.code


def _bomb():
    target = io.BytesIO(xlsx_of(ROWS))
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet2.xml", b" " * (reading.LARGEST_SHEET + 1))
    return target.getvalue()


def _with(text, into=SHEET, before=b"</worksheet>"):
    return xlsx_of(ROWS, **{into: lambda old: old.replace(before, text + before)})


HOSTILE = {
    "a bomb": ("a.xlsx", _bomb, "too_large_unpacked"),
    "a packed part": (
        "a.xlsx",
        lambda: xlsx_of(ROWS, **{"xl/a.xml": b" " * 30_000_000}),
        "too_large_unpacked",
    ),
    "a large file": ("a.csv", lambda: b"a" * (reading.LARGEST + 1), "too_large"),
    "no archive": ("a.xlsx", lambda: b"PK\x03\x04rest", "damaged"),
    "another kind": ("a.xls", lambda: b"\xd0\xcf\x11\xe0", "kind"),
    "another archive": ("a.xlsx", lambda: xlsx_of(ROWS, **{"[Content_Types].xml": b"<Types/>"}), "unknown"),
    "macros": ("a.xlsx", lambda: xlsx_of(ROWS, **{"xl/vbaProject.bin": b"x"}), "active"),
    "links": ("a.xlsx", lambda: xlsx_of(ROWS, **{"xl/externalLinks/externalLink1.xml": b"<a/>"}), "links"),
    "connections": ("a.xlsx", lambda: xlsx_of(ROWS, **{"xl/connections.xml": b"<a/>"}), "links"),
    "entities": (
        "a.xlsx",
        lambda: xlsx_of(ROWS, **{SHEET: lambda old: b'<!DOCTYPE a [<!ENTITY b "c">]>' + old}),
        "damaged",
    ),
    "broken xml": ("a.xlsx", lambda: xlsx_of(ROWS, **{SHEET: lambda old: old[:-40]}), "damaged"),
    "merged cells": (
        "a.xlsx",
        lambda: _with(b'<mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells>'),
        "merged",
    ),
    "a far row": (
        "a.xlsx",
        lambda: _with(b'<row r="1048576"><c r="A1048576"><v>1</v></c></row>', before=b"</sheetData>"),
        "rows",
    ),
    "a far column": (
        "a.xlsx",
        lambda: _with(b'<row r="9"><c r="XFD9"><v>1</v></c></row>', before=b"</sheetData>"),
        "columns",
    ),
    "zeros": ("a.csv", lambda: b"a\0b;c\n1;2\n", "encoding"),
    "no letters": ("a.csv", lambda: b"\x81\x8d\x8f\n", "encoding"),
    "open quotes": ("a.csv", lambda: b'a;b\n"1;2\n', "quotes"),
    "stray quotes": ("a.csv", lambda: b'a;b\n"1"x;2\n', "quotes"),
    "nothing": ("a.csv", lambda: b"\n\n", "empty"),
    "many rows": ("a.csv", lambda: b"a\n" + b"1\n" * (reading.MOST_ROWS + 1), "rows"),
    "many columns": ("a.csv", lambda: b";" * reading.MOST_COLUMNS + b"\n", "columns"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_file_is_refused_with_what_to_do(case):
    name, make, code = HOSTILE[case]
    assert refusal(name, make()) == code


def test_a_sheet_that_lies_about_its_size_is_read_whole():
    content = xlsx_of(ROWS, **{SHEET: lambda old: old.replace(b'ref="A1:B2"', b'ref="A1"')})
    assert texts(read_sheet("a.xlsx", content)) == ROWS


def test_a_text_that_is_too_long_is_a_problem_of_its_cell():
    read = read_sheet("a.csv", f"a;b\n{'x' * 40_000};2\n".encode())
    assert sorted(read.lines[0].problems) == [0]


@pytest.mark.parametrize("text", ["=1+1", "@a", "-x", "+x", "'=1", "''@", "'t is", "\t=1", "+32 9 266", "-5"])
def test_an_escaped_text_is_no_formula_and_comes_back(text):
    escaped = escape_cell(text)
    assert unescape_cell(escaped) == text
    assert escaped[0] not in "=@\t"
    assert not escaped.startswith(("-x", "+x"))


@given(st.text(max_size=20))
def test_every_text_survives_escaping(text):
    assert unescape_cell(escape_cell(text)) == text


LINE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=15)
CELL = LINE | st.lists(LINE, max_size=3).map("\n".join)


@given(st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=5))
def test_texts_survive_both_kinds_of_file(rows):
    kept = [row for row in rows if any(cell for cell in row)]
    book = io.BytesIO()
    write_xlsx(book, "t", [Note("a"), Note("b"), Note("c")], rows)
    for name, content in (("a.xlsx", book.getvalue()), ("a.csv", b"".join(csv_chunks("abc", rows)))):
        read = [[*line.cells, "", "", ""][:3] for line in read_sheet(name, content).lines]
        assert read == kept


def test_numbers_and_days_are_numbers_and_days_in_a_workbook():
    book = io.BytesIO()
    write_xlsx(book, "t", [Note("a"), Note("b")], [[Decimal("1.5"), datetime.date(2027, 1, 2)]])
    assert read_sheet("a.xlsx", book.getvalue()).lines[0].cells == ["1.5", "2027-01-02"]


def test_no_cell_of_a_written_workbook_is_a_formula():
    book = io.BytesIO()
    write_xlsx(book, "t", [Note("=a")], [["=1+1"], ["@x"]])
    with zipfile.ZipFile(book) as archive:
        assert b"<f>" not in archive.read(SHEET)


def test_a_template_offers_choices_as_lists():
    book = io.BytesIO()
    write_xlsx(book, "t", [Note("a"), Note("b", "Kies.", ["één", "twee"])])
    with zipfile.ZipFile(book) as archive:
        assert b"lijsten!$A$1:$A$2" in archive.read(SHEET)
        assert any("comments" in name for name in archive.namelist())
