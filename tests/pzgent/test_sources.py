"""An answer rests on the tables that its queries ask: a change of others leaves it, and none of its own is missed."""

import datetime
import random
import time

import pytest
from django.utils import timezone

from contact.models import Channel
from organisation.models import Term
from pzgent.change_feed.sources import sources_of
from pzgent.change_feed.state import SettledState
from pzgent.kernel.validity import EVERYTHING, StateHistory
from pzgent.models import DataChange, Zone
from pzgent.operations.release import code_digest
from pzgent.page_cache import crawl, layer
from pzgent.page_cache.crawl import Crawler
from pzgent.page_cache.public_addresses import public_addresses
from pzgent.registry.collections import COLLECTIONS
from pzgent.worker import bring_up_to_date
from tests.make import make, make_channel, make_term, make_topic
from tests.pzgent.test_page_cache import NOW, Site, said
from tests.pzgent.test_worker import change_something
from tests.thinning import THOROUGH

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_connection")]
ROUNDS, EACH = (300, 40) if THOROUGH else (25, 12)


@pytest.fixture
def site(tmp_path, settings, monkeypatch):
    """A portal whose outdated answers are never given, and that counts no clients."""
    settings.API_REQUESTS_PER_MINUTE = 0
    monkeypatch.setattr(layer, "GRACE", 0)
    return Site(tmp_path / "pages")


def test_after_an_edit_only_what_shows_its_table_is_made_anew(site):
    make_term(slug="hcp", explanation="Oud")
    make_channel(topic=make_topic(slug="hulp"), value="+3292666111")
    bring_up_to_date()
    pages = ("/begrippen", "/api/v1/terms", "/contact/hulp", "/contact", "/", "/api/v1/topics")
    for address in pages:
        site.get(address)
    Term.objects.update(explanation="Nieuw")
    bring_up_to_date()
    site.watch.look()
    asked = site.asked
    assert "Nieuw" in site.get("/begrippen").text
    assert "Nieuw" in site.get("/api/v1/terms").text
    assert site.asked == asked + 2
    for address in pages[2:]:
        site.get(address)
    assert site.asked == asked + 2


def test_a_page_shows_the_zone_and_changes_with_it_only(site):
    channel = make_channel(topic=make_topic(slug="hulp"), value="+3292666111")
    make(Zone, general=channel)
    other = make_channel(topic=make_topic(slug="werk"), value="+3292666222")
    bring_up_to_date()
    site.get("/privacy")
    asked = site.asked
    Channel.objects.filter(pk=other.pk).update(value="+3292666333")
    site.watch.look()
    site.get("/privacy")
    assert site.asked == asked
    Channel.objects.filter(pk=channel.pk).update(value="+3292666444")
    site.watch.look()
    assert "09 266 64 44" in site.get("/privacy").text


def test_every_answer_is_right_after_any_edit_and_at_any_moment(site, plan, monkeypatch):
    """Kept answers, those of a colleague's process and what is worked out once say what a fresh rendering says."""
    chance, now = random.Random(THOROUGH), NOW
    addresses = [*public_addresses(), *(f"/api/v1/{name}?lang=fr" for name in COLLECTIONS)]
    addresses = [
        address for address in addresses if "/insluiten/" not in address
    ]  # these tell when they were made
    watched = chance.sample(addresses, EACH * 3)
    for _round in range(ROUNDS):
        monkeypatch.setattr(timezone, "now", lambda moment=now: moment)
        monkeypatch.setattr(layer.time, "time", lambda moment=now: moment.timestamp())
        bring_up_to_date()
        colleague = Site(site.cache.copies.folder)
        colleague.watch.look()
        site.watch.look()
        for address in chance.sample(watched, EACH):
            asked = address.partition("?")[::2]
            fresh = said(site.bare(*asked))
            assert said(site.get(*asked)) == fresh, address
            assert said(colleague.get(*asked)) == fresh, address
        change_something(chance)
        now += chance.choice((0, 0, 1, 45, 600, 6_000)) * datetime.timedelta(minutes=1)


def test_a_query_names_its_sources():
    def found(sql, *params):
        return set(sources_of(sql, params))

    assert found('SELECT "x" FROM "organisation_term" LEFT JOIN "organisation_document" ON 1') == {
        "organisation_term",
        "organisation_document",
    }
    assert found('WITH RECURSIVE up AS (SELECT 1 FROM "organisation_unit") SELECT 1 FROM up') == {
        "organisation_unit"
    }
    assert found("SELECT COUNT(*) FROM pzgent_datachange") == {EVERYTHING}
    assert found('SELECT 1 FROM "pzgent_publisheditem" WHERE number > %s', 1) == {EVERYTHING}
    of_terms = 'SELECT 1 FROM "pzgent_publisheditem" U0 WHERE U0."collection" = %s'
    assert found(of_terms, "terms") == {"pzgent_publisheditem.terms"}
    assert found("SELECT 1") == set()


