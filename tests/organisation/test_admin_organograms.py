"""Preparing a reorganisation in the admin."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from organisation.models import Organogram, Placement, Succession
from pzgent.kernel.trees import find_faults
from tests.browser import form_data
from tests.make import make_organogram, make_placement, make_succession, make_unit, make_wide_organogram

LIST = "admin:organisation_organogram_changelist"
TOMORROW = timezone.localdate() + datetime.timedelta(days=1)


def copy(client, organogram, **typed):
    page = reverse("admin:organisation_organogram_duplicate", args=[organogram.pk])
    data = form_data(client.get(page), "copy-form", title="Kopie", valid_from=TOMORROW.isoformat(), **typed)
    return client.post(page, data)


@pytest.fixture
def source(db):
    organogram = make_organogram(title="2021")
    root = make_placement(organogram, name="Korps")
    branch = make_placement(organogram, root, name="Oude naam", kind="directie", abbreviation="ON")
    make_placement(organogram, branch, name="Blad", kind="team")
    make_placement(organogram, root, name="Tweede", kind="directie")
    return organogram


def shape(organogram):
    places = Placement.objects.filter(organogram=organogram).order_by("tree_id", "lft")
    return list(places.values_list("level", "lft", "rght", "unit", "name", "abbreviation", "kind"))


def test_a_copy_is_a_draft_with_its_own_title_and_day_and_the_same_structure(source, admin_client):
    answer = copy(admin_client, source)
    draft = Organogram.objects.get(status="draft")
    assert (draft.title, draft.slug, draft.valid_from) == ("Kopie", "kopie", TOMORROW)
    assert answer["Location"] == reverse("admin:organisation_organogram_workshop", args=[draft.pk])
    assert shape(draft) == shape(source)
    assert find_faults(Placement) == []


def test_changing_a_copy_leaves_the_original_alone(source, admin_client):
    before = shape(source)
    copy(admin_client, source)
    draft = Organogram.objects.get(status="draft")
    place = draft.placements.get(name="Blad")
    place.parent, place.name = draft.placements.get(name="Tweede"), "Nieuwe naam"
    place.save()
    assert shape(source) == before
    assert place.unit.name == "Blad"


def test_copying_twice_gives_two_drafts(source, admin_client):
    copy(admin_client, source)
    copy(admin_client, source)
    assert set(Organogram.objects.filter(status="draft").values_list("slug", flat=True)) == {
        "kopie",
        "kopie-2",
    }


def test_the_copy_of_a_draft_keeps_what_became_of_its_units(source, admin_client):
    make_succession(source)
    copy(admin_client, source)
    first = Organogram.objects.get(status="draft")
    assert first.successions.count() == 0
    make_succession(first)
    copy(admin_client, first)
    assert Organogram.objects.exclude(pk__in=[source.pk, first.pk]).get().successions.count() == 1


def test_the_action_of_the_list_asks_for_the_title_and_the_day_of_one_copy(source, admin_client):
    def send(*organograms):
        data = {"action": "copy_to_draft", "_selected_action": [str(item.pk) for item in organograms]}
        return admin_client.post(reverse(LIST), data)

    page = reverse("admin:organisation_organogram_duplicate", args=[source.pk])
    assert send(source)["Location"] == page
    assert send(source, make_organogram())["Location"] == reverse(LIST)
    proposed = form_data(admin_client.get(page), "copy-form")
    assert proposed["valid_from"] == [f"01-01-{timezone.localdate().year + 1}"]
    assert Organogram.objects.count() == 2


def test_a_copy_without_a_title_or_a_day_is_refused(source, admin_client):
    page = reverse("admin:organisation_organogram_duplicate", args=[source.pk])
    answer = admin_client.post(page, {"title": " ", "valid_from": "ooit"})
    assert set(answer.context["form"].errors) == {"title", "valid_from"}
    assert Organogram.objects.count() == 1


def test_copying_an_empty_organogram_works(admin_client):
    copy(admin_client, make_organogram())
    assert Organogram.objects.count() == 2


def test_copying_two_thousand_places_costs_few_questions(admin_client):
    organogram = make_wide_organogram(2_000)
    with CaptureQueriesContext(connection) as queries:
        copy(admin_client, organogram)
    # Those of the form and of the copy; SQLite takes about a hundred rows at a time.
    assert len([query for query in queries if "INSERT" not in query["sql"]]) <= 45
    assert len(queries) <= 85


def test_the_list_links_to_the_tree(source, admin_client):
    html = admin_client.get(reverse(LIST)).content.decode()
    assert f'href="{reverse("admin:organisation_organogram_workshop", args=[source.pk])}"' in html


def test_the_list_marks_the_one_in_force(source, admin_client):
    make_organogram(valid_from=timezone.localdate() + datetime.timedelta(days=1))
    rows = admin_client.get(reverse(LIST)).context["cl"].result_list
    assert [(row.title == "2021", row.is_in_force) for row in rows] == [(False, False), (True, True)]


def test_successions_are_edited_in_their_organogram(source, admin_client):
    page = reverse("admin:organisation_organogram_change", args=[source.pk])
    row = {
        "from_unit": str(make_unit().pk),
        "to_unit": str(make_unit().pk),
        "kind": "replaced",
        "note": "",
        "id": "",
    }
    rows = {f"successions-0-{name}": value for name, value in row.items()}
    data = form_data(admin_client.get(page), **{"successions-TOTAL_FORMS": "1"}, **rows)
    assert admin_client.post(page, data).status_code == 302
    assert Succession.objects.get().organogram == source


def test_a_succession_without_successor_is_refused_unless_abolished(source, admin_client):
    succession = make_succession(source)
    page = reverse("admin:organisation_organogram_change", args=[source.pk])
    data = form_data(admin_client.get(page), **{"successions-0-to_unit": ""})
    answer = admin_client.post(page, data)
    assert answer.context["errors"]
    abolished = form_data(answer, **{"successions-0-kind": "abolished"})
    assert admin_client.post(page, abolished).status_code == 302
    succession.refresh_from_db()
    assert succession.to_unit is None


def test_two_published_organograms_on_one_day_are_refused_with_the_form_kept(source, admin_client):
    draft = make_organogram(status="draft", valid_from=source.valid_from)
    page = reverse("admin:organisation_organogram_change", args=[draft.pk])
    answer = admin_client.post(page, form_data(admin_client.get(page), status="published", summary="getypt"))
    assert set(answer.context["adminform"].form.errors) == {"__all__"}
    assert "getypt</textarea>" in answer.content.decode()
