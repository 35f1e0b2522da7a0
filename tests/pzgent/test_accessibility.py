"""What two accessibility engines find on every sort of page, in every language, width and colour scheme: nothing."""

import pytest
from django.conf import settings

from tests.page_types import address, every_page, languages_of
from tests.thinning import THOROUGH, share

pytestmark = pytest.mark.browser
TOOLS = settings.BASE_DIR / "tests/tools/node_modules"
AXE, ACE = "axe-core/axe.min.js", "accessibility-checker-engine/ace.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = (320, 768, 1280)
SCHEMES = {
    "light": {"color_scheme": "light", "forced_colors": "none"},
    "dark": {"color_scheme": "dark", "forced_colors": "none"},
    "forced": {"color_scheme": "dark", "forced_colors": "active"},
}
# The rules that can find something new where only places or colours change. `make accessibility` asks all rules all
# the same, in every language and width.
ALL_RULES = THOROUGH
OF_COLOURS = "colou?r|contrast|link-in-text"
OF_PLACES = f"{OF_COLOURS}|target|spacing|scroll|tabbable"
ALL = "."
# Which parts there are and whether they are seen; where they stand; which colours they have, and whether their words
# are large (24 px, or 18.66 px in bold: WCAG asks less of these).
LOOK = """() => {
    const parts = [...document.querySelectorAll('*')], styles = parts.map((part) => getComputedStyle(part));
    const boxes = parts.map((part) => part.getBoundingClientRect());
    const seen = (part) => part.checkVisibility({visibilityProperty: true, opacityProperty: true});
    const large = ({fontSize, fontWeight}) => parseFloat(fontSize) >= (fontWeight >= 700 ? 18.66 : 24);
    return [
        parts.map((part) => [part.tagName, seen(part)]),
        boxes.map((box) => [box.x, box.y, box.width, box.height].map((value) => value.toFixed(1))),
        styles.map((style) => [large(style), style.color, style.backgroundColor, style.backgroundImage, style.opacity,
            style.textDecorationLine, style.textShadow]),
    ].map((found) => found.join());
}"""
# Rows alike come from one template, with the same words between them: in the other languages three of them say it all,
# after every row was judged in Dutch.
THIN = """() => [...document.querySelectorAll('main :is(ul, ol, dl, tbody, div, section)')].forEach((list) => {
    const met = {};
    for (const row of list.querySelectorAll(':scope > :is(li, tr, dt, dd, div, section, article, details)')) {
        const sort = `${row.tagName} ${row.className}`;
        met[sort] = (met[sort] ?? 0) + row.checkVisibility();
        if (met[sort] > 3) { row.remove(); }
    }
})"""
# What the second engine only recommends, and why that advice is not taken.
NOT_FOLLOWED = {
    "aria_content_in_landmark",  # the link to the content comes before everything, the emergency numbers too
    "aria_complementary_label_visible",  # the emergency numbers need no heading above them to be understood
    "element_tabbable_role_valid",  # a table that scrolls must be reached by the keyboard (axe asks for it)
}


@pytest.fixture
def page(chromium):
    """A page in which an engine can run: the policy of the site would refuse it."""
    return chromium.new_context(bypass_csp=True).new_page()


def unfold(page):
    """Open everything that is folded away, so that it is judged too."""
    page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")


def load(page, engine):
    """Bring an engine into the page."""
    page.evaluate((TOOLS / engine).read_text())


def axe_faults(page, rules=ALL):
    """What axe finds wrong by the rules of which the name fits, and what it leaves for somebody to judge."""
    return page.evaluate(
        """async ([tags, names]) => {
            // The engine leaves out the last two by itself where it is asked for tags alone.
            const asked = axe.getRules(tags).filter((rule) => new RegExp(names).test(rule.ruleId)
                && !rule.tags.some((tag) => ['experimental', 'deprecated'].includes(tag)));
            const options = {
                runOnly: asked.map((rule) => rule.ruleId), resultTypes: ['violations', 'incomplete'],
                iframes: false, preload: false, selectors: false,
            };
            const found = await axe.run(document, options);
            // Words beyond the edge of a table that scrolls: test_layout.py weighs the colours of all words.
            const doubtful = found.incomplete.filter((fault) => fault.id !== 'color-contrast');
            return [...found.violations, ...doubtful].map(
                (fault) => `${fault.id}: ${fault.nodes.length} x, ${fault.nodes[0].html.slice(0, 200)}`);
        }""",
        [TAGS, rules],
    )


