"""Estimate text widths and line breaks without a browser."""

from __future__ import annotations

import unicodedata

# Glyph widths of Helvetica in thousandths of the font size, from space to tilde, from Adobe's published metrics.
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
# Fallback fonts are wider: DejaVu Sans, the widest in common use, by about this factor.
BROADER = 1.16


def width_of(text: str, size: float) -> float:
    """Estimate the width of a text, in the units of `size`; errs on the wide side."""
    plain = unicodedata.normalize("NFKD", text)
    return sum(_letter(sign) for sign in plain if not unicodedata.combining(sign)) * size * BROADER / 1000


def _letter(sign: str) -> int:
    place = ord(sign) - ord(NARROWEST)
    return WIDTHS[place] if 0 <= place < len(WIDTHS) else WIDEST


def break_lines(text: str, width: float, size: float, most: int) -> list[str]:
    """Break the text into at most `most` lines no wider than `width`; the rest is replaced by an ellipsis.

    Words are only split if one alone is too wide.
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
    """Split a word into pieces that fit, with a hyphen after each but the last."""
    pieces = []
    while width_of(word, size) > width and len(word) > 1:
        length = next(
            (size_ for size_ in range(len(word) - 1, 1, -1) if width_of(f"{word[:size_]}-", size) <= width), 1
        )
        pieces.append(f"{word[:length]}-")
        word = word[length:]
    return [*pieces, word]
