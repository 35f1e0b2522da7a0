"""The virtual environment and the start of the site: accidents end in a sentence, or are repaired."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from django.conf import settings

DEPLOY = settings.BASE_DIR / "deploy"
pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with the script, requirements that install nothing, and the environment made from them."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "deploy").mkdir()
    shutil.copy(DEPLOY / "environment.py", folder / "deploy")
    (folder / "deploy" / "requirements.txt").write_text("")
    assert make_environment(folder).returncode == 0
    return folder


@pytest.fixture
def checkout(made, tmp_path):
    """A folder of the test's own, whose environment was made there as far as anybody can tell."""
    folder = tmp_path / "site"
    shutil.copytree(made, folder, symlinks=True)
    change_stamp(folder, place=str(folder / ".venv"))
    return folder


def make_environment(folder, python=sys.executable, **environment):
    return subprocess.run(
        [python, "deploy/environment.py", "requirements.txt"],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def inside(folder, code):
    """What the environment's own interpreter prints."""
    return subprocess.run(
        [folder / ".venv" / "bin" / "python", "-c", code], capture_output=True, text=True, check=False
    ).stdout.strip()


def is_sound(folder):
    """What the script itself finds."""
    code = "import environment; print(environment.is_sound(environment.read_stamp()))"
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=folder / "deploy", capture_output=True, text=True).stdout == "True\n"


def change_stamp(folder, **values):
    stamp = folder / ".venv" / "environment.json"
    stamp.write_text(json.dumps({**json.loads(stamp.read_text()), **values}))


def upgrade_python(folder):
    change_stamp(folder, version="3.10")


def remove_pip(folder):
    for path in folder.glob(".venv/lib/python*/site-packages/pip"):
        shutil.rmtree(path)


def remove_interpreter(folder):
    (folder / ".venv" / "bin" / "python").unlink()


def break_interpreter(folder):
    remove_interpreter(folder)
    (folder / ".venv" / "bin" / "python").symlink_to("/nonexistent/python3")


def remove_stamp(folder):
    (folder / ".venv" / "environment.json").unlink()


def empty_stamp(folder):
    (folder / ".venv" / "environment.json").write_text("")


@pytest.mark.parametrize(
    "accident", [upgrade_python, remove_pip, remove_interpreter, break_interpreter, remove_stamp, empty_stamp]
)
def test_a_broken_environment_is_noticed(checkout, accident):
    assert is_sound(checkout)
    accident(checkout)
    assert not is_sound(checkout)


@pytest.mark.parametrize("move", [shutil.move, shutil.copytree])
def test_a_renamed_or_copied_environment_is_noticed(checkout, move):
    other = checkout.with_name("other")
    move(checkout, other)
    assert not is_sound(other)


def test_a_broken_environment_is_made_anew_and_a_sound_one_is_kept(checkout):
    break_interpreter(checkout)
    assert make_environment(checkout).returncode == 0
    assert inside(checkout, "import pip, sys; print(sys.prefix)") == str(checkout / ".venv")
    (checkout / ".venv" / "mark").touch()
    assert make_environment(checkout).returncode == 0
    assert (checkout / ".venv" / "mark").exists()


def test_without_the_venv_module_nothing_is_left_behind_and_the_package_is_named(checkout, tmp_path):
    remove_stamp(checkout)
    # As Debian's Python without python3-venv: the module fails after it made the interpreter.
    fake = tmp_path / "modules" / "venv"
    fake.mkdir(parents=True)
    (fake / "__main__.py").write_text(
        "import pathlib, sys\n"
        "folder = pathlib.Path(sys.argv[1], 'bin'); folder.mkdir(parents=True); (folder / 'python').touch()\n"
        "sys.exit('The virtual environment was not created successfully because ensurepip is not available.')\n"
    )
    (fake / "__init__.py").touch()
    failed = make_environment(checkout, PYTHONPATH=str(fake.parent))
    assert (failed.returncode, "apt install python3-venv" in failed.stderr) == (1, True)
    assert not (checkout / ".venv").exists()


def serve(folder, *arguments, **environment):
    return subprocess.run(
        [sys.executable, "deploy/serve.py", *arguments],
        cwd=folder,
        env={**os.environ, "SECRET_KEY": "", "DATABASE_URL": "", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def site(tmp_path):
    """A copy of the code, without its data."""
    folder = tmp_path / "copy"
    skipped = shutil.ignore_patterns("var", ".venv", ".git", "node_modules", "tests", "docs", "__pycache__")
    shutil.copytree(settings.BASE_DIR, folder, ignore=skipped)
    return folder


def test_an_empty_secret_key_is_replaced_and_told(site):
    (site / "var").mkdir()
    (site / "var" / "secret_key").touch()
    result = serve(site, "check")
    assert (result.returncode, "var/secret_key was empty" in result.stdout) == (0, True)
    assert len((site / "var" / "secret_key").read_text()) > 40
    assert "secret_key" not in serve(site, "check").stdout


def test_a_damaged_database_is_named_with_the_way_on(site):
    (site / "var").mkdir()
    (site / "var" / "db.sqlite3").write_bytes(b"this is no database" * 100)
    result = serve(site, PORT="18999")
    assert result.returncode == 1
    assert "db.sqlite3 is damaged. Put your last backup in its place" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_folder_that_cannot_be_written_is_named_with_the_way_on(site):
    (site / "var").write_text("a file where the folder should be")
    result = serve(site, PORT="18999")
    assert result.returncode == 1
    assert str(site / "var") in result.stderr
    assert "Traceback" not in result.stderr


def test_a_project_folder_that_cannot_be_written_is_named_with_the_way_on(site):
    # Rights do not hold for root, as whom tests may run: what makes folders refuses instead.
    code = (
        "import errno, pathlib, runpy\n"
        "def refuse(self, *arguments, **options):\n"
        "    raise PermissionError(errno.EACCES, 'Permission denied', str(self))\n"
        "pathlib.Path.mkdir = refuse\n"
        "runpy.run_path('deploy/serve.py', run_name='__main__')"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=site,
        env={**os.environ, "SECRET_KEY": "", "DATABASE_URL": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (result.returncode, f"{site / 'var'}: Permission denied" in result.stderr) == (1, True)
    assert "this account may not write there" in result.stderr


def test_a_full_disk_ends_in_a_sentence(site, tmp_path):
    # A file as large as this process may write at most stands for the full disk.
    code = (
        "import resource, runpy, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000)); "
        "runpy.run_path('deploy/serve.py', run_name='__main__')"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=site,
        env={**os.environ, "SECRET_KEY": "", "DATABASE_URL": "", "PORT": "18999"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert result.returncode == 1
    assert "the disk that holds" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_new_site_serves_with_its_change_feed_filled(site):
    """The server itself would keep the memory that this takes."""
    serve(site, "prepare")
    with closing(sqlite3.connect(site / "var" / "db.sqlite3")) as database:
        [[number]] = database.execute("SELECT number FROM pzgent_feedstate")
        [[items]] = database.execute("SELECT COUNT(*) FROM pzgent_publisheditem")
    assert number >= items > 500
