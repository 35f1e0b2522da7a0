"""What the public may not know of stands at no address of the site: planted secrets, and a walk along every address."""

import datetime
import io
import uuid
import zipfile
from itertools import product

import pytest
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone, translation

from contact.models import Channel
from organisation.models import FormerSlug, FunctionalLine, Unit
from pzgent.models.previews import SIGNER
from pzgent.registry.collections import COLLECTIONS, EXPORTED
from pzgent.syndication.sitemaps import SITEMAPS
from pzgent.worker import bring_up_to_date
from tests.make import (
    make_channel,
    make_grade,
    make_location,
    make_organogram,
    make_placement,
    make_policy,
    make_preview_link,
    make_project,
    make_schedule,
    make_staffing_table,
    make_succession,
    make_topic,
    make_unit,
)
from tests.organisation.test_downloads import streams_of
from tests.page_types import LANGUAGES
from tests.pages import without_trace
from tests.thinning import THOROUGH, share

pytestmark = pytest.mark.django_db
# A word to look for, and the one that stands beside it in every text of what is hidden: no answer has it.
WORD, SECRET = "kwartel", "zwijgplicht"
UNKNOWN = "onbekend"
NOW = timezone.now()
DAY = datetime.timedelta(days=1)
# The ways in which a unit is unknown: by itself, by what it stands below, or by where it stands.
BY_ITSELF = {
    "draft": {"status": "draft"},
    "withdrawn": {"status": "withdrawn"},
    "ended": {"publish_until": NOW - DAY},
    "later": {"publish_from": NOW + DAY},
    "withheld": {"publication_level": "withheld"},
}
BY_ORGANOGRAM = {
    "in-draft": {"status": "draft"},
    "in-withdrawn": {"status": "withdrawn"},
    "in-later": {"publish_from": NOW + DAY},
    "in-ended": {"publish_until": NOW - DAY},
}
BELOW = ("draft", "withheld")
KINDS = [*BY_ITSELF, *(f"below-{kind}" for kind in BELOW), *BY_ORGANOGRAM, "nowhere"]


class Planted:
    """Public things around one secret unit of each kind; the slug of a unit is its kind."""

    def __init__(self):
        self.edition = make_organogram(slug="heden", valid_from=datetime.date(2021, 1, 1))
        self.top = make_placement(self.edition, name="Korps", unit=make_unit(slug="korps", name="Korps"))
        self.open = make_placement(self.edition, self.top, name="Open dienst", unit=make_unit(slug="open"))
        self.topic = make_topic(slug="onderwerp")
        self.project = make_project(slug="project")
        self.project.project_units.create(unit=self.open.unit, role="partner")
        self.table = make_staffing_table(slug="tabel")
        make_location(slug="plaats")
        make_policy(slug="beleid")
        make_channel(
            topic=self.topic,
            slug="kanaal",
            unit=self.open.unit,
            schedule=make_schedule((0, "09:00", "12:00")),
        )
        for kind, changes in BY_ITSELF.items():
            place = self.plant(kind, self.edition, self.top, **changes)
            if kind in BELOW:
                self.plant(f"below-{kind}", self.edition, place)
        for number, (kind, changes) in enumerate(BY_ORGANOGRAM.items()):
            text = f"{WORD} {SECRET}"
            valid_from = datetime.date(2022 + number, 1, 1)
            other = make_organogram(
                slug=f"organogram-{kind}", title=text, summary=text, valid_from=valid_from, **changes
            )
            root = make_placement(other, unit=self.top.unit, name=f"Korps {text}")
            self.plant(kind, other, root)
        self.plant("nowhere", None, None)

    def plant(self, slug, organogram, parent, **changes):
        """A secret unit with all that can name it; its place, if it has one."""
        texts = dict.fromkeys(("summary", "description", "tasks"), f"{WORD} {SECRET}")
        name = f"{WORD.title()} {SECRET} {slug}"
        unit = make_unit(slug=slug, name=name, abbreviation=SECRET.upper(), **texts, **changes)
        place = make_placement(organogram, parent, name=name, unit=unit) if organogram else None
        FormerSlug.objects.create(unit=unit, slug=f"vroeger-{slug}")
        self.project.project_units.create(unit=unit, role="lead", note="")
        self.table.lines.create(grade=make_grade(), unit=unit, count=3)
        make_channel(topic=self.topic, slug=f"kanaal-{slug}", unit=unit)
        make_channel(topic=make_topic(slug=f"onderwerp-{slug}", unit=unit), slug=f"kanaal-o-{slug}")
        make_location(slug=f"plaats-{slug}", unit=unit)
        make_succession(self.edition, from_unit=self.open.unit, to_unit=unit)
        make_succession(self.edition, from_unit=unit, to_unit=self.open.unit)
        for one, other in ((unit, self.open.unit), (self.open.unit, unit)):
            FunctionalLine.objects.create(organogram=organogram or self.edition, unit=one, above=other)
        return place


