"""Online backups: one archive with the database and the uploaded files.

SQLite databases are copied with its backup API, because a copy of the file alone would miss the changes in its `-wal`
file. PostgreSQL databases are dumped and restored with `pg_dump` and `pg_restore`.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import time
from contextlib import closing
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.db import connection
from django.utils import timezone

from pzgent.models import FeedState, new_feed_identity

DATABASE, DUMP = "db.sqlite3", "postgresql.dump"
DAY = 24 * 3600
# Entries for the schema itself in the table of contents of a dump: skipped, as the schema is recreated beforehand.
OF_SCHEMA = re.compile(r" (SCHEMA|COMMENT|ACL) - (SCHEMA )?public ")
FEED_TABLE = FeedState._meta.db_table
MEDIA = "media"


class BackupError(Exception):
    """Raised if nothing was written or changed; the message says why and what to do."""


def next_archive() -> Path:
    """Return the path for a daily backup made now."""
    return Path(settings.BACKUPS_FOLDER, f"pzgent-{timezone.localtime():%Y-%m-%dT%H%M%S}.tar.gz")


def kept_archives() -> list[Path]:
    """Return the daily backups, newest last."""
    return sorted(Path(settings.BACKUPS_FOLDER).glob("pzgent-*.tar.gz"))


def remove_old_archives() -> list[Path]:
    """Remove expired daily backups, but never the newest one; return the removed paths."""
    oldest = time.time() - settings.BACKUPS_KEPT_DAYS * DAY
    old = [path for path in kept_archives()[:-1] if path.stat().st_mtime < oldest]
    for path in old:
        path.unlink()
    return old


def write_backup(archive: Path) -> None:
    """Write a new archive, readable by its owner only. Raise BackupError."""
    if archive.exists():
        raise BackupError(f"{archive} is there already. Name a new file.")
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=archive.parent) as folder:
        draft = Path(folder, "archive")
        snapshot = _write_dump(Path(folder)) if _is_on_server() else _write_copy(Path(folder))
        draft.touch(mode=0o600)
        with tarfile.open(draft, "w:gz") as tar:
            tar.add(snapshot, snapshot.name)
            if Path(settings.MEDIA_ROOT).exists():
                tar.add(settings.MEDIA_ROOT, MEDIA)
        draft.rename(archive)


def restore_backup(archive: Path) -> None:
    """Replace the current content by that of an archive, in one database transaction. Raise BackupError.

    The change feed gets a new identity, so that followers that read past the backup start again. Uploaded files are
    added; existing files that the restored content does not refer to are left in place.
    """
    with tempfile.TemporaryDirectory() as folder:
        try:
            _unpack(archive, Path(folder))
        except (OSError, tarfile.TarError) as error:
            raise BackupError(f"{archive} cannot be read as a backup: {error}") from error
        snapshot, media = Path(folder, DUMP if _is_on_server() else DATABASE), Path(folder, MEDIA)
        if not snapshot.exists():
            raise BackupError(f"{archive} holds no {_kind()} database, so it is not a backup of this site.")
        if _is_on_server():
            _put_back_files(media)
            _restore_dump(snapshot)
        else:
            _require_sound(snapshot)
            _rename_feed(snapshot)
            _put_back_files(media)
            _restore_copy(snapshot)


def _unpack(archive: Path, folder: Path) -> None:
    """Extract only the members that a backup has. The Python of Debian 12 has no `filter` argument for `extractall`."""
    with tarfile.open(archive) as tar:
        for member in tar:
            name = PurePosixPath(member.name)
            is_ours = name.parts[0] in (DATABASE, DUMP, MEDIA) and ".." not in name.parts
            content = tar.extractfile(member) if is_ours and member.isfile() else None
            if content is not None:
                target = folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("wb") as file:
                    shutil.copyfileobj(content, file)


def _is_on_server() -> bool:
    return connection.vendor == "postgresql"


def _kind() -> str:
    return "PostgreSQL" if _is_on_server() else "SQLite"


def _write_copy(folder: Path) -> Path:
    snapshot = folder / DATABASE
    with closing(sqlite3.connect(_database_file())) as source, closing(sqlite3.connect(snapshot)) as copy:
        source.backup(copy)
    _require_sound(snapshot)
    return snapshot


def _restore_copy(snapshot: Path) -> None:
    place = _database_file()
    place.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(snapshot)) as source, closing(sqlite3.connect(place, timeout=20)) as live:
        try:
            source.backup(live)
        except sqlite3.Error as error:
            raise BackupError(
                f"The database {place} was not changed: {error}. Stop the site and try again."
            ) from error


def _write_dump(folder: Path) -> Path:
    dump = folder / DUMP
    _run("pg_dump", "--format=custom", "--no-owner", f"--file={dump}", _database_name())
    return dump


def _restore_dump(dump: Path) -> None:
    """Replace the whole database by a dump, including tables that only a newer release has."""
    listed = _run("pg_restore", "--list", str(dump)).splitlines()
    contents, script = dump.with_suffix(".list"), dump.with_suffix(".sql")
    contents.write_text("\n".join(line for line in listed if not OF_SCHEMA.search(line)))
    _run("pg_restore", "--no-owner", f"--use-list={contents}", f"--file={script}", str(dump))
    _run(
        "psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1",
        f"--dbname={_database_name()}", "--command=DROP SCHEMA public CASCADE", "--command=CREATE SCHEMA public",
        f"--file={script}",
    )  # fmt: skip
    if FEED_TABLE in connection.introspection.table_names():
        FeedState.objects.update(identity=new_feed_identity())


def _database_name() -> str:
    return str(connection.settings_dict["NAME"])


def _run(program: str, *arguments: str) -> str:
    """Run a PostgreSQL client program on the database of the site; return its output. Raise BackupError."""
    values = connection.settings_dict
    login = {
        "PGHOST": values["HOST"],
        "PGPORT": values["PORT"],
        "PGUSER": values["USER"],
        "PGPASSWORD": values["PASSWORD"],
    }
    environment = {**os.environ, **{name: str(value) for name, value in login.items() if value}}
    try:
        done = subprocess.run(  # a PostgreSQL program, with names from our settings
            [program, *arguments], env=environment, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise BackupError(
            f"The program {program} is missing. Install postgresql-client, of the version of the server or newer."
        ) from error
    if done.returncode:
        raise BackupError(f"{program} changed nothing: {done.stderr.strip()}")
    return done.stdout


def _database_file() -> Path:
    return Path(settings.DATABASES["default"]["NAME"])


def _require_sound(snapshot: Path) -> None:
    try:
        with closing(sqlite3.connect(snapshot)) as copy:
            # Check constraints use REGEXP, a function that only Django's own connections define.
            copy.create_function("REGEXP", 2, _matches, deterministic=True)
            found = copy.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        raise BackupError(f"The database is damaged ({found}). Use an older backup.")


def _rename_feed(snapshot: Path) -> None:
    """Give the feed a new identity, so that no number issued since the backup gets another meaning.

    Does nothing for a backup that is older than the feed identity.
    """
    with closing(sqlite3.connect(snapshot)) as copy, copy:
        if copy.execute(
            "SELECT 1 FROM pragma_table_info(?) WHERE name = 'identity'", [FEED_TABLE]
        ).fetchone():
            copy.execute(f"UPDATE {FEED_TABLE} SET identity = ?", [new_feed_identity()])  # noqa: S608  # a constant


def _matches(pattern: str, text: str | None) -> bool | None:
    return None if text is None else re.search(pattern, str(text)) is not None


def _put_back_files(media: Path) -> None:
    """Copy the files of a backup over the current ones."""
    if media.exists():
        shutil.copytree(media, settings.MEDIA_ROOT, dirs_exist_ok=True)
