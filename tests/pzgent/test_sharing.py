"""What others see of a page: Open Graph, its picture, and its data for search engines."""

import html as entities
import io
import json
import re

import pytest
from PIL import Image, ImageColor
from rdflib import RDF, Graph, Namespace, URIRef

from pzgent.kernel.zone import COLOURS, Palette
from pzgent.models import Zone
from pzgent.registry.pages import FIXED_PAGES, ROW_PAGES
from pzgent.syndication.page_data import as_script, in_schema_org
from pzgent.syndication.pictures import draw
from tests.make import (
    make_hidden_place,
    make_location,
    make_organogram,
    make_placement,
    make_topic,
    make_unit,
)
from tests.page_types import PAGES as PAGE_TYPES
from tests.page_types import REFUSED
from tests.pages import MOST_QUERIES, count_queries
from tests.thinning import share

pytestmark = [
    pytest.mark.django_db,
    # rdflib warns of its own parts.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib.*"),
]
SCHEMA = Namespace("https://schema.org/")
ICONS = {
    "apple-touch-icon.png", "favicon.ico", "favicon.svg", "icon-192.png", "icon-512.png", "icon-maskable-512.png",
}  # fmt: skip
# Every sort of page, each once.
ADDRESSES = [path for sort, path in PAGE_TYPES.items() if "?" not in path and sort not in REFUSED]


def shared(client, address):
    """The Open Graph of a page, as name -> value."""
    html = client.get(address).content.decode()
    found = re.findall(r'<meta (?:property|name)="((?:og|twitter):[^"]+)" content="([^"]*)">', html)
    return {name: entities.unescape(value) for name, value in found}


def data_of(client, address):
    """The data blocks of a page."""
    html = client.get(address).content.decode()
    return [
        json.loads(text)
        for text in re.findall(r'(?s)<script type="application/ld\+json">(.*?)</script>', html)
    ]


# --- Open Graph ---


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.once
def test_a_page_can_be_shared(client, plan, address):
    found = shared(client, address)
    assert found["og:url"] == f"http://testserver{address}"
    assert len(found["og:title"]) >= 4
    assert len(found["og:description"]) >= 10
    assert (found["og:locale"], found["twitter:card"]) == ("nl_BE", "summary_large_image")
    if address in share(ADDRESSES, 0, of=6):
        picture = Image.open(io.BytesIO(client.get(found["og:image"]).content))
        assert (picture.format, picture.size) == ("PNG", (1200, 630))


@pytest.mark.once
def test_every_page_has_a_description_of_its_own(client, plan):
    descriptions = [
        shared(client, address)["og:description"] for address in ADDRESSES if address != "/zoeken"
    ]
    assert [text for text in descriptions if descriptions.count(text) > 1] == []


def test_a_title_with_quotes_stays_in_its_attribute(client):
    topic = make_topic(title='Fiets "weg" & <b>nu</b>')
    assert shared(client, topic.get_absolute_url())["og:title"] == 'Fiets "weg" & <b>nu</b>'


def test_the_other_languages_are_named(client):
    html = client.get("/fr/contact").content.decode()
    assert 'property="og:locale" content="fr_BE"' in html
    assert re.findall(r'locale:alternate" content="(\w+)"', html) == ["nl_BE", "en_GB", "de_BE"]
    assert 'property="og:url" content="http://testserver/fr/contact"' in html


def test_a_refusal_is_not_shared(client):
    html = client.get("/bestaat-niet").content.decode()
    assert "og:" not in html
    assert "ld+json" not in html


# --- pictures ---


def test_the_same_title_gives_the_same_picture():
    assert draw("Politie Gent", "Contact", "Titel") == draw("Politie Gent", "Contact", "Titel")
    assert draw("Politie Gent", "Contact", "Titel") != draw("Politie Gent", "Contact", "Andere")


@pytest.mark.parametrize("title", ["", "x" * 300, "woord " * 60, "Ééntje à côté: über €5"])
@pytest.mark.once
def test_any_title_fits(title):
    body = draw("Politie Gent", "Projecten", title)
    assert Image.open(io.BytesIO(body)).size == (1200, 630)
    assert len(body) < 40_000


def test_a_picture_is_kept_and_not_made_again(client, monkeypatch):
    first = client.get("/deelbeelden/contact.png")
    monkeypatch.setattr("pzgent.syndication.pictures.draw", None)
    again = client.get("/deelbeelden/contact.png")
    assert again.content == first.content
    assert (
        client.get("/deelbeelden/contact.png", headers={"if-none-match": first.headers["ETag"]}).status_code
        == 304
    )
    assert "max-age" in first.headers["Cache-Control"]


