
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('pzgent', '0010_feed_identity'),
    ]

    operations = [
        migrations.CreateModel(
            name='PublishedFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('model', models.CharField(max_length=60)),
                ('key', models.UUIDField()),
                ('field', models.CharField(max_length=60)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('model', 'key', 'field'), name='pzgent_publishedfile_once')],
            },
        ),
    ]
