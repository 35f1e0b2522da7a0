"""Translations of the editors' texts: kept beside the Dutch, marked when old, loaded, edited, found and told."""

import re
import shutil

import pytest
import yaml
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.utils import translation

from contact.models import Channel, ScheduleException, Topic
from organisation.models import Statement
from pzgent.kernel.translations import Text, is_foreign_here, merge_translations, source_digest
from pzgent.starting_content.content import PlanError, read_content
from pzgent.starting_content.loading import Loader
from pzgent.worker import bring_up_to_date
from tests.browser import form_data
from tests.make import (
    make_care_area,
    make_channel,
    make_corporate_plan,
    make_exception,
    make_location,
    make_notice,
    make_schedule,
    make_topic,
)
from tests.pages import text_of
from tests.pzgent.test_page_cache import Site

pytestmark = pytest.mark.django_db


def french(row, **texts):
    """The row with these French texts, saved."""
    row.translate_all({"fr": texts})
    row.save()
    return row


@pytest.fixture
def admin_client(client):
    client.force_login(get_user_model().objects.create_superuser("an"))
    return client


def test_a_text_follows_the_language_of_the_page():
    topic = french(make_topic(title="Fietsen"), title="Vélos")
    with translation.override("fr"):
        assert (topic.translated.title, topic.translated.title.language) == ("Vélos", "fr")
    with translation.override("de"):
        assert (topic.translated.title, topic.translated.title.language) == ("Fietsen", "nl")
    assert topic.title == topic.translated.title == "Fietsen"


def test_only_the_fields_with_translations_have_words():
    with pytest.raises(AttributeError):
        _ = make_topic().translated.slug


def test_a_text_knows_whether_it_is_foreign_here():
    with translation.override("fr"):
        assert is_foreign_here(Text("Fietsen"))
        assert not is_foreign_here(Text("Vélos", "fr"))
        assert not is_foreign_here("jour férié")
    assert not is_foreign_here(Text("Fietsen"))


def test_a_translation_is_old_once_the_dutch_changed():
    topic = french(make_topic(title="Fietsen"), title="Vélos")
    assert list(topic.old_translations()) == []
    topic.title = "Fietsen en steps"
    assert list(topic.old_translations()) == [("fr", "title")]
    topic.translate("title", "fr", "Vélos et trottinettes")
    assert list(topic.old_translations()) == []


def test_line_ends_and_spaces_make_no_translation_old():
    assert source_digest("a\r\nb") == source_digest("a\n b") != source_digest("ab")


def test_what_has_a_dutch_text_and_no_translation_is_missing():
    channel = french(make_channel(label="Balie", note=""), label="Guichet")
    assert list(channel.missing_translations()) == [("en", "label"), ("de", "label")]


def test_an_empty_translation_is_forgotten():
    topic = french(make_topic(), title="Vélos")
    topic.translate("title", "fr", "")
    assert topic.translations == {}


@pytest.mark.parametrize(
    "texts", [{"xx": {"title": "a"}}, {"fr": {"slug": "a"}}, {"fr": {"title": "x" * 121}}]
)
def test_what_cannot_be_a_translation_is_refused(texts):
    with pytest.raises(ValidationError):
        make_topic().translate_all(texts)


def test_rows_that_older_code_writes_have_no_translations():
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO contact_schoolholiday (name, first_day, last_day) VALUES ('H', '2026-01-01', '2026-01-02')"
        )
        cursor.execute("SELECT translations FROM contact_schoolholiday")
        assert cursor.fetchone()[0] == "{}"


@pytest.mark.parametrize(
    ("mine", "loaded", "wanted", "merged"),
    [
        ({}, {}, "b", "b"),
        ("a", "a", "b", "b"),
        ("mine", "a", "b", "mine"),
        ({}, "a", "b", {}),
        ("a", "a", {}, {}),
        ("mine", {}, {}, "mine"),
    ],
)
def test_a_load_takes_over_what_the_file_changed_and_nobody_else(mine, loaded, wanted, merged):
    def stored(text):
        return {"fr": {"title": {"text": text, "of": "x"}}} if text else {}

    assert merge_translations(stored(mine), stored(loaded), stored(wanted)) == stored(merged)


@pytest.fixture
def content(tmp_path):
    """A copy of the starting content that a test may change."""
    for path in settings.BASE_DIR.glob("*/data"):
        shutil.copytree(path, tmp_path / path.relative_to(settings.BASE_DIR))
    return tmp_path


def change(content, place, key, **texts):
    path = content / place
    entries = yaml.safe_load(path.read_text())
    entries[key].update(texts)
    path.write_text(yaml.safe_dump(entries, allow_unicode=True))


