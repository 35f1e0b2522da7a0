"""Pages for the frames of other sites, and oEmbed that leads programs to them."""

import datetime
import http.server
import re
import threading
import zoneinfo
from urllib.parse import quote

import pytest
from django.conf import settings

from tests.make import (
    make_channel,
    make_exception,
    make_notice,
    make_organogram,
    make_placement,
    make_schedule,
    make_topic,
    make_unit,
)
from tests.pages import MOST_QUERIES, count_queries, faults_of, text_of
from tests.pzgent.test_accessibility import axe_faults, load
from tests.pzgent.test_page_cache import Site
from tests.pzgent.test_pages import NUMBERS, numbers_of

pytestmark = pytest.mark.django_db
EMBEDS = ["/insluiten/contact/scholen", "/insluiten/organogram", "/insluiten/organogram/wijkdienst"]
SITE = "http://testserver"
LANGUAGES = ["", "/fr", "/en", "/de"]


@pytest.mark.parametrize("prefix", LANGUAGES)
@pytest.mark.parametrize("address", EMBEDS)
def test_a_page_for_a_frame_is_small_and_well_made(client, plan, prefix, address):
    answer = client.get(f"{prefix}{address}")
    html = answer.content.decode()
    assert answer.status_code == 200
    assert faults_of(html) == []
    assert f'<html lang="{prefix.strip("/") or "nl"}">' in html
    assert "<script" not in html
    assert "site-header" not in html
    assert len(html) < 25_000


@pytest.mark.parametrize("address", EMBEDS)
def test_the_emergency_numbers_come_first_in_a_frame_too(client, plan, address):
    places = numbers_of(client.get(address).content.decode())
    assert len(places) == len(NUMBERS)
    assert places == sorted(places)
    assert places[-1] < 2048


@pytest.mark.parametrize("address", EMBEDS)
def test_only_these_pages_may_be_framed(client, plan, address):
    framed, page = client.get(address).headers, client.get("/contact/scholen").headers
    assert "X-Frame-Options" not in framed
    assert page["X-Frame-Options"] == "DENY"
    strict = {**settings.SECURE_CSP, "frame-ancestors": "*"}
    assert framed["Content-Security-Policy"] == "; ".join(" ".join(part) for part in strict.items())
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert not client.get(address).cookies


@pytest.mark.parametrize("address", EMBEDS)
def test_a_page_for_a_frame_takes_few_queries(client, plan, address):
    assert count_queries(client, address) <= MOST_QUERIES


@pytest.mark.parametrize(
    "address", ["/insluiten/contact/niets", "/insluiten/contact/scholen/niets", "/insluiten/organogram/niets"]
)
def test_what_does_not_exist_is_not_found(client, plan, address):
    answer = client.get(address)
    assert answer.status_code == 404
    assert answer.headers["X-Frame-Options"] == "DENY"


def test_a_frame_can_only_be_read(client, plan):
    assert client.post("/insluiten/organogram").status_code == 405


def test_a_card_says_what_is_open_and_what_else_there_is(client):
    other = make_channel(label="Ander nummer")
    topic = make_topic(title="Scholen", slug="scholen")
    make_channel(topic=topic, slug="altijd", label="Altijd", schedule=make_schedule(always_open=True))
    make_channel(topic=topic, label="Dicht", value="", fallback=other)
    card = client.get("/insluiten/contact/scholen")
    assert "state-open" in card.content.decode()
    assert other.display in text_of(card)
    one = text_of(client.get("/insluiten/contact/scholen/altijd"))
    assert "Altijd" in one
    assert "Dicht" not in one


def test_a_notice_stands_in_a_frame_too(tmp_path, one_connection):
    make_topic(slug="scholen")
    make_notice(title="Ramp in de haven")
    assert "Ramp in de haven" in text_of(Site(tmp_path).get("/insluiten/contact/scholen"))


def test_a_branch_holds_what_is_below_its_top_alone(client):
    root = make_placement(make_organogram(), name="Korps")
    left = make_placement(root.organogram, root, name="Links")
    make_placement(root.organogram, left, name="Team links")
    make_placement(
        root.organogram, root, name="Rechts", unit=make_unit(name="Rechts", publication_level="withheld")
    )
    text = text_of(client.get(f"/insluiten/organogram/{left.unit.slug}"))
    assert "Team links" in text
    assert "Korps" not in text
    assert "Rechts" not in text_of(client.get("/insluiten/organogram"))


