"""Mutate the modules of rules, one small change at a time, and report the mutants that no test kills: `make mutants`.

The operators are those of Cosmic Ray, installed in a separate environment under `var/mutants`, and four for Django
queries: their bounds and order, `filter` and `exclude`, and `published`. `SEED` (1) draws a sample of `COUNT`
locations (50); the same seed draws the same mutants from the same code. `ONLY` is a space-separated list of
modules. Each mutant runs against the tests that guard its module, in a copy of the project.
"""

import ast
import difflib
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.tools.copies import ROOT, copy_of_the_project

FOLDER = ROOT / "var" / "mutants"
REQUIREMENTS = Path(__file__).with_name("mutants-requirements.txt")
PYTEST = (ROOT / ".venv" / "bin" / "python", "-m", "pytest", "-x", "-q", "--tb=no", "--nomigrations")
OPTIONS = ("-p", "no:cacheprovider", "-m", "not browser and not drill")
WORKERS = 2
# Seconds of processor time, so that a busy machine changes nothing: a mutant that takes longer never ends. Tests of a
# module take about a minute.
SECONDS = 180

# Modules with rules, each with the tests that guard it (`contact/api`: tests/contact/test_api.py), starting with
# those that name its rules, and without tests that take minutes.
GUARDS = {
    "contact/availability.py": "contact/availability contact/api contact/pages contact/dated",
    "contact/closings.py": "contact/closings",
    "contact/holidays.py": "contact/school_years contact/opening_hours contact/hours_check",
    "contact/hours_at.py": "contact/hours_check",
    "contact/hours_warnings.py": "contact/hours_check",
    "contact/models/dated.py": "contact/availability contact/querysets contact/dated",
    "contact/opening_hours.py": (
        "contact/opening_hours contact/opening_hours_moments contact/school_years contact/closings"
    ),
    "contact/overlaps.py": "contact/overlaps",
    "contact/querysets.py": "contact/querysets contact/api contact/phone pzgent/notices contact/pages",
    "contact/routing.py": "contact/routing contact/pages",
    "contact/together.py": "contact/together",
    "contact/year_calendar.py": "contact/year_calendar",
    "organisation/comparison.py": "organisation/comparison organisation/structure organisation/pages_organogram",
    "organisation/draft_checks.py": "organisation/admin_drafts",
    "organisation/history.py": "organisation/querysets organisation/history organisation/pages_units",
    "organisation/querysets/placements.py": (
        "organisation/querysets organisation/models organisation/structure organisation/api_units "
        "organisation/pages_units"
    ),
    "organisation/querysets/units.py": (
        "organisation/querysets organisation/models organisation/api_units organisation/pages_units"
    ),
    "organisation/querysets/visibility.py": "organisation/querysets organisation/structure organisation/models",
    "organisation/restructuring.py": "organisation/restructuring",
    "organisation/steps.py": "organisation/restructuring",
    "organisation/structure.py": "organisation/structure organisation/api_organogram",
    "organisation/tree_state.py": "organisation/restructuring",
    "projects/querysets.py": "projects/querysets projects/api projects/pages",
    "projects/selection.py": "projects/selection projects/pages",
    "pzgent/admin/factors.py": "pzgent/second_step",
    "pzgent/change_feed/sources.py": "pzgent/sources",
    "pzgent/kernel/conditions.py": "projects/querysets contact/querysets",
    "pzgent/kernel/editing/area.py": "pzgent/areas",
    "pzgent/kernel/editing/linking.py": "pzgent/links",
    "pzgent/kernel/links.py": "pzgent/links",
    "pzgent/kernel/publishing.py": "pzgent/publishing pzgent/reviews pzgent/periods pzgent/fact_basis",
    "pzgent/kernel/rest/parameters.py": "pzgent/parameters pzgent/api_kernel pzgent/api_errors contact/api",
    "pzgent/kernel/rich_text.py": "pzgent/rich_text pzgent/cleaning",
    "pzgent/kernel/sessions.py": "pzgent/second_step",
    "pzgent/kernel/source_places.py": "pzgent/source_places",
    "pzgent/kernel/trees.py": "pzgent/trees organisation/models",
    "pzgent/kernel/validity.py": "pzgent/validity pzgent/sources",
}

# Mutants equivalent to the original: the module, the resulting line, and the reason. They are not counted.
EQUIVALENT = {
    ("organisation/comparison.py", 'if change.kind <= "created":'): "no kind of change sorts before this one",
}


def environment() -> Path:
    """Return the interpreter of an environment with the tool, created once."""
    folder = FOLDER / "environment"
    stamp = folder / REQUIREMENTS.name
    if not stamp.exists() or stamp.read_text() != REQUIREMENTS.read_text():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([folder / "bin" / "pip", "install", "--quiet", "-r", REQUIREMENTS], check=True)
        shutil.copy(REQUIREMENTS, stamp)
    return folder / "bin" / "python"


