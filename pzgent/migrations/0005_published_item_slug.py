import json

from django.db import migrations, models


def fill(apps, schema_editor):
    """Give the items that the feed already told of the slug that they show."""
    database = schema_editor.connection.alias
    items = apps.get_model("pzgent", "PublishedItem").objects.using(database).filter(is_removed=False)
    for item in items.iterator(500):
        item.slug = json.loads(bytes(item.body)).get("slug")
        item.save(update_fields=["slug"])


class Migration(migrations.Migration):

    dependencies = [
        ('pzgent', '0004_data_changes'),
    ]

    operations = [
        migrations.AddField(
            model_name='publisheditem',
            name='slug',
            field=models.CharField(editable=False, max_length=120, null=True),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name='publisheditem',
            index=models.Index(fields=['collection', 'slug'], name='pzgent_publisheditem_slug'),
        ),
    ]
