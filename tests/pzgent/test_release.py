"""The number of the release, and what older code may not do to a newer database."""

import re
import tomllib

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.urls import reverse

from organisation.models import Term
from pzgent.models import Installation
from pzgent.operations.release import installed_release, parsed, record_release, require_not_newer

pytestmark = pytest.mark.django_db
NEWER = "999.0.0"


def test_the_changelog_and_the_package_name_the_same_release():
    changelog = (settings.BASE_DIR / "CHANGELOG.md").read_text()
    package = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]
    assert re.search(r"^## (\d\S*)", changelog, re.MULTILINE)[1] == package["version"] == settings.RELEASE


@pytest.mark.parametrize("command", ["load_plan", "migrate"])
def test_older_code_is_refused_on_the_database_of_a_newer_release(command):
    Installation.objects.update_or_create(pk=1, defaults={"release": NEWER})
    with pytest.raises(CommandError, match=rf"newer release \({NEWER}\).*restore the backup"):
        call_command(command, verbosity=0)
    assert not Term.objects.exists()
    assert installed_release() == NEWER


def test_a_migration_that_this_code_lacks_is_a_newer_release_too():
    MigrationRecorder(connection).record_applied("contact", "9999_from_the_future")
    with pytest.raises(CommandError, match="A newer release has used this database"):
        require_not_newer()


def test_other_packages_may_have_migrations_of_any_version():
    MigrationRecorder(connection).record_applied("auth", "9999_from_the_future")
    require_not_newer()


@pytest.mark.parametrize("before", ["", "0.9.9", settings.RELEASE])
def test_an_upgrade_records_its_release(before):
    Installation.objects.all().delete()
    if before:
        Installation.objects.create(pk=1, release=before)
    require_not_newer()
    record_release()
    assert installed_release() == settings.RELEASE


def test_releases_compare_by_number():
    assert parsed("1.10.0") > parsed("1.9.12") > parsed("")


def test_the_release_is_told_in_the_api_and_to_editors(client, admin_client):
    assert client.get("/api/v1").json()["release"] == settings.RELEASE
    assert f"{settings.RELEASE}</p>" in admin_client.get(reverse("admin:index")).content.decode()
    assert f"{settings.RELEASE}</p>" not in client.get(reverse("admin:login")).content.decode()