PAGES = [
    ("/contact/scholen", EMBEDS[0]), ("/eenheden/wijkdienst", EMBEDS[2]), ("/organogram", EMBEDS[1]),
]  # fmt: skip


@pytest.mark.parametrize("prefix", LANGUAGES)
@pytest.mark.parametrize(("page", "embed"), PAGES)
def test_a_page_leads_programs_and_people_to_its_frame(client, plan, prefix, page, embed):
    html = client.get(f"{prefix}{page}").content.decode()
    found = re.search(
        r'<link rel="alternate" type="application/json\+oembed" title="[^"]+" href="([^"]+)">', html
    )
    shown = client.get(found[1].replace("&amp;", "&").removeprefix(SITE)).json()
    assert f'src="{SITE}{prefix}{embed}"' in shown["html"]
    assert shown["html"].replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;") in html


@pytest.mark.parametrize("page", ["/", "/over", "/eenheden/niets", "/contact", "/projecten"])
def test_other_pages_offer_no_frame(client, plan, page):
    html = client.get(page).content.decode()
    assert "oembed" not in html
    assert "iframe" not in html


def test_a_sensitive_topic_offers_no_code(client):
    topic = make_topic(sensitive=True)
    html = client.get(topic.get_absolute_url()).content.decode()
    assert "iframe" not in html
    assert "oembed" not in html
    assert ask(client, f"{SITE}{topic.get_absolute_url()}").status_code == 404
    assert "data-leave" in client.get(f"/insluiten/contact/{topic.slug}").content.decode()


def test_one_channel_names_a_way_out_that_is_open(client):
    open_now = make_schedule(always_open=True)
    closed = make_schedule()
    make_exception(closed, first_day="2020-01-01", last_day="2100-01-01")
    night = make_channel(value="+3292666753", schedule=open_now)
    day = make_channel(value="+3292666752", schedule=closed, fallback=night)
    one = make_channel(schedule=closed, fallback=day)
    text = text_of(client.get(f"/insluiten/contact/{one.topic.slug}/{one.slug}"))
    assert "09 266 67 53" in text
    assert "09 266 67 52" not in text


@pytest.mark.parametrize(
    ("prefix", "said"),
    [("", "om 8.05 uur."), ("/fr", "à 8 h 05."), ("/en", "at 8.05."), ("/de", "um 8.05 Uhr.")],
)
def test_a_frame_says_its_time_as_in_the_language(client, monkeypatch, prefix, said):
    moment = datetime.datetime(2026, 11, 30, 8, 5, tzinfo=zoneinfo.ZoneInfo("Europe/Brussels"))
    monkeypatch.setattr("pzgent.syndication.embeds.now_in_brussels", lambda: moment)
    channel = make_channel(value="+3292666753", schedule=make_schedule(always_open=True))
    assert said in text_of(client.get(f"{prefix}/insluiten/contact/{channel.topic.slug}"))


def ask(client, url, **parameters):
    return client.get("/oembed", {"url": url, **parameters})


def test_oembed_answers_what_the_standard_asks(client, plan):
    answer = ask(client, f"{SITE}/contact/scholen", format="json")
    shown = answer.json()
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert (shown["version"], shown["type"], shown["provider_name"]) == ("1.0", "rich", "Politiezone Gent")
    assert shown["html"].startswith("<iframe src=")
    assert shown["html"].endswith("</iframe>")
    assert (shown["width"], shown["height"]) == (400, 480)
    assert shown["title"] in shown["html"]


@pytest.mark.parametrize(
    ("asked", "size"),
    [
        ({"maxwidth": 300}, (300, 480)),
        ({"maxheight": 200}, (400, 200)),
        ({"maxwidth": 1, "maxheight": 9_999}, (1, 480)),
        ({"maxwidth": 2_000, "maxheight": 2_000}, (400, 480)),
    ],
)
def test_oembed_keeps_to_the_size_asked(client, plan, asked, size):
    shown = ask(client, f"{SITE}/contact/scholen", **asked).json()
    assert (shown["width"], shown["height"]) == size
    assert f'width="{size[0]}" height="{size[1]}"' in shown["html"]


@pytest.mark.parametrize(
    ("url", "src"),
    [
        ("/eenheden/wijkdienst", "/insluiten/organogram/wijkdienst"),
        ("/de/organogram?datum=2021-05-01#table", "/de/insluiten/organogram"),
        ("/contact/scholen#onbekend", "/insluiten/contact/scholen"),
        ("/fr/insluiten/organogram/wijkdienst", "/fr/insluiten/organogram/wijkdienst"),
    ],
)
def test_oembed_knows_the_pages_in_each_language(client, plan, url, src):
    assert f'src="{SITE}{src}"' in ask(client, f"{SITE}{url}").json()["html"]


