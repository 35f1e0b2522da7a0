"""Spreadsheets: reading uploaded ones safely, writing XLSX and CSV, and escaping formulas."""

from pzgent.kernel.sheets.reading import ReadLine, ReadSheet, read_sheet
from pzgent.kernel.sheets.writing import Cell, Note, csv_chunks, escape_cell, unescape_cell, write_xlsx

__all__ = [
    "Cell",
    "Note",
    "ReadLine",
    "ReadSheet",
    "csv_chunks",
    "escape_cell",
    "read_sheet",
    "unescape_cell",
    "write_xlsx",
]
