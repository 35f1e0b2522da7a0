"""The page of the longest document in a browser: short as it opens, and open at the place that a source line names."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
PHONE = {"width": 360, "height": 740}
MOST_SCREENS = 8
PAGE, PLACE = "/documenten/bedrijfsplan-2021-2025", "plaats-13-7-5-b"


@pytest.mark.parametrize("language", ["", "/fr", "/en", "/de"])
def test_the_page_is_short_as_it_opens(chromium, portal, language):
    page = chromium.new_context(viewport=PHONE, java_script_enabled=False, bypass_csp=True).new_page()
    page.goto(f"{portal}{language}{PAGE}")
    assert page.locator("body").bounding_box()["height"] <= MOST_SCREENS * PHONE["height"]
    assert page.locator("details.cited li").count() > 800


@pytest.mark.parametrize("has_script", [True, False])
def test_a_link_to_a_place_opens_what_is_folded_around_it(chromium, portal, has_script):
    page = chromium.new_context(viewport=PHONE, java_script_enabled=has_script, bypass_csp=True).new_page()
    page.goto(f"{portal}{PAGE}#{PLACE}")
    facts = page.locator(f"#{PLACE}")
    expect(facts).to_be_visible()
    expect(facts).to_be_in_viewport()
    expect(page.locator("#plaats-13-7-5-a")).to_be_hidden()


def test_the_script_opens_the_place_where_the_browser_does_not(chromium, portal):
    page = chromium.new_context(viewport=PHONE).new_page()
    page.goto(f"{portal}{PAGE}")
    # Without navigation, so that the browser itself does nothing.
    page.evaluate(f"history.pushState(null, '', '#{PLACE}'); dispatchEvent(new Event('hashchange'))")
    expect(page.locator(f"#{PLACE}")).to_be_in_viewport()


def test_a_source_line_and_a_fact_lead_to_each_other(chromium, portal):
    page = chromium.new_context(viewport=PHONE).new_page()
    page.goto(f"{portal}/eenheden/wijkdienst")
    page.locator("details.source summary").last.click()
    page.locator("details.source a").last.click()
    place = page.url.partition("#")[2]
    expect(page.locator(f"#{place}")).to_be_visible()
    page.locator(f"#{place} a[href='/eenheden/wijkdienst']").first.click()
    expect(page).to_have_url(f"{portal}/eenheden/wijkdienst")
