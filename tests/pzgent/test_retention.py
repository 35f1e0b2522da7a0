"""How long everything is kept, and the worker that deletes what is older."""

import datetime

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from pzgent.desk.retention import RETENTIONS, delete_outdated
from pzgent.kernel.jobs import Job
from pzgent.kernel.versions.models import Version
from pzgent.models import FactCheck, PageTotal, PreviewLink, SearchTotal, SignInEvent, UsedForm
from pzgent.worker import Worker
from tests.make import make_preview_link, make_topic, make_unit
from tests.pages import text_of

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def days_ago(days):
    return NOW - datetime.timedelta(days=days)


def make_all(age):
    """A record of each kind whose time began a number of days ago."""
    FactCheck.objects.create(unit=make_unit(), ends=days_ago(age))
    link = make_preview_link()
    type(link).objects.filter(pk=link.pk).update(made_at=days_ago(age + 1), ends_at=days_ago(age))
    account = User.objects.create_user(f"redacteur{age}")
    event = SignInEvent.objects.create(account=account, kind="signed_in")
    SignInEvent.objects.filter(pk=event.pk).update(at=days_ago(age))
    job = Job.start(account.pk, "organisation.term", "import", [])
    Job.objects.filter(pk=job.pk).update(created=days_ago(age / 2))
    Session.objects.create(session_key=f"s{age}", session_data="", expire_date=days_ago(age))
    UsedForm.objects.create(token=f"t{age}", at=days_ago(age))
    PageTotal.objects.create(day=days_ago(age).date(), page=f"p{age}", language="nl", count=1)
    SearchTotal.objects.create(day=days_ago(age).date(), words=f"w{age}", count=1)


def left():
    models = (FactCheck, Job, PreviewLink, SignInEvent, Session, UsedForm, PageTotal, SearchTotal)
    return {model.__name__: model.objects.count() for model in models}


def test_what_is_older_than_its_limit_is_deleted_and_the_rest_stays():
    make_all(1)
    make_all(500)
    delete_outdated(NOW)
    assert left() == {name: 0 if name == "Session" else 1 for name in left()}


def test_the_bin_is_emptied_after_a_year_with_all_versions_of_what_was_in_it(admin_client):
    gone, back = make_topic(status="draft"), make_topic(status="draft")
    for topic in (gone, back):
        admin_client.post(reverse("admin:contact_topic_delete", args=[topic.pk]), {"post": "yes"})
    Version.objects.update(at=days_ago(366))
    Version.objects.filter(object_id=str(back.pk)).update(at=days_ago(364))
    delete_outdated(NOW)
    assert set(Version.objects.values_list("object_id", flat=True)) == {str(back.pk)}


def test_what_came_back_from_the_bin_keeps_its_versions():
    topic = make_topic()
    values = {
        "model": "contact.topic",
        "object_id": str(topic.pk),
        "snapshot": {},
        "label": "x",
        "digest": "x",
    }
    Version.objects.create(kind="deleted", at=days_ago(400), **values)
    Version.objects.create(kind="restored", at=days_ago(10), **values)
    delete_outdated(NOW)
    assert Version.objects.count() == 2


def test_old_versions_go_but_never_the_last_one():
    topic, other = make_topic(), make_topic()
    for item, age in ((topic, 4000), (topic, 3660), (topic, 3640), (other, 5000), (other, 4500)):
        values = {"model": "contact.topic", "object_id": str(item.pk), "snapshot": {}, "label": str(age)}
        Version.objects.create(kind="changed", at=days_ago(age), digest="x", **values)
    delete_outdated(NOW)
    assert set(Version.objects.values_list("label", flat=True)) == {"3640", "4500"}


def test_the_manual_of_the_operator_has_the_same_table():
    text = (settings.BASE_DIR / "docs" / "operations.md").read_text()
    with override("en"):
        for rule in RETENTIONS:
            kept = {0: "less than a day", 1: "1 day"}.get(rule.days, f"{rule.days} days")
            assert f"| {rule.name} | {kept} | {rule.reason} |" in text


def test_the_worker_deletes_once_a_day(monkeypatch):
    calls = []
    monkeypatch.setattr("pzgent.worker.delete_outdated", lambda: calls.append(1))
    worker = Worker()
    for _time in range(3):
        worker._delete_outdated()
    assert calls == [1]
    worker._cleaned_on = timezone.localdate() - datetime.timedelta(days=1)
    worker._delete_outdated()
    assert calls == [1, 1]


def test_every_editor_reads_how_long_everything_is_kept(admin_client):
    text = text_of(admin_client.get(reverse("admin:retention")))
    for rule in RETENTIONS:
        assert str(rule.name) in text
    assert "365 dagen" in text
    assert reverse("admin:retention") in admin_client.get("/admin/").content.decode()
