"""The first screen of a phone, unscrolled, has the emergency strip and the main action of each topic."""

import pytest
import yaml
from django.conf import settings

pytestmark = pytest.mark.browser
PHONE = {"width": 360, "height": 740}
LANGUAGES = ("", "/fr", "/en", "/de")
HIGHEST_FRAME, LARGE_TARGET, TARGETS = 110, 44, 4


def slugs_of(name):
    """Return the slugs of a file of the starting content."""
    entries = yaml.safe_load((settings.BASE_DIR / "contact/data" / name).read_text())
    return [entry["slug"] for entry in entries]


@pytest.fixture
def phone(chromium):
    """A phone, without script."""
    return chromium.new_context(viewport=PHONE, java_script_enabled=False).new_page()


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
def test_every_topic_shows_its_main_action_without_scrolling(phone, portal, language):
    hidden = []
    for slug in slugs_of("topics.yaml"):
        phone.goto(f"{portal}{language}/contact/{slug}")
        box = phone.locator(".button-action, .urgent-ways .button").first.bounding_box()
        if not box or box["y"] + box["height"] > PHONE["height"]:
            hidden.append((slug, box))
    assert hidden == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_ways_of_the_urgent_page_are_on_the_first_screen(phone, portal, language):
    phone.goto(f"{portal}{language}/contact/dringende-hulp")
    boxes = [button.bounding_box() for button in phone.locator(".urgent-ways .button").all()]
    assert len(boxes) == TARGETS
    assert all(box["y"] + box["height"] <= PHONE["height"] and box["height"] >= LARGE_TARGET for box in boxes)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_guide_shows_its_main_action_without_scrolling(phone, portal, language):
    hidden = []
    for slug in slugs_of("guides.yaml"):
        phone.goto(f"{portal}{language}/stappenplannen/{slug}")
        box = phone.locator(".button-action").bounding_box()
        if not box or box["y"] + box["height"] > PHONE["height"]:
            hidden.append((slug, box))
    assert hidden == []
