"""Benchmark of a busy day: readers while an editor saves every second, and the server's memory; part of `make bench`.

A server as `make run` starts it, with two workers and a separate database.
"""

import http.cookiejar
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pzgent.settings")
os.environ.setdefault("SECRET_KEY", "only-for-measuring-" + "x" * 50)

from tests.bench_server import milliseconds
from tests.browser import form_data

READERS, SECONDS, SAVES, MOST = 16, 15, 10, 2.0
LATEST = 1.0  # seconds until every worker shows the saved change
REQUESTS, MEGABYTES = 5_000, 200
PASSWORD = "een lange zin over fietsen 2026"


class Edited(NamedTuple):
    """Object that the editor changes: its list in the admin, form and field, and the pages that show it."""

    found: str
    form: str
    field: str
    page: str
    item: str


# An object that few pages show, and one that many pages depend on.
TERM = Edited("organisation/term/?q=hcp", "term_form", "explanation", "/begrippen", "/api/v1/terms/hcp")
CHANNEL = Edited(
    "contact/channel/?q=niet-dringend-nummer",
    "channel_form",
    "note",
    "/contact/dringende-hulp",
    "/api/v1/channels",
)
PATHS = (
    "/", "/contact", "/fr/contact", "/organogram", "/eenheden/dienst-ict", "/projecten", CHANNEL.page, TERM.page,
    "/api/v1/units", "/api/v1/channels", "/api/v1/terms", TERM.item, "/feeds/wijzigingen.atom",
)  # fmt: skip
IN_TURN = """
local paths, number = {%s}, 0
request = function()
   number = number + 1
   return wrk.format(nil, paths[number %% #paths + 1])
end
"""


class Editor:
    """Client that is signed in to the admin of a site."""

    def __init__(self, site: str, database: str) -> None:
        self.site = site
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        )
        account = {"DJANGO_SUPERUSER_PASSWORD": PASSWORD, "DATABASE_URL": database}
        command = [
            sys.executable,
            "manage.py",
            "createsuperuser",
            "--noinput",
            "--username",
            "beheer",
            "--email",
            "",
        ]
        subprocess.run(
            command, cwd=ROOT, env={**os.environ, **account}, check=True, stdout=subprocess.DEVNULL
        )
        self.send("/admin/login/", "login-form", username="beheer", password=PASSWORD)

    def get(self, path: str) -> str:
        """Return the text at an address."""
        with self.opener.open(self.site + path, timeout=30) as answer:
            return answer.read().decode()

    def send(self, path: str, form: str, **changes: str) -> None:
        """Open a form, change some fields and submit it."""
        values = form_data(SimpleNamespace(content=self.get(path).encode()), form, **changes)
        data = urllib.parse.urlencode(values, doseq=True).encode()
        request = urllib.request.Request(self.site + path, data, {"Referer": self.site + path})
        with self.opener.open(request, timeout=30) as answer:
            assert answer.url != self.site + path, "the form was refused"

    def find(self, edited: Edited) -> str:
        """Return the address of the form of the edited object."""
        folder, _mark, _query = edited.found.partition("?")
        listed = self.get(f"/admin/{edited.found}")
        found = re.search(rf'href="(/admin/{folder}[^/"]+/change/)[^"]*">', listed)
        assert found, f"the admin lists nothing at {edited.found}"
        return found[1]


@contextmanager
def saves(editor: Editor, edited: Edited, lags: list[float]):
    """Save once a second; append to `lags` the seconds until a page and the API of each worker showed it."""
    ended, form = threading.Event(), editor.find(edited)

    def work() -> None:
        for number in range(SAVES):
            begun = time.monotonic()
            text = f"Proef {number} van {SAVES}"
            editor.send(form, edited.form, **{edited.field: text})
            lags.append(max(lag_of(editor.site, path, text) for path in (edited.page, edited.item)))
            if ended.wait(max(0.0, 1.0 - (time.monotonic() - begun))):
                return

    thread = threading.Thread(target=work)
    thread.start()
    yield
    ended.set()
    thread.join()


def lag_of(site: str, path: str, text: str) -> float:
    """Return the seconds until eight consecutive responses, over separate connections, contain the text."""
    begun, right = time.monotonic(), 0
    while right < 8:
        with urllib.request.urlopen(site + path, timeout=30) as answer:
            right = right + 1 if text in answer.read().decode() else 0
        assert time.monotonic() - begun < 30, f"{path} never shows {text}"
    return time.monotonic() - begun


def slowest(site: str, seconds: float) -> tuple[float, int]:
    """Return the 99th percentile of the readers' response times in milliseconds, and the number of responses."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(IN_TURN % ", ".join(f'"{path}"' for path in PATHS))
        script.flush()
        command = [
            "wrk",
            "-t1",
            f"-c{READERS}",
            f"-d{seconds}s",
            "--timeout",
            "20s",
            "--latency",
            "-s",
            script.name,
        ]
        text = subprocess.run([*command, site], check=True, capture_output=True, text=True).stdout
    assert "Non-2xx" not in text, text
    assert "Socket errors" not in text, text
    found = re.search(r"(\d+) requests in", text)
    assert found, text
    return milliseconds(text, "99%"), int(found[1])


def memory_of(process: int) -> float:
    """Return the megabytes used by a process and its children, counting shared memory once (PSS)."""
    children = subprocess.run(
        ["pgrep", "-P", str(process)], capture_output=True, text=True, check=False
    ).stdout
    text = Path(f"/proc/{process}/smaps_rollup").read_text()
    own = next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
    return own / 1024 + sum(memory_of(int(child)) for child in children.split())


def server_on(port: int) -> int:
    """Return the main process of the server that listens on a port."""
    command = ["pgrep", "--oldest", "-f", f"port {port}"]  # numbers start again after the highest one
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def main() -> int:
    """Measure and print; return 1 if a bound is exceeded."""
    from tests.portal import serving  # needs the settings

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        own = {
            "DATABASE_URL": f"sqlite:///{folder / 'site.sqlite3'}",
            "API_REQUESTS_PER_MINUTE": "0",
            "WORKERS": "2",
        }
        with serving(ROOT, folder / "log", **own) as site:
            for path in islice(cycle(PATHS), REQUESTS):
                with urllib.request.urlopen(site + path, timeout=30) as answer:
                    answer.read()
            megabytes = memory_of(server_on(int(site.rsplit(":", 1)[1])))
            print(
                f"memory after {REQUESTS} requests: {megabytes:.0f} MB of both workers (at most {MEGABYTES})"
            )
            editor, is_good = Editor(site, own["DATABASE_URL"]), megabytes <= MEGABYTES
            slowest(site, SECONDS)
            quiet, calm = slowest(site, SECONDS)
            print(f"{READERS} readers, quiet: {calm} answers in {SECONDS} s, 99 % within {quiet:.1f} ms")
            for edited in (TERM, CHANNEL):
                lags = list[float]()
                with saves(editor, edited, lags):
                    busy, answers = slowest(site, SECONDS)
                is_good &= busy <= MOST * quiet and max(lags) <= LATEST
                print(
                    f"with {len(lags)} saves at {edited.found}, one a second: {answers} answers,"
                    f" 99 % within {busy:.1f} ms = {busy / quiet:.2f} x (at most {MOST});"
                    f" shown on every worker within {max(lags):.2f} s (at most {LATEST})"
                )
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
