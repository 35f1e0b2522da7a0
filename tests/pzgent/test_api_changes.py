"""The change feed: complete, in order, and enough to keep an exact copy."""

import datetime
import io
import json
import os
import random
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework import serializers

from organisation.models import Placement, Term, Unit
from pzgent.change_feed.changes import _format_of, fingerprint_of
from pzgent.change_feed.revision import revision
from pzgent.models import FeedState, PublishedChange, PublishedItem
from pzgent.registry.collections import EXPORTED
from pzgent.worker import bring_up_to_date
from tests.make import make_channel, make_organogram, make_placement, make_term, make_topic, make_unit
from tests.pages import body_of
from tests.portal import end
from tests.processes import finish, migrated_database, run
from tests.pzgent.test_concurrency import SEED

pytestmark = pytest.mark.django_db
FEED = "/api/v1/changes"
# How many processes edit, and how often each; the last with `make replica`.
WRITERS = {"sqlite": (2, 30), "postgresql": (4, 40), "all": (8, 250)}
CLIENT = settings.BASE_DIR / "docs/examples/replica.py"
SHOW_ALL = """
from organisation.models import Unit
Unit.objects.update(status="published")
"""
AWAIT_NUMBERS = """
import time
from pzgent.change_feed.changes import is_numbered, read_feed
from pzgent.change_feed.revision import revision
last = time.monotonic() + 10
while not is_numbered(read_feed(), revision()):
    assert time.monotonic() < last
    time.sleep(0.05)
"""
ADD_TERMS = """
from tests.make import make_term
for abbreviation in "{}":
    make_term(abbreviation=abbreviation)
"""


def follow(client, after=0, query=""):
    """Every change after a number, and the last number, once the worker has numbered what changed."""
    bring_up_to_date()
    changes, address = [], f"{FEED}?after={after}&pageSize=100{query}"
    while address:
        page = client.get(address).json()
        changes += page["items"]
        after, address = page["last"], page.get("next")
    return changes, after


def last_of(client):
    return follow(client)[1]


def new_changes(client, after):
    return [(change["action"], change["collection"]) for change in follow(client, after)[0]]


def test_the_first_time_everything_is_told(client, plan):
    PublishedItem.objects.all().delete()
    FeedState.objects.all().delete()
    PublishedChange.objects.all().delete()
    changes, _last = follow(client)
    exported = json.loads(body_of(client.get("/api/v1/exports/organisation.json")))
    told = {}
    for change in changes:
        told.setdefault(change["collection"], []).append(change["item"])
    assert {name: items for name, items in exported["collections"].items() if items} == told
    numbers = [change["number"] for change in changes]
    assert numbers == sorted(set(numbers))


def test_what_is_new_is_written_once():
    for _number in range(3):
        make_term()
    with CaptureQueriesContext(connection) as queries:
        bring_up_to_date()
    table = PublishedItem._meta.db_table
    written = [query["sql"] for query in queries if table in query["sql"] and "SELECT" not in query["sql"]]
    assert [sql.split()[0] for sql in written] == ["INSERT"]
    assert PublishedItem.objects.count() == 3


def test_nothing_new_is_nothing_told(client, plan):
    last = last_of(client)
    assert follow(client, last) == ([], last)


def test_an_edit_is_told_once_with_a_higher_number(client):
    topic = make_topic(title="Een")
    last = last_of(client)
    for title in ("Twee", "Drie"):
        topic.title = title
        topic.save()
    (change,), newest = follow(client, last)
    assert (change["action"], change["id"], change["item"]["title"]) == ("upsert", str(topic.pk), "Drie")
    assert change["number"] == newest > last


@pytest.mark.parametrize("way", ["delete", "withdraw", "expire"])
def test_what_is_gone_stays_in_the_feed(client, monkeypatch, way):
    term = make_term(publish_until=timezone.now() + datetime.timedelta(days=1))
    last = last_of(client)
    if way == "delete":
        term.delete()
    elif way == "withdraw":
        term.status = "withdrawn"
        term.save()
    else:
        later = timezone.now() + datetime.timedelta(days=2)
        monkeypatch.setattr(timezone, "now", lambda: later)
    changes, newest = follow(client, last)
    assert [(change["action"], change["collection"]) for change in changes] == [("delete", "terms")]
    assert "item" not in changes[0]
    assert [change["action"] for change in follow(client)[0]] == ["delete"]
    assert follow(client, newest)[0] == []


def test_what_comes_back_is_told_again(client):
    term = make_term()
    last_of(client)
    term.status = "withdrawn"
    term.save()
    last = last_of(client)
    term.status = "published"
    term.save()
    assert new_changes(client, last) == [("upsert", "terms")]


