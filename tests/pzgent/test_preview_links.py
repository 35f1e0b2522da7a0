"""Previews on a signed link: for whom they are, what they do not tell, and when they end."""

import datetime
import logging
import re
from dataclasses import replace

import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contact.models import Topic
from pzgent.kernel.previews import preview_address
from pzgent.models import PreviewLink
from pzgent.models.previews import SIGNER
from pzgent.preview.changes import Change
from pzgent.preview.links import MOST_GUESSES, MOST_PAGES
from pzgent.preview.subjects import find_subject
from tests.browser import form_data
from tests.make import (
    make_channel,
    make_notice,
    make_organogram,
    make_placement,
    make_preview_link,
    make_term,
    make_topic,
    make_unit,
)
from tests.pages import faults_of, text_of

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


@pytest.fixture
def topic():
    return make_topic(title="Fietsdiefstal", status="draft", editor_note="Geheime twijfel")


def editor(*codes, name="redacteur"):
    account = User.objects.create_user(name, is_staff=True)
    account.user_permissions.set(Permission.objects.filter(codename__in=codes))
    return account


def preview_links_address(item):
    return reverse("admin:preview_links", args=[item._meta.label_lower, item.pk])


def client_of(account):
    client = Client()
    client.force_login(account)
    return client


def opened(link, path=""):
    return Client().get(link.get_address() + path, follow=True)


# --- What it shows --------------------------------------------------------------------------------
def test_anybody_sees_the_preview(topic):
    answer = opened(make_preview_link(topic))
    assert (answer.status_code, faults_of(answer.content.decode())) == (200, [])
    assert "Fietsdiefstal" in text_of(answer).split("101", 1)[1]
    assert answer.request["PATH_INFO"].endswith(f"/contact/{topic.slug}")
    assert not answer.cookies
    topic.refresh_from_db()
    assert topic.status == "draft"


def test_the_preview_of_a_notice_is_the_home_page():
    start = timezone.now() + DAY
    notice = make_notice(title="Water in de kelder", status="draft", starts=start, ends=start + DAY)
    answer = opened(make_preview_link(notice, moment=start))
    assert (answer.status_code, answer.redirect_chain) == (200, [])
    assert "Water in de kelder" in text_of(answer).split("101", 1)[1]


def test_links_stay_in_the_preview_of_that_day(topic):
    link = make_preview_link(topic, moment=timezone.now() + 40 * DAY)
    answer = opened(link)
    root = link.get_address()
    addresses = re.findall(r'\s(?:href|action)="(/[^"]+)"', answer.content.decode())
    assert [address for address in addresses if not address.startswith((root, "/static/"))] == []
    assert "/admin/" not in answer.content.decode()
    assert 'name="dag"' not in answer.content.decode()
    assert opened(link, "organogram").status_code == 200


def test_it_shows_the_drafts_that_belong_to_it_if_it_was_made_so():
    organogram = make_organogram(status="draft")
    top = make_placement(organogram)
    make_placement(organogram, top, unit=make_unit(name="Cel Nieuw", status="draft"))
    assert "Cel Nieuw" not in text_of(opened(make_preview_link(organogram)))
    assert "Cel Nieuw" in text_of(opened(make_preview_link(organogram, with_drafts=True)))


def test_it_shows_nothing_that_others_prepare(topic):
    make_term(abbreviation="CONCEPT", status="draft")
    make_term(abbreviation="GEPLAND", publish_from=timezone.now() + DAY)
    start = timezone.now() + DAY
    make_notice(title="Water in de kelder", starts=start, ends=start + 10 * DAY)
    make_channel(label="Bel ons later", valid_from=timezone.localdate() + DAY)
    link = make_preview_link(topic, moment=timezone.now() + 3 * DAY)
    shown = "".join(text_of(opened(link, path)) for path in ("", "begrippen", "contact", "commissariaten"))
    assert [
        name for name in ("CONCEPT", "GEPLAND", "Water in de kelder", "Bel ons later") if name in shown
    ] == []
    assert "Geheime twijfel" not in shown


def test_it_shows_what_belongs_to_it_as_far_as_its_maker_may(topic):
    later = timezone.localdate() + DAY
    make_channel(topic=topic, label="Bel ons later", valid_from=later)
    moment = timezone.now() + 3 * DAY
    assert "Bel ons later" in text_of(opened(make_preview_link(topic, moment=moment)))
    account = editor("change_topic")
    assert "Bel ons later" not in text_of(opened(make_preview_link(topic, moment=moment, made_by=account)))


def test_it_says_until_when_it_works_and_not_for_whom(topic):
    link = make_preview_link(
        topic, for_whom="Politieraad", ends_at=datetime.datetime(2099, 5, 4, tzinfo=datetime.UTC)
    )
    text = text_of(opened(link))
    assert ("4 mei 2099" in text, "Politieraad" in text) == (True, False)


def test_nobody_may_keep_index_or_tell_it(topic):
    link = make_preview_link(topic)
    ended = make_preview_link(topic, withdrawn_at=timezone.now())
    for answer in (opened(link), opened(ended), Client().get("/voorbeeld/geraden/")):
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert "og:title" not in answer.content.decode()


