"""Nothing that is not public leaves the portal, at any address, in any format or language.

Marks are planted in every text column of everything that is not public; then each address is asked, also those of
what is hidden. A row that was never public answers exactly as if it did not exist.
"""

import datetime
import io
import itertools
import re
import zipfile
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from pzgent.api import urls as api
from pzgent.kernel.rest.parameters import Day, Moment, Reference
from pzgent.syndication import pictures
from pzgent.worker import bring_up_to_date
from tests import registry
from tests.pages import body_of, without_trace
from tests.planted import BELOW, World
from tests.thinning import THOROUGH, share

pytestmark = [pytest.mark.django_db, pytest.mark.no_cover, pytest.mark.once]
MARK = re.compile("zq[a-z]{14}")
OTHER_LANGUAGES = itertools.cycle(registry.LANGUAGES[1:])
# Days and moments on which what is planned or over would be visible, were it judged by the question.
DAYS = [timezone.localdate() + datetime.timedelta(days=days) for days in (-30, 30)]
PAGES_WITH_DAYS = {"datum", "vergelijk"}
# What finds words anywhere, and how many words it takes at once.
SEARCHES = (
    "/zoeken?q={}",
    "/api/v1/search?q={}",
    "/contact?q={}",
    "/projecten?q={}",
    "/organogram?filter={}",
)
AT_ONCE = 5
LINKED = "application/ld+json"


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    """The planted site, made once for the tests of this file and gone afterwards."""
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media")):
            yield World(bring_up_to_date)
        transaction.set_rollback(True)


@pytest.fixture
def drawn_words(monkeypatch):
    """Share pictures answer the words that would be drawn."""
    monkeypatch.setattr(pictures, "draw", lambda *words: "\n".join(map(str, words)).encode())


def text_of(answer):
    """The whole answer as text, with its headers, and with what is packed in an archive."""
    body = body_of(answer) if answer.streaming else answer.content
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            body = b"\n".join(archive.read(name) for name in archive.namelist())
    return f"{answer.headers}\n{body.decode('utf-8', 'replace')}"


def leaks(world, client, address, **headers):
    """What a public answer tells of the planted marks, but for those that the question holds itself."""
    answer = client.get(address, headers=headers)
    text = text_of(answer)
    for word in MARK.findall(address):
        text = text.replace(word, "")
    return answer.status_code, {f"{place}: {address}" for place in world.planted.found_in(text)}


def questions(route):
    """The addresses of a route, and those with the days and parts that it can be asked for."""
    for address in registry.addresses_of(route):
        yield registry.with_query(route, address)
    if route.is_api and (view := getattr(route.view, "cls", None)):
        made = view(**route.view.initkwargs)
        dated = [
            parameter for parameter in getattr(made, "parameters", ()) if isinstance(parameter, (Day, Moment))
        ]
        queries = [
            urlencode({parameter.name: f"{day}T12:00" if isinstance(parameter, Moment) else day})
            for parameter in dated
            for day in DAYS
        ]
        queries += [urlencode({"embed": ",".join(made.embeds)})] if getattr(made, "embeds", None) else []
    else:
        names = PAGES_WITH_DAYS.intersection(registry.parameters_of(route))
        queries = [urlencode({name: day}) for name in names for day in DAYS]
    # Rows are asked for those once: the first stand for all, and lists show every row.
    for address in itertools.islice(registry.addresses_of(route), 3 if route.keys else 1):
        yield from (f"{address}?{query}" for query in queries)


def test_no_mark_is_in_any_public_answer(world, client, drawn_words):
    found, asked, few = set(), 0, itertools.cycle(range(4))
    for route in registry.public_routes():
        for address in share(questions(route), 0, of=9):
            status, told = leaks(world, client, address)
            found |= told
            asked += 1
            # Which rows are public does not depend on the language: a few of each show that no translation leaks.
            if status == 200 and route.in_languages and (not route.keys or next(few) == 0):
                found |= leaks(world, client, f"/{next(OTHER_LANGUAGES)}{address}".removesuffix("/"))[1]
            elif status == 200 and route.is_api and next(few) == 0:
                found |= leaks(world, client, address, accept=LINKED)[1]
    assert asked > (1_500 if THOROUGH else 180)
    assert found == set()


def batched(words, size):
    """Lists of so many words."""
    left = list(words)
    return [left[start : start + size] for start in range(0, len(left), size)]


