"""Leaving a sensitive page at once, as a browser does it."""

import pytest

from tests.make import make_channel, make_topic

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def visit(chromium, live_server):
    """Opens a sensitive page after the list of questions, with or without script; the other site is a blank page."""

    def open_page(sensitive_title="Gevoelig", **options):
        topic = make_topic(title=sensitive_title, sensitive=True)
        address = make_channel(topic=topic).topic.get_absolute_url()
        page = chromium.new_page(viewport={"width": 320, "height": 640}, **options)
        asked = []
        page.route(
            lambda url: not url.startswith(live_server.url),
            lambda route: (asked.append(route.request), route.fulfill(body="weather")),
        )
        page.goto(f"{live_server.url}/contact")
        page.goto(f"{live_server.url}{address}")
        return page, asked

    return open_page


@pytest.mark.parametrize("way", ["click", "keys"])
def test_leaving_with_script_leaves_no_way_back(visit, live_server, way):
    page, asked = visit()
    if way == "click":
        page.click("a[data-leave]")
    else:
        for _number in range(3):
            page.keyboard.press("Escape")
    page.wait_for_url("https://www.meteo.be/**")
    assert "referer" not in asked[0].headers
    page.go_back()
    page.wait_for_url(f"{live_server.url}/contact")


def test_the_question_is_not_left_behind_either(visit, live_server):
    page, _asked = visit(sensitive_title="Iemand slaat mij")
    page.goto(f"{live_server.url}/contact")
    page.goto(f"{live_server.url}/contact?q=slaat")
    page.fill("main input[name=q]", "iemand slaat")
    page.keyboard.press("Enter")
    page.wait_for_url("**/contact?q=iemand**")
    page.click("main .card a")
    page.wait_for_selector("h1:has-text('Iemand slaat mij')")
    page.click("a[data-leave]")
    page.wait_for_url("https://www.meteo.be/**")
    page.go_back()
    page.wait_for_url(f"{live_server.url}/contact")


def test_leaving_works_without_script(visit):
    page, asked = visit(java_script_enabled=False)
    assert page.locator(".leave-key").is_hidden()
    page.click("a[data-leave]")
    page.wait_for_url("https://www.meteo.be/**")
    assert "referer" not in asked[0].headers


def test_escape_twice_and_another_key_stay_on_the_page(visit):
    page, asked = visit()
    for key in ("Escape", "Escape", "Tab", "Escape"):
        page.keyboard.press(key)
    page.wait_for_timeout(200)
    assert asked == []
    assert page.locator(".leave-key").is_visible()


def test_the_way_out_stays_in_sight_while_scrolling(visit):
    page, _asked = visit()
    page.mouse.wheel(0, 300)
    page.wait_for_timeout(200)
    place = page.locator("a[data-leave]").bounding_box()
    assert 0 <= place["y"] <= 640 - place["height"]
