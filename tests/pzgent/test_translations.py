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


def test_dutch_speaks_to_everybody_as_je():
    """As the editors' texts do; a quotation of the plan's own mission is content, and stays as it is."""
    formal = re.compile(r"\b(u|uw|uzelf)\b", re.IGNORECASE)
    file = settings.BASE_DIR / "locale" / "nl" / "LC_MESSAGES" / "django.po"
    texts = [text for entry in polib.pofile(str(file)) for text in translations_of(entry)]
    assert [text for text in texts if formal.search(text)] == []


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


def test_no_text_of_the_code_is_missing_from_the_file(tmp_path):
    """Collects the texts anew, in a copy, and compares."""
    copy = tmp_path / "copy"
    shutil.copytree(
        settings.BASE_DIR,
        copy,
        ignore=shutil.ignore_patterns(".venv", "var", ".git", "node_modules", "tests", ".*"),
    )
    files = [copy / "locale" / language / "LC_MESSAGES" / "django.po" for language in LANGUAGES]
    before = [texts_of(file) for file in files]
    subprocess.run(
        [sys.executable, "manage.py", "makemessages", "--all", "--no-location", "--no-wrap"],
        cwd=copy,
        check=True,
        capture_output=True,
    )
    assert [texts_of(file) for file in files] == before


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
