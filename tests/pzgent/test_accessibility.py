"""What two accessibility engines find on every sort of page, in every language, width and colour scheme: nothing."""

import os

import pytest
from django.conf import settings

from tests.page_types import address, every_page, languages_of

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
# Where nothing but colours changes, only the rules about colours can find something new. `make accessibility` asks all
# rules all the same.
ALL_RULES = os.environ.get("ACCESSIBILITY") == "all"
# Which parts there are, where they stand, and whether they are seen.
SHAPE = """() => [...document.querySelectorAll('*')].map((part) => {
    const box = part.getBoundingClientRect();
    return [part.tagName, part.checkVisibility({visibilityProperty: true, opacityProperty: true}),
        ...[box.x, box.y, box.width, box.height].map((value) => value.toFixed(1))].join(' ');
}).join()"""
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


def axe_faults(page, only_colours=False):
    """What axe finds wrong, and what it leaves for somebody to judge."""
    return page.evaluate(
        """async ([tags, onlyColours]) => {
            const ofColours = axe.getRules(tags).filter((rule) => rule.tags.includes('cat.color'));
            const options = {
                runOnly: onlyColours ? ofColours.map((rule) => rule.ruleId) : tags,
                resultTypes: ['violations', 'incomplete'], iframes: false, preload: false, selectors: false,
            };
            const found = await axe.run(document, options);
            // Words beyond the edge of a table that scrolls: test_layout.py weighs the colours of all words.
            const doubtful = found.incomplete.filter((fault) => fault.id !== 'color-contrast');
            return [...found.violations, ...doubtful].map(
                (fault) => `${fault.id}: ${fault.nodes.length} x, ${fault.nodes[0].html.slice(0, 200)}`);
        }""",
        [TAGS, only_colours],
    )


def ace_faults(page, only_colours=False):
    """What IBM's engine finds wrong under WCAG 2.2."""
    found = page.evaluate(
        """async (onlyColours) => {
            const checker = new ace.Checker();
            const rules = checker.rulesetRules.WCAG_2_2;
            checker.rulesetRules.WCAG_2_2 = rules.filter((rule) => !onlyColours || /color|contrast/.test(rule));
            const report = await checker.check(document, ['WCAG_2_2']);
            return report.results.filter((result) => result.value[1] === 'FAIL').map(
                (result) => [result.ruleId, `${result.ruleId}: ${result.message} ${result.snippet.slice(0, 200)}`]);
        }""",
        only_colours,
    )
    return [text for rule, text in found if rule not in NOT_FOLLOWED]


@every_page
def test_two_engines_find_nothing(page, portal, sort):
    faults = {}
    for language in languages_of(sort):
        page.goto(portal + address(sort, language))
        unfold(page)
        load(page, AXE)
        load(page, ACE)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            shapes = set()
            for name, scheme in SCHEMES.items():
                page.emulate_media(**scheme)
                shape = page.evaluate(SHAPE)
                only_colours = shape in shapes and not ALL_RULES
                shapes.add(shape)
                for faults_of in (axe_faults, ace_faults):
                    faults[language, width, name, faults_of.__name__] = faults_of(page, only_colours)
    assert {look: found for look, found in faults.items() if found} == {}


@pytest.mark.parametrize(
    ("engine", "faults_of", "rules", "rules_of_colours"),
    [
        (AXE, axe_faults, {"image-alt", "color-contrast", "target-size"}, {"color-contrast"}),
        (ACE, ace_faults, {"img_alt_valid", "text_contrast_sufficient"}, {"text_contrast_sufficient"}),
    ],
)
def test_each_engine_finds_a_fault_that_is_there(page, portal, engine, faults_of, rules, rules_of_colours):
    page.goto(f"{portal}/privacy")
    load(page, engine)
    assert faults_of(page) == []
    page.evaluate(
        """() => document.querySelector('main').insertAdjacentHTML('beforeend',
            '<p><img src="/x.png"><span style="color: #999; background: #fff">Grey words</span></p>'
            + '<p style="line-height: 8px; font-size: 8px"><button style="all: unset">x</button><br>'
            + '<button style="all: unset">y</button></p>')"""
    )
    assert {fault.split(":")[0] for fault in faults_of(page)} >= rules
    assert {fault.split(":")[0] for fault in faults_of(page, only_colours=True)} == rules_of_colours
