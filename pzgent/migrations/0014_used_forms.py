import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('pzgent', '0013_public_since'),
    ]

    operations = [
        migrations.CreateModel(
            name='UsedForm',
            fields=[
                ('token', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('digest', models.CharField(blank=True, max_length=64)),
                ('model', models.CharField(blank=True, max_length=80)),
                ('object_id', models.CharField(blank=True, max_length=64)),
                ('location', models.TextField(blank=True)),
                ('at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
            ],
        ),
    ]