# --- When it ends ---------------------------------------------------------------------------------
def test_after_its_last_day_it_says_that_it_ended(topic):
    now = timezone.now()
    link = make_preview_link(topic, made_at=now - 8 * DAY, ends_at=now - DAY)
    for path in ("", f"contact/{topic.slug}"):
        answer = opened(link, path)
        assert (answer.status_code, faults_of(answer.content.decode())) == (410, [])
        assert "Fietsdiefstal" not in answer.content.decode()


def test_what_was_withdrawn_has_ended(topic):
    link = make_preview_link(topic)
    assert (link.withdraw(), link.withdraw()) == (True, False)
    assert opened(link).status_code == 410


def test_it_ends_with_the_rights_of_its_maker(topic):
    account = editor("view_topic", "change_topic")
    link = make_preview_link(topic, made_by=account)
    assert opened(link).status_code == 200
    account.user_permissions.set(Permission.objects.filter(codename="view_topic"))
    assert opened(link).status_code == 410
    account.user_permissions.set(Permission.objects.filter(codename="change_topic"))
    assert opened(link).status_code == 200
    User.objects.update(is_active=False)
    assert opened(link).status_code == 410


def test_it_ends_with_what_it_shows(topic):
    link = make_preview_link(topic)
    topic.delete()
    assert opened(link).status_code == 410


# --- Guessing -------------------------------------------------------------------------------------
def test_only_a_signed_token_opens_it(topic):
    link = make_preview_link(topic)
    token = SIGNER.sign(link.pk.hex)
    key, signature = token.split(":")
    guesses = [
        key,
        f"{key}:",
        f"{key}:{signature[:-1]}",
        f"{key}:{'A' * len(signature)}",
        f":{signature}",
        "x:y",
    ]
    guesses += [SIGNER.sign("x"), SIGNER.sign(make_topic().pk.hex)]
    assert [Client().get(f"/voorbeeld/{guess}/").status_code for guess in guesses] == [404] * len(guesses)


def test_guessing_is_slowed_down(topic):
    found = [Client().get(f"/voorbeeld/geraden-{number}/").status_code for number in range(MOST_GUESSES + 1)]
    assert found == [404] * MOST_GUESSES + [429]
    assert opened(make_preview_link(topic)).status_code == 200, "who has a link is not held up by it"


def test_one_client_opens_no_more_pages_than_people_do(topic, monkeypatch):
    monkeypatch.setattr("pzgent.preview.links.MOST_PAGES", 3)
    assert MOST_PAGES > 30
    address = f"{make_preview_link(topic).get_address()}contact"
    found = [Client().get(address).status_code for _number in range(4)]
    assert found == [200, 200, 200, 429]
    assert Client().get(address, REMOTE_ADDR="192.0.2.7").status_code == 200


def test_it_is_only_read(topic):
    assert Client().post(make_preview_link(topic).get_address()).status_code == 405


def test_a_fault_is_logged_without_the_address(topic, monkeypatch, caplog):
    link = make_preview_link(topic)
    monkeypatch.setattr("pzgent.preview.links.show", None)
    with caplog.at_level(logging.INFO):
        answer = Client().get(f"{link.get_address()}contact")
    assert answer.status_code == 500
    assert str(link.pk) in caplog.text
    assert SIGNER.sign(link.pk.hex).split(":")[1] not in caplog.text


# --- Making and withdrawing -----------------------------------------------------------------------
def test_an_editor_makes_a_link_for_a_week(topic):
    client = client_of(editor("view_topic", "change_topic"))
    page = client.get(preview_links_address(topic))
    sent = form_data(page, "preview_link_form", make="", voor="Politieraad", dag="2027-01-01", uur="9u")
    answer = client.post(preview_links_address(topic), sent, follow=True)
    link = PreviewLink.objects.get()
    assert (link.title, link.for_whom, link.made_by.username) == ("Fietsdiefstal", "Politieraad", "redacteur")
    assert link.ends_at - link.made_at == 7 * DAY
    assert timezone.localtime(link.moment).isoformat() == "2027-01-01T09:00:00+01:00"
    assert link.get_address() in answer.content.decode()


def test_a_link_is_for_the_moment_that_the_editor_looked_at(topic):
    client = client_of(editor("change_topic"))
    page = client.get(preview_links_address(topic), {"moment": "2027-03-01T2200"})
    sent = form_data(page, "preview_link_form")
    assert (sent["dag"], sent["uur"]) == (["2027-03-01"], ["22:00"])
    assert client.get(preview_links_address(topic), {"moment": "x"}).status_code == 200


def test_a_second_click_makes_no_second_link(topic):
    client = client_of(editor("change_topic"))
    sent = form_data(client.get(preview_links_address(topic)), "preview_link_form", make="")
    for _number in range(2):
        assert client.post(preview_links_address(topic), sent).status_code == 302
    assert PreviewLink.objects.count() == 1


