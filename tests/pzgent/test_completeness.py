"""The table of what the corporate plan says, and where the site has it."""

import re
from collections import defaultdict

import pytest
import yaml
from django.urls import resolve

from pzgent.registry.pages import ROW_PAGES
from tests.tools import completeness

PAGE = completeness.PAGE.read_text()
ADDRESSES = dict.fromkeys(re.findall(r"\]\((/[^)]*)\)", PAGE))
CHAPTERS = [str(number) for number in range(2, 13)] + [f"13.{number}" for number in range(1, 8)] + ["14.1"]


def by_page():
    """Return the addresses by page: the anchors on each."""
    pages = defaultdict(set)
    for address in ADDRESSES:
        path, _, anchor = address.partition("#")
        pages[path.split("?")[0]].add(anchor)
    return pages


def test_the_page_is_up_to_date():
    assert completeness.page() == PAGE, "run `python tests/tools/completeness.py --write`"


def test_every_chapter_is_in_it():
    told = re.findall(r"^\| \[([\d.]+)\]", PAGE, re.MULTILINE)
    assert set(CHAPTERS) <= set(told)


def test_what_is_left_out_says_why():
    left_out = yaml.safe_load(completeness.LEFT_OUT.read_text())
    assert all(item["section"] and item["fact"] and item["reason"] for item in left_out)


@pytest.mark.django_db
def test_every_name_leads_to_an_address_of_the_site(client, plan):
    known = {name: set(pages.rows().values_list("slug", flat=True)) for name, pages in ROW_PAGES.items()}
    wrong = []
    for path, anchors in by_page().items():
        match = resolve(path)
        if match.url_name in known:
            wrong += [] if match.kwargs["slug"] in known[match.url_name] else [path]
            continue
        html = client.get(path).content.decode()
        wrong += [f"{path}#{anchor}" for anchor in anchors if anchor and f'id="{anchor}"' not in html]
    assert wrong == []


@pytest.mark.parametrize(
    ("place", "sections"),
    [
        ("13.7.5 a, 13.7.8 b", {"13.7"}),
        ("4.1, figuur 5", {"4"}),
        ("7, voetnoot 15; 13.6.3 a", {"7", "13.6"}),
        ("tabel 3; 13.7.5 a", {"6", "13.7"}),
        ("", set()),
    ],
)
def test_a_place_names_its_sections(place, sections):
    assert completeness.sections_in(place) == sections
