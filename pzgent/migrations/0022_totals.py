from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('pzgent', '0021_changed_rows'),
    ]

    operations = [
        migrations.CreateModel(
            name='PageTotal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('page', models.CharField(max_length=200)),
                ('language', models.CharField(max_length=2)),
                ('count', models.PositiveBigIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('day', 'page', 'language'), name='pzgent_page_total_once')],
            },
        ),
        migrations.CreateModel(
            name='SearchTotal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('words', models.CharField(max_length=40)),
                ('count', models.PositiveBigIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('day', 'words'), name='pzgent_search_total_once')],
            },
        ),
    ]
