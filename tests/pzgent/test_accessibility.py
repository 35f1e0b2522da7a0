"""Every sort of page in a real Chromium: axe, enlarged text, the keyboard, privacy and weight.

The pages are asked for once. Chromium then gets those same answers, so that no server or database is needed beside it.
"""

import gzip
import mimetypes
import os
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.test import Client, override_settings

from tests.pzgent.test_browser import PAGES

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
AXE = Path(settings.BASE_DIR) / "tests/tools/node_modules/axe-core/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Pages as they are when something is wrong or nothing is found.
OTHERS = ["/bestaat-niet", "/organogram?datum=x", "/projecten?kind=X", "/zoeken?q=xyzzyxyzzy", "/api/v1/docs"]
TRANSLATED = ["/", "/contact", "/organogram", "/formatie"]
SITE = "https://portal.test"
# Each page is judged in each width and each scheme once; all nine pairs would take minutes.
LOOKS = [(320, "light", "none"), (768, "dark", "none"), (1280, "light", "active")]


@pytest.fixture(scope="module")
def answers(django_db_setup, django_db_blocker):
    """The pages as the portal sends them, as address -> answer."""
    client = Client()
    addresses = PAGES + OTHERS + [f"/{code}{path}" for code in ("fr", "en", "de") for path in TRANSLATED]
    plain = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    with override_settings(STORAGES=plain), django_db_blocker.unblock(), transaction.atomic():
        call_command("load_plan", verbosity=0)
        found = {address: client.get(address) for address in addresses}
        transaction.set_rollback(True)
    return found


class Visit:
    """One window of the browser; remembers what it asked for."""

    def __init__(self, browser, answers, **options):
        self.answers, self.asked, self.faults = answers, {}, []
        self.context = browser.new_context(**options)
        self.context.route("**/*", self._answer)
        self.page = self.context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def _hear(self, message):
        # Chromium itself reports the page that is meant to be missing.
        if message.type in ("error", "warning") and "status of 4" not in message.text:
            self.faults.append(message.text)

    def _answer(self, route):
        url = urlsplit(route.request.url)
        address = f"{url.path}?{url.query}" if url.query else url.path
        body, status, headers = b"", 404, {}
        if url.path.startswith("/static/"):
            path = Path(settings.BASE_DIR) / url.path[1:]
            body, status = path.read_bytes(), 200
            headers = {"content-type": mimetypes.guess_type(path)[0]}
        elif url.path.endswith(".svg"):
            body, status = b'<svg xmlns="http://www.w3.org/2000/svg"/>', 200
            headers = {"content-type": "image/svg+xml"}
        elif address in self.answers:
            answer = self.answers[address]
            body, status, headers = answer.content, answer.status_code, dict(answer.headers)
        self.asked[route.request.url] = len(gzip.compress(body))
        route.fulfill(status=status, headers=headers, body=body)

    def to(self, address):
        """Open a page; returns it."""
        self.asked.clear()
        self.page.goto(f"{SITE}{address}")
        return self.page

    def style(self, rules):
        """Add rules as a reader's own style sheet does, past the policy of the site."""
        self.page.evaluate(
            "rules => { const sheet = new CSSStyleSheet(); sheet.replaceSync(rules);"
            " document.adoptedStyleSheets = [sheet]; }",
            rules,
        )


@pytest.fixture(scope="module")
def visit(answers):
    """Makes windows of one browser."""
    from playwright.sync_api import sync_playwright

    # Playwright runs an event loop in this thread; Django would refuse the database beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield lambda **options: Visit(browser, answers, **options)
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def violations(page):
    """What axe finds wrong, as rule and places."""
    found = page.evaluate(
        "tags => axe.run({runOnly: tags, resultTypes: ['violations']}).then(result =>"
        " result.violations.map(v => [v.id, v.nodes.slice(0, 3).map(n => n.target.join(' '))]))",
        TAGS,
    )
    return [(rule, *places) for rule, places in found]


