from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now


def fill(apps, schema_editor):
    """Note for what the public sees, or saw, since when it could; exact only where that moment was set."""
    started = Q(publish_from=None) | Q(publish_from__lte=Now())
    for name in ('objective', 'plan', 'project'):
        rows = apps.get_model("projects", name).objects.using(schema_editor.connection.alias)
        rows.filter(started).exclude(status="draft").update(public_since=Coalesce(F("publish_from"), F("created")))


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='objective',
            name='public_since',
            field=models.DateTimeField(editable=False, null=True, verbose_name='public since'),
        ),
        migrations.AddField(
            model_name='plan',
            name='public_since',
            field=models.DateTimeField(editable=False, null=True, verbose_name='public since'),
        ),
        migrations.AddField(
            model_name='project',
            name='public_since',
            field=models.DateTimeField(editable=False, null=True, verbose_name='public since'),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
