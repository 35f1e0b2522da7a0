"""Working copies: edited beside what is live, published at once or at a moment, exactly once, and undone."""

import datetime
import threading

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from contact.models import WeeklySlot
from organisation.models import Document, Term
from pzgent.kernel.versions.copies import publish_due
from pzgent.kernel.versions.models import Version, WorkingCopy
from pzgent.worker import Worker
from tests.browser import form_data
from tests.make import (
    make_document,
    make_organogram,
    make_placement,
    make_schedule,
    make_term,
    make_unit,
)
from tests.uploads import GOOD

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)


def address(item, page, *args):
    return reverse(f"admin:{item._meta.app_label}_{item._meta.model_name}_{page}", args=[item.pk, *args])


def save_copy(client, item, is_open=False, **changes):
    """Save the form as a working copy; `is_open` goes on in the one that there is."""
    where = address(item, "change") + ("?working_copy=1" if is_open else "")
    data = form_data(client.get(where), **changes)
    return client.post(where, {**data, "_working_copy": "1"})


def act(client, item, name, **data):
    where = address(item, "working_copy")
    page = client.get(where)
    known = {"form_once": page.context["form_once"], "revision": page.context["copy"].revision, name: "1"}
    return client.post(where, {**known, **data})


def schedule(client, item, moment):
    local = timezone.localtime(moment)
    return act(client, item, "schedule", publish_at_0=f"{local:%d/%m/%Y}", publish_at_1=f"{local:%H:%M}")


def edit(client, item, **changes):
    data = form_data(client.get(address(item, "change")), **changes)
    assert client.post(address(item, "change"), data).status_code == 302


def explanation(term):
    return Term.objects.get(pk=term.pk).explanation


@pytest.fixture
def term():
    return make_term(explanation="Live")


def test_a_working_copy_leaves_what_is_live_alone(term, admin_client):
    before = Term.objects.filter(pk=term.pk).values().get()
    answer = save_copy(admin_client, term, explanation="Later")
    assert answer["Location"] == address(term, "working_copy")
    assert Term.objects.filter(pk=term.pk).values().get() == before
    assert Version.objects.count() == 0
    page = admin_client.get(answer["Location"])
    assert [(line.old, line.new) for line in page.context["lines"]] == [("Live", "Later")]


def test_an_invalid_form_keeps_what_was_typed(term, admin_client):
    answer = save_copy(admin_client, term, abbreviation="", explanation="Later")
    assert answer.status_code == 200
    assert "Later" in answer.content.decode()
    assert not WorkingCopy.objects.exists()


def test_editing_goes_on_in_the_copy(term, admin_client):
    save_copy(admin_client, term, explanation="Later")
    page = admin_client.get(address(term, "change") + "?working_copy=1")
    assert page.context["adminform"].form.initial["explanation"] == "Later"
    assert page.context["copy_edited"]
    save_copy(admin_client, term, is_open=True, explanation="Nog later")
    assert WorkingCopy.objects.get().snapshot["fields"]["explanation"] == "Nog later"
    assert explanation(term) == "Live"


def test_the_form_of_the_live_object_tells_of_the_copy(term, admin_client):
    save_copy(admin_client, term, explanation="Later")
    page = admin_client.get(address(term, "change"))
    assert page.context["adminform"].form.initial["explanation"] == "Live"
    assert "admin" in page.content.decode().split('id="copy-heading"')[1][:300]
    rows = admin_client.get(reverse("admin:organisation_term_changelist")).content.decode()
    assert address(term, "working_copy") in rows
    assert address(term, "working_copy") in admin_client.get(reverse("admin:working_copies")).content.decode()


def test_a_second_copy_is_refused_and_keeps_what_was_typed(term, admin_client):
    save_copy(admin_client, term, explanation="Later")
    answer = save_copy(admin_client, term, explanation="Van een collega")
    assert answer.status_code == 200
    assert "Van een collega" in answer.content.decode()
    assert WorkingCopy.objects.get().snapshot["fields"]["explanation"] == "Later"


