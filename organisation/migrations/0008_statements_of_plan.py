from datetime import date
from uuid import UUID

from django.db import migrations
from django.db.models import Min
from django.utils import timezone

# The only plan that there was. The starting content gives it this identity too.
SLUG = "bedrijfsplan-2021-2025"
PLAN = UUID("02d9dde6-8401-5367-918c-bb77517ca3ec")


def fill(apps, schema_editor):
    """Make the corporate plan 2021-2025 where there are statements or objectives, and put the statements in it."""
    alias = schema_editor.connection.alias
    rows = [
        apps.get_model(app, name).objects.using(alias)
        for app, name in (("organisation", "Statement"), ("projects", "Objective"))
    ]
    if not any(found.exists() for found in rows):
        return
    started = [found.aggregate(first=Min("public_since"))["first"] for found in rows]
    document = apps.get_model("organisation", "Document").objects.using(alias).filter(slug=SLUG).first()
    plan = apps.get_model("organisation", "CorporatePlan").objects.using(alias).create(
        pk=PLAN,
        slug=SLUG,
        status="published",
        public_since=min(filter(None, started), default=timezone.now()),
        title="Bedrijfsplan 2021-2025",
        valid_from=date(2021, 1, 1),
        valid_from_precision="year",
        valid_until=date(2025, 12, 31),
        document=document,
        source=document,
    )
    rows[0].update(plan=plan)
    # The loader takes this row for its own, and fills in the rest.
    apps.get_model("pzgent", "PlanRecord").objects.using(alias).create(
        model="organisation.corporateplan", key=SLUG, object_id=str(PLAN), values={}
    )


class Migration(migrations.Migration):

    dependencies = [
        ('organisation', '0007_corporate_plans'),
        ('projects', '0002_public_since'),
        ('pzgent', '0001_initial'),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
