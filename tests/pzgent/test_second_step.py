"""The second step of signing in: apps, passkeys, recovery codes; sessions, the proof of who one is, and the log."""

import datetime
import re
import time

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contact.models import Notice
from pzgent.admin import factors, sign_in
from pzgent.desk.retention import delete_outdated
from pzgent.kernel.sessions import CONFIRMED, SEEN, SIGNED_IN
from pzgent.models import Factor, SignInEvent
from tests.browser import form_data
from tests.make import make_notice

pytestmark = pytest.mark.django_db
PASSWORD = "een lange zin met woorden"
CODE_PAGE = "/admin/login/code/"
SECURITY = "/admin/account/security/"


@pytest.fixture
def editor():
    return User.objects.create_superuser("redactie", "redactie@example.be", PASSWORD)


def give_app(account, key=None):
    """Add an app to an account whose last code is long past; return its key."""
    key = key or factors.new_key()
    factors.add_app(account, key, factors.code_at(key))
    Factor.objects.filter(account=account, kind="totp").update(counter=0)
    return key


@pytest.fixture
def key(editor):
    return give_app(editor)


def begin(client, asked="/admin/", password=PASSWORD, **more):
    return client.post("/admin/login/", {"username": "redactie", "password": password, "next": asked}, **more)


def sign_in_with(client, code, asked="/admin/"):
    begin(client, asked)
    return client.post(CODE_PAGE, {"code": code})


def is_inside(client):
    return client.get("/admin/").status_code == 200


def events(account):
    return list(SignInEvent.objects.filter(account=account).order_by("pk").values_list("kind", "how"))


# --- Signing in with a code -------------------------------------------------------------------------
def test_the_password_alone_opens_nothing(client, key):
    answer = begin(client)
    assert (answer.status_code, answer["Location"]) == (302, CODE_PAGE)
    assert not is_inside(client)


def test_the_code_of_now_opens_what_was_asked(client, key):
    answer = sign_in_with(client, factors.code_at(key), "/admin/auth/user/")
    assert (answer.status_code, answer["Location"], is_inside(client)) == (302, "/admin/auth/user/", True)


def test_a_code_may_be_typed_in_groups_and_be_half_a_minute_old(client, key):
    code = factors.code_at(key, time.time() - 30)
    assert sign_in_with(client, f" {code[:3]} {code[3:]} ").status_code == 302


@pytest.mark.parametrize("code", ["", "000000000", "abcdef", "12345", "\u0661\u0662\u0663\u0664\u0665\u0666"])
def test_a_wrong_code_opens_nothing(client, key, code):
    assert sign_in_with(client, code).status_code == 200
    assert not is_inside(client)


def test_an_older_code_opens_nothing(client, key):
    assert sign_in_with(client, factors.code_at(key, time.time() - 120)).status_code == 200


def test_a_code_works_once(client, key):
    code = factors.code_at(key)
    assert sign_in_with(client, code).status_code == 302
    assert sign_in_with(Client(), code).status_code == 200


def test_the_code_page_asks_for_a_password_first(client, key):
    assert client.post(CODE_PAGE, {"code": factors.code_at(key)})["Location"] == "/admin/login/"
    assert not is_inside(client)


def test_the_code_page_waits_ten_minutes(client, key):
    begin(client)
    session = client.session
    session["half_signed_in"] = {**session["half_signed_in"], "at": int(time.time()) - 601}
    session.save()
    assert client.post(CODE_PAGE, {"code": factors.code_at(key)})["Location"] == "/admin/login/"


@pytest.mark.parametrize("change", [{"is_active": False}, {"password": "!"}])
def test_an_account_that_changed_in_between_does_not_get_in(client, editor, key, change):
    begin(client)
    User.objects.update(**change)
    client.post(CODE_PAGE, {"code": factors.code_at(key)})
    assert not is_inside(client)


@pytest.mark.parametrize("asked", ["//evil.example", "https://evil.example/", "javascript:alert(1)"])
def test_who_is_sent_elsewhere_arrives_at_the_desk(client, key, asked):
    assert sign_in_with(client, factors.code_at(key), asked)["Location"] == "/admin/"


def test_wrong_codes_close_the_door_and_say_how_long(client, key):
    begin(client)
    statuses = [client.post(CODE_PAGE, {"code": "1"}).status_code for _ in range(sign_in.MOST_PER_PAIR + 1)]
    assert statuses == [200] * sign_in.MOST_PER_PAIR + [429]
    assert client.post(CODE_PAGE, {"code": factors.code_at(key)}).status_code == 429


