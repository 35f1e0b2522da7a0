"""`manage.py doctor`: each thing that an operator may have to mend, made wrong on purpose."""

import json
import os
import shutil
from collections import namedtuple

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection

from pzgent.operations import doctor
from pzgent.operations.emergency import write_pages
from pzgent.page_cache.copies import Copies
from pzgent.page_cache.public_addresses import public_addresses
from pzgent.page_cache.store import Entry

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:Overriding setting")]


@pytest.fixture
def site(settings, tmp_path):
    """An installation with which all is well."""
    var = tmp_path / "var"
    var.mkdir(mode=0o700)
    settings.VAR_DIR, settings.EMERGENCY_FOLDER = var, var / "emergency"
    settings.BACKUPS_FOLDER, settings.PAGES_FOLDER = var / "backups", var / "pages"
    settings.STATIC_ROOT = var / "static"
    settings.BASE_URL, settings.SERVED_OVER_HTTPS, settings.PROXIES = "https://www.example.be", True, 1
    settings.SECURE_SSL_REDIRECT = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 31536000, True
    settings.COPIES_AHEAD, settings.CACHE_URL = True, ""
    (var / "static").mkdir()
    (var / "static" / "site.abc.css").touch()
    (var / "static" / "staticfiles.json").write_text(json.dumps({"paths": {"site.css": "site.abc.css"}}))
    (var / "backups").mkdir()
    (var / "backups" / "pzgent-2026-11-29T031000.tar.gz").touch()
    write_pages()
    copies = Copies(settings.PAGES_FOLDER)
    for path in public_addresses():
        copies.put((path, ()), Entry("", 0, 0, [], b"kept"))
    return var


def faults():
    return {finding.subject: finding for finding in doctor.examine() if not finding.is_well}


def test_a_good_installation_is_well(site):
    assert faults() == {}
    subjects = {finding.subject for finding in doctor.examine()}
    assert subjects == {
        "settings", "database", "release", "rights", "disk", "static files", "emergency page", "copies", "backups",
    }  # fmt: skip


def test_the_command_says_so_in_sentences_and_ends_well(site, capsys):
    call_command("doctor")
    assert "well  backups: The newest of 1 backups is of 0 minutes ago" in capsys.readouterr().out


def test_what_is_wrong_comes_with_advice_and_an_exit_status(site, capsys):
    shutil.rmtree(site / "backups")
    with pytest.raises(SystemExit, match="1"):
        call_command("doctor")
    assert "WRONG backups: There is no backup" in (text := capsys.readouterr().out)
    assert "-> Run: pzgent backup" in text


def test_programs_read_it_as_json(site, capsys):
    call_command("doctor", "--json")
    assert {finding["is_well"] for finding in json.loads(capsys.readouterr().out)} == {True}


def test_each_thing_that_is_missing_is_named(site):
    (site / "static" / "site.abc.css").unlink()
    (site / "emergency" / "fr.html").unlink()
    next((site / "pages").glob("??/*")).unlink()
    os.utime(site / "backups" / "pzgent-2026-11-29T031000.tar.gz", (0, 0))
    assert faults().keys() == {"static files", "emergency page", "copies", "backups"}
    assert "fr.html" in faults()["emergency page"].sentence


def test_files_that_others_can_read_are_named_with_the_cure(site):
    site.chmod(0o755)
    (site / "secret_key").touch(mode=0o644)
    assert "chmod -R go=" in faults()["rights"].advice


def test_a_disk_that_is_nearly_full_is_told(site, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(
        shutil, "disk_usage", lambda place: usage(100 * doctor.GB, 99 * doctor.GB, doctor.GB // 2)
    )
    assert "0.5 GB are free" in faults()["disk"].sentence


def test_settings_for_a_local_run_are_no_settings_of_production(site, settings):
    settings.SERVED_OVER_HTTPS = False
    assert "BASE_URL" in faults()["settings"].sentence
    settings.SERVED_OVER_HTTPS, settings.PROXIES = True, 0
    assert "PROXIES" in faults()["settings"].sentence
    settings.PROXIES, settings.SESSION_COOKIE_SECURE = 1, False
    assert "SESSION_COOKIE_SECURE" in faults()["settings"].sentence


def test_a_database_that_is_away_is_told_with_what_still_works(site, monkeypatch):
    def refuse():
        raise OperationalError("Connection refused")

    monkeypatch.setattr(connection, "ensure_connection", refuse)
    found = faults()["database"]
    assert "Connection refused" in found.sentence
    assert "last good copies" in found.advice


def test_a_database_of_a_newer_release_is_told(site, settings):
    from pzgent.models import Installation

    Installation.objects.update_or_create(pk=1, defaults={"release": "99.0.0"})
    assert "99.0.0" in faults()["release"].sentence


def test_a_cache_that_is_away_is_told(site, settings):
    settings.CACHE_URL = "redis://127.0.0.1:1/0"
    settings.CACHES = {
        **settings.CACHES,
        "counters": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": settings.CACHE_URL,
        },
    }  # fmt: skip
    assert "Redis does not answer" in faults()["redis"].sentence
