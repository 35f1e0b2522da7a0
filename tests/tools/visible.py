"""Print the visible text of pages as JSON: `python tests/tools/visible.py STEP`, on the configured database.

Covers every STEP-th public page in Dutch in its time-independent form, the complete bulk file of the organisation,
and the reports on the trees. Use it to compare two databases that should show the same.
"""

import io
import json
import os
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pzgent.settings")

import django
from django.conf import settings

settings.STATIC_ROOT = settings.BASE_DIR / "static"  # straight from the source folder, not collected
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
django.setup()

from django.core.management import call_command
from django.test import Client

from pzgent.kernel.validity import for_any_time
from pzgent.page_cache.public_addresses import public_addresses

EXPORT = "/api/v1/exports/organisation.json"
# Time of creation, and position in the change feed.
OF_THE_MOMENT = ("generated", "feed", "number")


def visible_text(html):
    """Return the words of a page, without its tags."""
    words = " ".join(re.sub(r"(?s)<(script|style).*?</\1>|<[^>]+>", " ", html).split())
    return re.sub(r"Zo was het om [\d.]+ uur\.", "", words)  # frames say when they were made


def main(step):
    client = Client(headers={"host": "localhost"})
    paths = [path for path in public_addresses() if not path.startswith(("/fr", "/en", "/de", "/api"))]
    with for_any_time():
        shown = {
            path: visible_text(client.get(path).content.decode()) for path in dict.fromkeys(paths[::step])
        }
    export = client.get(EXPORT)
    body = b"".join(export.streaming_content) if export.streaming else export.content
    shown[EXPORT] = {name: value for name, value in json.loads(body).items() if name not in OF_THE_MOMENT}
    trees = io.StringIO()
    call_command("check_tree", stdout=trees)
    print(json.dumps(shown | {"trees": trees.getvalue()}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