def test_many_addresses_guess_no_more_codes_than_one(editor, key):
    for number in range(sign_in.MOST_PER_ACCOUNT):
        client = Client(REMOTE_ADDR=f"192.0.2.{number}")
        begin(client)
        assert client.post(CODE_PAGE, {"code": "1"}).status_code == 200
    client = Client(REMOTE_ADDR="192.0.2.200")
    begin(client)
    assert client.post(CODE_PAGE, {"code": "1"}).status_code == 429


def test_wrong_codes_elsewhere_do_not_lock_out_a_known_address(client, editor, key):
    assert sign_in_with(client, factors.code_at(key)).status_code == 302
    for number in range(sign_in.MOST_PER_ACCOUNT + 2):
        stranger = Client(REMOTE_ADDR=f"192.0.2.{number}")
        begin(stranger)
        stranger.post(CODE_PAGE, {"code": "1"})
    Factor.objects.update(counter=0)
    assert sign_in_with(Client(), factors.code_at(key)).status_code == 302


def test_an_empty_form_breaks_nothing(client, editor, key):
    begin(client)
    for _number in range(sign_in.MOST_PER_PAIR + 1):
        assert client.post(CODE_PAGE, {}).status_code in (200, 429)
    client.force_login(editor)
    for name in ("confirm", "add-app", "add-passkey"):
        assert client.post(f"/admin/account/{name}/", {}).status_code == 200


def test_the_right_password_is_no_failed_attempt(client, key):
    for _number in range(sign_in.MOST_PER_PAIR + 3):
        assert begin(client).status_code == 302


def test_the_database_alone_does_not_tell_the_key(editor, key):
    assert key not in Factor.objects.get(kind="totp").secret


def test_a_key_of_a_former_secret_is_wrong_and_a_recovery_code_still_right(client, editor, key, settings):
    codes = factors.new_recovery_codes(editor)
    settings.SECRET_KEY = "another-" + "y" * 50
    assert sign_in_with(client, factors.code_at(key)).status_code == 200
    assert sign_in_with(client, codes[0]).status_code == 302


# --- Recovery codes ---------------------------------------------------------------------------------
def test_a_recovery_code_opens_once_and_leads_to_a_new_second_step(client, editor, key):
    codes = factors.new_recovery_codes(editor)
    answer = sign_in_with(client, codes[0].upper())
    assert (answer["Location"], factors.recovery_codes_left(editor)) == (SECURITY, 9)
    assert sign_in_with(Client(), codes[0]).status_code == 200


def test_new_recovery_codes_replace_the_old_ones(editor, key):
    old = factors.new_recovery_codes(editor)
    new = factors.new_recovery_codes(editor)
    assert (factors.use_code(editor, old[0]), factors.use_code(editor, new[0])) == (None, "recovery")


def test_recovery_codes_are_stored_as_digests(editor):
    codes = factors.new_recovery_codes(editor)
    stored = "".join(Factor.objects.values_list("secret", flat=True))
    assert len(set(codes)) == 10
    assert not any(code.replace("-", "") in stored for code in codes)


# --- Enrolling --------------------------------------------------------------------------------------
@pytest.fixture
def required(settings):
    settings.SECOND_FACTOR = True


def test_nobody_needs_a_second_step_for_a_local_run(client, editor):
    begin(client)
    assert is_inside(client)


@pytest.mark.parametrize(
    "address", ["/admin/", "/admin/auth/user/", "/admin/contact/notice/add/", "/admin/totals/7/"]
)
def test_where_it_is_required_everything_waits_for_it(client, editor, required, address):
    begin(client)
    assert client.get(address)["Location"] == SECURITY
    assert client.post(address, {})["Location"] == SECURITY
    assert client.get(SECURITY).status_code == 200


def test_an_app_is_added_with_its_first_code_and_recovery_codes_are_shown_once(client, editor, required):
    begin(client)
    page = client.get("/admin/account/add-app/").content.decode()
    key = re.search(r'<code class="key">([A-Z2-7 ]+)</code>', page)[1].replace(" ", "")
    assert 'src="data:image/svg+xml;base64,' in page
    assert client.post("/admin/account/add-app/", {"code": "000"}).status_code == 200
    answer = client.post("/admin/account/add-app/", {"code": factors.code_at(key)})
    assert len(re.findall(r"<li><code>[a-z2-9-]{19}</code>", answer.content.decode())) == 10
    assert ("no-store" in answer["Cache-Control"], is_inside(client)) == (True, True)


