"""Erasure of a text from everything that is stored."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.urls import reverse

from organisation.models import Organogram, Unit
from pzgent.desk.erasing import erase, find
from pzgent.kernel.versions.models import Version, WorkingCopy
from pzgent.kernel.versions.snapshots import digest_of, take
from pzgent.models import FactAnswer, FactCheck
from pzgent.worker import bring_up_to_date
from tests.browser import form_data
from tests.make import make_channel, make_location, make_organogram, make_placement, make_topic, make_unit
from tests.pages import text_of

pytestmark = pytest.mark.django_db
NAME = "Jan Peeters"
PAGE = "/admin/erase/"


def change(client, row, **values):
    page = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    answer = client.post(page, {**form_data(client.get(page)), **values})
    assert answer.status_code == 302


def stored_texts():
    """Everything that the database holds, as one text."""
    return "".join(repr((place.kind, place.title, place.label)) for place in find(NAME))


def test_a_name_disappears_from_content_versions_bin_and_log(admin_client, admin_user, client):
    unit = make_unit(name="Team Verkeer", summary=f"{NAME} leidt dit team.")
    change(admin_client, unit, summary="Iemand leidt dit team.")
    draft = make_topic(title=f"Vraag van {NAME}", status="draft")
    admin_client.post(reverse("admin:contact_topic_delete", args=[draft.pk]), {"post": "yes"})
    assert Version.objects.filter(kind="deleted").exists()
    assert LogEntry.objects.filter(object_repr__contains=NAME).exists()
    assert erase(NAME, "een medewerker", admin_user) >= 3
    assert find(NAME) == []
    assert Version.objects.of(unit).last().snapshot["fields"]["summary"] == "een medewerker leidt dit team."
    assert NAME not in LogEntry.objects.latest("pk").change_message


def test_a_name_disappears_from_translations_and_keeps_the_rest(admin_user):
    words = {"fr": {"note": {"text": f"Demandez {NAME} ou Ann", "of": "x"}}}
    place = make_location(note=f"Vraag {NAME} of Ann", translations=words)
    erase(NAME, "iemand", admin_user)
    place.refresh_from_db()
    assert place.note == "Vraag iemand of Ann"
    assert place.translations["fr"]["note"]["text"] == "Demandez iemand ou Ann"


def test_a_name_disappears_from_working_copies_and_answers(admin_client, admin_user):
    unit = make_unit(summary="Oud")
    snapshot = take(unit)
    WorkingCopy.objects.create(
        model="organisation.unit",
        object_id=str(unit.pk),
        label="Team",
        base=snapshot,
        snapshot={**snapshot, "fields": {**snapshot["fields"], "summary": f"{NAME} leidt."}},
        author=admin_user,
    )
    check = FactCheck.objects.create(unit=unit)
    FactAnswer.objects.create(
        check_request=check, label="organisation.unit", key=unit.pk, verdict="wrong", remark=f"{NAME} is weg"
    )
    erase(NAME, "", admin_user)
    assert WorkingCopy.objects.get().snapshot["fields"]["summary"] == " leidt."
    assert FactAnswer.objects.get().remark == " is weg"


def test_the_digest_of_a_version_follows(admin_client, admin_user):
    unit = make_unit(summary=f"{NAME} leidt.")
    change(admin_client, unit, tasks="Iets")
    erase(NAME, "iemand", admin_user)
    assert [version.digest == digest_of(version.snapshot) for version in Version.objects.of(unit)] == [
        True
    ] * 2


def test_names_in_the_tree_are_erased_and_the_tree_stays_sound(admin_user):
    organogram = make_organogram()
    top = make_placement(organogram)
    below = make_placement(organogram, top, name=f"Team {NAME}")
    erase(NAME, "Zuid", admin_user)
    below.refresh_from_db()
    assert (below.name, below.parent_id) == ("Team Zuid", top.pk)
    assert NAME not in Unit.objects.get(pk=below.unit_id).name
    assert Organogram.objects.count() == 1


def test_public_pages_and_the_change_feed_follow(client, admin_user):
    make_unit(name="Team Verkeer", slug="team-verkeer", summary=f"{NAME} leidt dit team.")
    bring_up_to_date()
    erase(NAME, "een medewerker", admin_user)
    bring_up_to_date()
    assert NAME not in client.get("/api/v1/changes?after=0").content.decode()


def test_the_log_says_that_but_not_what(admin_user):
    make_unit(summary=f"{NAME} leidt.")
    erase(NAME, "iemand", admin_user)
    entry = LogEntry.objects.get()
    assert (entry.user, NAME in str(entry.__dict__)) == (admin_user, False)
    assert "1" in entry.change_message


def test_a_web_address_name_stays_for_an_editor(admin_user):
    unit = make_unit(name="Peeters", slug="jan-peeters", status="draft")
    (place,) = find("jan-peeters")
    assert place.is_by_hand
    assert erase("jan-peeters", "x", admin_user) == 0
    unit.refresh_from_db()
    assert unit.slug == "jan-peeters"


def test_a_value_that_no_longer_fits_is_emptied(admin_user):
    channel = make_channel(topic=make_topic(), kind="email", value="jan.peeters@example.org")
    erase("jan.peeters@example.org", "", admin_user)
    channel.refresh_from_db()
    assert channel.value == ""


def test_what_cannot_do_without_the_text_stops_everything(admin_user):
    make_unit(summary=NAME)
    make_topic(title=NAME)
    unit = make_unit(name=NAME)
    places = {(place.title, place.is_by_hand) for place in find(NAME)}
    assert (NAME, True) in places
    erase(NAME, "", admin_user)  # required values stay for an editor
    unit.refresh_from_db()
    assert unit.name == NAME


def test_a_rule_of_the_database_refuses_it_as_a_whole(admin_user, monkeypatch):
    first = make_unit(summary="aaa")
    answer = FactAnswer.objects.create(
        check_request=FactCheck.objects.create(unit=first),
        label="organisation.unit",
        key=first.pk,
        verdict="wrong",
        remark="aaa",
    )
    with pytest.raises(ValidationError, match="zonder deze tekst"):
        erase("aaa", "", admin_user)
    first.refresh_from_db()
    answer.refresh_from_db()
    assert (first.summary, answer.remark) == ("aaa", "aaa")
    assert not LogEntry.objects.exists()


def test_the_page_shows_the_places_before_it_erases(admin_client, client):
    unit = make_unit(name="Team Verkeer", summary=f"{NAME} leidt.")
    assert PAGE in admin_client.get("/admin/").content.decode()
    shown = admin_client.post(PAGE, {"text": NAME, "replacement": "iemand"})
    text = text_of(shown)
    assert "Gevonden op 1 plaats" in text
    assert "Team Verkeer" in text
    unit.refresh_from_db()
    assert NAME in unit.summary
    done = admin_client.post(PAGE, {"text": NAME, "replacement": "iemand", "confirmed": "1"}, follow=True)
    assert "Gewist op 1 plaats" in text_of(done)
    unit.refresh_from_db()
    assert unit.summary == "iemand leidt."


def test_the_page_asks_again_when_more_was_found_since(admin_client):
    make_unit(summary=NAME)
    admin_client.post(PAGE, {"text": NAME})
    make_unit(summary=NAME)
    answer = admin_client.post(PAGE, {"text": NAME, "confirmed": "1"})
    assert "Gevonden op 2 plaatsen" in text_of(answer)
    assert len(find(NAME)) == 2


@pytest.mark.parametrize("data", [{"text": "Jo"}, {"text": ""}, {"text": NAME, "replacement": f"x {NAME}"}])
def test_the_page_refuses_what_makes_no_sense(admin_client, data):
    make_unit(summary=NAME)
    answer = admin_client.post(PAGE, {**data, "confirmed": "1"})
    assert answer.context["form"].errors
    assert len(find(NAME)) == 1


@pytest.mark.parametrize("method", ["get", "post"])
def test_only_a_superuser_may_erase(client, method):
    editor = User.objects.create_user("redacteur", password="x", is_staff=True)
    client.force_login(editor)
    assert getattr(client, method)(PAGE, {"text": NAME, "confirmed": "0"}).status_code == 403
    assert PAGE not in client.get("/admin/").content.decode()
