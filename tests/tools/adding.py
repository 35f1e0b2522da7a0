"""Print the measures of the project, among them how many files it takes to add a field, a model or a page.

For that each is added to a copy of the project as CONTRIBUTING.md says, with the edits in `adding.yaml`, and everything
that guards it is run there. `make measures`; with CHECKS=0 the files are only counted, and ONLY="a field" adds one.
"""

import ast
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polib
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.tools.copies import ROOT, copy_of_the_project
from tests.tools.rooms import APPS, modules_of, rooms

BIN = ROOT / ".venv" / "bin"
ADDITIONS = Path(__file__).with_suffix(".yaml")
# Made by the tools; no file of the project.
MADE = {".mypy_cache", ".ruff_cache", ".hypothesis", "__pycache__", "var"}
LINES_SHOWN = 30


def apply(edit: dict[str, Any], folder: Path) -> None:
    """Make one edit in a copy. Exits with the edit when its anchor is no longer there."""
    if "run" in edit:
        run(folder, BIN / "python", *shlex.split(edit["run"]), check=True)
    elif "locale" in edit:
        translate(edit["locale"], folder)
    else:
        path = folder / edit["file"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(edited(path, edit))


def edited(path: Path, edit: dict[str, Any]) -> str:
    """The text of a file with an edit."""
    place = next((place for place in ("after", "before", "replace") if place in edit), "")
    if not place:
        return str(edit["text"])
    before, anchor, after = path.read_text().partition(edit[place])
    if not anchor:
        sys.exit(f"{ADDITIONS.name}: {edit['file']} no longer holds “{edit[place]}”.")
    if place == "replace":
        return f"{before}{edit['text']}{after}"
    start = before.rfind("\n") + 1
    rest, newline, following = after.partition("\n")
    line = f"{before[start:]}{anchor}{rest}{newline}"
    return before[:start] + (line + edit["text"] if place == "after" else edit["text"] + line) + following


def translate(words: dict[str, dict[str, str]], folder: Path) -> None:
    """Add what is new on screen to the translations of a copy."""
    for language in next(iter(words.values())):
        path = folder / "locale" / language / "LC_MESSAGES" / "django.po"
        known = polib.pofile(str(path), wrapwidth=0)
        for text, translations in words.items():
            if known.find(text) is None:
                known.append(polib.POEntry(msgid=text, msgstr=translations[language]))
        known.save()
        known.save_as_mofile(str(path.with_suffix(".mo")))


def run(folder: Path, *command: object, check: bool = False) -> subprocess.CompletedProcess[str]:
    """Run a program in a copy; when `check`, exit with what it said when it fails."""
    known = {"SECRET_KEY": "x" * 60, "DATABASE_URL": f"sqlite:///{folder / 'var' / 'copy.sqlite3'}"}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env={**os.environ, **known},
        capture_output=True,
        text=True,
    )
    if check and done.returncode:
        sys.exit(f"{shlex.join(str(part) for part in command)}\n{done.stdout}{done.stderr}")
    return done


def contents(folder: Path) -> dict[str, bytes]:
    """What stands in each file of a copy."""
    files = (path for path in folder.rglob("*") if path.is_file())
    found = {path.relative_to(folder): path.read_bytes() for path in files}
    return {str(name): content for name, content in found.items() if not MADE & set(name.parts)}


def touched(before: dict[str, bytes], after: dict[str, bytes]) -> list[str]:
    """The files that are new or differ; all translations count as one."""
    changed = sorted(name for name, content in after.items() if before.get(name) != content)
    return list(dict.fromkeys("locale" if name.startswith("locale/") else name for name in changed))


def faults(folder: Path, files: list[str], tests: list[str]) -> Iterator[str]:
    """What the checks that guard an addition say of it."""
    code = [name for name in files if name.endswith(".py") and "migrations" not in name]
    own = [name for name in code if not name.startswith("tests/")]
    commands = {
        "style": (BIN / "ruff", "check", "--quiet", *code),
        "migrations": (BIN / "python", "manage.py", "makemigrations", "--check", "--dry-run"),
        "types": (BIN / "mypy", "--cache-dir", ROOT / "var" / "adding-types", *own),
        "tests": (BIN / "python", "-m", "pytest", "-q", "--tb=short", "--nomigrations", "-n", "2", *tests),
    }
    options = {"tests": ("-p", "no:cacheprovider", "-m", "not browser and not drill")}
    for name, command in commands.items():
        done = run(folder, *command, *options.get(name, ()))
        if done.returncode:
            said = f"{done.stdout}{done.stderr}".splitlines()[-LINES_SHOWN:]
            yield "\n".join([f"{name}:", *said])


def added(name: str, addition: dict[str, Any], *, with_checks: bool) -> tuple[list[str], list[str]]:
    """The files that an addition touches, and what its checks say."""
    with tempfile.TemporaryDirectory() as place:
        folder = copy_of_the_project(Path(place) / "copy")
        before = contents(folder)
        for edit in addition["edits"]:
            apply(edit, folder)
        files = touched(before, contents(folder))
        run(folder, BIN / "ruff", "format", "--quiet", *(file for file in files if file.endswith(".py")))
        return files, list(faults(folder, files, addition["tests"])) if with_checks else []


def shape() -> Iterator[tuple[str, object]]:
    """What the code looks like as a whole."""
    found = {name: used for name, (_says, used) in rooms().items()}
    yield "rooms", len(found)
    yield "floors: the longest chain of rooms that import each other", max(map(floor_of(found), found))
    yield "arrows: imports between rooms", sum(map(len, found.values()))
    yield "base classes of our own", len(own_bases())
    ours, tests = lines_of(*APPS, "pzgent"), lines_of("tests")
    yield "lines of tests for each line of the portal", f"{tests / ours:.2f} ({tests:,} : {ours:,})"


def floor_of(found: dict[str, list[str]]) -> Any:
    """A function that gives how many rooms a room stands on, itself included."""

    def floor(name: str) -> int:
        return 1 + max((floor(other) for other in found[name] if other in found), default=0)

    return floor


def own_bases() -> set[str]:
    """The classes of the portal from which other classes of the portal derive."""
    classes = [
        node
        for folder in (*APPS, "pzgent")
        for path in modules_of(folder)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
    ]
    bases = {ast.unparse(base).rpartition(".")[2] for node in classes for base in node.bases}
    return bases & {node.name for node in classes}


def lines_of(*folders: str) -> int:
    """How many lines of Python are not empty; migrations left out."""
    modules = [path for folder in folders for path in modules_of(folder) if "node_modules" not in path.parts]
    return sum(1 for path in modules for line in path.read_text().splitlines() if line.strip())


def main() -> int:
    """Print the table; 1 when an addition fails a check."""
    for name, value in shape():
        print(f"{name:<60} {value}", flush=True)
    failed = False
    for name, addition in yaml.safe_load(ADDITIONS.read_text()).items():
        if os.environ.get("ONLY", name) != name:
            continue
        files, said = added(name, addition, with_checks=os.environ.get("CHECKS") != "0")
        print(
            f"{f'files for {name}':<60} {len(files)}",
            *(f"    {file}" for file in files),
            sep="\n",
            flush=True,
        )
        print(*said, sep="\n")
        failed = failed or bool(said)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
