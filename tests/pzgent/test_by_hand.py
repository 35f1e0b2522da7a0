"""Things that engines do not find: few steps to what matters, targets for thumbs, faults that speak, honest titles."""

import re
import subprocess

import pytest
from playwright.sync_api import expect

from tests.page_types import address, every_page, languages_of
from tests.thinning import share

pytestmark = pytest.mark.browser
HIGHEST_LINK, HIGHEST_BUTTON = 24, 44
MOST_STOPS = 5
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
MOST_SCREENS, MOST_FOR_HOME = 8, 3
# A window of 1280 × 1024 at 400 %.
ENLARGED = {"width": 320, "height": 256}
MOST_STUCK = 1 / 3
# The part of the page that the focus is in.
STOP = """() => ['skip', 'emergency', 'trial'].find((name) => document.activeElement.closest(`.${name}`)) ?? 'frame'"""
# Elements of these sorts that are lower than a thumb needs, as `[selector, height]`.
LOW = """([selector, least]) => [...document.querySelectorAll(selector)]
    .filter((part) => part.checkVisibility() && part.getBoundingClientRect().height < least - 0.5)
    .map((part) => `${part.outerHTML.slice(0, 100)} ${part.getBoundingClientRect().height}`)"""
STUCK = """() => [...document.querySelectorAll('body *')]
    .filter((part) => ['fixed', 'sticky'].includes(getComputedStyle(part).position) && part.checkVisibility())
    .reduce((sum, part) => sum + part.getBoundingClientRect().height, 0) / innerHeight"""
# Pairs of stops of the keyboard on one line of the structure of which the second stands before the first.
BACKWARDS = """() => {
    const stops = [...document.querySelectorAll('.structure :is(a, summary)')].filter((part) => part.checkVisibility());
    const boxes = stops.map((part) => part.getBoundingClientRect());
    return boxes.slice(1).filter((box, place) => box.top < boxes[place].bottom - 4
        && box.left < boxes[place].left).length;
}"""


@every_page
def test_a_phone_shows_a_short_page_with_room_for_a_thumb(chromium, portal, sort):
    """Long parts are folded, phone links and buttons are large enough, and nothing sticks over enlarged content.

    A phone shows all that a desk does; but home repeats neither the emergency strip nor the footer there.
    """
    page = chromium.new_context(viewport=PHONE, bypass_csp=True).new_page()
    most = MOST_FOR_HOME if sort == "home" else MOST_SCREENS
    first, *others = languages_of(sort)
    for language in [first, *share(others, len(sort), of=3)]:
        page.set_viewport_size(PHONE)
        page.goto(portal + address(sort, language))
        assert page.evaluate("document.documentElement.scrollHeight") / PHONE["height"] <= most, language
        page.set_viewport_size(ENLARGED)
        assert page.evaluate(STUCK) <= MOST_STUCK
        page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
        low = page.evaluate(LOW, ["a[href^='tel:'], a[href^='sms:']", HIGHEST_LINK])
        assert low + page.evaluate(LOW, ["button, .button", HIGHEST_BUTTON]) == []
        page.add_style_tag(content="svg { display: none !important }")  # a chart has another shape
        page.set_viewport_size(DESK)
        large = set(page.locator("main").inner_text().split())
        page.set_viewport_size(PHONE)
        assert sort == "home" or large <= set(page.locator("main").inner_text().split())


@pytest.mark.parametrize(
    "path",
    [
        "/begrippen#apg", "/cijfers#combis", "/documenten#kind-plan", "/strategie#kernafspraak-3-digitalisering",
        "/projecten#kind-B",
    ],
)  # fmt: skip
def test_a_link_to_something_folded_opens_it(chromium, portal, path):
    page = chromium.new_context(viewport=PHONE).new_page()
    page.goto(portal + path)
    target = page.locator(f"[id='{path.partition('#')[2]}']")
    expect(target).to_be_in_viewport()
    assert target.evaluate("(part) => part.closest('details').open")


@pytest.mark.parametrize("width", [320, 1280])
def test_few_stops_stand_between_the_emergency_numbers_and_the_content(chromium, portal, width):
    """Count them without the skip link, and without the notice of a trial version."""
    page = chromium.new_context(viewport={"width": width, "height": 740}).new_page()
    for sort in ("home", "contact", "strategy", "search"):
        page.goto(portal + address(sort))
        page.keyboard.press("Tab")
        stops = []
        while page.evaluate("document.activeElement.closest('main') === null"):
            stops.append(page.evaluate(STOP))
            page.keyboard.press("Tab")
        assert stops.count("emergency") == 4
        assert (
            len(stops) - stops.count("emergency") - stops.count("skip") - stops.count("trial") <= MOST_STOPS
        )


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("script", [True, False])
def test_the_other_languages_are_two_steps_away(chromium, portal, width, script):
    context = chromium.new_context(viewport={"width": width, "height": 740}, java_script_enabled=script)
    page = context.new_page()
    page.goto(f"{portal}/contact/scholen")
    expect(page.get_by_role("link", name="Français", exact=True)).to_be_hidden()
    page.locator(".languages summary").press("Enter")
    page.get_by_role("link", name="Français", exact=True).click()
    expect(page).to_have_url(f"{portal}/fr/contact/scholen")
    assert page.locator(".languages summary span[lang]").all_inner_texts() == ["NL", "EN", "DE"]


