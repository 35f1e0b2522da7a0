"""Signing in with a second step, and work on one directorate, in a browser: by keyboard, with and without script."""

import re

import pytest
from django.contrib.auth.models import Group, User
from playwright.sync_api import expect

from contact.models import Channel, Notice
from organisation.models import Responsibility
from pzgent.admin import factors
from pzgent.admin.roles import make_roles
from pzgent.models import Factor
from tests.make import make_channel, make_notice, make_organogram, make_placement, make_topic
from tests.pzgent.test_accessibility import axe_faults, load

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "een lange zin met woorden"
# The engine cannot judge the tables of Django's navigation, which every page of the admin has.
OWN = "^(?!th-has-data-cells)"


@pytest.fixture
def editor():
    return User.objects.create_superuser("redactie", "redactie@example.be", PASSWORD)


@pytest.fixture
def visit(chromium, live_server):
    """Return a function that opens a page of the admin in a new context, and notes what the policy refuses."""
    refused = []

    def open_at(address, **options):
        page = chromium.new_context(locale="nl-BE", **options).new_page()
        page.on(
            "console",
            lambda line: refused.append(line.text) if "Content Security Policy" in line.text else None,
        )
        page.goto(f"{live_server.url.replace('127.0.0.1', 'localhost')}{address}")
        return page

    yield open_at
    assert refused == []


def type_in_focus(page, text):
    """Type once the page has put the focus in a field: before that, a first letter would be lost."""
    expect(page.locator("input:focus")).to_be_visible()
    page.keyboard.type(text)


def sign_in(page, name="redactie"):
    """Sign in by keyboard."""
    type_in_focus(page, name)
    page.keyboard.press("Tab")
    type_in_focus(page, PASSWORD)
    enter(page)


