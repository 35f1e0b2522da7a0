"""Sharing pictures (Open Graph) of 1200 × 630 pixels, with the title of the page drawn on the server.

They are drawn on the first request and then cached: no page waits for its picture, and the same title always gives the
same bytes.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from functools import cache as once
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe
from PIL import Image, ImageDraw, ImageFont

from pzgent.kernel.paths import path_of
from pzgent.kernel.zone import COLOURS, Palette, get_zone, icon_of
from pzgent.registry.pages import FIXED_PAGES, ROW_PAGES

SIZE = WIDTH, HEIGHT = 1200, 630
MARGIN, SIDE = 80, 24
WHITE, SOFT = "#ffffff", "#d5e2f4"
TITLE_SIZES, MOST_LINES = (84, 72, 60, 50), 4
MOST_COLOURS = 32
FONTS = Path(__file__).with_name("fonts")
KEPT_FOR = 24 * 3600
# Version of the drawing, part of the cache key: increment it when the design changes.
DESIGN = "3"


def picture_address(name: str, keys: Mapping[str, Any]) -> str:
    """Return the path of the picture of a page by its URL name, or that of the home page for a page without one."""
    if name in ROW_PAGES and "slug" in keys:
        return path_of("row-picture", name, keys["slug"])
    return path_of("page-picture", name if name in FIXED_PAGES else "home")


@require_safe
def page_picture(request: HttpRequest, page: str) -> HttpResponse:
    """Return the picture of a fixed page, with its title in the language of the request path."""
    if page not in FIXED_PAGES:
        raise Http404
    return _answer("", str(FIXED_PAGES[page].title) % get_zone().terms)


@require_safe
def row_picture(request: HttpRequest, page: str, slug: str) -> HttpResponse:
    """Return the picture of the page of one object, with the name of that object."""
    if page not in ROW_PAGES:
        raise Http404
    pages = ROW_PAGES[page]
    return _answer(str(pages.above), str(pages.title(get_object_or_404(pages.rows(), slug=slug))))


def _answer(above: str, title: str) -> HttpResponse:
    zone = get_zone()
    name = str(zone.translated.short_name)
    key = hashlib.sha256("\n".join((DESIGN, zone.palette, name, above, title)).encode()).hexdigest()
    body = cache.get_or_set(f"picture-{key}", lambda: draw(name, above, title, zone.palette), KEPT_FOR)
    headers = {
        "Cache-Control": f"public, max-age={KEPT_FOR}",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "ETag": f'"{key[:32]}"',
    }
    return HttpResponse(body, content_type="image/png", headers=headers)


def draw(name: str, above: str, title: str, palette: str = Palette.BLUE) -> bytes:
    """Return a PNG with the name of the site, the line above the title, and the title."""
    bar, accent = COLOURS[Palette(palette)]
    image = Image.new("RGB", SIZE, bar)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, SIDE, HEIGHT), fill=accent)
    badge = _badge(palette)
    image.paste(badge, (MARGIN, 64), badge)
    pen.text((MARGIN + badge.width + 24, 64 + badge.height // 2), name, SOFT, _font(False, 44), anchor="lm")
    size, lines = _fit(pen, title)
    top = HEIGHT - 72 - len(lines) * size * 5 // 4
    if above:
        pen.text((MARGIN, top - 56), above, accent, _font(True, 36))
    for number, line in enumerate(lines):
        pen.text((MARGIN, top + number * size * 5 // 4), line, WHITE, _font(True, size))
    file = io.BytesIO()
    image.quantize(MOST_COLOURS).save(file, "PNG", optimize=True)
    return file.getvalue()


def _fit(pen: ImageDraw.ImageDraw, title: str) -> tuple[int, list[str]]:
    """Return the largest font size at which the title fits, and its lines; truncate a title that never fits."""
    for size in TITLE_SIZES:
        lines = _lines(pen, title, _font(True, size))
        if len(lines) <= MOST_LINES:
            return size, lines
    return size, [*lines[: MOST_LINES - 1], f"{lines[MOST_LINES - 1]} …"]


def _lines(pen: ImageDraw.ImageDraw, title: str, font: ImageFont.FreeTypeFont) -> list[str]:
    """Return the title wrapped to the width of the picture; a word that is too long is broken."""
    lines = [""]
    for word in title.split():
        longer = f"{lines[-1]} {word}".strip()
        if pen.textlength(longer, font) <= WIDTH - 2 * MARGIN:
            lines[-1] = longer
            continue
        lines.append(word)
        while pen.textlength(lines[-1], font) > WIDTH - 2 * MARGIN:
            kept = lines[-1]
            while pen.textlength(kept, font) > WIDTH - 2 * MARGIN:
                kept = kept[:-1]
            lines[-1:] = [kept, lines[-1][len(kept) :]]
    return [line for line in lines if line]


@once
def _font(is_bold: bool, size: int) -> ImageFont.FreeTypeFont:
    name = "DejaVuSans-Bold.ttf" if is_bold else "DejaVuSans.ttf"
    return ImageFont.truetype(str(FONTS / name), size, layout_engine=ImageFont.Layout.BASIC)


@once
def _badge(palette: str) -> Image.Image:
    drawn = Image.open(settings.BASE_DIR / "static" / icon_of(palette, "icon-512.png"))
    return drawn.convert("RGBA").resize((96, 96), Image.Resampling.LANCZOS)