def test_a_second_load_keeps_what_an_editor_translated(plan, content):
    topic = french(Topic.objects.get(slug="lgbt"), title="Point de contact")
    change(content, "contact/data/fr/topics.yaml", "lgbt", title="Autre titre", need="Autre besoin")
    Loader().load(read_content(content))
    topic.refresh_from_db()
    assert topic.translation_of("title", "fr") == "Point de contact"
    assert topic.translation_of("need", "fr") == "Autre besoin"
    assert "Homophobie" in topic.translation_of("title", "de")


def test_an_unchanged_load_changes_no_translation(plan):
    before = Topic.objects.get(slug="lgbt")
    call_command("load_plan", verbosity=0)
    after = Topic.objects.get(slug="lgbt")
    assert (before.version, before.translations) == (after.version, after.translations)


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("contact/data/fr/topics.yaml", "bestaat-niet: {title: a}"),
        ("contact/data/fr/topics.yaml", "- een lijst"),
        ("contact/data/fr/topics.yaml", "lgbt: tekst"),
        ("contact/data/fr/topics.yaml", "lgbt: {slug: a}"),
    ],
)
def test_a_broken_file_of_translations_loads_nothing_and_is_named(content, place, text):
    (content / place).write_text(text)
    with pytest.raises(PlanError, match=r"topics\.yaml"):
        Loader().load(read_content(content))
    assert not Topic.objects.exists()


def admin_page(row):
    return f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/"


def test_an_editor_translates_in_a_folded_group_that_says_what_is_missing(admin_client):
    topic = make_topic(title="Fietsen", need="Mijn fiets is weg")
    page = admin_client.get(admin_page(topic))
    assert "Vertaling: Frans (ontbreekt: 2, ouder dan de Nederlandse tekst: 0)" in text_of(page)
    data = form_data(page, translated_title_fr=["Vélos"])
    assert admin_client.post(admin_page(topic), data).status_code == 302
    topic.refresh_from_db()
    assert topic.translation_of("title", "fr") == "Vélos"
    assert list(topic.missing_translations())[:1] == [("fr", "need")]


def test_a_changed_dutch_text_leaves_its_translation_old_until_somebody_says_it_is_right(admin_client):
    topic = french(
        make_topic(title="Fietsen", other_needs="een\ntwee"), title="Vélos", other_needs="un\ndeux"
    )
    sent = form_data(
        admin_client.get(admin_page(topic)), title=["Fiets"], translated_other_needs_fr=["un\r\ndeux"]
    )
    admin_client.post(admin_page(topic), sent)
    topic.refresh_from_db()
    assert list(topic.old_translations()) == [("fr", "title")]
    page = admin_client.get(admin_page(topic))
    assert "ouder dan de Nederlandse tekst: 1" in text_of(page)
    admin_client.post(admin_page(topic), form_data(page, translated_checked_fr=["on"]))
    topic.refresh_from_db()
    assert list(topic.old_translations()) == []


def test_a_translation_that_is_too_long_is_refused_and_kept_in_the_form(admin_client):
    topic = make_topic()
    page = admin_client.get(admin_page(topic))
    answer = admin_client.post(admin_page(topic), form_data(page, translated_title_fr=["x" * 121]))
    assert answer.status_code == 200
    assert "x" * 121 in answer.content.decode()


def test_everything_with_translations_can_be_translated_in_the_admin(admin_client):
    rows = [
        make_topic(), make_channel(), make_location(), make_care_area(), make_schedule(), make_exception(),
        make_notice(),
        Statement.objects.create(slug="s", plan=make_corporate_plan(), kind="mission", text="Missie."),
    ]  # fmt: skip
    for row in rows:
        name = row.translated_fields[-1]
        page = admin_client.get(admin_page(row))
        answer = admin_client.post(
            admin_page(row), form_data(page, **{f"translated_{name}_de": ["Auf Deutsch"]})
        )
        assert answer.status_code == 302, row
        row.refresh_from_db()
        assert row.translation_of(name, "de") == "Auf Deutsch"


