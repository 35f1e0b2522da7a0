"""Import of spreadsheets: dry run, report and writing."""

import datetime
import random

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from mptt.exceptions import InvalidMove

from contact.models import Channel
from organisation.models import Placement, StaffingLine, StaffingTable, Term, Unit
from projects.models import Project
from pzgent.desk.retention import delete_outdated
from pzgent.kernel.editing.bulk import importing
from pzgent.kernel.jobs import Job, JobLine
from pzgent.kernel.trees import find_faults
from tests.make import (
    make_channel,
    make_grade,
    make_objective,
    make_organogram,
    make_placement,
    make_plan,
    make_project,
    make_schedule,
    make_staffing_table,
    make_term,
    make_topic,
    make_unit,
)
from tests.sheets import (
    carry_out,
    counts_of,
    csv_of,
    download,
    last_job,
    page_of,
    problems_of,
    upload,
    upload_rows,
)

CHANNEL = ["Onderwerp", "Soort", "Opschrift", "Nummer of adres"]


def terms(*rows):
    return [["Afkorting of woord", "Voluit"], *rows]


# --- The journey --------------------------------------------------------------------------------------
def test_new_rows_are_shown_first_and_written_after(admin_client):
    report = upload_rows(
        admin_client, Term, terms(["FIT", "Flexibel Interventieteam"], ["LIK", "Lokale Informatie"])
    )
    assert (counts_of(report), Term.objects.count()) == ({"new": 2}, 0)
    carry_out(admin_client, report)
    assert set(Term.objects.values_list("slug", "expansion", "status")) == {
        ("fit", "Flexibel Interventieteam", "draft"),
        ("lik", "Lokale Informatie", "draft"),
    }


def test_a_change_is_shown_with_its_old_and_new_value(admin_client):
    term = make_term(abbreviation="FIT", expansion="oud")
    report = upload_rows(admin_client, Term, [["id", "Voluit"], [str(term.pk), "nieuw"]])
    assert report.context["rows"][0]["changes"] == [("Voluit", "oud", "nieuw")]
    carry_out(admin_client, report)
    term.refresh_from_db()
    assert (term.expansion, term.abbreviation, term.version) == ("nieuw", "FIT", 2)


def test_a_row_is_known_by_its_address_name_too(admin_client):
    make_term(slug="fit", abbreviation="FIT", expansion="oud")
    report = upload_rows(admin_client, Term, [["Naam in het webadres", "Voluit"], ["fit", "nieuw"]])
    assert counts_of(report) == {"changed": 1}


def test_every_row_is_in_the_history_of_its_object(admin_client):
    term = make_term()
    carry_out(
        admin_client,
        upload_rows(admin_client, Term, [["id", "Afkorting of woord"], [str(term.pk), "NIEUW"], ["", "LIK"]]),
    )
    assert sorted(LogEntry.objects.values_list("action_flag", flat=True)) == [1, 2]


def test_an_error_names_row_column_and_what_to_do_and_nothing_can_be_written(admin_client):
    make_topic(slug="aangifte")
    rows = [CHANNEL, ["aangifte", "telefoon", "Goed", "101"], ["aangfte", "telefon", "Fout", "12"]]
    report = upload_rows(admin_client, Channel, rows)
    found = problems_of(report)
    assert [(row, heading) for row, heading, _text in found] == [(3, "Onderwerp"), (3, "Soort")]
    assert "aangifte" in found[0][2]
    assert "“telefoon”" in found[1][2]
    carry_out(admin_client, report)
    assert not Channel.objects.exists()


def test_a_wrong_phone_number_is_refused_by_the_rule_of_the_model(admin_client):
    make_topic(slug="aangifte")
    report = upload_rows(admin_client, Channel, [CHANNEL, ["aangifte", "telefoon", "Fout", "12 ab"]])
    assert problems_of(report)[0][:2] == (2, "Nummer of adres")


def test_all_or_nothing(admin_client, monkeypatch):
    report = upload_rows(admin_client, Term, terms(["A", "a"], ["B", "b"]))
    saved = importing.Sheet.save

    def fail(self, row, form):
        saved(self, row, form)
        if row.number == 3:
            raise importing.OutdatedError("mis")

    monkeypatch.setattr(importing.Sheet, "save", fail)
    carry_out(admin_client, report)
    assert (Term.objects.count(), LogEntry.objects.count()) == (0, 0)
    monkeypatch.undo()
    carry_out(admin_client, report)
    assert Term.objects.count() == 2


