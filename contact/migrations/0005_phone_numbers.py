"""Write stored phone numbers as they are dialled: without the zero of the zone, in ASCII digits."""

import logging
import re

from django.core.exceptions import ValidationError
from django.db import migrations
from django.db.models import F
from django.utils import timezone

from contact.phone import STORED, normalise_phone

logger = logging.getLogger(__name__)


def normalise(apps, schema_editor):
    """Normalise each number; report what is no number, and move what no column may hold to the editors' note."""
    channels = apps.get_model("contact", "Channel").objects.using(schema_editor.connection.alias)
    for channel in channels.filter(kind__in=["phone", "sms"]).exclude(value="").order_by("slug"):
        changes = {}
        try:
            changes["value"] = normalise_phone(channel.value)
        except ValidationError as error:
            logger.warning(
                "Channel %s: %r is no phone number. %s", channel.slug, channel.value, error.messages[0]
            )
            if re.search(STORED, channel.value):
                continue
            changes = {"value": "", "editor_note": f"{channel.editor_note}\n{channel.value}".strip()}
        if changes.get("value") != channel.value:
            channels.filter(pk=channel.pk).update(
                **changes, version=F("version") + 1, modified=timezone.now()
            )


class Migration(migrations.Migration):
    dependencies = [("contact", "0004_days")]

    operations = [migrations.RunPython(normalise, migrations.RunPython.noop, elidable=True)]
