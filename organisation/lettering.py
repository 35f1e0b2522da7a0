"""How wide text is and where its lines break, without asking a browser."""

from __future__ import annotations

import unicodedata

# Widths of Helvetica in thousandths of the size, from the space to the tilde: the metrics that Adobe publishes for it.
NARROWEST = " "
WIDTHS = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip
WIDEST = 1000
# Fonts of other systems are wider: DejaVu Sans, the widest in common use, by about this much.
BROADER = 1.16


def width_of(text: str, size: float) -> float:
    """About how wide a text is, in the units of its size; rather too wide than too narrow."""
    plain = unicodedata.normalize("NFKD", text)
    return sum(_letter(sign) for sign in plain if not unicodedata.combining(sign)) * size * BROADER / 1000


def _letter(sign: str) -> int:
    place = ord(sign) - ord(NARROWEST)
    return WIDTHS[place] if 0 <= place < len(WIDTHS) else WIDEST


def break_lines(text: str, width: float, size: float, most: int) -> list[str]:
    """The text in lines no wider than `width`; what does not fit in `most` lines ends in an ellipsis.

    Words keep together unless one alone is too wide.
    """
    lines: list[str] = []
    for word in text.split():
        if lines and width_of(f"{lines[-1]} {word}", size) <= width:
            lines[-1] = f"{lines[-1]} {word}"
            continue
        pieces = _pieces(word, width, size)
        lines += pieces
        if len(lines) > most:
            break
    if len(lines) > most:
        lines = lines[:most]
        while lines[-1] and width_of(f"{lines[-1]} …", size) > width:
            lines[-1] = lines[-1][:-1].rstrip()
        lines[-1] = f"{lines[-1]} …".lstrip()
    return lines or [text]


def _pieces(word: str, width: float, size: float) -> list[str]:
    """A word in pieces that fit, with a hyphen after each but the last."""
    pieces = []
    while width_of(word, size) > width and len(word) > 1:
        length = next(
            (size_ for size_ in range(len(word) - 1, 1, -1) if width_of(f"{word[:size_]}-", size) <= width), 1
        )
        pieces.append(f"{word[:length]}-")
        word = word[length:]
    return [*pieces, word]
