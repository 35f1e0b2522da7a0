"""Versions: one per save, compared and restored; what was deleted comes back; working copies beside what is live."""

import datetime

import pytest
from django.contrib.auth.models import Permission, User
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contact.models import WeeklySlot
from organisation.models import Organogram, Placement, PolicyAction, Term
from projects.models import Project, ProjectUnit
from pzgent.kernel.trees import find_faults
from pzgent.kernel.versions.applying import apply
from pzgent.kernel.versions.models import Version
from pzgent.kernel.versions.snapshots import take
from tests.browser import form_data
from tests.make import (
    make_document,
    make_objective,
    make_organogram,
    make_placement,
    make_policy_action,
    make_project,
    make_schedule,
    make_term,
    make_unit,
)

pytestmark = pytest.mark.django_db


def address(item, page, *args):
    key = [] if item is None else [item.pk]
    return reverse(f"admin:{item._meta.app_label}_{item._meta.model_name}_{page}", args=[*key, *args])


def edit(client, item, **changes):
    """Save the change form with some other values."""
    page = client.get(address(item, "change"))
    answer = client.post(address(item, "change"), form_data(page, **changes))
    assert answer.status_code == 302, answer.context["errors"]
    item.refresh_from_db()
    return answer


def versions(item):
    return list(Version.objects.of(item))


def kinds(item):
    return [version.kind for version in reversed(versions(item))]


def restore(client, item, version, **data):
    where = address(item, "restore", version.pk)
    page = client.get(where)
    data = {"form_once": page.context["form_once"], "seen": page.context["seen"], **data}
    return client.post(where, data)


def undo_link(client, answer):
    """The address behind “undo” in the message of a save."""
    text = client.get(answer["Location"]).content.decode()
    return text.split('href="/admin/undo/')[1].split('"')[0]


def undo(client, answer):
    where = f"/admin/undo/{undo_link(client, answer)}"
    page = client.get(where)
    return client.post(where, {"form_once": page.context["form_once"], "seen": page.context["seen"]})


def test_the_first_edit_keeps_the_state_before_as_found(admin_client):
    term = make_term(explanation="Oud")
    edit(admin_client, term, explanation="Nieuw")
    assert kinds(term) == ["outside", "changed"]
    old, new = reversed(versions(term))
    assert (old.snapshot["fields"]["explanation"], old.user) == ("Oud", None)
    assert (new.snapshot["fields"]["explanation"], new.user.username) == ("Nieuw", "admin")


def test_a_save_without_a_change_makes_no_second_version(admin_client):
    term = make_term()
    edit(admin_client, term, explanation="Nieuw")
    edit(admin_client, term)
    assert kinds(term) == ["outside", "changed"]


def test_what_a_command_changed_in_between_is_told_apart(admin_client):
    term = make_term()
    edit(admin_client, term, explanation="Een")
    Term.objects.filter(pk=term.pk).update(explanation="Van een commando")
    edit(admin_client, term, explanation="Twee")
    assert kinds(term) == ["outside", "changed", "outside", "changed"]


def test_the_history_says_what_changed_and_compares(admin_client):
    term = make_term(explanation="Een korte uitleg")
    edit(admin_client, term, explanation="Een lange uitleg, met heel wat meer woorden dan er eerst stonden")
    page = admin_client.get(address(term, "history"))
    assert "uitleg" in page.context["versions"].object_list[0].changed[0].lower()
    new, old = versions(term)
    page = admin_client.get(address(term, "compare"), {"old": new.pk, "new": old.pk})
    text = page.content.decode()
    assert "<del>korte</del>" in text
    assert "<ins>lange</ins>" in text


def test_a_version_comes_back_as_a_new_version(admin_client):
    term = make_term(explanation="Oud")
    edit(admin_client, term, explanation="Nieuw")
    admin_client.get(address(term, "change"))  # shows the message of the save
    answer = restore(admin_client, term, versions(term)[1])
    assert admin_client.get(answer["Location"]).content.decode().count('href="/admin/undo/') == 1
    term.refresh_from_db()
    assert (term.explanation, kinds(term)) == ("Oud", ["outside", "changed", "restored"])