def test_two_editors_in_one_copy_do_not_overwrite_each_other(term, admin_client):
    save_copy(admin_client, term, explanation="Later")
    where = address(term, "change") + "?working_copy=1"
    mine, theirs = (form_data(admin_client.get(where)) for _editor in range(2))
    admin_client.post(where, {**theirs, "explanation": "Van de collega"})
    answer = admin_client.post(where, {**mine, "explanation": "Van mij"})
    assert answer.context["adminform"].form.is_conflict
    assert WorkingCopy.objects.get().snapshot["fields"]["explanation"] == "Van de collega"


def test_it_is_published_now_and_undone(term, admin_client):
    save_copy(admin_client, term, explanation="Later")
    answer = act(admin_client, term, "publish")
    assert (explanation(term), WorkingCopy.objects.count()) == ("Later", 0)
    assert [version.kind for version in Version.objects.of(term)] == ["published", "outside"]
    text = admin_client.get(answer["Location"]).content.decode()
    link = "/admin/undo/" + text.split('href="/admin/undo/')[1].split('"')[0]
    page = admin_client.get(link)
    admin_client.post(link, {"seen": page.context["seen"], "form_once": page.context["form_once"]})
    assert explanation(term) == "Live"


def test_what_a_colleague_changed_elsewhere_stays(term, admin_client):
    save_copy(admin_client, term, explanation="Later")
    edit(admin_client, term, abbreviation="ABC")
    act(admin_client, term, "publish")
    term.refresh_from_db()
    assert (term.abbreviation, term.explanation) == ("ABC", "Later")


def test_the_same_changed_twice_is_asked(term, admin_client):
    save_copy(admin_client, term, explanation="Later")
    edit(admin_client, term, explanation="Van de collega")
    answer = act(admin_client, term, "publish")
    assert (answer.status_code, explanation(term)) == (409, "Van de collega")
    page = admin_client.get(address(term, "working_copy"))
    assert [(line.old, line.new) for line in page.context["conflicts"]] == [("Live", "Van de collega")]
    act(admin_client, term, "publish", overwrite=page.context["seen"])
    assert explanation(term) == "Later"


def test_going_on_in_the_copy_does_not_hide_a_conflict(term, admin_client):
    save_copy(admin_client, term, explanation="Later")
    edit(admin_client, term, explanation="Van de collega")
    save_copy(admin_client, term, is_open=True, explanation="Nog later")
    assert act(admin_client, term, "publish").status_code == 409


def test_it_is_thrown_away(term, admin_client):
    save_copy(admin_client, term, explanation="Later")
    act(admin_client, term, "discard")
    assert (explanation(term), WorkingCopy.objects.count()) == ("Live", 0)


def test_rows_are_part_of_it(admin_client):
    schedule = make_schedule()
    slot = WeeklySlot.objects.create(schedule=schedule, weekday=0, opens="09:00", closes="12:00")
    save_copy(admin_client, schedule, **{"slots-0-closes": "16:00"})
    slot.refresh_from_db()
    assert slot.closes == datetime.time(12)
    act(admin_client, schedule, "publish")
    assert [row.closes for row in schedule.slots.all()] == [datetime.time(16)]


def test_a_file_waits_with_the_copy(admin_client):
    document = make_document(status="draft")
    save_copy(admin_client, document, file=SimpleUploadedFile("plan.pdf", GOOD["pdf"]))
    document.refresh_from_db()
    assert not document.file
    page = admin_client.get(address(document, "change") + "?working_copy=1")
    assert page.status_code == 200
    act(admin_client, document, "publish")
    file = Document.objects.get(pk=document.pk).file
    assert file.storage.exists(file.name)


def test_a_form_that_also_writes_the_organogram_is_refused_and_explained(admin_client):
    unit = make_unit(name="Verkeer")
    make_placement(make_organogram(valid_from=datetime.date(2021, 1, 1)), unit=unit)
    answer = save_copy(admin_client, unit, name="Mobiliteit")
    assert answer.status_code == 200
    assert not WorkingCopy.objects.exists()
    assert save_copy(admin_client, unit, summary="Wat de dienst doet.").status_code == 302
    unit.refresh_from_db()
    assert (unit.name, unit.summary) == ("Verkeer", "")


def test_it_is_deleted_along_with_its_object(admin_client):
    term = make_term(status="draft")
    save_copy(admin_client, term, explanation="Later")
    admin_client.post(address(term, "delete"), {"post": "yes"})
    assert not WorkingCopy.objects.exists()


# --- At a moment --------------------------------------------------------------------------------------------