def test_the_code_that_added_an_app_does_not_sign_in(client, editor):
    key = factors.new_key()
    code = factors.code_at(key)
    assert factors.add_app(editor, key, code)
    assert sign_in_with(client, code).status_code == 200


def test_the_only_second_step_stays_where_it_is_required(client, editor, key, settings):
    settings.SECOND_FACTOR = True
    sign_in_with(client, factors.code_at(key))
    factor = Factor.objects.get()
    client.post("/admin/account/remove-factor/", {"factor": factor.pk})
    assert Factor.objects.exists()
    settings.SECOND_FACTOR = False
    client.post("/admin/account/remove-factor/", {"factor": factor.pk})
    assert not Factor.objects.exists()


def test_the_second_step_of_somebody_else_cannot_be_removed(client, editor):
    other = User.objects.create_user("ander", is_staff=True)
    give_app(other)
    begin(client)
    for value in (str(Factor.objects.get().pk), "x", "", "9" * 40):
        client.post("/admin/account/remove-factor/", {"factor": value})
    assert Factor.objects.count() == 1


def test_removing_the_last_one_takes_the_recovery_codes_along(client, editor, key):
    factors.new_recovery_codes(editor)
    sign_in_with(client, factors.code_at(key))
    client.post("/admin/account/remove-factor/", {"factor": Factor.objects.get(kind="totp").pk})
    assert Factor.objects.count() == 0


@pytest.mark.parametrize("answer", ["", "x", "{}", "[]", "null", '{"id": 1}', '{"id": "a", "rawId": "a"}'])
def test_a_forged_passkey_is_refused(client, editor, key, answer):
    begin(client)
    client.get(CODE_PAGE)
    client.post(CODE_PAGE, {"passkey": answer})
    assert not is_inside(client)
    client.force_login(editor)
    client.get("/admin/account/add-passkey/")
    assert client.post("/admin/account/add-passkey/", {"passkey": answer, "name": "x"}).status_code == 200
    assert Factor.objects.filter(kind="passkey").count() == 0


# --- A colleague helps ------------------------------------------------------------------------------
def erase(client, *accounts):
    data = {"action": "erase_second_step", "_selected_action": [item.pk for item in accounts]}
    return client.post(reverse("admin:auth_user_changelist"), data)


def manager(name="beheer"):
    account = User.objects.create_user(name, is_staff=True)
    account.user_permissions.set(Permission.objects.filter(codename__in=["change_user", "view_user"]))
    client = Client()
    client.force_login(account)
    return account, client


def test_a_colleague_erases_the_second_step_and_everybody_is_told(django_capture_on_commit_callbacks):
    lost = User.objects.create_user("kwijt", "kwijt@example.be", PASSWORD, is_staff=True)
    give_app(lost)
    client = Client()
    client.force_login(lost)
    with django_capture_on_commit_callbacks(execute=True):
        erase(manager()[1], lost)
    assert not factors.is_protected(lost)
    assert not is_inside(client)
    assert (events(lost)[-1][0], LogEntry.objects.get().object_id) == ("factors_reset", str(lost.pk))
    assert mail.outbox[0].to == ["kwijt@example.be"]


def test_a_colleague_with_fewer_rights_erases_nothing(editor, key):
    account, client = manager()
    give_app(account)
    erase(client, editor, account)
    assert factors.is_protected(editor)
    assert factors.is_protected(account)


def test_the_operator_erases_it_by_a_command(editor, key, capsys):
    call_command("erase_second_step", "redactie")
    assert (factors.is_protected(editor), events(editor)) == (False, [("factors_reset", "command")])
    with pytest.raises(CommandError):
        call_command("erase_second_step", "niemand")


def test_sessions_of_a_colleague_can_be_ended(editor):
    colleague = User.objects.create_user("collega", is_staff=True)
    theirs = Client()
    theirs.force_login(colleague)
    own = Client()
    own.force_login(editor)
    own.post(
        reverse("admin:auth_user_changelist"), {"action": "end_sessions", "_selected_action": [colleague.pk]}
    )
    assert (is_inside(theirs), is_inside(own)) == (False, True)


# --- Sessions ---------------------------------------------------------------------------------------
def age(client, **stamps):
    session = client.session
    session.update({name: int(time.time()) - seconds for name, seconds in stamps.items()})
    session.save()


@pytest.mark.parametrize(
    ("stamps", "inside"),
    [
        ({SEEN: 29 * 60}, True), ({SEEN: 31 * 60}, False),
        ({SIGNED_IN: 9 * 3600, SEEN: 0}, True), ({SIGNED_IN: 10 * 3600 + 60, SEEN: 0}, False),
    ],
)  # fmt: skip
def test_a_session_ends_after_a_pause_and_after_a_working_day(client, editor, stamps, inside):
    begin(client)
    age(client, **stamps)
    assert is_inside(client) is inside


