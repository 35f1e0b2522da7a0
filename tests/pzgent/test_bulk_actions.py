"""Actions on many rows: they ask first, run in portions and report once."""

import datetime
from dataclasses import replace

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.utils import timezone

from organisation.models import Term
from pzgent.kernel.editing import PublishableAdmin
from pzgent.kernel.editing.bulk import action_admin
from pzgent.kernel.jobs import Job, JobLine
from tests.make import make_document, make_organogram, make_term
from tests.sheets import last_job, page_of


def choose(client, action, *items, **data):
    """Choose an action on the list, and follow it to the page that asks."""
    chosen = {"action": action, "_selected_action": [str(item.pk) for item in items], **data}
    return client.post(page_of(type(items[0]), "changelist"), chosen, follow=True)


def confirm(client, answer, **data):
    """Press “yes”, and follow the portions to the list."""
    answer = client.post(answer.request["PATH_INFO"], {"start": "1", **data}, follow=True)
    while answer.headers.get("Refresh"):
        answer = client.get(answer.request["PATH_INFO"], follow=True)
    return answer


def said(answer):
    return [(message.level_tag, str(message)) for message in answer.context["messages"]]


@pytest.fixture
def small_portions(monkeypatch):
    monkeypatch.setattr(action_admin, "PORTION_SECONDS", 0)
    monkeypatch.setattr(action_admin, "LINES_AT_ONCE", 1)
    return monkeypatch


def test_an_action_asks_first_and_names_what_would_change(admin_client):
    items = [make_term(status="draft") for _number in range(12)]
    answer = choose(admin_client, "publish", *items)
    assert (len(answer.context["names"]), answer.context["more"]) == (10, 2)
    assert "12" in answer.context["question"]
    assert set(Term.objects.values_list("status", flat=True)) == {"draft"}


def test_nothing_happens_without_yes(admin_client):
    answer = choose(admin_client, "publish", make_term(status="draft"))
    for _number in range(2):
        assert admin_client.get(answer.request["PATH_INFO"]).status_code == 200
    assert Term.objects.get().status == "draft"


def test_a_confirmed_action_reports_once(admin_client):
    done = make_term()
    answer = confirm(admin_client, choose(admin_client, "publish", make_term(status="draft"), done))
    assert len(said(answer)) == 1
    assert said(answer)[0][0] == "success"
    done.refresh_from_db()
    assert (done.version, Term.objects.filter(status="published").count()) == (1, 2)


def test_a_second_click_does_nothing_twice(admin_client):
    answer = choose(admin_client, "publish", make_term(status="draft"))
    confirm(admin_client, answer)
    confirm(admin_client, answer)
    assert (Term.objects.get().version, LogEntry.objects.count()) == (2, 1)


def test_a_double_click_on_the_list_asks_once(admin_client):
    term = make_term(status="draft")
    token = admin_client.get(page_of(Term, "changelist")).context["form_once"]
    first, second = (choose(admin_client, "publish", term, form_once=token) for _number in range(2))
    assert first.request["PATH_INFO"] == second.request["PATH_INFO"]


def test_what_is_skipped_is_named_with_its_reason(admin_client):
    day = datetime.date(2021, 1, 1)
    make_organogram(valid_from=day)
    drafts = [
        make_organogram(valid_from=day, status="draft", title="Tweede"),
        make_organogram(status="draft", valid_from=datetime.date(2030, 1, 1)),
    ]
    answer = confirm(admin_client, choose(admin_client, "publish", *drafts))
    assert said(answer)[0][0] == "warning"
    assert "Tweede" in said(answer)[0][1]


def test_a_long_action_goes_on_where_it_stopped(admin_client, small_portions):
    items = [make_term(status="draft") for _number in range(3)]
    answer = choose(admin_client, "publish", *items)
    page = answer.request["PATH_INFO"]
    small_portions.setattr(action_admin, "monotonic", iter([0, 0, 9]).__next__)
    first = admin_client.post(page, {"start": "1"})
    assert (first.context["done"], first.context["total"]) == (1, 3)
    assert first["Refresh"].endswith(page)
    small_portions.undo()
    answer = admin_client.get(page, follow=True)
    assert set(Term.objects.values_list("status", "version")) == {("published", 2)}
    assert len(said(answer)) == 1


def test_the_list_leads_back_to_what_was_not_finished(admin_client, small_portions):
    answer = choose(admin_client, "publish", make_term(status="draft"), make_term(status="draft"))
    page = answer.request["PATH_INFO"]
    small_portions.setattr(action_admin, "monotonic", iter([0, 0, 9]).__next__)
    admin_client.post(page, {"start": "1"})
    links = admin_client.get(page_of(Term, "changelist")).context["sheet_links"]
    assert links[-1][1] == page


def test_a_running_action_can_be_stopped(admin_client, small_portions):
    items = [make_term(status="draft") for _number in range(3)]
    answer = choose(admin_client, "publish", *items)
    small_portions.setattr(action_admin, "monotonic", iter([0, 0, 9]).__next__)
    admin_client.post(answer.request["PATH_INFO"], {"start": "1"})
    small_portions.undo()
    admin_client.post(answer.request["PATH_INFO"], {"cancel": "1"})
    admin_client.get(answer.request["PATH_INFO"])
    assert Term.objects.filter(status="published").count() == 1


