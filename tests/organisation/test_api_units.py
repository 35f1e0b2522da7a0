"""Units in the API: where they stand on a day, what may be seen, and what became of them."""

import datetime

import pytest

from tests.make import (
    make_channel,
    make_organogram,
    make_placement,
    make_project,
    make_succession,
    make_unit,
    make_wide_organogram,
)

pytestmark = pytest.mark.django_db
UNITS = "/api/v1/units"


def slugs(client, query=""):
    return [item["slug"] for item in client.get(f"{UNITS}{query}").json()["items"]]


@pytest.fixture
def tree():
    """Corps, a directorate, a service with two teams; and a second service."""
    organogram = make_organogram(valid_from=datetime.date(2021, 1, 1), slug="o-2021", title="Organogram 2021")
    places = {}

    def place(slug, parent=None, **changes):
        unit = make_unit(name=slug.title(), slug=slug)
        places[slug] = make_placement(organogram, places.get(parent), unit=unit, **changes)

    place("korps")
    place("directie", "korps", kind="directie")
    place("dienst", "directie", kind="dienst")
    place("team-a", "dienst", kind="team")
    place("team-b", "dienst", kind="team")
    place("loket", "directie", kind="bureau")
    return places


def test_units_stand_in_the_order_of_the_organogram(client, tree):
    assert slugs(client) == ["korps", "directie", "dienst", "team-a", "team-b", "loket"]


def test_a_unit_says_where_it_stands(client, tree):
    item = client.get(f"{UNITS}?q=team-a").json()["items"][0]
    assert item["parent"] == {"slug": "dienst", "name": "Dienst", "href": f"http://testserver{UNITS}/dienst"}
    assert item["path"] == ["Korps", "Directie", "Dienst", "Team-A"]
    assert (item["kind"], item["level"]) == ("team", 3)


def test_the_top_has_no_parent(client, tree):
    item = client.get(f"{UNITS}/korps").json()
    assert "parent" not in item
    assert (item["path"], item["level"]) == (["Korps"], 0)


def test_a_repeated_kind_widens_the_list(client, tree):
    assert slugs(client, "?kind=bureau&kind=directie") == ["directie", "loket"]


def test_filters_narrow_the_list_together(client, tree):
    assert slugs(client, "?kind=team&parent=directie") == []
    assert slugs(client, "?kind=bureau&parent=directie") == ["loket"]


def test_parent_gives_what_stands_right_below(client, tree):
    assert slugs(client, "?parent=directie") == ["dienst", "loket"]


def test_ancestor_gives_all_that_stands_below(client, tree):
    assert slugs(client, "?ancestor=directie") == ["dienst", "team-a", "team-b", "loket"]


def test_units_can_be_sorted_from_the_deepest(client, tree):
    assert slugs(client, "?sort=-level,name")[:2] == ["team-a", "team-b"]


def test_what_stands_below_a_hidden_unit_is_hidden_too(client, tree):
    tree["dienst"].unit.publication_level = "withheld"
    tree["dienst"].unit.save()
    assert slugs(client) == ["korps", "directie", "loket"]
    assert client.get(f"{UNITS}/team-a").status_code == 404


def test_a_filter_does_not_reveal_a_hidden_unit(client, tree):
    tree["dienst"].unit.status = "withdrawn"
    tree["dienst"].unit.save()
    hidden, unknown = (
        client.get(f"{UNITS}?parent={slug}").json()["issues"][0] for slug in ("dienst", "nope")
    )
    assert hidden["detail"] == unknown["detail"]
    assert client.get(f"{UNITS}?parent=team-a").status_code == 400


def test_children_do_not_name_hidden_units(client, tree):
    tree["loket"].unit.publication_level = "withheld"
    tree["loket"].unit.save()
    assert [child["slug"] for child in client.get(f"{UNITS}/directie").json()["children"]] == ["dienst"]