def check(visit, addresses, looks):
    """Run axe over pages in some widths and colour schemes; returns the faults."""
    wrong = []
    script = AXE.read_text()
    window = visit()
    for address in addresses:
        page = window.to(address)
        page.evaluate(script)
        for width, scheme, forced in looks:
            page.emulate_media(color_scheme=scheme, forced_colors=forced)
            page.set_viewport_size({"width": width, "height": 900})
            wrong += [(address, width, scheme, forced, *fault) for fault in violations(page)]
    return wrong


@pytest.mark.parametrize("look", LOOKS, ids=["320-light", "768-dark", "1280-forced-colors"])
def test_axe_finds_nothing(visit, look):
    assert check(visit, PAGES + OTHERS, [look]) == []


def test_axe_finds_nothing_in_the_other_languages(visit):
    assert (
        check(visit, [f"/{code}{path}" for code in ("fr", "en", "de") for path in TRANSLATED], LOOKS[:1])
        == []
    )


@pytest.mark.parametrize(
    ("width", "rules"),
    [
        (320, ""),
        (320, "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }"
              " p { margin-bottom: 2em !important }"),
        (640, "html { font-size: 200% }"),
    ],
    ids=["narrow", "text-spacing", "text-200"],
)  # fmt: skip
def test_text_stays_inside_the_page(visit, width, rules):
    window = visit(viewport={"width": width, "height": 900})
    wrong = []
    for address in PAGES + OTHERS:
        page = window.to(address)
        window.style(rules)
        clipped = page.evaluate(
            "() => [...document.querySelectorAll('body *')].filter(part => getComputedStyle(part).overflowY"
            " === 'hidden' && !part.matches('.visually-hidden') && part.scrollHeight > part.clientHeight + 1)"
            ".map(part => part.className)"
        )
        across = page.evaluate("document.documentElement.scrollWidth")
        if across > width or clipped:
            wrong.append((address, across, clipped))
    assert wrong == []


def test_the_keyboard_starts_with_a_way_past_the_menu(visit):
    page = visit().to("/contact")
    page.keyboard.press("Tab")
    box = page.locator(".skip:focus").bounding_box()
    assert box["y"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


@pytest.mark.parametrize("address", ["/", "/contact/scholen", "/organogram"])
def test_what_has_the_focus_is_visible(visit, address):
    page = visit().to(address)
    wrong = []
    for _press in range(60):
        page.keyboard.press("Tab")
        name, line, width, inside = page.evaluate(
            "() => { const part = document.activeElement, look = getComputedStyle(part),"
            " box = part.getBoundingClientRect(); return [part.outerHTML.slice(0, 80), look.outlineStyle,"
            " parseFloat(look.outlineWidth), box.width > 0 && box.bottom > 0 && box.top < innerHeight]; }"
        )
        if name.startswith("<body"):
            break
        if line != "solid" or width < 2 or not inside:
            wrong.append(name)
    assert wrong == []


def test_the_words_are_the_same_without_javascript(visit):
    with_script, without = visit(), visit(java_script_enabled=False)
    wrong = [
        address
        for address in PAGES
        if with_script.to(address).locator("body").inner_text()
        != without.to(address).locator("body").inner_text()
    ]
    assert wrong == []


def test_pages_keep_to_themselves_and_are_light(visit):
    window = visit()
    strangers, kept, heavy = [], [], []
    for address in PAGES + OTHERS:
        page = window.to(address)
        strangers += [url for url in window.asked if not url.startswith(f"{SITE}/")]
        kept += page.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage)]")
        weight = sum(window.asked.values())
        limit = 25_000 if address in ("/", "/contact") else 40_000
        scripts = sum(size for url, size in window.asked.items() if url.endswith(".js"))
        if weight > limit or scripts > 5_000 or len(window.asked) > 5:
            heavy.append((address, weight, scripts, list(window.asked)))
    assert (strangers, kept, window.context.cookies(), window.faults, heavy) == ([], [], [], [], [])
