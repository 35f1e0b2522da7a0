"""Health checks of an installation, which tell the operator in sentences what is wrong and how to fix it.

The checks change nothing and are independent of each other: most work while the database is down.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.core import checks
from django.core.cache import caches
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from pzgent.kernel.private_files import UMASK, database_files
from pzgent.operations.backups import kept_archives
from pzgent.operations.emergency import PROBLEM
from pzgent.operations.release import installed_release, parsed, unknown_migrations
from pzgent.page_cache.copies import Copies
from pzgent.page_cache.public_addresses import public_addresses

GB = 1024**3
LEAST_FREE, LEAST_SHARE = GB, 0.05
OLDEST_BACKUP = 36  # hours
HOUR = 3600
ROLLBACK = "Run the code of that release, or restore the backup that was made before the upgrade."


class Finding(NamedTuple):
    """One sentence about the installation; `advice` says how to fix a problem."""

    subject: str
    is_well: bool
    sentence: str
    advice: str = ""


Check = Callable[[], Iterator[Finding]]


def examine() -> list[Finding]:
    """Run every check and return the findings; an error in a check itself is a finding too."""
    found: list[Finding] = []
    for check in CHECKS:
        subject = check.__name__.removeprefix("_")
        try:
            found.extend(check())
        except (OSError, DatabaseError, ValueError) as error:
            found.append(
                Finding(subject, False, f"It cannot be told: {str(error).strip()}", "Mend that first.")
            )
    return found


def _settings() -> Iterator[Finding]:
    if not settings.SERVED_OVER_HTTPS:
        sentence = "BASE_URL names no https address, so neither cookies nor visitors are protected."
        advice = "Set BASE_URL to the address that visitors use, such as https://www.example.be."
        yield Finding("settings", False, sentence, advice)
        return
    found = checks.run_checks(include_deployment_checks=True)
    warnings = [message for message in found if not message.is_silenced()]
    for message in warnings:
        yield Finding("settings", False, str(message.msg), message.hint or f"See {message.id} of Django.")
    if not settings.PROXIES:
        sentence = "PROXIES is 0, so all visitors count as one client."
        yield Finding(
            "settings", False, sentence, "Set PROXIES to the number of proxies in front of the site."
        )
    elif not warnings:
        yield Finding("settings", True, f"The settings are those of production, for {settings.BASE_URL}.")


def _database() -> Iterator[Finding]:
    try:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        reason = str(error).strip().partition("\n")[0]
        advice = (
            "Start it, or mend DATABASE_URL. Until then the site shows the last good copies of its pages."
        )
        yield Finding("database", False, f"The database does not answer: {reason}.", advice)
        return
    yield Finding("database", True, f"The database answers ({connection.display_name}).")
    release = installed_release()
    if parsed(release) > parsed(settings.RELEASE) or unknown_migrations():
        sentence = f"A newer release ({release}) has used the database; this code is {settings.RELEASE}."
        yield Finding("release", False, sentence, ROLLBACK)
        return
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        yield Finding("release", False, f"{len(waiting)} migrations wait.", "Run: pzgent prepare")
    else:
        yield Finding("release", True, f"The database is that of release {settings.RELEASE}.")


def _rights() -> Iterator[Finding]:
    top = settings.VAR_DIR
    if not top.is_dir():
        yield Finding("rights", False, f"There is no folder {top}.", "Run: pzgent prepare")
        return
    # If the folder itself is private, so is everything in it.
    inside = [top, *top.rglob("*")] if _is_open(top) else []
    elsewhere = [
        path for path in database_files(settings.DATABASES["default"]) if not path.is_relative_to(top)
    ]
    readable = [path for path in (*inside, *elsewhere) if path.exists() and _is_open(path)]
    if readable:
        more = f" and {len(readable) - 1} more" if readable[1:] else ""
        advice = f"Run: chmod -R go= {top if inside else readable[0]}"
        yield Finding("rights", False, f"Other accounts can read {readable[0]}{more}.", advice)
    elif not os.access(top, os.W_OK):
        advice = "Run this as the account of the site. If that is so: is the disk read-only?"
        yield Finding("rights", False, f"This account cannot write in {top}.", advice)
    else:
        yield Finding("rights", True, f"Only the account of the site can read {top}.")


def _is_open(path: Path) -> bool:
    return bool(path.stat().st_mode & UMASK)


def _disk() -> Iterator[Finding]:
    for place in dict.fromkeys((settings.VAR_DIR, Path(settings.BACKUPS_FOLDER))):
        if not place.exists():
            continue
        usage = shutil.disk_usage(place)
        sentence = f"{usage.free / GB:.1f} GB are free on the disk of {place}."
        is_well = usage.free > LEAST_FREE and usage.free > LEAST_SHARE * usage.total
        yield Finding("disk", is_well, sentence, "" if is_well else "Make room before it is full.")


def _static() -> Iterator[Finding]:
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    names = json.loads(manifest.read_text())["paths"].values() if manifest.exists() else []
    missing = [name for name in names if not (manifest.parent / name).exists()]
    if not names or missing:
        sentence = f"Static files are missing in {manifest.parent}."
        yield Finding("static files", False, sentence, "Run: pzgent collectstatic --no-input")
    else:
        yield Finding("static files", True, f"{len(names)} static files are collected.")


def _emergency() -> Iterator[Finding]:
    names = [*(f"{code}.html" for code, _name in settings.LANGUAGES), PROBLEM]
    missing = [name for name in names if not (settings.EMERGENCY_FOLDER / name).exists()]
    if missing:
        sentence = f"The page for when no process answers is missing: {', '.join(missing)}."
        yield Finding("emergency page", False, sentence, "Run: pzgent emergency_page")
    else:
        yield Finding("emergency page", True, "The page for when no process answers is there.")


def _copies() -> Iterator[Finding]:
    copies = Copies(settings.PAGES_FOLDER).listed()
    kept = {copy.name for copy in copies}
    advice = (
        "The site makes them by itself, twenty seconds after a change and while it runs; look at its log."
    )
    if not kept:
        yield Finding(
            "copies", False, "There are no copies of the pages for when the database is away.", advice
        )
        return
    age = f"the newest is of {_hours_since(max(copy.made for copy in copies))}"
    try:
        wanted = set(public_addresses())
    except DatabaseError:
        yield Finding("copies", True, f"There are copies of {len(kept)} addresses; {age}.")
        return
    missing = sorted(wanted - kept)
    if missing and settings.COPIES_AHEAD:
        sentence = f"{len(missing)} of {len(wanted)} addresses have no copy, such as {missing[0]}; {age}."
        yield Finding("copies", False, sentence, advice)
    else:
        count = len(wanted & kept)
        yield Finding("copies", True, f"{count} of {len(wanted)} public addresses have a copy; {age}.")


def _backups() -> Iterator[Finding]:
    archives = kept_archives()
    if not archives:
        sentence = f"There is no backup in {settings.BACKUPS_FOLDER}."
        yield Finding(
            "backups", False, sentence, "Run: pzgent backup; and: systemctl enable --now pzgent-daily.timer"
        )
        return
    made = archives[-1].stat().st_mtime
    sentence = f"The newest of {len(archives)} backups is of {_hours_since(made)}: {archives[-1]}."
    is_well = time.time() - made < OLDEST_BACKUP * HOUR
    yield Finding("backups", is_well, sentence, "" if is_well else "See: journalctl -u pzgent-daily")


def _redis() -> Iterator[Finding]:
    if not settings.CACHE_URL:
        return
    try:
        caches["counters"].get("doctor")
        yield Finding("redis", True, "Redis answers.")
    except Exception as error:  # noqa: BLE001  # each cache backend raises its own exceptions
        sentence = f"Redis does not answer: {str(error).strip('.')}."
        yield Finding(
            "redis", False, sentence, "Start it. Until then nobody counts how often clients of the API ask."
        )


def _hours_since(moment: float) -> str:
    hours = (time.time() - moment) / HOUR
    return f"{hours:.0f} hours ago" if hours >= 1 else f"{hours * 60:.0f} minutes ago"


CHECKS: tuple[Check, ...] = (
    _settings, _database, _rights, _disk, _static, _emergency, _copies, _backups, _redis,
)  # fmt: skip