def test_work_keeps_a_session_open(client, editor, monkeypatch):
    monkeypatch.setattr("pzgent.kernel.sessions.NOTED_EVERY", 60)
    begin(client)
    for _step in range(3):
        age(client, **{SEEN: 20 * 60})
        assert is_inside(client)
        assert time.time() - client.session[SEEN] < 60


def test_a_session_in_use_is_written_once_a_minute(
    client, editor, django_assert_max_num_queries, monkeypatch
):
    monkeypatch.setattr("pzgent.kernel.sessions.NOTED_EVERY", 60)
    begin(client)
    client.get(SECURITY)
    with django_assert_max_num_queries(8) as found:
        client.get(SECURITY)
    assert not [query["sql"] for query in found if "UPDATE" in query["sql"]]


def test_signing_out_everywhere_else_keeps_this_session(client, editor):
    begin(client)
    other = Client()
    begin(other)
    client.post("/admin/account/sign-out-elsewhere/")
    assert (is_inside(client), is_inside(other)) == (True, False)


# --- The proof of who one is ------------------------------------------------------------------------
@pytest.mark.parametrize("address", ["contact_notice_add", "auth_user_add", "auth_group_add"])
def test_what_reaches_everybody_asks_for_the_password_again(client, editor, address):
    begin(client)
    assert client.get(reverse(f"admin:{address}")).status_code == 200
    age(client, **{SIGNED_IN: 16 * 60})
    answer = client.get(reverse(f"admin:{address}"))
    assert answer["Location"].startswith("/admin/account/confirm/?next=")
    sent = client.post("/admin/account/confirm/", {"password": PASSWORD, "next": reverse(f"admin:{address}")})
    assert sent["Location"] == reverse(f"admin:{address}")
    assert client.get(sent["Location"]).status_code == 200


def test_other_forms_do_not_ask(client, editor):
    begin(client)
    age(client, **{SIGNED_IN: 9 * 3600})
    assert client.get(reverse("admin:organisation_term_add")).status_code == 200


def test_a_wrong_password_proves_nothing_and_is_counted(client, editor):
    begin(client)
    age(client, **{SIGNED_IN: 3600})
    statuses = [
        client.post("/admin/account/confirm/", {"password": "mis"}).status_code
        for _number in range(sign_in.MOST_PER_PAIR + 1)
    ]
    assert statuses == [200] * sign_in.MOST_PER_PAIR + [429]
    assert CONFIRMED not in client.session


def test_a_notice_typed_for_half_an_hour_is_kept_until_the_proof(client, editor):
    begin(client)
    notice = make_notice()
    page = reverse("admin:contact_notice_change", args=[notice.pk])
    sent = form_data(client.get(page), title="Anders")
    age(client, **{SIGNED_IN: 31 * 60})
    answer = client.post(page, sent)
    assert (answer.status_code, answer["X-Confirm"]) == (403, "/admin/account/confirm/")
    assert sent["csrfmiddlewaretoken"][0] not in answer.content.decode()
    client.post("/admin/account/confirm/", {"password": PASSWORD})
    assert client.post(page, form_data(answer, "kept-form")).status_code == 302
    assert Notice.objects.get().title == "Anders"


def test_a_kept_form_holds_no_password(client, editor):
    begin(client)
    age(client, **{SIGNED_IN: 3600})
    answer = client.post(
        "/admin/auth/user/add/", {"username": "nieuw <b>", "password1": "geheim", "password2": "geheim"}
    )
    assert "nieuw &lt;b&gt;" in answer.content.decode()
    assert "geheim" not in answer.content.decode()


@pytest.mark.parametrize("page", ["action", "delete", "password"])
def test_no_way_around_the_proof(client, editor, page):
    begin(client)
    other, notice = User.objects.create_user("ander"), make_notice(status="draft")
    age(client, **{SIGNED_IN: 3 * 3600})
    posts = {
        "action": ("/admin/contact/notice/", {"action": "publish", "_selected_action": [notice.pk]}),
        "delete": (f"/admin/contact/notice/{notice.pk}/delete/", {"post": "yes"}),
        "password": (f"/admin/auth/user/{other.pk}/password/", {"password1": "x"}),
    }
    assert client.post(*posts[page]).status_code == 403
    assert (Notice.objects.get().status, User.objects.get(pk=other.pk).has_usable_password()) == (
        "draft",
        False,
    )


