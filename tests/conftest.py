"""Fixtures and hooks shared by all tests."""

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

from pzgent.kernel.postgresql import breaker
from pzgent.kernel.zone import forget_zone
from pzgent.models import Zone
from pzgent.worker import bring_up_to_date
from tests.make import make_channel
from tests.portal import running_portal
from tests.processes import forget_migrated, keep_migrated
from tests.snapshot import made_once, rows_of, shared

# Constraints, triggers, trees, case folding, ordering, locks and raw SQL: tests that run on both databases.
DECIDED_BY_THE_DATABASE = {
    "contact": {
        "test_api", "test_dated", "test_guides", "test_hours_at_once", "test_models", "test_overlaps", "test_phone",
        "test_querysets", "test_school_years", "test_together",
    },
    "organisation": {
        "test_admin_organograms", "test_admin_tree", "test_api_organogram", "test_api_units", "test_editions",
        "test_functional_lines", "test_history", "test_listing", "test_models", "test_partners", "test_querysets",
        "test_structure",
    },
    "projects": {"test_api", "test_models", "test_new_plan", "test_querysets"},
    "pzgent": {
        "test_api_changes", "test_api_kernel", "test_backups", "test_concurrency",
        "test_deleting", "test_folding", "test_history", "test_loading",
        "test_once", "test_page_cache", "test_preview", "test_preview_links", "test_publishing", "test_release",
        "test_revision",
        "test_sign_in", "test_totals", "test_translations", "test_trees", "test_worker", "test_zone",
    },
}  # fmt: skip


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Mark the tests that need only one database, and group the tests of a file by their shared rows."""
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
    """Set up the test database; background threads may keep connections to it until the process ends."""
    with django_db_blocker.unblock():
        MigrationRecorder(connection).ensure_schema()  # absent if the tables are created from the models
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
    """Load the rows that this test shares with others in its file, before the savepoint of the test itself."""
    with django_db_blocker.unblock():
        shared.change_to(rows_of(request.node))


@pytest.fixture
def _django_db_helper(_shared_rows, _django_db_helper):
    """Set up the test's database access after its shared rows exist."""
    return _django_db_helper


@pytest.fixture(autouse=True, scope="module")
def _no_rows_beyond_a_file(django_db_blocker):
    """Remove shared rows at the end of a file: other module fixtures have their own transactions."""
    yield
    with django_db_blocker.unblock():
        shared.change_to(None)


@pytest.fixture(autouse=True)
def _empty_cache():
    """Start each test with empty caches."""
    for cache in caches.all(initialized_only=True):
        cache.clear()
    forget_zone()
    breaker.set_open(False)


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    """Give each test its own change feeds, bulk files and notices."""
    settings.FEED_WITNESS = tmp_path / "feed.json"
    settings.BULK_FOLDER = tmp_path / "bulk"
    settings.NOTICES_FOLDER = tmp_path / "notices"


@pytest.fixture(autouse=True)
def _dutch():
    """Start each test in Dutch, whatever language the previous one activated."""
    translation.activate("nl")


@pytest.fixture(autouse=True, scope="session")
def _plain_static_files():
    """Let templates work without collected static files."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(
        STATIC_ROOT=settings.BASE_DIR / "static", STORAGES={**settings.STORAGES, "staticfiles": plain}
    ):
        yield


@pytest.fixture(autouse=True, scope="session")
def _own_uploads(tmp_path_factory):
    """Keep uploads of tests out of the media folder of the local portal."""
    with override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media")):
        yield


@pytest.fixture(autouse=True)
def _unnoted_sessions(monkeypatch):
    """Note the use of a session only when it begins: a write a minute later would disturb counts of queries."""
    monkeypatch.setattr("pzgent.kernel.sessions.NOTED_EVERY", 24 * 3600)


@pytest.fixture(autouse=True)
def _fast_passwords(settings):
    """Create accounts quickly; no test depends on the password hasher."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def _browser():
    """Start one browser from Debian for all tests of this process; the headless shell opens pages much faster."""
    # Playwright runs an event loop in this thread, so Django would refuse database access in it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    expect.set_options(timeout=30_000)  # as long as a click may take: a busy machine is not a fault of a page
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium-headless-shell") or shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def chromium(_browser):
    """Yield the browser without open pages; tests create their own pages and contexts."""
    yield _browser
    for context in _browser.contexts:
        context.close()


@pytest.fixture(scope="session")
def portal(tmp_path_factory, worker_id):
    """Yield the address of the portal with content, as served to the public."""
    folder = tmp_path_factory.getbasetemp()
    with running_portal(folder if worker_id == "master" else folder.parent) as url:
        yield url


@pytest.fixture
def one_connection():
    """Keep the test's connection open, whatever the application requests or returns."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "close_if_unusable_or_obsolete", lambda: None)
        yield


@pytest.fixture
def licensed(db):
    """Return a zone that has chosen a licence for its data."""
    names = {"name": "Politiezone Gent", "short_name": "Politie Gent", "city": "Gent"}
    return Zone.objects.update_or_create(
        slug="site", defaults={"licence": "CC0-1.0"}, create_defaults={**names, "licence": "CC0-1.0"}
    )[0]


@pytest.fixture
def official(licensed):
    """Return a zone declared official by an administrator, with its checklist completed."""
    for name in ("publisher", "controller", "dpo"):
        setattr(licensed, name, licensed.name)
    licensed.general = licensed.general or make_channel(kind="phone", value="+3292666111")
    licensed.facts_confirmed_on = datetime.date(2026, 11, 1)
    licensed.declared_at, licensed.declared_by = timezone.now(), "beheer"
    licensed.save()
    return licensed


def _load_the_plan():
    """Load the whole content of the corporate plan, and record it in the change feed."""
    call_command("load_plan", verbosity=0)
    bring_up_to_date()


plan = made_once(_load_the_plan)
