"""Pages as a browser shows them."""

import os
import shutil

import pytest

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
def test_no_page_scrolls_sideways_at_320_pixels(browser, live_server, plan):
    page = browser.new_page(viewport={"width": 320, "height": 640})
    wide = []
    for address in PAGES:
        page.goto(f"{live_server.url}{address}")
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 320:
            wide.append((address, width))
    assert wide == []