def test_it_goes_live_at_its_moment_and_only_then(term, admin_client):
    save_copy(admin_client, term, explanation="Later")
    assert schedule(admin_client, term, timezone.now() + HOUR).status_code == 302
    assert publish_due() == 0
    assert explanation(term) == "Live"
    assert publish_due(timezone.now() + 2 * HOUR) == 1
    assert explanation(term) == "Later"
    assert publish_due(timezone.now() + 2 * HOUR) == 0
    version = Version.objects.of(term).first()
    assert (version.kind, version.who) == ("published", "admin")


def test_the_worker_publishes_it_also_after_downtime(term, admin_client):
    save_copy(admin_client, term, explanation="Later")
    schedule(admin_client, term, timezone.now() + HOUR)
    WorkingCopy.objects.update(publish_at=timezone.now() - 24 * HOUR)
    worker = Worker()
    worker._is_elected = lambda: True
    worker.look()
    assert explanation(term) == "Later"


def test_a_failed_publication_keeps_its_schedule_and_says_why(term, admin_client):
    document = make_document(title="Jaarplan 2020", status="draft")
    save_copy(admin_client, term, explanation="Later", source=str(document.pk))
    schedule(admin_client, term, timezone.now() + HOUR)
    key = document.pk
    document.delete()
    later = timezone.now() + 2 * HOUR
    assert publish_due(later) == 0
    copy = WorkingCopy.objects.get()
    assert "Jaarplan 2020" in copy.problem
    assert copy.publish_at is not None
    assert "Jaarplan 2020" in admin_client.get(address(term, "working_copy")).content.decode()
    assert publish_due(later) == 0
    make_document(pk=key)
    assert publish_due(later + HOUR) == 1
    assert explanation(term) == "Later"


def test_a_schedule_is_called_off(term, admin_client):
    save_copy(admin_client, term, explanation="Later")
    schedule(admin_client, term, timezone.now() + HOUR)
    act(admin_client, term, "call_off")
    assert publish_due(timezone.now() + 2 * HOUR) == 0
    assert (explanation(term), WorkingCopy.objects.count()) == ("Live", 1)


def test_a_moment_in_the_past_is_refused(term, admin_client):
    save_copy(admin_client, term, explanation="Later")
    assert schedule(admin_client, term, timezone.now() - HOUR).status_code == 200
    assert WorkingCopy.objects.get().publish_at is None


# --- Rights -------------------------------------------------------------------------------------------------


def test_who_may_only_view_sees_it_and_does_nothing(term, admin_client, client):
    save_copy(admin_client, term, explanation="Later")
    user = User.objects.create_user("lezer", password="x", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_term"))
    client.force_login(user)
    where = address(term, "working_copy")
    assert client.get(where).status_code == 200
    for name in ("publish", "schedule", "call_off", "discard"):
        assert client.post(where, {"revision": 1, name: "1"}).status_code == 403
    assert client.get(address(term, "change") + "?working_copy=1").status_code == 403
    assert client.post(address(term, "change"), {"_working_copy": "1"}).status_code == 403
    assert (explanation(term), WorkingCopy.objects.count()) == ("Live", 1)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_workers_publish_it_once():
    author = User.objects.create_superuser("baas", "", "x")
    term = make_term(explanation="Live")
    from pzgent.kernel.versions.snapshots import take

    base = take(term)
    changed = {**base, "fields": {**base["fields"], "explanation": "Later"}}
    WorkingCopy.objects.create(
        model=base["model"], object_id=base["pk"], label="x", base=base, snapshot=changed,
        author=author, scheduled_by=author, publish_at=timezone.now() - HOUR,
    )  # fmt: skip
    done = []

    def work():
        done.append(publish_due())
        connection.close()

    threads = [threading.Thread(target=work) for _worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [0, 0, 0, 1]
    assert Version.objects.filter(kind="published").count() == 1


def test_a_preview_applies_it_in_a_transaction_that_is_rolled_back(term, admin_client):
    from pzgent.kernel.versions.copies import apply_copy, copy_of, stored_object

    save_copy(admin_client, term, explanation="Later")
    with transaction.atomic():
        copy = copy_of(term)
        assert apply_copy(copy, stored_object(copy)).explanation == "Later"
        transaction.set_rollback(True)
    assert explanation(term) == "Live"
