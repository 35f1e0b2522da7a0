"""What the portal keeps on disk, others cannot read."""

import pytest

from pzgent.kernel.private_files import database_files, keep_private


def mode(path):
    return path.stat().st_mode & 0o777


@pytest.fixture
def var(tmp_path):
    """An installation as it was made before: readable by all."""
    folder = tmp_path / "var"
    for path in (folder, folder / "media", folder / "media" / "documents"):
        path.mkdir(mode=0o755)
    for name in ("db.sqlite3", "db.sqlite3-wal", "db.sqlite3-shm", "secret_key", "media/documents/a.pdf"):
        (folder / name).touch(mode=0o644)
        (folder / name).chmod(0o644)
    return folder


def test_everything_in_the_folder_is_closed(var):
    keep_private(var)
    assert {mode(path) for path in (var, *var.rglob("*")) if path.is_dir()} == {0o700}
    assert {mode(path) for path in var.rglob("*") if path.is_file()} == {0o600}


def test_a_folder_that_is_not_there_is_made_private(tmp_path):
    keep_private(tmp_path / "var")
    assert mode(tmp_path / "var") == 0o700


def test_a_database_elsewhere_is_made_private_and_its_folder_left_alone(tmp_path):
    tmp_path.chmod(0o755)
    name = tmp_path / "other.sqlite3"
    files = database_files({"ENGINE": "django.db.backends.sqlite3", "NAME": str(name)})
    assert (mode(name), mode(tmp_path)) == (0o600, 0o755)
    (tmp_path / "other.sqlite3-wal").touch(mode=0o644)
    keep_private(tmp_path / "var", *files)
    assert mode(tmp_path / "other.sqlite3-wal") == 0o600


def test_what_a_link_points_to_is_left_alone(var, tmp_path):
    outside = tmp_path / "outside"
    outside.touch(mode=0o644)
    outside.chmod(0o644)
    (var / "link").symlink_to(outside)
    keep_private(var)
    assert mode(outside) == 0o644


@pytest.mark.parametrize("name", [":memory:", "file:memorydb_default?mode=memory&cache=shared", ""])
def test_a_database_in_memory_has_no_files(name):
    assert database_files({"ENGINE": "django.db.backends.sqlite3", "NAME": name}) == []