def test_who_may_only_look_sees_no_fields_to_translate_in(client):
    user = get_user_model().objects.create_user("kijker", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_topic"))
    client.force_login(user)
    page = client.get(admin_page(make_topic(title="Fietsen")))
    assert "Fietsen" in text_of(page)
    assert "translated_title_fr" not in page.content.decode()


@pytest.mark.parametrize(
    ("asked", "titles"),
    [("missing", {"Half", "Niets"}), ("fr", {"Niets"}), ("en", {"Half", "Niets"}), ("old", {"Oud"})],
)
def test_the_list_filters_what_is_missing_or_old(admin_client, asked, titles):
    make_topic(title="Niets")
    french(make_topic(title="Half"), title="Moitié")
    for title in ("Klaar", "Oud"):
        row = make_topic(title=title)
        row.translate_all({code: {"title": title} for code in ("fr", "en", "de")})
        row.save()
    Topic.objects.filter(title="Oud").update(need="")
    old = Topic.objects.get(title="Oud")
    old.translations["fr"]["title"]["of"] = "iets anders"
    old.save()
    page = admin_client.get(f"/admin/contact/topic/?translation={asked}")
    assert {str(row) for row in page.context["cl"].result_list} == titles


def test_a_page_marks_each_text_that_is_not_translated_and_no_other(client):
    topic = french(make_topic(title="Fietsen", intro="Kom langs."), title="Vélos")
    make_channel(topic=topic, label="Balie", note="Bel aan.")
    french(Channel.objects.get(), label="Guichet")
    html = client.get(f"/fr{topic.get_absolute_url()}").content.decode()
    assert "<h1>Vélos</h1>" in html
    assert '<div class="intro" lang="nl"><p>Kom langs.</p></div>' in html
    assert '<h2 class="small-heading">Guichet</h2>' in html
    assert '<p lang="nl">Bel aan.</p>' in html


@pytest.mark.parametrize(
    ("reason", "shown"), [("", '<span lang="nl">Sluitingsdag</span>'), ("Fermé", "Fermé")]
)
def test_the_reason_in_a_sentence_is_marked_alone(client, monkeypatch, reason, shown):
    day = make_exception(make_schedule((4, "09:00", "17:00")), reason="Sluitingsdag")
    if reason:
        french(day, reason=reason)
    topic = make_channel(schedule=day.schedule).topic
    noon = f"{day.first_day}T12:00+02:00"
    monkeypatch.setattr(
        "contact.views.now_in_brussels", lambda: __import__("datetime").datetime.fromisoformat(noon)
    )
    html = client.get(f"/fr{topic.get_absolute_url()}").content.decode()
    assert f"Fermé maintenant : {shown}." in " ".join(html.split())


def test_the_reason_of_an_exception_is_escaped(client, monkeypatch):
    day = make_exception(make_schedule((4, "09:00", "17:00")), reason="<b>Feest & rust</b>")
    topic = make_channel(schedule=day.schedule).topic
    noon = f"{day.first_day}T12:00+02:00"
    monkeypatch.setattr(
        "contact.views.now_in_brussels", lambda: __import__("datetime").datetime.fromisoformat(noon)
    )
    for prefix in ("", "/fr"):
        html = client.get(f"{prefix}{topic.get_absolute_url()}").content.decode()
        assert "&lt;b&gt;Feest &amp; rust&lt;/b&gt;" in html
        assert "<b>Feest" not in html


def test_a_notice_marks_its_title_and_its_text_apart(tmp_path, one_connection):
    site = Site(tmp_path)
    notice = make_notice(title="Ramp", text_nl="Blijf binnen.", text_fr="Restez à l'intérieur.")
    html = site.get("/fr/over").text
    assert '<p lang="nl"><strong>Ramp</strong></p>' in html
    assert re.search(r"<div><p>Restez à l(&#x27;|')intérieur\.</p></div>", html)
    french(notice, title="Catastrophe")
    site.watch.look()
    assert "<p><strong>Catastrophe</strong></p>" in site.get("/fr/over").text


def test_the_api_answers_in_the_language_asked_for_and_the_feed_in_dutch(client):
    topic = french(make_topic(title="Fietsen"), title="Vélos")
    channel = french(make_channel(topic=topic, label="Balie"), label="Guichet")
    item = client.get(f"/api/v1/channels/{channel.pk}?lang=fr").json()
    assert (item["label"], item["topic"]["name"]) == ("Guichet", "Vélos")
    assert client.get(f"/api/v1/channels/{channel.pk}").json()["label"] == "Balie"
    assert client.get(f"/api/v1/topics/{topic.slug}?lang=de").json()["title"] == "Fietsen"
    bring_up_to_date()
    feed = client.get("/api/v1/changes?after=0").content.decode()
    assert "Balie" in feed
    assert "Guichet" not in feed


def test_linked_data_tell_the_language_of_each_text(client):
    channel = french(make_channel(label="Balie", note="Bel aan."), label="Guichet")
    address = f"/api/v1/channels/{channel.pk}?lang=fr"
    node = client.get(address, headers={"Accept": "application/ld+json"}).json()
    assert node["schema:name"] == {"@value": "Guichet", "@language": "fr"}
    assert node["schema:description"] == {"@value": "Bel aan.", "@language": "nl"}


def test_the_downloads_are_in_the_language_of_the_page(client):
    channel = french(make_channel(label="Balie"), label="Guichet")
    card = client.get(f"/fr/contact/{channel.topic.slug}/{channel.slug}.vcf").content.decode()
    assert "Politiezone Gent: Guichet" in card


def test_the_reasons_of_exceptions_have_translations_of_their_own():
    assert ScheduleException.translated_fields == ("reason",)
