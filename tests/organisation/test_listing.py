"""The list of the organogram: what is open, what a filter finds, which names get their path, and what changed."""

import datetime

import pytest
from django.utils.html import escape
from django.utils.translation import gettext as _

from organisation.models import Succession
from tests.make import make_organogram, make_placement, make_succession, make_unit
from tests.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree():
    """Korps › Directie (DIR) › two stations, each with a Gerechtelijk team; below one of them a Cel."""
    organogram, places = make_organogram(), {}
    places["Korps"] = make_placement(organogram, name="Korps")
    places["Directie"] = make_placement(organogram, places["Korps"], name="Directie", abbreviation="DIR")
    for name in ("Centrum", "Wést"):
        places[name] = make_placement(organogram, places["Directie"], name=name)
        places[f"Team {name}"] = make_placement(organogram, places[name], name="Gerechtelijk team")
    places["Cel"] = make_placement(organogram, places["Team Centrum"], name="Cel")
    return places


def lines_of(client, query=""):
    """The lines by name and by what they are near to."""
    listing = client.get(f"/organogram{query}").context["page"].listing
    return {f"{line.node.name} {line.near}".strip(): line for line in listing.lines}


def opened(client, query=""):
    return {name for name, line in lines_of(client, query).items() if line.is_open and line.children}


def shown(client, query):
    return {name for name, line in lines_of(client, query).items() if not line.is_hidden}


def test_two_levels_are_open_at_first(client, tree):
    assert opened(client) == {"Korps", "Directie"}


def test_of_a_long_list_only_the_first_level_is_open(client, tree):
    for number in range(40):
        make_placement(tree["Korps"].organogram, tree["Directie"], name=f"Dienst {number}")
    assert opened(client) == {"Korps"}


def test_everything_can_be_opened_and_closed(client, tree):
    everything = {"Korps", "Directie", "Centrum", "Wést", "Gerechtelijk team Centrum"}
    assert opened(client, "?open=alles") == everything
    assert opened(client, "?open=niets") == {"Korps"}


def test_an_address_opens_units_and_what_leads_to_them(client, tree):
    slug = tree["Centrum"].unit.slug
    assert opened(client, f"?open={slug},bestaat-niet") == {"Korps", "Directie", "Centrum"}


def test_a_filter_shows_what_was_found_with_all_above_and_below_it(client, tree):
    assert shown(client, "?filter=centrum") == {
        "Korps", "Directie", "Centrum", "Gerechtelijk team Centrum", "Cel",
    }  # fmt: skip
    assert "Directie" in opened(client, "?filter=centrum")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("gerechtelijk", 2), ("GERECHTELIJK TEAM", 2), ("gerechtelijk west", 1), ("dir", 1), ("west", 2), ("xyz", 0),
        ("  ", None), ("", None),
    ],
)  # fmt: skip
def test_a_filter_counts_names_abbreviations_and_the_path_of_namesakes(client, tree, words, found):
    page = client.get("/organogram", {"filter": words})
    assert page.context["page"].listing.hits == found


def test_a_filter_that_finds_nothing_says_so(client, tree):
    assert _("No part has these words in its name.") in text_of(client.get("/organogram?filter=xyz"))


def test_the_table_follows_the_filter(client, tree):
    html = client.get("/organogram?filter=centrum").content.decode()
    assert html.count("<tr hidden>") == 5


def test_names_that_repeat_show_what_they_are_part_of(client, tree):
    html = client.get("/organogram").content.decode()
    assert 'Gerechtelijk team <span class="near">Centrum</span>' in html
    assert 'Gerechtelijk team <span class="near">Wést</span>' in html
    assert html.count('class="near"') == 2


def test_names_whose_parents_have_the_same_name_too_show_the_whole_path(client, tree):
    for name in ("Centrum", "Wést"):
        make_placement(tree["Korps"].organogram, tree[f"Team {name}"], name="Steuncel")
    html = client.get("/organogram").content.decode()
    assert 'Steuncel <span class="near">Korps › Directie › Wést › Gerechtelijk team</span>' in html


def test_a_filter_is_written_as_text(client, tree):
    assert 'value="&lt;b&gt;&quot;"' in client.get("/organogram", {"filter": '<b>"'}).content.decode()


