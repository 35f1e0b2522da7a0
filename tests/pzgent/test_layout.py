"""Every sort of page on a small screen, enlarged, by keyboard and in each colour scheme: nothing is lost."""

import pytest
from playwright.sync_api import expect

from tests.looks import LOOKS, faults_of
from tests.page_types import address, every_page, languages_of
from tests.thinning import share

pytestmark = pytest.mark.browser
# WCAG 1.4.12
SPACING = """* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
    p { margin-block-end: 2em !important }"""
# Width and style: a phone, which is also 1280 px at 400 %; text twice as large (WCAG 1.4.4); text further apart.
CHANGES = {
    "phone": (320, ""),
    "text twice as large": (640, "html { font-size: 200% }"),
    "spacing": (320, SPACING),
    "spacing on a large screen": (1280, SPACING),
}
# The colours of all words and what lies behind them, and the contrast of each pair (WCAG 2.2).
CONTRASTS = """() => {
    const numbers = (colour) => {
        const parts = colour.match(/[\\d.]+/g).map(Number);
        return [...parts.slice(0, 3), parts[3] ?? 1];
    };
    const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
    const behind = (part) => {
        if (!part) { return numbers(getComputedStyle(document.documentElement).backgroundColor === 'rgba(0, 0, 0, 0)'
            ? 'rgb(255, 255, 255)' : getComputedStyle(document.documentElement).backgroundColor); }
        const own = numbers(getComputedStyle(part).backgroundColor);
        return own[3] === 1 ? own : over(own, behind(part.parentElement));
    };
    const light = (colour) => colour.slice(0, 3).map((value) => value / 255)
        .map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
        .reduce((sum, value, i) => sum + value * [0.2126, 0.7152, 0.0722][i], 0);
    const found = {};
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const part = walker.currentNode.parentElement;
        const shown = walker.currentNode.data.trim() && part.checkVisibility();
        if (!shown || part.closest('svg, script, .visually-hidden')) { continue; }
        const ground = behind(part), ink = over(numbers(getComputedStyle(part).color), ground);
        const [dark, bright] = [light(ink), light(ground)].sort((a, b) => a - b);
        const ratio = (bright + 0.05) / (dark + 0.05);
        found[`${part.tagName}.${part.className} ${ink.slice(0, 3)} on ${ground.slice(0, 3)}`] = ratio;
    }
    return found;
}"""
FOCUS = """() => {
    const part = document.activeElement;
    if (!part || part === document.body) { return null; }
    const style = getComputedStyle(part), box = part.getClientRects()[0] ?? part.getBoundingClientRect();
    // Of what is larger than the window, such as a chart that scrolls, the part in the window counts.
    const within = (low, high, most) => (Math.max(low, 0) + Math.min(high, most)) / 2;
    const [x, y] = [within(box.left, box.right, innerWidth), within(box.top, box.bottom, innerHeight)];
    const top = document.elementFromPoint(x, y);
    return {
        number: [...document.querySelectorAll('*')].indexOf(part),
        html: part.outerHTML.slice(0, 120),
        visible: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
        // The middle of what is in the window has nothing over it.
        clear: top !== null && (part === top || part.contains(top) || top.contains(part)),
    };
}"""


@every_page
def test_nothing_is_lost_on_a_small_screen_or_in_large_text(chromium, portal, sort):
    page = chromium.new_context(bypass_csp=True).new_page()
    faults = {}
    first, *others = languages_of(sort)
    for language in [first, *share(others, len(sort), of=3)]:
        page.goto(portal + address(sort, language))
        page.evaluate("document.head.append(document.createElement('style'))")
        for name, (width, style) in CHANGES.items():
            page.set_viewport_size({"width": width, "height": 640})
            page.evaluate("(text) => { document.head.lastChild.textContent = text; }", style)
            faults[language, name] = faults_of(page)
    assert {look: found for look, found in faults.items() if found} == {}


@every_page
def test_words_stand_out_seven_to_one(chromium, portal, sort):
    page = chromium.new_context().new_page()
    page.goto(portal + address(sort))
    page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        ratios = page.evaluate(CONTRASTS)
        assert len(ratios) > 5
        assert {pair: ratio for pair, ratio in ratios.items() if ratio < 7} == {}, scheme


@every_page
def test_the_keyboard_reaches_everything_and_shows_where_it_is(chromium, portal, sort):
    for width in share((320, 1280), len(sort), of=2):
        page = chromium.new_context(viewport={"width": width, "height": 800}).new_page()
        page.goto(portal + address(sort))
        require_keyboard(page)


def require_keyboard(page):
    """Press Tab through a page from its top: each control gets the focus, in sight."""
    page.evaluate(
        "document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex')"
    )
    controls = "document.querySelectorAll('a[href], button, input, select, summary, [tabindex=\"0\"]')"
    wanted = page.evaluate(f"[...{controls}].filter((part) => part.checkVisibility()).length")
    reached, faults = [], []
    for _stop in range(wanted * 2 + 20):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        if focus is None or focus["number"] in reached[:-1]:
            break
        # A field for a date has several stops; its button draws its own focus.
        if focus["number"] not in reached:
            reached.append(focus["number"])
            faults += [f"no visible focus: {focus['html']}"] if not focus["visible"] else []
            faults += [f"focus out of sight: {focus['html']}"] if not focus["clear"] else []
    assert faults == []
    assert len(reached) >= wanted


def test_the_first_stop_of_the_keyboard_leads_to_the_content(chromium, portal):
    page = chromium.new_context().new_page()
    page.goto(f"{portal}/contact")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()


def test_the_emergency_numbers_leave_room_for_the_page(chromium, portal):
    page = chromium.new_context(viewport={"width": 320, "height": 568}).new_page()
    for language in ("nl", "fr", "en", "de"):
        page.goto(portal + address("topic", language))
        assert page.locator(".emergency").bounding_box()["height"] < 568 * 0.4
        assert page.locator("h1").bounding_box()["y"] < 568 * 0.9


@pytest.mark.parametrize(("width", "most"), [(320, 190), (390, 170)])
def test_the_frame_above_a_page_is_low_on_a_phone(chromium, portal, width, most):
    page = chromium.new_context(viewport={"width": width, "height": 844}).new_page()
    page.goto(portal + address("topic"))
    header = page.locator(".site-header").bounding_box()
    assert header["y"] + header["height"] <= most
    for words in ("101", "112", "09 266 61 11", "App 112", "Contact", "Zoeken", "Menu"):
        assert page.locator("body > aside, body > header").get_by_role("link", name=words).first.is_visible()


def test_each_check_finds_a_fault_that_is_there(chromium, portal):
    page = chromium.new_context(viewport={"width": 320, "height": 640}, bypass_csp=True).new_page()
    page.goto(f"{portal}/privacy")
    assert faults_of(page) == []
    page.evaluate(
        """() => document.querySelector('main').insertAdjacentHTML('beforeend',
            '<p style="width: 900px">wide</p><p style="width: 2em; overflow: hidden; white-space: nowrap">very long</p>'
            + '<h2 style="height: 1em">a title of <br>two lines</h2>'
            + '<p style="color: #666; background: #fff">grey</p>')"""
    )
    assert all(page.evaluate(look) for look in LOOKS)
    assert min(page.evaluate(CONTRASTS).values()) < 7
