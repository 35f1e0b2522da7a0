"""Small tagged PDF document: text, lines and boxes on large sheets, with links, accessible to screen readers.

Written with pydyf, which implements the file format; this module implements the structure of a tagged document (ISO
32000-1, 14.7 and 14.8). The font is Helvetica, which every viewer has.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import pydyf

from pzgent.kernel.cleaning import clean_text

# A3 landscape, in points; the origin is the lower left corner.
WIDTH, HEIGHT = 1190.55, 841.89
# Control point distance of a Bézier curve that approximates a quarter circle.
CURVE = 0.5523
Colour = tuple[float, float, float]
Area = tuple[float, float, float, float]


@dataclass(frozen=True)
class TextRun:
    """One line of text: its left end, its baseline and its size in points."""

    text: str
    x: float
    y: float
    size: float
    colour: Colour
    bold: bool = False


@dataclass
class _Page:
    """Content collected for one page."""

    stream: pydyf.Stream
    dictionary: pydyf.Dictionary
    elements: list[pydyf.Dictionary] = field(default_factory=list)
    links: list[tuple[pydyf.Dictionary, pydyf.Dictionary, int | None]] = field(default_factory=list)


class PdfDocument:
    """Document builder: add pages, write on the last one, then call `finish`."""

    def __init__(self, title: str, language: str) -> None:
        self._pdf = pydyf.PDF()
        self._pages: list[_Page] = []
        self._fonts = pydyf.Dictionary()
        for name, base in (("F1", "Helvetica"), ("F2", "Helvetica-Bold")):
            values = {"Type": "/Font", "Subtype": "/Type1", "BaseFont": f"/{base}"}
            self._fonts[name] = self._add({**values, "Encoding": "/WinAnsiEncoding"}).reference
        self._root = self._add({"Type": "/StructTreeRoot"})
        self._body = self._add({"Type": "/StructElem", "S": "/Document", "P": self._root.reference})
        self._body["K"], self._root["K"] = pydyf.Array(), self._body.reference
        self._pdf.info["Title"] = pydyf.String(clean_text(title))
        self._pdf.catalog.update(
            Lang=pydyf.String(language),
            MarkInfo=pydyf.Dictionary({"Marked": "true"}),
            ViewerPreferences=pydyf.Dictionary({"DisplayDocTitle": "true"}),
            StructTreeRoot=self._root.reference,
        )

    def add_page(self) -> None:
        """Append an empty page."""
        page = pydyf.Dictionary({"Type": "/Page", "Parent": self._pdf.pages.reference, "Tabs": "/S"})
        page["MediaBox"] = pydyf.Array([0, 0, WIDTH, HEIGHT])
        page["Resources"] = pydyf.Dictionary({"Font": self._fonts})
        self._pdf.add_page(page)
        self._pages.append(_Page(pydyf.Stream(compress=True), page))

    def write(
        self, kind: str, texts: Sequence[TextRun], link: str | int | None = None, area: Area | None = None
    ) -> None:
        """Write lines as one element (H1, H2, P, or LI for an item of the open list).

        With a link, the area leads to a URL, or to a page of this document by its number.
        """
        parent = self._body
        if kind == "LI":
            parent = self._element("LBody", self._element("LI", self._list))
        shown = "Link" if link is not None else {"LI": "P"}.get(kind, kind)
        element = self._element(shown, parent)
        page = self._pages[-1]
        element["Pg"] = page.dictionary.reference
        element["K"].append(len(page.elements))
        page.stream.begin_marked_content(shown, pydyf.Dictionary({"MCID": len(page.elements)}).data)
        page.elements.append(element)
        self._show(texts)
        page.stream.end_marked_content()
        if link is not None and area is not None:
            self._link(element, link, area, " ".join(text.text for text in texts))

    def write_aside(self, text: TextRun) -> None:
        """Write text that belongs to the page and not to its content."""
        with self.decoration():
            self._show([text])

    @contextmanager
    def items(self) -> Iterator[None]:
        """Open a list; LI elements written inside belong to it."""
        self._list = self._element("L", self._body)
        yield

    @contextmanager
    def decoration(self) -> Iterator[pydyf.Stream]:
        """Open a stream for lines and boxes that screen readers skip."""
        stream = self._pages[-1].stream
        stream.begin_marked_content("Artifact")
        yield stream
        stream.end_marked_content()

    def finish(self) -> bytes:
        """Return the complete file."""
        parents = pydyf.Array()
        for number, page in enumerate(self._pages):
            parents.extend([number, pydyf.Array([element.reference for element in page.elements])])
            page.dictionary["StructParents"] = number
            self._pdf.add_object(page.stream)
            page.dictionary["Contents"] = page.stream.reference
            page.dictionary["Annots"] = pydyf.Array([note.reference for note, _element, _to in page.links])
        links = [link for page in self._pages for link in page.links]
        for key, (note, element, target) in enumerate(links, start=len(self._pages)):
            note["StructParent"] = key
            parents.extend([key, element.reference])
            if target is not None:
                note["Dest"] = pydyf.Array([self._pages[target].dictionary.reference, "/Fit"])
        self._root["ParentTree"] = self._add({"Nums": parents}).reference
        self._root["ParentTreeNextKey"] = len(self._pages) + len(links)
        output = io.BytesIO()
        self._pdf.write(output, identifier=True, compress=True)
        return output.getvalue()

    def _add(self, values: dict[str, object]) -> pydyf.Dictionary:
        added = pydyf.Dictionary(values)
        self._pdf.add_object(added)
        return added

    def _element(self, kind: str, parent: pydyf.Dictionary) -> pydyf.Dictionary:
        element = self._add({"Type": "/StructElem", "S": f"/{kind}", "P": parent.reference})
        element["K"] = pydyf.Array()
        parent["K"].append(element.reference)
        return element

    def _show(self, texts: Sequence[TextRun]) -> None:
        stream = self._pages[-1].stream
        for text in texts:
            # A space separates the last word of a line from the next line when copying or reading aloud.
            letters = in_windows_letters(text.text) + (b" " if text is not texts[-1] else b"")
            stream.begin_text()
            stream.set_font_size("F2" if text.bold else "F1", round(text.size, 2))
            stream.set_color_rgb(*text.colour)
            stream.set_text_matrix(1, 0, 0, 1, round(text.x, 2), round(text.y, 2))
            stream.show_text_string(letters)
            stream.end_text()

    def _link(self, element: pydyf.Dictionary, link: str | int, area: Area, label: str) -> None:
        values = {"Type": "/Annot", "Subtype": "/Link", "F": 4, "Contents": pydyf.String(clean_text(label))}
        note = self._add({**values, "Border": pydyf.Array([0, 0, 0])})
        note["Rect"] = pydyf.Array([round(edge, 2) for edge in area])
        if isinstance(link, str):
            note["A"] = pydyf.Dictionary({"S": "/URI", "URI": pydyf.String(link)})
        page = self._pages[-1]
        page.links.append((note, element, link if isinstance(link, int) else None))
        reference = {"Type": "/OBJR", "Obj": note.reference, "Pg": page.dictionary.reference}
        element["K"].append(pydyf.Dictionary(reference))


def in_windows_letters(text: str) -> bytes:
    """Encode the text for the font; an unsupported letter loses its accent or becomes a question mark."""
    letters = []
    for sign in clean_text(text):
        try:
            letters.append(sign.encode("cp1252"))
        except UnicodeEncodeError:
            plain = unicodedata.normalize("NFKD", sign).encode("ascii", "ignore")
            letters.append(plain or b"?")
    return b"".join(letters)


def round_box(stream: pydyf.Stream, area: Area, radius: float) -> None:
    """Add the outline of a box with rounded corners to the path."""
    left, low, right, high = (round(edge, 2) for edge in area)
    arm = radius * (1 - CURVE)
    stream.move_to(left + radius, low)
    stream.line_to(right - radius, low)
    stream.curve_to(right - arm, low, right, low + arm, right, low + radius)
    stream.line_to(right, high - radius)
    stream.curve_to(right, high - arm, right - arm, high, right - radius, high)
    stream.line_to(left + radius, high)
    stream.curve_to(left + arm, high, left, high - arm, left, high - radius)
    stream.line_to(left, low + radius)
    stream.curve_to(left, low + arm, left + arm, low, left + radius, low)
    stream.close()
