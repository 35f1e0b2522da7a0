"""The files of the organogram: SVG, PDF and CSV hold the same units as its list."""

import csv
import datetime
import io
import re
import xml.etree.ElementTree as ElementTree
import zlib

import pytest
from django.db.models import CharField, Value
from django.utils.translation import gettext as _

from organisation.models import Placement
from organisation.pdf import in_windows_letters
from tests.make import make_document, make_organogram, make_placement, make_unit
from tests.pages import count_queries

pytestmark = pytest.mark.django_db
SVG = "{http://www.w3.org/2000/svg}"
FILES = ["/organogram.svg", "/organogram.pdf", "/organogram.csv"]


@pytest.fixture
def places():
    """Nul › Een › Twee › Drie › Vier in one organogram."""
    organogram = make_organogram(source=make_document(title="Bronboek"), source_place="hoofdstuk 9")
    found, parent = {}, None
    for name in ("Nul", "Een", "Twee", "Drie", "Vier"):
        parent = found[name] = make_placement(organogram, parent, name=name)
    return found


def rows_of(answer):
    return list(csv.reader(io.StringIO(answer.content.decode(), newline="")))


@pytest.mark.parametrize("address", FILES)
def test_a_file_refuses_what_is_no_date(client, places, address):
    assert client.get(f"{address}?datum=x").status_code == 400


@pytest.mark.parametrize("address", FILES)
def test_there_is_no_file_before_the_first_organogram_nor_of_an_unknown_part(client, places, address):
    assert client.get(f"{address}?datum=1999-01-01").status_code == 404
    assert client.get(f"{address}?top=bestaat-niet").status_code == 404


@pytest.mark.parametrize("address", FILES)
def test_a_file_takes_the_same_queries_at_any_size(client, places, address):
    few = count_queries(client, address)
    for number in range(30):
        make_placement(places["Nul"].organogram, places["Een"], name=f"Meer {number}")
    assert count_queries(client, address) == few == 2


@pytest.mark.parametrize("address", FILES)
def test_a_withheld_unit_is_in_no_file(client, places, address):
    before = client.get(address).content
    make_placement(
        places["Nul"].organogram, places["Nul"], unit=make_unit(name="Geheim", publication_level="withheld")
    )
    assert client.get(address).content == before


def texts_of(drawing):
    return ["".join(text.itertext()).strip() for text in drawing.iter(f"{SVG}text")]


def test_the_drawing_shows_three_levels_with_whole_addresses(client, places):
    answer = client.get("/organogram.svg")
    drawing = ElementTree.fromstring(answer.content)
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert texts_of(drawing) == ["korps Nul", "dienst Een", "dienst Twee", _("and %d more") % 1]
    links = [link.get("href") for link in drawing.iter(f"{SVG}a")]
    assert links[0] == "http://testserver" + places["Nul"].unit.get_absolute_url()
    assert links[-1].endswith(f"top={places['Twee'].unit.slug}#chart")


def test_the_drawing_needs_no_style_sheet(client, places):
    drawing = ElementTree.fromstring(client.get("/organogram.svg").content)
    assert drawing.find(f"{SVG}rect").get("fill") == "#fff"
    assert all(box.get("fill") and box.get("width") for box in drawing.iter(f"{SVG}rect"))
    assert all(text.get("fill") for text in drawing.iter(f"{SVG}text"))


def test_the_drawing_of_a_part_starts_with_that_part(client, places):
    drawing = ElementTree.fromstring(client.get(f"/organogram.svg?top={places['Twee'].unit.slug}").content)
    assert texts_of(drawing) == ["dienst Twee", "dienst Drie", "dienst Vier"]


def test_the_chart_on_the_page_holds_the_same_as_the_file(client, places):
    page = client.get("/organogram").content.decode()
    inline = ElementTree.fromstring(re.search(r"(?s)<svg class=\"chart chart-wide\".*?</svg>", page).group())
    file = ElementTree.fromstring(client.get("/organogram.svg").content)
    assert ["".join(text.itertext()).strip() for text in inline.iter("text")] == texts_of(file)


