from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('contact', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='topic',
            name='other_needs',
            field=models.TextField(blank=True, help_text='One sentence per line, as a visitor would say it. The contact page lists them.', verbose_name='other needs it answers'),
        ),
    ]
