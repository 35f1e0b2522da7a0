"""How often one client may ask the API, and that nothing is kept of who asked."""

import logging
import re

import pytest
from django.core.cache import caches
from django.test import RequestFactory
from hypothesis import HealthCheck, given
from hypothesis import settings as bounded
from hypothesis import strategies as st

from pzgent.kernel.rest.throttling import client_of
from tests.make import make_term

pytestmark = pytest.mark.django_db
TERMS = "/api/v1/terms"


@pytest.fixture(autouse=True)
def limited(settings, monkeypatch):
    """Three requests a minute, and a clock that stands still."""
    settings.API_REQUESTS_PER_MINUTE = 3
    moment = [999_999_999.5]
    monkeypatch.setattr("pzgent.kernel.rest.throttling.time.time", lambda: moment[0])
    return moment


def ask(client, number, path=TERMS, **headers):
    return [client.get(path, headers=headers) for _number in range(number)]


def test_answers_tell_what_is_left(client):
    first, second = ask(client, 2)
    assert first.headers["RateLimit-Policy"] == '"default";q=3;w=60'
    assert [first.headers["RateLimit"], second.headers["RateLimit"]] == [
        '"default";r=2;t=21',
        '"default";r=1;t=21',
    ]


def test_one_request_too_many_is_refused_with_the_time_to_wait(client):
    answer = ask(client, 4, **{"accept-language": "en"})[-1]
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "21")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["API-Version"]
    body = answer.json()
    assert (body["type"], body["limit"], body["retryAfterSec"]) == (
        "urn:problem-type:belgif:tooManyRequests",
        3,
        21,
    )
    assert answer.headers["RateLimit"] == '"default";r=0;t=21'


def test_the_next_minute_begins_anew(client, limited):
    ask(client, 4)
    limited[0] += 21
    assert client.get(TERMS).status_code == 200


def test_an_unchanged_answer_the_health_check_and_a_preflight_cost_nothing(client):
    make_term()
    etag = client.get(TERMS).headers["ETag"]
    for _number in range(5):
        assert client.get(TERMS, headers={"if-none-match": etag}).status_code == 304
        assert client.get("/api/v1/health").status_code == 200
        assert client.options(TERMS).status_code == 200
    assert client.get(TERMS).headers["RateLimit"] == '"default";r=1;t=21'


def test_errors_count_and_pages_do_not(client):
    assert ask(client, 4, "/api/v1/nope")[-1].status_code == 429
    assert client.get("/privacy").status_code == 200


def test_nothing_is_limited_when_the_limit_is_zero(client, settings):
    settings.API_REQUESTS_PER_MINUTE = 0
    answer = ask(client, 5)[-1]
    assert answer.status_code == 200
    assert "RateLimit" not in answer.headers


def test_clients_are_counted_apart_behind_a_proxy(client, settings):
    settings.PROXIES = 1
    ask(client, 4, **{"x-forwarded-for": "203.0.113.7"})
    answer = client.get(TERMS, headers={"x-forwarded-for": "203.0.113.8"})
    assert answer.headers["RateLimit"].startswith('"default";r=2')


@pytest.mark.parametrize(
    ("proxies", "forwarded", "found"),
    [
        (0, "203.0.113.7", "10.0.0.1"),
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "6.6.6.6, 203.0.113.7", "203.0.113.7"),
        (2, "6.6.6.6, 203.0.113.7, 10.0.0.2", "203.0.113.7"),
        (2, "203.0.113.7", "10.0.0.1"),
        (1, "nonsense", "10.0.0.1"),
        (1, "", "10.0.0.1"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (1, "::ffff:203.0.113.7", "203.0.113.7"),
        (1, "203.0.113.7:51234", "203.0.113.7"),
        (1, "6.6.6.6:1, 203.0.113.7:51234", "203.0.113.7"),
        (1, '"203.0.113.7:51234"', "203.0.113.7"),
        (1, "[2001:db8:1:2:3:4:5:6]:443", "2001:db8:1:2::/64"),
        (1, '"[2001:db8:1:2:3:4:5:6]:443"', "2001:db8:1:2::/64"),
        (1, "[2001:db8:1:2:3:4:5:6]", "2001:db8:1:2::/64"),
        (1, "2001:db8:1:2:3:4:5:6:443", "2001:db8:1:2::/64"),
        (1, "[fe80::1%eth0]:80", "fe80::/64"),
        (1, "::ffff:203.0.113.7%x", "203.0.113.7"),
        (1, "[::ffff:203.0.113.7]:80", "203.0.113.7"),
        (1, "203.0.113.7:", "203.0.113.7"),
        (1, "203.0.113.7,", "10.0.0.1"),
        (1, ":80", "10.0.0.1"),
        (1, "[]:80", "10.0.0.1"),
    ],
)
def test_only_our_own_proxies_are_believed(settings, proxies, forwarded, found):
    settings.PROXIES = proxies
    request = RequestFactory(REMOTE_ADDR="10.0.0.1").get(TERMS, headers={"x-forwarded-for": forwarded})
    assert client_of(request) == found


@bounded(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
@given(
    st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6).filter(lambda address: not address.scope_id)),
    st.lists(st.integers(0, 65535), min_size=2, max_size=2),
)
def test_a_port_makes_no_other_client(settings, address, ports):
    settings.PROXIES = 1
    host = f"[{address}]" if address.version == 6 else str(address)
    found = {
        client_of(RequestFactory().get(TERMS, headers={"x-forwarded-for": told}))
        for told in (str(address), host, *(f"{host}:{port}" for port in ports))
    }
    assert len(found) == 1
    assert "" not in found


def test_a_header_without_a_hyphen_may_name_the_client(settings):
    """No other spelling of such a name is read as the same."""
    settings.PROXIES, settings.CLIENT_HEADER = 1, "Clientaddress"
    headers = {"clientaddress": "203.0.113.7", "x_forwarded_for": "6.6.6.6", "client_address": "6.6.6.6"}
    assert client_of(RequestFactory().get(TERMS, headers=headers)) == "203.0.113.7"


def test_a_client_without_an_address_is_not_counted(client):
    answer = client.get(TERMS, REMOTE_ADDR="")
    assert answer.status_code == 200
    assert "RateLimit" not in answer.headers


def test_a_cache_that_fails_stops_no_answer(client, settings, caplog):
    settings.CACHES = {
        **settings.CACHES,
        "counters": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "no_such_table",
        },
    }
    from django.db import transaction

    with caplog.at_level(logging.WARNING), transaction.atomic():
        answer = client.get("/api/v1/refData")
        transaction.set_rollback(True)
    assert answer.status_code == 200
    assert "cannot be counted" in caplog.text


def test_nothing_that_is_kept_or_logged_says_who_asked(client, caplog):
    with caplog.at_level(logging.DEBUG):
        ask(client, 4, **{"user-agent": "Visitor/1.0"})
    kept = list(caches["counters"]._cache)
    assert len(kept) == 1
    assert re.fullmatch(r":1:\d+:[0-9a-f]{32}", kept[0])
    assert "127.0.0.1" not in caplog.text + str(kept)
    assert "Visitor" not in caplog.text


def test_the_name_of_a_count_differs_every_day(client, limited):
    client.get(TERMS)
    limited[0] += 24 * 3600
    client.get(TERMS)
    one, two = (key.rsplit(":", 1)[1] for key in caches["counters"]._cache)
    assert one != two
