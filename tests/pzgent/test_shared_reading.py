"""What many pages show is read once per state of the data: no page shows less for it, or asks for much itself."""

from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language

from organisation.sources import with_sources
from pzgent.change_feed.triggers import MARKS
from pzgent.kernel.paths import path_of
from pzgent.kernel.reading import read_once
from pzgent.templatetags.frame_tags import emergency_strip
from pzgent.templatetags.source_tags import source_line
from tests.make import (
    make_channel,
    make_document,
    make_location,
    make_objective,
    make_organogram,
    make_placement,
    make_policy,
    make_project,
    make_term,
    make_topic,
    make_unit,
)
from tests.pages import MOST_QUERIES, count_queries, new_state, text_of

pytestmark = pytest.mark.django_db
DETAILS = [
    "/contact/scholen",
    "/commissariaten/algemeen-politiecentrum-gent",
    "/eenheden/wijkdienst",
    "/eenheden/loonadministratie",
    "/projecten/i-12-intrafamiliaal-geweld",
    "/strategie/bedrijfsplan-2021-2025",
    "/beleid/communicatiebeleid",
    "/insluiten/contact/scholen",
    "/insluiten/organogram/wijkdienst",
]


@pytest.mark.parametrize("language", ["", "/fr"])
@pytest.mark.parametrize("address", DETAILS)
def test_a_page_about_one_thing_takes_few_queries(client, plan, address, language):
    assert count_queries(client, f"{language}{address}") <= MOST_QUERIES


def topic():
    found = make_topic(title="Eerst")
    make_channel(topic=found)
    return found


def unit():
    return make_placement(make_organogram(), unit=make_unit()).unit


def project():
    found = make_project()
    found.objectives.add(make_objective())
    return found


@pytest.mark.parametrize("make", [topic, unit, project, make_location, make_policy])
def test_a_page_shows_a_change_in_the_next_state_of_the_data(client, make):
    row = make()
    name = "name" if hasattr(row, "name") else "title"
    address = row.get_absolute_url()
    with new_state():
        client.get(address)
    setattr(row, name, "Nieuwe naam")
    row.save()
    with new_state():
        assert "Nieuwe naam" in text_of(client.get(address))


@pytest.mark.parametrize("make", [topic, project, make_location, make_policy])
def test_another_page_of_the_same_sort_asks_nothing(client, make):
    one, other = make(), make()
    with new_state():
        client.get(one.get_absolute_url())
        with CaptureQueriesContext(connection) as queries:
            assert client.get(other.get_absolute_url()).status_code == 200
    assert [query["sql"] for query in queries if MARKS not in query["sql"]] == []


def test_a_source_that_is_newer_than_what_is_kept_is_named_all_the_same():
    with new_state():
        with_sources([make_term(source=make_document())])
        term = make_term(source=make_document(title="Nieuw"))
        [found] = with_sources([type(term).objects.get(pk=term.pk)])
        assert found.source.title == "Nieuw"


def test_pages_in_two_languages_are_kept_apart(client):
    found = topic()
    found.translate("title", "fr", "Premier")
    found.save()
    with new_state():
        assert "Eerst" in text_of(client.get(found.get_absolute_url()))
        assert "Premier" in text_of(client.get(f"/fr{found.get_absolute_url()}"))


def test_rows_are_read_once_for_all_languages():
    calls = []

    @read_once
    def read():
        calls.append(get_language())
        return len(calls)

    with new_state():
        with translation.override("fr"):
            assert read() == 1
        with translation.override("de"):
            assert (read(), get_language()) == (1, "de")
    assert [read(), read()] == [2, 3]
    assert calls == [None, None, None]


def test_the_emergency_strip_shows_another_number_at_once(monkeypatch):
    zone = SimpleNamespace(
        urgent_number="101", ambulance_number="112", general_channel=None, deaf_help_channel=None
    )
    monkeypatch.setattr("pzgent.templatetags.frame_tags.get_zone", lambda: zone)
    with new_state():
        assert 'href="tel:101"' in emergency_strip()
        zone.urgent_number = "102"
        assert 'href="tel:102"' in emergency_strip()


def test_a_path_is_that_of_the_language_at_hand():
    assert path_of("contact") == "/contact"
    with translation.override("fr"):
        assert path_of("unit-detail", "team") == reverse("unit-detail", args=["team"]) == "/fr/eenheden/team"


def test_the_line_about_a_source_says_nothing_of_what_is_not_published():
    term = make_term(source=make_document(title="Geheim", status="draft"), source_place="blz. 3")
    line = source_line(term)
    assert "Geheim" not in line
    assert "blz. 3" not in line
    assert "niet in onze bron" in line
