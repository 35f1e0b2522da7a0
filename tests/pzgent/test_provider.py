"""Signing in through an OpenID Connect provider: a real one in another process, on this machine."""

import importlib
import os
import re
import socket
import subprocess
import sys
import time
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from authlib.integrations.base_client.sync_openid import OpenIDMixin
from django.conf import settings as portal_settings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import clear_url_caches
from joserfc.jwk import RSAKey

import pzgent.urls
from pzgent.admin import factors, sign_in
from pzgent.kernel.sessions import SEEN, SIGNED_IN, is_confirmed, sign_out_everywhere
from pzgent.models import SignIn, SignInEvent

pytestmark = pytest.mark.django_db
BEGIN, DONE, SECURITY = "/admin/login/provider/", "/admin/login/provider/done/", "/admin/account/security/"
ADDRESS = "redactie@example.be"
OWN = {"OIDC_CLIENT_ID": "portaal", "OIDC_CLIENT_SECRET": "geheim", "OIDC_NAME": "Politie-ID"}


@pytest.fixture(scope="session")
def issuer(tmp_path_factory):
    """The address of a provider that lets everybody in."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address, log = f"http://127.0.0.1:{port}", tmp_path_factory.mktemp("provider") / "log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)], stdout=output, stderr=output
        )
        try:
            _wait_for(address, server, log)
            yield address
        finally:
            server.terminate()
            server.wait()


def _wait_for(address, server, log):
    deadline = time.monotonic() + 120
    while True:
        try:
            requests.get(address, timeout=5)
        except requests.ConnectionError:
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        else:
            return


@pytest.fixture(autouse=True)
def provider(issuer, settings):
    """The portal as started with the settings of the provider."""
    settings.OIDC_ISSUER = issuer
    for name, value in OWN.items():
        setattr(settings, name, value)
    _read_urls_again()
    yield issuer
    settings.OIDC_ISSUER = ""
    _read_urls_again()


def _read_urls_again():
    importlib.reload(pzgent.urls)
    clear_url_caches()


@pytest.fixture
def editor():
    return User.objects.create_user("redactie", ADDRESS, is_staff=True, is_superuser=True)


def knows(issuer, **claims):
    """Tell the provider what to say of the one person it knows."""
    known = {"email": ADDRESS, "email_verified": True, **claims}
    requests.put(f"{issuer}/users/jan", json=known, timeout=30).raise_for_status()


def at_provider(client, asked="", **form):
    """Go to the provider and answer its page; return where it sends the browser."""
    page = client.get(BEGIN, {"next": asked})["Location"]
    answer = requests.post(page, data=form or {"sub": "jan"}, allow_redirects=False, timeout=30)
    return answer.headers["Location"]


def sign_in_there(client, asked="", **more):
    there = urlsplit(at_provider(client, asked))
    return client.get(there.path, parse_qs(there.query), **more)


def is_inside(client):
    return client.get("/admin/").status_code == 200


def events(account):
    return list(SignInEvent.objects.filter(account=account).order_by("pk").values_list("kind", "how"))


# --- Signing in -------------------------------------------------------------------------------------
def test_the_page_to_sign_in_has_a_button_that_keeps_where_one_was_going(client):
    page = client.get("/admin/login/", {"next": "/admin/contact/channel/?q=a&p=1"}).content.decode()
    assert re.search("(Aanmelden|Sign in) met|with Politie-ID", page)
    assert f'href="{BEGIN}?next=%2Fadmin%2Fcontact%2Fchannel%2F%3Fq%3Da%26p%3D1"' in page


def test_who_has_an_account_gets_in_and_it_is_logged(client, editor, issuer):
    knows(issuer)
    answer = sign_in_there(client, "/admin/auth/user/")
    assert (answer.status_code, answer["Location"], is_inside(client)) == (302, "/admin/auth/user/", True)
    assert events(editor) == [("signed_in", "provider")]
    assert SignIn.objects.filter(succeeded=False).count() == 0


def test_the_provider_gets_a_state_a_nonce_and_a_challenge_and_is_told_to_ask_anew(client):
    asked = parse_qs(urlsplit(client.get(BEGIN)["Location"]).query)
    assert {"state", "nonce", "code_challenge"} <= set(asked)
    assert (asked["code_challenge_method"], asked["prompt"], asked["response_type"]) == (
        ["S256"], ["login"], ["code"],
    )  # fmt: skip
    assert asked["redirect_uri"] == [f"http://testserver{DONE}"]


@pytest.mark.parametrize("asked", ["//evil.example", "https://evil.example/", "javascript:alert(1)"])
def test_who_is_sent_elsewhere_arrives_at_the_desk(client, editor, issuer, asked):
    knows(issuer)
    assert sign_in_there(client, asked)["Location"] == "/admin/"


def test_capitals_in_the_address_make_no_difference(client, editor, issuer):
    knows(issuer, email=ADDRESS.upper())
    sign_in_there(client)
    assert is_inside(client)


# --- Refusals ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False}, {"email_verified": None}, {"email_verified": "true"}, {"email_verified": 1},
        {"email": "ander@example.be"}, {"email": ""}, {"email": None}, {"email": [ADDRESS]},
        {"email": "redact\u0131e@example.be"},
    ],
)  # fmt: skip
def test_no_other_address_and_none_that_is_not_verified_opens_an_account(client, editor, issuer, claims):
    knows(issuer, **claims)
    answer = sign_in_there(client)
    assert (answer.status_code, is_inside(client), events(editor)) == (403, False, [])
    assert User.objects.count() == 1


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}, {"email": ""}])
def test_an_account_that_may_not_sign_in_does_not_get_in(client, editor, issuer, change):
    User.objects.update(**change)
    knows(issuer, email=change.get("email", ADDRESS))
    assert (sign_in_there(client).status_code, is_inside(client)) == (403, False)


@pytest.mark.parametrize("other", [ADDRESS, ADDRESS.title()])
def test_an_address_of_two_accounts_opens_neither(client, editor, issuer, other):
    User.objects.create_user("tweede", other, is_staff=True)
    knows(issuer)
    assert (sign_in_there(client).status_code, is_inside(client)) == (403, False)


def test_an_answer_opens_once_and_in_the_browser_that_asked(client, editor, issuer):
    knows(issuer)
    there = at_provider(client)
    stranger = Client()
    assert (stranger.get(there).status_code, is_inside(stranger)) == (400, False)
    stranger.get(BEGIN)
    assert (stranger.get(there).status_code, is_inside(stranger)) == (502, False)
    assert client.get(there).status_code == 302
    client.logout()
    assert (client.get(there).status_code, is_inside(client)) == (400, False)


def test_an_answer_after_ten_minutes_is_too_late(client, editor, issuer):
    knows(issuer)
    there = at_provider(client)
    session = client.session
    session["sent_to_provider"] = {**session["sent_to_provider"], "at": int(time.time()) - 601}
    session.save()
    assert (client.get(there).status_code, is_inside(client)) == (400, False)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"}, {"aud": "een-ander"}, {"aud": ["een-ander", "portaal"], "azp": "een-ander"},
        {"nonce": "ander"}, {"exp": 1}, {"auth_time": 1}, {"auth_time": "gisteren"},
    ],
)  # fmt: skip
def test_a_token_for_somebody_else_or_of_another_time_is_refused(client, editor, issuer, claims):
    knows(issuer, **claims)
    assert (sign_in_there(client).status_code, is_inside(client)) in [(502, False), (403, False)]


def test_a_token_signed_by_somebody_else_is_refused(client, editor, issuer, monkeypatch):
    knows(issuer)
    there = at_provider(client)
    known = requests.get(f"{issuer}/jwks", timeout=30).json()["keys"][0]
    other = {**RSAKey.generate_key(2048, private=False).as_dict(), "kid": known["kid"]}
    monkeypatch.setattr(OpenIDMixin, "fetch_jwk_set", lambda *_args, **_more: {"keys": [other]})
    assert (client.get(there).status_code, is_inside(client)) == (502, False)


def with_claims(monkeypatch, **changes):
    """Change what the ID token says; what is None is left out."""
    read = OpenIDMixin.parse_id_token

    def changed(*args, **more):
        claims = {**read(*args, **more), **changes}
        return {name: value for name, value in claims.items() if value is not None}

    monkeypatch.setattr(OpenIDMixin, "parse_id_token", changed)


def test_the_address_may_be_told_apart_from_the_token(client, editor, issuer, monkeypatch):
    with_claims(monkeypatch, email=None, email_verified=None)
    knows(issuer)
    sign_in_there(client)
    assert is_inside(client)


@pytest.mark.parametrize("claims", [{"sub": "piet"}, {"email_verified": True}])
def test_what_is_told_apart_holds_for_the_same_person_and_address(
    client, editor, issuer, monkeypatch, claims
):
    with_claims(monkeypatch, email=None, **claims)
    knows(issuer, email_verified="sub" in claims)
    sign_in_there(client)
    assert not is_inside(client)


def test_who_stops_at_the_provider_reads_so(client, editor, issuer):
    answer = client.get(at_provider(client, action="deny"))
    assert (answer.status_code, "Politie-ID" in answer.context["text"]) == (403, True)


def test_without_a_provider_the_password_still_opens(client, editor, settings, caplog):
    settings.OIDC_ISSUER = "http://127.0.0.1:9"
    answer = client.get(BEGIN)
    assert (answer.status_code, "no-store" in answer["Cache-Control"]) == (502, True)
    assert "ConnectionError" in caplog.text
    editor.set_password("een lange zin met woorden")
    editor.save()
    client.post("/admin/login/", {"username": "redactie", "password": "een lange zin met woorden"})
    assert is_inside(client)


def test_an_account_is_not_changed_for_another_one_on_the_way(client, editor, issuer):
    other = User.objects.create_superuser("ander", "ander@example.be")
    client.force_login(other)
    knows(issuer)
    assert sign_in_there(client).status_code == 403
    assert client.session["_auth_user_id"] == str(other.pk)


# --- The second step, sessions and limits -------------------------------------------------------------
def test_the_second_step_is_asked_as_after_a_password(client, editor, issuer):
    key = factors.new_key()
    factors.add_app(editor, key, factors.code_at(key))
    editor.factors.update(counter=0)
    knows(issuer)
    assert sign_in_there(client, "/admin/auth/user/")["Location"] == "/admin/login/code/"
    assert not is_inside(client)
    answer = client.post("/admin/login/code/", {"code": factors.code_at(key)})
    assert (answer["Location"], is_inside(client)) == ("/admin/auth/user/", True)


def test_where_a_second_step_is_required_who_has_none_chooses_one(client, editor, issuer, settings):
    settings.SECOND_FACTOR = True
    knows(issuer)
    sign_in_there(client)
    assert client.get("/admin/")["Location"] == SECURITY


def test_a_provider_that_asks_for_it_replaces_the_second_step(client, editor, issuer, settings):
    settings.SECOND_FACTOR = settings.OIDC_SECOND_FACTOR = True
    knows(issuer)
    sign_in_there(client)
    assert is_inside(client)
    assert not client.get(SECURITY).context["must_enrol"]
    by_password = Client()
    by_password.force_login(editor)
    assert by_password.get("/admin/")["Location"] == SECURITY


@pytest.mark.parametrize("stamps", [{SEEN: 31 * 60}, {SIGNED_IN: 10 * 3600 + 60}])
def test_its_session_ends_after_a_pause_and_after_a_working_day(client, editor, issuer, stamps):
    knows(issuer)
    sign_in_there(client)
    session = client.session
    session.update({name: int(time.time()) - seconds for name, seconds in stamps.items()})
    session.save()
    assert not is_inside(client)


def test_signing_out_everywhere_ends_its_session(client, editor, issuer):
    knows(issuer)
    sign_in_there(client)
    assert sign_out_everywhere(editor.pk) == 1
    assert not is_inside(client)


def test_who_has_no_password_proves_it_at_the_provider(client, editor, issuer):
    knows(issuer)
    sign_in_there(client)
    session = client.session
    session[SIGNED_IN] -= 16 * 60
    session.save()
    page = client.get("/admin/auth/user/add/", follow=True).content.decode()
    assert re.search(rf'href="{BEGIN}\?next=%2Fadmin%2Fauth%2Fuser%2Fadd%2F"', page)
    assert sign_in_there(client, "/admin/auth/user/add/").status_code == 302
    assert is_confirmed(client.session, 1)


def test_attempts_that_come_to_nothing_are_limited_by_address(editor, issuer, monkeypatch):
    monkeypatch.setattr(sign_in, "MOST_PER_ADDRESS", 3)
    knows(issuer)
    for _number in range(2):
        assert sign_in_there(Client()).status_code == 302
    statuses = [Client().get(BEGIN).status_code for _number in range(4)]
    assert statuses == [302, 302, 302, 429]
    answer = Client().get(BEGIN)
    assert 0 < int(answer["Retry-After"]) <= sign_in.WINDOW.total_seconds() + 1
    assert Client().get(BEGIN, REMOTE_ADDR="192.0.2.9").status_code == 302


# --- Settings -----------------------------------------------------------------------------------------
def started(**environment):
    """Run Python after the start of the portal with an environment; return whether it has the pages and the library."""
    code = (
        "import sys, django; django.setup(); from django.urls import reverse, NoReverseMatch\n"
        "try: found = reverse('admin:sign_in_provider')\nexcept NoReverseMatch: found = ''\n"
        "print(found, 'authlib' in sys.modules)"
    )
    own = {"DJANGO_SETTINGS_MODULE": "pzgent.settings", **environment}
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, cwd=portal_settings.BASE_DIR, env={**os.environ, **own}, check=False,
    )  # fmt: skip


def test_nothing_of_it_is_loaded_without_the_setting():
    assert started(OIDC_ISSUER="").stdout == " False\n"


def test_the_setting_loads_it():
    assert started(OIDC_ISSUER="https://id.example.be", **OWN).stdout == f"{BEGIN} True\n"


@pytest.mark.parametrize(
    "wrong",
    [{"OIDC_CLIENT_SECRET": ""}, {"OIDC_CLIENT_ID": ""}, {"OIDC_ISSUER": "http://id.example.be"}],
)
def test_half_a_setting_does_not_start(wrong):
    given = {"OIDC_ISSUER": "https://id.example.be", **OWN, "BASE_URL": "https://www.example.be", **wrong}
    assert "OIDC_" in started(**given).stderr.splitlines()[-1]


def test_what_went_wrong_is_a_sentence_whatever_the_provider_is_called(client, settings):
    settings.OIDC_NAME = "het account van de zone"
    settings.OIDC_ISSUER = "http://127.0.0.1:9"
    _read_urls_again()
    page = client.get(BEGIN)
    assert page.status_code == 502
    assert "Het account van de zone" in page.content.decode()
