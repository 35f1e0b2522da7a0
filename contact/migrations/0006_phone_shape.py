from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('contact', '0005_phone_numbers'),
        ('organisation', '0004_functional_lines'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='channel',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ('phone', 'sms')), _negated=True), ('value', ''), ('value__regex', '^(\\+[1-9][0-9]{4,14}|[1-9][0-9]{2,5})\\Z'), _connector='OR'), name='contact_channel_phone_number', violation_error_message='Write a phone number such as 09 266 61 11, +32 9 266 61 11 or 101.'),
        ),
    ]
