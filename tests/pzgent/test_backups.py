"""Backup and restore of a site on SQLite, also while it is used; `test_restoring` restores the whole site."""

import os
import sqlite3
import tarfile
from contextlib import closing

import pytest
from django.conf import settings as project
from django.core.management import CommandError, call_command

from pzgent.operations import backups

WORDS = "SELECT word FROM words ORDER BY word"


@pytest.fixture
def site(tmp_path, monkeypatch, settings):
    """A small database in use, whose last change stands in its -wal file only, and an uploaded file."""
    place = tmp_path / "site" / "db.sqlite3"
    place.parent.mkdir()
    settings.MEDIA_ROOT = tmp_path / "site" / "media"
    settings.MEDIA_ROOT.mkdir()
    (settings.MEDIA_ROOT / "plan.pdf").write_text("the plan")
    monkeypatch.setattr(backups, "_database_file", lambda: place)
    monkeypatch.setattr(backups, "_is_on_server", lambda: False)
    with closing(sqlite3.connect(place, isolation_level=None)) as user:
        user.execute("PRAGMA journal_mode=WAL")
        user.execute("PRAGMA wal_autocheckpoint=0")
        user.execute("CREATE TABLE words (word)")
        user.execute("INSERT INTO words VALUES ('one'), ('two')")
        yield user


def words(connection):
    return [word for (word,) in connection.execute(WORDS)]


def test_a_backup_of_a_running_site_brings_everything_back(site, tmp_path, settings):
    archive = tmp_path / "backups" / "monday.tar.gz"
    call_command("backup", archive)
    site.execute("DELETE FROM words")
    (settings.MEDIA_ROOT / "plan.pdf").unlink()
    call_command("restore", archive)
    assert words(site) == ["one", "two"]
    assert (settings.MEDIA_ROOT / "plan.pdf").read_text() == "the plan"


def test_a_restored_feed_has_another_name(site, tmp_path):
    """On a machine that never served the feed, nothing else could tell that its numbers were given out already."""
    site.execute("CREATE TABLE pzgent_feedstate (identity)")
    site.execute("INSERT INTO pzgent_feedstate VALUES ('before')")
    call_command("backup", tmp_path / "a.tar.gz")
    call_command("restore", tmp_path / "a.tar.gz")
    [(identity,)] = site.execute("SELECT identity FROM pzgent_feedstate")
    assert (identity != "before", len(identity)) == (True, 32)


def test_a_backup_can_be_read_by_its_owner_only(site, tmp_path):
    call_command("backup", tmp_path / "a.tar.gz")
    assert (tmp_path / "a.tar.gz").stat().st_mode & 0o777 == 0o600


def test_an_existing_backup_is_never_overwritten(site, tmp_path):
    call_command("backup", tmp_path / "a.tar.gz")
    with pytest.raises(CommandError, match="Name a new file"):
        call_command("backup", tmp_path / "a.tar.gz")


def archive_of(folder, content):
    """An archive in the place of a backup."""
    (folder / "db.sqlite3").write_bytes(content)
    with tarfile.open(folder / "bad.tar.gz", "w:gz") as tar:
        tar.add(folder / "db.sqlite3", "db.sqlite3")
    return folder / "bad.tar.gz"


def test_a_damaged_backup_changes_nothing(site, tmp_path):
    with pytest.raises(CommandError, match="damaged"):
        call_command("restore", archive_of(tmp_path, b"SQLite format 3\x00" + b"rubbish" * 500))
    assert words(site) == ["one", "two"]


@pytest.mark.parametrize(("content", "message"), [(None, "cannot be read"), (b"text", "cannot be read")])
def test_another_file_is_no_backup(site, tmp_path, content, message):
    if content is not None:
        (tmp_path / "other").write_bytes(content)
    with pytest.raises(CommandError, match=message):
        call_command("restore", tmp_path / "other")
    assert words(site) == ["one", "two"]


def test_an_archive_of_something_else_is_no_backup(site, tmp_path):
    with tarfile.open(tmp_path / "other.tar.gz", "w:gz") as tar:
        tar.add(project.BASE_DIR / "README.md", "README.md")
    with pytest.raises(CommandError, match="holds no SQLite database"):
        call_command("restore", tmp_path / "other.tar.gz")


def test_an_archive_writes_nowhere_but_in_its_own_places(site, tmp_path, settings):
    """Somebody else may have packed it."""
    call_command("backup", tmp_path / "good.tar.gz")
    with (
        tarfile.open(tmp_path / "good.tar.gz") as good,
        tarfile.open(tmp_path / "evil.tar.gz", "w:gz") as evil,
    ):
        evil.addfile(good.getmember("db.sqlite3"), good.extractfile("db.sqlite3"))
        for name in ("../evil", "media/../../evil", str(tmp_path / "evil"), "other/evil"):
            evil.addfile(tarfile.TarInfo(name))
        link = tarfile.TarInfo("media/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        evil.addfile(link)
    call_command("restore", tmp_path / "evil.tar.gz")
    assert not (tmp_path / "evil").exists()
    assert [path.name for path in settings.MEDIA_ROOT.iterdir()] == ["plan.pdf"]


def test_daily_backups_have_a_folder_where_the_oldest_go(site, tmp_path, settings):
    settings.BACKUPS_FOLDER, settings.BACKUPS_KEPT_DAYS = tmp_path / "daily", 30
    old = tmp_path / "daily" / "pzgent-2026-01-01T031000.tar.gz"
    old.parent.mkdir()
    old.touch()
    assert backups.remove_old_archives() == []  # the only one, however old
    call_command("backup")
    assert len(backups.kept_archives()) == 2
    os.utime(old, (0, 0))
    assert backups.remove_old_archives() == [old]


def test_a_program_of_postgresql_that_is_missing_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(backups, "_is_on_server", lambda: True)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(CommandError, match="postgresql-client"):
        call_command("backup", tmp_path / "a.tar.gz")
