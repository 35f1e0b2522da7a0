"""The page about the open data: what there is, examples to copy, what we promise, and what changed."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from pzgent.models import Consumer
from pzgent.pages.context import site

# The examples are files that tests run; each starts from the address of `make run`, and the page puts its own there.
EXAMPLES = settings.BASE_DIR / "docs" / "examples"
CHANGELOG = settings.BASE_DIR / "docs" / "api-changelog.md"
LOCAL_SITE = "http://127.0.0.1:8000"
TASKS = {
    "organogram": _("The latest organogram"),
    "open-now": _("The desks that are open now"),
    "difference": _("What changed between two days"),
}
LANGUAGES = {"sh": "curl", "py": "Python", "R": "R", "mjs": "JavaScript"}


@require_safe
def open_data(request: HttpRequest) -> HttpResponse:
    """What other systems can do with the site, and how."""
    context = {
        "tasks": _tasks_for(site(request)["base_url"]),
        "versions": get_changelog(),
        "consumers": Consumer.objects.published(),
    }
    return render(request, "pzgent/open_data.html", context)


def _tasks_for(address: str) -> list[dict[str, Any]]:
    """Each task with its example in every language, which asks this site."""
    return [
        {
            "name": name,
            "title": title,
            "examples": [
                {"language": language, "code": code.replace(LOCAL_SITE, address)}
                for language, code in get_examples()[name].items()
            ],
        }
        for name, title in TASKS.items()
    ]


@cache
def get_examples() -> dict[str, dict[str, str]]:
    """The examples of each task by language, as they are in the files."""
    return {
        name: {
            language: (EXAMPLES / f"{name}.{end}").read_text().strip() for end, language in LANGUAGES.items()
        }
        for name in TASKS
    }


@cache
def get_changelog() -> list[dict[str, Any]]:
    """The versions of the API, the newest first, each with what changed in it."""
    versions = []
    for part in CHANGELOG.read_text().split("\n## ")[1:]:
        number, _line, text = part.partition("\n")
        changes = [" ".join(change.split()) for change in text.split("\n- ")[1:]]
        versions.append(
            {"number": number.strip(), "changes": [change.replace("`", "") for change in changes]}
        )
    return versions
