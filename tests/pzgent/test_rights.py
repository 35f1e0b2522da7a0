"""Who may do what in the admin: a form or action that writes a second model asks for the rights on it, and logs."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse

from organisation.models import FunctionalLine, Organogram, Placement, Unit
from tests.browser import form_data
from tests.make import (
    make_channel,
    make_document,
    make_organogram,
    make_placement,
    make_policy,
    make_policy_domain,
    make_schedule,
    make_term,
    make_topic,
)

pytestmark = pytest.mark.django_db


def client_with(*rights, name="redacteur"):
    """A client signed in as an editor with these rights: `change_unit`."""
    account = User.objects.create_user(name, is_staff=True)
    account.user_permissions.set(Permission.objects.filter(codename__in=[*rights, "publish_solo"]))
    client = Client()
    client.force_login(account)
    return client


def page_of(item, page="change"):
    return reverse(f"admin:{item._meta.app_label}_{item._meta.model_name}_{page}", args=[item.pk])


def list_of(model, page="changelist"):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}")


def histories(item):
    entries = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(item), object_id=str(item.pk)
    )
    return list(entries.values_list("action_flag", flat=True))


@pytest.fixture
def tree():
    """An organogram in force with a top, two parts and a unit in the first of them."""
    root = make_placement(make_organogram(), name="Korps")
    one, two = make_placement(root.organogram, root), make_placement(root.organogram, root)
    return root, one, two, make_placement(root.organogram, one, name="Team")


# --- A unit and its place -------------------------------------------------------------------------
@pytest.mark.parametrize(
    "rights", [("change_unit",), ("change_unit", "view_placement"), ("change_unit", "add_placement")]
)
def test_a_unit_editor_sees_no_way_to_move_it_and_a_forged_one_is_refused(tree, rights):
    _root, _one, two, team = tree
    client = client_with(*rights)
    sent = form_data(client.get(page_of(team.unit)))
    answer = client.post(page_of(team.unit), {**sent, "part_of": str(two.pk), "place_kind": "team"})
    assert ("part_of" in sent, answer.status_code) == (False, 403)
    assert Placement.objects.get(pk=team.pk).parent_id == team.parent_id


def test_a_unit_editor_saves_the_rest_and_a_new_name_is_in_both_histories(tree):
    team = tree[3]
    client = client_with("change_unit")
    sent = form_data(client.get(page_of(team.unit)), name="Wijkteam")
    assert client.post(page_of(team.unit), sent).status_code == 302
    assert (histories(team.unit), histories(team)) == ([2], [2])


def test_who_may_change_places_moves_the_unit_and_that_is_in_both_histories(tree):
    _root, _one, two, team = tree
    client = client_with("change_unit", "change_placement")
    sent = form_data(client.get(page_of(team.unit)), part_of=str(two.pk))
    assert client.post(page_of(team.unit), sent).status_code == 302
    assert Placement.objects.get(pk=team.pk).parent_id == two.pk
    assert (histories(team.unit), histories(team)) == ([2], [2])


def test_an_adder_of_units_puts_none_in_the_organogram(tree):
    root = tree[0]
    client = client_with("add_unit", "view_unit", "view_placement")
    sent = form_data(client.get(list_of(Unit, "add")), name="Nieuw")
    forged = client.post(list_of(Unit, "add"), {**sent, "part_of": str(root.pk), "place_kind": "team"})
    assert ("part_of" in sent, forged.status_code) == (False, 403)
    assert client.post(list_of(Unit, "add"), sent).status_code == 302
    assert Unit.objects.get(name="Nieuw").placements.count() == 0


def test_who_may_add_places_puts_a_new_unit_in_the_organogram_and_its_history(tree):
    root = tree[0]
    client = client_with("add_unit", "view_unit", "view_placement", "add_placement")
    sent = form_data(client.get(list_of(Unit, "add")), name="Nieuw", part_of=str(root.pk), place_kind="team")
    assert client.post(list_of(Unit, "add"), sent).status_code == 302
    assert histories(Placement.objects.get(unit__name="Nieuw")) == [1]


def test_a_place_renamed_is_in_the_history_of_its_unit(tree):
    team = tree[3]
    client = client_with("change_placement")
    sent = form_data(client.get(page_of(team)), name="Wijkteam")
    assert client.post(page_of(team), sent).status_code == 302
    assert (Unit.objects.get(pk=team.unit_id).name, histories(team.unit)) == ("Wijkteam", [2])


# --- Copying an organogram ------------------------------------------------------------------------
COPY = ("view_organogram", "view_placement", "add_organogram", "add_placement", "add_functionalline")


@pytest.mark.parametrize("missing", COPY[2:])
def test_a_copy_needs_the_right_to_add_all_that_it_adds(tree, missing):
    client = client_with(*(right for right in COPY if right != missing))
    page = page_of(tree[0].organogram, "duplicate")
    assert client.post(page, {"title": "Kopie", "valid_from": "2030-01-01"}).status_code == 403
    assert (Organogram.objects.count(), Placement.objects.count(), FunctionalLine.objects.count()) == (
        1,
        4,
        0,
    )
    assert b"copy_to_draft" not in client.get(list_of(Organogram)).content


def test_a_copy_is_in_the_history_of_each_place(tree):
    client = client_with(*COPY)
    page = page_of(tree[0].organogram, "duplicate")
    client.post(page, {"title": "Kopie", "valid_from": "2030-01-01"})
    draft = Organogram.objects.get(status="draft")
    assert [histories(place) for place in draft.placements.all()] == [[1]] * 4


# --- Trees ----------------------------------------------------------------------------------------
def test_who_may_only_look_has_no_buttons_to_move_and_a_forged_move_is_refused(tree):
    _root, one, two, _team = tree
    client = client_with("view_placement")
    assert b'tree-move"' not in client.get(list_of(Placement)).content
    assert client.post(list_of(Placement, "move"), {"down": str(one.pk)}).status_code == 403
    assert Placement.objects.get(pk=one.pk).lft < Placement.objects.get(pk=two.pk).lft


# --- Parts ----------------------------------------------------------------------------------------
def test_a_part_saved_on_the_page_of_the_whole_is_in_its_own_history(admin_client):
    domain = make_policy_domain(make_policy())
    page = page_of(domain.policy)
    sent = form_data(admin_client.get(page), **{"domains-0-title": "Anders"})
    assert admin_client.post(page, sent).status_code == 302
    assert histories(domain) == [2]


def test_a_part_saved_on_its_own_page_is_in_the_history_of_the_whole():
    schedule = make_schedule((0, "09:00", "17:00"))
    client = client_with("add_scheduleexception", "view_scheduleexception", "view_schedule")
    page = reverse("admin:contact_scheduleexception_add")
    sent = {"schedule": schedule.pk, "first_day": "1/1/2027", "last_day": "1/1/2027", "reason": "Nieuwjaar"}
    assert client.post(page, form_data(client.get(page), **sent)).status_code == 302
    assert histories(schedule) == [2]


def test_parts_without_the_right_are_not_in_the_form_and_forged_ones_are_not_saved():
    schedule = make_schedule((0, "09:00", "17:00"))
    client = client_with("change_schedule")
    sent = form_data(client.get(page_of(schedule)))
    forged = {
        "slots-TOTAL_FORMS": "1",
        "slots-INITIAL_FORMS": "0",
        "slots-0-weekday": "1",
        "slots-0-opens": "10:00",
    }
    client.post(page_of(schedule), {**sent, **forged, "slots-0-closes": "12:00"})
    assert ("slots-TOTAL_FORMS" in sent, schedule.slots.count()) == (False, 1)


def test_deleting_the_whole_needs_the_right_to_delete_parts_that_have_no_page():
    schedule = make_schedule((0, "09:00", "17:00"))
    client = client_with("delete_schedule", "view_schedule")
    client.post(page_of(schedule, "delete"), {"post": "yes"})
    assert type(schedule).objects.filter(pk=schedule.pk).exists()


# --- Telling nothing ------------------------------------------------------------------------------
def test_the_way_to_a_public_page_is_closed_as_if_there_were_nothing():
    term, client = make_term(), client_with("view_document")
    kind = ContentType.objects.get_for_model(term).pk
    texts = set()
    for key in (term.pk, make_document().pk, "nonsense-key", "9" * 40):
        answer = client.get(f"/admin/r/{kind}/{key}/")
        texts.add((answer.status_code, answer.content.decode().replace(str(key), "")))
    assert [status for status, _text in texts] == [404]


def test_the_way_to_a_public_page_is_open_to_who_may_look():
    document = make_document()
    kind = ContentType.objects.get_for_model(document).pk
    answer = client_with("view_document").get(f"/admin/r/{kind}/{document.pk}/")
    assert (answer.status_code, document.get_absolute_url() in answer["Location"]) == (302, True)


@pytest.mark.parametrize("page", ["history", "change", "delete"])
def test_without_rights_no_id_answers_otherwise_than_another(page):
    client, term = client_with("view_document"), make_term()
    known = client.get(page_of(term, page)).status_code
    term.pk = "00000000-0000-4000-8000-000000000000"
    assert known == client.get(page_of(term, page)).status_code == 403


def test_a_proposal_in_an_address_names_nothing_that_the_editor_may_not_see():
    topic, client = make_topic(title="Geheim onderwerp"), client_with("add_channel", "view_channel")
    answer = client.get(reverse("admin:contact_channel_add"), {"topic": str(topic.pk)})
    assert "Geheim onderwerp" not in answer.content.decode()


def test_links_lead_only_where_the_editor_may_go():
    channel = make_channel(topic=make_topic())
    html = client_with("view_topic", "change_topic").get(page_of(channel.topic)).content.decode()
    assert "channel/add" not in html


def test_scripts_and_choices_are_for_those_who_signed_in():
    pages = (reverse("admin:jsi18n"), reverse("admin:autocomplete"), list_of(Placement, "move"))
    assert {Client().get(page).status_code for page in pages} == {302}