def test_what_is_published_by_its_date_is_told_from_then(client, monkeypatch):
    later = timezone.now() + datetime.timedelta(hours=1)
    make_term(publish_from=later)
    last = last_of(client)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert new_changes(client, last) == [("upsert", "terms")]


def test_a_move_tells_all_whose_path_changed(client):
    root = make_placement(make_organogram(), name="Korps")
    one, two = (make_placement(root.organogram, root, name=name) for name in ("Een", "Twee"))
    child = make_placement(root.organogram, one, name="Kind")
    last = last_of(client)
    one.refresh_from_db()
    one.parent = Placement.objects.get(pk=two.pk)
    one.save()
    changes, _last = follow(client, last)
    paths = {change["item"]["slug"]: change["item"]["path"] for change in changes}
    assert paths == {
        one.unit.slug: ["Korps", "Twee", "Een"],
        child.unit.slug: ["Korps", "Twee", "Een", "Kind"],
    }


def test_rows_without_a_version_of_their_own_count_too(client, plan):
    last = last_of(client)
    placement = Placement.objects.get(organogram__slug="organogram-2021-09", unit__slug="wijkdienst")
    Placement.objects.filter(pk=placement.pk).update(abbreviation="NIEUW")  # past all forms and signals
    assert ("upsert", "units") in new_changes(client, last)


def test_a_bulk_load_is_told(client):
    last = last_of(client)
    call_command("load_plan", verbosity=0)
    assert len(new_changes(client, last)) > 500


def test_some_collections_alone_can_be_followed(client):
    make_topic()
    make_term()
    assert {change["collection"] for change in follow(client, 0, "&collection=terms")[0]} == {"terms"}


def test_items_carry_the_address_of_the_site_that_was_asked(client, settings):
    make_term()
    settings.BASE_URL = "https://een.example"
    settings.ALLOWED_HOSTS = ["een.example", "testserver"]
    assert follow(client)[0][0]["item"]["href"].startswith("https://een.example/api/v1/terms/")


def test_an_update_of_the_program_that_adds_a_field_tells_all_items_anew(client, monkeypatch):
    term = make_term()
    last = last_of(client)
    shown = EXPORTED["terms"].serializer

    class Richer(shown):
        colour = serializers.SerializerMethodField()

        def get_colour(self, _term):
            return "blue"

    monkeypatch.setattr(EXPORTED["terms"], "serializer", Richer)
    _format_of.cache_clear()  # as in a new process
    ((change,), _newest) = follow(client, last)
    _format_of.cache_clear()
    assert (change["id"], change["item"]["colour"]) == (str(term.pk), "blue")


@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", "after=1&after=2", "collection=niets", "page=2", "pageSize=101"]
)
def test_a_faulty_question_is_refused(client, query):
    answer = client.get(f"{FEED}?{query}")
    assert answer.status_code == 400
    assert answer.json()["issues"]


def test_asking_again_takes_few_queries_and_writes_nothing(client, plan):
    last = last_of(client)
    with CaptureQueriesContext(connection) as queries:
        client.get(f"{FEED}?after={last}")
    assert len(queries) <= 3
    assert all(query["sql"].lstrip("(").startswith("SELECT") for query in queries)


def test_items_carry_the_number_that_the_feed_gives_them(client, plan):
    numbers = {change["id"]: change["number"] for change in follow(client)[0]}
    for name in EXPORTED:
        items = client.get(f"/api/v1/{name}?pageSize=100").json()["items"]
        assert {item["id"]: item["changeNumber"] for item in items}.items() <= numbers.items()
    for address in ("units/wijkdienst", "plans/zvp-2020-2025"):
        item = client.get(f"/api/v1/{address}").json()
        assert item["changeNumber"] == numbers[item["id"]]


def test_a_change_of_what_only_embed_shows_gives_no_new_number(client):
    place = make_placement(make_organogram(), unit=make_unit(slug="korps"))
    address = "/api/v1/units?embed=channels"
    bring_up_to_date()
    before = client.get(address).json()["items"][0]
    channel = make_channel(unit=place.unit)
    bring_up_to_date()
    after = client.get(address).json()["items"][0]
    assert "channels" not in before
    assert [shown["id"] for shown in after["channels"]] == [str(channel.pk)]
    assert after["changeNumber"] == before["changeNumber"]
    assert "channels" not in client.get("/api/v1/units").json()["items"][0]
    (told_unit,) = (item for item in follow(client)[0] if item["collection"] == "units")
    assert "channels" not in told_unit["item"]