@pytest.fixture
def changed(tree):
    """A second organogram with every kind of change, and a third one that changes nothing more."""
    old = tree["Korps"].organogram
    new = make_organogram(valid_from=datetime.date(2010, 1, 1))
    korps = make_placement(new, unit=tree["Korps"].unit, name="Korps")
    directie = make_placement(new, korps, unit=tree["Directie"].unit, name="Directie Operaties")
    make_placement(new, korps, unit=tree["Wést"].unit, name="Wést")
    heirs = {name: make_placement(new, directie, name=name).unit for name in ("Samen", "Half A", "Half B")}
    for name in ("Team Centrum", "Team Wést"):
        make_succession(new, from_unit=tree[name].unit, to_unit=heirs["Samen"], kind="merged")
    for name in ("Half A", "Half B"):
        make_succession(new, from_unit=tree["Centrum"].unit, to_unit=heirs[name], kind="split")
    make_succession(new, from_unit=tree["Cel"].unit, to_unit=None, kind="abolished")
    replaced = make_placement(old, tree["Korps"], name="Oud bureau").unit
    make_succession(new, from_unit=replaced, to_unit=make_placement(new, korps, name="Nieuw bureau").unit)
    make_placement(new, korps, name="Helemaal nieuw")
    last = make_organogram(valid_from=datetime.date(2020, 1, 1))
    copies = {}
    for place in new.placements.order_by("lft"):
        copies[place.pk] = make_placement(
            last, copies.get(place.parent_id), unit=place.unit, name=place.name, kind=place.kind
        )
    return old, new, last


def marks_of(client, query):
    return {
        name: [(mark.kind, mark.remark) for mark in line.marks]
        for name, line in lines_of(client, query).items()
        if line.marks
    }


@pytest.mark.parametrize("newest", ["2011-01-01", "2021-01-01"])
def test_a_comparison_marks_every_kind_of_change_in_the_list(client, changed, newest):
    was, goes, comes = _("was called %(before)s"), _("goes on in %(after)s"), _("comes from %(before)s")
    assert marks_of(client, f"?datum={newest}&vergelijk=2001-01-01") == {
        "Directie Operaties": [("renamed", was % {"before": "Directie"})],
        "Wést": [("moved", _("was part of %(before)s") % {"before": "Directie"})],
        "Samen": [("created", comes % {"before": "Gerechtelijk team, Gerechtelijk team"})],
        "Half A": [("created", comes % {"before": "Centrum"})],
        "Half B": [("created", comes % {"before": "Centrum"})],
        "Nieuw bureau": [("created", comes % {"before": "Oud bureau"})],
        "Helemaal nieuw": [("created", "")],
        "Centrum": [("split", goes % {"after": "Half A, Half B"})],
        "Gerechtelijk team Centrum": [("merged", goes % {"after": "Samen"})],
        "Gerechtelijk team Wést": [("merged", goes % {"after": "Samen"})],
        "Cel": [("ended", "")],
        "Oud bureau": [("replaced", goes % {"after": "Nieuw bureau"})],
    }


def test_ended_units_are_struck_at_their_old_place(client, changed):
    lines = lines_of(client, "?datum=2011-01-01&vergelijk=2001-01-01")
    assert {name for name, line in lines.items() if line.is_over} == {
        "Centrum", "Gerechtelijk team Centrum", "Gerechtelijk team Wést", "Cel", "Oud bureau",
    }  # fmt: skip
    assert lines["Cel"].parent is lines["Gerechtelijk team Centrum"]
    assert lines["Gerechtelijk team Centrum"].parent is lines["Centrum"]
    assert lines["Centrum"].parent is lines["Directie Operaties"]
    html = client.get("/organogram?datum=2011-01-01&vergelijk=2001-01-01").content.decode()
    assert "<del>Centrum</del>" in html


def test_ended_units_keep_their_place_among_those_that_stay(client, tree):
    old = tree["Korps"].organogram
    new = make_organogram(valid_from=datetime.date(2010, 1, 1))
    korps = make_placement(new, unit=tree["Korps"].unit, name="Korps")
    make_placement(old, tree["Korps"], name="Weg A")
    stays = make_placement(old, tree["Korps"], name="Blijft").unit
    make_placement(old, tree["Korps"], name="Weg B")
    make_placement(new, korps, unit=stays, name="Blijft")
    names = [line.node.name for line in lines_of(client, "?vergelijk=2001-01-01").values()]
    assert names.index("Weg A") < names.index("Blijft") < names.index("Weg B")


