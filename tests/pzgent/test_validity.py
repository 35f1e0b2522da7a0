"""What many pages show is worked out once, and kept for as long as it is true."""

import datetime

import pytest
from django.utils import timezone, translation

from contact.availability import topics_now
from pzgent.kernel.validity import for_any_time, gathered, holds_until, of_state, once_per_state
from tests.make import make_channel, make_schedule, make_topic
from tests.pages import count_queries, text_of
from tests.pzgent.test_page_cache import Site

HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def counted():
    """A function that says how often it was called, and names the moments in a list."""
    calls, moments = [], []

    @once_per_state
    def count(*args):
        calls.append(args)
        for moment in moments:
            holds_until(moment)
        return len(calls)

    count.moments = moments
    return count


def test_in_one_state_it_is_worked_out_once(counted):
    with of_state("a"):
        assert [counted(), counted()] == [1, 1]
    with of_state("b"):
        assert [counted(), counted()] == [2, 2]
    with of_state("a"):
        assert counted() == 3  # of earlier states nothing is kept


def test_where_the_state_is_not_known_it_is_worked_out_each_time(counted):
    assert [counted(), counted()] == [1, 2]
    with of_state(""):
        assert counted() == 3


def test_each_language_each_argument_and_any_time_have_their_own(counted):
    with of_state("a"):
        found = [counted(), counted("x")]
        with translation.override("fr"):
            found.append(counted())
        with for_any_time():
            found.append(counted())
        assert found == [1, 2, 3, 4]
        assert counted("x") == 2


def test_after_a_moment_that_it_named_it_is_worked_out_again(counted, monkeypatch):
    now = timezone.now()
    counted.moments += [now + 2 * HOUR, now + HOUR, now - HOUR]
    with of_state("a"):
        with gathered() as told:
            assert [counted(), counted()] == [1, 1]
        assert told.moments[-2:] == [now + HOUR, now + HOUR]
        monkeypatch.setattr(timezone, "now", lambda: now + HOUR)
        assert counted() == 2


@pytest.mark.django_db
def test_topics_are_judged_once_for_all_pages(client):
    make_channel(
        topic=make_topic(title="Scholen"), value="+3292666750", schedule=make_schedule((0, "08:00", "12:00"))
    )
    alone = count_queries(client, "/", state="")
    with of_state("a"):
        topics_now()
        assert count_queries(client, "/", state="a") < alone
        assert "09 266 67 50" in text_of(client.get("/"))


@pytest.mark.django_db
@pytest.mark.usefixtures("one_connection")
def test_every_page_shows_an_edit_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr("pzgent.page_cache.layer.GRACE", 0)
    site = Site(tmp_path / "pages")
    topic = make_topic(title="Scholen")
    channel = make_channel(topic=topic, value="+3292666750")
    pages = ("/", "/contact", "/fr/", topic.get_absolute_url())
    for value, shown in (("+3292666750", "09 266 67 50"), ("+3292666751", "09 266 67 51")):
        channel.value = value
        channel.save()
        site.watch.look()
        assert {page: shown in site.get(page).text for page in pages} == dict.fromkeys(pages, True)
