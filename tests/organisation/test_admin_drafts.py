"""What a draft organogram changes, what must be checked before, and publishing and taking it back."""

import datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from organisation.draft_checks import Reorganisation, check_draft
from organisation.models import FunctionalLine, Organogram, Placement
from organisation.restructuring import NewUnit, add, end, merge, move, rename
from tests.browser import form_data
from tests.make import (
    make_channel,
    make_document,
    make_organogram,
    make_placement,
    make_project,
    make_topic,
    make_unit,
)
from tests.outlines import at, make_draft

pytestmark = pytest.mark.django_db
LATER = timezone.localdate() + datetime.timedelta(days=60)


@pytest.fixture
def draft():
    draft = make_draft()
    draft.valid_from = LATER
    draft.save()
    return draft


@pytest.fixture
def live(draft):
    return Organogram.objects.get(status="published")


def page_of(organogram, page="changes"):
    return reverse(f"admin:organisation_organogram_{page}", args=[organogram.pk])


def publish(client, organogram, **typed):
    page = page_of(organogram)
    return client.post(page, form_data(client.get(page), "publish-form", **typed))


def found(draft, live):
    return {finding.text for finding in check_draft(Reorganisation(draft, live))}


def texts(answer):
    return [str(message) for message in answer.context["messages"]]


# --- What it changes ----------------------------------------------------------------------------------
def test_the_changes_are_listed_by_kind_with_units_that_are_still_drafts(draft, live, admin_client):
    merge([at(draft, "Een"), at(draft, "Twee")], NewUnit("Samen", "dienst"))
    rename(at(draft, "Drie").unit, NewUnit("Vier", "dienst"), [draft], is_succession=True)
    answer = admin_client.get(page_of(draft))
    groups = {label: dict(items) for label, items in answer.context["groups"]}
    assert answer.context["old"] == live
    assert set(groups["Nieuw"]) == {"Samen"}
    assert groups["Andere naam"] == {"Vier": "heette Drie"}
    assert set(groups["Andere plaats"]) == {"Een A", "Een B", "Twee A"}
    assert groups["Samengevoegd"] == {"Een": "gaat verder in Samen", "Twee": "gaat verder in Samen"}


def test_an_unchanged_copy_changes_nothing(draft, admin_client):
    answer = admin_client.get(page_of(draft))
    assert answer.context["groups"] == answer.context["findings"] == []
    assert "Geen enkele eenheid verandert." in answer.content.decode()


def test_the_first_organogram_has_nothing_to_compare_with(admin_client):
    first = make_placement(make_organogram(status="draft")).organogram
    assert "Er is geen organogram vóór dit." in admin_client.get(page_of(first)).content.decode()


# --- What must be checked -------------------------------------------------------------------------------
def test_a_unit_that_ends_without_a_word_is_found(draft, live):
    place = at(draft, "Drie")
    place.delete()
    assert any("“Drie” houdt op" in text for text in found(draft, live))
    end(at(draft, "Een A"), None, None, is_mistake=False)
    assert not any("Een A" in text for text in found(draft, live))


def test_a_successor_that_left_the_draft_is_found(draft, live):
    end(at(draft, "Drie"), at(draft, "Twee A"), None, is_mistake=False)
    Placement.objects.get(pk=at(draft, "Twee A").pk).delete()
    assert any("“Drie” wordt vervangen door “Twee A”" in text for text in found(draft, live))


def test_units_that_nobody_will_see_are_found_and_what_they_hide(draft, live):
    add(at(draft, "Een"), "before", NewUnit("Nieuw", "dienst"))
    move(at(draft, "Drie"), at(draft, "Nieuw"), "under", [draft])
    said = found(draft, live)
    assert any("“Nieuw” is nog een concept" in text for text in said)
    assert any("“Drie” is niet te zien door “Nieuw”" in text for text in said)


