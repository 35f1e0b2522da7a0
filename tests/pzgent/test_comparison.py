"""The comparison with other APIs: what it says of this one is shown by the address behind it."""

import re
from functools import cache

import pytest
from django.conf import settings

pytestmark = pytest.mark.django_db
TABLE = settings.BASE_DIR / "docs/api-comparison.md"
HERE = re.compile(r"\[(yes|partly|no)\]\((/[^)]*)\)")


@cache
def rows():
    """Every feature as (name, what the others offer, what this site offers, address, reason)."""
    found = []
    for line in TABLE.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        here = HERE.match(cells[-1])
        if here:
            found.append((cells[0], cells[1:-1], here[1], here[2], cells[-1][here.end() :]))
    return found


def test_every_feature_has_an_address_here():
    lines = [line for line in TABLE.read_text().splitlines() if line.startswith("| ")]
    heads = [line for line in lines if line.startswith("| Feature")]
    assert len(rows()) == len(lines) - len(heads) > 55


@pytest.mark.parametrize("address", sorted({address for *_rest, address, _reason in rows()}))
def test_the_address_shows_it(client, plan, address):
    answer = client.get(address.replace("{site}", "http://testserver"))
    assert answer.status_code == 200
    if answer.headers["Content-Type"] == "application/json" and not answer.streaming:
        assert answer.json().get("total") != 0 or "near=" in address
    b"".join(answer) if answer.streaming else answer.content


def test_every_feature_is_here():
    assert [name for name, _others, here, _address, _reason in rows() if here != "yes"] == []


@pytest.mark.parametrize(
    ("feature", "asked", "shown"),
    [
        ("CORS open", {}, ("Access-Control-Allow-Origin", "*")),
        ("Problem details errors", {"q": "x"}, ("Content-Type", "application/problem+json")),
    ],
)
def test_what_an_address_cannot_show_is_in_its_headers(client, plan, feature, asked, shown):
    assert feature in {row[0] for row in rows()}
    assert client.get("/api/v1", asked).headers[shown[0]] == shown[1]
