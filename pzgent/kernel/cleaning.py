r"""Text without invisible characters: the cleaning shared by forms, model fields, the loader and the import.

Address books, word processors and web pages put invisible characters into copied text: they break links, hide words
from the search and make feeds invalid. Control characters, noncharacters, lone surrogates, tags and formatting
characters are removed. Characters that a script needs stay where they are text: joiners between letters of joining
scripts and within emoji, and direction marks in a text with right-to-left letters. The result is always in NFC, and
cleaning it again changes nothing.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
)
_CONTROLS = "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"
# Soft hyphen, grapheme joiner, blank letters (fillers), zero-width space, embeddings, overrides and isolates, invisible
# operators, byte order mark, annotations, the object replacement character, shorthand and musical controls, tags.
_FORMATTING = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffc"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_NEVER_TEXT = f"{_CONTROLS}{_FORMATTING}{_NONCHARACTERS}\ud800-\udfff"
_DIRECTIONS = "\u061c\u200e\u200f"
_SELECTORS = "\u180b-\u180d\u180f\ufe00-\ufe0f"
# Line and page breaks of other systems and of word processors.
_LINE_ENDS = "\x0b\x0c\x85\u2028\u2029"

# Letters of joining scripts, and the characters that make up emoji.
_JOINING = (
    "\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\u1a00-\u1bff\ua840-\ua8ff\ua980-\ua9ff\uabc0-\uabff"
    "\ufb50-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc\U00010d00-\U00010d3f\U00011000-\U000116ff\U0001e900-\U0001e95f"
)
_EMOJI = "\u00a9\u00ae\u2190-\u2bff\U0001f000-\U0001faff"

NEVER_TEXT = re.compile(f"[{_NEVER_TEXT}]")
LINE_END = re.compile(f"\r\n?|[{_LINE_ENDS}]")
SUSPECT = re.compile(f"[{_NEVER_TEXT}{_DIRECTIONS}{_SELECTORS}{_LINE_ENDS}\r\u200c\u200d]")
OUT_OF_PLACE = re.compile(
    f"(?<![{_JOINING}])\u200c"
    f"|(?<![{_JOINING}{_EMOJI}\ufe0f])\u200d|(?<=[{_EMOJI}\ufe0f])\u200d(?![{_EMOJI}])"
    f"|(?:(?<=[\\s{_SELECTORS}\u200c\u200d{_DIRECTIONS}])|^)[{_SELECTORS}]"
)
DIRECTION = re.compile(f"[{_DIRECTIONS}]")
RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
INVISIBLE = re.compile(f"[{_FORMATTING}{_DIRECTIONS}{_SELECTORS}\u200c\u200d]")
# A line break or tab with its surrounding whitespace.
BREAK = re.compile(r" *[\n\t]\s*")
# Outside the character range of XML 1.0 (fifth edition, 2.2).
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean_text(text: str) -> str:
    """Clean a text of several lines; every line break becomes a line feed."""
    if not SUSPECT.search(text) and unicodedata.is_normalized("NFC", text):
        return text
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        # A surrogate pair is one character.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    text = NEVER_TEXT.sub("", LINE_END.sub("\n", text))
    if not RIGHT_TO_LEFT.search(text):
        text = DIRECTION.sub("", text)
    while True:  # a removal can leave another character out of place; each round shortens the text
        cleaned = unicodedata.normalize("NFC", OUT_OF_PLACE.sub("", text))
        if cleaned == text:
            return cleaned
        text = cleaned


def clean_line(text: str) -> str:
    """Clean a text of one line: line breaks and tabs become spaces, and both ends are stripped."""
    return BREAK.sub(" ", clean_text(text)).strip()


def clean_address(text: str) -> str:
    """Clean an e-mail or web address, or a number or name in an address: one line, without invisible characters."""
    return clean_line(INVISIBLE.sub("", text))


def clean_json(value: Any) -> Any:
    """Clean every text in JSON data, including the keys."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        return {clean_json(key): clean_json(item) for key, item in value.items()}
    return [clean_json(item) for item in value] if isinstance(value, list | tuple) else value


def xml_text(text: str) -> str:
    """Remove the characters that XML 1.0 forbids; for every file writer, whatever the database contains."""
    return NOT_XML.sub("", text)
