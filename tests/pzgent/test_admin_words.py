"""The words of the admin: help at every field, no English on any page, and a guide whose names exist."""

import gettext
import re
from html.parser import HTMLParser
from pathlib import Path

import django
import polib
import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.urls import reverse
from django.utils.text import slugify

from contact.models import Topic
from pzgent.admin.guide import CHAPTERS, GENERAL, WORKING_COPY, guide
from pzgent.admin.words import UNTRANSLATED
from pzgent.kernel.versions.copies import save_copy
from pzgent.kernel.versions.snapshots import take
from tests.browser import form_data
from tests.make import make_missing, make_topic
from tests.pzgent.test_admin_pages import MODELS, _make_rows
from tests.snapshot import made_once

pytestmark = pytest.mark.django_db
CATALOGUES = [
    *(settings.BASE_DIR / "locale/nl/LC_MESSAGES").glob("*.po"),
    *Path(django.__file__).parent.glob("**/locale/nl/LC_MESSAGES/*.po"),
]
ENGLISH = re.compile(
    r"\b(the|this|that|with|your|you|can|add|change|changed|delete|deleted|view|select|choose|from|which|please|what|"
    r"available|chosen|remove|search|none|unknown|yes|true|false|today|now|and|are|not|list|show|hide|save|close)\b",
    re.IGNORECASE,
)
# Words of other languages in the texts that visitors read, and names.
NAMES = re.compile(r"\b(open data|Flash|Open Sans)\b|https?://\S+", re.IGNORECASE)
SPOKEN = ("aria-label", "title", "placeholder", "alt", "data-label")
VOID = ("input", "br", "img", "hr", "meta", "link", "use", "path", "symbol")


class Words(HTMLParser):
    """Collects what a page says in its own language: texts, names of controls, buttons."""

    def __init__(self):
        super().__init__()
        self.said, self.open = [], []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        is_foreign = (values.get("lang") or "nl") != "nl"
        if tag not in VOID:
            self.open.append((tag, is_foreign or tag in ("script", "style", "textarea")))
        if not any(skipped for _tag, skipped in self.open):
            self.said += [values[name] for name in SPOKEN if values.get(name)]
            if tag == "input" and values.get("type") in ("submit", "button"):
                self.said.append(values.get("value") or "")

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if not any(skipped for _tag, skipped in self.open):
            self.said.append(" ".join(data.split()))


def words_of(page):
    words = Words()
    words.feed(page)
    return [text for text in words.said if text]


rows = made_once(lambda: (_make_rows(), make_missing(MODELS)))


def addresses_of(model, request):
    """Every page of a model, as a superuser reaches it."""
    model_admin, name = admin.site._registry[model], f"admin:{model._meta.app_label}_{model._meta.model_name}"
    yield reverse(f"{name}_changelist")
    if model_admin.has_add_permission(request):
        yield reverse(f"{name}_add")
    row = model._default_manager.order_by("pk").first()
    yield from (reverse(f"{name}_{page}", args=[row.pk]) for page in ("change", "history"))
    if model_admin.has_delete_permission(request):
        yield reverse(f"{name}_delete", args=[row.pk])


@pytest.fixture
def request_of(rf, admin_user):
    Group.objects.create(name="Redacteurs")
    request = rf.get("/admin/")
    request.user = admin_user
    return request


@pytest.fixture(scope="module")
def dutch():
    """The Dutch texts that are the same as some English word, which no list of words can tell apart."""
    entries = [entry for file in CATALOGUES for entry in polib.pofile(str(file))]
    return {
        text.strip().casefold() for entry in entries for text in (entry.msgstr, *entry.msgstr_plural.values())
    }


def english_on(page, dutch):
    texts = {NAMES.sub("", text) for text in words_of(page)}
    return sorted(text for text in texts if ENGLISH.search(text) and text.casefold() not in dutch)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_no_page_of_a_model_says_anything_in_english(model, rows, admin_client, request_of, dutch):
    found = {
        address: english_on(admin_client.get(address).content.decode(), dutch)
        for address in addresses_of(model, request_of)
    }
    assert {address: texts for address, texts in found.items() if texts} == {}


def test_the_sign_in_page_is_in_dutch(client, dutch):
    assert english_on(client.get("/admin/login/").content.decode(), dutch) == []


