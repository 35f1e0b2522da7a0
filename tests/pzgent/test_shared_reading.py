"""What many pages show is read once per state of the data: no page shows less for it, or asks for much itself."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from organisation.sources import with_sources
from pzgent.change_feed.triggers import MARKS
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
