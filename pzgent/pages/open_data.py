"""The page about the open data: its contents, code examples, our guarantees, and the changelog of the API."""

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

# The examples are files that the tests run; they use the address of `make run`, which the page replaces by its own.
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
    """Show what other systems can do with the open data, and how."""
    context = {
        "tasks": _tasks_for(site(request)["base_url"]),
        "versions": get_changelog(),
        "consumers": Consumer.objects.published(),
    }
    return render(request, "pzgent/open_data.html", context)


def _tasks_for(address: str) -> list[dict[str, Any]]:
    """Return each task with its examples in every programming language, using the address of this site."""
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
    """Return the examples of each task by programming language, as read from the files."""
    return {
        name: {
            language: (EXAMPLES / f"{name}.{end}").read_text().strip() for end, language in LANGUAGES.items()
        }
        for name in TASKS
    }


@cache
def get_changelog() -> list[dict[str, Any]]:
    """Return the versions of the API in the changelog, newest first, each with its changes."""
    versions = []
    for part in CHANGELOG.read_text().split("\n## ")[1:]:
        number, _line, text = part.partition("\n")
        changes = [" ".join(change.split()) for change in text.split("\n- ")[1:]]
        versions.append(
            {"number": number.strip(), "changes": [change.replace("`", "") for change in changes]}
        )
    return versions
