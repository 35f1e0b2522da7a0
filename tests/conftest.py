"""What all tests share."""

import datetime
import os
import shutil

import pytest
from django.conf import settings
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import override_settings
from django.utils import timezone, translation
from playwright.sync_api import expect, sync_playwright

from pzgent.kernel.zone import forget_zone
from pzgent.models import Zone
from pzgent.postgresql import breaker
from pzgent.worker import bring_up_to_date
from tests.make import make_channel
from tests.portal import running_portal
from tests.processes import forget_migrated, keep_migrated
from tests.snapshot import made_once, rows_of, shared

# Constraints, triggers, trees, folding, ordering, locks and SQL of our own: tests that run on both databases.
DECIDED_BY_THE_DATABASE = {
    "contact": {
        "test_api", "test_dated", "test_models", "test_overlaps", "test_phone", "test_querysets", "test_school_years",
    },
    "organisation": {
        "test_admin_organograms", "test_admin_tree", "test_api_organogram", "test_api_units", "test_editions",
        "test_functional_lines", "test_history", "test_listing", "test_models", "test_querysets", "test_structure",
    },
    "projects": {"test_api", "test_models", "test_new_plan", "test_querysets"},
    "pzgent": {
        "test_api_changes", "test_api_kernel", "test_backups", "test_concurrency",
        "test_deleting", "test_folding", "test_history", "test_loading",
        "test_once", "test_page_cache", "test_publishing", "test_release", "test_revision",
        "test_sign_in", "test_totals", "test_translations", "test_trees", "test_worker", "test_zone",
    },
}  # fmt: skip


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Mark the tests that one database is enough for, and group the tests of a file by the rows that they share."""
    files = {item.path: number for number, item in reversed(list(enumerate(items)))}
    kinds = {put_in: number for number, put_in in enumerate({rows_of(item): None for item in items})}
    items.sort(key=lambda item: (files[item.path], kinds[rows_of(item)]))
    if connection.vendor != "postgresql":
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("postgresql")])
        items[:] = [item for item in items if not item.get_closest_marker("postgresql")]
    for item in items:
        if item.path.stem not in DECIDED_BY_THE_DATABASE.get(item.path.parent.name, ()):
            item.add_marker("once")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The database of the tests; threads that work beside answers may hold it until the process ends."""
    with django_db_blocker.unblock():
        MigrationRecorder(connection).ensure_schema()  # there is none where tables are made from the models
        keep_migrated()
    yield
    with django_db_blocker.unblock():
        forget_migrated()
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture
def _shared_rows(request, django_db_setup, django_db_blocker):
    """The rows that this test shares with others of its file, before the savepoint of the test itself."""
    with django_db_blocker.unblock():
        shared.change_to(rows_of(request.node))


@pytest.fixture
def _django_db_helper(_shared_rows, _django_db_helper):
    """Set up the database of a test once its shared rows are there."""
    return _django_db_helper


@pytest.fixture(autouse=True, scope="module")
def _no_rows_beyond_a_file(django_db_blocker):
    """Rows are shared within a file: other fixtures of files have transactions of their own."""
    yield
    with django_db_blocker.unblock():
        shared.change_to(None)


@pytest.fixture(autouse=True)
def _empty_cache():
    """Each test starts with empty caches."""
    for cache in caches.all(initialized_only=True):
        cache.clear()
    forget_zone()
    breaker.set_open(False)


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    """Each test has change feeds, bulk files and notices of its own."""
    settings.FEED_WITNESS = tmp_path / "feed.json"
    settings.BULK_FOLDER = tmp_path / "bulk"
    settings.NOTICES_FOLDER = tmp_path / "notices"


@pytest.fixture(autouse=True)
def _dutch():
    """Each test starts in Dutch, whatever language the one before asked for."""
    translation.activate("nl")


@pytest.fixture(autouse=True, scope="session")
def _plain_static_files():
    """Templates work without collected files."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(
        STATIC_ROOT=settings.BASE_DIR / "static", STORAGES={**settings.STORAGES, "staticfiles": plain}
    ):
        yield


@pytest.fixture(autouse=True, scope="session")
def _own_uploads(tmp_path_factory):
    """What tests upload stays out of the folder of this machine's own portal."""
    with override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media")):
        yield


@pytest.fixture(autouse=True)
def _fast_passwords(settings):
    """Accounts are made quickly; nothing here depends on how a password is kept."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def _browser():
    """One browser of Debian's own for all tests of this process; the one without windows opens pages far faster."""
    # Playwright runs an event loop in this thread; Django would refuse the database beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    expect.set_options(timeout=30_000)  # as long as a click may take: a busy machine is no fault of a page
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium-headless-shell") or shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def chromium(_browser):
    """A browser without any page; pages and contexts are made from it."""
    yield _browser
    for context in _browser.contexts:
        context.close()


@pytest.fixture(scope="session")
def portal(tmp_path_factory, worker_id):
    """The address of the portal, filled, as the public gets it."""
    folder = tmp_path_factory.getbasetemp()
    with running_portal(folder if worker_id == "master" else folder.parent) as url:
        yield url


@pytest.fixture
def one_connection():
    """The application leaves the connection of the test open, whatever it asks or answers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "close_if_unusable_or_obsolete", lambda: None)
        yield


@pytest.fixture
def licensed(db):
    """A zone that has chosen a licence for its data."""
    names = {"name": "Politiezone Gent", "short_name": "Politie Gent", "city": "Gent"}
    return Zone.objects.update_or_create(
        slug="site", defaults={"licence": "CC0-1.0"}, create_defaults={**names, "licence": "CC0-1.0"}
    )[0]


@pytest.fixture
def official(licensed):
    """A zone that an administrator declared official: its check list is filled in."""
    for name in ("publisher", "controller", "dpo"):
        setattr(licensed, name, licensed.name)
    licensed.general = licensed.general or make_channel(kind="phone", value="+3292666111")
    licensed.facts_confirmed_on = datetime.date(2026, 11, 1)
    licensed.declared_at, licensed.declared_by = timezone.now(), "beheer"
    licensed.save()
    return licensed


def _load_the_plan():
    """The whole content of the corporate plan, of which the change feed has told."""
    call_command("load_plan", verbosity=0)
    bring_up_to_date()


plan = made_once(_load_the_plan)
