"""Accounts and groups in the admin: no rights beyond one's own, and no history without its author."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from tests.browser import form_data
from tests.make import make_term

pytestmark = pytest.mark.django_db
MANAGER = (
    "add_user",
    "change_user",
    "view_user",
    "delete_user",
    "change_group",
    "view_group",
    "add_group",
    "view_term",
)


def rights(*names):
    return Permission.objects.filter(codename__in=names)


@pytest.fixture
def manager():
    account = User.objects.create_user("beheer", is_staff=True)
    account.user_permissions.set(rights(*MANAGER))
    return account


@pytest.fixture
def desk(manager):
    client = Client()
    client.force_login(manager)
    return client


@pytest.fixture
def editor():
    account = User.objects.create_user("redacteur", "r@example.be", is_staff=True)
    account.user_permissions.set(rights("view_term"))
    return account


def page_of(item, page="change"):
    return reverse(f"admin:auth_{item._meta.model_name}_{page}", args=[item.pk])


def save(client, item, **changes):
    page = page_of(item)
    return client.post(page, {**form_data(client.get(page)), **changes})


@pytest.mark.parametrize("own", [True, False])
def test_the_box_of_a_superuser_is_not_there_and_ticking_it_does_nothing(desk, manager, editor, own):
    account = manager if own else editor
    assert "is_superuser" not in form_data(desk.get(page_of(account)))
    save(desk, account, is_superuser="on")
    account.refresh_from_db()
    assert not account.is_superuser


def test_a_right_that_one_does_not_have_cannot_be_given(desk, manager, editor):
    beyond, group = rights("change_unit").get(), Group.objects.create(name="Alles")
    group.permissions.set(rights("change_unit"))
    for changes in ({"user_permissions": [beyond.pk]}, {"groups": [group.pk]}):
        assert {save(desk, account, **changes).status_code for account in (manager, editor)} == {200}
    assert not editor.groups.exists()
    assert not User.objects.filter(user_permissions=beyond).exists()


def test_a_right_that_one_has_can_be_given(desk, editor):
    assert save(desk, editor, user_permissions=[rights("view_user").get().pk]).status_code == 302
    assert editor.user_permissions.get().codename == "view_user"


@pytest.mark.parametrize("is_active", [True, False])
@pytest.mark.parametrize("is_superuser", [True, False])
def test_an_account_with_more_rights_cannot_be_touched(desk, editor, is_superuser, is_active):
    User.objects.filter(pk=editor.pk).update(is_superuser=is_superuser, is_active=is_active)
    editor.user_permissions.add(*rights("change_unit"))
    password = {
        "password1": "paard-batterij-nietje-9",
        "password2": "paard-batterij-nietje-9",
        "usable_password": "true",
    }
    posts = [
        desk.post(page_of(editor), {"username": "ander", "email": "x@example.be"}),
        desk.post(reverse("admin:auth_user_password_change", args=[editor.pk]), password),
        desk.post(page_of(editor, "delete"), {"post": "yes"}),
    ]
    for action in ("activate", "deactivate", "delete_selected"):
        data = {"action": action, "_selected_action": [editor.pk], "post": "yes"}
        desk.post(reverse("admin:auth_user_changelist"), data)
    after = User.objects.get(pk=editor.pk)
    assert {answer.status_code for answer in posts} == {403}
    assert (after.username, after.email, after.is_active, after.password) == (
        "redacteur",
        "r@example.be",
        is_active,
        editor.password,
    )


def test_a_group_gets_no_rights_beyond_ones_own(desk):
    small, large = Group.objects.create(name="Klein"), Group.objects.create(name="Groot")
    large.permissions.set(rights("change_unit"))
    assert save(desk, small, permissions=[rights("change_unit").get().pk]).status_code == 200
    assert desk.post(page_of(large), {"name": "Mijn"}).status_code == 403
    assert not small.permissions.exists()


def test_a_superuser_gives_everything_and_keeps_the_own_account(admin_client, admin_user, editor):
    assert save(admin_client, editor, is_superuser="on").status_code == 302
    save(admin_client, admin_user, is_superuser="", is_active="")
    editor.refresh_from_db()
    admin_user.refresh_from_db()
    assert editor.is_superuser
    assert (admin_user.is_superuser, admin_user.is_active) == (True, True)


# --- Deleting -------------------------------------------------------------------------------------
@pytest.fixture
def author(editor):
    LogEntry.objects.log_actions(editor.pk, [make_term()], 2, [], single_object=True)
    return editor


def test_an_account_in_a_history_is_not_deleted(admin_client, author):
    page = page_of(author, "delete")
    assert b'type="submit" value="J' not in admin_client.get(page).content
    admin_client.post(page, {"post": "yes"})
    data = {"action": "delete_selected", "_selected_action": [author.pk], "post": "yes"}
    admin_client.post(reverse("admin:auth_user_changelist"), data)
    assert (User.objects.filter(pk=author.pk).count(), LogEntry.objects.filter(user=author).count()) == (1, 1)


def test_an_account_without_a_history_is_deleted(admin_client, editor):
    admin_client.post(page_of(editor, "delete"), {"post": "yes"})
    assert not User.objects.filter(pk=editor.pk).exists()


def test_an_account_is_made_inactive_which_ends_its_sessions(admin_client, author):
    client = Client()
    client.force_login(author)
    data = {"action": "deactivate", "_selected_action": [author.pk]}
    admin_client.post(reverse("admin:auth_user_changelist"), data)
    assert client.get(reverse("admin:index")).status_code == 302
    assert LogEntry.objects.filter(object_id=str(author.pk), action_flag=2).count() == 1


def test_nobody_makes_their_own_account_inactive(admin_client, admin_user):
    data = {"action": "deactivate", "_selected_action": [admin_user.pk]}
    admin_client.post(reverse("admin:auth_user_changelist"), data)
    admin_user.refresh_from_db()
    assert admin_user.is_active


# --- Passwords ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaa", "abcabcabcabc", "123456789012", "987654321098", "abcdefghijkl", "azertyuiopqs", "qsdfghjklmwx",
        "mlkjhgfdsqpo", "qwertyuiopas", "1q2w3e4r5t6y", "politiegent123", "PolitieGent2026!", "wachtwoord1234",
        "Welkom2026!!", "januari2026!", "gent gent gent gent", "redacteur12345", "kort", "a" * 500,
    ],
)  # fmt: skip
def test_a_password_that_is_easy_to_guess_is_refused(password, editor):
    with pytest.raises(ValidationError):
        validate_password(password, editor)


@pytest.mark.parametrize(
    "password",
    ["een lange zin met woorden", "fietsbel regen wafel", "Gf7!kq2ZpL0x", "é" * 3 + " wolk tafel 93 kip"],
)
def test_a_password_that_is_hard_to_guess_is_taken(password, editor):
    validate_password(password, editor)