def test_an_item_is_never_older_than_what_the_feed_told_under_its_number(client):
    term, other = make_term(), make_term()
    last = last_of(client)

    def numbers():
        return [client.get(f"/api/v1/terms/{row.slug}").json()["changeNumber"] for row in (term, other)]

    before = numbers()
    Term.objects.filter(pk=term.pk).update(explanation="Nieuw")
    assert client.get(f"/api/v1/terms/{term.slug}").json()["explanation"] == "Nieuw"
    assert numbers() == before  # newer than its number tells, until the worker has seen it
    assert client.get(FEED, {"after": last}).json()["items"] == []
    bring_up_to_date()
    after = numbers()
    assert after[0] > max(before)
    assert after[1] == before[1]
    (change,) = follow(client, max(before))[0]
    assert (change["number"], change["item"]["explanation"]) == (after[0], "Nieuw")


def test_an_item_of_which_the_feed_has_not_told_yet_has_no_number(client):
    term = make_term()
    item = client.get(f"/api/v1/terms/{term.slug}").json()
    assert (item["slug"], item.get("changeNumber")) == (term.slug, None)
    assert client.get("/api/v1/terms").json()["items"] == [item]


def test_every_collection_is_in_the_feed(client, plan):
    assert {change["collection"] for change in follow(client)[0]} == set(EXPORTED) - {"notices", "consumers"}


def settled(url):
    """Come back when the worker of a server has numbered everything that was committed."""
    finish(run(url, "manage.py", "shell", "-v0", "-c", AWAIT_NUMBERS))


