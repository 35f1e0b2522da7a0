"""The short form for an urgent notice: in force at once, ended by one tap, in four languages."""

import datetime

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse
from django.utils import timezone

from contact.admin.quick_notice import end_of
from contact.models import Notice
from pzgent.admin.roles import make_roles
from tests.browser import form_data
from tests.make import make_notice

pytestmark = pytest.mark.django_db
QUICK = "/admin/contact/notice/quick/"
SAID = {"level": "disaster", "until": "two_hours", "title_nl": "Rook in de haven", "text_nl": "Blijf binnen."}


def publish(client, **changes):
    sent = form_data(client.get(QUICK), "quick-notice", **SAID)
    return client.post(QUICK, {**sent, "publish": "1", **changes}, follow=True)


@pytest.mark.parametrize(
    ("until", "now", "expected"),
    [
        ("two_hours", (1, 14, 5), (1, 16, 5)),
        ("evening", (1, 14, 5), (1, 22, 0)),
        ("evening", (1, 22, 0), (2, 22, 0)),
        ("morning", (1, 14, 5), (2, 8, 0)),
        ("morning", (1, 7, 59), (1, 8, 0)),
    ],
)
def test_one_tap_chooses_the_end(until, now, expected):
    day, hour, minute = now
    moment = timezone.make_aware(datetime.datetime(2026, 12, day, hour, minute))
    day, hour, minute = expected
    assert end_of(until, moment) == timezone.make_aware(datetime.datetime(2026, 12, day, hour, minute))


def test_the_end_keeps_its_clock_when_summer_time_ends():
    moment = timezone.make_aware(datetime.datetime(2026, 10, 24, 23, 0))
    assert timezone.localtime(end_of("morning", moment)).hour == 8


def test_a_notice_is_in_force_at_once(admin_client):
    page = publish(admin_client, title_fr="Fumée", text_fr="Restez à l’intérieur.")
    (notice,) = Notice.objects.in_force()
    assert (notice.level, notice.title, notice.slug) == ("disaster", "Rook in de haven", "rook-in-de-haven")
    assert notice.translation_of("title", "fr") == "Fumée"
    assert (
        datetime.timedelta(hours=1, minutes=59) < notice.ends - timezone.now() < datetime.timedelta(hours=2)
    )
    text = page.content.decode()
    assert "in het Nederlands: Engels, Duits." in text
    assert (
        "Rook in de haven"
        in admin_client.get(reverse("admin:contact_notice_history", args=[notice.pk])).content.decode()
    )


def test_a_double_click_makes_one_notice(admin_client):
    sent = {**form_data(admin_client.get(QUICK), "quick-notice", **SAID), "publish": "1"}
    admin_client.post(QUICK, sent)
    admin_client.post(QUICK, sent)
    assert Notice.objects.count() == 1


def test_an_end_of_ones_own_is_asked_for_and_checked(admin_client):
    assert "Vul de dag en het uur in" in publish(admin_client, until="chosen").content.decode()
    past = publish(admin_client, until="chosen", ends_0="1/1/2020", ends_1="8u")
    assert "Dat moment is voorbij" in past.content.decode()
    assert not Notice.objects.exists()
    year = timezone.localdate().year + 1
    publish(admin_client, until="chosen", ends_0=f"1 maart {year}", ends_1="9u30")
    local = timezone.localtime(Notice.objects.get().ends)
    assert (local.year, local.month, local.hour, local.minute) == (year, 3, 9, 30)


def test_dutch_is_required(admin_client):
    page = publish(admin_client, title_nl="", title_fr="Fumée")
    assert "Nog niet op de site" in page.content.decode()
    assert not Notice.objects.exists()


def test_the_preview_shows_each_language_and_marks_dutch(admin_client):
    sent = form_data(admin_client.get(QUICK), "quick-notice", **SAID)
    page = admin_client.post(QUICK, {**sent, "preview": "1", "title_en": "Smoke", "text_en": "Stay in."})
    text = page.content.decode()
    assert text.count('class="crisis crisis-disaster"') == 4
    assert '<p lang="nl"><strong>Rook in de haven</strong>' in text
    assert "Deze lezers zien de Nederlandse tekst: Frans, Duits." in text
    assert not Notice.objects.exists()


def test_the_bar_is_on_every_page_and_ends_it(admin_client):
    notice = make_notice(starts=timezone.now() - datetime.timedelta(hours=1), title="Brug dicht")
    for address in ("/admin/", "/admin/contact/topic/", "/admin/password_change/"):
        page = admin_client.get(address).content.decode()
        assert "Brug dicht" in page
        assert "Nu stoppen" in page
    end = reverse("admin:contact_notice_end", args=[notice.pk])
    assert admin_client.get(end).status_code == 405
    admin_client.post(end, follow=True)
    assert not Notice.objects.in_force().exists()
    assert "Brug dicht" not in admin_client.get("/admin/contact/topic/").content.decode()
    assert admin_client.post(end).status_code == 404


def test_only_who_may_sees_the_form_and_the_button(client, django_user_model):
    reader = django_user_model.objects.create_user("lezer", password="x", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_notice"))
    client.force_login(reader)
    notice = make_notice(starts=timezone.now() - datetime.timedelta(hours=1), title="Brug dicht")
    page = client.get("/admin/").content.decode()
    assert "Brug dicht" in page
    assert "Nu stoppen" not in page
    assert "Dringend bericht plaatsen" not in page
    assert client.get(QUICK).status_code == 403
    assert client.post(reverse("admin:contact_notice_end", args=[notice.pk])).status_code == 403
    assert Notice.objects.in_force().exists()


def test_who_may_not_publish_neither_posts_nor_ends_a_notice(client, django_user_model):
    make_roles()
    notice = make_notice(starts=timezone.now() - datetime.timedelta(hours=1), title="Brug dicht")
    end = reverse("admin:contact_notice_end", args=[notice.pk])
    editor = django_user_model.objects.create_user("redacteur", is_staff=True)
    editor.groups.set([Group.objects.get(name="Redacteur")])
    client.force_login(editor)
    home = client.get("/admin/").content.decode()
    assert "Brug dicht" in home
    assert "Nu stoppen" not in home
    assert "Dringend bericht plaatsen" not in home
    assert (client.get(QUICK).status_code, client.post(end).status_code) == (403, 403)
    editor.groups.set([Group.objects.get(name="Uitgever")])
    assert "Dringend bericht plaatsen" in client.get("/admin/").content.decode()
    assert client.post(end).status_code == 302