try:
    import cosmic_ray.plugins as plugins
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.operators.operator import Operator
except ImportError:
    python = environment()
    os.execv(python, [python, __file__, *sys.argv[1:]])  # noqa: S606


class Leaf(Operator):
    """Replace a word of the code with another one."""

    pattern: re.Pattern[str]
    types = ("name",)

    def mutation_positions(self, node):
        """Yield the position of the word, if it matches."""
        if node.type in self.types and self.pattern.search(node.value):
            yield node.start_pos, node.end_pos

    def mutate(self, node, index):
        """Return the node with the replaced word."""
        node.value = self.pattern.sub(self.replaced, node.value)
        return node

    def replaced(self, found):
        """Return the replacement."""
        raise NotImplementedError  # implemented by each subclass

    @classmethod
    def examples(cls):
        """Return nothing: examples are for the tests of the tool itself."""
        return ()


class Bound(Leaf):
    """Include or exclude the bound of a query: `__lt` and `__lte`, `__gt` and `__gte`."""

    pattern = re.compile(r"__([lg]t)(e?)\b")
    types = ("name", "fstring_string", "string")

    def replaced(self, found):
        """Return the other bound."""
        return f"__{found[1]}" if found[2] else f"__{found[1]}e"


class FilterOrExclude(Leaf):
    """Swap `filter` and `exclude`."""

    pattern = re.compile(r"^(filter|exclude)$")

    def replaced(self, found):
        """Return the other method."""
        return "exclude" if found[1] == "filter" else "filter"


class OtherOrder(Leaf):
    """Reverse a descending order."""

    pattern = re.compile(r'^(")-(?=[a-z_]+"$)')
    types = ("string",)

    def replaced(self, found):
        """Return the name without its minus sign."""
        return found[1]


class Unpublished(Operator):
    """Drop `.published(...)` from a query."""

    def mutation_positions(self, node):
        """Yield the position of each call."""
        for call in self._calls(node):
            yield node.children[call].start_pos, node.children[call + 1].end_pos

    def _calls(self, node):
        if node.type not in ("atom_expr", "power") or node.get_first_leaf().value == "super":
            return
        for number, (child, following) in enumerate(zip(node.children, node.children[1:], strict=False)):
            if child.type == "trailer" and child.get_code() == ".published" and following.type == "trailer":
                yield number

    def mutate(self, node, index):
        """Return the expression without that call."""
        call = list(self._calls(node))[index]
        del node.children[call : call + 2]
        return node

    @classmethod
    def examples(cls):
        """Return nothing: examples are for the tests of the tool itself."""
        return ()


OWN = (Bound, FilterOrExclude, OtherOrder, Unpublished)
# Equivalent for the values compared in these modules: constants and None.
SAME = re.compile(r"_(Eq_Is|Is_Eq|NotEq_IsNot|IsNot_NotEq)$")


def operators() -> dict[str, Operator]:
    """Return the operators by name, without those that need arguments."""
    known = {name: plugins.get_operator(name) for name in plugins.operator_names() if not SAME.search(name)}
    own = {operator.__name__: operator for operator in OWN}
    return {name: operator() for name, operator in {**known, **own}.items() if not operator.arguments()}


@dataclass(frozen=True)
class Mutant:
    """One mutation of a module: the occurrence of an operator, and its line."""

    module: str
    operator: str
    occurrence: int
    line: int

    def code(self) -> str:
        """Return the source of the module with the mutation."""
        return mutate_code((ROOT / self.module).read_text(), OPERATORS[self.operator], self.occurrence)

    def compiles(self) -> bool:
        """True if the mutated source is valid Python."""
        try:
            ast.parse(self.code())
        except SyntaxError:
            return False
        return True

    def diff(self) -> list[str]:
        """Return the lines that differ."""
        old, new = (ROOT / self.module).read_text().splitlines(), self.code().splitlines()
        return [
            line
            for line in difflib.unified_diff(old, new, n=0, lineterm="")
            if re.match(r"[-+](?![-+]{2})", line)
        ]

    @property
    def equivalent(self) -> str:
        """Return why the mutant is equivalent to the original; empty if it is not."""
        made = [line[1:].strip() for line in self.diff() if line.startswith("+")]
        return next((EQUIVALENT[self.module, line] for line in made if (self.module, line) in EQUIVALENT), "")


OPERATORS = operators()


def places(module: str) -> Iterator[list[Mutant]]:
    """Yield, by mutable location in the rules of a module (functions and constraints), its mutants."""
    tree = get_ast((ROOT / module).read_text())
    found: dict[object, list[Mutant]] = {}
    for name, operator in OPERATORS.items():
        number = 0
        for node in ast_nodes(tree):
            for start, end in operator.mutation_positions(node):
                if is_rule(node, name):
                    found.setdefault((start, end), []).append(Mutant(module, name, number, start[0]))
                number += 1
    yield from (found[place] for place in sorted(found))