def test_a_picture_follows_the_title(client):
    topic = make_topic(title="Oud")
    old = client.get(f"/deelbeelden/topic-detail/{topic.slug}.png").content
    topic.title = "Nieuw"
    topic.save()
    assert client.get(f"/deelbeelden/topic-detail/{topic.slug}.png").content != old


@pytest.mark.parametrize(
    ("kind", "make", "field"),
    [
        ("topic-detail", make_topic, "title"),
        ("station", make_location, "name"),
    ],
)
def test_a_picture_has_the_title_in_its_language(client, kind, make, field, monkeypatch):
    drawn = []
    monkeypatch.setattr("pzgent.syndication.pictures.draw", lambda *words: drawn.append(words) or b"")
    row = make(**{field: "Slachtofferhulp", "translations": {"fr": {field: {"text": "Aide aux victimes"}}}})
    for prefix in ("", "/fr", "/de"):
        client.get(f"{prefix}/deelbeelden/{kind}/{row.slug}.png")
    assert [title for _name, _above, title, _colours in drawn] == [
        "Slachtofferhulp",
        "Aide aux victimes",
        "Slachtofferhulp",
    ]


@pytest.mark.parametrize("address", ["onbekend", "topic-detail/bestaat-niet", "onbekend/x"])
def test_there_is_no_picture_of_what_is_not_there(client, address):
    assert client.get(f"/deelbeelden/{address}.png").status_code == 404


def test_a_unit_below_a_hidden_one_or_nowhere_has_no_picture_and_no_place_in_the_sitemap(client):
    organogram = make_organogram()
    top = make_placement(organogram, name="Korps")
    hidden = make_placement(organogram, top, unit=make_unit(publication_level="withheld"))
    below = make_placement(organogram, hidden, name="Verborgen team").unit
    shown = make_placement(organogram, top, name="Gewoon team").unit
    unplaced = make_unit(name="Nog nergens")
    sitemap = client.get("/sitemap-units.xml").content.decode()
    for unit, status in ((below, 404), (shown, 200), (unplaced, 404)):
        assert client.get(unit.get_absolute_url()).status_code == status
        assert client.get(f"/deelbeelden/unit-detail/{unit.slug}.png").status_code == status
        assert (f"{unit.get_absolute_url()}<" in sitemap) == (status == 200)


def test_a_unit_that_now_stands_below_a_hidden_one_has_no_picture_and_no_place_in_the_sitemap(client):
    unit = make_placement(make_organogram(), name="Verhuisd team").unit
    address, picture = unit.get_absolute_url(), f"/deelbeelden/unit-detail/{unit.slug}.png"
    assert [client.get(path).status_code for path in (address, picture)] == [200, 200]
    make_hidden_place(unit=unit)
    assert [client.get(path).status_code for path in (address, picture)] == [404, 404]
    assert address not in client.get("/sitemap-units.xml").content.decode()


def test_a_draft_has_no_picture(client):
    topic = make_topic(status="draft")
    assert client.get(f"/deelbeelden/topic-detail/{topic.slug}.png").status_code == 404


@pytest.mark.once
def test_each_sort_of_picture_belongs_to_an_address(client, plan):
    names = {client.get(address).resolver_match.url_name for address in ADDRESSES}
    assert {*FIXED_PAGES, *ROW_PAGES} ^ names == set(), "see the page in the pages.py of its app"


# --- data for search engines ---


def graph_of(client, address):
    """The data blocks as a graph; the words of schema.org are taken from its address, not fetched."""
    graph = Graph()
    for block in data_of(client, address):
        assert block.pop("@context") == "https://schema.org"
        graph.parse(data=json.dumps({"@context": {"@vocab": str(SCHEMA)}, **block}), format="json-ld")
    return graph


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("/", "GovernmentOrganization"),
        ("/contact/scholen", "GovernmentOrganization"),
        ("/commissariaten/antenne-drongen", "PoliceStation"),
        ("/eenheden/wijkdienst", "GovernmentOrganization"),
    ],
)
def test_a_page_says_what_it_is_about(client, plan, address, kind):
    graph = graph_of(client, address)
    assert list(graph.subjects(RDF.type, SCHEMA[kind]))
    assert {
        str(term)
        for term in [*graph.predicates(), *graph.objects(None, RDF.type)]
        if "schema.org" not in term
    } <= {str(RDF.type)}


def test_the_contact_points_are_those_of_the_page(client, plan):
    graph = graph_of(client, "/contact/scholen")
    found = client.get("/contact/scholen").context["found"]
    points = {str(graph.value(point, SCHEMA.name)) for point in graph.subjects(RDF.type, SCHEMA.ContactPoint)}
    assert points == {item.channel.label for item in found.channels}
    phones = {item.channel.value for item in found.channels if item.channel.kind == "phone"}
    assert {str(phone) for phone in graph.objects(None, SCHEMA.telephone)} == phones