def test_the_table_as_csv_holds_every_unit_with_its_path(client, places):
    answer = client.get("/organogram.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="organogram-2000-01-01.csv"' in answer.headers["Content-Disposition"]
    rows = rows_of(answer)
    assert rows[0] == [_("Name"), _("Abbreviation"), _("Kind"), _("Path"), _("Level"), _("Address")]
    assert [row[0] for row in rows[1:]] == ["Nul", "Een", "Twee", "Drie", "Vier"]
    assert rows[3][3:] == [
        "Nul › Een", "2", "http://testserver" + places["Twee"].unit.get_absolute_url(),
    ]  # fmt: skip
    assert answer.content.count(b"\r\n") == len(rows)


def test_the_csv_of_a_part_keeps_the_path_from_the_top(client, places):
    rows = rows_of(client.get(f"/organogram.csv?top={places['Drie'].unit.slug}"))
    assert [(row[0], row[3]) for row in rows[1:]] == [
        ("Drie", "Nul › Een › Twee"),
        ("Vier", "Nul › Een › Twee › Drie"),
    ]


@pytest.mark.parametrize("name", ["=1+1", "+cmd", "-x", "@SUM(A1)", "\tx"])
def test_a_name_that_a_spreadsheet_would_calculate_is_harmless(client, places, name):
    place = make_placement(places["Nul"].organogram, places["Nul"])
    # Past the cleaning, which would take the tab away.
    Placement.objects.filter(pk=place.pk).update(name=Value(name, output_field=CharField()))
    assert f"'{name}" in [row[0] for row in rows_of(client.get("/organogram.csv"))]


def test_list_table_csv_and_chart_agree_exactly(client, plan):
    answer = client.get("/organogram")
    html = answer.content.decode()
    listed = re.findall(r'<li id="in-([^"]+)"', html)
    table = html.split('<table id="rows">')[1]
    rows = rows_of(client.get("/organogram.csv"))[1:]
    assert [row[5].rsplit("/", 1)[1] for row in rows] == listed
    assert re.findall(r'href="/eenheden/([^"]+)"', table.split("</table>")[0]) == listed
    chart = answer.context["page"].chart
    drawn = [box for box in chart.boxes if not box.more_of]
    levels = {row[5].rsplit("/", 1)[1]: int(row[4]) for row in rows}
    assert [box.slug for box in drawn] == [slug for slug in listed if levels[slug] < 3]
    assert all(levels[box.slug] == box.level for box in drawn)


def streams_of(pdf):
    """What stands in the compressed parts of a document."""
    parts = re.findall(rb"stream\n(.*?)\nendstream", pdf, re.DOTALL)
    return b"\n".join(zlib.decompressobj().decompress(part) for part in parts)


def test_the_pdf_is_a_tagged_document_with_text_links_date_and_source(client, places):
    answer = client.get("/organogram.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-1.7")
    text = streams_of(answer.content)
    for part in (
        "(Nul)",
        "(Een)",
        "(Twee)",
        "(Drie)",
        "(Vier)",
        "Bronboek, hoofdstuk 9",
        "/H1",
        "/StructTreeRoot",
        "/S /Document",
    ):
        assert part.encode() in text, part
    assert places["Vier"].unit.get_absolute_url().encode() in text
    assert b"/Marked true" in text


def test_the_pdf_has_a_picture_of_each_part_that_the_first_leaves_out(client, places):
    text = streams_of(client.get("/organogram.pdf").content)
    # Nul, and Twee whose own parts did not fit in the first picture.
    assert text.count(b"/S /H2") == 2
    assert b"/Dest" in text


def test_a_pdf_that_takes_more_pages_lies_and_counts_them(client, plan):
    text = streams_of(client.get("/organogram.pdf").content)
    sheets = re.findall(rb"/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]", text)
    assert len(sheets) > 3
    assert all(float(width) > float(height) for width, height in sheets)
    assert _("Page %(number)d of %(count)d").encode() % {b"number": 1, b"count": len(sheets)} in text


def test_the_pdf_of_the_plan_names_every_unit(client, plan):
    text = streams_of(client.get("/organogram.pdf").content)
    names = [row[0] for row in rows_of(client.get("/organogram.csv"))[1:]]
    shown = b" ".join(re.findall(rb"\((.*?)\) Tj", text)).decode("cp1252").replace("\\", "")
    words = [word for name in names for word in name.split() if word not in shown]
    assert words == []


def test_letters_that_the_font_lacks_lose_their_accent():
    assert in_windows_letters("é – Łódź 中") == "é – ".encode("cp1252") + b"?\xf3dz ?"


def test_the_same_day_gives_the_same_pdf(client, places):
    assert client.get("/organogram.pdf").content == client.get("/organogram.pdf").content


def test_a_picture_that_does_not_fit_leads_to_the_page_of_the_same_version(client, places, monkeypatch):
    make_placement(make_organogram(valid_from=datetime.date(2010, 1, 1)), name="Later")
    monkeypatch.setattr("organisation.chart_pdf.MOST_PICTURES", 1)
    monkeypatch.setattr("organisation.chart_pdf.LEAST_SCALE", 9.0)
    content = client.get("/organogram.pdf?datum=2005-05-05").content
    leading = [link for link in re.findall(rb"/URI \((.*?)\)", streams_of(content)) if b"top=" in link]
    assert leading
    assert all(b"datum=2000-01-01" in link for link in leading)


def test_the_date_in_a_file_name_is_that_of_the_version(client, places):
    make_placement(make_organogram(valid_from=datetime.date(2010, 1, 1)), name="Later")
    answer = client.get(f"/organogram.pdf?datum=2005-05-05&top={places['Een'].unit.slug}")
    assert (
        f'filename="organogram-2000-01-01-{places["Een"].unit.slug}.pdf"'
        in answer.headers["Content-Disposition"]
    )
