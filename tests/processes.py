"""Processes next to the tests, on separate databases of the same kind as the test database."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import uuid
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import connection

MIGRATED = Path(tempfile.gettempdir()) / f"pzgent-migrated-{os.getpid()}.sqlite3"


def keep_migrated():
    """Keep a copy of the test database right after the migrations, from which `migrated_database` starts."""
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(MIGRATED)) as copy:
            connection.connection.backup(copy)
        return
    connection.close()
    name = connection.settings_dict["NAME"]
    with _server() as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}_migrated" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{name}_migrated" TEMPLATE "{name}"')


def forget_migrated():
    """Remove the copy made by `keep_migrated`."""
    if connection.vendor == "sqlite":
        MIGRATED.unlink()
        return
    with _server() as server:
        server.execute(f'DROP DATABASE "{connection.settings_dict["NAME"]}_migrated" WITH (FORCE)')


@contextmanager
def scratch_database(folder, template=""):
    """Yield the URL of an empty database of the same kind as the test database."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{folder / 'scratch.sqlite3'}"
        return
    name = f"pzgent_scratch_{uuid.uuid4().hex[:12]}"
    with _server() as server:
        server.execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
        try:
            login = _login()
            user = f"{login.get('user', '')}:{login.get('password', '')}".rstrip(":")
            yield f"postgres://{user}@{login.get('host', '')}:{login.get('port', 5432)}/{name}"
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def migrated_database(folder):
    """Yield the URL of a database with all tables and no rows, of the same kind as the test database."""
    if connection.vendor == "sqlite":
        shutil.copy(MIGRATED, folder / "scratch.sqlite3")
    with scratch_database(folder, f"{connection.settings_dict['NAME']}_migrated") as url:
        yield url


def _login():
    values = connection.settings_dict
    login = {
        "host": values["HOST"],
        "port": values["PORT"],
        "user": values["USER"],
        "password": values["PASSWORD"],
    }
    return {name: value for name, value in login.items() if value}


def _server():
    return psycopg.connect(dbname="postgres", autocommit=True, **_login())


def run(url, *arguments):
    """Start a Python program of the project on the database with that URL."""
    environment = {**os.environ, "DATABASE_URL": url, "SECRET_KEY": settings.SECRET_KEY, "DEBUG": ""}
    return subprocess.Popen(  # our own commands
        [sys.executable, *arguments],
        cwd=settings.BASE_DIR,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def finish(process, timeout=300):
    """Wait for a program to end successfully, for a number of seconds at most; return its output."""
    output, errors = process.communicate(timeout=timeout)
    assert process.returncode == 0, errors
    return output
