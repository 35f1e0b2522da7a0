"""Mail of the desk and the private calendar: what they hold, who gets them, and once only."""

import datetime
import threading

import icalendar
import pytest
from django.contrib.auth.models import Group, User
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from organisation.models import Term
from pzgent.admin.roles import make_roles
from pzgent.desk.mail import send_desk_mail, send_digests, week_of
from pzgent.kernel.versions.copies import publish_due
from pzgent.kernel.versions.models import WorkingCopy
from pzgent.models import DeskSubscription
from tests.make import make_bundle, make_term, make_topic
from tests.pzgent.test_bundles import change
from tests.pzgent.test_working_copies import HOUR, address, save_copy, schedule

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)
PAGE = "/admin/account/subscription/"
MONDAY = timezone.make_aware(datetime.datetime(2026, 11, 30, 8))


@pytest.fixture(autouse=True)
def _roles(settings):
    settings.BASE_URL = "https://portaal.example.org"
    settings.ALLOWED_HOSTS = ["portaal.example.org", "testserver"]
    make_roles()


def account(name, group="Uitgever", **changes):
    made = User.objects.create_user(name, f"{name}@example.org", is_staff=True, **changes)
    made.groups.add(Group.objects.get(name=group))
    return made


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def els():
    made = account("els")
    DeskSubscription.objects.create(account=made, weekly_digest=True)
    return made


def texts():
    return [message.body for message in mail.outbox]


# --- The weekly mail --------------------------------------------------------------------------------
def test_it_tells_what_is_due_and_where(els):
    today = timezone.localdate()
    soon = make_term(abbreviation="STRAKS", publish_from=timezone.now() + 3 * DAY)
    ending = make_term(abbreviation="WEG", publish_until=timezone.now() + 4 * DAY)
    overdue = make_term(abbreviation="OUD")
    Term.objects.filter(pk=overdue.pk).update(review_by=today - DAY)
    make_term(abbreviation="VERDER", publish_from=timezone.now() + 60 * DAY)
    asked = change(make_topic(title="Aangifte"), account("an", "Redacteur"), intro="Nieuw")
    asked.ask_approval(asked.author, "Een nota die niet in de mail hoort")
    assert send_digests(timezone.now()) == 1
    (text,) = texts()
    for item in (soon, ending, overdue):
        assert f"https://portaal.example.org{address(item, 'change')}" in text
    assert "Aangifte" in text
    assert "VERDER" not in text
    assert "nota" not in text
    assert "@" not in text
    assert f"https://portaal.example.org{PAGE}" in text


def test_nothing_to_tell_is_no_mail(els):
    assert send_digests(MONDAY) == 0
    assert texts() == []
    assert DeskSubscription.objects.get().digest_week == MONDAY.date()


def test_once_a_week_also_after_downtime(els):
    Term.objects.filter(pk=make_term().pk).update(review_by="2026-01-01")
    sunday = MONDAY - DAY
    moments = (sunday, sunday + HOUR, MONDAY, MONDAY + HOUR, MONDAY + 3 * DAY, MONDAY + 17 * DAY)
    assert [send_digests(moment) for moment in moments] == [1, 0, 1, 0, 0, 1]


def test_the_week_begins_on_monday_at_seven():
    assert week_of(MONDAY) == datetime.date(2026, 11, 30)
    assert week_of(MONDAY - 2 * HOUR) == datetime.date(2026, 11, 23)


@pytest.mark.parametrize("changes", [{"is_active": False}, {"is_staff": False}, {"email": ""}])
def test_who_cannot_sign_in_or_has_no_address_gets_none(els, changes):
    Term.objects.filter(pk=make_term().pk).update(review_by="2026-01-01")
    User.objects.filter(pk=els.pk).update(**changes)
    assert send_digests(MONDAY) == 0


def test_a_server_that_refuses_is_tried_again(els, monkeypatch):
    Term.objects.filter(pk=make_term().pk).update(review_by="2026-01-01")

    def refuse(*args, **kwargs):
        raise ConnectionRefusedError

    monkeypatch.setattr("pzgent.desk.mail.send_mail", refuse)
    assert send_digests(MONDAY) == 0
    monkeypatch.undo()
    assert send_digests(MONDAY + HOUR) == 1


