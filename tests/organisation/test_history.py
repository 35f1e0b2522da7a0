"""What became of units, down the line, and what their pages say of it."""

import datetime

import pytest
from django.utils.translation import gettext as _

from tests.make import make_organogram, make_placement, make_succession, make_unit
from tests.pages import MOST_QUERIES, count_queries, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def line():
    """Oud (2000) went on in Tussen (2010), which was split into Deel A and Deel B (2015)."""
    first = make_organogram(valid_from=datetime.date(2000, 1, 1))
    second = make_organogram(valid_from=datetime.date(2010, 1, 1))
    third = make_organogram(valid_from=datetime.date(2015, 1, 1))
    korps = make_placement(first, name="Korps")
    units = {"Korps": korps.unit, "Oud": make_placement(first, korps, name="Oud").unit}
    korps = make_placement(second, unit=korps.unit, name="Korps")
    units["Tussen"] = make_placement(second, korps, name="Tussen").unit
    make_succession(second, from_unit=units["Oud"], to_unit=units["Tussen"], kind="merged")
    korps = make_placement(third, unit=korps.unit, name="Korps")
    for name in ("Deel A", "Deel B"):
        units[name] = make_placement(third, korps, name=name).unit
        make_succession(third, from_unit=units["Tussen"], to_unit=units[name], kind="split")
    return units


def history_of(client, unit):
    return client.get(unit.get_absolute_url()).context["history"]


def test_an_ended_unit_points_through_the_line_to_the_units_of_today(client, line):
    history = history_of(client, line["Oud"])
    assert history.state == "former"
    assert [turn.other for turn in history.successors] == [line["Tussen"]]
    assert history.heirs == [line["Deel A"], line["Deel B"]]


def test_its_page_says_so_on_top(client, line):
    html = client.get(line["Oud"].get_absolute_url()).content.decode()
    notice = html.split('<div class="notice">')[1].split("</div>")[0]
    assert _("Today you find it in:") in notice
    assert line["Deel A"].get_absolute_url() in notice
    assert line["Tussen"].get_absolute_url() in notice


def test_a_unit_whose_successor_is_of_today_names_it_once(client, line):
    history = history_of(client, line["Tussen"])
    assert not history.is_passed_on
    assert len(history.heirs) == 2


def test_a_line_that_leads_back_to_the_start_ends(client, line):
    make_succession(
        line["Deel A"].placements.get().organogram,
        from_unit=line["Deel A"],
        to_unit=line["Oud"],
        kind="replaced",
    )
    assert history_of(client, line["Oud"]).heirs == [line["Deel A"], line["Deel B"]]


def test_a_withheld_unit_of_today_is_not_named(client, line):
    line["Deel A"].publication_level = "withheld"
    line["Deel A"].save()
    answer = client.get(line["Oud"].get_absolute_url())
    assert answer.context["history"].heirs == [line["Deel B"]]
    assert "Deel A" not in text_of(answer)


def test_a_line_through_a_draft_organogram_is_not_followed(client, line):
    draft = make_organogram(status="draft", valid_from=datetime.date(2016, 1, 1))
    make_succession(draft, from_unit=line["Deel A"], to_unit=make_unit(name="Ontwerp"))
    assert "Ontwerp" not in text_of(client.get(line["Oud"].get_absolute_url()))


def test_a_long_line_takes_no_more_queries(client, line):
    few = count_queries(client, line["Oud"].get_absolute_url())
    unit = line["Deel A"]
    for year in range(2016, 2024):
        organogram = make_organogram(valid_from=datetime.date(year, 1, 1))
        heir = make_placement(
            organogram, make_placement(organogram, unit=line["Korps"]), name=f"Van {year}"
        ).unit
        make_succession(organogram, from_unit=unit, to_unit=heir)
        unit = heir
    assert count_queries(client, line["Oud"].get_absolute_url()) == few <= MOST_QUERIES
    assert history_of(client, line["Oud"]).heirs == [unit]


def test_the_history_tells_what_changed_in_name_and_place(client):
    first, second = (make_organogram(valid_from=datetime.date(year, 1, 1)) for year in (2000, 2010))
    same = make_organogram(valid_from=datetime.date(2012, 1, 1))
    korps = make_placement(first, name="Korps")
    directie = make_placement(first, korps, name="Directie")
    unit = make_placement(first, directie, name="Bureau").unit
    for organogram in (second, same):
        korps = make_placement(organogram, unit=korps.unit, name="Korps")
        make_placement(organogram, korps, unit=unit, name="Dienst")
    stages = history_of(client, unit).stages
    assert [(stage.is_first, stage.old_name, stage.old_parent) for stage in stages] == [
        (True, "", ""),
        (False, "Bureau", "Directie"),
    ]
    text = text_of(client.get(unit.get_absolute_url()))
    assert _("was called %(before)s") % {"before": "Bureau"} in text


def test_a_page_shows_the_units_beside_and_where_to_see_it(client, line):
    html = client.get(line["Deel A"].get_absolute_url()).content.decode()
    assert line["Deel B"].get_absolute_url() in html
    assert f'href="/organogram#in-{line["Deel A"].slug}"' in html
    assert f'href="/organogram?top={line["Korps"].slug}#chart"' in html


def test_an_ended_unit_is_shown_in_the_organogram_of_its_time(client, line):
    html = client.get(line["Oud"].get_absolute_url()).content.decode()
    assert f'href="/organogram?datum=2000-01-01#in-{line["Oud"].slug}"' in html


def test_very_many_units_beside_are_counted(client, line):
    place = line["Deel A"].placements.get()
    for number in range(40):
        make_placement(place.organogram, place.parent, name=f"Naast {number}")
    history = history_of(client, line["Deel A"])
    assert (len(history.nearby), history.nearby_left_out) == (30, 11)
