"""The layout of the project: which part may import which."""

import inspect
import re
import sys
from graphlib import TopologicalSorter

import pytest
from django.contrib import admin

from tests.tools.rooms import APPS, PAGE, ROOT, imports_of, modules_of, page_with, rooms, table

# The packages of the portal beside the kernel, and which of the others each may import: with the reason.
FEATURES = {
    "api": {
        "change_feed",  # it is a part of the API
        "exports",  # the bulk files are addresses of the API
        "search",  # as above
    },
    "change_feed": {"exports"},  # it numbers what the bulk files hold
    "desk": set(),
    "exports": set(),
    "page_cache": {
        "syndication",  # copies are made of every public address
    },
    "preview": {
        "page_cache",  # pages show the notices of their moment
    },
    "search": {"change_feed"},  # the index holds for one revision of the data
    "starting_content": set(),
    "syndication": {
        "change_feed",  # feeds tell of changes
        "exports",  # the catalogue names its files
    },
}  # fmt: skip
COMPOSE = ("admin", "operations", "pages", "urls", "wsgi", "worker")
MOST_ROOMS = 22
ALLOWED = {
    "organisation": {"organisation"},
    "projects": {"projects", "organisation"},
    "contact": {"contact", "organisation"},
}
TOP_LEVEL = {
    "manage.py", "pzgent", "organisation", "projects", "contact", "templates", "static", "tests", "pyproject.toml",
    "Makefile", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", ".ci", "docs", "deploy", "locale",
    ".gitignore", ".git", ".venv", "var",
}  # fmt: skip
CACHES = {".pytest_cache", ".ruff_cache", ".mypy_cache", ".hypothesis", "__pycache__"}


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


def portal_rooms():
    """What stands in the folder of the portal itself, with the rooms of it that each imports."""
    bare = {name.removeprefix("pzgent/"): used for name, (_says, used) in rooms().items() if name not in APPS}
    return {
        name: {other.removeprefix("pzgent/") for other in used} - set(APPS) for name, used in bare.items()
    }


@pytest.mark.parametrize("feature", FEATURES)
def test_a_feature_imports_another_only_where_that_is_agreed(feature):
    beside = {*FEATURES, *COMPOSE} & portal_rooms()[feature]
    assert beside == FEATURES[feature], "say here why, or move what both need to pzgent/kernel"


def test_no_room_of_the_portal_imports_what_imports_it():
    tuple(TopologicalSorter(portal_rooms()).static_order())  # raises CycleError


def test_the_portal_has_few_rooms_and_each_says_what_it_is_for():
    assert len(portal_rooms()) <= MOST_ROOMS
    assert [name for name, (says, _used) in rooms().items() if not says] == []


def test_the_page_about_the_architecture_is_true():
    assert PAGE.read_text() == page_with(table()), "run: python tests/tools/rooms.py --write"
    named = re.findall(r"`((?:[\w-]+/)+[\w.-]+)`", PAGE.read_text())
    places = [ROOT, ROOT / "pzgent", ROOT / "pzgent" / "kernel"]
    assert [name for name in named if not any((place / name).exists() for place in places)] == []


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


def test_no_module_of_the_tests_hides_one_of_python():
    """A program in `tests/` finds these first: `secrets` would be ours for all that it imports."""
    own = {path.stem for path in (ROOT / "tests").glob("*.py")}
    assert not own & sys.stdlib_module_names, "give this module in tests/ another name"


def test_no_base_class_of_an_admin_hides_a_method_of_another_by_accident():
    """The admins have many bases beside each other: where two define a method, the first calls the second."""
    hidden = set()
    for model_admin in admin.site._registry.values():
        bases = [
            base for base in type(model_admin).__mro__ if base.__module__.split(".")[0] in (*APPS, "pzgent")
        ]
        for place, base in enumerate(bases):
            for name, method in vars(base).items():
                others = [other for other in bases[place + 1 :] if name in vars(other)]
                is_beside = inspect.isfunction(method) and any(
                    not issubclass(base, other) for other in others
                )
                if is_beside and "super()" not in inspect.getsource(method):
                    hidden.add(f"{base.__name__}.{name}")
    assert hidden == set()
