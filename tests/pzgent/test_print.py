"""Every sort of page on paper: who to call, where it came from and when, all of it, and no table cut off."""

import subprocess

import pytest
from django.utils import formats, timezone

from tests.page_types import address, every_page

pytestmark = pytest.mark.browser
# A4 without the margins of the browser, in CSS pixels.
PAPER = 718
CUT = """() => [...document.querySelectorAll('main *')].filter((part) => part.checkVisibility() && !part.closest('svg')
    && (part.getBoundingClientRect().right > innerWidth + 1
        || (getComputedStyle(part).overflowX !== 'visible' && part.scrollWidth > part.clientWidth + 1
            && part.clientWidth > 0 && !part.matches('.visually-hidden'))))
    .map((part) => part.outerHTML.slice(0, 120))"""


@every_page
def test_paper_holds_all_of_a_page(chromium, portal, sort, tmp_path):
    page = chromium.new_context(viewport={"width": PAPER, "height": 1000}, bypass_csp=True).new_page()
    page.goto(portal + address(sort))
    sheet = tmp_path / "page.pdf"
    page.pdf(path=sheet, format="A4")
    printed = subprocess.run(
        ["pdftotext", "-layout", sheet, "-"], capture_output=True, text=True, check=True
    ).stdout
    words = " ".join(printed.split())
    today = formats.date_format(timezone.localdate(), "DATE_FORMAT")
    for part in ("101", "112", "09 266 61 11", today):
        assert part in words
    assert portal + address(sort).split("?")[0] in words.replace(" ", "")
    page.emulate_media(media="print")
    assert page.evaluate(CUT) == []


def test_the_organogram_is_printed_unfolded(chromium, portal, tmp_path):
    page = chromium.new_context(java_script_enabled=False).new_page()
    page.goto(f"{portal}/organogram")
    page.emulate_media(media="print")
    folded = page.locator("details:not([open]) li a")
    assert folded.count() > 50
    assert page.locator("main details li a:visible").count() == page.locator("main details li a").count()
