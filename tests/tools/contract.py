"""Test the API against its own description: Schemathesis sends requests that it allows, and requests that it forbids.

    python tests/tools/contract.py postgres://root@127.0.0.1:5432/postgres [--seconds 5] [--seed 1]

All phases with all checks, against the production server on a separate database with the content of the plan. The
examples and the boundary values of every parameter are always the same and run once; generated requests (fuzzing)
and requests that follow from responses (stateful) run with a fixed seed and with a new one, each for that many
seconds.
"""

import argparse
import json
import os
import random
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
CONFIG = ROOT / "tests" / "tools" / "schemathesis.toml"
FIXED_SEED = 20210901
# The plan has no notices, and an endpoint that never returns one cannot be checked.
NOTICE = """
import datetime
from contact.models import Notice
day = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
Notice.objects.create(slug="voorbeeld", level="info", title="Voorbeeld", text_nl="Zo ziet een bericht eruit.",
    starts=day, ends=day + datetime.timedelta(days=36500), status="published")
"""


@contextmanager
def filled_database(server):
    """Yield the URL of a database with the content of the plan; drop it afterwards."""
    name = f"pzgent_contract_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        url = urlsplit(server)._replace(path=f"/{name}").geturl()
        try:
            for command in (["migrate", "-v0"], ["load_plan", "-v0"], ["shell", "-v0", "-c", NOTICE]):
                manage(url, *command)
            yield url
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def environment(url):
    """Return the environment of the site on that database, without throttling."""
    return {
        **os.environ,
        "DATABASE_URL": url,
        "SECRET_KEY": "only-for-tests-" + "x" * 50,
        "API_REQUESTS_PER_MINUTE": "0",
    }


def manage(url, *arguments):
    """Run a management command on the database."""
    subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment(url), check=True)


@contextmanager
def serving(url):
    """Yield the address of the production server on that database."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--blocking-threads", "2"]
    command = [str(BIN / "granian"), *options, "--no-ws", "--log-level", "warning", "pzgent.wsgi:application"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment(url))
    try:
        address = f"http://127.0.0.1:{port}"
        for _attempt in range(120):
            try:
                urllib.request.urlopen(f"{address}/api/v1/health", timeout=5).close()
                break
            except OSError:
                time.sleep(0.25)
        for _attempt in range(120):  # until the worker has numbered all changes
            with urllib.request.urlopen(f"{address}/api/v1/changes?pageSize=1", timeout=30) as answer:
                if json.load(answer)["items"]:
                    break
            time.sleep(0.25)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


def check(address, phases, seed, *options):
    """Run Schemathesis once; return whether it found no failures."""
    print(f"Schemathesis: {phases}, seed {seed}", flush=True)
    command = [str(BIN / "schemathesis"), "--config-file", str(CONFIG), "--no-color", "run"]
    command += [f"{address}/api/v1/openapi.json", "--phases", phases, "--seed", str(seed), *options]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}).returncode == 0


def main():
    """Run everything; return exit status 1 if a run found failures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("server")
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--seed", type=int, help="instead of a new one")
    arguments = parser.parse_args()
    new_seed = arguments.seed or random.randrange(2**31)
    limit = ("--max-time", str(arguments.seconds))
    with filled_database(arguments.server) as url, serving(url) as address:
        found = [check(address, "examples,coverage", FIXED_SEED)]
        for seed in (FIXED_SEED, new_seed):
            found += [check(address, phase, seed, *limit) for phase in ("fuzzing", "stateful")]
    return 0 if all(found) else 1


if __name__ == "__main__":
    sys.exit(main())
