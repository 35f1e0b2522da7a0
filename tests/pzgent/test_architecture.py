"""The layout of the project: which part may import which."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
# The shared kernel of `pzgent`: these modules import no app, and the apps import nothing else of `pzgent`.
# The packages of the portal beside the kernel, and which of the others each may import: with the reason.
FEATURES = {
    "api": {
        "change_feed",  # it is a part of the API
        "exports",  # the bulk files are addresses of the API
        "search",  # as above
    },
    "change_feed": {"exports"},  # it numbers what the bulk files hold
    "exports": set(),
    "page_cache": {
        "api", "syndication",  # copies are made of every public address
    },
    "search": {"change_feed"},  # the index holds for one revision of the data
    "starting_content": set(),
    "syndication": {
        "api",  # the catalogue and the sitemap name its collections
        "change_feed",  # feeds tell of changes
    },
}  # fmt: skip
COMPOSES = {"admin", "operations", "pages"}
MOST_ROOMS = 22
ALLOWED = {
    "organisation": {"organisation"},
    "projects": {"projects", "organisation"},
    "contact": {"contact", "organisation"},
}
APPS = set(ALLOWED)
TOP_LEVEL = {
    "manage.py", "pzgent", "organisation", "projects", "contact", "templates", "static", "tests", "pyproject.toml",
    "Makefile", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", ".ci", "docs", "deploy", "locale",
    ".gitignore", ".git", ".venv", "var",
}  # fmt: skip
CACHES = {".pytest_cache", ".ruff_cache", ".mypy_cache", ".hypothesis", "__pycache__"}


def modules_of(package):
    found = [path for path in (ROOT / package).rglob("*.py") if "migrations" not in path.parts]
    assert found, package
    return found


def imports_of(path):
    """The full names a module imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("app", sorted(APPS))
def test_an_app_imports_only_what_it_may(app):
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in modules_of(app)
        for name in imports_of(path)
        if (name.split(".")[0] in APPS and name.split(".")[0] not in ALLOWED[app])
        or (name.split(".")[0] == "pzgent" and name.split(".")[1] != "kernel")
    ]
    assert wrong == []


def test_the_kernel_imports_nothing_of_the_project():
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in modules_of("pzgent/kernel")
        for name in imports_of(path)
        if name.split(".")[0] in APPS or (name.startswith("pzgent.") and name.split(".")[1] != "kernel")
    ]
    assert wrong == []


def room_of(path):
    """What stands in the folder of the portal itself: a package or a module."""
    return path.relative_to(ROOT / "pzgent").parts[0].removesuffix(".py")


def arrows():
    """Which rooms of the portal import which others, with the files that do."""
    found = {}
    for path in modules_of("pzgent"):
        for name in imports_of(path):
            if name.startswith("pzgent.") and (other := name.split(".")[1]) != room_of(path):
                found.setdefault((room_of(path), other), set()).add(str(path.relative_to(ROOT)))
    return found


def test_a_feature_imports_another_only_where_that_is_agreed():
    beside = {*FEATURES, *COMPOSES, "urls", "wsgi", "worker", "middleware", "settings"}
    wrong = {
        (room, other): sorted(files)
        for (room, other), files in arrows().items()
        if room in FEATURES and other in beside - FEATURES[room]
    }
    assert wrong == {}, (
        "say in tests/pzgent/test_architecture.py why, or move what both need to pzgent/kernel"
    )
    assert {(room, other) for room, others in FEATURES.items() for other in others} <= arrows().keys()


def test_no_room_of_the_portal_imports_what_imports_it():
    leads_to = {}
    for room, other in arrows():
        leads_to.setdefault(room, set()).add(other)
    tuple(TopologicalSorter(leads_to).static_order())  # raises CycleError


def test_the_portal_has_few_rooms():
    rooms = {room_of(path) for path in modules_of("pzgent")} - {"__init__", "migrations"}
    assert len(rooms) <= MOST_ROOMS


def test_only_the_agreed_names_stand_at_the_top():
    assert {path.name for path in ROOT.iterdir()} - TOP_LEVEL - CACHES == set()


@pytest.mark.parametrize("app", sorted(APPS))
@pytest.mark.parametrize("name", ["models", "querysets", "admin", "views", "urls", "api"])
def test_the_same_file_name_means_the_same_in_every_app(app, name):
    assert (ROOT / app / f"{name}.py").exists() or (ROOT / app / name / "__init__.py").exists()


def test_templates_hold_no_inline_script_or_style():
    wrong = []
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text()
        if "<style" in text or " style=" in text or " onclick=" in text or "<script>" in text:
            wrong.append(str(path.relative_to(ROOT)))
    assert wrong == []
