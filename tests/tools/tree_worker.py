"""Worker process that reshapes an organogram concurrently with others; prints what it did as JSON.

Usage: python tests/tools/tree_worker.py NUMBER OPERATIONS
"""

import json
import os
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pzgent.settings")

import django

django.setup()

from django.db.models import RestrictedError  # needs the settings
from mptt.exceptions import InvalidMove  # needs the settings

from organisation.models import Organogram, Placement, Unit  # needs the settings


class Worker:
    """Insert, move, rename and delete at random, recording what must exist at the end."""

    def __init__(self, number: int) -> None:
        self.random = random.Random(number)  # a repeatable test, no secret
        self.number = number
        self.organogram = Organogram.objects.get()
        self.kept: dict[str, str] = {}
        self.errors: list[str] = []

    def any_place(self) -> Placement:
        return self.random.choice(list(Placement.objects.filter(organogram=self.organogram)))

    def insert(self, step: int) -> None:
        name = f"w{self.number}-{step}"
        unit = Unit.objects.create(slug=name, name=name, status="published")
        place = Placement(
            organogram=self.organogram, unit=unit, name=name, kind="team", parent=self.any_place()
        )
        place.save()
        self.kept[str(place.pk)] = name

    def move(self) -> None:
        place, target = self.any_place(), self.any_place()
        if place.parent_id is None:
            return
        if self.random.random() < 0.5:
            place.parent = target
            place.save()
        elif target.parent_id is not None:
            place.move_to(target, self.random.choice(["left", "right", "first-child"]))

    def rename(self, step: int) -> None:
        if not self.kept:
            return
        key = self.random.choice(list(self.kept))
        place = Placement.objects.get(pk=key)
        self.kept[key] = place.name = f"renamed-{self.number}-{step}"
        place.save()

    def delete(self) -> None:
        if not self.kept:
            return
        key = self.random.choice(list(self.kept))
        Placement.objects.get(pk=key).delete()
        del self.kept[key]

    def publish(self) -> None:
        """Hide or show the unit of a random placement."""
        unit = self.any_place().unit
        unit.status = self.random.choice(["published", "withdrawn"])
        unit.summary = f"changed by {self.number}"
        unit.save()

    def run(self, operations: int) -> None:
        for step in range(operations):
            draw = self.random.random()
            try:
                if draw < 0.35:
                    self.insert(step)
                elif draw < 0.75:
                    self.move()
                elif draw < 0.85:
                    self.rename(step)
                elif draw < 0.9:
                    self.publish()
                else:
                    self.delete()
            except (InvalidMove, RestrictedError, Placement.DoesNotExist):
                continue  # refused for a good reason: below itself, has children, or just gone
            except Exception as error:  # noqa: BLE001  # whatever reaches the caller is what the test is about
                self.errors.append(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    worker = Worker(int(sys.argv[1]))
    worker.run(int(sys.argv[2]))
    print(json.dumps({"kept": worker.kept, "errors": worker.errors}))
