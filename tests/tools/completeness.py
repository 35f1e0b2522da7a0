"""Write `docs/completeness.md`: what of each section of the corporate plan the starting content has, and what it lacks.

`python tests/tools/completeness.py` prints the page; with `--write` it updates the file. Each name links to its address
on the site.
"""

import os
import re
import sys
from collections import defaultdict
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "completeness.md"
LEFT_OUT = ROOT / "tests" / "tools" / "completeness.yaml"
# Of these chapters the sections are listed apart.
SPLIT = ("13", "14")
SECTION = re.compile(r"^(\d{1,2})(?:\.(\d{1,2}))?(?=[ .]|$)")
# The chapters of the numbered tables.
TABLES = {"tabel 1": "3", "tabel 2": "3", "tabel 3": "6", "tabel 4": "6"}
HEAD = """# Completeness

What the corporate plan 2021-2025 says, and where the site has it: every name leads to its address. What is not there
stands with the reason in the last column. `python tests/tools/completeness.py --write` makes this page from the
starting content and from `tests/tools/completeness.yaml`; a test holds the page to these and to the site.

| section | facts in the data | left out | why |
|---|---|---|---|
"""


def sections_in(place):
    """Return the sections that a place in the plan names, such as {"3", "13.7"}."""
    parts = [part.strip() for part in re.split(r"[,;]", place or "")]
    found = (SECTION.match(part) for part in parts)
    return {TABLES[part] for part in parts if part in TABLES} | {
        f"{match[1]}.{match[2]}" if match[1] in SPLIT and match[2] else match[1] for match in found if match
    }


def facts():
    """Yield each fact of the plan with an address: its section, its model, its name and its address."""
    from organisation.models import Document
    from pzgent.starting_content.content import read_content

    entries = read_content(ROOT)
    main = next(entry.key for entry in entries if entry.model is Document)
    for entry in entries:
        if entry.values.get("source", main) == main:
            address = address_of(entry)
            for section in sections_in(str(entry.values.get("source_place", ""))) if address else ():
                yield section, entry.model.__name__, name_of(entry), address


def name_of(entry):
    """Return the name of an entry, as the site shows it."""
    names = ("name", "title", "label", "abbreviation", "text", "need", "value")
    return " ".join(
        str(next((entry.values[name] for name in names if entry.values.get(name)), entry.key)).split()
    )


def address_of(entry):
    """Return the address of an entry on the site; empty for a part of another one."""
    from contact.models import Topic
    from organisation.models import CorporatePlan

    model = entry.model
    if not hasattr(model, "get_absolute_url") or "/" in entry.key:
        return ""
    parents = {"plan": CorporatePlan, "topic": Topic}
    known = {
        name: parent(slug=entry.values[name])
        for name, parent in parents.items()
        if name in entry.values and model._meta.get_field(name).related_model is parent
    }
    given = {name: entry.values[name] for name in ("valid_from", "access") if name in entry.values}
    return model(slug=entry.key, **known, **given).get_absolute_url()


def order_of(section):
    """Return the key that orders sections as in the plan."""
    return [int(part) for part in section.split(".")]


def page():
    """Return the page."""
    from django.utils import translation

    found, missing = defaultdict(lambda: defaultdict(dict)), defaultdict(list)
    with translation.override("nl"):
        for section, model, name, address in facts():
            found[section][model][address] = name
    for item in yaml.safe_load(LEFT_OUT.read_text()):
        missing[item["section"]].append(item)
    sections = sorted({*found, *missing}, key=order_of)
    rows = [_row(section, found[section], missing[section]) for section in sections]
    return HEAD + "".join(rows) + "".join(_names(section, found[section]) for section in sections)


def _row(section, kinds, missing):
    number = sum(len(names) for names in kinds.values())
    why = "; ".join(f"{item['fact']}: {item['reason']}" for item in missing)
    return f"| [{section}](#{section.replace('.', '')}) | {number} | {len(missing)} | {why} |\n"


def _names(section, kinds):
    lines = [
        f"- **{kind}** ({len(names)}): "
        + ", ".join(f"[{_plain(name)}]({address})" for address, name in names.items())
        for kind, names in sorted(kinds.items())
    ]
    return f"\n## {section}\n\n" + "\n".join(lines) + "\n"


def _plain(name):
    short = name if len(name) <= 80 else f"{name[:77]}..."
    return re.sub(r"([\[\]|*_])", r"\\\1", short)


if __name__ == "__main__":
    import django

    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pzgent.settings")
    os.environ.setdefault("SECRET_KEY", "completeness-" + "x" * 50)
    django.setup()
    if "--write" in sys.argv:
        PAGE.write_text(page())
    else:
        print(page())