def test_who_may_only_look_is_not_asked(client):
    account = User.objects.create_user("lezer", is_staff=True)
    account.user_permissions.set(Permission.objects.filter(codename="view_notice"))
    client.force_login(account)
    age(client, **{SIGNED_IN: 3 * 3600})
    page = reverse("admin:contact_notice_change", args=[make_notice().pk])
    assert client.get(page).status_code == 200


# --- The log ----------------------------------------------------------------------------------------
def test_the_log_tells_who_came_when_how_and_from_which_network(client, editor, key):
    begin(client, password="mis", REMOTE_ADDR="198.51.100.7")
    sign_in_with(client, "1")
    client.post(CODE_PAGE, {"code": factors.code_at(key)})
    client.post("/admin/logout/")
    assert events(editor) == [
        ("wrong_password", ""), ("wrong_code", ""), ("signed_in", "totp"), ("signed_out", ""),
    ]  # fmt: skip
    assert SignInEvent.objects.order_by("pk").first().network == "198.51.0.0/16"


def test_the_log_holds_no_unknown_names_and_nothing_old(client, editor, settings):
    client.post("/admin/login/", {"username": "mijn wachtwoord", "password": "x"})
    assert SignInEvent.objects.count() == 0
    old = SignInEvent.objects.create(account=editor, kind="signed_in")
    SignInEvent.objects.update(at=timezone.now() - datetime.timedelta(days=settings.SIGN_IN_LOG_DAYS + 1))
    delete_outdated()
    assert not SignInEvent.objects.filter(pk=old.pk).exists()


def test_a_program_that_keeps_trying_fills_no_log(client, editor):
    for _number in range(20):
        begin(client, password="mis")
    assert [kind for kind, _how in events(editor)].count("throttled") == 1


def test_the_log_is_read_by_who_may_and_written_by_nobody(client, editor):
    begin(client)
    event = SignInEvent.objects.get()
    base = "/admin/pzgent/signinevent/"
    assert client.get(base).status_code == 200
    assert client.get(f"{base}add/").status_code == 403
    assert client.post(f"{base}{event.pk}/change/", {"kind": "signed_out"}).status_code == 403
    assert client.post(f"{base}{event.pk}/delete/", {"post": "yes"}).status_code == 403


def test_an_account_takes_its_log_and_second_step_along(client, editor):
    gone = User.objects.create_user("weg")
    give_app(gone)
    SignInEvent.objects.create(account=gone, kind="signed_in")
    _account, managing = manager()
    User.objects.get(username="beheer").user_permissions.add(Permission.objects.get(codename="delete_user"))
    assert managing.post(f"/admin/auth/user/{gone.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not User.objects.filter(pk=gone.pk).exists()


# --- A forgotten password ---------------------------------------------------------------------------
RESET = "/admin/password_reset/"


@pytest.fixture
def _mail_at_once(monkeypatch):
    class Now:
        def __init__(self, target, args, kwargs):
            self.start = lambda: target(*args, **kwargs)

    monkeypatch.setattr("pzgent.admin.forgotten.Thread", Now)


@pytest.mark.usefixtures("_mail_at_once")
def test_a_new_password_by_mail_keeps_the_second_step(client, editor, key):
    assert 'href="/admin/password_reset/"' in client.get("/admin/login/").content.decode()
    assert client.post(RESET, {"email": "redactie@example.be"}).status_code == 302
    address = re.search(r"http://testserver(/admin/reset/\S+)", mail.outbox[0].body)[1]
    page = client.get(address, follow=True)
    new = "paard batterij nietje juist"
    client.post(page.redirect_chain[0][0], {"new_password1": new, "new_password2": new})
    assert begin(client, password=new)["Location"] == CODE_PAGE
    assert not is_inside(client)
    assert [kind for kind, _how in events(editor)][:2] == ["reset_asked", "password_reset"]


@pytest.mark.usefixtures("_mail_at_once")
def test_nothing_tells_whether_an_address_is_known(client, editor):
    known = client.post(RESET, {"email": "redactie@example.be"}, follow=True)
    unknown = client.post(RESET, {"email": "niemand@example.be"}, follow=True)
    assert (known.status_code, known.content) == (200, unknown.content)
    assert len(mail.outbox) == 1


@pytest.mark.usefixtures("_mail_at_once")
def test_a_mailbox_is_not_filled(client, editor):
    for _number in range(sign_in.MOST_PER_PAIR + 4):
        assert client.post(RESET, {"email": "redactie@example.be"}).status_code == 302
    assert len(mail.outbox) == sign_in.MOST_PER_PAIR