@pytest.mark.parametrize(
    "address", ["/eenheden/vroeger", "/eenheden/vroeger/", "/fr/eenheden/vroeger", "/eenheden/nu/"]
)
def test_oembed_follows_the_redirects_of_the_site(client, address):
    unit = make_placement(make_organogram(), unit=make_unit(slug="vroeger")).unit
    unit.slug = "nu"
    unit.save()
    there = client.get(address, follow=True)
    assert there.redirect_chain
    own = ask(client, f"{SITE}{address}")
    assert own.status_code == 200
    assert "/insluiten/organogram/nu" in own.json()["html"]


def test_oembed_of_one_channel(client):
    channel = make_channel(topic=make_topic(slug="scholen"), slug="lijn")
    for url in ("/contact/scholen#lijn", "/insluiten/contact/scholen/lijn"):
        assert (
            f'src="{SITE}/insluiten/contact/scholen/{channel.slug}"'
            in ask(client, f"{SITE}{url}").json()["html"]
        )


@pytest.mark.parametrize(
    ("query", "status"),
    [
        (f"url={quote(SITE)}/contact/niets", 404),
        (f"url={quote(SITE)}/eenheden/niets", 404),
        (f"url={quote(SITE)}/over", 404),
        (f"url={quote(SITE)}/bestaat-niet", 404),
        ("url=https://elders.example/contact/scholen", 404),
        ("url=javascript:alert(1)", 404),
        ("url=/contact/scholen", 404),
        ("url=http://[", 404),
        (f"url={quote(SITE)}/contact/scholen&format=xml", 501),
        (f"url={quote(SITE)}/contact/scholen&format=yaml", 501),
        (f"url={quote(SITE)}/contact/scholen&maxwidth=0", 400),
        (f"url={quote(SITE)}/contact/scholen&maxwidth=%C2%B2&maxheight=-1", 400),
        ("", 400),
        ("url=", 400),
    ],
)
def test_oembed_refuses_plainly(client, plan, query, status):
    answer = client.get(f"/oembed?{query}")
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_oembed_names_every_fault_at_once(client):
    assert len(client.get("/oembed?maxwidth=x&maxheight=y").json()["issues"]) == 3


@pytest.fixture
def partner():
    """Another site: serves one page with the HTML that it is given, on a port of its own."""

    class Page(http.server.BaseHTTPRequestHandler):
        html = ""

        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(type(self).html.encode())

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Page, f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_another_site_can_frame_these_pages_and_no_others(chromium, live_server, partner):
    page_of_partner, address = partner
    topic = make_topic(title="Scholen", slug="scholen")
    make_channel(topic=topic, label="Altijd", schedule=make_schedule(always_open=True))
    shown = f'<iframe name="card" src="{live_server.url}/insluiten/contact/scholen" width="320" height="400"></iframe>'
    refused = f'<iframe name="page" src="{live_server.url}/contact/scholen"></iframe>'
    page_of_partner.html = f"<!doctype html><title>Partner</title>{shown}{refused}"
    page = chromium.new_page()
    messages = []
    page.on("console", lambda message: messages.append(message.text))
    with page.expect_console_message(lambda message: "frame-ancestors 'none'" in message.text):
        page.goto(address)
    card, other = page.frame("card"), page.frame("page")
    assert card.locator("h1").inner_text() == "Scholen"
    assert card.locator(".state-open").is_visible()
    assert card.evaluate("document.documentElement.scrollWidth <= innerWidth")
    # The style sheet of the site is applied inside the frame.
    assert (
        card.evaluate("getComputedStyle(document.querySelector('.emergency')).backgroundColor")
        != "rgba(0, 0, 0, 0)"
    )
    other.wait_for_url("chrome-error://**")
    assert not any("insluiten" in text for text in messages)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "scheme"), [(200, "light"), (400, "dark")])
def test_a_page_for_a_frame_is_accessible(chromium, live_server, plan, width, scheme):
    # The policy of the site would refuse the checker itself.
    context = chromium.new_context(
        viewport={"width": width, "height": 400}, color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    for address in EMBEDS:
        page.goto(f"{live_server.url}{address}")
        load(page, "axe-core/axe.min.js")
        assert axe_faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
