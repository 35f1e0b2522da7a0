"""Every sort of page as it arrives: small, from here alone, without a trace, and the same words without script."""

import time
import xml.etree.ElementTree
from urllib.parse import urlsplit

import pytest

from tests.page_types import LANGUAGES, PAGES, UNTRANSLATED, address, every_page, languages_of
from tests.thinning import share

pytestmark = pytest.mark.browser
KILOBYTE = 1024
MOST, MOST_FOR_HELP, MOST_SCRIPT, MOST_REQUESTS = 40 * KILOBYTE, 25 * KILOBYTE, 5 * KILOBYTE, 5
LONGEST_ANSWER = 30
# Before the script of the site runs: what a page keeps hidden until then is a control that only script serves.
MARK = """document.addEventListener('readystatechange', () => {
    document.querySelectorAll('[hidden]').forEach((part) => part.classList.add('only-with-script'));
}, {once: true});"""
# In the console stands what the policy of the site refused.
WATCH = """addEventListener('securitypolicyviolation', (event) =>
    console.error(`refused: ${event.violatedDirective} ${event.blockedURI}`));"""


def words_of(page, url):
    """What a visitor reads there, apart from the controls that only script serves."""
    page.goto(url)
    page.evaluate("document.querySelectorAll('.only-with-script').forEach((part) => { part.hidden = true; })")
    return page.locator("body").inner_text()


@every_page
def test_the_words_are_the_same_without_script(chromium, portal, sort):
    with_script = chromium.new_context()
    with_script.add_init_script(MARK)
    pages = (
        with_script.new_page(),
        chromium.new_context(java_script_enabled=False, bypass_csp=True).new_page(),
    )
    first, *others = languages_of(sort)
    for language in [first, *share(others, len(sort), of=3)]:
        texts = [words_of(page, portal + address(sort, language)) for page in pages]
        assert texts[0] == texts[1]


class Line:
    """What a page brings over the line, as the browser itself counts it."""

    def __init__(self, page):
        self.page, self.asked, self.sizes = page, {}, {}
        self.session = page.context.new_cdp_session(page)
        self.session.send("Network.enable")
        self.session.on("Network.requestWillBeSent", self._ask)
        self.session.on("Network.loadingFinished", self._finish)

    def _ask(self, event):
        if not event["request"]["url"].startswith("data:"):
            self.asked[event["requestId"]] = event["request"]["url"]

    def _finish(self, event):
        self.sizes[event["requestId"]] = event["encodedDataLength"]

    def first_visit(self, url):
        """The addresses a first visit asks for, each with the bytes of its whole answer, headers too, as sent."""
        self.session.send("Network.clearBrowserCache")
        self.asked.clear()
        self.page.goto(url, wait_until="load")
        # What scripts ask for as soon as they run is asked for by then.
        self.page.evaluate("new Promise((done) => requestIdleCallback(done, {timeout: 500}))")
        last = time.monotonic() + LONGEST_ANSWER
        while not self.asked.keys() <= self.sizes.keys() and time.monotonic() < last:
            self.page.wait_for_timeout(10)
        assert self.asked.keys() <= self.sizes.keys(), "not all that the page asked for was answered"
        # What the page needs a second time, the browser has.
        return [(address, self.sizes[number]) for number, address in self.asked.items() if self.sizes[number]]


@every_page
def test_a_page_is_small(chromium, portal, sort):
    line = Line(chromium.new_context().new_page())
    first, *others = languages_of(sort)
    for language in [first, *share(others, len(sort), of=3)]:
        url = portal + address(sort, language)
        weights = line.first_visit(url)
        assert {url.rpartition(".")[2] for url, _size in weights} >= {"css", "js", "svg"}
        assert url in dict(weights)
        assert len(weights) <= MOST_REQUESTS, weights
        assert sum(size for _url, size in weights) <= (
            MOST_FOR_HELP if sort in ("home", "contact") else MOST
        ), weights
        assert sum(size for url, size in weights if url.endswith(".js")) <= MOST_SCRIPT


def locations(portal, page, path):
    """The paths that a sitemap, or the index of sitemaps, names."""
    found = xml.etree.ElementTree.fromstring(page.request.get(f"{portal}{path}").text())
    return [
        urlsplit(part.text).path for part in found.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")
    ]


def sitemap(portal, page):
    """All public addresses in Dutch."""
    paths = [
        path for part in locations(portal, page, "/sitemap.xml") for path in locations(portal, page, part)
    ]
    return [path for path in paths if path.split("/")[1] not in LANGUAGES]


def watch(page):
    """The requests of a page and the complaints in its console, as they come."""
    asked, complaints = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(f"{page.url}: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    page.add_init_script(WATCH)
    return asked, complaints


def test_a_crawl_of_the_whole_site_breaks_no_policy_and_leaves_no_trace(chromium, portal):
    context = chromium.new_context()
    page = context.new_page()
    asked, complaints = watch(page)
    everything = sitemap(portal, page)
    assert len(everything) > 250
    others = [address(sort, language) for language in LANGUAGES[1:] for sort in PAGES]
    for path in [
        *share(everything, 0, of=4),
        *map(address, [*PAGES, *UNTRANSLATED]),
        *share(others, 0, of=3),
    ]:
        answer = page.goto(portal + path, wait_until="domcontentloaded")
        assert answer.status in (200, 400, 404), path
        assert "set-cookie" not in answer.headers
        kept = page.evaluate(
            "async () => [localStorage.length, sessionStorage.length, document.cookie.length,"
            " (await indexedDB.databases()).length, (await caches.keys()).length]"
        )
        assert kept == [0, 0, 0, 0, 0], path
    assert context.cookies() == []
    assert [url for url in asked if not url.startswith((portal, "data:"))] == []
    # The browser itself remarks on an answer of 400 or 404.
    assert [text for text in complaints if "the server responded with a status of 40" not in text] == []


def test_the_watch_sees_what_the_policy_refuses(chromium, portal):
    page = chromium.new_context().new_page()
    _asked, complaints = watch(page)
    page.goto(f"{portal}/privacy")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">red</p>')")
    page.evaluate("new Promise((done) => setTimeout(done))")
    assert any("refused: style-src" in text for text in complaints)