def test_undo_is_one_link_after_the_save(admin_client):
    term = make_term(explanation="Oud")
    answer = edit(admin_client, term, explanation="Nieuw")
    assert undo(admin_client, answer).status_code == 302
    term.refresh_from_db()
    assert term.explanation == "Oud"


def test_rows_come_back_with_their_own_key(admin_client):
    project = make_project()
    kept, gone = (
        ProjectUnit.objects.create(project=project, unit=make_unit(), role=role)
        for role in ("lead", "partner")
    )
    before = take(project)
    gone_key = gone.pk
    gone.delete()
    kept.note = "gewijzigd"
    kept.save()
    extra = ProjectUnit.objects.create(project=project, unit=make_unit(), role="partner")
    apply(before, project)
    rows = {row.pk: row for row in ProjectUnit.objects.filter(project=project)}
    assert rows.keys() == {kept.pk, gone_key}
    assert rows[kept.pk].note == ""
    assert extra.pk not in rows
    assert take(Project.objects.get(pk=project.pk))["parts"] == before["parts"]


def test_a_reference_to_what_is_gone_is_named(admin_client):
    document = make_document(title="Jaarplan 2020", status="draft")
    term = make_term(source=document)
    before = take(term)
    term.source = None
    term.save()
    document.delete()
    with pytest.raises(ValidationError) as error:
        apply(before, term)
    assert "Jaarplan 2020" in str(error.value)


# --- Fields that come and go, files, swaps --------------------------------------------------------------


def test_an_old_snapshot_without_a_field_leaves_it_and_says_so(admin_client):
    term = make_term(explanation="Nu")
    edit(admin_client, term, abbreviation="ANDERS")
    old = versions(term)[1]
    del old.snapshot["fields"]["explanation"]
    old.snapshot["fields"]["bestaat_niet_meer"] = "x"
    old.save()
    text = admin_client.get(address(term, "restore", old.pk)).content.decode()
    assert "bestaat_niet_meer" in text
    assert str(Term._meta.get_field("explanation").verbose_name) in text
    assert restore(admin_client, term, old).status_code == 302
    term.refresh_from_db()
    assert (term.explanation, term.abbreviation != "ANDERS") == ("Nu", True)


def test_two_parts_can_swap_unique_numbers_back():
    first = make_policy_action(position=1)
    domain = first.domain
    second = make_policy_action(domain=domain, position=2)
    before = take(domain)
    PolicyAction.objects.filter(pk=first.pk).update(position=9)
    PolicyAction.objects.filter(pk=second.pk).update(position=1)
    PolicyAction.objects.filter(pk=first.pk).update(position=2)
    apply(before, domain)
    assert dict(domain.actions.values_list("pk", "position")) == {first.pk: 1, second.pk: 2}


def test_hours_that_overlap_do_not_come_back():
    schedule = make_schedule()
    WeeklySlot.objects.create(schedule=schedule, weekday=0, opens="09:00", closes="12:00")
    wrong = take(schedule)
    row = wrong["parts"]["contact.weeklyslot.schedule"][0]
    wrong["parts"]["contact.weeklyslot.schedule"].append(
        {**row, "pk": "99999", "fields": {**row["fields"], "opens": "11:00:00", "closes": "13:00:00"}}
    )
    with pytest.raises(ValidationError):
        apply(wrong, schedule)


def test_a_missing_file_is_named_and_nothing_changes(admin_client):
    document = make_document(status="draft")
    wrong = take(document)
    wrong["fields"]["file"] = "files/0123456789abcdef0123456789abcdef.pdf"
    with pytest.raises(ValidationError):
        apply(wrong, document)


# --- Trees ----------------------------------------------------------------------------------------------


@pytest.fixture
def tree():
    organogram = make_organogram(
        status="draft", valid_from=timezone.localdate() + datetime.timedelta(days=30)
    )
    top = make_placement(organogram)
    left, right = make_placement(organogram, top), make_placement(organogram, top)
    return organogram, top, left, right, make_placement(organogram, left)


