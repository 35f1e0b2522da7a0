"""What somebody types is shown as text, in every format: it never becomes markup, a formula, a header or a path.

Each text column of each model holds the values, published; each parameter of each address is asked with them.
"""

import csv
import io
import json
import os
import re
import zipfile
from html.parser import HTMLParser
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, models, transaction

from pzgent.syndication import pictures
from tests import registry
from tests.pages import body_of
from tests.planted import Base

pytestmark = [pytest.mark.django_db, pytest.mark.no_cover, pytest.mark.once]
# What would act somewhere if it were not shown as text. `zqx` is the element, attribute or header that it would make.
VALUES = [
    "<zqx>x</zqx><script>zqx()</script>",
    "\" zqx=1 onmouseover=zqx() x='\" zqx='",
    '</script></title></textarea><zqx a="',
    "--><!--<zqx>]]><zqx/>",
    "&lt;zqx&gt; &#60;zqx&#62; &zqx;",
    "{{ 7191|add:1 }}{% load zqx %}${7191+1}",
    "' OR 7191=7191; DROP TABLE zqx; --",
    "=cmd|'/C zqx'!A1",
    "+7191+zqx",
    "@SUM(zqx)",
    "\t=7191+zqx",
    "x\r\nX-Zqx: 1\r\n\r\n<zqx>",
    "x\nEND:VEVENT\nBEGIN:ZQX\nX-ZQX:1",
    "../../../../etc/passwd",
    "javascript:zqx()",
]
# How often each text is filled anew; `INJECTION=all` gives each text and parameter every value.
ROUNDS = 1 if os.environ.get("INJECTION") != "all" else len(VALUES)
by_round = pytest.mark.parametrize("number", range(ROUNDS))
FORMULA = re.compile(r"[=+\-@\t\r]")
NUMBER = re.compile(r"[+-]?[\d ().,/-]+")


