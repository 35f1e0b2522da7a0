"""Texts that may contain formatting; the columns stay as they are."""

from django.db import migrations

from pzgent.kernel.rich_text import RichTextField


class Migration(migrations.Migration):
    dependencies = [("projects", "0007_help_at_every_field")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField("project", "outcome", RichTextField(blank=True, db_default="", default="", help_text="What came of it, in plain words. Empty when not published.", verbose_name="outcome")),
            ]
        )
    ]