def test_namesakes_beside_each_other_are_found(draft, live):
    add(at(draft, "Drie"), "after", NewUnit("Drie", "dienst"))
    assert any("“Drie” staat meer dan één keer onder “Korps”" in text for text in found(draft, live))


def test_what_is_left_behind_on_a_unit_that_ends_is_found(draft, live):
    unit = at(draft, "Drie").unit
    make_channel(unit=unit, label="Balie")
    make_topic(unit=unit, title="Aangifte")
    make_channel(unit=unit, label="Vroeger", status="withdrawn")
    make_project(title="Veilig").project_units.create(unit=unit)
    make_project(title="Klaar", progress="done").project_units.create(unit=unit)
    FunctionalLine.objects.create(organogram=draft, unit=unit, above=at(draft, "Een").unit)
    assert found(draft, live) == set()
    end(at(draft, "Drie"), None, None, is_mistake=False)
    said = " ".join(found(draft, live))
    assert all(name in said for name in ("“Balie", "“Aangifte”", "Veilig”", "De lijn “Drie"))
    assert "Vroeger" not in said
    assert "Klaar" not in said


def test_an_empty_organogram_cannot_be_published(admin_client):
    empty = make_organogram(status="draft", valid_from=LATER)
    answer = admin_client.get(page_of(empty))
    assert answer.context["form"] is None
    sent = {"tree_state": answer.context["state"], "valid_from": LATER.isoformat()}
    assert admin_client.post(page_of(empty), sent).status_code == 200
    empty.refresh_from_db()
    assert empty.status == "draft"


# --- Publishing -----------------------------------------------------------------------------------------
def test_publishing_takes_the_day_the_decision_and_the_document(draft, live, admin_client):
    document = make_document()
    add(at(draft, "Een"), "under", NewUnit("Nieuw", "team"))
    day = LATER + datetime.timedelta(days=1)
    typed = {
        "valid_from": day.strftime("%d/%m/%Y"),
        "decided_by": "Politiecollege",
        "source": str(document.pk),
    }
    answer = publish(admin_client, draft, decided_on="1 september 2026", **typed)
    assert answer["Location"] == page_of(draft)
    draft.refresh_from_db()
    assert (draft.status, draft.valid_from, draft.decided_by) == ("published", day, "Politiecollege")
    assert (draft.decided_on, draft.source) == (datetime.date(2026, 9, 1), document)
    assert at(draft, "Nieuw").unit.status == "published"
    said = texts(admin_client.get(answer["Location"]))
    assert "1 nieuwe eenheid gepubliceerd." in said[0]
    assert LogEntry.objects.filter(object_id=str(draft.pk)).exists()
    assert Organogram.objects.get_in_force(day) == draft
    assert Organogram.objects.get_in_force() == live


def test_new_units_stay_drafts_when_one_wants_that(draft, admin_client):
    add(at(draft, "Een"), "under", NewUnit("Nieuw", "team"))
    page = form_data(admin_client.get(page_of(draft)), "publish-form")
    del page["publish_units"]
    assert admin_client.post(page_of(draft), page).status_code == 302
    assert at(draft, "Nieuw").unit.status == "draft"


def test_a_second_organogram_on_the_same_day_is_refused_with_what_was_typed(draft, admin_client):
    make_organogram(valid_from=LATER)
    answer = publish(admin_client, draft, decided_by="Het college")
    assert answer.status_code == 200
    assert "begint op dezelfde dag" in answer.content.decode()
    assert 'value="Het college"' in answer.content.decode()
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_a_decision_of_tomorrow_is_refused(draft, admin_client):
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    answer = publish(admin_client, draft, decided_on=tomorrow.isoformat())
    assert set(answer.context["form"].errors) == {"decided_on"}


