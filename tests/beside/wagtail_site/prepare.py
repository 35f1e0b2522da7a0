"""Fills an empty database: a root, a unit as long as BYTES, and eight parts of it. Its address is /unit/."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wagtail_site.settings")
django.setup()

from django.core.management import call_command  # needs the settings
from wagtail.models import Page, Site  # needs the settings

from wagtail_site.models import UnitPage  # needs the settings

SENTENCE = "<p>A sentence about what this unit does and whom it helps.</p>"

call_command("migrate", verbosity=0, interactive=False)
home = Page.objects.get(depth=2)
unit = UnitPage(title="Unit", slug="unit", phone="+32 9 000 00 00")
unit.body = SENTENCE * (int(os.environ["BYTES"]) // len(SENTENCE))
home.add_child(instance=unit)
for number in range(8):
    unit.add_child(instance=UnitPage(title=f"Part {number}", slug=f"part-{number}"))
Site.objects.update(hostname="127.0.0.1", root_page=home)
