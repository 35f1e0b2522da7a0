"""Editing a unit together with its place in the organogram."""

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from organisation.models import Organogram, Placement, Unit
from pzgent.kernel.trees import find_faults
from tests.browser import form_data
from tests.make import make_organogram, make_placement, make_unit
from tests.uploads import GOOD

TOMORROW = timezone.localdate() + datetime.timedelta(days=1)


def page_of(unit):
    return reverse("admin:organisation_unit_change", args=[unit.pk])


def save(client, unit, **changes):
    return client.post(page_of(unit), form_data(client.get(page_of(unit)), **changes))


def add(client, **changes):
    page = reverse("admin:organisation_unit_add")
    return client.post(page, form_data(client.get(page), **changes))


def errors_of(answer):
    return set(answer.context["adminform"].form.errors)


@pytest.fixture
def tree(db):
    """A corps with a directorate and a service below it, and a second directorate."""
    root = make_placement(make_organogram(), name="Korps")
    operations = make_placement(root.organogram, root, name="Operaties", kind="directie")
    make_placement(root.organogram, operations, name="Wijkdienst")
    make_placement(root.organogram, root, name="Personeel", kind="directie")
    return {place.name: place for place in Placement.objects.all()}


def test_a_new_unit_is_placed_at_once(tree, admin_client):
    answer = add(admin_client, name="Team Fiets", part_of=str(tree["Wijkdienst"].pk), place_kind="team")
    place = Placement.objects.get(unit__name="Team Fiets")
    assert (answer.status_code, place.parent, place.kind, place.name) == (
        302,
        tree["Wijkdienst"],
        "team",
        "Team Fiets",
    )
    assert find_faults(Placement) == []


def test_a_new_unit_may_wait_for_its_place(tree, admin_client):
    assert add(admin_client, name="Los").status_code == 302
    assert not Unit.objects.get(name="Los").placements.exists()


def test_a_first_unit_becomes_the_top_of_an_empty_organogram(admin_client):
    make_organogram()
    add(admin_client, name="Korps", place_kind="korps")
    assert Placement.objects.get().parent is None


def test_a_unit_can_be_added_before_there_is_any_organogram(admin_client):
    assert add(admin_client, name="Los").status_code == 302
    assert admin_client.get(page_of(Unit.objects.get())).status_code == 200


def test_a_place_needs_a_kind(tree, admin_client):
    answer = add(admin_client, name="Team", part_of=str(tree["Korps"].pk))
    assert errors_of(answer) == {"place_kind"}
    assert not Unit.objects.filter(name="Team").exists()


def test_a_second_top_is_refused(tree, admin_client):
    assert errors_of(add(admin_client, name="Tweede korps", place_kind="korps")) == {"part_of"}


def test_a_new_name_reaches_the_organogram(tree, admin_client):
    save(admin_client, tree["Wijkdienst"].unit, name="Wijkwerking")
    tree["Wijkdienst"].refresh_from_db()
    assert tree["Wijkdienst"].name == "Wijkwerking"


def test_choosing_another_part_of_moves_the_unit(tree, admin_client):
    save(admin_client, tree["Wijkdienst"].unit, part_of=str(tree["Personeel"].pk))
    tree["Wijkdienst"].refresh_from_db()
    assert tree["Wijkdienst"].parent == tree["Personeel"]
    assert find_faults(Placement) == []


def test_a_unit_can_be_renamed_moved_and_get_another_kind_at_once(tree, admin_client):
    changes = {"name": "Wijken", "part_of": str(tree["Korps"].pk), "place_kind": "afdeling"}
    assert save(admin_client, tree["Wijkdienst"].unit, **changes).status_code == 302
    place = Placement.objects.get(pk=tree["Wijkdienst"].pk)
    assert (place.name, place.parent, place.kind) == ("Wijken", tree["Korps"], "afdeling")
    assert Unit.objects.get(pk=place.unit_id).name == "Wijken"


def test_the_top_can_be_edited_without_a_part_of(tree, admin_client):
    assert save(admin_client, tree["Korps"].unit, summary="Het hele korps.").status_code == 302


@pytest.mark.parametrize("below", ["Operaties", "Wijkdienst"])
def test_moving_a_unit_below_itself_is_an_error_that_keeps_the_rest(below, tree, admin_client):
    answer = save(admin_client, tree["Operaties"].unit, part_of=str(tree[below].pk), summary="getypt")
    assert answer.context["adminform"].form.has_error("part_of", "cycle")
    assert "getypt</textarea>" in answer.content.decode()