@pytest.fixture
def planted(db):
    return Planted()


def patterns(resolver=None, namespace=""):
    """Every address of the site that has a name, but for the admin, as (name, names of its parts)."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            if pattern.name and not str(pattern.pattern).startswith("admin/"):
                yield f"{namespace}{pattern.name}", tuple(pattern.pattern.converters)
        elif pattern.namespace != "admin":
            yield from patterns(pattern, f"{pattern.namespace}:" if pattern.namespace else namespace)


# What has a page or an item of its own; where one of these stands in an address that is not named here, all do.
SLUGS = {
    "units": ["korps", "open"],
    "topics": ["onderwerp", "onderwerp-withheld", "onderwerp-in-draft"],
    "locations": ["plaats-withheld", "plaats-in-draft"],
    "organograms": ["heden", "organogram-in-draft"],
    "projects": ["project"],
    "policies": ["beleid"],
    "staffingTables": ["tabel"],
    "channels": ["kanaal"],
}
OWNERS = {
    "unit-": "units", "embed-branch": "units", "topic-": "topics", "embed-topic": "topics", "station": "locations",
    "project-": "projects", "policy-": "policies", "channel-": "channels", "embed-channel": "channels",
    **{f"api:{name}-item": name for name in COLLECTIONS},
}  # fmt: skip


def values_of(part, name):
    """What may stand in a part of an address."""
    if part == "id":
        model = Channel if "channel" in name or "Hours" in name else Unit
        return [str(key) for key in model.objects.order_by("slug").values_list("pk", flat=True)[:2]]
    if part == "slug":
        owner = next((owner for start, owner in OWNERS.items() if name.startswith(start)), None)
        return SLUGS[owner] if owner in SLUGS else [slug for slugs in SLUGS.values() for slug in slugs]
    if part == "token":
        # It shows another topic: the pages beside that tell no more than those of the site.
        link = make_preview_link(moment=timezone.now() + datetime.timedelta(days=3))
        return [SIGNER.sign(link.pk.hex)]
    known = {
        "model": ["unit"],
        "key": [str(key) for key in Unit.objects.order_by("slug").values_list("pk", flat=True)],
        "field": ["logo"],
        "topic": ["onderwerp"],
        "table": EXPORTED,
        "section": SITEMAPS,
        "collection": ["units"],
        "name": ["unitKinds"],
        "kind": ["unit"],
        "page": ["organogram", *(f"eenheden/{slug}" for slugs in SLUGS.values() for slug in slugs)],
    }
    return list(known[part])


def addresses():
    """Every address of the site, in two languages; but for pictures, of which the words cannot be read."""
    for (name, parts), language in product(sorted(set(patterns())), LANGUAGES[:2]):
        if not name.endswith("-picture"):
            with translation.override(language):
                for values in product(*(values_of(part, name) for part in parts)):
                    yield reverse(name, kwargs=dict(zip(parts, values, strict=True)))


def asked(slug):
    """Every address that names a unit in its query."""
    yield from (f"/organogram{ending}?top={slug}" for ending in ("", ".csv"))
    yield f"/projecten?unit={slug}"
    yield from (f"/api/v1/organogram?root={slug}{more}" for more in ("", "&asOf=2030-01-01"))
    yield from (f"/api/v1/units?{name}={slug}" for name in ("parent", "ancestor", "alsoUnder", "ledBy"))
    yield from (f"/api/v1/{name}?unit={slug}" for name in ("projects", "channels"))
    yield f"/oembed?url=http://testserver/eenheden/{slug}"


def own(slug):
    """Every address that a unit can have for itself."""
    yield from (f"{start}/{slug}" for start in ("/eenheden", "/insluiten/organogram", "/api/v1/units"))
    yield from (f"/eenheden/{slug}.vcf", f"/deelbeelden/unit-detail/{slug}.png")


def searched():
    """Every address that lists or searches, for the word that stands beside the secret."""
    for prefix in ("", "/fr", "/en", "/de"):
        yield f"{prefix}/zoeken?q={WORD}"
        yield f"{prefix}/contact?q={WORD}"
        yield f"{prefix}/projecten?q={WORD}"
        yield f"{prefix}/organogram?filter={WORD}"
        yield f"{prefix}/organogram?datum=2030-01-01&vergelijk=2021-01-01&vorm=tabel"
        yield f"{prefix}/formatie?versie=tabel"
    yield f"/api/v1/search?q={WORD}"
    yield "/api/v1/changes"
    yield "/api/v1/organogramChanges?from=2021-01-01&to=2030-01-01"
    for name, collection in COLLECTIONS.items():
        if collection.search_fields:
            yield f"/api/v1/{name}?q={WORD}"
        if name in EXPORTED:
            embed = f"&embed={','.join(collection.embeds)}" if collection.embeds else ""
            yield f"/api/v1/{name}?pageSize=100{embed}"
    yield "/api/v1/units?asOf=2030-01-01"


def body_of(answer):
    """All that an answer says, unpacked."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if answer.headers["Content-Type"] == "application/zip":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"".join(map(archive.read, archive.namelist()))
    if answer.headers["Content-Type"] == "application/pdf":
        content = streams_of(content)
    return content.decode(errors="replace").casefold()


