"""What the documentation says holds."""

import re
from pathlib import Path

import pytest
import yaml
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


CONTRIBUTING = (settings.BASE_DIR / "CONTRIBUTING.md").read_text()
LISTS = re.findall(r"^### (Adding [^\n]+)\n(.+?)(?=^##)", CONTRIBUTING, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("work", [work for _title, work in LISTS], ids=[title for title, _work in LISTS])
def test_the_lists_of_what_to_edit_name_files_that_are_there(work):
    named = re.findall(r"`([\w.-]+(?:/[\w.-]*)+|\w+\.md)`", work)
    assert len(named) > 5
    gone = [name for name in named if not (settings.BASE_DIR / name).exists()]
    assert gone == [], "CONTRIBUTING.md (and tests/tools/adding.yaml) names what moved"


def test_each_addition_has_its_list():
    assert [title for title, _work in LISTS] == ["Adding a field", "Adding a model", "Adding a page"]


ADDITIONS = yaml.safe_load((settings.BASE_DIR / "tests/tools/adding.yaml").read_text())


@pytest.mark.parametrize("name", ADDITIONS)
def test_each_edit_of_an_addition_finds_its_place_and_its_tests(name):
    edits = [*ADDITIONS[name]["edits"], *ADDITIONS[name].get("page", [])]
    anchors = [
        (edit["file"], edit[place])
        for edit in edits
        for place in ("after", "before", "replace")
        if place in edit
    ]
    gone = [
        (file, anchor) for file, anchor in anchors if anchor not in (settings.BASE_DIR / file).read_text()
    ]
    assert gone == [], "tests/tools/adding.yaml"
    made = {edit["file"] for edit in edits if "file" in edit}
    files = [test for test in ADDITIONS[name]["tests"] if test not in made]
    assert [file for file in files if not (settings.BASE_DIR / file).exists()] == [], (
        "tests/tools/adding.yaml"
    )
