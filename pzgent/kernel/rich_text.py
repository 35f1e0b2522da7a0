"""Text with formatting: a small, safe subset of HTML, or text as it was typed.

A value is HTML once it contains formatting, and is otherwise plain text with blank lines between its paragraphs: this
needs no conversion of existing rows, and without JavaScript an editor sees again what was typed. `is_html` tells them
apart, `to_html` and `to_text` convert, and `RichTextField` cleans whatever writes the row.
"""

import re
from html import unescape
from typing import Any

import nh3
from django.db import models
from django.utils.html import linebreaks, strip_tags

from pzgent.kernel.cleaning import clean_text
from pzgent.kernel.fields import TextField

TABLE_TAGS = {"table", "thead", "tbody", "tr", "th", "td"}
ALLOWED_TAGS = {
    *("p", "br", "strong", "em", "ul", "ol", "li", "a", "h3", "h4", "blockquote", "abbr"),
    *TABLE_TAGS,
}
ALLOWED_ATTRIBUTES = {
    "a": {"href", "hreflang", "lang"},
    "abbr": {"title"},
    "p": {"lang"},
    "li": {"lang"},
    "ol": {"start"},
    "th": {"scope", "colspan", "rowspan"},
    "td": {"colspan", "rowspan"},
}
# The scheme of a link to a row of this site: `pzgent:topic/<key>`.
OWN_SCHEME = "pzgent"
OWN_LINK = re.compile(rf"{OWN_SCHEME}:([a-z]+)/([0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}})")
ALLOWED_SCHEMES = {"http", "https", "mailto", "tel", OWN_SCHEME}
# Nested empty blocks beyond this depth stay.
DEEPEST = 20
NUMBER = re.compile(r"[2-9]|[1-9][0-9]{1,2}")

# Elements of HTML, current and obsolete; anything else between angle brackets is text that somebody typed.
ELEMENTS = (
    "a|abbr|acronym|address|applet|area|article|aside|audio|b|base|basefont|bdi|bdo|"
    "bgsound|big|blink|blockquote|body|br|button|canvas|caption|center|cite|code|col|"
    "colgroup|content|data|datalist|dd|del|details|dfn|dialog|dir|div|dl|dt|em|embed|"
    "fieldset|figcaption|figure|font|footer|form|frame|frameset|h1|h2|h3|h4|h5|h6|head|"
    "header|hgroup|hr|html|i|iframe|image|img|input|ins|isindex|kbd|keygen|label|legend|"
    "li|link|listing|main|map|mark|marquee|math|menu|menuitem|meta|meter|nav|nobr|noembed|"
    "noframes|noscript|object|ol|optgroup|option|output|p|param|picture|plaintext|portal|pre|"
    "progress|q|rb|rp|rt|rtc|ruby|s|samp|script|search|section|select|shadow|slot|small|"
    "source|spacer|span|strike|strong|style|sub|summary|sup|svg|table|tbody|td|template|"
    "textarea|tfoot|th|thead|time|title|tr|track|tt|u|ul|var|video|wbr|xmp"
)
HAS_FORMATTING = re.compile(rf"</(?:{ELEMENTS})\s*>|<br\s*/?>", re.IGNORECASE)
# The start of what looks like a tag and is none; names with a colon are the additions of word processors.
NO_TAG = re.compile(rf"<(?=/?[a-z])(?!/?(?:{ELEMENTS}|[a-z]\w*:\w+)(?:[\s/>]|$))", re.IGNORECASE)
RENAMED = {
    **{
        "b": "strong",
        "i": "em",
        "h1": "h3",
        "h2": "h3",
        "h5": "h4",
        "h6": "h4",
        "tfoot": "tbody",
        "caption": "p",
    },
    **dict.fromkeys(("div", "section", "article", "address", "pre", "dt", "dd", "figcaption"), "p"),
}
RENAMED_TAG = re.compile(rf"<(/?)({'|'.join(RENAMED)})(?=[\s/>])", re.IGNORECASE)
HAS_BLOCK = re.compile(r"<(?:p|ul|ol|h3|h4|blockquote|table)[ >]")
# A blank line with words on both sides of it.
BLANK_LINE = re.compile(r"(?<=[^>\s])[ \t]*\n[ \t]*\n\s*(?=[^<\s])")
EMPTY_BLOCK = re.compile(r"<(p|h3|h4|blockquote|ul|ol)(?: [^<>]*)?>(?:\s|&nbsp;|<br>)*</\1>")
# A paragraph that is all of a cell, or all of the text of a list item.
ONLY_PARAGRAPH = re.compile(
    r"(<(?:li|td|th)(?: [^<>]*)?>)\s*<p>((?:(?!</p>|<p[ >]).)*)</p>\s*(?=</(?:li|td|th)>|<[uo]l[ >])",
    re.DOTALL,
)
TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)
ROW = re.compile(r"<tr>.*?</tr>", re.DOTALL)
HEADER_CELL = re.compile(
    r"<th((?: (?:col|row)span=\"[0-9]+\")*)(?: scope=\"[a-z]*\")?((?: (?:col|row)span=\"[0-9]+\")*)>"
)
BREAKS = (
    (re.compile(r"\s+"), " "),
    (re.compile(r"<br>"), "\n"),
    (re.compile(r"(<li(?: [^<>]*)?>) ?<p(?: [^<>]*)?>"), r"\1"),
    (re.compile(r"<li(?: [^<>]*)?>"), "\n- "),
    (re.compile(r"</t[hd]>\s*(?=<t[hd])"), " | "),
    (re.compile(r"</tr>"), "\n"),
    (re.compile(r"</(?:p|h3|h4|blockquote|ul|ol|table)>|<(?:table|ul|ol|p|h3|h4)(?: [^<>]*)?>"), "\n\n"),
)
BLOCK_EDGE = re.compile(r"\s*(</?(?:p|[uo]l|li|h[34]|blockquote|table|thead|tbody|t[rhd])\b[^<>]*>|<br>)\s*")
EDGES = re.compile(r"[ \t]*\n[ \t]*")


