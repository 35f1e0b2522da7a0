"""Benchmarks as ratios measured side by side in one run; `make bench` prints them.

Each figure compares our code with a plain reference on the same rows: medians of alternating repetitions, so that a
slow moment of the machine affects both. Exit status 1 if a ratio exceeds its bound.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pzgent.settings")
os.environ.setdefault("SECRET_KEY", "only-for-measuring-" + "x" * 50)
os.environ.setdefault("DB_STATEMENT_TIMEOUT_MS", "0")

import django  # the environment comes first

django.setup()

import orjson  # needs the settings
from django.conf import settings  # needs the settings
from django.core.management import call_command  # needs the settings
from django.db import connection, transaction  # needs the settings
from django.test import Client  # needs the settings
from django.test.utils import get_runner, setup_test_environment  # needs the settings

from organisation.models import Organogram, Placement, Unit  # needs the settings
from organisation.outline import get_outline  # needs the settings
from tests.bench_api import (
    clock,
    measure_lists,
    measure_numbering,
    measure_outline,
    report,
    side_by_side,
)  # needs the settings
from tests.bench_pages import measure_kept_pages  # needs the settings
from tests.make import make_wide_organogram  # needs the settings

SIZES = (150, 10_000, 100_000)
RAW_ROWS = """
    SELECT u.slug, p.name, p.abbreviation, p.kind, p.level, u.status, u.publication_level
    FROM organisation_placement p JOIN organisation_unit u ON u.id = p.unit_id
    WHERE p.organogram_id = %s ORDER BY p.tree_id, p.lft
"""


def whole_organogram(organogram: Organogram) -> bytes:
    """Return the organogram as the JSON of one response."""
    return get_outline(organogram) or b""


def raw_rows(organogram: Organogram) -> bytes:
    """Return the same rows with one raw query, as flat JSON."""
    with connection.cursor() as cursor:
        cursor.execute(RAW_ROWS, [Organogram._meta.pk.get_db_prep_value(organogram.pk, connection)])
        return orjson.dumps(cursor.fetchall())


def unit_page(slug: str) -> bytes:
    """Return a unit's page as served to a visitor."""
    response = Client().get(f"/eenheden/{slug}")
    assert response.status_code == 200, response.content[:300]
    return response.content


def copies_of(organogram: Organogram, draft: Organogram) -> list[Placement]:
    """Return unsaved placements of another organogram with the same shape."""
    new: dict[Any, Placement] = {}
    for place in Placement.objects.filter(organogram=organogram).order_by("lft"):
        values = {"unit_id": place.unit_id, "name": place.name, "kind": place.kind}
        new[place.pk] = Placement(organogram=draft, parent=new.get(place.parent_id), **values)
    return list(new.values())


def load_times(organogram: Organogram) -> tuple[float, float]:
    """Return the seconds to load the organogram's placements with the guarded loader, and as a flat bulk insert."""
    from django.db.models import QuerySet

    draft = Organogram.objects.create(slug="draft", title="draft", valid_from="2030-01-01")

    def timed(insert: Callable[[list[Placement]], Any]) -> float:
        rows = copies_of(organogram, draft)
        start = clock()
        with transaction.atomic():
            insert(rows)
            spent = clock() - start
            transaction.set_rollback(True)
        return spent

    def flat(rows: list[Placement]) -> None:
        for number, row in enumerate(rows):
            row.lft = row.rght = number
            row.level, row.tree_id = 0, 10_000
        QuerySet(Placement).bulk_create(rows)

    pairs = [(timed(Placement.objects.insert_tree), timed(flat)) for _ in range(3)]
    draft.delete()
    return median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)


def clean_up() -> None:
    """Update statistics and remove dead rows, as autovacuum does within a minute on a real server."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def measure() -> bool:
    """Fill an empty database step by step and measure; return whether all ratios are within bounds."""
    print(f"Database: {connection.vendor}. Ours, reference, ratio.")
    call_command("load_plan", verbosity=0)
    clean_up()
    measure_numbering()
    clean_up()
    results = [*measure_kept_pages(), *measure_lists()]
    call_command("flush", verbosity=0, interactive=False)
    pages: dict[int, str] = {}
    for number, size in enumerate(SIZES):
        organogram = make_wide_organogram(size, valid_from=f"{2001 + number}-01-01")
        organogram.refresh_from_db()
        clean_up()
        pages[size] = Placement.objects.filter(organogram=organogram, level=2).first().unit.slug
        repeats = 15 if size < 100_000 else 5
        spent = side_by_side(
            lambda o=organogram: whole_organogram(o), lambda o=organogram: raw_rows(o), repeats
        )
        # Of 150 rows, most is what the ORM needs to compile one query, about a millisecond: printed without a bound.
        bound = None if size == SIZES[0] else 2.0
        results.append(report(f"whole organogram as JSON, {size:,} placements / raw SQL", *spent, bound))
        if size == SIZES[1]:
            results.append(
                report(f"loading {size:,} placements / flat bulk insert", *load_times(organogram), 1.5)
            )
        if size == SIZES[2]:
            results += measure_outline(organogram, size, repeats)
    # Measure the page of a unit while the small organogram is in force, then while the big one is.
    small, big = Organogram.objects.order_by("valid_from")[0], Organogram.objects.order_by("-valid_from")[0]
    results.append(page_ratio(small, big, pages))
    return all(results)


def page_ratio(small: Organogram, big: Organogram, pages: dict[int, str]) -> bool:
    """Compare a unit's page among 100,000 placements with one among 150, each with its organogram in force."""

    def show(organogram: Organogram, slug: str) -> float:
        Organogram.objects.exclude(pk=organogram.pk).update(status="draft")
        Organogram.objects.filter(pk=organogram.pk).update(status="published")
        unit_page(slug)
        start = clock()
        for _ in range(20):
            unit_page(slug)
        return (clock() - start) / 20

    rounds = [(show(big, pages[SIZES[2]]), show(small, pages[SIZES[0]])) for _ in range(7)]
    ours, reference = median(pair[0] for pair in rounds), median(pair[1] for pair in rounds)
    return report(f"unit page at {SIZES[2]:,} placements / at {SIZES[0]}", ours, reference, 1.25)


def main() -> int:
    """Measure in a separate database, which is removed afterwards."""
    setup_test_environment()
    settings.ALLOWED_HOSTS = ["*"]
    settings.STATIC_ROOT = ROOT / "static"
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    runner = get_runner(settings)(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    try:
        assert not Unit.objects.exists()
        return 0 if measure() else 1
    finally:
        runner.teardown_databases(databases)


if __name__ == "__main__":
    sys.exit(main())
