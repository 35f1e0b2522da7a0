"""The bulk files: complete, the same for the same data, safe in a spreadsheet."""

import csv
import datetime
import fcntl
import gc
import gzip
import io
import json
import shutil
import threading
import tracemalloc
import zipfile
from contextlib import contextmanager

import brotli
import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contact.models import Channel, Schedule
from organisation.models import Placement, PolicyAction
from pzgent.exports import bulk_files
from pzgent.exports.columns import dutch_names
from pzgent.exports.export import Export, _cell, long_tables_of, tables_of
from pzgent.kernel.compression import compressed, preferred
from pzgent.registry.collections import EXPORTED
from pzgent.worker import bring_up_to_date
from tests.make import (
    make_channel,
    make_document,
    make_exception,
    make_notice,
    make_organogram,
    make_placement,
    make_schedule,
    make_term,
    make_topic,
    make_wide_organogram,
)
from tests.pages import body_of

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/exports"


def table_of(client, name):
    answer = client.get(f"{ROOT}/{name}.csv")
    return list(csv.DictReader(io.StringIO(body_of(answer).decode(), newline="")))


def archive_of(client, query=""):
    """Each table in the archive, as rows of cells; the first are the names of the columns."""
    with zipfile.ZipFile(io.BytesIO(body_of(client.get(f"{ROOT}/organisation.zip{query}")))) as archive:
        return {
            name: list(csv.reader(io.StringIO(archive.read(f"{name}.csv").decode(), newline="")))
            for name in tables_of(EXPORTED)
        }


def document_of(client):
    return json.loads(body_of(client.get(f"{ROOT}/organisation.json")))


def test_the_json_holds_every_collection_as_the_api_shows_it(client, plan):
    document = document_of(client)
    assert set(document["collections"]) == set(EXPORTED)
    for name, items in document["collections"].items():
        shown = client.get(f"/api/v1/{name}?pageSize=100").json()
        assert len(items) == shown["total"], name
        known = {item["id"]: item for item in items}
        for item in shown["items"]:
            item.pop("status", None)
            item.pop("changeNumber")  # of the change feed, which a file knows nothing of
            assert known[item["id"]] == item, name


def test_the_json_holds_the_structure_of_every_edition(client, plan):
    document = document_of(client)
    newest = client.get("/api/v1/organogram").json()
    assert document["structures"][newest["slug"]] == newest["root"]
    assert set(document["structures"]) == {"organogram-2021", "organogram-2021-09"}


def test_the_json_says_what_it_is(client, plan, licensed):
    document = document_of(client)
    assert document["license"].startswith("https://creativecommons.org/")
    assert document["organogram"] == "organogram-2021-09 (2021-09-01)"
    assert datetime.datetime.fromisoformat(document["generated"]).utcoffset() is not None


def test_two_exports_of_the_same_data_are_the_same(client, plan):
    first, second = document_of(client), document_of(client)
    assert first.pop("generated") <= second.pop("generated")
    assert json.dumps(first) == json.dumps(second)


def test_nothing_hidden_is_exported(client):
    make_term(abbreviation="GEHEIM", status="draft")
    make_placement(make_organogram(), name="Verborgen", unit=None)
    Placement.objects.get().unit.__class__.objects.update(publication_level="withheld")
    body = body_of(client.get(f"{ROOT}/organisation.json")).decode()
    assert "GEHEIM" not in body
    assert "Verborgen" not in body


@pytest.mark.parametrize("table", sorted(EXPORTED))
def test_every_table_has_a_row_for_each_item(client, plan, table):
    rows = table_of(client, table)
    assert len(rows) == client.get(f"/api/v1/{table}").json()["total"]


def test_objects_get_a_column_for_each_part_and_lists_have_bars(client, plan):
    unit = next(row for row in table_of(client, "units") if row["slug"] == "wijkdienst")
    assert unit["path"] == "Politiezone Gent | Directie Operaties | Wijkdienst"
    assert (unit["parent.slug"], unit["parent.name"]) == ("directie-operaties", "Directie Operaties")
    channel = next(row for row in table_of(client, "channels") if row["value"] == "+3292666111")
    assert channel["appointmentNeeded"] == "false"
    assert "status.state" not in channel


