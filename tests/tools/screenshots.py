"""Take screenshots of a running portal, for the documentation and for review.

`.venv/bin/python tests/tools/screenshots.py http://127.0.0.1:8000` regenerates docs/screenshots. With
`--sheets FOLDER` it makes sheets of every page type instead: at three widths, light, dark and in print.
"""

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

import django
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pzgent.settings")
os.environ.setdefault("SECRET_KEY", "only-for-pictures-" + "x" * 50)
django.setup()

from tests.page_types import PAGES, UNTRANSLATED  # importable because of the line above

FOLDER = ROOT / "docs" / "screenshots"
# File name, address, width, height and colour scheme.
SHOTS = [
    ("home-1280", "/", 1280, 1000, "light"),
    ("home-320", "/", 320, 900, "light"),
    ("contact-320", "/contact", 320, 900, "light"),
    ("topic-768", "/contact/scholen", 768, 1000, "light"),
    ("organogram-1280-dark", "/organogram", 1280, 1000, "dark"),
    ("unit-768", "/eenheden/wijkdienst", 768, 1000, "light"),
    ("formation-1280", "/formatie", 1280, 1000, "light"),
    ("search-768-dark", "/zoeken?q=fiets", 768, 900, "dark"),
]
MOST_BYTES = 150_000
# Width -> number of pages per row of a sheet; maximum height shown of a page.
BESIDE = {320: 5, 768: 3, 1280: 2}
SHOWN = 1_400


def take_pictures(browser: Browser, site: str) -> None:
    """Take the pictures of the README; raises ValueError if one is too large for the repository."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, address, width, height, scheme in SHOTS:
        page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
        page.goto(f"{site}{address}")
        picture = page.screenshot(path=FOLDER / f"{name}.png")
        page.close()
        if len(picture) > MOST_BYTES:
            raise ValueError(f"{name}.png is bigger than {MOST_BYTES} bytes")
        print(f"{name}.png")


def make_sheets(browser: Browser, site: str, folder: Path) -> None:
    """Make sheets of every page type, in files named after width and theme."""
    folder.mkdir(parents=True, exist_ok=True)
    for width, beside in BESIDE.items():
        for look in ("light", "dark", "print"):
            with tempfile.TemporaryDirectory() as pictures:
                tiles = _shoot(browser, site, width, look, Path(pictures))
                sheet = browser.new_page(viewport={"width": (width + 16) * beside, "height": 800})
                for start in range(0, len(tiles), beside):
                    page = Path(pictures) / "sheet.html"
                    page.write_text(
                        f'<body style="background: #888">{"".join(tiles[start : start + beside])}'
                    )
                    sheet.goto(page.as_uri())
                    name = f"{width}-{look}-{start // beside + 1:02}.png"
                    sheet.screenshot(path=folder / name, full_page=True)
                    print(name)
                sheet.close()


def _shoot(browser: Browser, site: str, width: int, look: str, folder: Path) -> list[str]:
    """Return each page type in one theme, as HTML fragments for a sheet."""
    scheme = "dark" if look == "dark" else "light"
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.emulate_media(media="print" if look == "print" else "screen", color_scheme=scheme)
    tiles = []
    for number, (sort, address) in enumerate({**PAGES, **UNTRANSLATED}.items()):
        page.goto(f"{site}{address}")
        height = min(page.evaluate("document.documentElement.scrollHeight"), SHOWN)
        picture = folder / f"{number}.png"
        page.screenshot(path=picture, full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height})
        image = f'<img src="{picture.as_uri()}" width="{width}">'
        tiles.append(f'<div style="float: left; margin: 4px"><b>{sort}</b><br>{image}</div>')
    page.close()
    return tiles


def main() -> None:
    """Take the requested pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("site", help="the address of a running portal")
    parser.add_argument(
        "--sheets", type=Path, metavar="FOLDER", help="where to make sheets of every sort of page"
    )
    asked = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        if asked.sheets:
            make_sheets(browser, asked.site.rstrip("/"), asked.sheets)
        else:
            take_pictures(browser, asked.site.rstrip("/"))
        browser.close()


if __name__ == "__main__":
    main()
