"""`manage.py check_tree`: verify the integrity of every tree."""

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError

from organisation.models import Organogram, Placement
from pzgent.kernel.trees import TreeNode, find_faults


class Command(BaseCommand):
    """Check every tree against its parent pointers; exit with status 1 and a list of faults if one is corrupt."""

    help = "Check every tree of the site; fails when one is unsound."

    def handle(self, *args: Any, **options: Any) -> None:
        models = [model for model in apps.get_models() if issubclass(model, TreeNode)]
        faults = [f"{model._meta.label}: {fault}" for model in models for fault in find_faults(model)]
        faults += [f"{name}: {fault}" for name, fault in Placement.objects.get_misplaced()]
        if faults:
            raise CommandError("\n".join(faults))
        nodes = sum(model._base_manager.count() for model in models)
        self.stdout.write(f"Sound: {nodes} nodes, {Organogram.objects.count()} organograms.")
