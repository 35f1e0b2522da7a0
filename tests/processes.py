"""Other processes beside the tests: on a database of their own, of the same kind as the tests use."""

import os
import subprocess
import sys
import uuid
from contextlib import contextmanager

from django.conf import settings
from django.db import connection


@contextmanager
def scratch_database(folder):
    """The URL of an empty database of the same kind as the tests use."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{folder / 'scratch.sqlite3'}"
        return
    import psycopg

    values = connection.settings_dict
    login = {
        "host": values["HOST"],
        "port": values["PORT"],
        "user": values["USER"],
        "password": values["PASSWORD"],
    }
    login = {name: value for name, value in login.items() if value}
    name = f"pzgent_scratch_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(dbname="postgres", autocommit=True, **login) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            user = f"{login.get('user', '')}:{login.get('password', '')}".rstrip(":")
            yield f"postgres://{user}@{login.get('host', '')}:{login.get('port', 5432)}/{name}"
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


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
    )


def finish(process):
    """Wait for a program to end well; gives what it printed."""
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    return output
