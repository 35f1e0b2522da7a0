"""Places in source documents, as the starting content writes them."""

import pytest

from pzgent.kernel.source_places import SourcePlace, places_in


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("", []),
        ("13.5.2 a", ["13.5.2 a"]),
        ("14.2 en 14.3.5", ["14.2", "14.3.5"]),
        ("14.1, 14.2 en 14.3.5", ["14.1", "14.2", "14.3.5"]),
        ("9, 10 en 13.5.3", ["9", "10", "13.5.3"]),
        ("13.5.2 c (voetnoot 25)", ["13.5.2 c"]),
        ("6.1 (figuur 7) en 13.3 (voetnoten 23 en 24)", ["6.1", "13.3"]),
        ("4.1 (voetnoot 5), 4.2 (voetnoot 7) en 9 (voetnoot 19)", ["4.1", "4.2", "9"]),
        ("13, slot (In een notendop)", ["13"]),
        ("2, kader 1", ["2"]),
        ("10, figuur 10 en 13.5.2 d", ["10", "13.5.2 d"]),
        ("13.7.5 b, 14.2, hoofdstuk 7", ["13.7.5 b", "14.2", "7"]),
        ("tabel 3", ["tabel 3"]),
        ("tabel 3; 7 en 13.6.1", ["tabel 3", "7", "13.6.1"]),
        ("7, voetnoot 15; 13.6.3 a", ["7", "13.6.3 a"]),
        ("6.2, tabellen 3 en 4, en 14.3.7", ["6.2", "14.3.7"]),
        ("Voorwoord en voettekst", ["Voorwoord"]),
        ("14.2 en 14.2", ["14.2"]),
        (" , ;; (", []),
    ],
)
def test_the_places_are_read_as_an_editor_wrote_them(text, places):
    assert [place.name for place in places_in(text)] == places


def test_a_place_knows_its_chapter_and_its_anchor():
    assert [SourcePlace(name).chapter for name in ("13.5.2 a", "9", "tabel 3")] == ["13", "9", "tabel 3"]
    assert [SourcePlace(name).anchor for name in ("13.5.2 a", "1.35", "Figuur 7", "élan")] == [
        "plaats-13-5-2-a", "plaats-1-35", "plaats-figuur-7", "plaats-élan",
    ]  # fmt: skip


def test_chapters_stand_in_order_of_their_numbers_and_other_parts_follow():
    names = ["tabel 10", "13.7.10", "9", "13.7.5 b", "tabel 9", "13.7.5", "13.7.5 a", "Figuur 1", "2"]
    assert [place.name for place in sorted(map(SourcePlace, names), key=lambda place: place.order)] == [
        "2", "9", "13.7.5", "13.7.5 a", "13.7.5 b", "13.7.10", "Figuur 1", "tabel 9", "tabel 10",
    ]  # fmt: skip