def without(answer, words):
    """An answer without the words that were asked for, and without what no two answers share."""
    text = re.sub(
        r"'ETag': '[^']*'|\d\d:\d\d:\d\d[.+\d:]*|(?<= om )\d\d\.\d\d|'BelGov-Trace-Id': '[^']*'",
        "",
        without_trace(text_of(answer)),
    )
    for word in words.split():
        text = text.replace(word, "…")
    return answer.status_code, text


class Unknown:
    """Compares a question about something hidden with the same question about something that nothing has."""

    def __init__(self, world, client):
        self.client = client
        self.words = [world.planted.unknown() for _number in range(AT_ONCE)]
        self.answers = {}

    def is_told_apart(self, address, words, length=16):
        count = len(words.split())
        other = " ".join(word[:length] for word in self.words[:count])
        key = (address, other)
        if key not in self.answers:
            self.answers[key] = without(self.client.get(address.format(other)), other)
        return without(self.client.get(address.format(words)), words) != self.answers[key]


@pytest.fixture
def same_minute(monkeypatch):
    """Pages say what is open at this minute, which is not what is compared."""
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)


def test_searching_for_a_mark_is_searching_for_nothing(world, client, same_minute):
    words = {
        place: word
        for word, place in world.planted.places.items()
        if place.endswith(("(draft)", "(withheld)", "(public)", "(listed only)"))
    }
    unknown, told = Unknown(world, client), []
    for number, places in enumerate(share(batched(words, AT_ONCE), 0, of=2)):
        # A part of a word may find it: asked of some, as all are searched alike.
        for length in (16, 9) if number % 4 == 0 else (16,):
            marks = " ".join(words[place][:length] for place in places)
            told += [(places, to) for to in SEARCHES if unknown.is_told_apart(to, marks, length)]
    for name, collection in api.COLLECTIONS.items():
        model = registry.COLLECTED.get(name) if collection.search_fields else None
        for place, word in words.items():
            if model and place.startswith(f"{model.__name__}."):
                told += [(place, name)] if unknown.is_told_apart(f"/api/v1/{name}?q={{}}", word) else []
    assert told == []


def references():
    """Every question that names a row by its slug, with a place for that."""
    for route in registry.public_routes():
        if route.keys and not route.is_api:
            continue
        address = next(registry.addresses_of(route))
        query = registry.with_query(route, "").removeprefix("?")
        view = getattr(route.view, "cls", None)
        if route.is_api and view:
            made = view(**route.view.initkwargs)
            parameters = made.all_parameters() if hasattr(made, "all_parameters") else ()
            names = [parameter.name for parameter in parameters if isinstance(parameter, Reference)]
        else:
            names = registry.parameters_of(route)
        for name in names:
            if name != "url":
                yield f"{address}?{query}&{name}={{}}".replace("?&", "?")


def test_naming_something_hidden_is_naming_nothing(world, client, same_minute):
    slugs = {
        f"{model.__name__} {state}": slug
        for (model, state), slug in world.planted.slugs.items()
        if state in ("draft", "withheld", BELOW) and model in registry.COLLECTED.values()
    }
    assert len(slugs) > 15
    # Pages take longer than the API: each parameter names a few of the rows, in turn, and a withheld unit.
    turn = itertools.cycle(slugs)
    unknown, told = Unknown(world, client), []
    for address in references():
        some = [*itertools.islice(turn, 3), "Unit withheld", f"Unit {BELOW}"]
        for name in slugs if THOROUGH and address.startswith("/api/") else some:
            told += [(address, name)] if unknown.is_told_apart(address, slugs[name]) else []
    assert told == []


def test_what_was_never_public_is_not_called_gone(world, client, drawn_words):
    never = {slug for slug in world.planted.slugs.values() if MARK.fullmatch(slug)}
    gone = []
    for route in registry.public_routes():
        if route.keys:
            for address in registry.addresses_of(route):
                if never.intersection(MARK.findall(address)):
                    answer = client.get(address)
                    gone += [address] if answer.status_code != 404 else []
    assert gone == []


def test_every_text_column_of_every_model_carries_a_mark(world):
    planted = {place.partition(" ")[0] for place in world.planted.places.values()}
    hidden = {model.__name__ for model, _state in world.planted.slugs}
    assert hidden >= {model.__name__ for model in registry.COLLECTED.values()}
    missing = {
        f"{model.__name__}.{field.name}"
        for model in registry.COLLECTED.values()
        for field in registry.text_fields(model)
    } - planted
    assert missing == {"Channel.languages"} | {
        name for name in missing if name.endswith(("postal_code", "code"))
    }