def test_a_double_click_writes_once(admin_client):
    report = upload_rows(admin_client, Term, terms(["A", "a"]))
    carry_out(admin_client, report)
    carry_out(admin_client, report)
    assert Term.objects.count() == 1


def test_what_a_colleague_changed_in_the_meantime_is_not_overwritten(admin_client):
    term = make_term(expansion="oud")
    report = upload_rows(admin_client, Term, [["id", "Voluit"], [str(term.pk), "van mij"]])
    term.expansion = "van een collega"
    term.save()
    answer = carry_out(admin_client, report)
    term.refresh_from_db()
    assert term.expansion == "van een collega"
    while answer.headers.get("Refresh"):
        answer = admin_client.get(answer.request["PATH_INFO"])
    assert answer.context["rows"][0]["changes"] == [("Voluit", "van een collega", "van mij")]
    carry_out(admin_client, answer)
    term.refresh_from_db()
    assert term.expansion == "van mij"


def test_what_a_colleague_added_in_the_meantime_is_not_added_twice(admin_client):
    report = upload_rows(admin_client, Term, [["Naam in het webadres", "Afkorting of woord"], ["fit", "FIT"]])
    make_term(slug="fit")
    carry_out(admin_client, report)
    assert Term.objects.count() == 1
    assert last_job().state != "done"


def test_the_same_file_twice_adds_nothing_twice(admin_client):
    rows = terms(["FIT", "Flexibel"])
    carry_out(admin_client, upload_rows(admin_client, Term, rows))
    report = upload_rows(admin_client, Term, rows)
    assert counts_of(report) == {"error": 1}
    assert "fit" in problems_of(report)[0][2]


def test_an_import_that_was_thrown_away_is_gone(admin_client):
    report = upload_rows(admin_client, Term, terms(["A", "a"]))
    admin_client.post(report.request["PATH_INFO"], {"cancel": "1"})
    assert (Job.objects.count(), JobLine.objects.count(), Term.objects.count()) == (0, 0, 0)


def test_an_import_leaves_no_rows_of_the_file_behind(admin_client):
    carry_out(admin_client, upload_rows(admin_client, Term, terms(["A", "a"])))
    assert (last_job().state, JobLine.objects.count()) == ("done", 0)


def test_old_jobs_are_deleted(admin_client):
    upload_rows(admin_client, Term, terms(["A", "a"]))
    Job.objects.update(created=datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC))
    upload_rows(admin_client, Term, terms(["B", "b"]))
    delete_outdated()
    assert Job.objects.count() == 1


def test_a_large_file_is_checked_in_portions(admin_client, monkeypatch):
    monkeypatch.setattr(importing, "PORTION_SECONDS", 0)
    monkeypatch.setattr(importing, "PORTION_LINES", 2)
    job_page = admin_client.post(
        page_of(Term, "import"),
        {"file": SimpleUploadedFile("a.csv", csv_of(terms(*[[f"T{n}", "x"] for n in range(5)])))},
    )["Location"]
    first = admin_client.get(job_page)
    assert (first.context["done"], first["Refresh"]) == (2, f"0; url={first.wsgi_request.path}")
    assert Term.objects.count() == 0


# --- The file -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("headings", "said"),
    [
        (["Afkorting of woord", "Afkorting of woord"], "twee keer"),
        (["Afkorting of woord", "Volut"], "Voluit"),
        (["Afkorting of woord", ""], ""),
        (["id"], "id"),
        (["Afkorting of woord", "=1+1"], "onbekend"),
    ],
)
def test_wrong_headings_are_named(headings, said, admin_client):
    answer = upload_rows(admin_client, Term, [headings, ["x"] * len(headings) + ["y"]])
    errors = " ".join(answer.context["form"].errors.get("file", ["–"])) if "form" in answer.context else "–"
    assert said in errors


