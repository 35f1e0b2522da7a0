"""Safe saving, publication and deletion in the admin."""

import datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.db.models import ProtectedError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from organisation.models import Grade, KeyFigure, Placement, Term, Unit
from pzgent.kernel.editing import visibility_of
from pzgent.kernel.trees import find_faults
from tests.browser import form_data
from tests.make import (
    make_document,
    make_exception,
    make_grade,
    make_key_figure,
    make_organogram,
    make_placement,
    make_policy_action,
    make_policy_domain,
    make_project,
    make_term,
    make_topic,
)


def change_page(item):
    return reverse(f"admin:{item._meta.app_label}_{item._meta.model_name}_change", args=[item.pk])


def list_page(model):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def save(client, item, **changes):
    page = change_page(item)
    return client.post(page, form_data(client.get(page), **changes))


@pytest.fixture
def colleague(db):
    client = Client()
    client.force_login(User.objects.create_superuser("jan", first_name="Jan", last_name="Peeters"))
    return client


# --- Two editors ----------------------------------------------------------------------------------
@pytest.fixture
def collision(admin_client, colleague):
    """An editor sends a form that was opened before a colleague saved; gives the term, what was sent, the answer."""
    term = make_term(abbreviation="FIT", expansion="oud", explanation="oud")
    opened = form_data(admin_client.get(change_page(term)), explanation="van mij")
    save(colleague, term, expansion="van Jan")
    return term, opened, admin_client.post(change_page(term), opened)


def test_a_form_from_before_a_colleagues_save_is_refused(collision):
    term, _sent, answer = collision
    term.refresh_from_db()
    assert (answer.status_code, term.expansion, term.explanation) == (200, "van Jan", "oud")
    assert answer.context["adminform"].form.is_conflict


def test_a_refused_form_keeps_what_was_typed_and_names_the_colleague(collision):
    html = collision[2].content.decode()
    assert "van mij</textarea>" in html
    assert "Jan Peeters" in html


def test_a_refused_form_shows_what_is_stored_now(collision):
    assert [stored for _label, stored in collision[2].context["adminform"].form.conflict] == [
        "van Jan",
        "oud",
    ]


def test_sending_a_refused_form_again_is_refused_again(collision, admin_client):
    term, _sent, answer = collision
    answer = admin_client.post(change_page(term), form_data(answer))
    assert answer.context["adminform"].form.is_conflict


def test_an_editor_can_choose_to_replace_the_colleagues_version(collision, admin_client):
    term, _sent, answer = collision
    token = answer.context["adminform"].form.current_version_token
    assert admin_client.post(change_page(term), form_data(answer, form_overwrite=token)).status_code == 302
    term.refresh_from_db()
    assert (term.expansion, term.explanation) == ("oud", "van mij")


def test_replacing_is_refused_when_the_colleague_saved_yet_again(collision, admin_client, colleague):
    term, _sent, answer = collision
    token = answer.context["adminform"].form.current_version_token
    save(colleague, term, expansion="nog eens")
    again = admin_client.post(change_page(term), form_data(answer, form_overwrite=token))
    assert again.context["adminform"].form.is_conflict


def test_a_form_without_a_version_token_is_refused(admin_client):
    term = make_term()
    data = form_data(admin_client.get(change_page(term)), abbreviation="X")
    del data["form_stamp"]
    assert admin_client.post(change_page(term), data).context["adminform"].form.is_conflict


def test_items_without_a_version_are_safe_too(admin_client, colleague):
    grade = make_grade(name="oud")
    opened = form_data(admin_client.get(change_page(grade)), code="Z")
    save(colleague, grade, name="nieuw")
    assert admin_client.post(change_page(grade), opened).context["adminform"].form.is_conflict
    assert Grade.objects.get().name == "nieuw"


def test_a_change_on_the_page_of_a_part_counts_for_the_whole(admin_client, colleague):
    domain = make_policy_domain()
    opened = form_data(admin_client.get(change_page(domain.policy)), summary="van mij")
    save(colleague, domain, title="van Jan")
    assert admin_client.post(change_page(domain.policy), opened).context["adminform"].form.is_conflict


