"""Run all checks of the project and print a table of the results.

Installs what it can on a Debian machine as root (Chromium, Java, Node, PostgreSQL). Steps that cannot run are
reported; with CI=true they are failures.
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
# Debian packages that provide a program.
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
    """Steps run so far, each with its outcome and duration in seconds."""

    rows: list[tuple[str, str, float]] = field(default_factory=list)

    def step(self, name: str, action: Callable[[], None]) -> None:
        """Run one step and record its outcome."""
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
        """Print the table; return the exit status."""
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
    """A requirement of a step is missing on this machine and could not be installed."""


def run(*command: str | Path, **environment: str) -> None:
    """Run a command in the project folder; raises CalledProcessError."""
    subprocess.run([str(part) for part in command], cwd=ROOT, env={**os.environ, **environment}, check=True)


def require(program: str) -> None:
    """Ensure that a program is available, installing its Debian package if allowed."""
    if shutil.which(program):
        return
    install(*PACKAGES[program])
    if not shutil.which(program):
        raise NotAvailable(f"{program} is not installed (Debian: {' '.join(PACKAGES[program])})")


def install(*packages: str) -> None:
    """Install Debian packages as root on Debian; otherwise do nothing."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
    ):
        subprocess.run(command, env=environment, check=False, stdout=subprocess.DEVNULL)


# Tables are created from the models, which takes an eighth of the time of the migrations. The migrations run where
# tests start separate programs, and `migrations_check` verifies that both agree.
AT_ONCE = ("--nomigrations", "-n", "2")
# Two processes. What a test file prepares for all its tests is prepared once, except in the browser, where one file
# takes longer than all others together: there an idle process takes over tests of the other.
PARALLEL = (*AT_ONCE, "--dist", "loadfile")
IN_BROWSER = (*AT_ONCE, "--dist", "worksteal")
LIGHTHOUSE = "tests/pzgent/test_lighthouse.py"


def pytest(database: str, *arguments: str) -> None:
    """Run tests against a database."""
    run(BIN / "pytest", "-q", *arguments, DATABASE_URL=database, SECRET_KEY=PRODUCTION["SECRET_KEY"])


@contextmanager
def postgresql() -> Iterator[str]:
    """Yield the URL of a PostgreSQL server that allows creating databases; starts a private one if necessary."""
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
    """True if the server accepts the connection and allows creating databases."""
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
    """Start a private server on a free local port; remove it afterwards."""
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
    """Run Django's deployment check with production settings."""
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
    """Check that every model change has a migration."""
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
    """Run the tests that depend on the database, on SQLite; the browser tests exercise the whole site on it."""
    pytest(SQLITE_URL, *PARALLEL, "-m", "not browser and not once and not drill")


def postgresql_tests() -> None:
    """Run all tests except the browser tests on PostgreSQL."""
    with postgresql() as url:
        pytest(url, *PARALLEL, "-m", "not browser and not drill")


def contract_tests() -> None:
    """Test the API against its own OpenAPI description, on PostgreSQL."""
    with postgresql() as url:
        run(BIN / "python", "tests/tools/contract.py", url)


def checkers() -> None:
    """Ensure that the browser and the page checkers are installed, in the locked versions."""
    for program in ("chromium", "java", "node", "npm", "pdftotext"):
        require(program)
    if not shutil.which("chromium-headless-shell"):
        install("chromium-headless-shell")  # faster; Chromium itself works without it
    lock, installed = TOOLS / "package-lock.json", TOOLS / "node_modules" / "lock.stamp"
    if not installed.exists() or installed.read_bytes() != lock.read_bytes():
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=TOOLS, check=True)
        installed.write_bytes(lock.read_bytes())


def browser_tests() -> None:
    """Test pages in a real browser, with the HTML checker, the API linter and the API examples in four languages."""
    checkers()
    for program in ("curl", "nginx", "Rscript"):
        require(program)
    pytest(SQLITE_URL, *IN_BROWSER, "-m", "browser", f"--ignore={LIGHTHOUSE}")


def lighthouse_tests() -> None:
    """Run Lighthouse on a few pages, one at a time: other work on the machine makes pages look slow."""
    checkers()
    pytest(SQLITE_URL, "-rP", LIGHTHOUSE)


def lighthouse() -> None:
    """Run Lighthouse on every page type."""
    os.environ["LIGHTHOUSE"] = "all"
    lighthouse_tests()


def accessibility() -> None:
    """Run all rules of both accessibility engines and all layout checks, in every language and theme."""
    checkers()
    os.environ["THOROUGH"] = "1"
    pytest(SQLITE_URL, *IN_BROWSER, *_files("accessibility", "layout", "first_view"))


def replica() -> None:
    """Check that the example client keeps an exact replica while 8 processes make 2,000 edits, on PostgreSQL."""
    os.environ["REPLICA"] = "all"
    with postgresql() as url:
        pytest(url, "tests/pzgent/test_api_changes.py", "-k", "a_copy_follows_many_writers_exactly")


def fuzz() -> None:
    """Send 26,000 generated requests with a new seed, every injected value everywhere, every role to every address."""
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
                *walks,
                "leaks",
                "linked_data",
                "restoring",
                "secrets",
                "sharing",
                "versions_at_random",
                "worker",
                "zone_crawl",
            ),
        )


def sqlite() -> None:
    """Run all tests except the browser tests on SQLite."""
    pytest(SQLITE_URL, *PARALLEL, "-m", "not browser and not drill")


def drill() -> None:
    """Test upgrades from past releases, the operator's manual on a bare Debian, and failures under load."""
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
    """Check format, lint, types and migrations, and run the tests of the files changed since the last commit.

    The tests run on SQLite.
    """
    run(BIN / "ruff", "format", "--check", "--quiet", ".")
    run(BIN / "ruff", "check", "--quiet", ".")
    run(BIN / "mypy")
    migrations_check()
    if chosen := tests_of(changed_files()):
        pytest(SQLITE_URL, *PARALLEL, "-m", "not browser and not drill", *chosen)


def changed_files() -> set[str]:
    """Return the Python files that differ from the last commit, untracked ones included."""
    commands = (["git", "diff", "--name-only", "HEAD"], ["git", "ls-files", "--others", "--exclude-standard"])
    found = [
        subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True) for command in commands
    ]
    names = {name for done in found for name in done.stdout.splitlines() if name.endswith(".py")}
    return {name for name in names if (ROOT / name).exists()}


def tests_of(changed: set[str]) -> list[str]:
    """Return the test files among them, those that import one of the others, and those named after one."""
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
    """Measure line and branch coverage of the tests on SQLite; this adds half of their time."""
    shutil.rmtree(ROOT / "var" / "coverage", ignore_errors=True)
    (ROOT / "var" / "coverage").mkdir(parents=True)
    pytest(SQLITE_URL, *PARALLEL, "-m", "not browser and not drill", "--cov", "--cov-report=term")


# Steps that `make test` leaves out: a quick check, and steps that take too long for every run.
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
    """Run all steps, fastest first; or only the one named as argument, from `ALONE`."""
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
