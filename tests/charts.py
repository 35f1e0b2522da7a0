"""Parse the charts and tables of a page back into numbers."""

import re
from decimal import Decimal
from xml.etree import ElementTree

from django.utils.translation import gettext

from organisation.bars import SPAN


def parts_of(html, start):
    """Return the first chart and the first table after a fragment of the page, as element trees."""
    part = html[html.index(start) :]
    found = (r'(?s)<svg class="bars".*?</svg>', r"(?s)<table>.*?</table>")
    return [ElementTree.fromstring(re.search(pattern, part).group()) for pattern in found]


def number_of(text):
    """Parse a number as formatted on the page; None if it is not published."""
    words = " ".join(text.split())
    if words == gettext("not in our source"):
        return None
    return Decimal(words.split()[0].replace(".", "").replace(",", "."))


def bars_of(svg):
    """Return, by name, the printed numbers and the lengths of the bars."""
    rows, texts, bars = [], list(svg), {}
    for element in texts:
        if element.get("class") == "bar-label":
            rows.append((element.text, []))
        elif element.tag == "rect":
            bars[(len(rows), element.get("y"))] = Decimal(element.get("width").rstrip("%"))
        else:
            top = f"{Decimal(element.get('y').removesuffix('em')) - Decimal('1.05'):f}".rstrip("0").rstrip(
                "."
            )
            rows[-1][1].append((number_of(element.text), bars.get((len(rows), f"{top or 0}em"), Decimal(0))))
    return rows


def assert_bars_are_as_long_as_their_numbers(rows):
    """Assert that bars are proportional to their numbers, the longest for the largest, and none for a missing one."""
    known = [count for _label, marks in rows for count, _width in marks if count is not None]
    scale = max(known, default=0)
    for _label, marks in rows:
        for count, width in marks:
            assert round(width * scale / SPAN, 2) == (count or 0)


def cells_of(table):
    """Return the rows of the table's body: the name, and the texts of the number cells."""
    return [
        (
            "".join(row.find("th").itertext()).strip(),
            ["".join(cell.itertext()).strip() for cell in row.findall("td")],
        )
        for row in table.find("tbody").findall("tr")
    ]
