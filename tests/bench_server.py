"""Load test of whole servers, each next to a minimal Django view on the same server; part of `make bench`.

Each server has its own database of the same kind, two workers and four threads, as `deploy/serve.py` starts ours.
They are loaded in turn by 64 connections, several rounds, so that a slow moment of the machine affects all; medians
are compared. Wagtail runs in a separate environment under `var/bench`, with a page as long as ours and Django's
cache in front of it.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pzgent.settings")
os.environ.setdefault("SECRET_KEY", "only-for-measuring-" + "x" * 50)

CONNECTIONS, SECONDS, ROUNDS = 64, 3, 5
UNIT = "/eenheden/dienst-ict"
WAGTAIL = ROOT / "tests" / "beside" / "wagtail_site"
SERVER = (
    "--interface",
    "wsgi",
    "--host",
    "127.0.0.1",
    "--workers",
    "2",
    "--blocking-threads",
    "4",
    "--no-ws",
)
# Request a different address each time, so that no cached response matches.
EACH_ANEW = """
local number = 0
request = function()
   number = number + 1
   return wrk.format(nil, wrk.path .. "?n=" .. number .. "." .. os.time())
end
"""


class Load(NamedTuple):
    """Result of a load test: responses per second, and the median and 99th percentile in milliseconds."""

    rate: float
    median: float
    slowest: float


class Case(NamedTuple):
    """Request sent to a server, with its headers."""

    name: str
    url: str
    headers: tuple[str, ...] = ()
    script: str = ""


def main() -> int:
    """Measure and print; return 1 if a ratio exceeds its bound."""
    if not shutil.which("wrk"):
        subprocess.run(["apt-get", "install", "-y", "-qq", "wrk"], check=True, stdout=subprocess.DEVNULL)
    from tests.portal import serving  # needs the settings

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        own = {
            "DATABASE_URL": f"sqlite:///{folder / 'site.sqlite3'}",
            "API_REQUESTS_PER_MINUTE": "0",
            "WORKERS": "2",
        }
        ours = stack.enter_context(serving(ROOT, folder / "log", **own))
        page, tag = fetched(ours + UNIT)
        smallest = stack.enter_context(granian(Path(sys.executable), "tests.smallest", ROOT, {}))
        python = wagtail_environment()
        database = {"DATABASE_URL": f"sqlite:///{folder / 'wagtail.sqlite3'}", "BYTES": str(len(page))}
        prepared(python, database)
        kept, plain = (
            stack.enter_context(
                granian(python, "wagtail_site.wsgi", WAGTAIL.parent, {**database, "KEPT": is_kept})
            )
            for is_kept in "10"
        )
        return 0 if compare(ours, tag, smallest, kept, plain) else 1


def compare(ours: str, tag: str, smallest: str, kept: str, plain: str) -> bool:
    """Load all servers in turn; return whether each ratio is within its bound."""
    f = Case("smallest view of Django", f"{smallest}/smallest")
    page = Case("page", ours + UNIT)
    home = Case("home page", ours + "/")
    data = Case("answer of the API", f"{ours}/api/v1/units")
    unchanged = Case("304", ours + UNIT, (f"If-None-Match: {tag}",))
    cold = Case("page, never the same", ours + UNIT, script=EACH_ANEW)
    theirs, theirs_cold = Case("Wagtail, kept", f"{kept}/unit/"), Case("Wagtail, not kept", f"{plain}/unit/")
    found = in_turns([f, page, home, data, unchanged, theirs, theirs_cold, cold])
    for case, load in found.items():
        print(
            f"{case.name:<26} {load.rate:>9,.0f} a second, median {load.median:.2f} ms, 99 % {load.slowest:.2f} ms"
        )
    bounds = [(case, f, 2.0) for case in (page, home, data, unchanged)]
    bounds += [(page, theirs, 4.0), (cold, theirs_cold, 2.0)]
    results = []
    for case, beside, least in bounds:
        ratio = found[case].rate / found[beside].rate
        results.append(ratio >= least)
        verdict = "ok" if results[-1] else "TOO SLOW"
        print(f"{case.name} / {beside.name}: {ratio:.2f} x (at least {least}) {verdict}")
    for case in (page, data, unchanged):
        ratio = found[case].slowest / found[case].median
        results.append(ratio <= 3)
        print(f"{case.name}: 99 % / median {ratio:.2f} (at most 3) {'ok' if results[-1] else 'TOO SLOW'}")
    return all(results)


def in_turns(cases: list[Case]) -> dict[Case, Load]:
    """Return the median of several rounds for each case."""
    rounds: dict[Case, list[Load]] = {case: [] for case in cases}
    for _round in range(ROUNDS):
        for case in cases:
            rounds[case].append(loaded(case))
    return {
        case: Load(*(median(values) for values in zip(*found, strict=True))) for case, found in rounds.items()
    }


def loaded(case: Case) -> Load:
    """Run one case under load; raises if a response is an error."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(case.script)
        script.flush()
        command = [
            "wrk",
            "-t1",
            f"-c{CONNECTIONS}",
            f"-d{SECONDS}s",
            "--timeout",
            "20s",
            "--latency",
            "-H",
            "Accept-Encoding: gzip",
        ]
        command += [part for header in case.headers for part in ("-H", header)]
        command += ["-s", script.name] if case.script else []
        text = subprocess.run([*command, case.url], check=True, capture_output=True, text=True).stdout
    assert "Non-2xx" not in text, text
    assert "Socket errors" not in text, text
    rate = re.search(r"Requests/sec:\s*([\d.]+)", text)
    assert rate, text
    return Load(float(rate[1]), milliseconds(text, "50%"), milliseconds(text, "99%"))


def milliseconds(text: str, share: str) -> float:
    """Return the response time at a percentile."""
    found = re.search(rf"{share}\s*([\d.]+)(us|ms|s)", text)
    assert found, text
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000}[found[2]]


def fetched(url: str) -> tuple[bytes, str]:
    """Return a page and its ETag."""
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read(), answer.headers["ETag"]


@contextmanager
def granian(python: Path, module: str, folder: Path, environment: dict[str, str]) -> Iterator[str]:
    """Yield the address of a server with that application; stop it afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = [str(python), "-m", "granian", *SERVER, "--port", port, "--log-level", "warning"]
    known = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    server = subprocess.Popen([*command, f"{module}:application"], cwd=folder, env={**known, **environment})
    try:
        wait_until(lambda: socket.create_connection(("127.0.0.1", int(port)), 1).close())
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)


def wait_until(works: Callable[[], None]) -> None:
    """Retry for half a minute."""
    last = time.monotonic() + 30
    while True:
        try:
            return works()
        except OSError:
            if time.monotonic() > last:
                raise
            time.sleep(0.1)


def wagtail_environment() -> Path:
    """Return the interpreter of an environment with Wagtail, created once."""
    folder = ROOT / "var" / "bench" / "wagtail"
    stamp, wanted = folder / "requirements.txt", WAGTAIL / "requirements.txt"
    if not stamp.exists() or stamp.read_text() != wanted.read_text():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run([str(folder / "bin" / "pip"), "install", "--quiet", "-r", str(wanted)], check=True)
        shutil.copy(wanted, stamp)
    return folder / "bin" / "python"


def prepared(python: Path, environment: dict[str, str]) -> None:
    """Create the Wagtail pages."""
    known = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    command = [str(python), "-m", "wagtail_site.prepare"]
    subprocess.run(command, cwd=WAGTAIL.parent, env={**known, "KEPT": "0", **environment}, check=True)


if __name__ == "__main__":
    sys.exit(main())