def test_no_cell_holds_json(client, plan):
    make_notice()
    make_exception(Schedule.objects.first())
    tables = archive_of(client)
    assert not [
        (name, cell)
        for name, rows in tables.items()
        for row in rows
        for cell in row
        if cell.startswith(("{", "["))
    ]
    assert {name for name, rows in tables.items() if len(rows) == 1} <= {"consumers", "unitLines"}


def test_each_staffing_line_is_a_row_that_names_its_table(client, plan):
    rows = table_of(client, "staffingLines")
    tables = client.get("/api/v1/staffingTables?pageSize=100").json()["items"]
    lines = [(table["slug"], line) for table in tables for line in table.get("lines", ())]
    assert len(rows) == len(lines) > 0
    assert [(row["staffingTable.slug"], row["grade.code"], row["measure"]) for row in rows] == [
        (slug, line["grade"]["code"], line["measure"]) for slug, line in lines
    ]
    assert [row["count"] for row in rows] == [str(line.get("count", "")) for _slug, line in lines]


def test_each_opening_slot_is_a_row_also_of_what_is_open_day_and_night(client):
    hours = make_schedule((0, "08:30", "12:00"), (0, "13:00", "16:00"), school_days_only=True)
    desk = make_channel(schedule=hours, topic=make_topic(position=1))
    always = make_channel(schedule=make_schedule(always_open=True), topic=make_topic(position=2))
    make_channel()
    rows = table_of(client, "openingSlots")
    found = [
        (row["channel.id"], row["day"], row["opens"], row["closes"], row["hours.schoolDaysOnly"])
        for row in rows
    ]
    assert found[:2] == [
        (str(desk.pk), "Mo", "08:30", "12:00", "true"),
        (str(desk.pk), "Mo", "13:00", "16:00", "true"),
    ]
    assert [row[1:] for row in found[2:]] == [
        (day, "00:00", "00:00", "false") for day in ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
    ]
    assert {row[0] for row in found[2:]} == {str(always.pk)}


def test_days_with_other_hours_are_rows(client):
    schedule = make_schedule((0, "08:30", "12:00"))
    make_exception(schedule, reason="opleiding")
    channel = make_channel(schedule=schedule)
    (row,) = table_of(client, "openingExceptions")
    assert (row["channel.slug"], row["firstDay"], row["opens"], row["reason"]) == (
        channel.slug, "2026-05-01", "", "opleiding",
    )  # fmt: skip


def test_each_part_of_a_unit_in_a_project_is_a_row(client, plan):
    rows = table_of(client, "projectUnits")
    projects = client.get("/api/v1/projects?pageSize=100").json()["items"]
    assert [(row["project.slug"], row["unit.slug"], row["role"], row["note"]) for row in rows] == [
        (project["slug"], unit["slug"], unit["role"], unit.get("note", ""))
        for project in projects
        for unit in project.get("units", ())
    ]


def test_each_action_of_a_policy_is_a_row(client, plan):
    rows = table_of(client, "policyActions")
    assert len([row for row in rows if row["action.title"]]) == PolicyAction.objects.count()
    assert {row["policy.slug"] for row in rows} <= {row["slug"] for row in table_of(client, "policies")}


LONG_TABLES = long_tables_of(EXPORTED)


@pytest.mark.parametrize("name", LONG_TABLES)
def test_a_long_table_names_only_columns_that_something_fills(client, plan, name):
    """A column that no description knows would stay empty for ever."""
    described = json.dumps(client.get("/api/v1/openapi.json").json()["components"]["schemas"])
    for column in LONG_TABLES[name][1].columns:
        assert f'"{column.rsplit(".", 1)[-1]}"' in described


