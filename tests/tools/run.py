"""Runs everything that guards the project and ends with a table of what ran.

Installs what it can on a Debian machine as root (Chromium, Java, Node, PostgreSQL). What cannot run is said plainly;
with CI=true that is a failure.
"""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.tools.rooms import imports_of

TOOLS = ROOT / "tests" / "tools"
BIN = Path(sys.executable).parent
CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
SQLITE_URL = f"sqlite:///{ROOT / 'var' / 'test.sqlite3'}"
PRODUCTION = {
    "SECRET_KEY": secrets.token_urlsafe(60),
    "ALLOWED_HOSTS": "www.example.be",
    "BASE_URL": "https://www.example.be",
}
# The Debian packages that bring a program.
PACKAGES = {
    "chromium": ["chromium"],
    "curl": ["curl"],
    "debootstrap": ["debootstrap"],
    "java": ["default-jre-headless"],
    "nginx": ["nginx-light"],
    "node": ["nodejs"],
    "npm": ["npm"],
    "pdftotext": ["poppler-utils"],
    "Rscript": ["r-base-core", "r-cran-jsonlite"],
    "xgettext": ["gettext"],
}


@dataclass
class Run:
    """The steps so far, each with its outcome and its seconds."""

    rows: list[tuple[str, str, float]] = field(default_factory=list)

    def step(self, name: str, action: Callable[[], None]) -> None:
        """Run one step and remember how it went."""
        print(f"\n=== {name}", flush=True)
        start = time.monotonic()
        try:
            action()
            outcome = "ok"
        except subprocess.CalledProcessError as error:
            outcome = f"FAILED (exit {error.returncode})"
        except NotAvailable as error:
            outcome = f"{'FAILED' if CI else 'NOT RUN'}: {error}"
        print(f"--- {name}: {outcome}", flush=True)
        self.rows.append((name, outcome, time.monotonic() - start))

    def finish(self) -> int:
        """Print the table; returns the exit status."""
        print("\n" + "=" * 70)
        for name, outcome, seconds in self.rows:
            print(f"{name:<28} {seconds:>6.1f} s  {outcome}")
        failed = [name for name, outcome, _seconds in self.rows if outcome.startswith("FAILED")]
        skipped = [name for name, outcome, _seconds in self.rows if outcome.startswith("NOT RUN")]
        if skipped:
            print(f"NOT RUN on this machine: {', '.join(skipped)}")
        print("FAILED: " + ", ".join(failed) if failed else "All that ran is well.")
        return 1 if failed else 0


class NotAvailable(Exception):
    """Something a step needs is not on this machine and could not be installed."""


def run(*command: str | Path, **environment: str) -> None:
    """Run a command in the project folder; raises CalledProcessError."""
    subprocess.run([str(part) for part in command], cwd=ROOT, env={**os.environ, **environment}, check=True)


def require(program: str) -> None:
    """See that a program is there, installing its Debian package when we may."""
    if shutil.which(program):
        return
    install(*PACKAGES[program])
    if not shutil.which(program):
        raise NotAvailable(f"{program} is not installed (Debian: {' '.join(PACKAGES[program])})")


