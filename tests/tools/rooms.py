"""Print the packages of the project (“rooms”) and their imports, as the table in `docs/architecture.md`.

`python tests/tools/rooms.py --write` updates that page.
"""

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- rooms -->\n", "<!-- end of rooms -->\n"
APPS = ("organisation", "projects", "contact")


def modules_of(folder):
    """Return the modules of a folder, or the single module of that name, without migrations."""
    path = ROOT / folder
    found = [path] if path.suffix == ".py" else path.rglob("*.py")
    return sorted(module for module in found if "migrations" not in module.parts)


def imports_of(path):
    """Yield the qualified names that a module imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room_of(name):
    """Return the room of an imported name: an app, or a module or package of `pzgent`; else an empty string."""
    first, _, rest = name.partition(".")
    if first in APPS:
        return first
    return f"pzgent/{rest.split('.')[0]}" if first == "pzgent" and rest else ""


def rooms():
    """Return each room with its purpose (first paragraph of its docstring) and the rooms that it imports."""
    folders = sorted(
        path for path in (ROOT / "pzgent").iterdir() if path.suffix == ".py" or list(path.glob("*.py"))
    )
    names = [
        *APPS,
        *(f"pzgent/{path.stem}" for path in folders if path.stem not in ("__init__", "migrations")),
    ]
    found = {}
    for name in names:
        path = ROOT / name if (ROOT / name).is_dir() else ROOT / f"{name}.py"
        first = path / "__init__.py" if path.is_dir() else path
        says = ast.get_docstring(ast.parse(first.read_text())) or ""
        used = {room_of(imported) for module in modules_of(path) for imported in imports_of(module)} - {
            name,
            "",
        }
        found[name] = says.split("\n\n")[0].replace("\n", " "), sorted(used)
    return found


def table():
    """Return the rooms as a Markdown table."""
    rows = [
        f"| `{name}{'' if (ROOT / name).is_dir() else '.py'}` | {says} | {', '.join(used)} |"
        for name, (says, used) in rooms().items()
    ]
    return "\n".join(["| room | what it is for | imports |", "|---|---|---|", *rows]) + "\n"


def page_with(table):
    """Return the text of the architecture page with this table."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    return f"{before}{BEGIN}{table}{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    if "--write" in sys.argv:
        PAGE.write_text(page_with(table()))
    else:
        print(table(), end="")
