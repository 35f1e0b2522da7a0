"""Answers packed on their way, and the 304 that stands for one."""

import datetime
import gzip
import itertools

import brotli
import pytest

from organisation.models import Term
from tests.make import make_document, make_term

pytestmark = pytest.mark.django_db
TERMS = "/api/v1/terms"
ADDRESSES = [TERMS, f"{TERMS}/hcp", "/api/v1/documents/plan", "/over"]
UNPACK = {"br": brotli.decompress, "gzip": gzip.decompress, "identity": bytes}


@pytest.fixture(autouse=True)
def _content():
    make_term(slug="hcp", explanation="Wie de leiding heeft. " * 40)
    make_document(slug="plan", description="Een plan. " * 40)


def names_in(answer):
    return {name.strip() for name in answer.headers["Vary"].split(",")}


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("", "identity"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0.2, gzip;q=0.8", "gzip"),
        ("gzip;q=0", "identity"),
        ("*", "br"),
        ("identity, br;q=0.5", "identity"),
    ],
)
@pytest.mark.parametrize("kind", ["application/json", "application/ld+json"])
def test_json_is_packed_as_the_client_likes_it(client, accepted, coding, kind):
    address = "/api/v1/refData/unitKinds"
    plain = client.get(address, headers={"accept": kind})
    answer = client.get(address, headers={"accept": kind, "accept-encoding": accepted})
    assert answer.headers.get("Content-Encoding", "identity") == coding
    assert UNPACK[coding](answer.content) == plain.content
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    assert "Accept-Encoding" in names_in(answer)
    assert answer.headers["ETag"].startswith("W/") == (coding != "identity")


def test_a_page_is_never_packed_with_brotli(client):
    answer = client.get("/", headers={"accept-encoding": "gzip, br"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in client.get("/", headers={"accept-encoding": "br, gzip;q=0"}).headers


@pytest.mark.parametrize(
    ("address", "accepted"),
    [
        *itertools.product(ADDRESSES, ["", "gzip", "gzip, br", "gzip;q=0"]),
        ("/api/v1/openapi.yaml", "gzip, br"),
    ],
)
def test_a_304_has_the_tag_and_vary_of_its_200_and_no_length(client, address, accepted):
    headers = {"accept-encoding": accepted}
    whole = client.get(address, headers=headers)
    assert whole.status_code == 200
    for tag in (whole.headers["ETag"], "*"):
        again = client.get(address, headers={**headers, "If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == whole.headers["ETag"]
        assert names_in(again) == names_in(whole)
        assert again.headers.get("Cache-Control") == whole.headers.get("Cache-Control")
        assert "Content-Length" not in again.headers


@pytest.mark.parametrize("address", ["/api/v1/exports/terms.csv", "/api/v1/exports/organisation.json"])
def test_a_304_of_a_file_has_the_tag_and_vary_of_its_200_and_no_length(client, address):
    headers = {"accept-encoding": "gzip, br"}
    whole = client.get(address, headers=headers)
    b"".join(whole.streaming_content)
    again = client.get(address, headers={**headers, "If-None-Match": whole.headers["ETag"]})
    assert again.status_code == 304
    assert again.headers["ETag"] == whole.headers["ETag"]
    assert names_in(again) == names_in(whole)
    assert "Content-Length" not in again.headers


def test_an_answer_given_by_its_date_has_them_too(client):
    Term.objects.update(modified=datetime.datetime(2021, 9, 1, tzinfo=datetime.UTC))
    address = "/api/v1/terms/hcp"
    whole = client.get(address, headers={"accept-encoding": "br"})
    again = client.get(
        address, headers={"accept-encoding": "br", "If-Modified-Since": whole.headers["Last-Modified"]}
    )
    assert (again.status_code, again.headers["ETag"]) == (304, whole.headers["ETag"])


def test_a_short_answer_is_left_as_it_is(client):
    answer = client.get("/api/v1/health", headers={"accept-encoding": "br"})
    assert "Content-Encoding" not in answer.headers
