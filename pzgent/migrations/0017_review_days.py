"""Give every fact without one a day to check it again, counted from the last check or the last change."""

from django.db import migrations
from django.utils import timezone

from pzgent.kernel.publishing import review_day

FACTS = {
    "contact": ("topic", "channel", "schedule", "schoolyear", "location", "carearea"),
    "organisation": (
        "document", "term", "organogram", "unit", "functionalline", "staffingtable", "policy", "keyfigure",
        "statement",
    ),
    "projects": ("plan", "objective", "project"),
}  # fmt: skip


def plan_reviews(apps, schema_editor):
    using = schema_editor.connection.alias
    for app, names in FACTS.items():
        for name in names:
            model = apps.get_model(app, name)
            rows = model._base_manager.using(using).filter(review_by=None).order_by()
            since = [column.name for column in model._meta.fields if column.name == "modified"]
            by_day = {}
            for key, verified, *modified in rows.values_list("pk", "verified_on", *since):
                changed = timezone.localdate(modified[0]) if modified else timezone.localdate()
                by_day.setdefault(verified or changed, []).append(key)
            for day, keys in by_day.items():
                due = review_day(f"{app}.{name}", day)
                for start in range(0, len(keys), 500):
                    rows.filter(pk__in=keys[start : start + 500]).update(review_by=due)


class Migration(migrations.Migration):
    dependencies = [
        ("pzgent", "0016_content_proposals"),
        ("contact", "0009_fact_basis"),
        ("organisation", "0010_fact_basis"),
        ("projects", "0006_fact_basis"),
    ]

    operations = [migrations.RunPython(plan_reviews, migrations.RunPython.noop)]
