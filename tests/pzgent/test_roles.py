"""The roles that the portal makes, and the two rights on actions: to publish, and to translate only."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse

from contact.models import Channel, Notice
from organisation.models import Organogram, Unit
from pzgent.admin.roles import NAMES, make_roles
from pzgent.models import Role
from tests.browser import form_data
from tests.make import (
    make_channel,
    make_notice,
    make_organogram,
    make_policy,
    make_term,
    make_topic,
    make_unit,
)

pytestmark = pytest.mark.django_db
DUTCH = {
    "reader": "Lezer", "editor": "Redacteur", "translator": "Vertaler", "publisher": "Uitgever",
    "manager": "Beheerder",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _roles():
    make_roles()


def client_of(role):
    account = User.objects.create_user(role, is_staff=True)
    account.groups.add(Group.objects.get(name=DUTCH[role]))
    client = Client()
    client.force_login(account)
    return client


def page(item, name="change"):
    return reverse(f"admin:{item._meta.app_label}_{item._meta.model_name}_{name}", args=[item.pk])


def listing(model, name="changelist"):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}")


def codes(role):
    return set(Group.objects.get(name=DUTCH[role]).permissions.values_list("codename", flat=True))


# --- How they are made ------------------------------------------------------------------------------
def test_there_are_five_with_dutch_names():
    assert set(Group.objects.values_list("name", flat=True)) >= set(DUTCH.values())
    assert set(NAMES) == set(DUTCH)


def test_each_role_includes_what_is_asked_of_it():
    assert codes("reader") < codes("editor") < codes("publisher") < codes("manager")
    assert "publish" not in codes("editor")
    assert codes("translator") - codes("reader") == {"translate", "publish_solo"}
    assert {"change_user", "view_signinevent"} & codes("publisher") == set()


def test_a_later_release_changes_nothing_that_was_changed_since():
    reader, editor = (Group.objects.get(name=DUTCH[role]) for role in ("reader", "editor"))
    Group.objects.filter(pk=reader.pk).update(name="Kijker")
    editor.permissions.remove(Permission.objects.get(codename="add_unit"))
    Group.objects.get(name="Vertaler").delete()
    make_roles()
    assert set(Group.objects.values_list("name", flat=True)) == {
        "Kijker",
        "Redacteur",
        "Uitgever",
        "Beheerder",
    }
    assert "add_unit" not in codes("editor")


def test_a_right_that_is_new_in_a_release_is_given_once():
    role, group = Role.objects.get(code="editor"), Group.objects.get(name="Redacteur")
    role.given.remove("organisation.add_unit")
    role.save()
    group.permissions.remove(Permission.objects.get(codename="add_unit"))
    make_roles()
    assert "add_unit" in codes("editor")


def test_who_could_publish_before_there_were_roles_still_can():
    Role.objects.all().delete()
    group, account = Group.objects.create(name="Oud"), User.objects.create_user("oud")
    group.permissions.add(Permission.objects.get(codename="change_unit"))
    account.user_permissions.add(Permission.objects.get(codename="change_channel"))
    viewer = User.objects.create_user("kijker")
    viewer.user_permissions.add(Permission.objects.get(codename="view_channel"))
    make_roles()
    held = [User.objects.get(pk=item.pk).has_perm("pzgent.publish") for item in (account, viewer)]
    assert (held, group.permissions.filter(codename="publish").exists()) == ([True, False], True)


# --- Publishing -------------------------------------------------------------------------------------
def test_an_editor_adds_a_draft_and_nothing_more():
    client, topic = client_of("editor"), make_topic()
    sent = form_data(client.get(listing(Channel, "add")), topic=str(topic.pk), kind="phone", label="Telefoon")
    answer = client.post(listing(Channel, "add"), {**sent, "status": "published"})
    assert (answer.status_code, "status" in sent) == (302, False)
    assert Channel.objects.get().status == "draft"


def test_an_editor_corrects_what_is_public_and_does_not_withdraw_it():
    client, channel = client_of("editor"), make_channel(label="Balie")
    sent = form_data(client.get(page(channel)), label="Loket")
    assert client.post(page(channel), {**sent, "status": "withdrawn"}).status_code == 302
    channel.refresh_from_db()
    assert (channel.label, channel.status) == ("Loket", "published")


@pytest.mark.parametrize("action", ["publish", "withdraw", "back_to_draft"])
def test_an_editor_has_no_action_that_publishes(action):
    client, channel = (
        client_of("editor"),
        make_channel(status="draft" if action == "publish" else "published"),
    )
    before = channel.status
    assert f'value="{action}"' not in client.get(listing(Channel)).content.decode()
    client.post(listing(Channel), {"action": action, "_selected_action": [channel.pk]})
    assert Channel.objects.get(pk=channel.pk).status == before


def test_an_editor_dates_a_draft_and_not_what_is_public():
    client = client_of("editor")
    draft, public = make_organogram(status="draft"), make_policy()
    assert "valid_from" in form_data(client.get(page(draft)))
    assert "valid_from" not in form_data(client.get(page(public)))
    assert not {"starts", "ends"} & set(form_data(client.get(page(make_notice()))))


def test_how_much_the_public_sees_of_a_unit_is_decided_by_who_publishes():
    unit = make_unit()
    assert "publication_level" not in form_data(client_of("editor").get(page(unit)))
    assert "publication_level" in form_data(client_of("publisher").get(page(unit)))


def test_a_publisher_publishes_and_withdraws():
    client, organogram = client_of("publisher"), make_organogram(status="draft")
    chosen = {"action": "publish", "_selected_action": [organogram.pk]}
    asked = client.post(listing(Organogram), chosen, follow=True)
    client.post(asked.request["PATH_INFO"], {"start": "1"})
    assert Organogram.objects.get().status == "published"


def test_a_refused_deletion_offers_an_editor_no_withdrawal():
    term = make_term()
    assert b"withdraw-form" not in client_of("editor").get(page(term, "delete")).content
    assert b"withdraw-form" in client_of("publisher").get(page(term, "delete")).content


# --- Translating ------------------------------------------------------------------------------------
def test_a_translator_writes_translations_and_nothing_else():
    client, topic = client_of("translator"), make_topic(title="Aangifte")
    sent = form_data(client.get(page(topic)))
    assert {name for name in sent if name.startswith("translated_title")}
    assert "title" not in sent
    forged = {**sent, "translated_title_fr": "Déclaration", "title": "Anders", "status": "withdrawn"}
    assert client.post(page(topic), forged).status_code == 302
    topic.refresh_from_db()
    assert (topic.title, topic.status) == ("Aangifte", "published")
    assert topic.translation_of("title", "fr") == "Déclaration"


def test_a_translator_writes_the_notice_in_other_languages():
    client, notice = client_of("translator"), make_notice(text_nl="Pas op")
    sent = form_data(client.get(page(notice)))
    assert "text_fr" in sent
    assert "text_nl" not in sent
    client.post(page(notice), {**sent, "text_fr": "Attention", "text_nl": "Niets"})
    notice = Notice.objects.get()
    assert (notice.text_nl, notice.text_fr) == ("Pas op", "Attention")


def test_a_translator_has_no_action_no_addition_and_no_deletion():
    client, topic = client_of("translator"), make_topic()
    text = client.get(listing(type(topic))).content.decode()
    assert 'name="action"' not in text
    assert "addlink" not in text
    assert client.get(page(topic, "delete")).status_code == 403
    assert client.get(listing(type(topic), "add")).status_code == 403
    client.post(listing(type(topic)), {"action": "withdraw", "_selected_action": [topic.pk]})
    topic.refresh_from_db()
    assert topic.status == "published"


def test_a_translator_only_views_what_is_not_translated():
    client, unit = client_of("translator"), make_unit()
    assert b'name="_save"' not in client.get(page(unit)).content
    assert client.post(page(unit), {"name": "Anders"}).status_code == 403
    assert Unit.objects.get().name == unit.name


def test_a_reader_views_and_has_no_controls():
    client, channel = client_of("reader"), make_channel()
    text = client.get(page(channel)).content.decode()
    assert 'name="_save"' not in text
    assert "deletelink" not in text
    assert client.post(page(channel), {"label": "Anders"}).status_code == 403