def install(*packages: str) -> None:
    """Install Debian packages when this is root on Debian; otherwise leave things as they are."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
    ):
        subprocess.run(command, env=environment, check=False, stdout=subprocess.DEVNULL)


# Tables are made from the models, which takes an eighth of the time of the migrations: those run where tests start
# programs of their own, and `migrations_check` holds both together.
AT_ONCE = ("--nomigrations", "-n", "2")
# Two processes. What a file of tests prepares for all of them is prepared once, except in the browser, where one file
# takes longer than all others together: there who is done takes over tests of the other.
PARALLEL = (*AT_ONCE, "--dist", "loadfile")
IN_BROWSER = (*AT_ONCE, "--dist", "worksteal")
LIGHTHOUSE = "tests/pzgent/test_lighthouse.py"


def pytest(database: str, *arguments: str) -> None:
    """Run tests against a database."""
    run(BIN / "pytest", "-q", *arguments, DATABASE_URL=database, SECRET_KEY=PRODUCTION["SECRET_KEY"])


@contextmanager
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL server in which tests may make databases; starts a private one when none answers."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url
        return
    for user in ("root", "postgres"):
        url = f"postgres://{user}@127.0.0.1:5432/postgres"
        if answers(url):
            yield url
            return
    with private_postgresql() as url:
        yield url


def answers(url: str) -> bool:
    """Whether a server accepts us there and lets us make databases."""
    import psycopg

    try:
        with psycopg.connect(url, connect_timeout=3) as connection:
            row = connection.execute(
                "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
            return bool(row and row[0])
    except psycopg.Error:
        return False


@contextmanager
def private_postgresql() -> Iterator[str]:
    """A server of our own on a free port of this machine, gone afterwards."""
    if not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        install("postgresql")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not found:
        raise NotAvailable("no PostgreSQL server answers and none is installed (set TEST_DATABASE_URL)")
    programs = found[-1]
    with tempfile.TemporaryDirectory() as folder:
        as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if as_user:
            shutil.chown(folder, "postgres")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        data = Path(folder) / "data"
        control = [*as_user, str(programs / "pg_ctl"), "-D", str(data), "-w"]
        settings = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
        subprocess.run(
            [*as_user, str(programs / "initdb"), "-A", "trust", "-U", "postgres", str(data)], check=True
        )
        subprocess.run([*control, "-l", f"{folder}/log", "-o", settings, "start"], check=True)
        try:
            yield f"postgres://postgres@127.0.0.1:{port}/postgres"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], check=False)


def deploy_check() -> None:
    """Django's own deployment check under production settings."""
    run(
        BIN / "python",
        "manage.py",
        "check",
        "--deploy",
        "--fail-level",
        "WARNING",
        DATABASE_URL=SQLITE_URL,
        **PRODUCTION,
    )


def migrations_check() -> None:
    """No model change without its migration."""
    run(
        BIN / "python",
        "manage.py",
        "makemigrations",
        "--check",
        "--dry-run",
        DATABASE_URL=SQLITE_URL,
        **PRODUCTION,
    )


def sqlite_tests() -> None:
    """What a database decides, on SQLite; the browser tests show all of the site on it."""
    pytest(SQLITE_URL, *PARALLEL, "-m", "not browser and not once and not drill")


def postgresql_tests() -> None:
    """All but the browser tests on PostgreSQL."""
    with postgresql() as url:
        pytest(url, *PARALLEL, "-m", "not browser and not drill")


def contract_tests() -> None:
    """The API against its own description, on PostgreSQL."""
    with postgresql() as url:
        run(BIN / "python", "tests/tools/contract.py", url)


def checkers() -> None:
    """See that the browser and the checkers of pages are there, in the versions of the lock."""
    for program in ("chromium", "java", "node", "npm", "pdftotext"):
        require(program)
    if not shutil.which("chromium-headless-shell"):
        install("chromium-headless-shell")  # faster; Chromium itself can do without
    lock, installed = TOOLS / "package-lock.json", TOOLS / "node_modules" / "lock.stamp"
    if not installed.exists() or installed.read_bytes() != lock.read_bytes():
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=TOOLS, check=True)
        installed.write_bytes(lock.read_bytes())


def browser_tests() -> None:
    """Pages in a real browser, the HTML checker, the linter of the API and its examples in four languages."""
    checkers()
    for program in ("curl", "nginx", "Rscript"):
        require(program)
    pytest(SQLITE_URL, *IN_BROWSER, "-m", "browser", f"--ignore={LIGHTHOUSE}")


def lighthouse_tests() -> None:
    """What Lighthouse says of a few pages, one at a time: it takes a page for slow when other work delays it."""
    checkers()
    pytest(SQLITE_URL, "-rP", LIGHTHOUSE)


def lighthouse() -> None:
    """What Lighthouse says of every sort of page."""
    os.environ["LIGHTHOUSE"] = "all"
    lighthouse_tests()


def accessibility() -> None:
    """All rules of both accessibility engines and all checks of the layout, in every language and look."""
    checkers()
    os.environ["THOROUGH"] = "1"
    pytest(SQLITE_URL, *IN_BROWSER, *_files("accessibility", "layout", "first_view"))


def replica() -> None:
    """Whether the example client keeps an exact copy while 8 processes make 2,000 edits, on PostgreSQL."""
    os.environ["REPLICA"] = "all"
    with postgresql() as url:
        pytest(url, "tests/pzgent/test_api_changes.py", "-k", "a_copy_follows_many_writers_exactly")


