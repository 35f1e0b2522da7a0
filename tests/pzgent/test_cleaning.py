"""One cleaning for all text, on every way into the database, and for what is stored already."""

import importlib
import json
import unicodedata
from types import SimpleNamespace

import pytest
import yaml
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection, models
from django.db.models import CharField, JSONField, TextField, Value
from hypothesis import given
from hypothesis import settings as bounded
from hypothesis import strategies as st

from contact.models import Topic
from organisation.models import Term, Unit
from pzgent.kernel.cleaning import NEVER_TEXT, clean_address, clean_json, clean_line, clean_text, xml_text
from pzgent.kernel.fields import CleanField
from pzgent.kernel.rich_text import clean_html
from pzgent.models import Consumer, PlanRecord, SynonymRing
from tests.browser import form_data
from tests.make import (
    make_channel,
    make_document,
    make_location,
    make_project,
    make_term,
    make_topic,
    make_unit,
)

APPS = ("organisation", "projects", "contact", "pzgent")
COLUMNS = [
    column
    for label in APPS
    for model in apps.get_app_config(label).get_models()
    for column in model._meta.concrete_fields
    if isinstance(column, CharField | TextField | JSONField)
]
INVISIBLE = [
    "\u200b", "\ufeff", "\u00ad", "\u202a", "\u202e", "\u2066", "\u2069", "\u2060", "\u180e", "\U000e0041", "\x00",
    "\x02", "\x0e", "\x1f", "\x7f", "\x9f", "\ufffe", "\uffff", "\ufdd0", "\U0001ffff", "\ud800", "\ufff9",
    "\ufffc", "\u034f", "\u3164", "\u200e", "\u200f", "\u200c", "\u200d", "\ufe0f",
]  # fmt: skip
HOSTILE = "\ufeff Cafe\u0301\u200b\u202e te\x02 Gent\u2028 \x00"
LINE, LINES = "Café te Gent", " Café te Gent\n "
PIECES = [
    *INVISIBLE,
    *"\r\n\x0b\x0c\x85\u2028\u2029\t \u0301\u0338ب👩👧🏽é<&;",
    "&shy;",
    "&#2;",
    "<p>",
    "</p>",
    "é\u200d",
]
TEXTS = st.lists(st.characters(exclude_categories=[]) | st.sampled_from(PIECES), max_size=25).map("".join)


@pytest.mark.parametrize("sign", INVISIBLE, ids=ascii)
def test_what_nobody_sees_is_removed(sign):
    assert clean_text(f"Ge{sign}nt") == "Gent" or sign == "\ufe0f"
    assert clean_line(f"Ge{sign}nt") == "Gent" or sign == "\ufe0f"
    assert clean_address(f"{sign}an@po{sign}litie.be{sign}") == "an@politie.be"
    assert clean_json({f"a{sign}": [f"b{sign}c"]}) == {"a": ["bc"]} or sign == "\ufe0f"


@pytest.mark.parametrize(
    "text",
    [
        "می\u200cخواهم", "نامه\u200cای به خانه\u200cشان", "ن\u200d", "क्\u200dष", "ക്\u200d",
        "👩\u200d👩\u200d👧\u200d👦", "❤\ufe0f\u200d🔥", "🏳\ufe0f\u200d🌈", "👮🏽\u200d♀\ufe0f", "☎\ufe0f",
        "بيت 12 (\u200fGent\u200e)", "„één” – ‘twee’ …", "09\u00a0266\u202f61\u00a011", "a\n\n\tb\n", "¿Qué?",
        "\ufffd", "日本語",
    ],
    ids=ascii,
)  # fmt: skip
def test_what_a_script_needs_stays(text):
    assert clean_text(text) == text


@pytest.mark.parametrize(
    ("typed", "lines", "line"),
    [
        ("a\r\nb\rc", "a\nb\nc", "a b c"),
        ("a\u2028b\u2029c\x0bd\x0ce\x85f", "a\nb\nc\nd\ne\nf", "a b c d e f"),
        (" a \t b \n ", " a \t b \n ", "a b"),
        ("a  b", "a  b", "a  b"),
        ("\ud83d\ude00", "😀", "😀"),
        ("A\u030a Å", "Å Å", "Å Å"),
    ],
    ids=ascii,
)
def test_line_ends_and_letters_have_one_form(typed, lines, line):
    assert (clean_text(typed), clean_line(typed)) == (lines, line)


@bounded(max_examples=300)
@given(TEXTS)
def test_a_clean_text_is_clean_for_good(text):
    for rule in (clean_text, clean_line, clean_address, clean_html):
        cleaned = rule(text)
        assert rule(cleaned) == cleaned
        assert not NEVER_TEXT.search(cleaned)
        assert xml_text(cleaned) == cleaned
        cleaned.encode()
    assert unicodedata.is_normalized("NFC", clean_text(text))
    assert not set(clean_line(text)) & set("\n\r\t")