def enter(page):
    """Send the form, and wait for the next page."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def faults(page):
    load(page, "axe-core/axe.min.js")
    return axe_faults(page, OWN)


def forget_use():
    """Let a code that was used be used again, as half a minute later."""
    Factor.objects.filter(kind="totp").update(counter=0)


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
def test_from_the_first_sign_in_to_a_lost_phone(visit, editor, settings, script):
    settings.SECOND_FACTOR = True
    page = visit("/admin/", java_script_enabled=script)
    sign_in(page)
    expect(page.get_by_text("Kies eerst een tweede stap")).to_be_visible()
    page.get_by_role("link", name="Een authenticator-app toevoegen").press("Enter")
    expect(page.locator("code.key")).to_be_visible()
    key = page.locator("code.key").inner_text().replace(" ", "")
    type_in_focus(page, factors.code_at(key))
    enter(page)
    codes = page.locator(".recovery-codes code").all_inner_texts()
    assert len(codes) == 10
    page.get_by_role("link", name="Ik bewaar ze veilig").press("Enter")
    page.get_by_role("button", name="Afmelden").press("Enter")
    forget_use()
    page.goto(re.sub(r"/admin/.*", "/admin/", page.url))
    sign_in(page)
    type_in_focus(page, factors.code_at(key))
    enter(page)
    expect(page.get_by_role("button", name="Afmelden")).to_be_visible()
    page.get_by_role("button", name="Afmelden").press("Enter")
    page.goto(re.sub(r"/admin/.*", "/admin/", page.url))
    sign_in(page)
    type_in_focus(page, codes[3])
    enter(page)
    expect(page.get_by_text("U hebt er nog 9")).to_be_visible()


def test_a_passkey_is_made_and_used(visit, editor):
    page = visit("/admin/account/add-passkey/")
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasUserVerification": True,
        "isUserVerified": True,
    }
    devtools.send(
        "WebAuthn.addVirtualAuthenticator", {"options": {**device, "automaticPresenceSimulation": True}}
    )
    sign_in(page)
    page.get_by_label("Naam").fill("laptop")
    page.get_by_role("button", name="Een passkey toevoegen").press("Enter")
    expect(page.locator(".recovery-codes code")).to_have_count(10)
    assert str(Factor.objects.get(kind="passkey")) == "laptop"
    page.get_by_role("button", name="Afmelden").press("Enter")
    page.goto(re.sub(r"/admin/.*", "/admin/", page.url))
    sign_in(page)
    page.get_by_role("button", name="Gebruik uw passkey").press("Enter")
    expect(page.get_by_role("button", name="Afmelden")).to_be_visible()
    assert Factor.objects.get(kind="passkey").used is not None


def test_a_browser_without_passkeys_says_so(visit, editor):
    page = visit("/admin/account/add-passkey/")
    sign_in(page)
    page.evaluate("() => { navigator.credentials.create = () => Promise.reject(new Error()); }")
    page.get_by_role("button", name="Een passkey toevoegen").click()
    expect(page.get_by_role("alert")).to_have_text(
        "Dat lukte niet. Probeer opnieuw, of kies een authenticator-app."
    )


def test_the_pages_about_signing_in_are_accessible_on_a_phone_and_a_desk(visit, editor):
    key = factors.new_key()
    factors.add_app(editor, key, factors.code_at(key))
    forget_use()
    for width in (320, 1280):
        page = visit("/admin/", viewport={"width": width, "height": 800})
        sign_in(page)
        assert faults(page) == []
        type_in_focus(page, factors.code_at(key))
        enter(page)
        forget_use()
        base = re.sub(r"/admin/.*", "/admin/", page.url)
        for name in ("security", "add-app", "add-passkey", "confirm", "back"):
            page.goto(f"{base}account/{name}/")
            assert faults(page) == [], name
            wide = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wide <= 0, (name, width)
        page.goto(f"{base}password_reset/")
        assert faults(page) == []


def test_a_notice_that_took_long_is_sent_after_the_proof(visit, editor, monkeypatch):
    notice = make_notice(title="Storm")
    page = visit(f"/admin/contact/notice/{notice.pk}/change/")
    sign_in(page)
    page.locator("#id_title").fill("Zware storm")
    monkeypatch.setattr("pzgent.kernel.editing.confirming.TO_SEND", -1)
    page.locator("[name=_save]").first.click()
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Typ uw wachtwoord op een nieuw tabblad").click()
    assert faults(page) == []
    monkeypatch.undo()
    opened.value.keyboard.type(PASSWORD)
    enter(opened.value)
    expect(opened.value.get_by_text("Ga terug naar het andere tabblad")).to_be_visible()
    page.get_by_role("button", name="Opnieuw versturen").click()
    expect(page.locator(".messagelist")).to_contain_text("Zware storm")
    assert Notice.objects.get().title == "Zware storm"


def test_an_editor_of_a_directorate_works_on_what_is_theirs(visit):
    make_roles()
    organogram = make_organogram()
    root = make_placement(organogram)
    own, other = (make_placement(organogram, root, name=name) for name in ("Eigen", "Ander"))
    for place, label in ((own, "Balie eigen"), (other, "Balie ander")):
        make_channel(topic=make_topic(unit=place.unit), unit=place.unit, label=label)
    account = User.objects.create_user("redactie", password=PASSWORD, is_staff=True)
    account.groups.add(Group.objects.get(name="Redacteur"))
    Responsibility.objects.create(account=account, unit=own.unit)
    page = visit("/admin/contact/channel/")
    sign_in(page)
    expect(page.get_by_role("link", name="Balie ander")).to_have_count(0)
    page.get_by_role("link", name="Balie eigen").press("Enter")
    expect(page.get_by_label("Status")).to_have_count(0)
    page.locator("#id_label").fill("Loket eigen")
    enter(page)
    expect(page.get_by_role("link", name="Loket eigen").first).to_be_visible()
    assert set(Channel.objects.values_list("label", flat=True)) == {"Loket eigen", "Balie ander"}
    page.goto(page.url.split("/admin/")[0] + f"/admin/organisation/unit/{other.unit_id}/change/")
    expect(page.locator(".messagelist")).to_contain_text("bestaat niet")