def test_columns_may_stand_in_any_order_and_have_their_own_names(admin_client):
    report = upload_rows(admin_client, Term, [["expansion", "AFKORTING OF WOORD"], ["Flexibel", "FIT"]])
    carry_out(admin_client, report)
    assert Term.objects.filter(abbreviation="FIT", expansion="Flexibel").exists()


def test_a_missing_required_column_is_an_error_of_each_new_row(admin_client):
    report = upload_rows(admin_client, Term, [["Voluit"], ["Flexibel"]])
    assert problems_of(report)[0][1] == "Afkorting of woord"


def test_two_rows_about_the_same_are_refused(admin_client):
    term = make_term()
    rows = [
        ["id", "Naam in het webadres", "Afkorting of woord"],
        [str(term.pk), term.slug, "A"],
        ["", term.slug, "B"],
        ["", "n", "C"],
        ["", "n", "D"],
    ]
    report = upload_rows(admin_client, Term, rows)
    assert {row for row, _heading, _text in problems_of(report)} == {3, 5}


def test_an_unknown_id_is_refused(admin_client):
    rows = [
        ["id", "Afkorting of woord"],
        ["bestaat-niet", "A"],
        ["7b2f2a3c-8a30-4d6b-9a0e-1f5f3e1d9c11", "B"],
    ]
    assert {heading for _row, heading, _text in problems_of(upload_rows(admin_client, Term, rows))} == {"id"}


def test_a_row_with_too_many_cells_is_refused(admin_client):
    assert counts_of(upload_rows(admin_client, Term, terms(["A", "a", "b"]))) == {"error": 1}


def test_a_formula_is_refused_in_its_cell(admin_client):
    assert problems_of(upload_rows(admin_client, Term, terms(["=1+1", "a"])))[0][:2] == (
        2,
        "Afkorting of woord",
    )


def test_a_damaged_file_is_refused_on_the_form(admin_client):
    answer = upload(admin_client, Term, b"PK\x03\x04")
    assert answer.context["form"].errors["file"]
    assert not Job.objects.exists()


def test_markup_in_a_cell_is_text_on_the_report(admin_client):
    report = upload_rows(admin_client, Term, terms(["<script>alert(1)</script>", "<img src=x onerror=1>"]))
    assert b"<script>alert" not in report.content
    assert b"<img src=x" not in report.content


# --- References ---------------------------------------------------------------------------------------
def test_a_row_may_refer_to_a_later_row(admin_client):
    make_topic(slug="aangifte")
    rows = [
        [*CHANNEL, "Naam in het webadres", "Manier zonder internet"],
        ["aangifte", "onlineformulier", "Formulier", "https://example.org/", "formulier", "telefoon"],
        ["aangifte", "telefoon", "Telefoon", "+3292666111", "telefoon", ""],
    ]
    report = upload_rows(admin_client, Channel, rows)
    assert counts_of(report) == {"new": 2}
    carry_out(admin_client, report)
    assert Channel.objects.get(slug="formulier").alternative.slug == "telefoon"


def test_rows_that_need_each_other_are_refused(admin_client):
    make_topic(slug="aangifte")
    rows = [
        [*CHANNEL, "Naam in het webadres", "Als het gesloten is"],
        ["aangifte", "telefoon", "Een", "101", "een", "twee"],
        ["aangifte", "telefoon", "Twee", "112", "twee", "een"],
    ]
    assert counts_of(upload_rows(admin_client, Channel, rows)) == {"error": 2}


def test_an_ambiguous_name_is_refused_and_its_meanings_are_named(admin_client):
    make_topic(title="Aangifte", slug="aangifte-1")
    make_topic(title="Aangifte", slug="aangifte-2")
    report = upload_rows(admin_client, Channel, [CHANNEL, ["Aangifte", "telefoon", "T", "101"]])
    assert "aangifte-1, aangifte-2" in problems_of(report)[0][2]


def test_a_name_that_only_one_has_is_enough(admin_client):
    make_topic(title="Aangifte", slug="aangifte-1")
    report = upload_rows(admin_client, Channel, [CHANNEL, ["aangifte", "telefoon", "T", "101"]])
    assert counts_of(report) == {"new": 1}