def test_a_change_that_nobody_can_tell_changes_everything():
    make_term(), bring_up_to_date()
    settled = SettledState(patience=0)
    assert settled.read().changed is None  # the first time
    make_term(), bring_up_to_date()
    assert "organisation_term" in settled.read().changed
    forget_marks()
    assert settled.read().changed is None


def forget_marks():
    """Replace the marks, as is done when there are many."""
    DataChange.objects.all().delete()
    DataChange.objects.create(mark=7, table_name="", row_keys=[])


def test_the_history_of_states_tells_what_is_still_the_same():
    history = StateHistory()
    history.note("a", None)
    history.note("b", frozenset({"term"}))
    history.note("c", frozenset({"unit"}))
    term, unit, none = frozenset({"term"}), frozenset({"unit"}), frozenset()
    assert history.is_same("b", "c", term)
    assert not history.is_same("a", "c", term)
    assert not history.is_same("b", "c", unit)
    assert not history.is_same("c", "b", term), "an answer of a later state"
    assert not history.is_same("x", "c", none), "a state that nobody remembers"
    assert not history.is_same("b", "c", frozenset({EVERYTHING}))
    history.note("d", None)
    assert not history.is_same("c", "d", none)
    assert history.is_same("e", "e", term)
    assert not history.is_same("", "", none)
    for number in range(300):
        history.note(f"later {number}", none)
    assert not history.is_same("d", "later 299", none), "too long ago"
    assert history.is_same("later 200", "later 299", none)


# --- Processes side by side ---------------------------------------------------------------------------


def test_what_one_process_made_another_takes_over_also_after_a_restart(site):
    make_term(slug="hcp")
    bring_up_to_date()
    first = {address: said(site.get(address)) for address in ("/begrippen", "/api/v1/terms", "/")}
    other = Site(site.cache.copies.folder)
    assert {address: said(other.get(address)) for address in first} == first
    assert other.asked == 0
    Term.objects.update(explanation="Nieuw")
    other.watch.look()
    assert "Nieuw" in other.get("/begrippen").text


def test_other_code_takes_over_nothing(site):
    site.get("/begrippen")
    upgraded = Site(site.cache.copies.folder)
    upgraded.cache.copies.code = "of the next release"
    upgraded.get("/begrippen")
    assert upgraded.asked == 1
    assert site.cache.copies.get(("/begrippen", ())).state == ""


def test_an_outdated_answer_is_made_anew_by_one_process(site, monkeypatch):
    """While a process makes an answer, another leaves it alone, and makes what is left."""
    monkeypatch.setattr(layer, "GRACE", 30)
    make_term(slug="hcp")
    bring_up_to_date()
    pages = ("/begrippen", "/api/v1/terms")
    for address in pages:
        site.get(address)
    Term.objects.update(explanation="Nieuw")
    bring_up_to_date()
    site.watch.look()
    made = []
    monkeypatch.setattr(site.cache, "_make", lambda address, *_asked: made.append(address.path))
    with site.cache.copies.claim(pages[0]):
        for address in pages * 3:
            assert "Nieuw" not in site.get(address).text
        wait_until(lambda: set(made) == {pages[1]})
    wait_until(lambda: pages[0] in made)


def wait_until(condition):
    """Wait for what another thread does."""
    for _time in range(500):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it did not happen")


def test_copies_that_did_not_change_are_left_as_they_are(site, monkeypatch):
    monkeypatch.setattr(crawl, "links_of", lambda *_about: [])
    monkeypatch.setattr(crawl, "REST", 0)
    make_term(slug="hcp")
    bring_up_to_date()
    site.watch.look()
    crawler = Crawler(site.cache, lambda: iter(["/begrippen", "/privacy"]))
    crawler.visit_all()
    Term.objects.update(explanation="Nieuw")
    bring_up_to_date()
    site.watch.look()
    asked, made = site.asked, {copy.name: copy.made for copy in site.cache.copies.listed()}
    crawler.visit_all()
    assert site.asked == asked + 1
    assert all(copy.made > made[copy.name] for copy in site.cache.copies.listed()), (
        "each is known to be right"
    )


def test_other_settings_and_other_files_are_other_code(settings, tmp_path):
    first = code_digest()
    assert code_digest() == first
    settings.API_REQUESTS_PER_MINUTE = 12_345
    assert code_digest() != first
    (tmp_path / "templates").mkdir()
    settings.BASE_DIR = tmp_path
    without = code_digest()
    (tmp_path / "templates" / "page.html").write_text("<p>")
    assert code_digest() != without
