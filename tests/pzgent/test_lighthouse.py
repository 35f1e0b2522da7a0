"""What Lighthouse says of a phone's first visit: everything perfect, and nothing that moves while it loads."""

import json
import os
import shutil
import subprocess

import pytest
from django.conf import settings

from tests.page_types import PAGES, REFUSED, UNTRANSLATED, address

pytestmark = pytest.mark.browser
RUNNER = settings.BASE_DIR / "tests/tools/lighthouse.mjs"
CATEGORIES = {"performance", "accessibility", "best-practices", "seo"}
# About ten seconds a page: a page of words and one that is drawn in every run, all of them with `make lighthouse`.
USUAL = {"topic", "organogram"}
CHOSEN = sorted(
    ({*PAGES, *UNTRANSLATED} - REFUSED) if os.environ.get("LIGHTHOUSE") == "all" else USUAL,
    key=list(PAGES | UNTRANSLATED).index,
)


@pytest.mark.parametrize("sort", CHOSEN)
def test_lighthouse_gives_full_marks(portal, sort):
    command = ["node", RUNNER, shutil.which("chromium"), portal + address(sort)]
    result = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    print(sort, result["scores"], "CLS", result["shift"], "LCP", result["paint"], "ms")
    assert result["error"] == ""
    assert {name: result["scores"][name] for name in CATEGORIES} == dict.fromkeys(CATEGORIES, 100), result[
        "faults"
    ]
    assert result["shift"] == 0