def is_html(text: str) -> bool:
    """Return whether a text contains formatting; otherwise it is plain text."""
    return bool(HAS_FORMATTING.search(text))


def to_html(text: str) -> str:
    """Return a text as HTML: plain text becomes paragraphs, and HTML keeps only the allowed subset."""
    return clean_html(text) if is_html(text) else linebreaks(text, autoescape=True) if text.strip() else ""


def to_text(text: str) -> str:
    """Return a text without formatting; plain text stays as it is."""
    if not is_html(text):
        return text
    plain = clean_html(text)
    for pattern, replacement in BREAKS:
        plain = pattern.sub(replacement, plain)
    plain = EDGES.sub("\n", unescape(strip_tags(plain)).replace("\xa0", " ")).strip()
    return re.sub(r"\n{3,}", "\n\n", plain)


def clean_html(text: str) -> str:
    """Return the HTML without anything outside the allowed subset, and with clean text."""
    html = _within_subset(clean_text(text))
    cleaned = clean_text(html)
    # An entity was an invisible character: once cleaned, “java&shy;script:” would be a working script URL.
    return html if cleaned == html else _within_subset(cleaned)


def _within_subset(html: str) -> str:
    return nh3.clean(
        html,
        tags=ALLOWED_TAGS,
        attributes=ALLOWED_ATTRIBUTES,
        url_schemes=ALLOWED_SCHEMES,
        attribute_filter=_attribute,
        link_rel=None,
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Return the value of an attribute; None to drop it."""
    if name == "href" and value.lower().startswith(f"{OWN_SCHEME}:"):
        return value if OWN_LINK.fullmatch(value) else None
    if name in ("colspan", "rowspan", "start"):
        return value if NUMBER.fullmatch(value) else None
    if name == "scope":
        return value if value in ("col", "row") else None
    return value


def clean_rich_text(text: str) -> str:
    """Return a text as it is stored: plain text with clean characters, or HTML in its canonical form.

    Tags of word processors and browsers become those of the subset, and what is no tag at all stays as text.
    """
    text = clean_text(text)
    if not is_html(text):
        return text
    html = RENAMED_TAG.sub(lambda tag: f"<{tag[1]}{RENAMED[tag[2].lower()]}", NO_TAG.sub("&lt;", text))
    return _with_scopes(_without_needless_blocks(_with_paragraphs(clean_html(html))))


def _with_paragraphs(html: str) -> str:
    """Return HTML in which blank lines that somebody typed between words still separate paragraphs."""
    if HAS_BLOCK.search(html):
        return BLANK_LINE.sub("<br><br>", html)
    lines = html.strip().replace("\n", "<br>\n")
    parts = [part.strip().replace("<br>\n", "<br>") for part in re.split(r"<br>\n\s*<br>\n", lines)]
    return clean_html("".join(f"<p>{part}</p>" for part in parts)) if lines else ""


def _without_needless_blocks(html: str) -> str:
    """Return HTML without empty blocks, and without the paragraph in a list item or cell that holds nothing else."""
    for _level in range(DEEPEST):
        shorter = ONLY_PARAGRAPH.sub(r"\1\2", EMPTY_BLOCK.sub("", html))
        if shorter == html:
            break
        html = shorter
    return html


def _with_scopes(html: str) -> str:
    """Return HTML in which every header cell says whether it heads a column or a row."""

    def of_row(row: re.Match[str]) -> str:
        scope = "row" if "<td" in row[0] else "col"
        return HEADER_CELL.sub(rf'<th\1\2 scope="{scope}">', row[0])

    return TABLE.sub(lambda table: ROW.sub(of_row, table[0]), html) if "<th" in html else html


def normalise(text: str) -> str:
    """Return a text as HTML without invisible differences, for comparison."""
    html = to_html(clean_rich_text(text))
    return BLOCK_EDGE.sub(r"\1", re.sub(r"\s+", " ", html)).strip()


class RichTextField(TextField):
    """Text with formatting."""

    rule = staticmethod(clean_rich_text)
    known_as = ""

    def cleaned(self, value: Any) -> Any:
        """Return the value within the subset; None becomes an empty text."""
        return super().cleaned("" if value is None else value)


def rich_text_fields(model: type[models.Model]) -> list[str]:
    """Return the names of the fields of a model that contain formatting."""
    return [field.name for field in model._meta.concrete_fields if isinstance(field, RichTextField)]
