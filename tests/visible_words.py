"""The words that a page shows as it opens, those about sources among them, and the blocks in which it shows none."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from tests.pages import VOID

# Parts that are content without words.
DRAWN = {"img", "svg", "input", "select", "textarea", "button", "pre"}
NEVER_EMPTY = {
    "p",
    "li",
    "ol",
    "ul",
    "dl",
    "dt",
    "dd",
    "section",
    "figure",
    "caption",
    "blockquote",
    "summary",
}
# Parts that flow on in the sentence around them.
INLINE = {"a", "abbr", "bdi", "code", "em", "mark", "small", "span", "strong", "sub", "sup", "wbr"}
# Where a sentence ends, and what stands between the links of a line.
END_OF_SENTENCE = re.compile(r"(?<=[.!?…])[”’»\"]?\s+|\s+·\s+")
# Only for who listens, or only on paper.
UNSEEN = {"visually-hidden", "printed", "skip"}


@dataclass
class Part:
    """An element with its attributes and, in order, its elements and texts."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    inside: list["Part | str"] = field(default_factory=list)

    def walk(self) -> Iterator["Part"]:
        """Yield this element and all within it, in order."""
        yield self
        for part in self.inside:
            if isinstance(part, Part):
                yield from part.walk()

    def words(self, *, seen: bool = False, only_sources: bool = False) -> list[str]:
        """Return its words; only those that are seen as the page opens, or that are about sources, if asked."""
        if seen and ("hidden" in self.attributes or UNSEEN & self.classes):
            return []
        folded = seen and self.tag == "details" and "open" not in self.attributes
        only_sources = only_sources and not (self.tag in ("p", "details") and "source" in self.classes)
        found = list[str]()
        for part in self.inside:
            if isinstance(part, str):
                found += [] if only_sources else re.findall(r"\w+", part)
            elif not folded or part.tag == "summary":
                found += part.words(seen=seen, only_sources=only_sources)
        return found

    @property
    def classes(self) -> set[str]:
        """Return its classes."""
        return set(self.attributes.get("class", "").split())

    @property
    def is_empty(self) -> bool:
        """True if it holds nothing to see."""
        return not self.words() and not any(part.tag in DRAWN for part in self.walk())


class _Tree(HTMLParser):
    """Build the tree of the elements in `main`."""

    def __init__(self) -> None:
        super().__init__()
        self.top, self.open = Part("main"), list[Part]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "main":
            self.open = [self.top]
        elif self.open:
            part = Part(tag, {name: value or "" for name, value in attrs})
            self.open[-1].inside.append(part)
            if tag not in VOID:
                self.open.append(part)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if self.open and tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if self.open and tag not in VOID:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open:
            self.open[-1].inside.append(data)


def main_of(html: str) -> Part:
    """Return the content of a page as a tree."""
    tree = _Tree()
    tree.feed(html)
    return tree.top


def share_of_sources(main: Part) -> float:
    """Return the share of the words about sources among those that are seen as the page opens."""
    seen = len(main.words(seen=True))
    return len(main.words(seen=True, only_sources=True)) / seen if seen else 0.0


def empty_blocks_of(main: Part) -> list[str]:
    """Return the blocks of a page that hold nothing: parts, headings with nothing below, columns of empty cells."""
    found = [
        f"<{part.tag}> {part.attributes}"
        for part in main.walk()
        if part.tag in NEVER_EMPTY and part.is_empty and part.attributes.get("role") != "status"
    ]
    return found + list(_lone_headings(main)) + list(_empty_columns(main))


def _lone_headings(main: Part) -> Iterator[str]:
    """Yield each heading that ends the page, or before the next one of its level or above, without any content."""
    last: tuple[int, str] | None = None
    for level, text in [*_headings_and_content(main), (1, "the end")]:
        if last and level and level <= last[0]:
            yield f"nothing below “{last[1]}”"
        last = (level, text) if level else None


def _headings_and_content(part: Part) -> Iterator[tuple[int, str]]:
    """Yield each heading with its level, and (0, "") for all content between them."""
    for inner in part.inside:
        if isinstance(inner, str):
            if inner.strip():
                yield 0, ""
        elif re.fullmatch("h[1-6]", inner.tag):
            yield int(inner.tag[1]), " ".join(inner.words())
            if any(part.tag == "a" for part in inner.walk()):  # what it leads to is its content
                yield 0, ""
        elif inner.tag in DRAWN:
            yield 0, ""
        else:
            yield from _headings_and_content(inner)


def _empty_columns(main: Part) -> Iterator[str]:
    """Yield each column of a table in which no cell of the body holds anything."""
    for table in (part for part in main.walk() if part.tag == "table"):
        bodies = [part for part in table.walk() if part.tag == "tbody"]
        rows = [
            [cell for cell in row.inside if isinstance(cell, Part) and cell.tag in ("td", "th")]
            for body in bodies
            for row in body.walk()
            if row.tag == "tr"
        ]
        longest = max(map(len, rows), default=0)
        full = [row for row in rows if len(row) == longest]
        for number in range(longest):
            if all(row[number].is_empty for row in full):
                yield f"column {number} of “{' '.join(table.words()[:6])}”"


def sentences_of(main: Part, language: str) -> list[str]:
    """Return the sentences, headings and labels of a page, without what is marked as another language."""
    return [sentence for text in _texts(main, language) for sentence in split_sentences(text)]


def length_of(sentence: str) -> int:
    """Return the number of words; a time of day (“8 h 30”) counts as one."""
    return len(re.sub(r"(\d) h(?: (\d\d))?\b", r"\1h\2", sentence.replace("\u00a0", " ")).split())


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a text that have words."""
    return [part.strip() for part in END_OF_SENTENCE.split(text) if re.search(r"\w", part)]


def _texts(part: Part, language: str) -> Iterator[str]:
    """Yield the text of each part that is no part of a sentence around it."""
    own: list[str] = []
    yield from _gather(part, language, own)
    yield " ".join("".join(own).split())


def _gather(part: Part, language: str, own: list[str]) -> Iterator[str]:
    """Add the words that flow on to `own`; yield the texts of the other parts."""
    for inner in part.inside:
        if isinstance(inner, str):
            own.append(inner)
        elif inner.attributes.get("lang", language) != language:
            continue
        elif inner.tag in INLINE:
            yield from _gather(inner, language, own)
        else:
            own.append(" · ")
            yield from _texts(inner, language)
