"""Print the visible text of pages as JSON: `python tests/tools/visible.py STEP`, on the database of the environment.

Every STEP-th public page in Dutch as it is at any time, everything that the bulk file of the organisation holds, and
what is said of the trees. For comparing two databases that should show the same.
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

settings.STATIC_ROOT = settings.BASE_DIR / "static"  # as it is, not collected
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
django.setup()

from django.core.management import call_command
from django.test import Client

from pzgent.kernel.validity import for_any_time
from pzgent.page_cache.public_addresses import public_addresses

EXPORT = "/api/v1/exports/organisation.json"
# When it was made, and with which feed of changes it goes.
OF_THE_MOMENT = ("generated", "feed", "number")


def visible_text(html):
    """The words of a page, without what stands in tags."""
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