def test_the_text_of_a_notice_has_a_column_for_each_language(client):
    make_notice(text_nl="Gesloten.", text_fr="Fermé.")
    (row,) = table_of(client, "notices")
    assert [row[f"texts.{code}"] for code in ("nl", "fr", "en", "de")] == ["Gesloten.", "Fermé.", "", ""]


def test_an_empty_table_keeps_its_columns(client):
    header = body_of(client.get(f"{ROOT}/terms.csv")).decode()
    assert header == (
        "id,slug,href,htmlUrl,abbreviation,expansion,explanation,modified,"
        "source.title,source.slug,source.place,source.verifiedOn,source.reviewBy\r\n"
    ) or header.endswith("\r\n")
    assert header.startswith("id,slug,href,htmlUrl,abbreviation,expansion,explanation,modified,source.")


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("\t=1", "'\t=1"),
        ("\n=1", "'\n=1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("-2+3", "'-2+3"),
        ("+32 9 266 61 11", "+32 9 266 61 11"),
        ("+3292666111", "+3292666111"),
        ("-5", "-5"),
        ("gewoon", "gewoon"),
        (None, ""),
        (0, "0"),
        (True, "true"),
        (["a", "b"], "a | b"),
        ([{"slug": "x", "name": "X"}], "x"),
        ([{"from": "09:00"}], '{"from":"09:00"}'),
    ],
)
def test_a_cell_is_harmless_in_a_spreadsheet(value, cell):
    assert _cell({"a": {"b": value}}, "a.b") == cell


def test_quotes_commas_and_line_ends_survive(client):
    make_document(title='Een "goed", lang', description='Een "goed", lang\nplan', slug="plan")
    (row,) = table_of(client, "documents")
    assert (row["title"], row["description"]) == ('Een "goed", lang', 'Een "goed", lang\nplan')


def test_the_archive_holds_all_files(client, plan, licensed):
    archive = zipfile.ZipFile(io.BytesIO(body_of(client.get(f"{ROOT}/organisation.zip"))))
    assert archive.testzip() is None
    assert set(archive.namelist()) == {
        "README.txt", "organisation.json", *(f"{table}.csv" for table in tables_of(EXPORTED)),
    }  # fmt: skip
    assert "creativecommons.org" in archive.read("README.txt").decode()
    assert archive.read("channels.csv").decode().count("\r\n") > Channel.objects.published().count()


def test_the_list_names_every_file(client):
    items = client.get(ROOT).json()["items"]
    assert len(items) == len(tables_of(EXPORTED)) + 2
    for item in items:
        answer = client.get(item["href"])
        assert answer.status_code == 200
        assert body_of(answer)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/niets.csv", 404),
        ("/organogramChanges.csv", 404),
        ("/units.xml", 404),
        ("/units.csv?kind=team", 400),
        ("/organisation.json?pretty=1", 400),
    ],
)
def test_what_cannot_be_exported_is_a_problem(client, address, status):
    answer = client.get(f"{ROOT}{address}")
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_labels_are_in_the_language_asked_for(client, plan):
    def labels(query):
        return {row["kindLabel"] for row in csv.DictReader(io.StringIO(body_of(client.get(query)).decode()))}

    assert "commissariaat" in labels(f"{ROOT}/units.csv")
    assert "police station" in labels(f"{ROOT}/units.csv?lang=en")


def test_files_are_open_to_every_site_and_may_be_kept(client):
    answer = client.get(f"{ROOT}/organisation.json")
    headers = answer.headers
    assert body_of(answer)
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Cache-Control"] == "public, max-age=300"
    assert headers["Content-Disposition"] == 'attachment; filename="organisation.json"'


def queries_of(client, address):
    """How many queries making a file takes, once its process has warmed up."""
    body_of(client.get(address))
    shutil.rmtree(settings.BULK_FOLDER)
    with CaptureQueriesContext(connection) as queries:
        body_of(client.get(address))
    return len(queries)


def test_a_table_takes_as_many_queries_for_many_rows(client):
    make_wide_organogram(20)
    few = queries_of(client, f"{ROOT}/units.csv")
    make_wide_organogram(400)
    assert queries_of(client, f"{ROOT}/units.csv") == few <= 8