def test_a_tree_that_changed_after_the_page_was_read_is_not_published(draft, admin_client):
    data = form_data(admin_client.get(page_of(draft)), "publish-form")
    at(draft, "Drie").move_to(at(draft, "Een"), "left")
    answer = admin_client.post(page_of(draft), data)
    assert texts(answer)[0].startswith("Niet uitgevoerd")
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_a_colleagues_change_of_the_organogram_itself_is_a_conflict(draft, admin_client):
    data = form_data(admin_client.get(page_of(draft)), "publish-form", decided_by="Ik")
    other = Organogram.objects.get(pk=draft.pk)
    other.decided_by = "Collega"
    other.save()
    answer = admin_client.post(page_of(draft), data)
    assert answer.context["form"].is_conflict
    assert Organogram.objects.get(pk=draft.pk).status == "draft"
    again = form_data(answer, "publish-form", form_overwrite=answer.context["form"].current_version_token)
    assert admin_client.post(page_of(draft), again).status_code == 302
    assert Organogram.objects.get(pk=draft.pk).decided_by == "Ik"


def test_a_published_organogram_has_no_form_to_publish(live, admin_client):
    assert admin_client.get(page_of(live)).context["form"] is None


# --- Taking it back ---------------------------------------------------------------------------------------
def take_back(client, organogram, outcome):
    page = page_of(organogram, "withdraw")
    return client.post(page, form_data(client.get(page), "withdraw-form", outcome=outcome))


@pytest.mark.parametrize("outcome", ["draft", "withdrawn"])
def test_a_planned_organogram_is_taken_back(outcome, draft, live, admin_client):
    publish(admin_client, draft)
    html = admin_client.get(page_of(draft, "withdraw")).content.decode()
    assert "verandert er dan niets: “published” blijft van kracht." in html
    answer = take_back(admin_client, draft, outcome)
    assert answer["Location"] == page_of(draft, "workshop")
    draft.refresh_from_db()
    assert draft.status == outcome


def test_taking_back_the_one_in_force_says_what_is_in_force_then(live, admin_client):
    before = make_organogram(valid_from=datetime.date(1999, 1, 1), title="Oud")
    html = admin_client.get(page_of(live, "withdraw")).content.decode()
    assert "“Oud”" in html
    take_back(admin_client, live, "withdrawn")
    assert Organogram.objects.get_in_force() == before


def test_a_draft_cannot_be_taken_back(draft, admin_client):
    assert admin_client.get(page_of(draft, "withdraw"))["Location"] == page_of(draft, "workshop")
    admin_client.post(page_of(draft, "withdraw"), {"outcome": "withdrawn"})
    draft.refresh_from_db()
    assert draft.status == "draft"


# --- Rights -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "rights",
    [
        ["view_organogram", "view_placement"],
        ["change_organogram", "view_placement", "publish_solo"],
    ],
)
def test_who_may_not_publish_compares_but_decides_nothing(draft, live, rights):
    account = User.objects.create_user("lezer", is_staff=True)
    account.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client = Client()
    client.force_login(account)
    assert client.get(page_of(draft)).context["form"] is None
    assert client.post(page_of(draft), {"valid_from": "2030-01-01"}).status_code == 403
    assert client.get(page_of(live, "withdraw")).status_code == 403
    assert client.post(page_of(live, "withdraw"), {"outcome": "withdrawn"}).status_code == 403
    assert client.get(page_of(live, "duplicate")).status_code == 403
    links = dict(client.get(page_of(draft, "workshop")).context["addresses"])
    assert page_of(draft) in links.values()
    assert page_of(draft, "duplicate") not in links.values()


def test_publishing_needs_no_rights_on_units_but_leaves_them_alone_without(draft):
    add(at(draft, "Een"), "under", NewUnit("Nieuw", "team"))
    account = User.objects.create_user("uitgever", is_staff=True)
    rights = ["view_organogram", "change_organogram", "view_placement", "publish", "publish_solo"]
    account.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client = Client()
    client.force_login(account)
    assert "publish_units" not in form_data(client.get(page_of(draft)), "publish-form")
    assert publish(client, draft, publish_units="on").status_code == 302
    assert at(draft, "Nieuw").unit.status == "draft"
    assert make_unit().status == "published"
