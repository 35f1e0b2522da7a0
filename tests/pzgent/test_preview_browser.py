"""Previews as a browser shows them: on a phone, by keyboard, without script, and without an account."""

import re

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from tests.make import make_channel, make_schedule, make_topic
from tests.pzgent.test_accessibility import AXE, axe_faults, load

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}


@pytest.fixture
def topic():
    found = make_topic(title="Fietsdiefstal melden", status="draft")
    hours = make_schedule((0, "09:00", "17:00"))
    make_channel(topic=found, label="Bel het team", schedule=hours, status="draft")
    return found


@pytest.fixture
def browse(chromium, live_server):
    """Opens a window, signed in as an editor or not, and collects what the browser complains about."""

    def open_window(*, signed_in, **options):
        context = chromium.new_context(base_url=live_server.url, locale="nl-BE", **options)
        if signed_in:
            client = Client()
            client.force_login(User.objects.create_superuser("redacteur", "", "x"))
            cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": f"{live_server.url}/admin/"}]
            )
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda said: page.complaints.append(said.text) if said.type == "error" else None)
        return page

    return open_window


def change_page(topic):
    return reverse("admin:contact_topic_change", args=[topic.pk])


def choose(page, day, time):
    """Fill in another moment, in the form of the banner."""
    page.locator(".preview-banner summary").click()
    page.locator("[name=dag]").fill(day)
    page.locator("[name=uur]").fill(time)


def banner_top(page):
    return page.locator(".preview-banner").evaluate("(banner) => banner.getBoundingClientRect().top")


def test_a_draft_is_seen_as_of_a_later_day_on_a_phone(topic, browse):
    page = browse(signed_in=True, viewport=PHONE)
    page.goto(change_page(topic))
    page.get_by_role("link", name="Voorbeeld", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Fietsdiefstal melden")
    choose(page, "2027-03-01", "10:00")
    page.get_by_label("Toon ook de concepten die erbij horen").check()
    page.get_by_role("button", name="Toon deze dag").click()
    expect(page.locator(".preview-banner")).to_contain_text("1 maart 2027")
    expect(page.locator("main .state-open").first).to_be_visible()
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    assert banner_top(page) == 0, "the banner stays in sight"
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.evaluate("scrollTo(0, 0)")  # what the banner half covers is not smaller for it
    load(page, AXE)
    assert axe_faults(page) == []
    page.locator(".preview-banner summary").click()
    assert axe_faults(page) == []
    page.locator("nav.breadcrumb a", has_text="Contact").click()
    page.wait_for_url(re.compile("2027-03-01T1000-concepten/contact$"))
    expect(page.locator("main")).to_contain_text("Fietsdiefstal melden")
    assert page.complaints == []


def test_another_day_is_chosen_by_keyboard_alone(topic, browse):
    page = browse(signed_in=True, viewport=DESK)
    page.goto(change_page(topic))
    page.get_by_role("link", name="Voorbeeld", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".preview-banner")
    page.keyboard.press("Tab")  # to the link that skips the navigation
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "dag"
    page.locator("[name=dag]").fill("2027-03-01")
    page.keyboard.press("Enter")
    page.wait_for_url("**/2027-03-01T**")
    expect(page.locator(".preview-banner")).to_contain_text("1 maart 2027")
    for _number in range(60):
        page.keyboard.press("Tab")
        assert not page.evaluate("!!document.activeElement.closest('[inert]')"), "forms do nothing"


def test_whoever_has_a_link_needs_no_account_and_no_script(topic, browse):
    editor = browse(signed_in=True, viewport=DESK, java_script_enabled=False)
    editor.goto(change_page(topic))
    editor.get_by_role("link", name="Voorbeeld", exact=True).click()
    editor.get_by_role("link", name="Link voor mensen zonder account").click()
    editor.get_by_label("Voor wie").fill("Politieraad")
    editor.get_by_label("Toon ook de concepten die erbij horen").check()
    editor.get_by_role("button", name="Link maken").click()
    address = editor.locator("a.preview-address").get_attribute("href")

    guest = browse(signed_in=False, viewport={"width": 768, "height": 1024}, java_script_enabled=False)
    guest.goto(address)
    expect(guest.get_by_role("heading", level=1)).to_have_text("Fietsdiefstal melden")
    expect(guest.locator("main")).to_contain_text("Bel het team")
    guest.locator("nav.breadcrumb a", has_text="Contact").click()
    assert guest.url.startswith(address)
    assert guest.context.cookies() == []

    editor.get_by_role("button", name="Intrekken: de link voor Politieraad").click()
    expect(editor.locator(".messagelist")).to_contain_text("ingetrokken")
    assert guest.goto(address).status == 410
    expect(guest.get_by_role("heading", level=1)).to_have_text("Deze link werkt niet meer")


@pytest.mark.parametrize("width", [320, 1366])
def test_the_page_with_links_can_be_used_by_everybody(topic, browse, width):
    page = browse(signed_in=True, viewport={"width": width, "height": 800})
    address = reverse("admin:preview_links", args=["contact.topic", topic.pk])
    page.goto(f"{address}?moment={timezone.localtime():%Y-%m-%d}T0900")
    page.get_by_role("button", name="Link maken").click()
    load(page, AXE)
    # The sidebar of the admin has tables with headings alone.
    assert [fault for fault in axe_faults(page) if not fault.startswith("th-has-data-cells")] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.complaints == []