def test_a_table_takes_a_query_or_two_more_for_each_five_hundred_rows(client):
    make_wide_organogram(400)
    few = queries_of(client, f"{ROOT}/units.csv")
    make_wide_organogram(1_400)
    assert queries_of(client, f"{ROOT}/units.csv") <= few + 2 * 2


def memory_for(client, address):
    """The most memory in use while a file is read and thrown away, in MB; what is thrown away is cleared at once."""
    before = gc.get_threshold()
    # What other tests left counts as if it were not there: among much, a full collection waits for much more.
    gc.collect()
    gc.freeze()
    gc.collect()
    gc.set_threshold(100, 1, 1)
    tracemalloc.start()
    try:
        size = sum(map(len, client.get(address).streaming_content))
        return tracemalloc.get_traced_memory()[1] / 1e6, size / 1e6
    finally:
        tracemalloc.stop()
        gc.set_threshold(*before)
        gc.unfreeze()


@pytest.mark.once
def test_memory_grows_far_slower_than_the_file(client):
    measured = []
    for rows in (1_100, 2_600):
        make_wide_organogram(rows)
        body_of(client.get(f"{ROOT}/units.csv"))  # what the process keeps from its first time does not count
        measured.append(memory_for(client, f"{ROOT}/units.csv"))
    (small, few), (large, many) = measured
    # Of the rows that wait only the keys are held.
    assert large - small < many - few


def test_an_archive_waits_on_disk(client, plan, monkeypatch):
    monkeypatch.setattr("pzgent.exports.export.MEMORY_FOR_ZIP", 1_000)
    archive = zipfile.ZipFile(io.BytesIO(body_of(client.get(f"{ROOT}/organisation.zip"))))
    assert archive.testzip() is None


UNPACK = {"br": brotli.decompress, "gzip": gzip.decompress, "identity": bytes}


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("", "identity"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0.2, gzip;q=0.8", "gzip"),
        ("*", "br"),
        ("*;q=0", "identity"),
        ("identity, br;q=0.5", "identity"),
        ("deflate", "identity"),
        ("BR ; Q=1.0", "br"),
    ],
)
def test_a_file_is_packed_as_the_client_likes_it(client, accepted, coding):
    make_document(title="Wit, zwart")
    plain = body_of(client.get(f"{ROOT}/documents.csv"))
    answer = client.get(f"{ROOT}/documents.csv", headers={"accept-encoding": accepted})
    assert preferred(accepted) == coding == answer.headers.get("Content-Encoding", "identity")
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert UNPACK[coding](body_of(answer)) == plain


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_packing_makes_it_smaller_block_by_block(coding):
    texts = [b'{"name":"Wijkdienst %d"}' % (number * number % 1_000_003) for number in range(100_000)]
    blocks = list(compressed(texts, coding))
    assert len(blocks) >= 3
    assert sum(map(len, blocks)) < sum(map(len, texts)) / 3


def test_an_archive_is_not_packed_twice(client):
    answer = client.get(f"{ROOT}/organisation.zip", headers={"accept-encoding": "gzip, br"})
    assert "Content-Encoding" not in answer.headers
    assert int(answer.headers["Content-Length"]) == len(body_of(answer))


def test_a_page_is_still_packed(client, plan):
    assert (
        client.get("/organogram", headers={"accept-encoding": "gzip"}).headers["Content-Encoding"] == "gzip"
    )


def test_the_first_line_is_dutch_when_asked(client):
    english, dutch = (
        next(csv.reader([body_of(client.get(f"{ROOT}/channels.csv{query}")).decode().split("\r\n", 1)[0]]))
        for query in ("", "?headers=nl")
    )
    assert (english[5], dutch[5]) == ("topic.name", "onderwerp: naam")
    assert len(english) == len(dutch)


