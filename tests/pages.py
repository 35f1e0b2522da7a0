"""Checks that apply to every public page, on its parsed HTML."""

import itertools
import re
from html.parser import HTMLParser

from django.db import connection
from django.test.utils import CaptureQueriesContext

from pzgent.change_feed.triggers import MARKS
from pzgent.kernel.validity import of_state

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
MOST_QUERIES = 4
_states = itertools.count(1)


class _Page(HTMLParser):
    """Collect ids, headings, references to ids and nesting errors."""

    def __init__(self):
        super().__init__()
        self.ids, self.references, self.headings, self.faults, self.open = [], [], [], [], []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if "id" in values:
            self.ids.append(values["id"])
        for name in ("for", "aria-labelledby", "aria-describedby", "aria-controls"):
            self.references += (values.get(name) or "").split()
        if (values.get("href") or "").startswith("#"):
            self.references.append(values["href"][1:])
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        is_data = values.get("type") == "application/ld+json"
        if "style" in values or tag == "style" or (tag == "script" and "src" not in values and not is_data):
            self.faults.append(f"inline script or style in <{tag}>")
        if tag == "img" and "alt" not in values:
            self.faults.append("an image without a text in its place")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")


def faults_of(html):
    """Return every error in the markup of a page, as sentences."""
    page = _Page()
    page.feed(html)
    faults = page.faults + [f"<{tag}> is never closed" for tag in page.open]
    faults += [f"id “{name}” stands there twice" for name in {i for i in page.ids if page.ids.count(i) > 1}]
    faults += [f"nothing has the id “{name}”" for name in set(page.references) - set(page.ids)]
    if page.headings.count(1) != 1:
        faults.append(f"{page.headings.count(1)} headings of the first level")
    faults += [
        f"a heading of level {after} follows one of level {before}"
        for before, after in zip(page.headings, page.headings[1:], strict=False)
        if after > before + 1
    ]
    return faults


def empty_blocks_of(html):
    """Return the headings of sections with nothing below them, and the facts and lists that hold no text."""
    main = re.sub(r"<(/?\w+)[^>]*>", r"<\1>", re.search(r"(?s)<main.*</main>", html)[0])
    bare = re.sub(r"<(?!/?(?:h\d|section|dd|ol|ul|svg|img)>)[^>]+>|\s", "", main)
    return re.findall(r"<section><h\d>([^<]*)</h\d></section>", bare) + re.findall(r"<(dd|ol|ul)></\1>", bare)


def text_of(answer):
    """Return the text of a page on one line."""
    html = answer.content.decode().replace("<wbr>", "")
    html = re.sub(r"(?s)<head>.*?</head>|<script.*?</script>|<[^>]+>", " ", html)
    return re.sub(r"\s+", " ", html).strip()


def new_state():
    """Return a context manager for a data state in which nothing has been read before."""
    return of_state(f"state {next(_states)}")


def count_queries(client, url, warmed_by=None, state=None):
    """Return the number of queries of a page in a warm process, without a cached response.

    The process is warmed by the page itself, or by a lighter one if that suffices and the page is very long. Data
    shared between pages is read by then, in a separate data state; with an empty state nothing is shared. The small
    query for the revision of the data is not counted: every response needs it, cached or not.
    """
    with new_state() if state is None else of_state(state):
        client.get(warmed_by or url)
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(url)
    assert answer.status_code == 200
    return len([query for query in queries if MARKS not in query["sql"]])


def without_trace(text):
    """Return the body of a response, without the id of this occurrence in problem details."""
    return re.sub(r"urn:uuid:[0-9a-f-]{36}", "urn:uuid:*", text)


def body_of(answer):
    """Return the complete body of a streamed response; reading it to the end also closes it, as a server would."""
    return b"".join(answer.streaming_content)