def test_the_page_and_the_api_speak_of_the_same_thing(client, plan):
    graph = graph_of(client, "/commissariaten/antenne-drongen")
    place = URIRef("http://testserver/api/v1/locations/antenne-drongen")
    assert str(graph.value(place, SCHEMA.name)) == client.get(str(place)).json()["name"]


def test_the_trail_is_the_list_above_the_page(client, plan):
    (trail,) = [
        block for block in data_of(client, "/eenheden/wijkdienst") if block["@type"] == "BreadcrumbList"
    ]
    steps = [(step["position"], step["name"], step.get("item")) for step in trail["itemListElement"]]
    assert steps[0] == (1, "Startpagina", "http://testserver/")
    assert steps[-1] == (len(steps), "Wijkdienst", None)
    assert steps[-2][2] == "http://testserver/eenheden/directie-operaties"


def test_only_a_page_below_another_shows_its_trail(client, plan):
    top, deeper = (client.get(path).content.decode() for path in ("/contact", "/contact/scholen"))
    assert 'class="breadcrumb"' not in top
    assert deeper.count('class="breadcrumb"') == 1
    assert "BreadcrumbList" in top


def test_the_data_cannot_end_their_block():
    text = as_script({"@type": "Thing", "name": "</script><script>alert(1)</script>&"})
    assert text.count("<") == 2
    assert json.loads(text.partition(">")[2].partition("<")[0])["name"].endswith("</script>&")


def test_only_the_words_of_schema_org_are_kept():
    node = {
        "@id": "x",
        "@type": ["org:Site", "schema:Place"],
        "org:siteOf": {"@id": "y"},
        "schema:name": {"@value": "A"},
    }
    assert in_schema_org(node) == {"@id": "x", "@type": "Place", "name": "A"}


@pytest.mark.parametrize(
    "address", ["/", "/contact/scholen", "/commissariaten/antenne-drongen", "/eenheden/wijkdienst"]
)
def test_the_data_cost_no_queries(client, plan, address):
    assert count_queries(client, address) <= MOST_QUERIES


# --- print, icons ---


def test_a_print_says_where_it_comes_from(client):
    html = client.get("/contact").content.decode()
    assert "Afgedrukt van http://testserver/contact op " in html
    refused = client.get("/" + "x" * 3_000).content.decode()
    assert "Afgedrukt van http://testserver/ op " in refused


def size_of(path):
    with Image.open(path) as image:
        return image.size


def test_the_icons_have_the_sizes_they_promise(client, settings):
    static = settings.BASE_DIR / "static"
    icons = json.loads(client.get("/manifest.webmanifest").content)["icons"]
    drawn = [icon for icon in icons if icon["type"] == "image/png"]
    assert [icon["sizes"] for icon in drawn] == ["192x192", "512x512", "512x512"]
    for icon in drawn:
        width, height = size_of(static / icon["src"].partition("static/")[2])
        assert icon["sizes"] == f"{width}x{height}"


@pytest.mark.parametrize("palette", Palette)
def test_each_palette_has_all_icons_in_its_colours(settings, palette):
    folder = settings.BASE_DIR / "static/icons" / palette
    assert {file.name for file in folder.iterdir()} == ICONS
    bar, accent = COLOURS[palette]
    assert set(re.findall("#[0-9a-f]{6}", (folder / "favicon.svg").read_text())) == {bar, accent}
    for name in ICONS - {"favicon.svg"}:
        with Image.open(folder / name) as image:
            width, height = image.size
            drawn = image.convert("RGBA").getpixel((width // 2, height * 7 // 10))[:3]
            wanted = ImageColor.getrgb(bar)
            assert max(abs(one - other) for one, other in zip(drawn, wanted, strict=True)) < 8
    assert size_of(folder / "apple-touch-icon.png") == (180, 180)


def test_the_icons_follow_the_colours_of_the_zone(client, licensed):
    assert client.get("/favicon.ico").headers["Location"] == "/static/icons/blue/favicon.ico"
    blue = client.get("/deelbeelden/home.png").content
    Zone.objects.update(palette="green")
    assert client.get("/favicon.ico").headers["Location"] == "/static/icons/green/favicon.ico"
    manifest = json.loads(client.get("/manifest.webmanifest").content)
    assert manifest["theme_color"] == COLOURS["green"][0]
    assert all("/icons/green/" in icon["src"] for icon in manifest["icons"])
    page = client.get("/privacy").content.decode()
    assert page.count("/icons/green/") == 3
    assert "/icons/blue/" not in page
    assert client.get("/deelbeelden/home.png").content != blue
