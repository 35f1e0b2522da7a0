"""The first screen of a phone, unscrolled, has the emergency strip and the main action of each topic."""

import datetime
from urllib.parse import urlsplit

import pytest
import yaml
from django.conf import settings
from django.contrib.staticfiles import finders

from pzgent.kernel import clock
from tests.looks import faults_of

pytestmark = pytest.mark.browser
PHONE, NARROWEST = {"width": 360, "height": 740}, {"width": 320, "height": 640}
LANGUAGES = ("", "/fr", "/en", "/de")
# By night a page says more: it offers another desk, and says until when.
DAY, NIGHT = (datetime.datetime(2026, 11, 24, hour, 30, tzinfo=datetime.UTC) for hour in (10, 22))
HIGHEST_FRAME, LARGE_TARGET, TARGETS = 110, 44, 4


def slugs_of(name):
    """Return the slugs of a file of the starting content."""
    entries = yaml.safe_load((settings.BASE_DIR / "contact/data" / name).read_text())
    return [entry["slug"] for entry in entries]


@pytest.fixture
def phone(chromium):
    """Return a page on a phone without script, to which the server's name brings the style sheets."""
    page = chromium.new_context(viewport=PHONE, java_script_enabled=False).new_page()
    page.route(
        "http://testserver/static/**",
        lambda route: route.fulfill(
            path=finders.find(urlsplit(route.request.url).path.removeprefix("/static/"))
        ),
    )
    return page


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_strip_and_the_header_leave_the_phone_to_the_page(phone, portal, language):
    phone.goto(f"{portal}{language}/contact")
    header = phone.locator(".site-header").bounding_box()
    assert header["y"] + header["height"] <= HIGHEST_FRAME
    targets = [target.bounding_box() for target in phone.locator(".emergency a").all()]
    assert len(targets) == TARGETS
    assert all(min(box["width"], box["height"]) >= LARGE_TARGET for box in targets)
    assert max(box["y"] + box["height"] for box in targets) <= header["y"] + 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_ways_of_the_urgent_page_are_on_the_first_screen(phone, portal, language):
    phone.goto(f"{portal}{language}/contact/dringende-hulp")
    boxes = [button.bounding_box() for button in phone.locator(".urgent-ways .button").all()]
    assert len(boxes) == TARGETS
    assert all(box["y"] + box["height"] <= PHONE["height"] and box["height"] >= LARGE_TARGET for box in boxes)


@pytest.mark.parametrize(("language", "moment"), [("", DAY), *((language, NIGHT) for language in LANGUAGES)])
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("pages", ["contact/topics", "stappenplannen/guides", "commissariaten/locations"])
def test_the_main_action_is_on_the_first_screen_at_any_hour(phone, plan, client, pages, language, moment):
    folder, _, name = pages.partition("/")
    faults = {}
    for slug in slugs_of(f"{name}.yaml"):
        path = f"{language}/{folder}/{slug}"
        phone.set_viewport_size(PHONE)
        _show(phone, path, client, moment)
        found = [] if name == "locations" or _is_on_the_screen(phone) else ["main action out of sight"]
        phone.set_viewport_size(NARROWEST)
        faults[path] = found + faults_of(phone)
    assert {path: found for path, found in faults.items() if found} == {}


def _show(page, path, client, moment):
    """Show a page as it is at a moment, with its own style sheets."""
    with clock.set_to(moment):
        body = client.get(path).content
    page.route(f"**{path}", lambda route: route.fulfill(body=body, content_type="text/html; charset=utf-8"))
    page.goto(f"http://testserver{path}")


def _is_on_the_screen(page):
    box = page.locator(".button-action, .urgent-ways .button").first.bounding_box()
    return box and box["y"] + box["height"] <= PHONE["height"]