@contextmanager
def server(url):
    """The address of the production server on that database."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--blocking-threads", "2"]
    program = run(url, "-m", "granian", *options, "pzgent.wsgi:application")
    try:
        for _attempt in range(100):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/health", timeout=5)
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        end(program)
        program.communicate()


def test_a_copy_follows_many_writers_exactly(tmp_path):
    """The example client, stopped at random moments, while several processes edit; at the end both are the same."""
    writers, edits = WRITERS[os.environ.get("REPLICA", connection.vendor)]
    chance, copy = random.Random(7), tmp_path / "copy.json"
    command = [sys.executable, str(CLIENT), "", str(copy)]
    with migrated_database(tmp_path) as url:
        finish(run(url, "manage.py", "shell", "-v0", "-c", SEED))
        with server(url) as site:
            command[2] = site
            workers = [
                run(url, "tests/tools/tree_worker.py", str(number), str(edits))
                for number in range(1, writers + 1)
            ]
            while any(worker.poll() is None for worker in workers):
                follower = subprocess.Popen([*command, "--every", "0.05"], stdout=subprocess.DEVNULL)
                time.sleep(chance.uniform(0.1, 0.6))
                follower.kill()
                follower.wait()
            assert [json.loads(finish(worker))["errors"] for worker in workers] == [[]] * writers
            finish(run(url, "manage.py", "shell", "-v0", "-c", SHOW_ALL))
            settled(url)
            subprocess.run(command, check=True, capture_output=True)
            with urllib.request.urlopen(f"{site}/api/v1/exports/organisation.json", timeout=60) as answer:
                wanted = json.load(answer)["collections"]
    found = json.loads(copy.read_text())["items"]
    by_id = {name: {item["id"]: item for item in items} for name, items in wanted.items() if items}
    assert {name: items for name, items in found.items() if items} == by_id
    assert len(by_id["units"]) > 20


def test_the_client_starts_with_nothing_and_says_when_it_must_wait(tmp_path):
    done = subprocess.run(
        [sys.executable, str(CLIENT), "http://127.0.0.1:9", str(tmp_path / "copy.json")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "try again later" in done.stderr) == (0, True)
    assert not (tmp_path / "copy.json").exists()
    assert Unit.objects.count() == 0


def restore_from(state, items):
    """Put the feed back as a backup of the database holds it."""
    PublishedItem.objects.exclude(pk__in=[item.pk for item in items]).delete()
    PublishedItem.objects.bulk_update(items, ["number", "body", "is_removed"])
    PublishedChange.objects.filter(number__gt=state.number).delete()
    state.save()


def feed_of(client):
    bring_up_to_date()
    return client.get(f"{FEED}?pageSize=1").json()["feed"]


def test_pages_name_the_feed_and_carry_it_on(client):
    make_term(), make_term()
    bring_up_to_date()
    page = client.get(f"{FEED}?pageSize=1").json()
    assert page["feed"]
    assert f"feed={page['feed']}" in page["next"]
    assert client.get(page["next"]).json()["feed"] == page["feed"]


def test_a_number_above_the_newest_is_gone_with_what_to_do(client):
    make_term()
    answer = client.get(f"{FEED}?after={last_of(client) + 1}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (410, "application/problem+json")
    (issue,) = answer.json()["issues"]
    assert issue["name"] == "after"
    assert "/api/v1/exports/organisation.json" in issue["detail"]


def test_the_newest_number_itself_is_fine(client):
    make_term()
    assert client.get(f"{FEED}?after={last_of(client)}").status_code == 200


def test_another_feed_is_gone_whatever_the_number(client):
    make_term()
    assert client.get(f"{FEED}?after=0&feed=another").status_code == 410


def test_a_restored_database_gets_a_feed_of_its_own_before_its_numbers_are_given_out_again(client):
    make_term(abbreviation="A")
    before, _last = feed_of(client), last_of(client)
    backup = FeedState.objects.get(), list(PublishedItem.objects.all())
    make_term(abbreviation="B")
    last = last_of(client)
    Term.objects.filter(abbreviation="B").delete()
    restore_from(*backup)
    for number in range(5):
        make_term(abbreviation=f"C{number}")
    last_of(client)
    assert PublishedItem.objects.count() > last
    assert feed_of(client) != before
    assert client.get(f"{FEED}?after={last}&feed={before}").status_code == 410


def test_a_restored_database_is_noticed_without_any_edit(client):
    make_term(abbreviation="A")
    before = feed_of(client)
    backup = FeedState.objects.get(), list(PublishedItem.objects.all())
    made = make_term(abbreviation="B")
    last_of(client)
    made.delete()
    restore_from(*backup)
    FeedState.objects.update(fingerprint=fingerprint_of(EXPORTED, revision()))
    assert feed_of(client) != before


def test_a_reset_feed_has_another_name(client):
    make_term()
    before = feed_of(client)
    PublishedChange.objects.all().delete()
    PublishedItem.objects.all().delete()
    FeedState.objects.all().delete()
    assert feed_of(client) != before


def test_an_edit_keeps_the_name(client):
    make_term()
    before = feed_of(client)
    make_term()
    assert feed_of(client) == before


def test_a_disk_that_cannot_be_written_stops_no_answer(client, settings, tmp_path, caplog):
    settings.FEED_WITNESS = tmp_path / "no such folder" / "feed.json"
    make_term()
    bring_up_to_date()
    assert len(client.get(FEED).json()["items"]) == 1
    assert "cannot be remembered" in caplog.text


@pytest.mark.once
def test_the_example_client_is_exact_after_edits_a_restore_and_a_reset(tmp_path):
    url, archive = f"sqlite:///{tmp_path / 'site.sqlite3'}", tmp_path / "backup.tar.gz"
    finish(run(url, "manage.py", "migrate", "-v0"))
    finish(run(url, "manage.py", "shell", "-v0", "-c", SEED))
    with server(url) as site:
        require_exact_copy(url, site, tmp_path, terms=0)
        finish(run(url, "manage.py", "backup", str(archive)))
        finish(run(url, "manage.py", "shell", "-v0", "-c", SHOW_ALL + ADD_TERMS.format("AB")))
        require_exact_copy(url, site, tmp_path, terms=2)
        finish(run(url, "manage.py", "restore", str(archive)))
        finish(run(url, "manage.py", "shell", "-v0", "-c", ADD_TERMS.format("CDEF")))
        require_exact_copy(url, site, tmp_path, terms=4)
        finish(run(url, "manage.py", "reset_feed"))
        require_exact_copy(url, site, tmp_path, terms=4)


def require_exact_copy(url, site, folder, terms):
    """Bring the copy of the example client up to date and compare it with the file of everything, number and all."""
    copy = folder / "copy.json"
    settled(url)
    subprocess.run([sys.executable, str(CLIENT), site, str(copy)], check=True, capture_output=True)
    with urllib.request.urlopen(f"{site}/api/v1/exports/organisation.json", timeout=60) as answer:
        wanted, feed = json.load(answer)["collections"], answer.headers["Feed-Identity"]
        last = int(answer.headers["Feed-Number"])
    found = json.loads(copy.read_text())
    assert {name: items for name, items in found["items"].items() if items} == {
        name: {item["id"]: item for item in items} for name, items in wanted.items() if items
    }
    assert (found["feed"], found["last"], len(wanted["terms"])) == (feed, last, terms)


def test_a_reset_feed_is_named_by_the_bulk_files_too(client):
    make_term()
    bring_up_to_date()
    first = client.get("/api/v1/exports/terms.csv")
    body_of(first)
    call_command("reset_feed", stdout=io.StringIO())
    again = client.get("/api/v1/exports/terms.csv", headers={"if-none-match": first.headers["ETag"]})
    assert body_of(again)
    assert (again.status_code, again.headers["Feed-Identity"]) == (200, feed_of(client))
    assert again.headers["Feed-Identity"] != first.headers["Feed-Identity"]