def test_an_address_that_runs_cannot_hide_behind_an_invisible_character():
    assert "javascript" not in clean_html('<a href="java&shy;script:alert(1)">x</a>')
    assert clean_html("<p>a&#8203;b&#2;</p><scr\u200bipt>") == "<p>ab</p>"


def test_the_shipped_content_is_clean_as_it_stands():
    for path in settings.BASE_DIR.glob("*/data/**/*.yaml"):
        content = yaml.safe_load(path.read_text())
        shown = json.dumps(content, ensure_ascii=False, default=str)
        assert clean_text(shown) == shown, path


# --- Every way into the database ------------------------------------------------------------------


@pytest.mark.parametrize("column", COLUMNS, ids=str)
def test_no_column_of_text_forgets_to_clean(column):
    assert isinstance(column, CleanField), f"Use pzgent.kernel.fields for {column}"
    hostile = {"fr": {HOSTILE: {"text": HOSTILE}}} if isinstance(column, JSONField) else HOSTILE
    row = column.model(**{column.attname: hostile})
    kept = [column.cleaned(hostile), column.pre_save(row, add=True), getattr(row, column.attname)]
    assert kept[0] == kept[1] == kept[2]
    shown = json.dumps(kept, ensure_ascii=False).replace("\\n", "")
    assert not NEVER_TEXT.search(shown)
    assert "Café te Gent" in shown
    column.get_db_prep_save(hostile, connection).encode() if not isinstance(column, JSONField) else None


def stored(row, *names):
    """What the database holds, past the fields."""
    columns = {f"raw_{name}": models.functions.Cast(name, TextField()) for name in names}
    return type(row)._base_manager.annotate(**columns).values_list(*columns).get(pk=row.pk)


WRITES = {
    "save": lambda row, **values: (
        [setattr(row, name, value) for name, value in values.items()] and row.save()
    ),
    "update": lambda row, **values: type(row).objects.filter(pk=row.pk).update(**values),
    "bulk_update": lambda row, **values: (
        [setattr(row, name, value) for name, value in values.items()]
        and type(row).objects.bulk_update([row], list(values))
    ),
    "update_or_create": lambda row, **values: type(row).objects.update_or_create(defaults=values, pk=row.pk),
}


@pytest.mark.django_db
@pytest.mark.parametrize("write", WRITES)
def test_text_is_clean_however_a_row_is_written(write):
    term, document, location = make_term(), make_document(), make_location()
    WRITES[write](term, abbreviation=HOSTILE, explanation=HOSTILE)
    WRITES[write](document, title=HOSTILE, url="https://a.be/\u200bx\ufeff ", slug="do\u00adc")
    WRITES[write](location, postal_code="90\u200b00")
    project = make_project()
    WRITES[write](project, description=f"<p>{HOSTILE}&shy;</p>")
    channel = make_channel(kind="email", value="")
    WRITES[write](channel, value=" an@po\u00adlitie.be\u200b", languages=["n\u200bl"])
    assert stored(term, "abbreviation", "explanation") == (LINE, LINES)
    assert stored(document, "title", "url", "slug") == (LINE, "https://a.be/x", "doc")
    assert stored(location, "postal_code") == ("9000",)
    assert stored(project, "description") == ("<p> Café te Gent\n </p>",)
    channel.refresh_from_db()
    assert (channel.value, channel.languages) == ("an@politie.be", ["nl"])


@pytest.mark.django_db
def test_text_is_clean_however_a_row_is_made():
    created = Term.objects.create(slug="een", abbreviation=HOSTILE)
    Term.objects.bulk_create([Term(slug="t\u200bwee", abbreviation=HOSTILE)])
    assert created.abbreviation == LINE
    assert list(Term.objects.order_by("slug").values_list("slug", "abbreviation")) == [
        ("een", LINE),
        ("twee", LINE),
    ]


@pytest.mark.django_db
def test_translations_are_cleaned_as_what_they_translate():
    topic = make_topic(title=f"{HOSTILE}x", intro=HOSTILE)
    topic.translate("title", "fr", HOSTILE)
    topic.translate("intro", "fr", HOSTILE)
    topic.save()
    assert topic.translation_of("title", "fr") == LINE
    assert topic.translation_of("intro", "fr") == LINES
    topic.translations["fr"]["title"]["text"] = HOSTILE
    topic.save()
    topic.refresh_from_db()
    assert topic.translation_of("title", "fr") == LINE
    assert list(topic.old_translations()) == []