def is_rule(node: object, operator: str) -> bool:
    """True if a node is part of a rule: neither an annotation nor an option of a field."""
    while (above := node.parent) is not None:
        is_value = above.type != "annassign" or node is above.children[-1]
        if above.type == "tfpdef" or not is_value or (above.type == "funcdef" and node is above.annotation):
            return False
        if above.type == "funcdef":
            return True
        if above.type == "classdef":
            return above.name.value == "Meta" and not re.search("Number|True|False", operator)
        node = above
    return False


def sample(modules: list[str], seed: int, count: int) -> list[Mutant]:
    """Return one mutant for each of `count` locations, drawn uniformly."""
    chance = random.Random(seed)
    found = [mutants for module in modules for mutants in places(module)]
    chance.shuffle(found)
    drawn: list[Mutant] = []
    for mutants in found:
        if len(drawn) == count:
            break
        chance.shuffle(mutants)
        drawn += [mutant for mutant in mutants if mutant.compiles()][:1]
    print(
        f"{len(found)} places in {len(modules)} modules; seed {seed} draws {len(drawn)} of them.", flush=True
    )
    return sorted(drawn, key=lambda mutant: (mutant.module, mutant.line))


def outcome_of(folder: Path, tests: Iterable[str], *options: str, is_mutant: bool = True) -> str:
    """Run tests in a copy of the project: `survived` if they pass, otherwise `killed`."""
    files = ["tests/{}/test_{}.py".format(*name.split("/")) for name in tests]
    known, most = {"DATABASE_URL": f"sqlite:///{folder / 'var' / 'test.sqlite3'}"}, resource.RLIM_INFINITY
    if is_mutant:
        known["PYTHONDONTWRITEBYTECODE"] = "1"  # keep no bytecode of mutants; the rest is already compiled
        most = SECONDS
    done = subprocess.run(
        [*PYTEST, *OPTIONS, *options, *files],
        cwd=folder,
        env={**os.environ, **known},
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY)),
    )
    if done.returncode not in (0, 1, 2, -signal.SIGXCPU):  # 2: the mutant could not be imported
        sys.exit(f"The tests could not run:\n{done.stdout}{done.stderr}")
    if done.returncode and not is_mutant:
        print(done.stdout)
    return "killed" if done.returncode else "survived"


def try_out(mutant: Mutant, copies: SimpleQueue[Path]) -> str:
    """Run the tests of a mutant in the first free copy, and return the outcome."""
    folder = copies.get()
    try:
        (folder / mutant.module).write_text(mutant.code())
        outcome = outcome_of(folder, GUARDS[mutant.module].split())
    finally:
        shutil.copy2(ROOT / mutant.module, folder / mutant.module)
        copies.put(folder)
    print(f"{mutant.module}:{mutant.line}: {outcome}", flush=True)
    if outcome != "killed":
        print(*mutant.diff(), sep="\n", flush=True)
    return outcome


def main() -> int:
    """Draw the mutants, run them and report; surviving mutants are not a failure."""
    modules = os.environ.get("ONLY", "").split() or list(GUARDS)
    seed = int(os.environ.get("SEED") or 1)
    drawn = sample(modules, seed, int(os.environ.get("COUNT") or 50))
    mutants = [mutant for mutant in drawn if not mutant.equivalent]
    begin = time.monotonic()
    copies: SimpleQueue[Path] = SimpleQueue()
    whole = copy_of_the_project(FOLDER / "copy-0")
    guards = dict.fromkeys(name for mutant in mutants for name in GUARDS[mutant.module].split())
    if outcome_of(whole, guards, "-n", str(WORKERS), is_mutant=False) != "survived":
        sys.exit("The tests fail without any mutant: mend that first.")
    copies.put(whole)
    for number in range(1, WORKERS):
        shutil.rmtree(FOLDER / f"copy-{number}", ignore_errors=True)
        copies.put(shutil.copytree(whole, FOLDER / f"copy-{number}"))
    with ThreadPoolExecutor(WORKERS) as pool:
        outcomes = list(pool.map(lambda mutant: try_out(mutant, copies), mutants))
    print()
    for module in dict.fromkeys(mutant.module for mutant in mutants):
        found = [what for what, mutant in zip(outcomes, mutants, strict=True) if mutant.module == module]
        print(f"{module:<40} {found.count('killed'):>3} of {len(found)} killed")
    for mutant in drawn:
        if mutant.equivalent:
            print(f"not counted: {mutant.module}:{mutant.line}: {mutant.equivalent}")
    print(
        f"SEED={seed}: {outcomes.count('killed')} of {len(mutants)} killed, {outcomes.count('survived')} survived, "
        f"in {time.monotonic() - begin:.0f} s."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
