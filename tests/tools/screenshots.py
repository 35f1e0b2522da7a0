"""Makes the pictures in docs/screenshots again, from a running portal.

Run it with the project's Python: `.venv/bin/python tests/tools/screenshots.py http://127.0.0.1:8000`.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
# Name of the file, address, width, height and colour scheme.
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


def main(site: str) -> None:
    """Take every picture of the site at this address; raises ValueError when one is too heavy for the repository."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, address, width, height, scheme in SHOTS:
            page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
            page.goto(f"{site}{address}")
            picture = page.screenshot(path=FOLDER / f"{name}.png")
            page.close()
            if len(picture) > MOST_BYTES:
                raise ValueError(f"{name}.png is bigger than {MOST_BYTES} bytes")
            print(f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"))
