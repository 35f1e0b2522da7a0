"""Worker process that reorganises a draft through the workshop's own address; prints what came of it as JSON.

Usage: python tests/tools/workshop_worker.py NUMBER OPERATIONS
"""

import json
import os
import random
import re
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pzgent.settings")

import django
from django.conf import settings

# A checkout has no built files.
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
django.setup()

from django.contrib.auth.models import User  # needs the settings
from django.test import Client  # needs the settings
from django.urls import reverse  # needs the settings

from organisation.models import Organogram, Placement  # needs the settings


class Editor:
    """Take random steps as an editor does: look at the tree, send a form, and see what comes of it."""

    def __init__(self, number: int) -> None:
        self.random = random.Random(number)  # a repeatable test, no secret
        self.number = number
        self.page = reverse("admin:organisation_organogram_workshop", args=[Organogram.objects.get().pk])
        self.client = Client(HTTP_HOST="localhost", raise_request_exception=False)
        self.client.force_login(User.objects.get())
        self.outcomes: Counter[int] = Counter()
        self.errors: list[str] = []

    def form(self, step: int) -> dict[str, str]:
        """Return one random step, with the names of random units."""
        names = list(Placement.objects.order_by("pk").values_list("name", flat=True))
        other, third = self.random.choice(names), self.random.choice(names)
        position = self.random.choice(["under", "before", "after"])
        name, moved = f"w{self.number}-{step}", {"move-target": other, "move-position": position}
        steps = [
            {"step": "shift", "shift-direction": self.random.choice(["up", "down"])},
            {"step": "move", **moved},
            {"step": "move", **moved},
            {
                "step": "rename",
                "rename-name": f"{name} nieuw",
                "rename-kind": "team",
                "rename-is_succession": "on",
            },
            {"step": "add", "add-name": name, "add-kind": "team", "add-position": position},
            {"step": "add", "add-name": name, "add-kind": "team", "add-position": "under"},
            {"step": "end", "end-outcome": "replaced", "end-successor": other, "end-children": "up"},
            {"step": "merge", "merge-others": other, "merge-into": third},
            {"step": "split", "split-parts": f"{name} a\n{name} b", "split-kind": "cel"},
            {"step": "undo"},
        ]
        return self.random.choice(steps)

    def take(self, step: int) -> None:
        """Take one step; refused ones, because of a colleague or of the tree, are no errors."""
        place = self.random.choice(list(Placement.objects.values_list("pk", flat=True)))
        page = self.client.get(self.page, {"at": place}, secure=True)
        html = page.content.decode()
        if page.status_code != 200:
            self.errors.append(f"{page.status_code}: {html[:300]}")
        found = re.search(r'name="tree_state" value="([^"]+)"', html)
        last = re.search(r'name="step_id" value="(\d+)"', html)
        sent = {"at": str(place), "tree_state": found[1] if found else "", "step_id": last[1] if last else ""}
        answer = self.client.post(self.page, sent | self.form(step), secure=True)
        self.outcomes[answer.status_code] += 1
        if answer.status_code not in (200, 302, 409):
            self.errors.append(f"{answer.status_code}: {answer.content[:300]!r}")


def main() -> None:
    editor = Editor(int(sys.argv[1]))
    for step in range(int(sys.argv[2])):
        editor.take(step)
    print(json.dumps({"outcomes": editor.outcomes, "errors": editor.errors}))


main()