def test_a_change_of_an_inline_row_counts_for_the_page(admin_client, colleague):
    action = make_policy_action(title="oud")
    opened = form_data(admin_client.get(change_page(action.domain)), title="van mij")
    assert save(colleague, action.domain, **{"actions-0-title": "van Jan"}).status_code == 302
    assert admin_client.post(change_page(action.domain), opened).context["adminform"].form.is_conflict
    action.refresh_from_db()
    assert action.title == "van Jan"


def test_deleting_a_part_counts_for_the_whole(admin_client):
    domain = make_policy_domain()
    version = domain.policy.version
    admin_client.post(reverse("admin:organisation_policydomain_delete", args=[domain.pk]), {"post": "yes"})
    domain.policy.refresh_from_db()
    assert domain.policy.version == version + 1


# --- Address names ----------------------------------------------------------------------------------
def add_term(client, **changes):
    page = reverse("admin:organisation_term_add")
    return client.post(page, form_data(client.get(page), **changes))


def test_an_empty_address_name_follows_from_the_name(admin_client):
    add_term(admin_client, abbreviation="Éénheid FIT")
    assert Term.objects.get().slug == "eenheid-fit"


def test_a_taken_address_name_gets_a_number(admin_client):
    make_term(slug="fit")
    add_term(admin_client, abbreviation="FIT")
    assert Term.objects.filter(slug="fit-2").exists()


def test_a_proposed_address_name_that_is_taken_gets_a_number(admin_client):
    make_term(slug="fit")
    add_term(admin_client, abbreviation="FIT", slug="fit")
    assert Term.objects.filter(slug="fit-2").exists()


def test_a_typed_address_name_that_is_taken_is_refused(admin_client):
    make_term(slug="bezet")
    answer = add_term(admin_client, abbreviation="FIT", slug="bezet")
    assert list(answer.context["adminform"].form.errors) == ["slug"]


def test_an_address_name_typed_by_the_editor_stays(admin_client):
    add_term(admin_client, abbreviation="FIT", slug="mijn-naam")
    assert Term.objects.get().slug == "mijn-naam"


# --- Publication ------------------------------------------------------------------------------------
def act(client, action, *items):
    data = {"action": action, "_selected_action": [str(item.pk) for item in items]}
    answer = client.post(list_page(type(items[0])), data, follow=True)
    return (
        client.post(answer.request["PATH_INFO"], {"start": "1"}, follow=True)
        if answer.redirect_chain
        else answer
    )


@pytest.mark.parametrize(
    ("action", "status"), [("publish", "published"), ("back_to_draft", "draft"), ("withdraw", "withdrawn")]
)
def test_actions_set_the_status_and_count_the_version(action, status, admin_client):
    figures = [make_key_figure(status="withdrawn" if status == "draft" else "draft") for _number in range(2)]
    act(admin_client, action, *figures)
    assert list(KeyFigure.objects.values_list("status", "version")) == [(status, 2), (status, 2)]


def test_an_action_is_written_in_the_history(admin_client):
    figure = make_key_figure(status="draft")
    act(admin_client, "publish", figure)
    assert LogEntry.objects.filter(object_id=str(figure.pk)).count() == 1


def test_publishing_what_clashes_is_refused_with_the_reason(admin_client):
    day = datetime.date(2021, 1, 1)
    make_organogram(valid_from=day)
    draft = make_organogram(valid_from=day, status="draft", title="Tweede")
    answer = act(admin_client, "publish", draft)
    draft.refresh_from_db()
    assert draft.status == "draft"
    assert any(
        message.level_tag == "error" and "Tweede" in str(message) for message in answer.context["messages"]
    )


def test_publishing_an_organogram_gives_its_units_their_new_names(admin_client):
    first = make_placement(make_organogram(), name="Oud")
    draft = make_organogram(status="draft")
    make_placement(draft, unit=first.unit, name="Nieuw")
    act(admin_client, "publish", draft)
    assert Unit.objects.get(pk=first.unit_id).name == "Nieuw"


def test_who_may_not_change_gets_no_actions(db, client):
    viewer = User.objects.create_user("lezer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_keyfigure"))
    client.force_login(viewer)
    figure = make_key_figure(status="draft")
    act(client, "publish", figure)
    figure.refresh_from_db()
    assert figure.status == "draft"


