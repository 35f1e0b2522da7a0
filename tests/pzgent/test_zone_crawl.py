"""A made-up zone from a folder of its own: no address says a word of another zone, nor what it said before."""

import io
import re
import zipfile

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import translation

from contact.models import Channel
from pzgent.models import Zone
from pzgent.zone import forget_zone
from tests import registry
from tests.organisation.test_downloads import streams_of

ROOT = settings.BASE_DIR / "tests" / "zone"
OTHERS = re.compile(
    r"\bgh?ent\b|gentse|gents\b|gentenaar|\bgand\b|gantois|5415|(?<![\d.])9000\b|politiegent|266 ?61 ?11|3292666111",
    re.IGNORECASE,
)

BEFORE = re.compile(
    r"3258123456|058 12 34 56|politie(zone)?[ -]veldbeke|politi\w+ (in|à) veldbeke|\b5999\b", re.IGNORECASE
)


@pytest.fixture
def small_zone(db, settings):
    """The made-up zone, loaded."""
    settings.CONTENT_ROOT = ROOT
    forget_zone()
    call_command("load_plan", root=ROOT, verbosity=0)
    yield Zone.objects.get()
    forget_zone()


def answers_of(client):
    """Every address of the site in every language with what it answers, as text."""
    for route in registry.public_routes():
        if route.name == "file":
            continue  # nothing was uploaded
        for language in registry.LANGUAGES if route.in_languages else ("nl",):
            with translation.override(language):
                addresses = list(registry.addresses_of(route, language))
            for address in addresses:
                asked = registry.with_query(route, address)
                yield asked, client.get(asked, headers={"Accept-Language": language})


def texts_of(answer):
    """What an answer says: its headers, and its body unpacked."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    kind = answer.headers.get("Content-Type", "")
    if kind == "application/zip":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return "\n".join([head, *(archive.read(name).decode() for name in archive.namelist())])
    if kind == "application/pdf":
        return f"{head}\n{streams_of(body).decode('latin-1')}"
    return head if kind.startswith("image/png") else f"{head}\n{body.decode()}"


def places_of(client, pattern):
    """The addresses whose answer has the pattern, with what stands there."""
    return [
        (address, found.group(), text[max(found.start() - 60, 0) : found.end() + 30])
        for address, answer in answers_of(client)
        for text in [texts_of(answer)]
        if (found := pattern.search(text))
    ]


def test_every_address_says_who_the_zone_is_now(client, small_zone):
    """No word of another zone; and after a change nothing of what it said before, whatever is kept of it."""
    assert places_of(client, OTHERS) == []
    number = Channel.objects.get(slug="onthaal")
    number.value = "+3250999888"
    number.save()
    small_zone.name, small_zone.short_name, small_zone.city = "Politiezone Nieuw", "Politie Nieuw", "Nieuw"
    small_zone.number, small_zone.official_page = "5998", "https://www.politie.be/5998"
    small_zone.save()
    assert places_of(client, BEFORE) == []
    home = client.get("/").content.decode()
    assert "050 99 98 88" in home
    assert "Politie Nieuw" in home
