from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('pzgent', '0018_zone'),
    ]

    operations = [
        migrations.CreateModel(
            name='Watermark',
            fields=[
                ('name', models.CharField(max_length=60, primary_key=True, serialize=False)),
                ('digest', models.CharField(max_length=64)),
                ('at', models.DateTimeField()),
            ],
        ),
    ]