def test_a_unit_that_is_only_listed_has_no_page(client, tree):
    tree["loket"].unit.publication_level = "listed"
    tree["loket"].unit.save()
    assert "htmlUrl" not in client.get(f"{UNITS}/loket").json()
    assert client.get(f"{UNITS}/dienst").json()["htmlUrl"] == "http://testserver/eenheden/dienst"


def test_names_and_places_are_those_of_the_day_asked_for(client, tree):
    newer = make_organogram(valid_from=datetime.date(2022, 1, 1))
    top = make_placement(newer, unit=tree["korps"].unit, name="Korps nieuw")
    make_placement(newer, top, unit=tree["team-a"].unit, name="Cel A", kind="cel")
    then = client.get(f"{UNITS}/team-a?asOf=2021-06-01").json()
    now = client.get(f"{UNITS}/team-a").json()
    assert (then["name"], then["path"][0], then["kind"]) == ("Team-A", "Korps", "team")
    assert (now["name"], now["path"], now["kind"]) == ("Cel A", ["Korps nieuw", "Cel A"], "cel")


def test_before_the_first_organogram_there_are_no_units(client, tree):
    assert slugs(client, "?asOf=1999-12-31") == []


def test_an_organogram_of_the_future_can_be_asked_for(client, tree):
    future = make_organogram(valid_from=datetime.date(2090, 1, 1))
    make_placement(future, unit=tree["korps"].unit)
    assert slugs(client, "?asOf=2090-01-01") == ["korps"]
    assert len(slugs(client)) == 6


def test_a_unit_names_its_organograms_the_newest_first(client, tree):
    newer = make_organogram(valid_from=datetime.date(2022, 1, 1), slug="o-2022")
    make_placement(newer, unit=tree["korps"].unit, name="Korps nieuw")
    standings = client.get(f"{UNITS}/korps").json()["organograms"]
    assert [(item["slug"], item["name"]) for item in standings] == [
        ("o-2022", "Korps nieuw"),
        ("o-2021", "Korps"),
    ]


def test_a_link_to_a_parent_has_its_days(client, tree):
    newer = make_organogram(valid_from=datetime.date(2022, 1, 1))
    top = make_placement(newer, unit=tree["korps"].unit, name="Korps nieuw")
    other = make_placement(newer, top, name="Andere dienst")
    make_placement(newer, other, unit=tree["team-a"].unit)
    links = client.get(f"{UNITS}/team-a").json()["organograms"]
    assert [(link["validFrom"], link.get("validUntil"), link["parent"]["name"]) for link in links] == [
        ("2022-01-01", None, "Andere dienst"),
        ("2021-01-01", "2021-12-31", tree["team-a"].parent.name),
    ]
    assert links[0]["parent"]["href"].endswith(f"/units/{other.unit.slug}")
    assert ["parent" in link for link in client.get(f"{UNITS}/korps").json()["organograms"]] == [False, False]


def test_a_unit_that_ended_keeps_its_address_and_names_its_successor(client, tree):
    newer = make_organogram(valid_from=datetime.date(2022, 1, 1))
    top = make_placement(newer, unit=tree["korps"].unit)
    heir = make_placement(newer, top, unit=make_unit(slug="erfgenaam", name="Erfgenaam"))
    make_succession(newer, from_unit=tree["team-a"].unit, to_unit=heir.unit, kind="replaced")
    ended = client.get(f"{UNITS}/team-a").json()
    assert not {"kind", "parent", "path", "level", "children"} & set(ended)
    assert ended["endedOn"] == "2022-01-01"
    assert "endedOn" not in client.get(f"{UNITS}/team-a?asOf=2021-12-31").json()
    assert "endedOn" not in client.get(f"{UNITS}/team-a?asOf=2020-12-31").json()
    assert [(item["kind"], item["unit"]["slug"]) for item in ended["successors"]] == [
        ("replaced", "erfgenaam")
    ]
    assert client.get(f"{UNITS}/erfgenaam").json()["predecessors"][0]["unit"]["slug"] == "team-a"