def test_no_other_language_has_names_for_columns(client):
    assert client.get(f"{ROOT}/channels.csv?headers=fr").status_code == 400
    assert client.get(f"{ROOT}/organisation.json?headers=nl").status_code == 400


def test_every_column_has_a_dutch_name_of_its_own(client, db):
    english, dutch = archive_of(client), archive_of(client, "?headers=nl")
    names = {part for rows in english.values() for column in rows[0] for part in column.split(".")}
    assert names - set(dutch_names(EXPORTED)) == set(), "add their Dutch names beside the collection"
    assert {name for name, rows in dutch.items() if len(set(rows[0])) < len(rows[0])} == set()


def test_the_archive_takes_dutch_names_and_explains_both(client, plan):
    body = body_of(client.get(f"{ROOT}/organisation.zip?headers=nl"))
    archive = zipfile.ZipFile(io.BytesIO(body))
    assert archive.read("units.csv").decode().startswith("id,sleutel,api-adres,webpagina,naam")
    readme = archive.read("README.txt").decode()
    assert "| parent.name | deel van: naam |" in readme
    assert "organogram: organogram-2021-09 (2021-09-01)" in readme
    assert "generated: 2" in readme
    described = readme.replace("\r\n", "\n").split("\n\n", 1)[1].strip()
    is_told = described in (settings.BASE_DIR / "docs/tables.md").read_text()
    assert is_told, "docs/tables.md lacks columns: run `make examples`"


FILES = ["organisation.json", "organisation.zip", "terms.csv"]


@pytest.mark.parametrize("name", FILES)
def test_a_client_that_has_a_file_is_told_so_before_anything_is_read(client, name):
    make_term()
    first = client.get(f"{ROOT}/{name}")
    body_of(first)
    with CaptureQueriesContext(connection) as queries:
        again = client.get(f"{ROOT}/{name}", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content, len(queries)) == (304, b"", 2)
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    assert {"Accept", "Accept-Encoding"} <= set(again.headers["Vary"].split(", "))


@pytest.mark.parametrize("name", FILES)
def test_an_edit_changes_the_tag_of_a_file(client, name):
    make_term()
    first = client.get(f"{ROOT}/{name}")
    body_of(first)
    make_term()
    again = client.get(f"{ROOT}/{name}", headers={"If-None-Match": first.headers["ETag"]})
    assert body_of(again)
    assert again.headers["ETag"] != first.headers["ETag"]


def test_each_language_coding_and_question_has_its_own_tag(client):
    answers = [
        client.get(f"{ROOT}/terms.csv"),
        client.get(f"{ROOT}/terms.csv?lang=fr"),
        client.get(f"{ROOT}/terms.csv?headers=nl"),
        client.get(f"{ROOT}/terms.csv", headers={"Accept-Encoding": "br"}),
        client.get(f"{ROOT}/documents.csv"),
        client.get(f"{ROOT}/terms.csv", headers={"Host": "localhost"}),
    ]
    assert len({(body_of(answer), answer.headers["ETag"])[1] for answer in answers}) == len(answers)


def test_only_a_file_that_says_when_it_was_made_has_a_weak_tag(client):
    answers = [client.get(f"{ROOT}/{name}") for name in FILES]
    assert all(body_of(answer) for answer in answers)
    tags = [answer.headers["ETag"] for answer in answers]
    assert [tag.startswith("W/") for tag in tags] == [True, True, False]


def test_a_table_that_does_not_exist_is_never_unchanged(client):
    assert client.get(f"{ROOT}/niets.csv", headers={"If-None-Match": "*"}).status_code == 404


def test_every_file_names_the_feed_and_the_number_from_which_a_copy_goes_on(client):
    make_term()
    bring_up_to_date()
    feed = client.get("/api/v1/changes").json()
    wanted = feed["feed"], feed["last"]
    document, listed = document_of(client), client.get(ROOT).json()
    answers = [client.get(item["href"]) for item in listed["items"]]
    assert all(body_of(answer) for answer in answers)
    assert (document["feed"], document["number"]) == (listed["feed"], listed["number"]) == wanted
    assert {(answer.headers["Feed-Identity"], int(answer.headers["Feed-Number"])) for answer in answers} == {
        wanted
    }


