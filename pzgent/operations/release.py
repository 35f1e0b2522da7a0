"""The release of this code, and the guard against running older code on the database of a newer release.

Older code would load its older starting content over the newer content, and does not know newer columns.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import CommandError
from django.db import connections
from django.db.migrations.loader import MigrationLoader

from pzgent.models import Installation

# Directories whose files determine the responses, besides the data.
MADE_FROM = (*settings.OWN_APPS, "templates", "static", "locale")
SUFFIXES = {".py", ".html", ".mo", ".yaml", ".css", ".js", ".svg", ".txt", ".xml"}


def require_not_newer(using: str = "default") -> None:
    """Raise CommandError if a newer release has used this database."""
    release = installed_release(using)
    is_newer = parsed(release) > parsed(settings.RELEASE)
    if is_newer or unknown_migrations(using):
        raise CommandError(
            f"A newer release{f' ({release})' if is_newer else ''} has used this database; this code is release "
            f"{settings.RELEASE} and would damage it. Install the newer release, or restore the backup that was "
            "made before the upgrade."
        )


def installed_release(using: str = "default") -> str:
    """Return the newest release that has used this database, or "" for a new database."""
    if Installation._meta.db_table not in connections[using].introspection.table_names():
        return ""
    return Installation.objects.using(using).values_list("release", flat=True).first() or ""


def record_release(using: str = "default") -> None:
    """Record that this release has used the database."""
    if installed_release(using) != settings.RELEASE:
        Installation.objects.using(using).update_or_create(pk=1, defaults={"release": settings.RELEASE})


def unknown_migrations(using: str = "default") -> list[str]:
    """Return the applied migrations of our apps that this code does not have."""
    loader = MigrationLoader(connections[using])
    ours = {config.label for config in apps.get_app_configs() if config.name in settings.OWN_APPS}
    return sorted(
        f"{app}.{name}"
        for app, name in set(loader.applied_migrations) - set(loader.disk_migrations)
        if app in ours
    )


def code_digest() -> str:
    """Return a digest that changes with any code or setting that may affect the responses for the same data.

    It covers the paths and modification times of the source files, and the settings with a simple type, except the
    secret key.
    """
    rooms = (settings.BASE_DIR / name for name in MADE_FROM)
    files = [path for room in rooms for path in sorted(room.rglob("*.*")) if path.suffix in SUFFIXES]
    found = [(str(path), path.stat().st_mtime_ns) for path in files]
    values = {
        name: getattr(settings, name) for name in dir(settings) if name.isupper() and name != "SECRET_KEY"
    }
    options = {
        name: str(value) for name, value in values.items() if isinstance(value, str | int | float | Path)
    }
    return hashlib.sha256(repr((found, options)).encode()).hexdigest()


def parsed(release: str) -> tuple[int, ...]:
    """Return the numbers of a release such as 1.2.0, or an empty tuple for ""."""
    return tuple(int(number) for number in release.split(".")) if release else ()
