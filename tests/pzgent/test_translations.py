"""The interface in its languages: every text translated, with the same placeholders, and compiled."""

import ast
import re
import shutil
import subprocess
import sys

import polib
import pytest
from django.conf import settings

LANGUAGES = ["nl", "fr", "de"]
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|</?\w+[^>]*>")

FORMAL = re.compile(r"\b(u|uw|uzelf)\b", re.IGNORECASE)
INFORMAL = re.compile(r"\b(je|jij|jou|jouw|jezelf)\b", re.IGNORECASE)
# What only editors read: the admin, and what models say about their fields and refuse.
EDITORS = re.compile(
    r"/admin/|/admin\.py|/desk\.py|/models/|/models\.py|starting_content/"
    r"|kernel/(editing|files|trees|zone|publishing|editions)\b|desk/(due|mail)\b"
)


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    """Collect the texts anew, with their places, in a copy of the project."""
    copy = tmp_path_factory.mktemp("texts") / "copy"
    shutil.copytree(
        settings.BASE_DIR,
        copy,
        ignore=shutil.ignore_patterns(".venv", "var", ".git", "node_modules", "tests", ".*"),
    )
    subprocess.run(
        [sys.executable, "manage.py", "makemessages", "--all", "--no-wrap", "--no-obsolete"],
        cwd=copy,
        check=True,
        capture_output=True,
    )
    return copy


@pytest.fixture(params=LANGUAGES)
def folder(request):
    return settings.BASE_DIR / "locale" / request.param / "LC_MESSAGES"


@pytest.fixture
def messages(folder):
    return [entry for entry in polib.pofile(str(folder / "django.po")) if not entry.obsolete]


def translations_of(entry):
    return list(entry.msgstr_plural.values()) or [entry.msgstr]


def test_every_text_is_translated(messages):
    wrong = [entry.msgid for entry in messages if not entry.translated() or "fuzzy" in entry.flags]
    assert wrong == []


def test_placeholders_and_tags_stay_the_same(messages):
    wrong = []
    for entry in messages:
        wanted = {
            tuple(sorted(PLACEHOLDER.findall(text))) for text in (entry.msgid, entry.msgid_plural) if text
        }
        for text in translations_of(entry):
            if tuple(sorted(PLACEHOLDER.findall(text))) not in wanted:
                wrong.append(text)
    assert wrong == []


def test_dutch_speaks_to_visitors_as_je_and_to_editors_as_u(collected):
    """A quotation of the plan's own mission is content, and stays as it is."""
    wrong = []
    for entry in polib.pofile(str(collected / "locale/nl/LC_MESSAGES/django.po")):
        files = {file for file, _line in entry.occurrences}
        is_for_editors = bool(files) and all(EDITORS.search(file) for file in files)
        pattern = INFORMAL if is_for_editors else FORMAL
        wrong += [text for text in translations_of(entry) if pattern.search(text)]
    assert wrong == []


def test_line_ends_and_edges_stay_the_same(messages):
    wrong = [
        text
        for entry in messages
        for text in translations_of(entry)
        if entry.msgid.startswith("\n") != text.startswith("\n")
        or entry.msgid.endswith("\n") != text.endswith("\n")
        or (entry.msgid.strip() == entry.msgid) != (text.strip() == text)
    ]
    assert wrong == []


def test_the_compiled_file_holds_the_same(folder, messages):
    compiled = polib.mofile(str(folder / "django.mo"))
    assert {(entry.msgctxt, entry.msgid, tuple(translations_of(entry))) for entry in compiled} == {
        (entry.msgctxt, entry.msgid, tuple(translations_of(entry))) for entry in messages
    }


def test_no_text_of_the_code_is_missing_from_the_file(collected):
    files = [f"locale/{language}/LC_MESSAGES/django.po" for language in LANGUAGES]
    assert [texts_of(collected / file) for file in files] == [
        texts_of(settings.BASE_DIR / file) for file in files
    ]


def texts_of(file):
    return {
        (entry.msgctxt, entry.msgid, entry.msgid_plural)
        for entry in polib.pofile(str(file))
        if not entry.obsolete
    }


def test_every_text_of_the_code_is_one_that_the_collector_sees():
    """The collector misses a text inside an f-string: it would show in English, and no other test would say so."""
    known = {
        msgid for _context, msgid, _plural in texts_of(settings.BASE_DIR / "locale/nl/LC_MESSAGES/django.po")
    }
    missed = [
        f"{path.relative_to(settings.BASE_DIR)}: {node.args[0].value}"
        for app in ("pzgent", "organisation", "projects", "contact")
        for path in (settings.BASE_DIR / app).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("_", "_lazy", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy")
        and isinstance(node.args[0], ast.Constant)
        and node.args[0].value not in known
    ]
    assert missed == []
