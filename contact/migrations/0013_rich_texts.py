"""Texts that may contain formatting; the columns stay as they are."""

from django.db import migrations

from pzgent.kernel.rich_text import RichTextField


class Migration(migrations.Migration):
    dependencies = [("contact", "0012_help_at_every_field")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField("topic", "intro", RichTextField(blank=True, help_text="Two to four plain sentences.", verbose_name="introduction")),
                migrations.AlterField("notice", "text_nl", RichTextField(help_text="What people have to do now, in one to three short sentences.", verbose_name="text in Dutch")),
                migrations.AlterField("notice", "text_fr", RichTextField(blank=True, help_text="Empty: who reads French sees the Dutch text.", verbose_name="text in French")),
                migrations.AlterField("notice", "text_en", RichTextField(blank=True, help_text="Empty: who reads English sees the Dutch text.", verbose_name="text in English")),
                migrations.AlterField("notice", "text_de", RichTextField(blank=True, help_text="Empty: who reads German sees the Dutch text.", verbose_name="text in German")),
            ]
        )
    ]