def test_numbers_and_days_are_read_as_people_write_them(admin_client):
    project = make_project(number=7)
    rows = [["id", "number", "Nagekeken op"], [str(project.pk), 12.0, "1 juli 2026"]]
    carry_out(admin_client, upload_rows(admin_client, Project, rows))
    project.refresh_from_db()
    assert (project.number, project.verified_on) == (12, datetime.date(2026, 7, 1))


def test_two_projects_of_one_plan_cannot_have_one_number(admin_client):
    make_plan(slug="plan")
    rows = [["Plan", "Soort", "number", "Titel"], ["plan", "I", 1, "A"], ["plan", "I", 1, "B"]]
    assert counts_of(upload_rows(admin_client, Project, rows))["error"] == 1


# --- Units and their places -----------------------------------------------------------------------------
UNIT = ["Naam in het webadres", "Naam", "Soort eenheid", "Deel van"]


def tree_of(organogram):
    rows = Placement.objects.filter(organogram=organogram).order_by("lft")
    return [(row.unit.slug, row.parent.unit.slug if row.parent else "") for row in rows]


def test_units_and_their_places_arrive_in_any_order(admin_client):
    root = make_placement(make_organogram(), unit=make_unit(slug="korps"))
    rows = [UNIT, ["team", "Team", "team", "dienst"], ["dienst", "Dienst", "dienst", "korps"]]
    report = upload_rows(admin_client, Unit, rows, organogram=root.organogram_id)
    assert counts_of(report) == {"new": 2}
    carry_out(admin_client, report)
    assert tree_of(root.organogram) == [("korps", ""), ("dienst", "korps"), ("team", "dienst")]
    assert find_faults(Placement) == []


def test_units_change_in_the_chosen_organogram_only(admin_client):
    unit = make_placement(make_organogram(), name="Nu").unit
    draft = make_organogram(status="draft")
    make_placement(draft, unit=unit, name="Nu")
    rows = [["id", "Naam"], [str(unit.pk), "Straks"]]
    carry_out(admin_client, upload_rows(admin_client, Unit, rows, organogram=draft.pk))
    assert set(Placement.objects.values_list("organogram__status", "name")) == {
        ("published", "Nu"),
        ("draft", "Straks"),
    }


def test_units_can_change_places_with_each_other(admin_client):
    root = make_placement(make_organogram(), unit=make_unit(slug="korps"))
    above = make_placement(root.organogram, root, unit=make_unit(slug="boven"))
    make_placement(root.organogram, above, unit=make_unit(slug="onder"))
    rows = [["Naam in het webadres", "Deel van"], ["boven", "onder"], ["onder", "korps"]]
    carry_out(admin_client, upload_rows(admin_client, Unit, rows, organogram=root.organogram_id))
    assert tree_of(root.organogram) == [("korps", ""), ("onder", "korps"), ("boven", "onder")]
    assert find_faults(Placement) == []


def test_units_cannot_stand_below_themselves_in_a_circle(admin_client):
    root = make_placement(make_organogram(), unit=make_unit(slug="korps"))
    make_placement(root.organogram, root, unit=make_unit(slug="a"))
    make_placement(root.organogram, root, unit=make_unit(slug="b"))
    rows = [["Naam in het webadres", "Deel van"], ["a", "b"], ["b", "a"]]
    assert counts_of(upload_rows(admin_client, Unit, rows, organogram=root.organogram_id)) == {"error": 2}


def test_a_unit_that_exists_gets_a_place_below_a_new_one(admin_client):
    root = make_placement(make_organogram(), unit=make_unit(slug="korps"))
    make_unit(slug="oud", name="Oud")
    rows = [UNIT, ["oud", "Oud", "team", "nieuw"], ["nieuw", "Nieuw", "dienst", "korps"]]
    carry_out(admin_client, upload_rows(admin_client, Unit, rows, organogram=root.organogram_id))
    assert tree_of(root.organogram) == [("korps", ""), ("nieuw", "korps"), ("oud", "nieuw")]


def test_a_second_top_of_an_empty_organogram_is_refused(admin_client):
    draft = make_organogram(status="draft")
    rows = [UNIT, ["a", "A", "korps", ""], ["b", "B", "korps", ""]]
    assert counts_of(upload_rows(admin_client, Unit, rows, organogram=draft.pk))["error"] == 1


# --- Staffing lines -------------------------------------------------------------------------------------
LINE = ["Personeelstabel", "Graad", "Aantal"]