def test_a_secret_stands_at_no_address(client, planted):
    walked = {*addresses(), *searched(), *asked("open")}
    answers = {address: client.get(address) for address in share(sorted(walked), 0, of=3)}
    assert [address for address, answer in answers.items() if SECRET in body_of(answer)] == []
    assert [address for address, answer in answers.items() if answer.status_code >= 500] == []
    assert sum(answer.status_code == 200 for answer in answers.values()) > (200 if THOROUGH else 60)


def test_linked_data_tell_no_secret(client, planted):
    for name, collection in COLLECTIONS.items():
        if collection.linked_node and name in EXPORTED:
            answer = client.get(f"/api/v1/{name}?pageSize=100", headers={"accept": "application/ld+json"})
            assert answer.status_code == 200
            assert SECRET not in body_of(answer), name


def told_apart(client, addresses_of, secrets, unknown):
    """The addresses that answer about one of the secrets in another way than about what never was."""

    def answers_about(key):
        answers = [(address, client.get(address)) for address in addresses_of(key)]
        return [
            (address, answer.status_code, without_trace(body_of(answer)).replace(key, "*"))
            for address, answer in answers
        ]

    untold = [answer[1:] for answer in answers_about(unknown)]
    return [
        address
        for secret in secrets
        for (address, *answer), other in zip(answers_about(secret), untold, strict=True)
        if tuple(answer) != other
    ]


def test_a_secret_unit_is_as_unknown_as_one_that_never_was(client, planted):
    assert told_apart(client, own, KINDS, UNKNOWN) == []
    assert told_apart(client, asked, KINDS, UNKNOWN) == []
    assert told_apart(client, own, [f"vroeger-{kind}" for kind in KINDS], UNKNOWN) == []
    keys = [str(key) for key in Unit.objects.filter(slug__in=KINDS).values_list("pk", flat=True)]
    assert told_apart(client, lambda key: [f"/api/v1/changes/units/{key}"], keys, str(uuid.UUID(int=0))) == []


@pytest.mark.parametrize(
    "changes", [{"status": "withdrawn"}, {"publish_until": NOW - DAY}, {"slug": "kwijt"}]
)
def test_what_the_feed_never_told_of_was_never_here(client, changes):
    """A former address of something that was prepared, and withdrawn or given another name before anybody saw it."""
    unit = make_placement(make_organogram(status="draft"), unit=make_unit(slug="plan")).unit
    for name, value in changes.items():
        setattr(unit, name, value)
    unit.save()
    bring_up_to_date()
    for address in ("/api/v1/units/plan", "/api/v1/units/kwijt", "/eenheden/plan", "/eenheden/kwijt"):
        assert client.get(address).status_code == 404