@pytest.mark.parametrize(
    "wrong", [{"dagen": "31"}, {"dagen": "0"}, {"dagen": ""}, {"dag": "x"}, {"uur": "25:00"}]
)
def test_what_is_wrong_is_told_and_can_be_mended(topic, wrong):
    client = client_of(editor("change_topic"))
    sent = form_data(client.get(preview_links_address(topic)), "preview_link_form", make="")
    answer = client.post(preview_links_address(topic), sent | wrong)
    assert (answer.status_code, bool(answer.context["form"].errors)) == (200, True)
    mended = form_data(answer, "preview_link_form", make="", dagen="30", dag="2027-01-01", uur="")
    assert client.post(preview_links_address(topic), mended).status_code == 302
    assert PreviewLink.objects.get().moment.hour == 11, "noon in Brussels"


def test_an_editor_withdraws_a_link(topic):
    client, link = client_of(editor("change_topic")), make_preview_link(topic)
    assert client.post(preview_links_address(topic), {"withdraw": link.pk}).status_code == 302
    link.refresh_from_db()
    assert link.withdrawn_at is not None
    assert link.get_address() not in client.get(preview_links_address(topic)).content.decode()


def test_only_links_to_the_same_item_can_be_withdrawn_there(topic):
    client, link = client_of(editor("change_topic")), make_preview_link()
    for key in (link.pk, "x", ""):
        client.post(preview_links_address(topic), {"withdraw": key})
    link.refresh_from_db()
    assert link.withdrawn_at is None


@pytest.mark.parametrize(("rights", "status"), [((), 404), (("view_topic",), 403), (("change_term",), 404)])
def test_who_may_not_change_it_makes_and_sees_no_links(topic, rights, status):
    client, link = client_of(editor(*rights)), make_preview_link(topic)
    for sent in ({"make": "", "dag": "2027-01-01", "dagen": "7", "form_once": "x"}, {"withdraw": link.pk}):
        assert client.post(preview_links_address(topic), sent).status_code == status
    assert client.get(preview_links_address(topic)).status_code == status
    link.refresh_from_db()
    assert (PreviewLink.objects.count(), link.withdrawn_at) == (1, None)


def test_another_site_makes_no_link(topic):
    client = Client(enforce_csrf_checks=True)
    client.force_login(editor("change_topic"))
    answer = client.post(preview_links_address(topic), {"make": "", "dag": "2027-01-01", "dagen": "7"})
    assert (answer.status_code, PreviewLink.objects.count()) == (403, 0)


def test_all_links_are_in_one_list(topic, admin_client):
    link = make_preview_link(topic, for_whom="Politieraad")
    make_preview_link(topic, withdrawn_at=timezone.now())
    page = reverse("admin:pzgent_previewlink_changelist")
    assert text_of(admin_client.get(page)).count("Fietsdiefstal") == 2
    sent = form_data(admin_client.get(page), "changelist-form", action="withdraw", _selected_action=[link.pk])
    assert admin_client.post(page, sent).status_code == 302
    link.refresh_from_db()
    assert link.withdrawn_at is not None
    change = admin_client.get(reverse("admin:pzgent_previewlink_change", args=[link.pk]))
    kind = ContentType.objects.get_for_model(link).pk
    assert link.get_address() not in change.content.decode(), "who may see the list may not see all items"
    assert admin_client.get(reverse("admin:view_on_site", args=[kind, link.pk])).status_code == 404
    assert admin_client.get(reverse("admin:pzgent_previewlink_add")).status_code == 403
    assert admin_client.get(reverse("admin:pzgent_previewlink_delete", args=[link.pk])).status_code == 403


def test_what_can_no_longer_be_shown_has_ended(topic, monkeypatch):
    monkeypatch.setattr("pzgent.preview.links.find_subject", with_change(refuse))
    assert opened(make_preview_link(topic)).status_code == 410


def test_a_change_that_is_not_stored_is_shown(topic, monkeypatch):
    monkeypatch.setattr(
        "pzgent.preview.links.find_subject", with_change(lambda: Topic.objects.update(title="Anders"))
    )
    answer = opened(make_preview_link(topic))
    assert ("<h1>Anders" in answer.content.decode(), "een werkversie" in text_of(answer)) == (True, True)
    topic.refresh_from_db()
    assert topic.title == "Fietsdiefstal"


def test_an_editor_reads_why_there_is_no_preview(topic, monkeypatch):
    monkeypatch.setattr("pzgent.preview.editing.find_subject", with_change(refuse))
    client = client_of(editor("change_topic"))
    answer = client.get(preview_address(topic), follow=True)
    assert answer.request["PATH_INFO"] == reverse("admin:contact_topic_change", args=[topic.pk])
    assert "De bron bestaat niet meer." in text_of(answer)


def refuse():
    raise ValidationError("De bron bestaat niet meer.")


def with_change(make):
    """Finds the subject as usual, with a change that is made first."""

    def find(*about):
        return replace(find_subject(*about), changes=(Change("een werkversie", make),))

    return find