@pytest.mark.parametrize("is_numbered", [True, False])
def test_a_copy_that_starts_from_a_file_misses_nothing(client, is_numbered):
    make_term(abbreviation="EARLY")
    if is_numbered:
        bring_up_to_date()
    document = document_of(client)
    make_term(abbreviation="LATER")
    bring_up_to_date()
    feed = f"&feed={document['feed']}" if document["feed"] else ""
    address = f"/api/v1/changes?after={document['number']}{feed}"
    assert [change["item"]["abbreviation"] for change in client.get(address).json()["items"]] == (
        ["LATER"] if is_numbered else ["EARLY", "LATER"]
    )


def test_a_file_made_before_the_worker_numbered_what_changed_is_made_anew_afterwards(client):
    make_term()
    before = client.get(f"{ROOT}/terms.csv")
    body_of(before)
    bring_up_to_date()
    after = client.get(f"{ROOT}/terms.csv", headers={"if-none-match": before.headers["ETag"]})
    assert body_of(after)
    assert int(after.headers["Feed-Number"]) > int(before.headers["Feed-Number"])


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_made_once_for_each_state_of_the_data(client, monkeypatch, name):
    made = []
    monkeypatch.setattr("pzgent.api.exports.Export", lambda *given: (made.append(1), Export(*given))[1])
    make_term()
    for _time in range(3):
        body_of(client.get(f"{ROOT}/{name}"))
    assert len(made) == 1
    make_term()
    body_of(client.get(f"{ROOT}/{name}"))
    assert len(made) == 2
    assert len([path for path in settings.BULK_FOLDER.iterdir() if path.name != "lock"]) == 1


@contextmanager
def somebody_makes_a_file():
    """The one turn to make a file is taken, as another process takes it."""
    settings.BULK_FOLDER.mkdir(exist_ok=True)
    with (settings.BULK_FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def test_while_a_newer_file_is_made_the_older_one_is_given_and_says_so(client):
    make_term()
    before = client.get(f"{ROOT}/terms.csv")
    body = body_of(before)
    make_term()
    with somebody_makes_a_file():
        during = client.get(f"{ROOT}/terms.csv")
        assert body_of(during) == body
    for name in ("ETag", "Feed-Number"):
        assert during.headers[name] == before.headers[name]
    assert body_of(client.get(f"{ROOT}/terms.csv")) != body


def test_a_file_that_cannot_be_made_now_is_refused_with_a_time_to_come_back(client, monkeypatch):
    monkeypatch.setattr("pzgent.exports.bulk_files.LONGEST_WAIT", 0.1)
    with somebody_makes_a_file():
        answer = client.get(f"{ROOT}/terms.csv")
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/problem+json")
    assert int(answer.headers["Retry-After"]) > 0


def test_only_few_wait_for_a_file(client, monkeypatch):
    monkeypatch.setattr("pzgent.exports.bulk_files._waiting", threading.BoundedSemaphore(1))
    bulk_files._waiting.acquire()
    with somebody_makes_a_file():
        assert client.get(f"{ROOT}/terms.csv").status_code == 503


def test_a_full_disk_is_no_fault_of_the_client(client, monkeypatch):
    monkeypatch.setattr(
        "pzgent.exports.bulk_files.Path.rename", lambda *_given: (_ for _ in ()).throw(OSError(28, "full"))
    )
    assert client.get(f"{ROOT}/terms.csv").status_code == 503
    assert [path.name for path in settings.BULK_FOLDER.iterdir()] == ["lock"]


def test_files_take_a_bounded_place(client, monkeypatch):
    monkeypatch.setattr("pzgent.exports.bulk_files.MOST_BYTES", 1)
    for name in ("terms", "documents", "units"):
        assert body_of(client.get(f"{ROOT}/{name}.csv"))
    assert len(list(settings.BULK_FOLDER.glob("*-*"))) == 1
