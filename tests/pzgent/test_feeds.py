"""The feed of changes as a reader of feeds takes it in."""

import datetime
import re
import xml.etree.ElementTree as ElementTree

import pytest

from pzgent import feeds
from pzgent.models import PublishedItem
from tests.make import make_channel, make_schedule, make_term

pytestmark = pytest.mark.django_db
ADDRESS = "/feeds/wijzigingen.atom"
ATOM = "{http://www.w3.org/2005/Atom}"


def feed_of(client, address=ADDRESS):
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    return ElementTree.fromstring(answer.content)


def link_of(element, relation):
    found = [link.get("href") for link in element.findall(f"{ATOM}link") if link.get("rel") == relation]
    return found[0] if found else None


def test_every_entry_has_what_atom_asks(client):
    make_term(abbreviation="CALOG")
    feed = feed_of(client)
    for element in [feed, *feed.findall(f"{ATOM}entry")]:
        assert re.match(r"(https?://|urn:uuid:)", element.findtext(f"{ATOM}id"))
        assert element.findtext(f"{ATOM}title")
        assert datetime.datetime.fromisoformat(element.findtext(f"{ATOM}updated")).utcoffset() is not None
        assert link_of(element, "alternate").startswith("http")
    assert feed.find(f"{ATOM}author/{ATOM}name").text == "Politiezone Gent"
    assert link_of(feed, "self") == f"http://testserver{ADDRESS}"


def test_an_entry_is_a_change_with_an_identity_that_lasts(client):
    term = make_term(abbreviation="CALOG", expansion="eerst")
    (first,) = feed_of(client).findall(f"{ATOM}entry")
    (again,) = feed_of(client).findall(f"{ATOM}entry")
    term.expansion = "later"
    term.save()
    (changed,) = feed_of(client).findall(f"{ATOM}entry")
    ids = [entry.findtext(f"{ATOM}id") for entry in (first, again, changed)]
    assert ids[0] == ids[1] != ids[2]
    assert client.get(link_of(changed, "alternate")).json()["expansion"] == "later"


def test_what_is_gone_is_told(client):
    term = make_term(abbreviation="CALOG")
    feed_of(client)
    key = term.pk
    term.delete()
    (entry,) = feed_of(client).findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == f"terms: Weg: {key}"
    (change,) = client.get(link_of(entry, "alternate")).json()["items"]
    assert (change["action"], change["id"]) == ("delete", str(key))


def test_the_pages_together_hold_every_change_once(client, monkeypatch):
    monkeypatch.setattr(feeds, "MOST", 4)
    for _number in range(10):
        make_term()
    ids, address, sizes = [], ADDRESS, []
    while address:
        feed = feed_of(client, address)
        entries = feed.findall(f"{ATOM}entry")
        sizes.append(len(entries))
        ids += [entry.findtext(f"{ATOM}id") for entry in entries]
        assert link_of(feed, "first") == f"http://testserver{ADDRESS}"
        address = link_of(feed, "next")
    assert sizes == [4, 4, 2]
    assert len(set(ids)) == 10 == PublishedItem.objects.count()


@pytest.mark.parametrize("before", ["x", "-1", "1.5", "%C2%B2", "9" * 30])
def test_what_is_no_number_is_not_found(client, before):
    assert client.get(f"{ADDRESS}?before={before}").status_code == 404


def test_a_page_before_everything_is_empty(client):
    make_term()
    assert feed_of(client, f"{ADDRESS}?before=0").findall(f"{ATOM}entry") == []


def test_an_empty_feed_is_valid(client):
    assert feed_of(client).findtext(f"{ATOM}updated")


@pytest.mark.parametrize(
    "path",
    ["/feeds/berichten.atom", "/feeds/projecten.atom", "/feeds/wijzigingen.atom", "/feeds/organogram.atom"],
)
def test_programs_of_other_sites_may_read_and_keep_a_feed(client, path):
    headers = client.get(path).headers
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert headers["Cache-Control"] == "public, max-age=60"


def test_programs_of_other_sites_may_read_a_calendar_but_no_page(client):
    channel = make_channel(schedule=make_schedule((0, "09:00", "12:00")))
    calendar = client.get(f"{channel.topic.get_absolute_url()}/{channel.slug}.ics")
    assert (calendar.status_code, calendar.headers["Access-Control-Allow-Origin"]) == (200, "*")
    assert "Access-Control-Allow-Origin" not in client.get("/").headers
