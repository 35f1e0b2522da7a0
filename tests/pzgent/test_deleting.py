"""Deletion in the admin: what is or was public stays; all else says first what goes along."""

import datetime
from functools import partial

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db.models import CASCADE, SET_DEFAULT, SET_NULL
from django.urls import reverse
from django.utils import timezone

from organisation.copying import copy_organogram
from organisation.models import Organogram, Placement, PolicyDomain
from projects.models import Objective
from pzgent.kernel.publishing import Publishable
from pzgent.kernel.removal import collect, kept_among
from tests.browser import form_data
from tests.make import (
    make,
    make_objective,
    make_organogram,
    make_placement,
    make_policy_action,
    make_term,
)
from tests.registry import project_models

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)
every_model = pytest.mark.parametrize(
    "make",
    [partial(make, model) for model in project_models() if issubclass(model, Publishable)],
    ids=lambda make: make.args[0].__name__,
)


def address(item, page, *args):
    return reverse(f"admin:{item._meta.app_label}_{item._meta.model_name}_{page}", args=args)


def delete(client, item):
    return client.post(address(item, "delete", item.pk), {"post": "yes"})


def delete_selected(client, *items):
    data = {"action": "delete_selected", "_selected_action": [str(item.pk) for item in items], "post": "yes"}
    return client.post(address(items[0], "changelist"), data)


def stays(item):
    return type(item)._base_manager.filter(pk=item.pk).exists()


def was_public(make):
    """An item that was published, and is a draft again."""
    item = make(status="published")
    item.status = "draft"
    item.save()
    return item


def was_public_by_a_bulk_writer(make):
    """The same of a row whose publication no save() has seen."""
    item = make(status="draft")
    type(item)._base_manager.filter(pk=item.pk).update(status="published")
    item.refresh_from_db()
    item.status = "draft"
    item.save()
    return item


def was_planned(make):
    """An item that became public at its hour, by nobody's hand, and is a draft again."""
    item = make(status="published", publish_from=timezone.now() + HOUR)
    past = timezone.now() - HOUR
    type(item)._base_manager.filter(pk=item.pk).update(publish_from=past, public_since=past)
    item.refresh_from_db()
    item.status = "draft"
    item.save()
    return item


KEPT = {
    "published": lambda make: make(status="published"),
    "planned": lambda make: make(status="published", publish_from=timezone.now() + HOUR),
    "ended": lambda make: make(status="published", publish_until=timezone.now() - HOUR),
    "withdrawn": lambda make: make(status="withdrawn"),
    "back to draft": was_public,
    "bulk": was_public_by_a_bulk_writer,
    "planned before": was_planned,
}


@every_model
@pytest.mark.parametrize("state", ["published", "back to draft"])
def test_public_items_are_not_deleted(make, state, admin_client):
    item = KEPT[state](make)
    answers = [delete(admin_client, item), delete_selected(admin_client, item)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert all("niet verwijderd" in answer.content.decode().lower() for answer in answers)
    assert stays(item)
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("state", KEPT)
def test_each_state_that_was_or_will_be_public_is_kept(state, admin_client):
    item = KEPT[state](make_term)
    delete(admin_client, item)
    delete_selected(admin_client, item)
    assert stays(item)


@every_model
def test_a_draft_that_was_never_public_can_be_deleted(make, admin_client):
    item = make(status="draft")
    assert delete(admin_client, item).status_code == 302
    assert not stays(item)


def test_what_was_planned_and_called_off_was_never_public(admin_client):
    term = make_term(status="published", publish_from=timezone.now() + HOUR)
    term.status = "draft"
    term.save()
    assert delete(admin_client, term).status_code == 302


def test_the_organogram_in_force_stays_with_all_its_places(admin_client):
    organogram = make_organogram()
    root = make_placement(organogram)
    make_placement(organogram, root)
    for answer in (delete(admin_client, organogram), delete_selected(admin_client, organogram)):
        assert answer.status_code == 200
    assert (Organogram.objects.count(), Placement.objects.count()) == (1, 2)


def test_one_public_item_among_drafts_refuses_them_all(admin_client):
    items = [make_term(status="draft"), make_term(status="published")]
    delete_selected(admin_client, *items)
    assert [stays(item) for item in items] == [True, True]


def test_a_draft_above_a_public_node_stays_with_it(admin_client):
    draft = make_objective(status="draft")
    below = make_objective(parent=draft)
    for selection in ([draft], [draft, below]):
        delete_selected(admin_client, *selection)
    assert Objective.objects.count() == 2


def test_the_collected_list_names_public_items_in_a_cascade():
    draft = Objective(title="boven", slug="boven", kind="goal")
    collector = collect([draft])
    public = Objective(title="onder", slug="onder", kind="goal", status="published")
    collector.model_objs[Objective].add(public)
    assert kept_among(collector) == [public]


def test_no_relation_takes_public_items_along_in_silence():
    silent = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.fields
        if field.remote_field
        and (
            (issubclass(model, Publishable) and field.remote_field.on_delete is CASCADE)
            or field.remote_field.on_delete in (SET_NULL, SET_DEFAULT)
        )
        and model._meta.app_label in ("organisation", "contact", "projects", "pzgent")
    ]
    assert silent == []