@pytest.mark.django_db
def test_a_form_cleans_before_it_validates(client):
    client.force_login(get_user_model().objects.create_superuser("an"))
    topic = make_topic()
    page = client.get(f"/admin/contact/topic/{topic.pk}/change/")
    changes = {"title": HOSTILE, "intro": HOSTILE, "slug": "na\u200bam", "translated_title_fr": HOSTILE}
    data = form_data(page, **{name: [value.replace("\x00", "")] for name, value in changes.items()})
    assert client.post(f"/admin/contact/topic/{topic.pk}/change/", data).status_code == 302
    topic.refresh_from_db()
    assert (topic.title, topic.slug, topic.translation_of("title", "fr")) == (LINE, "naam", LINE)
    assert "\u200b" not in topic.intro
    page = client.get("/admin/pzgent/consumer/add/")
    consumer = {"name": "\u200bWie", "slug": "wie", "url": "\ufeffhttps://a.be/\u200bx ", "purpose": "Lezen"}
    data = form_data(page, **{name: [value] for name, value in consumer.items()})
    assert client.post("/admin/pzgent/consumer/add/", data).status_code == 302
    assert Consumer.objects.values_list("name", "url").get() == ("Wie", "https://a.be/x")


@pytest.mark.django_db
def test_what_is_only_invisible_is_empty_to_a_form(client):
    client.force_login(get_user_model().objects.create_superuser("an"))
    page = client.get("/admin/organisation/term/add/")
    data = form_data(page, abbreviation=["\u200b\u2060"], slug=["leeg"])
    answer = client.post("/admin/organisation/term/add/", data)
    assert answer.status_code == 200
    assert "abbreviation" in answer.context["adminform"].form.errors


# --- What is stored already -----------------------------------------------------------------------


def raw(row, **values):
    """Store values as an older version of the site did."""
    columns = {str: TextField(), dict: JSONField()}
    type(row)._base_manager.filter(pk=row.pk).update(
        **{name: Value(value, output_field=columns[type(value)]) for name, value in values.items()}
    )


def clean_stored_texts():
    migration = importlib.import_module("pzgent.migrations.0012_clean_texts")
    migration.clean_texts(apps, SimpleNamespace(connection=connection))
    return migration


@pytest.mark.django_db
def test_stored_texts_are_cleaned_and_nothing_else_is_touched():
    hostile = HOSTILE.replace("\x00", "")
    topic, calm, unit = make_topic(), make_topic(title="Rust"), make_unit()
    channel, project = make_channel(kind="email", value=""), make_project()
    mark = importlib.import_module("pzgent.migrations.0012_clean_texts").mark_of(hostile)
    raw(topic, title=hostile, translations={"fr": {"title": {"text": hostile, "of": mark}}})
    raw(unit, name=hostile)
    raw(channel, value="an@po\u00adlitie.be")
    raw(project, description="<p>a\u200bb</p>")
    ring = SynonymRing.objects.create(slug="x", words="een\ntwee")
    raw(ring, words="e\u200ben\r\ntwee")
    clean_stored_texts()
    found = Topic.objects.get(pk=topic.pk)
    assert (found.title, found.version) == (LINE, topic.version + 1)
    assert found.modified > topic.modified
    assert found.translation_of("title", "fr") == LINE
    assert list(found.old_translations()) == []
    assert stored(unit, "name") == (LINE,)
    assert stored(channel, "value") == ("an@politie.be",)
    assert stored(project, "description") == ("<p>ab</p>",)
    assert stored(ring, "words") == ("een\ntwee",)
    assert Topic.objects.filter(pk=calm.pk, version=calm.version, modified=calm.modified).exists()


@pytest.mark.django_db
def test_a_site_without_a_fault_writes_nothing(plan, django_assert_num_queries):
    before = list(Unit.objects.order_by("pk").values()) + list(PlanRecord.objects.order_by("pk").values())
    with connection.execute_wrapper(refuse_writing):
        clean_stored_texts()
    assert (
        list(Unit.objects.order_by("pk").values()) + list(PlanRecord.objects.order_by("pk").values())
        == before
    )


def refuse_writing(execute, sql, params, many, context):
    assert not sql.lstrip().upper().startswith(("UPDATE", "INSERT", "DELETE")), sql
    return execute(sql, params, many, context)


@pytest.mark.django_db
def test_what_was_loaded_dirty_does_not_seem_edited(plan):
    topic = Topic.objects.get(slug="pers")
    record = PlanRecord.objects.get(model="contact.topic", object_id=str(topic.pk))
    dirty = f"{topic.title}\u200b\n"
    raw(topic, title=dirty)
    raw(record, values={**record.values, "title": dirty})
    clean_stored_texts()
    record.refresh_from_db()
    assert record.values["title"] == topic.title == Topic.objects.get(pk=topic.pk).title


@pytest.mark.django_db
def test_two_rows_that_look_alike_are_left_to_an_editor(capsys):
    make_document(slug="plan")
    other = make_document(slug="anders")
    raw(other, slug="pl\u200ban")
    clean_stored_texts()
    assert stored(other, "slug") == ("pl\u200ban",)
    assert str(other.pk) in capsys.readouterr().out
