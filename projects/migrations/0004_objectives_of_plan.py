from django.db import migrations


def fill(apps, schema_editor):
    """Put the objectives in the only plan that there was."""
    alias = schema_editor.connection.alias
    plan = apps.get_model("organisation", "CorporatePlan").objects.using(alias).order_by("valid_from").first()
    apps.get_model("projects", "Objective").objects.using(alias).filter(plan=None).update(plan=plan)


class Migration(migrations.Migration):

    dependencies = [
        ('organisation', '0008_statements_of_plan'),
        ('projects', '0003_outcomes_and_measures'),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