# --- What to do instead -----------------------------------------------------------------------------
def test_the_refusal_leads_to_withdrawing(admin_client):
    term = make_term()
    page = admin_client.get(address(term, "delete", term.pk))
    asked = admin_client.post(address(term, "changelist"), form_data(page, "withdraw-form"), follow=True)
    assert str(term) in asked.content.decode()
    admin_client.post(asked.request["PATH_INFO"], {"start": "1"})
    term.refresh_from_db()
    assert term.status == "withdrawn"


def test_the_refused_action_leads_to_withdrawing_all(admin_client):
    items = [make_term(), make_term()]
    page = delete_selected(admin_client, *items)
    asked = admin_client.post(address(items[0], "changelist"), form_data(page, "withdraw-form"), follow=True)
    admin_client.post(asked.request["PATH_INFO"], {"start": "1"})
    assert set(type(items[0]).objects.values_list("status", flat=True)) == {"withdrawn"}


def test_withdrawing_what_is_in_force_says_what_is_in_force_then(admin_client):
    first, second = make_organogram(title="Eerste"), make_organogram(title="Tweede")
    html = admin_client.get(address(second, "delete", second.pk)).content.decode()
    assert "geldt “Eerste” weer" in html
    assert "van kracht" not in admin_client.get(address(first, "delete", first.pk)).content.decode()
    first.status = "withdrawn"
    first.save()
    assert "geen van kracht" in admin_client.get(address(second, "delete", second.pk)).content.decode()


def test_a_withdrawn_item_needs_no_further_step(admin_client):
    term = make_term(status="withdrawn")
    html = admin_client.get(address(term, "delete", term.pk)).content.decode()
    assert "withdraw-form" not in html
    assert "al ingetrokken" in html


def test_withdrawing_is_offered_to_those_who_may_change(client):
    term = make_term()
    user = User.objects.create_user("wisser", is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(codename__in=["view_term", "delete_term"], content_type__model="term")
    )
    client.force_login(user)
    page = client.get(address(term, "delete", term.pk))
    assert page.status_code == 200
    assert "withdraw-form" not in page.content.decode()


# --- What goes along --------------------------------------------------------------------------------
def test_a_draft_organogram_says_how_many_places_go_along(admin_client):
    organogram = make_organogram()
    root = make_placement(organogram)
    for _number in range(3):
        make_placement(organogram, root)
    draft = copy_organogram(organogram, datetime.date(2030, 1, 1))
    page = admin_client.get(address(draft, "delete", draft.pk))
    assert ("plaatsen in het organogram", 4) in {
        (str(name).lower(), count) for name, count in page.context["model_count"]
    }
    assert delete(admin_client, draft).status_code == 302
    assert Placement.objects.count() == 4


def test_a_row_that_takes_others_along_is_not_deleted_by_a_tick(admin_client):
    action = make_policy_action()
    page = reverse("admin:organisation_policy_change", args=[action.domain.policy.pk])
    answer = admin_client.post(page, form_data(admin_client.get(page), **{"domains-0-DELETE": "on"}))
    assert answer.status_code == 200
    assert str(action) in str(answer.context["errors"])
    assert PolicyDomain.objects.exists()


def test_a_row_without_others_is_deleted_by_a_tick(admin_client):
    domain = make_policy_action().domain
    domain.actions.all().delete()
    page = reverse("admin:organisation_policy_change", args=[domain.policy.pk])
    answer = admin_client.post(page, form_data(admin_client.get(page), **{"domains-0-DELETE": "on"}))
    assert (answer.status_code, PolicyDomain.objects.count()) == (302, 0)


# --- Places -----------------------------------------------------------------------------------------
@pytest.fixture
def places():
    root = make_placement(make_organogram())
    return root, make_placement(root.organogram, root), make_placement(root.organogram, root)


def test_places_of_a_published_organogram_are_not_deleted_in_bulk(places, admin_client):
    answer = delete_selected(admin_client, *places)
    assert answer.status_code == 200
    assert "één voor één" in answer.content.decode()
    assert Placement.objects.count() == 3


def test_the_top_of_a_published_organogram_stays(admin_client):
    root = make_placement(make_organogram())
    assert delete(admin_client, root).status_code == 200
    assert stays(root)


def test_one_place_put_there_by_mistake_can_be_taken_back(places, admin_client):
    page = admin_client.get(address(places[1], "delete", places[1].pk))
    assert "meteen" in page.content.decode()
    assert delete(admin_client, places[1]).status_code == 302
    assert not stays(places[1])