def fuzz() -> None:
    """26,000 made-up requests with a new seed, every injected value everywhere, every role at every address."""
    os.environ.setdefault("FUZZ", "26000")
    os.environ.setdefault("FUZZ_SEED", str(secrets.randbelow(10**9)))
    os.environ["INJECTION"] = "all"
    os.environ["THOROUGH"] = "1"
    print(f"FUZZ_SEED={os.environ['FUZZ_SEED']} asks the same again.", flush=True)
    walks = (
        "admin_hostile",
        "admin_lists",
        "admin_pages",
        "admin_rights",
        "api_fuzz",
        "api_queries",
        "concurrency",
        "feeds",
        "fuzz",
        "injection",
    )
    with postgresql() as url:
        pytest(
            url,
            *_files(
                *walks, "leaks", "linked_data", "restoring", "secrets", "sharing", "worker", "zone_crawl"
            ),
        )


def sqlite() -> None:
    """All but the browser tests on SQLite."""
    pytest(SQLITE_URL, *PARALLEL, "-m", "not browser and not drill")


def drill() -> None:
    """Upgrades from releases in the history, the operator's manual on a bare Debian, and faults under load."""
    for program in ("nginx", "debootstrap"):
        require(program)
    pytest(SQLITE_URL, "-m", "drill", "-rP", *_files("upgrades", "copies", "disk_faults", "page_cache"))
    with postgresql() as url:
        pytest(
            url,
            "-m",
            "drill",
            "-rP",
            *_files("upgrades", "copies", "database_copy", "reload", "faults", "page_cache", "install"),
        )


def check() -> None:
    """Format, lint, types, migrations, and the tests of what differs from the last commit, on SQLite."""
    run(BIN / "ruff", "format", "--check", "--quiet", ".")
    run(BIN / "ruff", "check", "--quiet", ".")
    run(BIN / "mypy")
    migrations_check()
    if chosen := tests_of(changed_files()):
        pytest(SQLITE_URL, *PARALLEL, "-m", "not browser and not drill", *chosen)


def changed_files() -> set[str]:
    """The Python files that differ from the last commit, new ones included."""
    commands = (["git", "diff", "--name-only", "HEAD"], ["git", "ls-files", "--others", "--exclude-standard"])
    found = [
        subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True) for command in commands
    ]
    names = {name for done in found for name in done.stdout.splitlines() if name.endswith(".py")}
    return {name for name in names if (ROOT / name).exists()}


def tests_of(changed: set[str]) -> list[str]:
    """The files of tests among them, those that import one of the others, and those named after one."""
    modules = {name.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for name in changed}
    stems = {f"test_{Path(name).stem}" for name in changed}
    return [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        if str(path.relative_to(ROOT)) in changed
        or path.stem in stems
        or not modules.isdisjoint(
            part for name in imports_of(path) for part in (name, name.rpartition(".")[0])
        )
    ]


def _files(*names: str) -> list[str]:
    return [f"tests/pzgent/test_{name}.py" for name in names]


def coverage() -> None:
    """Line and branch coverage of the tests on SQLite; counting lines takes as long as half of them."""
    shutil.rmtree(ROOT / "var" / "coverage", ignore_errors=True)
    (ROOT / "var" / "coverage").mkdir(parents=True)
    pytest(SQLITE_URL, *PARALLEL, "-m", "not browser and not drill", "--cov", "--cov-report=term")


# What `make test` leaves out: a quick look, and what takes too long for every run.
ALONE = {
    "check": check,
    "lighthouse": lighthouse,
    "accessibility": accessibility,
    "replica": replica,
    "fuzz": fuzz,
    "sqlite": sqlite,
    "drill": drill,
    "coverage": coverage,
}


def main() -> int:
    """Run all steps, the fast ones first; with the name of one in `ALONE`, that one."""
    if sys.argv[1:]:
        steps = Run()
        for name in sys.argv[1:]:
            steps.step(name, ALONE[name])
        return steps.finish()
    steps = Run()
    steps.step("format", lambda: run(BIN / "ruff", "format", "--check", "--quiet", "."))
    steps.step("lint", lambda: run(BIN / "ruff", "check", "--quiet", "."))
    steps.step("types", lambda: run(BIN / "mypy"))
    steps.step("deployment check", deploy_check)
    steps.step("migrations", migrations_check)
    steps.step("tests on SQLite", sqlite_tests)
    steps.step("tests on PostgreSQL", postgresql_tests)
    steps.step("API as described", contract_tests)
    steps.step("browser and HTML", browser_tests)
    steps.step("Lighthouse", lighthouse_tests)
    return steps.finish()


if __name__ == "__main__":
    sys.exit(main())