def test_a_wide_table_shows_that_it_goes_on(chromium, portal):
    page = chromium.new_context(viewport=PHONE).new_page()
    page.goto(portal + address("organogram table"))
    layers = page.locator(".table-frame").first.evaluate(
        "(part) => getComputedStyle(part).backgroundAttachment"
    )
    assert layers == "local, local, scroll, scroll"


@pytest.mark.parametrize("path", ["/contact/dringende-hulp", "/contact/slachtofferhulp", "/contact/scholen",
                                  "/stappenplannen/slachtoffer-thuis", "/commissariaten/antenne-drongen"])  # fmt: skip
def test_the_main_action_is_five_stops_away(chromium, portal, path):
    page = chromium.new_context().new_page()
    page.goto(portal + path)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    for _stop in range(MOST_STOPS - 1):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.button-action, .urgent-ways .button')"):
            return
    pytest.fail("the main action is further away")


@pytest.mark.parametrize(
    ("prefix", "error"), [("", "Fout:"), ("/fr", "Erreur"), ("/en", "Error:"), ("/de", "Fehler:")]
)
@pytest.mark.parametrize("asked", ["/commissariaten?postcode=12345", "/organogram?datum=gisteren"])
def test_a_refused_field_has_the_focus_and_the_title_says_so(chromium, portal, prefix, error, asked):
    page = chromium.new_context(java_script_enabled=False).new_page()
    page.goto(f"{portal}{prefix}{asked}#answer")
    expect(page.locator("[aria-invalid='true']").first).to_be_focused()
    assert page.title().startswith(error)
    described = page.locator(":focus").get_attribute("aria-describedby")
    assert page.locator(f"#{described}").inner_text()


def test_a_title_tells_what_was_asked(chromium, portal):
    page = chromium.new_context().new_page()
    titles = []
    for asked, told in {
        "/contact": "Contact",
        "/contact?q=fiets&audience=victims": "fiets, slachtoffers",
        "/commissariaten": "Commissariaten",
        "/commissariaten?postcode=9031": "9031",
        "/projecten": "Projecten",
        "/projecten?q=fiets": "fiets",
        "/projecten?kind=I&unit=wijkdienst": "Wijkdienst",
        "/organogram": "Organogram",
        "/organogram?filter=team": "team",
        "/zoeken": "Zoeken",
        "/zoeken?q=fiets": "fiets",
    }.items():
        page.goto(portal + asked)
        titles.append(page.title())
        assert told in titles[-1]
        assert page.locator("h1").count() == 1
    assert len(set(titles)) == len(titles)


def test_the_chart_is_named_by_what_it_shows(chromium, portal):
    page = chromium.new_context().new_page()
    names = []
    for path in ("/organogram", "/organogram?top=wijkdienst"):
        page.goto(portal + path)
        names.append(page.locator("svg.chart-wide").get_attribute("aria-label"))
    assert names[0].startswith("Politiezone Gent")
    assert names[1].startswith("Wijkdienst")


@pytest.mark.parametrize("width", [320, 1280])
def test_the_keyboard_goes_through_the_structure_as_the_eye_does(chromium, portal, width):
    page = chromium.new_context(viewport={"width": width, "height": 800}).new_page()
    page.goto(f"{portal}/organogram?open=alles")
    assert page.locator(".structure summary").count() > 20
    assert page.evaluate(BACKWARDS) == 0


@pytest.mark.parametrize("phone", [True, False])
def test_keys_are_hinted_at_only_where_there_is_a_keyboard(chromium, portal, phone):
    page = chromium.new_context(has_touch=phone, is_mobile=phone).new_page()
    page.goto(f"{portal}/contact/slachtofferhulp")
    assert page.locator(".leave-key").is_visible() is not phone


def test_a_sum_is_printed_once(chromium, portal):
    page = chromium.new_context().new_page()
    page.emulate_media(media="print")
    page.goto(f"{portal}/formatie?versie=formatie-2021&met=formatie-2017&met=streefbezetting")
    groups = page.evaluate(
        "[...document.querySelectorAll('tfoot')].map((part) => getComputedStyle(part).display)"
    )
    assert groups
    assert set(groups) == {"table-row-group"}


@pytest.mark.parametrize(
    "path",
    [
        "/organogram?top=wijkdienst",
        "/organogram",
        "/formatie",
        "/strategie",
        "/contact",
        "/dringend-in-vele-talen",
    ],
)
def test_no_printed_page_is_half_empty(chromium, portal, path, tmp_path):
    page = chromium.new_context().new_page()
    page.goto(portal + path)
    sheet = tmp_path / "page.pdf"
    page.pdf(path=sheet, format="A4")
    assert [number for number, filled in enumerate(filled_of(sheet)[:-1], 1) if filled < 0.5] == []


def filled_of(sheet):
    """Return the share of each page of a PDF down to its lowest word."""
    boxes = subprocess.run(
        ["pdftotext", "-bbox", sheet, "-"], capture_output=True, text=True, check=True
    ).stdout
    return [
        max((float(low) for low in re.findall(r'yMax="([\d.]+)"', words)), default=0) / float(height)
        for height, words in re.findall(r'(?s)<page width="[\d.]+" height="([\d.]+)">(.*?)</page>', boxes)
    ]