def test_a_part_of_that_was_deleted_meanwhile_is_an_error(tree, admin_client):
    data = form_data(admin_client.get(page_of(tree["Wijkdienst"].unit)), part_of=str(tree["Personeel"].pk))
    tree["Personeel"].delete()
    assert errors_of(admin_client.post(page_of(tree["Wijkdienst"].unit), data)) == {"part_of"}


def test_taking_a_unit_out_of_everything_is_an_error(tree, admin_client):
    assert errors_of(save(admin_client, tree["Wijkdienst"].unit, part_of="")) == {"part_of"}


def test_a_place_in_another_organogram_cannot_be_chosen(tree, admin_client):
    other = make_placement(make_organogram(status="draft"))
    assert errors_of(save(admin_client, tree["Wijkdienst"].unit, part_of=str(other.pk))) == {"part_of"}


def test_a_unit_that_a_colleague_moved_meanwhile_is_not_moved_back(tree, admin_client):
    data = form_data(admin_client.get(page_of(tree["Wijkdienst"].unit)), summary="van mij")
    tree["Wijkdienst"].parent = tree["Personeel"]
    tree["Wijkdienst"].save()
    answer = admin_client.post(page_of(tree["Wijkdienst"].unit), data)
    tree["Wijkdienst"].refresh_from_db()
    assert answer.context["adminform"].form.is_conflict
    assert tree["Wijkdienst"].parent == tree["Personeel"]


def test_an_address_name_that_another_unit_once_had_is_refused(tree, admin_client):
    tree["Korps"].unit.former_slugs.create(slug="oud-adres")
    assert errors_of(add(admin_client, name="Nieuw", slug="oud-adres")) == {"slug"}


def test_an_address_name_follows_from_the_name_and_avoids_former_ones(tree, admin_client):
    tree["Korps"].unit.former_slugs.create(slug="team-fiets")
    add(admin_client, name="Team Fiets")
    assert Unit.objects.get(name="Team Fiets").slug == "team-fiets-2"


def test_a_logo_needs_words(tree, admin_client):
    logo = SimpleUploadedFile("logo.png", GOOD["png"])
    assert errors_of(save(admin_client, tree["Korps"].unit, logo=logo)) == {"__all__"}


def test_the_page_shows_every_place_with_its_path(tree, admin_client):
    html = admin_client.get(page_of(tree["Wijkdienst"].unit)).content.decode()
    assert "Operaties › Wijkdienst</a>" in html
    assert tree["Wijkdienst"].organogram.title in html


def test_the_list_can_show_units_without_a_place(tree, admin_client):
    make_unit(name="Los")
    answer = admin_client.get(reverse("admin:organisation_unit_changelist") + "?place=none")
    assert [unit.name for unit in answer.context["cl"].result_list] == ["Los"]


def test_the_list_can_show_units_of_one_kind(tree, admin_client):
    answer = admin_client.get(reverse("admin:organisation_unit_changelist") + "?place=directie")
    assert {unit.name for unit in answer.context["cl"].result_list} == {"Operaties", "Personeel"}


def test_rich_text_is_typed_without_html(tree, admin_client):
    save(admin_client, tree["Korps"].unit, description="Wij doen:\r\n\r\n- veel")
    assert Unit.objects.get(name="Korps").description == "Wij doen:\n\n- veel"


def test_labels_use_the_organogram_in_force(tree, admin_client):
    later = make_organogram(valid_from=TOMORROW)
    make_placement(later, make_placement(later, name="Straks"), unit=tree["Wijkdienst"].unit)
    answer = admin_client.get(reverse("admin:organisation_unit_changelist") + "?q=wijkdienst")
    assert [unit.place_text[0] for unit in answer.context["cl"].result_list] == ["Operaties › Wijkdienst"]
    assert Organogram.objects.count() == 2


def test_former_addresses_are_shown_and_cannot_be_edited(tree, admin_client):
    tree["Korps"].unit.former_slugs.create(slug="oud-adres")
    html = admin_client.get(page_of(tree["Korps"].unit)).content.decode()
    assert "oud-adres" in html
    assert 'name="former_slugs-0-slug"' not in html