def test_english_on_a_page_is_found():
    page = '<p>Alles goed</p><a title="Add another">x</a><p lang="en">the end</p><label>Select one</label>'
    assert english_on(page, set()) == ["Add another", "Select one"]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_field_has_help(model, rows, request_of):
    model_admin = admin.site._registry[model]
    bare = []
    for row in (None, model._default_manager.order_by("pk").first()):
        forms = [(model, model_admin.get_form(request_of, row, change=row is not None))]
        for inline in model_admin.get_inline_instances(request_of, row):
            forms.append((inline.model, inline.get_formset(request_of, row).form))
        bare += [
            f"{owner.__name__}.{name}"
            for owner, form in forms
            for name, field in form.base_fields.items()
            if not field.help_text and not field.widget.is_hidden
        ]
    assert bare == []


def test_help_does_not_repeat_its_label(rows, request_of):
    repeated = []
    for model in MODELS:
        form = admin.site._registry[model].get_form(request_of)
        for name, field in form.base_fields.items():
            if str(field.help_text).strip(" .").casefold() == str(field.label).casefold():
                repeated.append(f"{model.__name__}.{name}")
    assert repeated == []


def test_history_names_fields_as_the_form_does(admin_client):
    topic = make_topic()
    address = reverse("admin:contact_topic_change", args=[topic.pk])
    sent = form_data(admin_client.get(address), need="Ik wil hulp", translated_title_fr="Aide")
    admin_client.post(address, sent)
    page = admin_client.get(reverse("admin:contact_topic_history", args=[topic.pk])).content.decode()
    assert "Behoefte en Titel (Frans) gewijzigd." in page


def test_permissions_are_named_in_dutch(admin_client):
    page = admin_client.get("/admin/auth/group/add/").content.decode()
    assert "contactkanaal: wijzigen" in page
    assert "Can change" not in page
    right = Permission.objects.get(codename="change_channel")
    admin_client.post("/admin/auth/group/add/", {"name": "Redacteurs", "permissions": [right.pk]})
    assert list(Group.objects.get(name="Redacteurs").permissions.all()) == [right]


def test_only_what_django_leaves_in_english_is_translated_here():
    folder = Path(django.__file__).parent / "contrib/admin/locale"
    theirs = gettext.translation("django", str(folder), ["nl"], fallback=True)
    for text in UNTRANSLATED:
        source = text._args[0] if hasattr(text, "_args") else text._proxy____args[0]
        assert theirs.gettext(source) == source


# --- The guide ---------------------------------------------------------------------------------------


def test_the_guide_is_a_page_of_the_admin(admin_client, client):
    page = admin_client.get("/admin/guide/").content.decode()
    assert '<h2 id="verwijderen">Verwijderen</h2>' in page
    assert "<em>Alt+F10</em>" in page
    assert "<strong>Organogrammen</strong>" in page
    client.logout()
    assert client.get("/admin/guide/").status_code == 302


def test_each_screen_links_to_a_chapter_that_exists(admin_client):
    _chapters, text = guide()
    assert [
        anchor for anchor in (GENERAL, WORKING_COPY, *CHAPTERS.values()) if f'id="{anchor}"' not in text
    ] == []
    known = {model._meta.model_name for model in MODELS}
    assert set(CHAPTERS) <= known
    page = admin_client.get(reverse("admin:contact_topic_changelist")).content.decode()
    assert f'/admin/guide/#{CHAPTERS[Topic._meta.model_name]}"' in page


def test_a_working_copy_links_to_the_chapter_about_these(admin_client, admin_user):
    topic = make_topic()
    save_copy(topic, take(topic), admin_user.pk)
    page = admin_client.get(reverse("admin:contact_topic_working_copy", args=[topic.pk])).content.decode()
    assert f'/admin/guide/#{WORKING_COPY}"' in page


def test_nothing_in_the_guide_becomes_html_of_its_own(tmp_path, monkeypatch):
    path = tmp_path / "guide.md"
    path.write_text("# Gids\n\n<script>x</script> **vet** & `<b>`\n\n- een\n  twee\n- drie\n\n1. *vier*\n")
    monkeypatch.setattr("pzgent.admin.guide.PATH", path)
    _chapters, text = guide.__wrapped__()
    assert text == (
        "<p>&lt;script&gt;x&lt;/script&gt; <strong>vet</strong> &amp; <code>&lt;b&gt;</code></p>\n"
        "<ul><li>een twee</li><li>drie</li></ul>\n<ol><li><em>vier</em></li></ol>"
    )


def test_every_control_that_the_guide_names_exists(dutch):
    text = (settings.BASE_DIR / "docs/editing.md").read_text()
    text = re.sub(r"^\|.*$|`[^`]*`", "", text, flags=re.MULTILINE)
    named = {
        " ".join(name.split())
        for name in re.findall(r"\*\*([^*]+?)\*\*", text)
        if not name.rstrip().endswith((".", "?"))
    }
    assert sorted(name for name in named if name.casefold() not in dutch and slugify(name)) == []