def test_lines_are_known_by_their_table_and_grade(admin_client):
    table = make_staffing_table(slug="formatie")
    StaffingLine.objects.create(table=table, grade=make_grade(code="HINP"), count=5)
    make_grade(code="INP")
    report = upload_rows(
        admin_client, StaffingTable, [LINE, ["formatie", "HINP", "6,5"], ["formatie", "INP", 3]]
    )
    assert counts_of(report) == {"new": 1, "changed": 1}
    carry_out(admin_client, report)
    assert {(line.grade.code, float(line.count)) for line in table.lines.all()} == {("HINP", 6.5), ("INP", 3)}
    table.refresh_from_db()
    assert table.version == 2
    assert LogEntry.objects.filter(object_id=str(table.pk)).count() == 1


def test_lines_must_add_up_to_the_stated_total(admin_client):
    make_staffing_table(slug="formatie", total_ops=10)
    make_grade(code="HINP")
    report = upload_rows(admin_client, StaffingTable, [LINE, ["formatie", "HINP", 9]])
    assert counts_of(report) == {"error": 1}


# --- Round trip -----------------------------------------------------------------------------------------
def _made_up(seed):
    chance = random.Random(seed)  # no secret
    odd = ["=1+1", "'t Zand", "+32 9", "a;b", 'aan"haling', "één\ntwee", "  ", "@x", "-", "0478"]
    root = make_placement(make_organogram(), unit=make_unit(name="Korps"))
    places = [root]
    for _number in range(4):
        values = {
            "summary": chance.choice(odd),
            "tasks": "\n".join(chance.sample(odd, 2)),
            "editor_note": "=x",
        }
        places.append(make_placement(root.organogram, chance.choice(places), unit=make_unit(**values)))
    objectives = [make_objective() for _number in range(3)]
    for _number in range(4):
        make_term(abbreviation=chance.choice(odd).strip() or "x", expansion=chance.choice(odd))
        project = make_project(
            summary=chance.choice(odd), verified_on=datetime.date(2026, 1, chance.randint(1, 28))
        )
        project.objectives.set(chance.sample(objectives, 2))
        project.translate("outcome", "fr", chance.choice(odd))
        project.save()
        phone = make_channel(schedule=make_schedule(), languages=chance.sample(["nl", "fr", "vgt"], 2))
        make_channel(same_number_as=phone, fallback=phone, note=chance.choice(odd), appointment_needed=True)
    now = datetime.datetime(2026, 5, 1, 9, 30, 15, 123456, tzinfo=datetime.UTC)
    make_channel(publish_from=now, unit=places[-1].unit, valid_from=datetime.date(2026, 5, 1))
    for table in (make_staffing_table(), make_staffing_table(kind="target")):
        StaffingLine.objects.create(
            table=table, grade=make_grade(), unit=places[0].unit, count=chance.randint(0, 900) / 4
        )


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("seed", [1, 2])
def test_what_was_downloaded_changes_nothing_when_it_comes_back(seed, form, admin_client):
    _made_up(seed)
    for model, name in [
        (Channel, "rows"),
        (Unit, "rows"),
        (Project, "rows"),
        (Term, "rows"),
        (StaffingTable, "lines"),
    ]:
        answer = download(admin_client, model, form, name)
        options = {"organogram": Placement.objects.first().organogram_id} if model is Unit else {}
        report = upload(admin_client, model, b"".join(answer.streaming_content), f"a.{form}", **options)
        assert set(counts_of(report)) == {"unchanged"}, (
            model,
            problems_of(report),
            report.context["rows"][:2],
        )


# --- Rights ---------------------------------------------------------------------------------------------
@pytest.fixture
def editor(db, client):
    account = User.objects.create_user("redacteur", is_staff=True)
    client.force_login(account)
    return account


def allow(account, *codes):
    account.user_permissions.add(*Permission.objects.filter(codename__in=codes))


@pytest.mark.parametrize("page", ["import", "import_template"])
@pytest.mark.parametrize("codes", [[], ["view_term"], ["add_term", "change_term"], ["import_term"]])
def test_importing_needs_its_own_permission_beside_the_others(codes, page, editor, client):
    allow(editor, *codes)
    assert client.get(page_of(Term, page)).status_code == 403
    assert client.post(page_of(Term, page)).status_code == 403


