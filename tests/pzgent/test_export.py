"""Download of the lists of the admin."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User

from contact.models import Channel
from organisation.models import Placement, StaffingLine, StaffingTable, Term, Unit
from projects.models import Project
from pzgent.kernel.editing import EditingAdmin
from tests.make import (
    make_channel,
    make_grade,
    make_organogram,
    make_placement,
    make_project,
    make_staffing_table,
    make_term,
    make_topic,
)
from tests.sheets import download, rows_of

LISTS = [model for model, owner in admin.site._registry.items() if isinstance(owner, EditingAdmin)]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("model", LISTS, ids=lambda model: model._meta.model_name)
def test_every_list_can_be_downloaded(model, form, admin_client):
    answer = download(admin_client, model, form)
    assert answer.status_code == 200
    assert rows_of(answer)[0][0] == "id"


def test_a_download_has_the_filtered_rows_only(admin_client):
    make_term(abbreviation="FIT")
    make_term(abbreviation="ANDERS")
    rows = rows_of(download(admin_client, Term, q="FIT"))
    assert [row[rows[0].index("Afkorting of woord")] for row in rows[1:]] == ["FIT"]


def test_a_wrong_filter_leads_back_to_the_list(admin_client):
    assert download(admin_client, Term, status__exact__x="1").status_code == 302


def test_references_are_readable_and_choices_are_words(admin_client):
    make_channel(topic=make_topic(slug="aangifte"))
    rows = rows_of(download(admin_client, Channel))
    found = dict(zip(rows[0], rows[1], strict=True))
    assert (found["Onderwerp"], found["Soort"], found["Status"]) == ("aangifte", "telefoon", "gepubliceerd")


def test_no_text_of_a_download_is_a_formula(admin_client):
    make_term(abbreviation="=1+1", expansion="@som")
    rows = rows_of(download(admin_client, Term))
    assert {"'=1+1", "'@som"} <= set(rows[1])


def test_units_stand_with_their_place(admin_client):
    root = make_placement(make_organogram(), name="Korps")
    make_placement(root.organogram, root, name="Wijk")
    rows = rows_of(download(admin_client, Unit))
    place = rows[0].index("Deel van")
    assert {row[place] for row in rows[1:]} == {"", root.unit.slug}


def test_the_lines_of_staffing_tables_are_a_sheet_of_their_own(admin_client):
    StaffingLine.objects.create(
        table=make_staffing_table(slug="formatie"), grade=make_grade(code="HINP"), count=5
    )
    rows = rows_of(download(admin_client, StaffingTable, name="lines"))
    assert {"formatie", "HINP", "5"} <= set(rows[1])


def test_who_may_only_view_may_download_and_who_may_not_may_not(db, client):
    viewer = User.objects.create_user("lezer", is_staff=True)
    client.force_login(viewer)
    assert download(client, Term).status_code == 403
    viewer.user_permissions.add(Permission.objects.get(codename="view_term"))
    make_term()
    assert len(rows_of(download(client, Term))) == 2


@pytest.mark.parametrize(("name", "form"), [("rows", "exe"), ("lines", "csv")])
def test_another_form_or_sheet_does_not_exist(name, form, admin_client):
    assert download(admin_client, Term, form, name).status_code == 404


def test_a_download_costs_the_same_for_few_and_many(admin_client, django_assert_max_num_queries):
    plan = make_project().plan
    for _number in range(12):
        make_project(plan=plan)
    with django_assert_max_num_queries(25):
        assert len(rows_of(download(admin_client, Project))) == 14


def test_a_place_names_its_unit(admin_client):
    place = make_placement(make_organogram())
    rows = rows_of(download(admin_client, Placement, organogram=str(place.organogram_id)))
    assert place.unit.slug in rows[1]
