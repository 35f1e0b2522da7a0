"""Pages as a browser and as the Nu HTML checker see them."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

VNU = Path(settings.BASE_DIR) / "tests/tools/node_modules/vnu-jar/build/dist/vnu.jar"
PAGES = [
    "/",
    "/contact",
    "/contact/dringende-hulp",
    "/contact/scholen",
    "/commissariaten?postcode=9031",
    "/organogram",
    "/eenheden/wijkdienst",
    "/projecten",
    "/projecten/i-1-bestuurlijke-handhaving",
    "/strategie",
    "/formatie",
    "/beleid",
    "/beleid/eco-beleid",
    "/cijfers",
    "/documenten",
    "/begrippen",
    "/zoeken?q=fiets",
    "/toegankelijkheid",
    "/privacy",
    "/over",
    "/open-data",
]
pytestmark = pytest.mark.browser


@pytest.mark.django_db
def test_every_page_is_valid_html(client, plan, tmp_path):
    for number, address in enumerate(PAGES):
        (tmp_path / f"{number}.html").write_bytes(client.get(address).content)
    command = [
        "java",
        "-jar",
        str(VNU),
        "--errors-only",
        "--format",
        "gnu",
        *map(str, tmp_path.glob("*.html")),
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")


@pytest.fixture
def browser(monkeypatch):
    from playwright.sync_api import sync_playwright

    # Playwright runs an event loop in this thread; Django would refuse the database beside it.
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.mark.django_db(transaction=True)
def test_no_page_scrolls_sideways_at_320_pixels(browser, live_server):
    call_command("load_plan", verbosity=0)
    page = browser.new_page(viewport={"width": 320, "height": 640})
    wide = []
    for address in PAGES:
        page.goto(f"{live_server.url}{address}")
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 320:
            wide.append((address, width))
    assert wide == []
