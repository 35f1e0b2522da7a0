"""Undoing what was just saved in a browser, with the mouse and with the keyboard alone."""

import pytest
from playwright.sync_api import expect

from tests.editor import Keyboard, Mouse
from tests.make import make_term

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(params=[Mouse, Keyboard], ids=["mouse", "keyboard"])
def editor(request, chromium, live_server, admin_client):
    context = chromium.new_context(
        viewport={"width": 1280, "height": 900}, base_url=live_server.url, locale="nl"
    )
    context.add_cookies(
        [{"name": "sessionid", "value": admin_client.cookies["sessionid"].value, "url": live_server.url}]
    )
    return request.param(context.new_page())


def open_form(editor, term):
    editor.page.goto(f"/admin/organisation/term/{term.pk}/change/")


def save(editor, text, button="_continue"):
    editor.fill(editor.page.locator("#id_explanation"), text)
    with editor.page.expect_navigation():
        editor.activate(editor.page.locator(f"input[name={button}]").last)


def test_a_text_is_reverted_in_two_pages(editor):
    term = make_term(explanation="De juiste uitleg")
    open_form(editor, term)
    save(editor, "Een vergissing")
    editor.activate(editor.page.get_by_role("link", name="Ongedaan maken"))
    expect(editor.page.locator("main")).to_contain_text("De juiste uitleg")
    editor.activate(editor.page.get_by_role("button", name="Ja, ongedaan maken"))
    expect(editor.page.locator("#id_explanation")).to_have_value("De juiste uitleg")
