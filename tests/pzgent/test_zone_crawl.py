"""A made-up zone from a folder of its own: no address says a word of another zone, nor what it said before."""

import io
import re
import zipfile

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission, User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import translation

from contact.models import CareArea, Channel, Schedule, Topic
from organisation.models import Unit
from pzgent.kernel.zone import forget_zone
from pzgent.models import Zone
from tests import registry
from tests.browser import form_data
from tests.organisation.test_downloads import streams_of
from tests.thinning import share

ROOT = settings.BASE_DIR / "tests" / "zone"
# Words of the zone of which this project holds the content.
OTHERS = (
    r"\bgh?ent\b|gentse|gents\b|gentenaar|\bgand\b|gantois|(?<![\w-])5415(?![\w-])|(?<![\w.-])9000(?![\w-])"
    r"|politiegent|266 ?61 ?11|3292666111"
)
# What the made-up zone says before an editor changes it. It stands nowhere else in its content.
BEFORE = (
    r"veldbeke|champruisseau|3258123456|058 ?12 ?34 ?56|(?<![\w-])(?:5999|869[79])(?![\w-])|0?999[. ]?999[. ]?922"
    r"|by/4\.0|CC[- ]BY|14512f|green|\b0?9[.:]07\b|\b12[.:]13\b"
    r"|zwaluwnest|kerkwijk|kwikstaart|tel:101\b(?!\.)|tel:112\b"
)
# What is kept of the past, and says so.
PAST = re.compile(
    r'<span class="path history">.*?</span></span>'
    r'|"hoursPrinted":"[^"]*","hoursPrintedDiffers":true'
    r"|'s maandags[^,]*,true"
    r"|2025(?:(?!zwaluwnest).){0,400}wijkdienst zwaluwnest"
    r"|(?:heette|was called|s&#x27;appelait|hieß) wijkdienst zwaluwnest",
    re.IGNORECASE | re.DOTALL,
)
NOW = {
    "name": "Politiezone Nieuwbeek",
    "short_name": "Politie Nieuwbeek",
    "city": "Nieuwbeek",
    "number": "5998",
    "kbo_number": "0888888895",
    "official_page": "https://www.politie.be/5998",
    "postal_codes": "8691\n8692",
    "nearby": "Zilverberg",
    "fault_email": "fouten@nieuwbeek.example",
    "security_email": "lekken@nieuwbeek.example",
    "privacy_email": "privacy@nieuwbeek.example",
    "publisher": "Uitgeverij Nieuwbeek",
    "licence": "CC0-1.0",
    "controller": "Bestuur Nieuwbeek",
    "dpo": "Functionaris Nieuwbeek",
    "palette": "bordeaux",
    "facts_confirmed_on": "2026-11-02",
}
# Identity that no page shows as such, and where the zone's postcodes and neighbours count.
NOT_SHOWN = {"number", "licence", "postal_codes", "nearby", "facts_confirmed_on"}
# Headers of digits that mean nothing.
DIGESTS = {"ETag", "BelGov-Trace-Id", "Content-Length"}
# One address for whatever the site keeps in memory.
KEPT = (
    "/", "/fr/contact", "/api/v1/units", "/api/v1/channels", "/api/v1/openapi.yaml", "/api/v1/exports/organisation.zip",
    "/open-data/catalog.jsonld", "/zoeken?q=kwikstaart", "/commissariaten?postcode=8697", "/deelbeelden/home.png",
    "/contact/vraag/balie.ics", "/organogram.pdf", "/manifest.webmanifest",
)  # fmt: skip


@pytest.fixture
def desk(db):
    """An editor who may change everything, and is no administrator."""
    editor = User.objects.create_user("redactie", is_staff=True)
    editor.user_permissions.set(Permission.objects.filter(content_type__app_label__in=registry.APPS))
    client = Client()
    client.force_login(editor)
    return client


@pytest.fixture
def small_zone(db, settings, monkeypatch):
    """The made-up zone, loaded; its pictures say what they would draw."""
    settings.CONTENT_ROOT = ROOT
    monkeypatch.setattr("pzgent.syndication.pictures.draw", lambda *words: repr(words).encode())
    forget_zone()
    call_command("load_plan", root=ROOT, verbosity=0)
    yield Zone.objects.get()
    forget_zone()


def answers_of(client):
    """Every address of the site in every language with what it answers, as text."""
    for number, route in enumerate(registry.public_routes()):
        if route.name == "file":
            continue  # nothing was uploaded
        others = share(registry.LANGUAGES[1:], number, of=3)
        for language in ("nl", *others) if route.in_languages else ("nl",):
            with translation.override(language):
                addresses = list(registry.addresses_of(route, language))
            for address in addresses:
                asked = registry.with_query(route, address)
                yield asked, client.get(asked, headers={"Accept-Language": language})


def texts_of(answer):
    """What an answer says: its headers, and its body unpacked."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items() if name not in DIGESTS)
    kind = answer.headers.get("Content-Type", "")
    if kind == "application/zip":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return "\n".join([head, *(archive.read(name).decode() for name in archive.namelist())])
    if kind == "application/pdf":
        return f"{head}\n{streams_of(body).decode('latin-1')}"
    return f"{head}\n{body.decode()}"


def save(client, row, **typed):
    """Change a row through its form in the admin."""
    page = reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_change", args=[row.pk])
    answer = client.post(page, form_data(client.get(page), **typed))
    assert answer.status_code == 302, answer.context["errors"]


def change_everything(desk, zone):
    """Each sort of thing that an editor changes, through the forms of the admin."""
    channels = {channel.slug: channel for channel in Channel.objects.all()}
    save(desk, channels["onthaal"], value="050 99 98 88")
    save(desk, channels["nood-101"], value="1733")
    save(desk, channels["nood-112"], value="116000")
    save(desk, Schedule.objects.get(slug="week"), **{"slots-0-opens": "10:19", "slots-0-closes": "11:41"})
    save(desk, Unit.objects.get(slug="wijk"), name="Dienst Wijken")
    save(desk, CareArea.objects.get(), name="Nieuwdorp", also_called="Kapelhoek", postal_code="8691")
    save(desk, Topic.objects.get(slug="vraag"), title="Vragen")
    save(desk, zone, **NOW)


@pytest.mark.once
def test_every_address_says_what_is_so_now(client, small_zone, desk):
    """No word of another zone; after changes in the admin nothing of what it said before but what is called past."""
    for address in KEPT:
        texts_of(client.get(address))
    change_everything(desk, small_zone)
    wrong, said = re.compile(f"{OTHERS}|{BEFORE}", re.IGNORECASE), set()
    expected = {NOW[name] for name in NOW.keys() - NOT_SHOWN}
    expected |= {
        "050 99 98 88",
        "tel:1733",
        "tel:116000",
        "10:19",
        "Dienst Wijken",
        "Nieuwdorp",
        "Vragen",
        "zero/1.0",
    }
    faults = []
    for address, answer in answers_of(client):
        text = PAST.sub("", texts_of(answer))
        said |= {word for word in expected if word in text}
        faults += [
            (address, text[max(found.start() - 60, 0) : found.end() + 30]) for found in wrong.finditer(text)
        ]
    assert faults == []
    assert expected - said == set()
    assert "Zilverberg" in client.get("/commissariaten?postcode=Zilverberg").content.decode()