def test_a_new_top_shows_the_old_one_struck(client):
    old = make_placement(make_organogram(), name="Oud korps").organogram
    make_placement(make_organogram(valid_from=datetime.date(2010, 1, 1)), name="Nieuw korps")
    lines = lines_of(client, f"?vergelijk={old.valid_from.isoformat()}")
    assert lines["Oud korps"].is_over
    assert not lines["Nieuw korps"].is_over


def test_what_changed_is_in_sight(client, changed):
    lines = lines_of(client, "?datum=2011-01-01&vergelijk=2001-01-01")
    hidden = [
        name
        for name, line in lines.items()
        if line.marks and line.parent is not None and not line.parent.is_open
    ]
    assert hidden == []


def test_the_table_and_the_chart_hold_no_ended_unit(client, changed):
    page = client.get("/organogram?datum=2011-01-01&vergelijk=2001-01-01")
    table = page.content.decode().split('<table id="rows">')[1]
    assert "Oud bureau" not in table
    assert "Oud bureau" not in [box.label for box in page.context["page"].chart.boxes]


def test_a_comparison_counts_its_changes_on_top_and_has_a_lasting_address(client, changed):
    answer = client.get("/organogram?datum=2015-05-05&vergelijk=2005-05-05")
    page = answer.context["page"]
    assert {kind: len(found) for kind, _label, found in page.changes} == {
        "created": 5, "renamed": 1, "moved": 1, "merged": 2, "split": 1, "replaced": 1, "ended": 1,
    }  # fmt: skip
    assert page.permalink == f"/organogram?datum=2010-01-01&vergelijk={changed[0].valid_from.isoformat()}"
    html = answer.content.decode()
    assert html.index('id="changes"') < html.index('id="structure"')
    assert "<strong>5</strong>" in html


def test_both_orders_of_the_days_show_the_same(client, changed):
    one = marks_of(client, "?datum=2011-01-01&vergelijk=2001-01-01")
    assert one == marks_of(client, "?datum=2001-01-01&vergelijk=2011-01-01")


def test_two_days_of_the_same_version_have_nothing_to_compare(client, changed):
    page = client.get("/organogram?datum=2012-01-01&vergelijk=2011-01-01").context["page"]
    assert (page.comparison, page.marked) == (None, False)


def test_a_comparison_of_a_part_marks_that_part(client, changed):
    slug = Succession.objects.filter(kind="merged").first().to_unit.placements.first().parent.unit.slug
    marks = marks_of(client, f"?datum=2011-01-01&vergelijk=2001-01-01&top={slug}")
    assert "Half A" in marks
    assert "Helemaal nieuw" not in marks


def test_a_comparison_of_a_part_lists_what_happened_there_and_counts_the_rest(client, changed):
    place = Succession.objects.filter(kind="merged").first().to_unit.placements.first().parent
    answer = client.get(f"/organogram?datum=2011-01-01&vergelijk=2001-01-01&top={place.unit.slug}")
    page = answer.context["page"]
    listed = [change.name for _kind, _heading, changes in page.changes for change in changes]
    assert "Half A" in listed
    assert "Helemaal nieuw" not in listed
    assert page.changes_elsewhere == len(page.comparison.changes) - len(listed) > 0
    assert page.permalink == f"{page.permalink_of_whole}&top={place.unit.slug}"
    html = answer.content.decode()
    assert f"{page.changes_elsewhere} wijzigingen in andere delen" in html
    assert f'href="{escape(page.permalink_of_whole)}"' in html
    assert client.get(page.permalink_of_whole).context["page"].changes_elsewhere == 0


def test_a_part_without_changes_says_so(client, changed):
    quiet = make_placement(changed[1], changed[1].placements.get(parent=None), name="Stil team")
    make_placement(changed[0], changed[0].placements.get(parent=None), unit=quiet.unit, name="Stil team")
    html = client.get(
        f"/organogram?datum=2011-01-01&vergelijk=2001-01-01&top={quiet.unit.slug}"
    ).content.decode()
    assert "In dit deel veranderde niets." in html


def test_a_withheld_unit_is_not_shown_struck(client, tree):
    new = make_organogram(valid_from=datetime.date(2010, 1, 1))
    make_placement(new, unit=tree["Korps"].unit, name="Korps")
    make_placement(
        tree["Korps"].organogram, tree["Korps"], unit=make_unit(name="Geheim", publication_level="withheld")
    )
    assert "Geheim" not in client.get("/organogram?vergelijk=2001-01-01").content.decode()
