"""Backups of a site on SQLite while it runs: one archive with the database and the uploaded files.

Copying the database file alone loses what still stands in its `-wal` file.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.db import connection

from pzgent.models import FeedState, new_feed_identity

DATABASE = "db.sqlite3"
FEED_TABLE = FeedState._meta.db_table
MEDIA = "media"


class BackupError(Exception):
    """Nothing was made or changed; the message says why and what to do."""


def write_backup(archive: Path) -> None:
    """Write a new archive, readable by its owner only. Raises BackupError."""
    place = _database_file()
    if archive.exists():
        raise BackupError(f"{archive} is there already. Name a new file.")
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=archive.parent) as folder:
        snapshot, draft = Path(folder, DATABASE), Path(folder, "archive")
        with closing(sqlite3.connect(place)) as source, closing(sqlite3.connect(snapshot)) as copy:
            source.backup(copy)
        _require_sound(snapshot)
        draft.touch(mode=0o600)
        with tarfile.open(draft, "w:gz") as tar:
            tar.add(snapshot, DATABASE)
            if Path(settings.MEDIA_ROOT).exists():
                tar.add(settings.MEDIA_ROOT, MEDIA)
        draft.rename(archive)


def restore_backup(archive: Path) -> None:
    """Put the content of an archive in place of today's, in one transaction of the database. Raises BackupError.

    The change feed gets another identity, so that copies that read further than the backup begin again.
    Uploaded files are added; those that the restored content does not name are left where they are.
    """
    place = _database_file()
    with tempfile.TemporaryDirectory() as folder:
        try:
            with tarfile.open(archive) as tar:
                tar.extractall(folder, filter="data")
        except (OSError, tarfile.TarError) as error:
            raise BackupError(f"{archive} cannot be read as a backup: {error}") from error
        snapshot, media = Path(folder, DATABASE), Path(folder, MEDIA)
        if not snapshot.exists():
            raise BackupError(f"{archive} holds no database, so it is not a backup of this site.")
        _require_sound(snapshot)
        _rename_feed(snapshot)
        _put_back_files(media)
        place.parent.mkdir(parents=True, exist_ok=True)
        with (
            closing(sqlite3.connect(snapshot)) as source,
            closing(sqlite3.connect(place, timeout=20)) as live,
        ):
            try:
                source.backup(live)
            except sqlite3.Error as error:
                raise BackupError(
                    f"The database {place} was not changed: {error}. Stop the site and try again."
                ) from error


def _database_file() -> Path:
    if connection.vendor != "sqlite":
        raise BackupError(
            "This site uses PostgreSQL: make backups with pg_dump and restore them with pg_restore."
        )
    return Path(settings.DATABASES["default"]["NAME"])


def _require_sound(snapshot: Path) -> None:
    try:
        with closing(sqlite3.connect(snapshot)) as copy:
            # The rules of the database ask for it, and only Django's own connections have it.
            copy.create_function("REGEXP", 2, _matches, deterministic=True)
            found = copy.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        raise BackupError(f"The database is damaged ({found}). Use an older backup.")


def _rename_feed(snapshot: Path) -> None:
    """Let no number that was given out since the backup mean something else. A backup of before the feed has none."""
    with closing(sqlite3.connect(snapshot)) as copy, copy:
        if copy.execute(
            "SELECT 1 FROM pragma_table_info(?) WHERE name = 'identity'", [FEED_TABLE]
        ).fetchone():
            copy.execute(f"UPDATE {FEED_TABLE} SET identity = ?", [new_feed_identity()])  # noqa: S608  # a constant


def _matches(pattern: str, text: str | None) -> bool | None:
    return None if text is None else re.search(pattern, str(text)) is not None


def _put_back_files(media: Path) -> None:
    """Copy the files of a backup over those of today."""
    if media.exists():
        shutil.copytree(media, settings.MEDIA_ROOT, dirs_exist_ok=True)
