"""Older releases from the history upgrade to this code with the work of their editors kept; `make drill` asks."""

import json
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from django.conf import settings

from tests.portal import serving
from tests.processes import scratch_database

pytestmark = pytest.mark.drill
EDITOR = settings.BASE_DIR / "tests" / "drills" / "edit_old_release.py"
# The first that served the site, one halfway, and the last that did not yet record its number in the database.
RELEASES = ["cb931878", "d687a88e", "8b2fff12"]
SIGN_IN = (
    "from django.contrib.auth import authenticate; "
    "print(authenticate(username='redactie', password='een lange zin over fietsen 2026').is_staff)"
)


def git(*arguments, folder=settings.BASE_DIR):
    return subprocess.run(["git", "-C", folder, *arguments], capture_output=True, text=True, check=False)


@pytest.fixture(params=RELEASES)
def site(request, tmp_path):
    """A folder with the code of an older release."""
    folder, commit = tmp_path / "site", request.param
    if git("cat-file", "-e", f"{commit}^{{commit}}").returncode:
        pytest.fail(
            f"There is no commit {commit} here. The drill needs the whole history: git fetch --unshallow."
        )
    for done in (
        git("clone", "--quiet", "--no-checkout", settings.BASE_DIR, folder),
        git("checkout", "--quiet", commit, folder=folder),
    ):
        assert done.returncode == 0, done.stderr
    return folder


def replace_code(folder):
    """Put the present code in place of an older one, as a pull does: what the site itself wrote stays."""
    for path in folder.iterdir():
        if path.is_dir() and path.name not in ("var", ".git"):
            shutil.rmtree(path)
    skipped = shutil.ignore_patterns("var", ".venv", ".git", "node_modules", "__pycache__", ".*_cache")
    shutil.copytree(settings.BASE_DIR, folder, ignore=skipped, dirs_exist_ok=True)


def python(folder, url, *arguments):
    """What a program prints that runs with the code in a folder; it must end well."""
    environment = {**os.environ, "DATABASE_URL": url, "SECRET_KEY": settings.SECRET_KEY}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def status_of(url):
    try:
        with urllib.request.urlopen(url) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def read(url):
    with urllib.request.urlopen(url) as answer:
        return answer.read().decode()


def test_an_older_release_upgrades_with_the_editors_work_kept(site, tmp_path):
    with scratch_database(tmp_path) as url:
        with serving(site, tmp_path / "old.log", DATABASE_URL=url):
            pass
        addresses = python(site, url, EDITOR, settings.BASE_DIR / "tests" / "browser.py").split()
        replace_code(site)
        with serving(site, tmp_path / "new.log", DATABASE_URL=url) as portal:
            require_work(portal)
            assert len(addresses) > 200
            statuses = {address: status_of(portal + address) for address in addresses}
            assert {address: status for address, status in statuses.items() if status != 200} == {}
        for command in (["check"], ["migrate", "--check"], ["check_tree"], ["load_plan"]):
            python(site, url, "manage.py", *command)
        assert python(site, url, "manage.py", "shell", "-v0", "-c", SIGN_IN).strip() == "True"


def require_work(portal):
    """Assert that the site shows what the editor made of it."""
    assert "Dienst Communicatie en Pers" in read(f"{portal}/eenheden/dienst-communicatie")
    assert read(f"{portal}/eenheden/cops") == read(f"{portal}/eenheden/cops-gent")
    assert "Fietsen in de wijk" in read(f"{portal}/projecten/fietsen-in-de-wijk")
    assert status_of(f"{portal}/projecten/b-34-wapens") == 404
    items = json.loads(read(f"{portal}/api/v1/exports/organisation.json"))["collections"]
    values = {item["slug"]: item.get("value") for item in items["channels"]}
    assert values["bas-telefoon"] == "+3292669999"
    slugs = {item["slug"] for name in ("projects", "terms") for item in items[name]}
    assert slugs & {"b-34-wapens", "3p", "fietsen-in-de-wijk", "b-33-geweld-op-straat"} == {
        "fietsen-in-de-wijk",
        "b-33-geweld-op-straat",
    }
