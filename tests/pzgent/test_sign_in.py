"""Guessing passwords is slowed down by account and by address; nobody locks out somebody else."""

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from pzgent.admin import sign_in
from pzgent.models import SignIn

PASSWORD = "een lange zin met woorden"
ATTACKER, DESK, HOME = "192.0.2.1", "198.51.100.7", "203.0.113.9"


@pytest.fixture
def editor(db):
    return User.objects.create_superuser("redactie", password=PASSWORD)


def attempt(name="redactie", password="mis", address=ATTACKER):  # noqa: S107
    """The answer to one attempt, by a client without cookies."""
    data = {"username": name, "password": password, "next": reverse("admin:index")}
    return Client().post(reverse("admin:login"), data, REMOTE_ADDR=address)


def fail(times, **more):
    return [attempt(**more) for _number in range(times)]


def test_forty_wrong_passwords_close_the_door_for_the_right_one(editor):
    statuses = [answer.status_code for answer in fail(40)]
    assert statuses == [200] * sign_in.MOST_PER_PAIR + [429] * (40 - sign_in.MOST_PER_PAIR)
    assert attempt(password=PASSWORD).status_code == 429


def test_the_refusal_says_how_long_to_wait(editor):
    answer = fail(sign_in.MOST_PER_PAIR + 1)[-1]
    assert 0 < int(answer["Retry-After"]) <= sign_in.WINDOW.total_seconds() + 1
    assert "15 minuten" in answer.content.decode()


def test_after_the_wait_the_right_password_opens(editor):
    fail(sign_in.MOST_PER_PAIR + 3)
    SignIn.objects.update(at=timezone.now() - sign_in.WINDOW)
    assert attempt(password=PASSWORD).status_code == 302


@pytest.mark.parametrize("name", ["REDACTIE", "redactie ", "ｒｅｄａｃｔｉｅ", "Redactie"])
def test_spellings_of_a_name_count_as_one(editor, name):
    fail(sign_in.MOST_PER_PAIR, name=name)
    assert attempt(password=PASSWORD).status_code == 429


def test_an_attacker_locks_nobody_out_of_their_own_address(editor):
    assert attempt(password=PASSWORD, address=DESK).status_code == 302
    for number in range(sign_in.MOST_PER_ACCOUNT + 5):
        attempt(address=f"192.0.2.{number}")
    fail(sign_in.MOST_PER_PAIR + 1)
    assert attempt(password="typefout", address=DESK).status_code == 200
    assert attempt(password=PASSWORD, address=DESK).status_code == 302


def test_an_account_under_attack_has_one_attempt_from_any_new_address(editor):
    for number in range(sign_in.MOST_PER_ACCOUNT + 1):
        attempt(address=f"192.0.2.{number}")
    assert [answer.status_code for answer in fail(2, address="192.0.2.99")] == [200, 429]
    assert attempt(password=PASSWORD, address=HOME).status_code == 302


def test_one_address_cannot_try_all_accounts(editor, monkeypatch):
    monkeypatch.setattr(sign_in, "MOST_PER_ADDRESS", 8)
    assert [attempt(name=f"naam{number}").status_code for number in range(9)] == [200] * 8 + [429]
    assert attempt(password=PASSWORD).status_code == 429


def test_colleagues_behind_one_router_are_not_in_each_others_way(editor):
    fail(sign_in.MOST_PER_PAIR + 2, name="collega", address=DESK)
    assert attempt(password=PASSWORD, address=DESK).status_code == 302


def test_a_name_that_does_not_exist_answers_the_same(editor):
    answers = [
        fail(sign_in.MOST_PER_PAIR + 1, name=name, address=address)
        for name, address in (("redactie", ATTACKER), ("niemand", HOME))
    ]
    texts = [
        [
            (
                answer.status_code,
                answer.context["errors"]
                if "errors" in answer.context
                else answer.context["form"].errors.as_text(),
            )
            for answer in found
        ]
        for found in answers
    ]
    assert texts[0] == texts[1]


@pytest.mark.parametrize("changes", [{"is_active": False}, {"is_staff": False}])
def test_the_right_password_of_an_account_that_may_not_enter_counts_as_wrong(editor, changes):
    User.objects.update(**changes)
    statuses = [answer.status_code for answer in fail(sign_in.MOST_PER_PAIR + 1, password=PASSWORD)]
    assert statuses == [200] * sign_in.MOST_PER_PAIR + [429]


def test_attempts_at_the_same_moment_count_each_other(editor):
    """Each is written before any is checked: of those that all began, no more than the limit may look."""
    waits = [sign_in.Attempt("redactie", ATTACKER).begin() for _number in range(sign_in.MOST_PER_PAIR + 3)]
    assert [wait > 0 for wait in waits] == [False] * sign_in.MOST_PER_PAIR + [True] * 3


def test_neither_names_nor_addresses_are_kept(editor):
    fail(1)
    attempt(password=PASSWORD, address=DESK)
    kept = repr(list(SignIn.objects.values()))
    assert not any(text in kept for text in ("redactie", ATTACKER, DESK))


def test_what_counts_no_more_is_deleted(editor):
    fail(3)
    SignIn.objects.update(at=timezone.now() - sign_in.TRUSTED_FOR)
    fail(1)
    assert SignIn.objects.count() == 1


def test_signing_in_clears_sessions_that_are_over(editor):
    Session.objects.create(session_key="x" * 32, session_data="", expire_date=timezone.now() - sign_in.WINDOW)
    attempt(password=PASSWORD)
    assert not Session.objects.filter(session_key="x" * 32).exists()