def test_visibility_follows_status_and_window():
    now = timezone.now()
    hour = datetime.timedelta(hours=1)
    windows = [(None, None), (now + hour, None), (None, now - hour)]
    codes = [
        visibility_of(KeyFigure(status="published", publish_from=start, publish_until=end))[0]
        for start, end in windows
    ]
    assert codes == ["published", "planned", "ended"]
    assert visibility_of(KeyFigure(status="draft", publish_from=now - hour))[0] == "draft"


def test_only_what_the_public_sees_has_a_link_to_the_site(admin_client):
    shown, hidden = make_topic(), make_topic(status="draft")
    assert admin_client.get(change_page(shown)).context["absolute_url"] == shown.get_absolute_url()
    assert admin_client.get(change_page(hidden)).context.get("absolute_url") is None


# --- Deleting ---------------------------------------------------------------------------------------
def delete(client, item):
    name = f"admin:{item._meta.app_label}_{item._meta.model_name}_delete"
    return client.post(reverse(name, args=[item.pk]), {"post": "yes"})


def test_a_document_that_is_a_source_is_protected(admin_client):
    term = make_term(source=make_document())
    answer = delete(admin_client, term.source)
    assert len(answer.context["protected"]) == 1
    assert type(term.source).objects.exists()


def test_a_place_with_others_below_it_is_protected(admin_client):
    root = make_placement(make_organogram())
    make_placement(root.organogram, root)
    assert delete(admin_client, root).context["protected"]
    assert Placement.objects.count() == 2


def test_a_unit_with_a_place_is_protected(admin_client):
    place = make_placement(make_organogram())
    assert delete(admin_client, place.unit).context["protected"]


def test_the_delete_action_shows_what_protects_too(admin_client):
    root = make_placement(make_organogram())
    make_placement(root.organogram, root)
    answer = act(admin_client, "delete_selected", root)
    assert answer.context["protected"]


def test_the_delete_action_takes_a_branch_away_and_leaves_a_sound_tree(admin_client):
    root = make_placement(make_organogram(status="draft"))
    branch = make_placement(root.organogram, root)
    leaf = make_placement(root.organogram, branch)
    make_placement(root.organogram, root)
    data = {"action": "delete_selected", "_selected_action": [branch.pk, leaf.pk], "post": "yes"}
    assert admin_client.post(list_page(Placement), data).status_code == 302
    assert (Placement.objects.count(), find_faults(Placement)) == (2, [])


def test_withdrawing_an_organogram_gives_its_units_their_older_names_back(admin_client):
    first = make_placement(make_organogram(), name="Oud")
    later = make_organogram()
    make_placement(later, unit=first.unit, name="Nieuw")
    act(admin_client, "withdraw", later)
    assert Unit.objects.get(pk=first.unit_id).name == "Oud"


def test_what_comes_into_use_while_deleting_is_a_message(admin_client, monkeypatch):
    project = make_project(status="draft")

    def refuse(*_args):
        raise ProtectedError("in use", {project.plan})

    monkeypatch.setattr("projects.admin.ProjectAdmin.delete_model", refuse, raising=False)
    answer = delete(admin_client, project)
    assert (answer.status_code, answer["Location"]) == (302, list_page(type(project)))


# --- Choices ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("value", ["nonsense", "00000000-0000-0000-0000-000000000000"])
def test_a_choice_that_does_not_exist_is_an_error_on_its_field(value, admin_client):
    term = make_term()
    answer = save(admin_client, term, source=value, explanation="getypt")
    assert list(answer.context["adminform"].form.errors) == ["source"]
    assert "getypt" in answer.content.decode()


def test_a_page_of_parts_looks_its_choices_up_at_once(admin_client):
    counts = []
    for size in (2, 12):
        project = make_project()
        root = make_placement(make_organogram())
        for _number in range(size):
            project.project_units.create(unit=make_placement(root.organogram, root).unit)
        with CaptureQueriesContext(connection) as queries:
            admin_client.get(change_page(project))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_row_that_goes_is_found_in_its_own_history(admin_client):
    exception = make_exception()
    page = reverse("admin:contact_schedule_change", args=[exception.schedule_id])
    data = form_data(admin_client.get(page), **{"exceptions-0-DELETE": "on"})
    assert admin_client.post(page, data).status_code == 302
    entry = LogEntry.objects.get(content_type__model="scheduleexception")
    assert (entry.object_id, entry.is_deletion()) == (str(exception.pk), True)
