"""Cleans the texts that are stored already, by the rules that every write follows from now on.

A row without a fault is not touched. One that changes counts as changed: its version, its moment and, through the
triggers, what is kept of it. A translation stays as old or as new as it was. What another row would forbid (two names
that differ in nothing visible) is left for an editor.
"""

import hashlib

from django.db import IntegrityError, migrations, models, transaction
from django.utils import timezone

from pzgent.kernel.cleaning import clean_address, clean_json, clean_line, clean_text
from pzgent.kernel.rich_text import RichTextField, clean_html

APPS = ("organisation", "projects", "contact", "pzgent")
# Telling of others, made anew, or written by the database itself.
LEFT = {"datachange", "feedstate", "publisheditem"}
ADDRESSES = {("channel", "value"), ("location", "postal_code"), ("carearea", "postal_code")}
BATCH = 500


def rule_for(column):
    """The cleaning of a column, or None for one that holds no text."""
    if isinstance(column, RichTextField):
        return clean_html
    is_address = isinstance(column, models.SlugField | models.EmailField | models.URLField)
    if is_address or (column.model._meta.model_name, column.name) in ADDRESSES:
        return clean_address
    if isinstance(column, models.CharField):
        return clean_line
    if isinstance(column, models.TextField):
        return clean_text
    return clean_json if isinstance(column, models.JSONField) else None


def rules_of(model):
    found = {column.attname: rule_for(column) for column in model._meta.concrete_fields}
    return {name: rule for name, rule in found.items() if rule}


def mark_of(text):
    """The mark of a Dutch text as it was made before texts were cleaned."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:12]


def clean_translations(translations, dutch, rules):
    cleaned = clean_json(translations)
    for texts in cleaned.values():
        for name, kept in texts.items():
            kept["text"] = rules[name](kept["text"])
            if kept["of"] == mark_of(dutch.get(name) or ""):
                kept["of"] = mark_of(clean_text(dutch.get(name) or ""))
    return cleaned


def clean_values(values, rules):
    """The values of a row by column."""
    cleaned = {
        name: rules[name](value) if isinstance(value, str) and name in rules else clean_json(value)
        for name, value in values.items()
    }
    if values.get("translations"):
        cleaned["translations"] = clean_translations(values["translations"], values, rules)
    return cleaned


def clean_row(row, rules, apps):
    texts = {name: row[name] for name in rules}
    cleaned = clean_values(texts, rules)
    if "object_id" in texts:
        # What was loaded is cleaned as the row that was made of it, which would else seem to be edited.
        cleaned["values"] = clean_values(row["values"], rules_of(apps.get_model(row["model"])))
    return {name: value for name, value in cleaned.items() if value != row[name]}


def clean_texts(apps, schema_editor):
    now = timezone.now()
    for model in apps.get_models():
        rules = rules_of(model)
        if model._meta.app_label not in APPS or model._meta.model_name in LEFT or not rules:
            continue
        rows = models.QuerySet(model, using=schema_editor.connection.alias)
        names = {column.name for column in model._meta.concrete_fields}
        faulty = [
            (row["pk"], changed)
            for row in rows.values("pk", *rules).iterator(BATCH)
            if (changed := clean_row(row, rules, apps))
        ]
        for pk, changed in faulty:
            counted = {"version": models.F("version") + 1, "modified": now} if "version" in names else {}
            try:
                with transaction.atomic(using=rows.db):
                    rows.filter(pk=pk).update(**changed, **counted)
            except IntegrityError:
                print(f"Left as it is, because another row is the same: {model._meta.label} {pk}")


class Migration(migrations.Migration):
    dependencies = [
        ("pzgent", "0011_published_file"),
        ("organisation", "0004_functional_lines"),
        ("projects", "0001_initial"),
        ("contact", "0004_days"),
    ]

    operations = [migrations.RunPython(clean_texts, migrations.RunPython.noop, elidable=True)]