def test_an_abolished_unit_has_a_succession_without_a_successor(client, tree):
    newer = make_organogram(valid_from=datetime.date(2022, 1, 1))
    make_placement(newer, unit=tree["korps"].unit)
    make_succession(newer, from_unit=tree["team-a"].unit, to_unit=None, kind="abolished")
    (succession,) = client.get(f"{UNITS}/team-a").json()["successors"]
    assert succession["kind"] == "abolished"
    assert "unit" not in succession


def test_a_unit_that_only_got_another_name_became_itself(client, tree):
    newer = make_organogram(valid_from=datetime.date(2022, 1, 1))
    unit = make_placement(newer, unit=tree["korps"].unit, name="Korps nieuw").unit
    make_succession(newer, from_unit=unit, to_unit=unit, kind="renamed")
    body = client.get(f"{UNITS}/korps").json()
    assert [item["unit"]["slug"] for item in body["successors"]] == ["korps"]
    assert "predecessors" not in body


def test_a_hidden_successor_is_not_named(client, tree):
    newer = make_organogram(valid_from=datetime.date(2022, 1, 1))
    top = make_placement(newer, unit=tree["korps"].unit)
    secret = make_placement(newer, top, unit=make_unit(publication_level="withheld"))
    make_succession(newer, from_unit=tree["team-a"].unit, to_unit=secret.unit)
    assert "successors" not in client.get(f"{UNITS}/team-a").json()


def test_a_unit_hidden_on_that_day_is_not_found_by_an_older_place(client, tree):
    newer = make_organogram(valid_from=datetime.date(2022, 1, 1))
    top = make_placement(newer, unit=tree["korps"].unit)
    secret = make_placement(newer, top, unit=make_unit(publication_level="withheld"))
    make_placement(newer, secret, unit=tree["team-a"].unit)
    assert client.get(f"{UNITS}/team-a").status_code == 404


def test_a_former_slug_redirects_for_good_and_keeps_the_question(client, tree):
    unit = tree["dienst"].unit
    unit.slug = "wijkdienst"
    unit.save()
    answer = client.get(f"{UNITS}/dienst?lang=fr")
    assert (answer.status_code, answer.headers["Location"]) == (
        301,
        f"http://testserver{UNITS}/wijkdienst?lang=fr",
    )
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_former_slug_of_a_hidden_unit_leads_nowhere(client, tree):
    unit = tree["dienst"].unit
    unit.slug, unit.publication_level = "wijkdienst", "withheld"
    unit.save()
    assert client.get(f"{UNITS}/dienst").status_code == 404


def test_a_unit_tells_how_to_reach_it_and_what_it_works_on(client, tree):
    unit = tree["dienst"].unit
    channel, project = make_channel(unit=unit), make_project(title="Buurt", number=4)
    project.project_units.create(unit=unit, role="lead")
    body = client.get(f"{UNITS}/dienst").json()
    assert [item["id"] for item in body["channels"]] == [str(channel.pk)]
    assert [(item["code"], item["title"]) for item in body["projects"]] == [("I 4", "Buurt")]


def test_a_unit_does_not_tell_of_what_is_not_published(client, tree):
    unit = tree["dienst"].unit
    make_channel(unit=unit, status="draft")
    make_project(status="draft").project_units.create(unit=unit)
    assert not {"channels", "projects"} & set(client.get(f"{UNITS}/dienst").json())


def test_tasks_are_a_list(client, tree):
    unit = tree["dienst"].unit
    unit.tasks = "Helpen\nOnthalen\n"
    unit.save()
    assert client.get(f"{UNITS}/dienst").json()["tasks"] == ["Helpen", "Onthalen"]


def test_a_draft_organogram_shows_nothing(client):
    make_placement(make_organogram(status="draft"), unit=make_unit(slug="korps"))
    assert slugs(client) == []
    assert client.get(f"{UNITS}/korps").status_code == 404


def test_the_pages_of_the_list_together_hold_every_unit_once(client):
    make_wide_organogram(120)
    found = [slug for page in (1, 2, 3) for slug in slugs(client, f"?page={page}")]
    assert len(found) == len(set(found)) == 120
