"""The feed of changes as a reader of feeds takes it in."""

import datetime
import random
import re
import xml.etree.ElementTree as ElementTree
from email.utils import parsedate_to_datetime

import pytest
from django.db.models import CharField, Value
from django.utils import timezone

from projects.models import Project, ProjectUpdate
from pzgent.models import PublishedItem
from pzgent.syndication import feeds
from pzgent.worker import bring_up_to_date
from tests.make import (
    make_channel,
    make_notice,
    make_organogram,
    make_placement,
    make_project,
    make_schedule,
    make_term,
)
from tests.thinning import THOROUGH

pytestmark = pytest.mark.django_db
ADDRESS = "/feeds/wijzigingen.atom"
ATOM = "{http://www.w3.org/2005/Atom}"


def feed_of(client, address=ADDRESS):
    bring_up_to_date()
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


FEEDS = ["/feeds/berichten.atom", "/feeds/projecten.atom", "/feeds/organogram.atom", ADDRESS]


def write_past_the_cleaning(row, **texts):
    """Store texts as an older version, or SQL by hand, may have."""
    raw = {name: Value(text, output_field=CharField()) for name, text in texts.items()}
    type(row).objects.filter(pk=row.pk).update(**raw)


@pytest.mark.parametrize("sign", ["\x0b", "\x02", "\x1f", "\ufffe", "\uffff"])
def test_no_character_in_the_database_breaks_a_file(client, sign):
    hostile = f"Fiets{sign} stelen"
    notice = make_notice()
    write_past_the_cleaning(notice, title=hostile, text_nl=hostile)
    write_past_the_cleaning(make_project(), title=hostile, summary=hostile)
    write_past_the_cleaning(make_term(), abbreviation=hostile)
    old = make_placement(make_organogram(valid_from=datetime.date(2001, 1, 1)))
    new = make_organogram(valid_from=datetime.date(2002, 1, 1))
    write_past_the_cleaning(new, title=hostile)
    write_past_the_cleaning(make_placement(new, unit=old.unit), name=hostile)
    channel = make_channel(schedule=make_schedule((0, "08:00", "12:00")), value="+3292666111", kind="phone")
    write_past_the_cleaning(channel, label=hostile, note=hostile)
    for address in [*FEEDS, "/organogram.svg"]:
        answer = client.get(address)
        assert answer.status_code == 200, address
        ElementTree.fromstring(answer.content)
        assert sign not in answer.content.decode(), address
    channel_root = f"/contact/{channel.topic.slug}/{channel.slug}"
    for address in (f"{channel_root}.vcf", f"{channel_root}.ics", "/organogram.pdf", "/sitemap.xml"):
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert address.endswith(".pdf") or sign not in answer.content.decode(), address


def summaries_of(client, address):
    found = [entry.find(f"{ATOM}summary") for entry in feed_of(client, address).findall(f"{ATOM}entry")]
    return [(summary.get("type"), summary.text) for summary in found if summary is not None]


def test_a_plain_text_is_sent_as_a_text(client):
    text = "Vraag naar <naam> & bel.\n\nZie ?a=1&copy=2 &amp; verder."
    make_notice(text_nl=text)
    make_project(summary=text)
    make_term(explanation=text)
    assert summaries_of(client, "/feeds/berichten.atom") == [("text", text)]
    assert summaries_of(client, "/feeds/projecten.atom") == [("text", text)]


def test_news_is_sent_as_escaped_html(client):
    project = make_project(summary="Kort")
    html = "<p>Eerste &lt;naam&gt;</p><p>Tweede &amp;copy=2</p>"
    ProjectUpdate.objects.create(project=project, date=datetime.date(2024, 1, 1), text=html)
    assert summaries_of(client, "/feeds/projecten.atom") == [("html", html)]


def test_a_feed_changes_with_its_data_and_not_with_the_request(client):
    for address in FEEDS:
        assert feed_of(client, address).findtext(f"{ATOM}updated") == "2021-01-01T00:00:00+00:00"
    later = timezone.now() - datetime.timedelta(days=3)
    project = make_project(publish_from=later)
    Project.objects.filter(pk=project.pk).update(modified=later - datetime.timedelta(days=9))
    feed = feed_of(client, "/feeds/projecten.atom")
    updated = datetime.datetime.fromisoformat(feed.findtext(f"{ATOM}updated"))
    assert abs(updated - later) < datetime.timedelta(seconds=1)
    again = feed_of(client, "/feeds/projecten.atom")
    assert ElementTree.tostring(again) == ElementTree.tostring(feed)


def dates_of(client, address):
    """The moment of the feed, its date in the header, and what it holds, once the worker has seen what changed."""
    bring_up_to_date()
    answer = client.get(address)
    feed = ElementTree.fromstring(answer.content)
    return (
        datetime.datetime.fromisoformat(feed.findtext(f"{ATOM}updated")),
        parsedate_to_datetime(answer.headers["Last-Modified"]),
        sorted(
            (entry.findtext(f"{ATOM}id"), entry.findtext(f"{ATOM}updated"))
            for entry in feed.iter(f"{ATOM}entry")
        ),
    )


def withdraw(item):
    item.status = "withdrawn"
    item.save()


def unpublish(item):
    type(item).objects.filter(pk=item.pk).update(status="draft")


EDITS = {
    "save": lambda item: item.save(),
    "withdraw": withdraw,
    "unpublish": unpublish,
    "delete": lambda item: item.delete(),
}


@pytest.mark.parametrize(
    ("address", "make"),
    [
        ("/feeds/berichten.atom", make_notice),
        ("/feeds/projecten.atom", make_project),
        (ADDRESS, make_term),
        (f"{ADDRESS}?before=4", make_term),
    ],
)
@pytest.mark.parametrize("seed", range(5 if THOROUGH else 1))
def test_the_date_of_a_feed_never_goes_back_and_tells_each_change(client, address, make, seed):
    chance, items = random.Random(seed), []
    before = dates_of(client, address)
    for number in range(12):
        if number < 3 or not items or chance.random() < 0.3:
            items.append(make(modified=timezone.now()))
        else:
            item = chance.choice(items)
            edit = chance.choice(sorted(EDITS))
            EDITS[edit](item)
            if edit != "save":
                items.remove(item)
        after = dates_of(client, address)
        assert after[:2] >= before[:2]
        if after[2] != before[2] and "before" not in address:
            assert after[0] > before[0]
        before = after


def test_a_reader_that_asks_by_date_hears_of_a_withdrawal(client):
    make_notice()
    notice = make_notice()
    bring_up_to_date()
    answer = client.get("/feeds/berichten.atom")
    headers = {"if-modified-since": answer.headers["Last-Modified"]}
    assert client.get("/feeds/berichten.atom", headers=headers).status_code == 304
    unpublish(notice)
    bring_up_to_date()
    assert client.get("/feeds/berichten.atom", headers=headers).status_code == 200
