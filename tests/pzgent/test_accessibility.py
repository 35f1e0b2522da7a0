"""Every sort of page as a browser shows it: accessible, calm, small, and the same without script."""

import gzip

import pytest
from django.conf import settings

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
AXE = (settings.BASE_DIR / "tests/tools/node_modules/axe-core/axe.min.js").read_text
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = [
    "/",
    "/contact",
    "/contact?q=fiets&voor=victims",
    "/contact/dringende-hulp",
    "/contact/scholen",
    "/commissariaten?postcode=9031",
    "/commissariaten?postcode=12345",
    "/commissariaten/antenne-drongen",
    "/organogram",
    "/organogram?datum=2021-05-01",
    "/organogram?vergelijk=2021-05-01&filter=team&open=alles",
    "/organogram?top=wijkdienst",
    "/organogram?vorm=tabel",
    "/eenheden/wijkdienst",
    "/projecten?q=fiets",
    "/projecten?kind=I&unit=wijkdienst",
    "/projecten/i-2-fietsdiefstal",
    "/strategie",
    "/formatie",
    "/formatie?versie=formatie-2021&met=formatie-2017&met=streefbezetting",
    "/beleid",
    "/beleid/eco-beleid",
    "/cijfers",
    "/documenten",
    "/begrippen",
    "/zoeken?q=komissariaat",
    "/zoeken?q=xyzzy",
    "/toegankelijkheid",
    "/privacy",
    "/over",
    "/open-data",
    "/api/v1/docs",
    "/bestaat-niet",
]
IN_OTHER_LANGUAGES = [
    "/",
    "/contact",
    "/contact/slachtofferhulp",
    "/commissariaten?postcode=9031",
    "/organogram",
    "/zoeken?q=fiets",
]
# Width, colour scheme, forced colours: each width and each scheme, not each pair.
LOOKS = [(320, "light", "none"), (768, "dark", "none"), (1280, "light", "none"), (1280, "dark", "active")]
KILOBYTE = 1024


def visit(page, live_server, addresses):
    """Go to each page in turn."""
    for address in addresses:
        page.goto(f"{live_server.url}{address}")
        yield address


def violations_of(page):
    """What axe finds wrong, as texts."""
    found = page.evaluate("(tags) => axe.run(document, {runOnly: tags, resultTypes: ['violations']})", TAGS)
    return [f"{fault['id']}: {fault['nodes'][0]['html'][:160]}" for fault in found["violations"]]


@pytest.mark.parametrize(("width", "scheme", "forced"), LOOKS)
def test_axe_finds_nothing(chromium, live_server, plan, width, scheme, forced):
    # The policy of the site would refuse the checker itself.
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, forced_colors=forced, bypass_csp=True
    )
    context.add_init_script(AXE())
    page = context.new_page()
    prefixed = [f"/{code}{address}" for code in ("fr", "en", "de") for address in IN_OTHER_LANGUAGES]
    addresses = PAGES + (prefixed if width == 320 else [])
    faults = {address: violations_of(page) for address in visit(page, live_server, addresses)}
    assert {address: found for address, found in faults.items() if found} == {}


@pytest.mark.parametrize(("width", "change"), [(320, "nothing"), (640, "text"), (320, "spacing")])
def test_no_page_scrolls_sideways(chromium, live_server, plan, width, change):
    styles = {
        "nothing": "html {}",
        # Twice as large, WCAG 1.4.4.
        "text": "html { font-size: 200% }",
        # WCAG 1.4.12
        "spacing": "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"
        " p { margin-block-end: 2em !important }",
    }
    page = chromium.new_context(viewport={"width": width, "height": 640}, bypass_csp=True).new_page()
    wide = {}
    for address in visit(page, live_server, PAGES):
        page.add_style_tag(content=styles[change])
        wide[address] = page.evaluate("document.documentElement.scrollWidth")
    assert {address: found for address, found in wide.items() if found > width} == {}


def test_nothing_comes_from_elsewhere_and_nothing_is_kept(chromium, live_server, plan):
    context = chromium.new_context()
    page = context.new_page()
    asked, complaints = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for _address in visit(page, live_server, PAGES):
        assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert context.cookies() == []
    assert [url for url in asked if not url.startswith((live_server.url, "data:"))] == []
    assert [text for text in complaints if "404" not in text and "400" not in text] == []


def test_the_words_are_the_same_without_script(chromium, live_server, plan):
    texts = []
    for script in (True, False):
        page = chromium.new_context(java_script_enabled=script).new_page()
        texts.append(
            {
                address: page.locator("body")
                .inner_text()
                .replace(page.locator(".leave-key").first.inner_text(), "")
                if page.locator(".leave-key").count()
                else page.locator("body").inner_text()
                for address in visit(page, live_server, PAGES)
            }
        )
    assert texts[0] == texts[1]


def weigh(chromium, url):
    """What a first view of a page takes, compressed, as address -> bytes."""
    page = chromium.new_context().new_page()
    answers = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(url, wait_until="networkidle")
    bodies = {answer.url: len(gzip.compress(answer.body())) for answer in answers if answer.status == 200}
    page.context.close()
    return bodies


def test_pages_are_small(chromium, live_server, plan):
    for address in PAGES:
        bodies = weigh(chromium, f"{live_server.url}{address}")
        most = 25 if address in ("/", "/contact") else 40
        assert len(bodies) <= 5, (address, bodies)
        assert sum(bodies.values()) <= most * KILOBYTE, (address, bodies)
        assert sum(size for url, size in bodies.items() if url.endswith(".js")) <= 5 * KILOBYTE


def test_the_keyboard_reaches_everything_in_sight(chromium, live_server, plan):
    page = chromium.new_context(viewport={"width": 1280, "height": 800}).new_page()
    for address in visit(
        page, live_server, ["/", "/contact", "/organogram", "/projecten", "/zoeken?q=fiets"]
    ):
        controls = "document.querySelectorAll('a[href], button, input, select, summary')"
        wanted = page.evaluate(f"[...{controls}].filter(e => e.checkVisibility()).length")
        reached: list[int] = []
        while len(reached) < wanted + 20:
            page.keyboard.press("Tab")
            place = page.evaluate(
                """() => {
                    const e = document.activeElement;
                    if (e === document.body) return null;
                    const s = getComputedStyle(e), all = [...document.querySelectorAll('*')];
                    return [all.indexOf(e), s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2];
                }"""
            )
            if place is None or place[0] in reached[:-1]:
                break
            # A field for a date has several stops; its button draws its own focus.
            if place[0] not in reached:
                assert place[1], f"{address}: no visible focus"
                reached.append(place[0])
        assert len(reached) >= wanted, address


def test_the_first_stop_of_the_keyboard_leads_to_the_content(chromium, live_server, plan):
    page = chromium.new_context().new_page()
    page.goto(f"{live_server.url}/contact")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