def children(node):
    return list(Placement.objects.filter(parent=node).order_by("lft").values_list("pk", flat=True))


def test_a_moved_node_goes_back_to_its_place(tree, admin_client):
    _organogram, _top, left, right, leaf = tree
    answer = edit(admin_client, leaf, parent=str(right.pk))
    assert leaf.parent_id == right.pk
    assert undo(admin_client, answer).status_code == 302
    leaf.refresh_from_db()
    assert (leaf.parent_id, find_faults(Placement)) == (left.pk, [])


def test_a_move_among_siblings_is_a_version_and_can_be_undone(tree, admin_client):
    _organogram, top, left, right, _leaf = tree
    move = reverse("admin:organisation_placement_move")
    answer = admin_client.post(move, {"up": str(right.pk)})
    assert children(top) == [right.pk, left.pk]
    assert kinds(right) == ["outside", "changed"]
    assert undo(admin_client, answer).status_code == 302
    assert children(top) == [left.pk, right.pk]
    assert find_faults(Placement) == []


def test_a_node_does_not_come_back_below_itself(tree):
    _organogram, top, left, _right, leaf = tree
    before = take(leaf)
    leaf.move_to(top, "last-child")
    left.refresh_from_db()
    leaf.refresh_from_db()
    left.parent = leaf
    left.save()
    with pytest.raises(ValidationError):
        apply(before, Placement.objects.get(pk=leaf.pk))
    assert find_faults(Placement) == []


def test_undo_takes_a_rename_back_in_the_unit_and_in_its_organogram(admin_client):
    organogram = make_organogram(valid_from=datetime.date(2021, 1, 1))
    unit = make_unit(name="Verkeer")
    place = make_placement(organogram, unit=unit)
    answer = edit(admin_client, unit, name="Mobiliteit")
    place.refresh_from_db()
    assert (unit.name, place.name) == ("Mobiliteit", "Mobiliteit")
    assert undo(admin_client, answer).status_code == 302
    place.refresh_from_db()
    unit.refresh_from_db()
    assert (unit.name, place.name) == ("Verkeer", "Verkeer")


# --- Two editors, double clicks, rights --------------------------------------------------------------------


def test_a_restoration_asked_before_a_colleague_saved_is_refused(admin_client):
    term = make_term(explanation="Een")
    edit(admin_client, term, explanation="Twee")
    version = versions(term)[1]
    where = address(term, "restore", version.pk)
    page = admin_client.get(where)
    edit(admin_client, term, explanation="Van de collega")
    sent = {"seen": page.context["seen"], "form_once": page.context["form_once"]}
    answer = admin_client.post(where, sent)
    term.refresh_from_db()
    assert (answer.status_code, term.explanation) == (409, "Van de collega")


def test_a_double_click_restores_once(admin_client):
    term = make_term(explanation="Een")
    edit(admin_client, term, explanation="Twee")
    where = address(term, "restore", versions(term)[1].pk)
    page = admin_client.get(where)
    sent = {"seen": page.context["seen"], "form_once": page.context["form_once"]}
    assert [admin_client.post(where, sent).status_code for _click in range(2)] == [302, 302]
    assert kinds(term) == ["outside", "changed", "restored"]


def test_undoing_is_refused_once_a_colleague_changed_it_again(admin_client):
    term = make_term(explanation="Een")
    answer = edit(admin_client, term, explanation="Twee")
    link = f"/admin/undo/{undo_link(admin_client, answer)}"
    edit(admin_client, term, explanation="Van de collega")
    page = admin_client.get(link)
    assert not page.context["may_undo"]
    admin_client.post(link, {"seen": page.context["seen"]})
    term.refresh_from_db()
    assert term.explanation == "Van de collega"


@pytest.fixture
def viewer(client):
    user = User.objects.create_user("lezer", password="x", is_staff=True)
    user.user_permissions.add(*Permission.objects.filter(codename__startswith="view_"))
    client.force_login(user)
    return client