def test_a_site_that_sends_no_mail_sends_none(els, settings):
    settings.SENDS_MAIL = False
    Term.objects.filter(pk=make_term().pk).update(review_by="2026-01-01")
    assert send_desk_mail(MONDAY) == 0
    assert "digest" not in client_of(els).get(PAGE).content.decode()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_four_workers_send_one(els):
    Term.objects.filter(pk=make_term().pk).update(review_by="2026-01-01")
    sent = []

    def work():
        sent.append(send_digests(MONDAY))
        connection.close()

    threads = [threading.Thread(target=work) for _worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(sent) == [0, 0, 0, 1]


def test_one_asks_for_it_and_stops_it_on_ones_own_page():
    els = account("els")
    client = client_of(els)
    assert "els@example.org" in client.get(PAGE).content.decode()
    client.post(PAGE, {"digest": "on"})
    own = DeskSubscription.objects.get()
    assert (own.account, own.weekly_digest, own.digest_week) == (els, True, week_of(timezone.now()))
    client.post(PAGE, {"digest": "off"})
    assert not DeskSubscription.objects.get().weekly_digest


# --- Failed publications ----------------------------------------------------------------------------
def fail(client):
    term = make_term(abbreviation="MISLUKT", explanation="Live")
    save_copy(client, term, explanation="Later")
    schedule(client, term, timezone.now() + HOUR)
    Term.objects.filter(pk=term.pk).update(explanation="Van een collega")
    assert publish_due(timezone.now() + 2 * HOUR) == 0
    return term


def test_a_failure_is_told_once_to_who_may_publish(els, admin_client):
    account("an", "Redacteur")
    term = fail(admin_client)
    assert send_desk_mail(MONDAY - 7 * DAY) >= 1
    publish_due(timezone.now() + 3 * HOUR)
    send_desk_mail(MONDAY - 7 * DAY)
    told = [message for message in mail.outbox if "mislukt" in message.subject]
    assert {person for message in told for person in message.to} == {"els@example.org", "admin@example.com"}
    assert len(told) == 2
    assert f"https://portaal.example.org{address(term, 'working_copy')}" in told[0].body


def test_a_new_plan_that_fails_is_told_again(els, admin_client):
    term = fail(admin_client)
    send_desk_mail(MONDAY - 7 * DAY)
    WorkingCopy.objects.get().schedule(timezone.now() - HOUR, els)
    assert not WorkingCopy.objects.get().is_told
    publish_due()
    mail.outbox.clear()
    send_desk_mail(MONDAY - 7 * DAY)
    assert any(str(term) in text for text in texts())


def test_a_bundle_that_fails_is_told_too(els, admin_user):
    bundle = make_bundle(title="Reorganisatie")
    bundle.schedule(timezone.now() - HOUR, admin_user)
    publish_due()
    send_desk_mail(MONDAY - 7 * DAY)
    assert any("Reorganisatie" in text for text in texts())


# --- The calendar -----------------------------------------------------------------------------------
def calendar_of(client):
    client.post(PAGE, {"new_calendar": "1"})
    return DeskSubscription.objects.get().get_calendar_address()


def events(answer):
    read = icalendar.Calendar.from_ical(answer.content)
    return {str(event["summary"]): event for event in read.walk("VEVENT")}


def test_it_holds_what_is_due(client):
    els = account("els")
    start = timezone.now().replace(microsecond=0) + 3 * DAY
    term = make_term(abbreviation="STRAKS", publish_from=start, review_by=timezone.localdate() + 40 * DAY)
    copy = change(make_topic(title="Aangifte"), els, intro="Nieuw")
    copy.schedule(start + DAY, els)
    answer = client.get(calendar_of(client_of(els)))
    found = events(answer)
    assert found[f"Komt op de site: Begrip “{term}”"].decoded("dtstart") == start
    assert found[f"Opnieuw nakijken: Begrip “{term}”"].decoded("dtstart") == term.review_by
    assert found["Werkversie wordt gepubliceerd: Aangifte"].decoded("dtstart") == start + DAY
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert "no-store" in answer["Cache-Control"]
    assert "noindex" in answer["X-Robots-Tag"]


def test_it_holds_only_what_the_account_may_change(client):
    make_term(publish_from=timezone.now() + 3 * DAY)
    assert events(client.get(calendar_of(client_of(account("lies", "Lezer"))))) == {}


def test_an_address_can_be_replaced_and_withdrawn(client):
    own = client_of(account("els"))
    first, second = calendar_of(own), calendar_of(own)
    assert [client.get(where).status_code for where in (first, second)] == [404, 200]
    own.post(PAGE, {"no_calendar": "1"})
    assert client.get(second).status_code == 404


@pytest.mark.parametrize("changes", [{"is_active": False}, {"is_staff": False}])
def test_it_stops_with_the_account(client, changes):
    els = account("els")
    where = calendar_of(client_of(els))
    User.objects.filter(pk=els.pk).update(**changes)
    assert client.get(where).status_code == 404


@pytest.mark.parametrize("token", ["x", "x:y", "00000000-0000-0000-0000-000000000000:abc"])
def test_a_wrong_address_is_not_found(client, token):
    assert client.get(reverse("desk-calendar", args=[token])).status_code == 404


def test_an_account_is_deleted_with_it(els):
    manager = client_of(account("baas", "Beheerder"))
    manager.post(reverse("admin:auth_user_delete", args=[els.pk]), {"post": "yes"})
    assert not User.objects.filter(pk=els.pk).exists()
    assert not DeskSubscription.objects.exists()


def test_the_page_of_an_account_is_its_own(client):
    assert client.get(PAGE).status_code == 302
    assert client.get(reverse("desk-calendar", args=["x"])).status_code == 404
