"""Digest the response of every public address, to compare two versions of the code on one database.

    python tests/tools/every_answer.py FILE            write a digest of each response to FILE, as JSON
    python tests/tools/every_answer.py --compare A B   print the addresses that differ

Run it in the folder of each version, with DATABASE_URL pointing to a copy of the same database; a version without
this file can run that of another one. The clock is frozen. Addresses come from the sitemap and the lists of the API.
"""

import datetime
import hashlib
import json
import os
import re
import sys
import xml.etree.ElementTree
from pathlib import Path
from urllib.parse import urlsplit

MOMENT = datetime.datetime(2026, 11, 30, 9, 0, tzinfo=datetime.UTC)
LANGUAGES = ("", "/fr", "/en", "/de")
FIXED = (
    "/feeds/wijzigingen.atom", "/feeds/berichten.atom", "/feeds/projecten.atom",
    "/open-data/catalog.jsonld", "/robots.txt", "/manifest.webmanifest", "/organogram.csv", "/organogram.svg",
    "/organogram.pdf", "/projecten?q=fiets",
    "/zoeken?q=fiets", "/zoeken?q=xyzzy", "/contact?q=klacht&voor=victims", "/commissariaten?postcode=9031",
    "/organogram?vorm=tabel", "/organogram?datum=2021-09-01&vergelijk=2021-01-01", "/bestaat-niet",
    "/api/v1/bestaat-niet",
    "/api/v1/openapi.json", "/api/v1/openapi.yaml", "/api/v1/docs", "/api/v1/changes", "/api/v1/units?pageSize=zes",
)  # fmt: skip
# Values that differ between any two responses, or that give the time when a file was made.
OF_ONE_ANSWER = {
    "BelGov-Trace-Id",
    "BelGov-Related-Trace-Id",
    "RateLimit",
    "Content-Length",
    "ETag",
    "Feed-Identity",
}
VARIABLE = re.compile(
    rb'"(?:trace_?id|traceId|instance|generated|generatedAt|feed)":\s*"[^"]*"|/static/[^"\s]+|feed=[0-9a-f]+'
)


def main() -> None:
    """Request every address and write the digests."""
    sys.path.insert(0, os.getcwd())  # noqa: PTH109  # the version to ask
    os.environ["DJANGO_SETTINGS_MODULE"] = "pzgent.settings"
    os.environ.setdefault("SECRET_KEY", "only-for-comparing-" + "x" * 50)
    os.environ["API_REQUESTS_PER_MINUTE"] = "0"
    import django
    from django.conf import settings

    settings.STATIC_ROOT = settings.BASE_DIR / "static"
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    django.setup()
    from django.test import Client
    from django.utils import timezone

    timezone.now = lambda: MOMENT
    client = Client(headers={"host": "localhost"})
    found = {address: digest_of(client.get(address)) for address in addresses(client)}
    Path(sys.argv[1]).write_text(json.dumps(found, indent=0))
    print(f"{len(found)} answers")


def addresses(client):
    """Return every address once."""
    pages = [path for part in named_in(client, "/sitemap.xml") for path in named_in(client, part)]
    index = client.get("/api/v1").json()
    collections = [
        urlsplit(address).path
        for address in strings_of(index)
        if "/api/v1/" in address and "{" not in address
    ]
    items, lists = [], []
    for collection in dict.fromkeys(collections):
        page = f"{collection}?pageSize=100"
        while page:
            lists.append(page)
            answer = client.get(page)
            body = answer.json() if answer.headers["Content-Type"].startswith("application/json") else {}
            body = body if isinstance(body, dict) else {}
            items += [urlsplit(item["href"]).path for item in body.get("items", ()) if "href" in item]
            following = body.get("next")
            page = following and f"{urlsplit(following).path}?{urlsplit(following).query}"
    files = [address for address in items + lists if "/exports/" in address]
    prefixed = [f"{prefix}{path}" for path in FIXED if not path.startswith("/api") for prefix in LANGUAGES]
    return dict.fromkeys([*pages, *prefixed, *FIXED, *collections, *lists, *items, *files])


def named_in(client, path):
    """Return the paths listed in a sitemap."""
    names = xml.etree.ElementTree.fromstring(client.get(path).content).iter(
        "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"
    )
    return [urlsplit(name.text).path for name in names]


def strings_of(value):
    """Yield every string in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from strings_of(part)


def digest_of(answer):
    """Return a digest of status, headers and body, without values that differ between any two responses."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    headers = sorted((name, value) for name, value in answer.headers.items() if name not in OF_ONE_ANSWER)
    text = repr((answer.status_code, headers)).encode() + VARIABLE.sub(b"", body)
    return hashlib.sha256(text).hexdigest()


def compare(first, second):
    """Return the addresses that are missing on either side or have different responses."""
    one, other = (json.loads(Path(name).read_text()) for name in (first, second))
    return sorted(address for address in one.keys() | other.keys() if one.get(address) != other.get(address))


if __name__ == "__main__":
    if sys.argv[1] == "--compare":
        differing = compare(*sys.argv[2:4])
        print("\n".join([*differing, f"{len(differing)} differ"]))
        sys.exit(bool(differing))
    main()
