r"""Text without what nobody sees: the one cleaning that forms, model fields, loader and import share.

Address books, word processors and web pages put invisible characters into what people copy: they break links, hide a
word from the search and stop a feed. Removed are control characters, noncharacters, lone surrogates, tags and
formatting characters. What a script needs stays where it is text: joiners between letters of scripts that join and
within emoji, and direction marks in a text with right-to-left letters. Every result is in NFC, and cleaning it again
changes nothing.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
)
_CONTROLS = "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"
# Soft hyphen, grapheme joiner, letters without a shape, zero-width space, embeddings, overrides and isolates,
# invisible operators, byte order mark, annotations, the place of an object, shorthand and musical controls, tags.
_FORMATTING = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffc"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_NEVER_TEXT = f"{_CONTROLS}{_FORMATTING}{_NONCHARACTERS}\ud800-\udfff"
_DIRECTIONS = "\u061c\u200e\u200f"
_SELECTORS = "\u180b-\u180d\u180f\ufe00-\ufe0f"
# Line and page breaks of other systems and of word processors.
_LINE_ENDS = "\x0b\x0c\x85\u2028\u2029"

# Letters of scripts that join, and signs that make up emoji.
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
# A line break or tab with the space around it.
BREAK = re.compile(r" *[\n\t]\s*")
# Outside the range of characters of XML 1.0 (fifth edition, 2.2).
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean_text(text: str) -> str:
    """Text of several lines, each ending in a line feed."""
    if not SUSPECT.search(text) and unicodedata.is_normalized("NFC", text):
        return text
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        # Two halves of one character are that character.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    text = NEVER_TEXT.sub("", LINE_END.sub("\n", text))
    if not RIGHT_TO_LEFT.search(text):
        text = DIRECTION.sub("", text)
    while True:  # what goes can leave something else out of place; each round is shorter
        cleaned = unicodedata.normalize("NFC", OUT_OF_PLACE.sub("", text))
        if cleaned == text:
            return cleaned
        text = cleaned


def clean_line(text: str) -> str:
    """Text of one line: a line break or tab is a space, none at either end."""
    return BREAK.sub(" ", clean_text(text)).strip()


def clean_address(text: str) -> str:
    """An e-mail or web address, number or name in an address: one line without any invisible character."""
    return clean_line(INVISIBLE.sub("", text))


def clean_json(value: Any) -> Any:
    """JSON data in which every text is clean, keys included."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        return {clean_json(key): clean_json(item) for key, item in value.items()}
    return [clean_json(item) for item in value] if isinstance(value, list | tuple) else value


def xml_text(text: str) -> str:
    """Text without the characters that XML 1.0 forbids, for every writer of files, whatever the database holds."""
    return NOT_XML.sub("", text)