def ace_faults(page, rules=ALL):
    """What IBM's engine finds wrong under WCAG 2.2 by the rules of which the name fits."""
    found = page.evaluate(
        """async (names) => {
            const checker = new ace.Checker();
            // Half of its time goes to rules that can only ask somebody to look, never find something wrong.
            checker.rulesetRules.WCAG_2_2 = checker.rulesetRules.WCAG_2_2.filter((rule) =>
                checker.engine.ruleMap[rule].run.toString().includes('RuleFail') && new RegExp(names).test(rule));
            const report = await checker.check(document, ['WCAG_2_2']);
            return report.results.filter((result) => result.value[1] === 'FAIL').map(
                (result) => [result.ruleId, `${result.ruleId}: ${result.message} ${result.snippet.slice(0, 200)}`]);
        }""",
        rules,
    )
    return [text for rule, text in found if rule not in NOT_FOLLOWED]


class Looks:
    """What was seen of a page so far, in one language."""

    def __init__(self):
        self.parts, self.places, self.colours = set(), set(), set()

    def rules_for(self, page):
        """The rules that can find in this look what they could not in those before; empty when there are none.

        A rule reads which parts there are, where they stand, or which colours they have. Only whether words stand
        out depends on two of these, which is asked for each place of the parts and for each set of their colours.
        """
        parts, places, colours = page.evaluate(LOOK)
        if parts not in self.parts or ALL_RULES:
            rules = ALL
        elif places not in self.places:
            rules = OF_PLACES
        else:
            rules = OF_COLOURS if colours not in self.colours else ""
        self.parts.add(parts)
        self.places.add(places)
        self.colours.add(colours)
        return rules


@every_page
def test_two_engines_find_nothing(page, portal, sort):
    faults = {}
    first, *others = languages_of(sort)
    # The other languages say the same words elsewhere, on pages of the same makes: some pages in one of them, in turn.
    for language in [first, *share(others, len(sort), of=9)]:
        page.goto(portal + address(sort, language))
        unfold(page)
        if language != "nl" and not ALL_RULES:
            page.evaluate(THIN)
        load(page, AXE)
        load(page, ACE)
        looks = Looks()
        for width in share(WIDTHS, 0, of=2):
            page.set_viewport_size({"width": width, "height": 800})
            for name, scheme in SCHEMES.items():
                page.emulate_media(**scheme)
                if rules := looks.rules_for(page):
                    engines = (axe_faults, ace_faults) if ALL_RULES or width == WIDTHS[0] else (axe_faults,)
                    for faults_of in engines:
                        faults[language, width, name, faults_of.__name__] = faults_of(page, rules)
    assert {look: found for look, found in faults.items() if found} == {}


@pytest.mark.parametrize(
    ("engine", "faults_of", "found"),
    [
        (
            AXE,
            axe_faults,
            {
                ALL: {"image-alt", "color-contrast", "target-size"},
                OF_PLACES: {"color-contrast", "target-size"},
                OF_COLOURS: {"color-contrast"},
            },
        ),
        (
            ACE,
            ace_faults,
            {
                ALL: {"img_alt_valid", "text_contrast_sufficient"},
                OF_PLACES: {"text_contrast_sufficient"},
                OF_COLOURS: {"text_contrast_sufficient"},
            },
        ),
    ],
)
def test_each_engine_finds_a_fault_that_is_there(page, portal, engine, faults_of, found):
    page.goto(f"{portal}/privacy")
    load(page, engine)
    assert faults_of(page) == []
    page.evaluate(
        """() => document.querySelector('main').insertAdjacentHTML('beforeend',
            '<p><img src="/x.png"><span style="color: #999; background: #fff">Grey words</span></p>'
            + '<p style="line-height: 8px; font-size: 8px"><button style="all: unset">x</button><br>'
            + '<button style="all: unset">y</button></p>')"""
    )
    for rules, expected in found.items():
        seen = {fault.split(":")[0] for fault in faults_of(page, rules)}
        assert seen >= expected if rules == ALL else seen == expected


def test_a_look_is_judged_by_the_rules_that_may_find_something_new(page, portal, monkeypatch):
    # Also where every look is asked all rules.
    monkeypatch.setitem(globals(), "ALL_RULES", False)
    page.goto(f"{portal}/privacy")
    looks = Looks()
    assert looks.rules_for(page) == ALL
    assert looks.rules_for(page) == ""
    page.evaluate("document.querySelector('h1').style.color = 'gray'")
    assert looks.rules_for(page) == OF_COLOURS
    page.evaluate("document.querySelector('h1').style.marginTop = '10px'")
    assert looks.rules_for(page) == OF_PLACES
    page.evaluate("document.querySelector('h1').style.visibility = 'hidden'")
    assert looks.rules_for(page) == ALL
