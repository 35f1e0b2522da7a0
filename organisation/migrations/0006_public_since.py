from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now


def fill(apps, schema_editor):
    """Note for what the public sees, or saw, since when it could; exact only where that moment was set."""
    started = Q(publish_from=None) | Q(publish_from__lte=Now())
    for name in ('document', 'keyfigure', 'organogram', 'policy', 'staffingtable', 'statement', 'term', 'unit'):
        rows = apps.get_model("organisation", name).objects.using(schema_editor.connection.alias)
        rows.filter(started).exclude(status="draft").update(public_since=Coalesce(F("publish_from"), F("created")))


class Migration(migrations.Migration):

    dependencies = [
        ('organisation', '0005_checked_files'),
    ]

    operations = [
        migrations.AddField(
            model_name='document',
            name='public_since',
            field=models.DateTimeField(editable=False, null=True, verbose_name='public since'),
        ),
        migrations.AddField(
            model_name='keyfigure',
            name='public_since',
            field=models.DateTimeField(editable=False, null=True, verbose_name='public since'),
        ),
        migrations.AddField(
            model_name='organogram',
            name='public_since',
            field=models.DateTimeField(editable=False, null=True, verbose_name='public since'),
        ),
        migrations.AddField(
            model_name='policy',
            name='public_since',
            field=models.DateTimeField(editable=False, null=True, verbose_name='public since'),
        ),
        migrations.AddField(
            model_name='staffingtable',
            name='public_since',
            field=models.DateTimeField(editable=False, null=True, verbose_name='public since'),
        ),
        migrations.AddField(
            model_name='statement',
            name='public_since',
            field=models.DateTimeField(editable=False, null=True, verbose_name='public since'),
        ),
        migrations.AddField(
            model_name='term',
            name='public_since',
            field=models.DateTimeField(editable=False, null=True, verbose_name='public since'),
        ),
        migrations.AddField(
            model_name='unit',
            name='public_since',
            field=models.DateTimeField(editable=False, null=True, verbose_name='public since'),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