def test_who_may_only_add_changes_nothing(editor, client):
    allow(editor, "import_term", "add_term", "view_term")
    term = make_term()
    report = upload_rows(client, Term, [["id", "Afkorting of woord"], [str(term.pk), "X"], ["", "Y"]])
    assert [row for row, _heading, _text in problems_of(report)] == [2]


def test_an_import_belongs_to_who_uploaded_it(editor, client, admin_client):
    report = upload_rows(admin_client, Term, terms(["A", "a"]))
    allow(editor, "import_term", "add_term", "change_term")
    client.force_login(editor)
    assert client.get(report.request["PATH_INFO"]).status_code == 404
    assert client.post(report.request["PATH_INFO"], {"apply": "1"}).status_code == 404
    assert not Term.objects.exists()


def test_a_right_that_was_taken_away_stops_the_import(editor, client):
    allow(editor, "import_term", "add_term", "change_term")
    report = upload_rows(client, Term, terms(["A", "a"]))
    editor.user_permissions.clear()
    assert client.post(report.request["PATH_INFO"], {"apply": "1"}).status_code == 403


def test_nothing_is_published_without_the_right_to(admin_client, monkeypatch):
    monkeypatch.setattr("pzgent.kernel.editing.bulk.import_sheet.may_publish", lambda request, model: False)
    term = make_term()
    rows = [
        ["id", "Afkorting of woord", "Status"],
        ["", "A", "gepubliceerd"],
        [str(term.pk), "B", "concept"],
        ["", "C", "concept"],
    ]
    report = upload_rows(admin_client, Term, rows)
    assert [(row, heading) for row, heading, _text in problems_of(report)] == [(2, "Status"), (3, "Status")]


def test_an_import_writes_only_with_a_token_of_its_form(admin_user):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    job = Job.start(admin_user.pk, "organisation.term", "import", [], total=0)
    assert client.post(page_of(Term, "import_job", job.pk), {"apply": "1"}).status_code == 403


def test_no_list_without_an_import_has_its_pages(admin_client):
    assert admin_client.get("/admin/contact/topic/import/").status_code in (302, 404)


# --- Colleagues ---------------------------------------------------------------------------------------
def test_the_dry_run_holds_no_transaction_while_it_checks(admin_client, monkeypatch):
    depths = []
    checked = importing.Sheet.check

    def check(self, row):
        depths.append(len(connection.atomic_blocks))
        return checked(self, row)

    monkeypatch.setattr(importing.Sheet, "check", check)
    upload_rows(admin_client, Term, terms(["A", "a"], ["B", "b"]))
    assert set(depths) == {len(connection.atomic_blocks)}


def test_rows_are_checked_before_the_transaction_that_writes_them(admin_client, monkeypatch):
    report = upload_rows(admin_client, Term, terms(["A", "a"], ["B", "b"]))
    depths = {"check": set(), "save": set()}
    for name, found in depths.items():
        plain = getattr(importing.Sheet, name)

        def note(self, row, *form, plain=plain, found=found):
            found.add(len(connection.atomic_blocks) - outside)
            return plain(self, row, *form)

        monkeypatch.setattr(importing.Sheet, name, note)
    outside = len(connection.atomic_blocks)
    carry_out(admin_client, report)
    assert Term.objects.count() == 2
    assert depths["check"] == {0}
    assert 0 not in depths["save"]


def before_the_lock(monkeypatch, act):
    """Let something happen after the rows were checked for writing, and before the first is written."""
    locked = importing.Sheet.lock

    def lock(self, rows):
        monkeypatch.setattr(importing.Sheet, "lock", locked)
        act()
        locked(self, rows)

    monkeypatch.setattr(importing.Sheet, "lock", lock)


def test_what_a_colleague_saves_during_the_last_check_is_not_overwritten(admin_client, monkeypatch):
    term = make_term(expansion="oud")
    report = upload_rows(admin_client, Term, [["id", "Voluit"], [str(term.pk), "van mij"]])
    before_the_lock(monkeypatch, lambda: Term.objects.update(expansion="van een collega"))
    answer = carry_out(admin_client, report)
    term.refresh_from_db()
    assert term.expansion != "van mij"
    assert "nadat het bestand was nagekeken" in answer.content.decode()
    assert last_job().state != "done"


