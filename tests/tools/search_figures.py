"""Print how well the search answers the sets of questions in `tests/pzgent`, on the starting content.

`python tests/tools/search_figures.py --write` updates `docs/search.md`.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pzgent.settings")
os.environ.setdefault("SECRET_KEY", "only-for-measuring-" + "x" * 50)

import django  # the environment comes first

django.setup()

from django.core.management import call_command  # needs the settings
from django.test.utils import get_runner, setup_test_environment  # needs the settings

from tests.search_figures import table  # needs the settings

PAGE = ROOT / "docs" / "search.md"
BEGIN, END = "<!-- figures -->\n", "<!-- end of figures -->\n"


def measured() -> str:
    """Return the figures on the starting content, loaded into a database that is thrown away."""
    from django.conf import settings  # needs the settings

    setup_test_environment()
    runner = get_runner(settings)(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    try:
        call_command("load_plan", verbosity=0)
        return table()
    finally:
        runner.teardown_databases(databases)


def main() -> None:
    """Print the figures; with `--write`, put them in the page."""
    figures = measured()
    sys.stdout.write(figures)
    if "--write" in sys.argv:
        before, _begin, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        _old, _end, after = rest.partition(END)
        PAGE.write_text(f"{before}{BEGIN}{figures}{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