class Elements(HTMLParser):
    """Collects what would act: elements and attributes with the mark, event handlers and scripts in addresses."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.found, self.data = [], ""

    def handle_starttag(self, tag, attrs):
        names = {name.casefold() for name, _value in attrs}
        values = dict(attrs)
        is_data = tag == "script" and values.get("type") == "application/ld+json"
        if (
            "zqx" in tag
            or any("zqx" in name for name in names)
            or any(name.startswith("on") for name in names)
        ):
            self.found.append(self.get_starttag_text())
        if tag == "script" and not is_data and not values.get("src"):
            self.found.append(self.get_starttag_text())
        self.found += [
            self.get_starttag_text()
            for name in ("href", "src", "action", "formaction")
            if re.sub(r"[\s\x00-\x1f]", "", values.get(name) or "")
            .casefold()
            .startswith(("javascript:", "data:text"))
        ]


def faults_in_html(text):
    page = Elements()
    page.feed(text)
    yield from page.found
    for data in re.findall(r'(?s)<script type="application/ld\+json">(.*?)</script>', text):
        json.loads(data)
    if "7192" in text:
        yield "a template was worked out"


def faults_in_xml(text):
    """The markup that a well-formed document holds, and that of the HTML within it."""
    for node in ElementTree.fromstring(text).iter():
        if "zqx" in node.tag.casefold() or any("zqx" in name.casefold() for name in node.attrib):
            yield f"<{node.tag}>"
        if node.get("type") == "html":
            yield from faults_in_html(node.text or "")
        for name in ("href", "{http://www.w3.org/1999/xlink}href"):
            if node.get(name, "").casefold().startswith("javascript:"):
                yield node.get(name)


def faults_in_csv(text):
    for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"))):
        for cell in row:
            if FORMULA.match(cell) and not NUMBER.fullmatch(cell):
                yield f"a formula: {cell[:40]!r}"


def faults_in_lines(text):
    """Calendars and contact cards: a line that a value began."""
    for line in text.replace("\r\n ", "").splitlines():
        if line.upper().startswith(("X-ZQX", "BEGIN:ZQX")):
            yield line


def faults_of(answer):
    """What acts in an answer, whatever its format."""
    if answer.status_code >= 500 and answer.status_code != 501:
        yield f"status {answer.status_code}"
    for name, value in answer.headers.items():
        if "zqx" in name.casefold() or "\r" in value or "\n" in value:
            yield f"header {name}"
    if answer.headers.get("Location", "").casefold().startswith(("javascript:", "//")):
        yield answer.headers["Location"]
    body = body_of(answer) if answer.streaming else answer.content
    yield from faults_in(answer.headers.get("Content-Type", ""), body)


def faults_in(kind, body):
    if kind == "application/zip":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            for name in archive.namelist():
                if "csv" in name or "json" in name:
                    yield from faults_in(
                        "text/csv" if name.endswith("csv") else "application/json", archive.read(name)
                    )
    elif body.startswith(b"%PDF") or (kind.startswith("image/") and "svg" not in kind):
        return
    elif "json" in kind:
        json.loads(body)
    elif "xml" in kind:
        yield from faults_in_xml(body.decode())
    elif kind.startswith("text/html"):
        yield from faults_in_html(body.decode())
    elif kind.startswith("text/csv"):
        yield from faults_in_csv(body.decode())
    else:
        yield from faults_in_lines(body.decode())


class SuccessionEvent:
    """Gives each text another value, and each round other ones to the same text."""

    def __init__(self, number):
        self.number = number * len(VALUES) // ROUNDS

    def next(self):
        self.number += 1
        return VALUES[self.number % len(VALUES)]


def fill(row, turn):
    """Put a value in each text column of a row, as far as it may be saved; returns how many took it."""
    taken = 0
    for field in registry.text_fields(type(row)):
        if not field.editable or isinstance(field, models.SlugField | models.JSONField | models.FileField):
            continue
        if field.unique or field.name == "postal_code":
            continue
        value = turn.next()
        text = value[: field.max_length] if field.max_length else value
        try:
            if isinstance(field, models.URLField):
                field.run_validators(text)  # as each form and the loader do
            with transaction.atomic():
                before = getattr(row, field.name)
                setattr(row, field.name, text)
                row.save()
                taken += 1
        except (ValidationError, ValueError, DatabaseError):
            setattr(row, field.name, before)
    return taken


@pytest.fixture
def site(monkeypatch):
    """Pictures show letters, which act nowhere; what they are drawn from takes long."""
    monkeypatch.setattr(pictures, "draw", lambda *words: b"")
    return Base()


@by_round
def test_no_text_acts_in_any_answer(number, site, client):
    turn = SuccessionEvent(number)
    taken = sum(fill(row, turn) for row in site.rows.values() if row is not None)
    assert taken > 80
    faults = []
    for route in registry.public_routes():
        for address in list(registry.addresses_of(route))[:2] if route.keys else registry.addresses_of(route):
            answer = client.get(registry.with_query(route, address))
            faults += [(address, fault) for fault in faults_of(answer)]
    assert faults == []


@by_round
def test_no_parameter_acts_in_any_answer(number, site, client):
    faults, turn = [], SuccessionEvent(number)
    for route in registry.public_routes():
        address = next(iter(registry.addresses_of(route)), None)
        if address is None:
            continue
        to = registry.with_query(route, address)
        for parameter in (*registry.parameters_of(route), "onbekend", turn.next()):
            asked = f"{to}{'&' if '?' in to else '?'}{urlencode({parameter: turn.next()})}"
            faults += [(asked, fault) for fault in faults_of(client.get(asked))]
        if route.keys:
            asked = f"{address.rpartition('/')[0]}/{quote(turn.next(), safe='')}"
            faults += [(asked, fault) for fault in faults_of(client.get(asked))]
    assert faults == []


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/html", "<p><zqx>"),
        ("text/html", "<p onclick=x>"),
        ("text/html", "<a href=' java\tscript:x'>"),
        ("text/html", "<script>x</script>"),
        ("application/atom+xml", "<feed><zqx/></feed>"),
        ("text/csv", "a,=1+1"),
        ("text/calendar", "BEGIN:VEVENT\r\nX-ZQX:1"),
    ],
)
def test_what_acts_is_seen(kind, body):
    assert list(faults_in(kind, body.encode()))