def test_a_viewer_sees_versions_and_restores_nothing(viewer, admin_client):
    term = make_term(explanation="Een")
    answer = edit(admin_client, term, explanation="Twee")
    link = f"/admin/undo/{undo_link(admin_client, answer)}"
    version = versions(term)[1]
    assert viewer.get(address(term, "version", version.pk)).status_code == 200
    assert "Terugzetten" not in viewer.get(address(term, "history")).content.decode()
    for where in (address(term, "restore", version.pk), address(term, "working_copy"), link):
        assert viewer.post(where, {"seen": "x"}).status_code in (302, 403)
    term.refresh_from_db()
    assert term.explanation == "Twee"


def test_a_forged_form_of_another_site_restores_nothing(admin_user):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    term = make_term()
    version = Version.objects.create(
        model="organisation.term",
        object_id=str(term.pk),
        label="x",
        kind="changed",
        snapshot=take(term),
        digest="x",
    )
    for page, args in (("restore", [version.pk]), ("working_copy", [])):
        assert client.post(address(term, page, *args)).status_code == 403


def test_a_version_of_another_object_is_not_found(admin_client):
    term, other = make_term(), make_term()
    edit(admin_client, other, explanation="Twee")
    assert admin_client.get(address(term, "version", versions(other)[0].pk)).status_code == 404
    assert admin_client.post(address(term, "restore", versions(other)[0].pk)).status_code == 404


# --- The bin ------------------------------------------------------------------------------------------------


def delete(client, item):
    return client.post(address(item, "delete"), {"post": "yes"})


def bring_back(client, version):
    app, model = version.model.split(".")
    where = reverse(f"admin:{app}_{model}_bin_restore", args=[version.pk])
    page = client.get(where)
    return client.post(where, {"form_once": page.context["form_once"]})


def test_what_was_deleted_comes_back_with_all_that_hung_on_it(tree, admin_client):
    organogram = tree[0]
    places = set(organogram.placements.values_list("pk", "parent", "name"))
    assert delete(admin_client, organogram).status_code == 302
    assert not Organogram.objects.filter(pk=organogram.pk).exists()
    page = admin_client.get(reverse("admin:bin"))
    assert str(organogram) in page.content.decode()
    assert bring_back(admin_client, Version.objects.get(kind="deleted")).status_code == 302
    assert (
        set(Organogram.objects.get(pk=organogram.pk).placements.values_list("pk", "parent", "name")) == places
    )
    assert find_faults(Placement) == []
    assert admin_client.get(reverse("admin:bin")).context["rows"] == []


def test_the_bin_of_a_model_and_undoing_a_deletion(admin_client):
    project = make_project(status="draft")
    unit = make_unit()
    ProjectUnit.objects.create(project=project, unit=unit, role="lead")
    answer = delete(admin_client, project)
    link = f"/admin/undo/{undo_link(admin_client, answer)}"
    assert len(admin_client.get(reverse("admin:projects_project_bin")).context["rows"]) == 1
    seen = admin_client.get(link).context["seen"]
    assert admin_client.post(link, {"seen": seen}).status_code == 302
    assert list(Project.objects.get(pk=project.pk).project_units.values_list("unit", flat=True)) == [unit.pk]


def test_what_comes_back_is_newer_than_any_open_form(admin_client):
    term = make_term(status="draft")
    edit(admin_client, term, explanation="Twee")
    before = term.version
    delete(admin_client, term)
    bring_back(admin_client, Version.objects.get(kind="deleted"))
    assert Term.objects.get(pk=term.pk).version > before


def test_a_taken_address_name_is_said(admin_client):
    term = make_term(status="draft", slug="weg")
    delete(admin_client, term)
    make_term(slug="weg")
    answer = bring_back(admin_client, Version.objects.get(kind="deleted"))
    assert answer.status_code == 409
    assert not Term.objects.filter(pk=term.pk).exists()


def test_an_objective_comes_back_with_the_links_to_it(admin_client):
    objective = make_objective(status="draft")
    project = make_project()
    project.objectives.add(objective)
    delete(admin_client, objective)
    bring_back(admin_client, Version.objects.get(kind="deleted"))
    assert list(project.objectives.values_list("pk", flat=True)) == [objective.pk]
