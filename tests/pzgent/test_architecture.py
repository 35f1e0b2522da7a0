"""The layout of the project: which part may import which."""

import ast
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
# The shared kernel of `pzgent`: these modules import no app, and the apps import nothing else of `pzgent`.
KERNEL = {
    "publishing", "conditions", "translations", "trees", "rich_text", "rest", "problems", "editing", "csv_lines",
    "files",
    "cleaning", "fields", "folding",
    "once",
    "marks", "validity", "watermarks", "wholes", "zone",
}  # fmt: skip
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
    return [path for path in (ROOT / package).rglob("*.py") if "migrations" not in path.parts]


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
        or (name.split(".")[0] == "pzgent" and name.split(".")[1] not in KERNEL)
    ]
    assert wrong == []


def test_the_kernel_imports_no_app():
    wrong = [
        f"{module}: {name}"
        for module in KERNEL
        for path in [ROOT / "pzgent" / f"{module}.py", *(ROOT / "pzgent" / module).rglob("*.py")]
        if path.exists()
        for name in imports_of(path)
        if name.split(".")[0] in APPS or (name.startswith("pzgent.") and name.split(".")[1] not in KERNEL)
    ]
    assert wrong == []


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