def test_a_failing_portion_is_undone_and_tried_again(admin_client, monkeypatch):
    answer = choose(admin_client, "publish", make_term(status="draft"), make_term(status="draft"))
    saved, calls = Term.save, iter([None, RuntimeError("weg")])

    def save(self, *args, **kwargs):
        error = next(calls, None)
        if error:
            raise error
        saved(self, *args, **kwargs)

    monkeypatch.setattr(Term, "save", save)
    with pytest.raises(RuntimeError):
        admin_client.post(answer.request["PATH_INFO"], {"start": "1"})
    assert set(Term.objects.values_list("status", flat=True)) == {"draft"}
    monkeypatch.undo()
    admin_client.get(answer.request["PATH_INFO"])
    assert set(Term.objects.values_list("status", "version")) == {("published", 2)}


def test_what_was_deleted_in_the_meantime_is_skipped(admin_client):
    term = make_term(status="draft")
    answer = choose(admin_client, "publish", term)
    Term.objects.all().delete()
    assert said(confirm(admin_client, answer))[0][0] == "error"


def test_verified_today_sets_the_day_of_the_next_check(admin_client):
    term = make_term(review_by=datetime.date(2020, 1, 1))
    confirm(admin_client, choose(admin_client, "verified_today", term))
    term.refresh_from_db()
    assert (term.verified_on, term.review_by) == (timezone.localdate(), term.next_review())


def test_the_day_of_the_next_check_is_asked_for(admin_client):
    term = make_term()
    answer = choose(admin_client, "set_review", term)
    again = admin_client.post(answer.request["PATH_INFO"], {"start": "1", "value": "ooit"})
    assert again.context["form"].errors
    confirm(admin_client, answer, value="1 juli 2030")
    term.refresh_from_db()
    assert term.review_by == datetime.date(2030, 7, 1)


def test_a_source_document_is_set_on_all(admin_client):
    document = make_document()
    confirm(
        admin_client, choose(admin_client, "set_source", make_term(), make_term()), value=str(document.pk)
    )
    assert set(Term.objects.values_list("source", flat=True)) == {document.pk}


def test_actions_on_facts_are_offered_for_facts_only(admin_client):
    names = dict(admin_client.get("/admin/contact/schedule/").context["action_form"].fields["action"].choices)
    assert "publish" in names
    offered = dict(admin_client.get("/admin/contact/notice/").context["action_form"].fields["action"].choices)
    assert "verified_today" not in offered


# --- Rights -------------------------------------------------------------------------------------------
def test_an_action_belongs_to_who_chose_it(admin_client, client, django_user_model):
    answer = choose(admin_client, "publish", make_term(status="draft"))
    client.force_login(User.objects.create_superuser("ander"))
    assert client.get(answer.request["PATH_INFO"]).status_code == 404
    assert client.post(answer.request["PATH_INFO"], {"start": "1"}).status_code == 404
    assert Term.objects.get().status == "draft"


def test_a_right_that_was_taken_away_stops_the_action(db, client):
    editor = User.objects.create_user("redacteur", is_staff=True)
    editor.user_permissions.set(
        Permission.objects.filter(codename__in=["change_term", "view_term", "publish", "publish_solo"])
    )
    client.force_login(editor)
    answer = choose(client, "publish", make_term(status="draft"))
    editor.user_permissions.set(Permission.objects.filter(codename="view_term"))
    assert client.post(answer.request["PATH_INFO"], {"start": "1"}).status_code == 403
    assert Term.objects.get().status == "draft"


def test_an_account_that_may_not_publish_is_not_offered_it(admin_client, monkeypatch):
    answer = choose(admin_client, "publish", make_term(status="draft"))
    action = PublishableAdmin.bulk_actions["publish"]
    monkeypatch.setitem(PublishableAdmin.bulk_actions, "publish", replace(action, may=lambda *_args: False))
    offered = admin_client.get(page_of(Term, "changelist")).context["action_form"].fields["action"].choices
    assert "publish" not in dict(offered)
    assert admin_client.post(answer.request["PATH_INFO"], {"start": "1"}).status_code == 403


def test_a_job_is_no_way_into_another_list(admin_client):
    choose(admin_client, "publish", make_term(status="draft"))
    assert admin_client.get(page_of(type(make_document()), "bulk", last_job().pk)).status_code == 404


# --- Size ---------------------------------------------------------------------------------------------
def test_a_portion_ends_in_time(admin_client):
    Term.objects.bulk_create(
        Term(slug=f"t-{number}", abbreviation=f"T{number}", status="draft") for number in range(600)
    )
    answer = admin_client.post(
        page_of(Term, "changelist"),
        {"action": "publish", "_selected_action": [str(Term.objects.first().pk)], "select_across": "1"},
        follow=True,
    )
    first = admin_client.post(answer.request["PATH_INFO"], {"start": "1"})
    assert first.context["done"] < first.context["total"] == 600
    assert JobLine.objects.filter(state="done").count() == Term.objects.filter(status="published").count()
    assert Job.objects.get().state == "running"
