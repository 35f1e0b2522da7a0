"""What the documentation says holds."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from tests.pages import body_of

DOCS = settings.BASE_DIR / "docs"
EXAMPLES = re.findall(r'^curl "\$SITE([^"]+)"(?:\s+# (\d{3}))?', (DOCS / "api.md").read_text(), re.MULTILINE)
PAGES = [*DOCS.glob("*.md"), *settings.BASE_DIR.glob("*.md"), *(settings.BASE_DIR / "deploy").glob("*.md")]


@pytest.mark.parametrize(("address", "status"), EXAMPLES)
def test_the_examples_of_the_api_answer_as_described(client, plan, address, status):
    answer = client.get(address.replace("$SITE", "http://testserver"))
    assert answer.status_code == int(status or 200)
    if answer.headers["Content-Type"] == "application/json" and not answer.streaming and not status:
        assert answer.json().get("items", True), f"{address} answers nothing"
    if answer.streaming:
        assert body_of(answer)


def test_there_are_examples():
    assert len(EXAMPLES) > 10


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_to_files_lead_to_a_file(page):
    # A path from the root is an address of the site; test_comparison asks for those.
    links = re.findall(r"\]\(([^)#:/][^)#:]*)\)", page.read_text())
    assert [link for link in links if not (page.parent / Path(link)).exists()] == []