def test_another_save_during_the_last_check_stops_nothing(admin_client, monkeypatch):
    report = upload_rows(admin_client, Term, terms(["A", "a"], ["B", "b"]))
    before_the_lock(monkeypatch, lambda: make_term(slug="a", abbreviation="iets anders"))
    carry_out(admin_client, report)
    assert set(Term.objects.values_list("slug", flat=True)) == {"a", "a-2", "b"}


def test_a_second_click_during_the_first_finds_it_done(admin_client, monkeypatch):
    report = upload_rows(admin_client, Term, terms(["A", "a"]))
    found = importing.Sheet.find

    def find(self, rows):
        monkeypatch.setattr(importing.Sheet, "find", found)
        carry_out(admin_client, report)
        found(self, rows)

    monkeypatch.setattr(importing.Sheet, "find", find)
    answer = carry_out(admin_client, report)
    assert Term.objects.count() == 1
    assert last_job().state == "done"
    assert "tweede klik" in answer.content.decode()


def test_a_move_that_the_tree_refuses_undoes_everything(admin_client, monkeypatch):
    report = upload_rows(admin_client, Term, terms(["A", "a"], ["B", "b"]))
    saved = importing.Sheet.save

    def refuse(self, row, form):
        saved(self, row, form)
        if row.number == 3:
            raise InvalidMove("mis")

    monkeypatch.setattr(importing.Sheet, "save", refuse)
    assert carry_out(admin_client, report).status_code == 200
    assert not Term.objects.exists()


# --- Many rows ----------------------------------------------------------------------------------------


def channels_of(topic, numbers):
    return [CHANNEL, *([topic.slug, "phone", f"Nummer {each}", f"+3292{each:06d}"] for each in numbers)]


def test_a_row_costs_few_queries_to_check_and_to_write(admin_client, monkeypatch):
    monkeypatch.setattr(importing, "PORTION_SECONDS", 60)
    topic, costs = make_topic(), []
    for numbers in (range(10), range(100, 150)):
        with CaptureQueriesContext(connection) as checking:
            report = upload_rows(admin_client, Channel, channels_of(topic, numbers))
        assert counts_of(report) == {"new": len(numbers)}
        with CaptureQueriesContext(connection) as writing:
            carry_out(admin_client, report)
        costs.append((len(checking), len(writing)))
    assert Channel.objects.count() == 60
    (few_checked, few_written), (checked, written) = costs
    # One for its rules, in a savepoint.
    assert checked - few_checked <= 4 * 40
    assert written - few_written <= 4 * 40


def test_two_rows_with_one_name_get_two_addresses(admin_client):
    topic = make_topic()
    rows = [CHANNEL, *([topic.slug, "phone", "Onthaal", f"+3292{each:06d}"] for each in range(3))]
    carry_out(admin_client, upload_rows(admin_client, Channel, rows))
    assert set(Channel.objects.values_list("slug", flat=True)) == {"onthaal", "onthaal-2", "onthaal-3"}


def test_a_rule_that_other_rows_met_is_still_checked_for_each(admin_client):
    topic = make_topic()
    rows = channels_of(topic, range(3))
    rows[2][3] = "geen nummer"
    report = upload_rows(admin_client, Channel, rows)
    assert {row for row, _column, _text in problems_of(report)} == {3}
    assert not Channel.objects.exists()


def test_new_lines_of_a_long_table_are_looked_up_by_what_they_name(admin_client):
    table, grades = make_staffing_table(slug="formatie"), [make_grade(code=f"G{each}") for each in range(3)]
    StaffingLine.objects.create(table=table, grade=grades[0], count=5)
    StaffingLine.objects.create(table=table, grade=grades[1], unit=make_unit(slug="eenheid"), count=5)
    rows = [["Personeelstabel", "Graad", "Eenheid", "Aantal"]]
    rows += [["formatie", "G0", "", "6"], ["formatie", "G1", "eenheid", "7"], ["formatie", "G1", "", "8"]]
    report = upload_rows(admin_client, StaffingTable, rows)
    assert counts_of(report) == {"changed": 2, "new": 1}
