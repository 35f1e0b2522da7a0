"""Approval by a second person: asked, answered, gone stale, and required of accounts that may not work alone."""

import datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contact.models import Channel, WeeklySlot
from organisation.models import Organogram, Placement, Term
from pzgent.admin.roles import make_roles
from pzgent.kernel.versions.copies import publish_due
from pzgent.kernel.versions.models import Bundle, Version, WorkingCopy
from pzgent.models import Role
from tests.browser import form_data
from tests.make import make_bundle, make_channel, make_schedule, make_term, make_topic
from tests.organisation.test_admin_workshop import take
from tests.outlines import make_draft
from tests.pzgent.test_bundles import act as act_on
from tests.pzgent.test_bundles import change, page_of
from tests.pzgent.test_working_copies import act, address, explanation, save_copy, schedule

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)
HOME = "/admin/"


@pytest.fixture(autouse=True)
def _roles():
    make_roles()
    right = Permission.objects.get(codename="publish_solo")
    for name, copied in (("Redacteur", "Redactie onder toezicht"), ("Uitgever", "Uitgever onder toezicht")):
        group = Group.objects.create(name=copied)
        group.permissions.set(Group.objects.get(name=name).permissions.exclude(pk=right.pk))


def client_of(name, group):
    account = User.objects.create_user(
        name, f"{name}@example.org", is_staff=True, first_name=name.capitalize()
    )
    account.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(account)
    client.account = account
    return client


@pytest.fixture
def term():
    return make_term(explanation="Live")


@pytest.fixture
def an():
    """An editor who may not publish."""
    return client_of("an", "Redacteur")


@pytest.fixture
def bo():
    """Somebody who publishes, but not what they wrote."""
    return client_of("bo", "Uitgever onder toezicht")


@pytest.fixture
def cis():
    """A second one."""
    return client_of("cis", "Uitgever onder toezicht")


def ask(client, item, **data):
    return act(client, item, "ask", **{f"ask-{name}": value for name, value in data.items()})


def text_of(client, where):
    return client.get(where).content.decode()


# --- Asking and answering ---------------------------------------------------------------------------
def test_an_editor_asks_and_a_second_person_publishes(term, an, bo):
    save_copy(an, term, explanation="Later")
    assert act(an, term, "publish").status_code == 403
    assert ask(an, term, note="Kijk naar de spelling").status_code == 302
    home = text_of(bo, HOME)
    assert "Wacht op uw nalezing" in home
    assert address(term, "working_copy") in home
    assert "Kijk naar de spelling" in text_of(bo, address(term, "working_copy"))
    assert act(bo, term, "publish").status_code == 302
    assert explanation(term) == "Later"
    version = Version.objects.of(term).first()
    assert (version.who, version.reason) == ("Bo", "voorbereid door An")
    assert "Kijk naar de spelling" in text_of(bo, address(term, "history"))


def test_who_asks_sees_how_far_it_is_and_the_remark(term, an, bo):
    save_copy(an, term, explanation="Later")
    ask(an, term)
    assert "U vroeg nalezing" in text_of(an, HOME)
    assert act(bo, term, "send_back", **{"back-remark": "Het nummer klopt niet"}).status_code == 302
    for where in (HOME, address(term, "working_copy"), reverse("admin:working_copies")):
        assert "Het nummer klopt niet" in text_of(an, where), where
    assert "Het nummer klopt niet" in text_of(an, address(term, "history"))
    assert "Wacht op uw nalezing" not in text_of(bo, HOME)
    assert act(bo, term, "publish").status_code == 403


def test_a_remark_is_required(term, an, bo):
    save_copy(an, term, explanation="Later")
    ask(an, term)
    assert act(bo, term, "send_back").status_code == 200
    assert WorkingCopy.objects.get().is_waiting


def test_a_named_colleague_is_told_and_others_see_it_too(term, an, bo, cis):
    save_copy(an, term, explanation="Later")
    ask(an, term, colleague=str(cis.account.pk))
    assert "Aan u gevraagd" in text_of(cis, HOME)
    assert "Aan u gevraagd" not in text_of(bo, HOME)
    assert "Wacht op uw nalezing" in text_of(bo, HOME)


def test_only_who_may_publish_can_be_asked(term, an):
    other = client_of("dirk", "Redacteur")
    save_copy(an, term, explanation="Later")
    for chosen in (other, an):
        assert ask(an, term, colleague=str(chosen.account.pk)).status_code == 200
    assert WorkingCopy.objects.get().approval == ""


def test_a_change_afterwards_makes_it_stale(term, an, bo):
    save_copy(an, term, explanation="Later")
    ask(an, term)
    save_copy(an, term, is_open=True, explanation="Toch anders")
    assert "Vraag ze opnieuw" in text_of(an, address(term, "working_copy"))
    assert "Wacht op uw nalezing" not in text_of(bo, HOME)
    assert act(bo, term, "publish").status_code == 403
    ask(an, term)
    assert act(bo, term, "publish").status_code == 302
    assert explanation(term) == "Toch anders"


def test_two_browsers_the_page_of_a_changed_copy_publishes_nothing(term, an, bo):
    save_copy(an, term, explanation="Later")
    ask(an, term)
    page = bo.get(address(term, "working_copy"))
    sent = {"form_once": page.context["form_once"], "revision": page.context["copy"].revision, "publish": "1"}
    save_copy(an, term, is_open=True, explanation="Niet gelezen")
    ask(an, term)
    answer = bo.post(address(term, "working_copy"), sent)
    assert (answer.status_code, explanation(term)) == (409, "Live")


def test_what_nobody_asked_for_is_not_sent_back(term, an, bo):
    save_copy(an, term, explanation="Later")
    assert act(bo, term, "send_back", **{"back-remark": "Nee"}).status_code == 403
    ask(an, term)
    assert act(an, term, "send_back", **{"back-remark": "Nee"}).status_code == 403


# --- The second person ------------------------------------------------------------------------------
def test_nobody_approves_their_own_copy(term, bo, cis):
    save_copy(bo, term, explanation="Later")
    ask(bo, term)
    for name in ("publish", "schedule", "send_back"):
        assert act(bo, term, name, **{"back-remark": "x"}).status_code == 403
    assert "Wacht op uw nalezing" not in text_of(bo, HOME)
    assert schedule(bo, term, timezone.now() + HOUR).status_code == 403
    assert explanation(term) == "Live"
    assert act(cis, term, "publish").status_code == 302


def test_a_publisher_who_mends_it_becomes_its_author(term, an, bo, cis):
    save_copy(an, term, explanation="Later")
    ask(an, term)
    save_copy(bo, term, is_open=True, explanation="Later, verbeterd")
    assert act(bo, term, "publish").status_code == 403
    ask(bo, term)
    assert act(cis, term, "publish").status_code == 302


def test_a_publisher_with_the_right_needs_nobody(term):
    client = client_of("els", "Uitgever")
    save_copy(client, term, explanation="Later")
    assert act(client, term, "publish").status_code == 302


def test_without_the_right_what_is_public_changes_only_in_a_copy(term, bo):
    page = bo.get(address(term, "change"))
    assert 'name="_save"' not in page.content.decode()
    assert 'name="_working_copy"' in page.content.decode()
    answer = bo.post(address(term, "change"), {**form_data(page, explanation="Stiekem"), "_save": "1"})
    assert answer.status_code == 200
    assert "Stiekem" in answer.content.decode()
    assert "tweede persoon" in answer.content.decode()
    assert (explanation(term), Version.objects.count()) == ("Live", 0)


def test_a_draft_is_changed_freely_and_published_by_another(bo, cis):
    draft = make_term(explanation="Nieuw", status="draft")
    page = bo.get(address(draft, "change"))
    assert "status" not in form_data(page)
    assert bo.post(address(draft, "change"), form_data(page, explanation="Beter")).status_code == 302
    save_copy(bo, draft, explanation="Best")
    save_copy(bo, draft, is_open=True, status="published")
    ask(bo, draft)
    assert act(cis, draft, "publish").status_code == 302
    draft.refresh_from_db()
    assert (draft.status, draft.explanation) == ("published", "Best")


def test_a_part_of_what_is_public_is_public(bo):
    plan = make_schedule()
    slot = WeeklySlot.objects.create(schedule=plan, weekday=0, opens="09:00", closes="12:00")
    page = bo.get(address(plan, "change"))
    bo.post(address(plan, "change"), form_data(page, **{"slots-0-closes": "16:00"}))
    slot.refresh_from_db()
    assert f"{slot.closes:%H:%M}" == "12:00"


@pytest.mark.parametrize("action", ["publish", "withdraw", "back_to_draft", "verified_today"])
def test_no_action_on_rows_passes_it_by(action, bo):
    channel = make_channel(status="draft" if action == "publish" else "published")
    before = Channel.objects.filter(pk=channel.pk).values().get()
    where = reverse("admin:contact_channel_changelist")
    assert f'value="{action}"' not in text_of(bo, where)
    bo.post(where, {"action": action, "_selected_action": [channel.pk]})
    assert Channel.objects.filter(pk=channel.pk).values().get() == before


def test_restoring_and_undoing_pass_it_by_neither(term, admin_client, bo):
    admin_client.post(
        address(term, "change"), form_data(admin_client.get(address(term, "change")), explanation="Nieuw")
    )
    first = Version.objects.of(term).last()
    where = address(term, "restore", first.pk)
    page = bo.get(where)
    bo.post(where, {"seen": page.context["seen"], "form_once": page.context["form_once"]})
    undo = reverse("admin:undo", args=[Version.objects.of(term).first().batch])
    page = bo.get(undo)
    bo.post(undo, {"seen": page.context["seen"], "form_once": page.context["form_once"]})
    assert explanation(term) == "Nieuw"


# --- A planned publication --------------------------------------------------------------------------
def test_a_change_calls_off_a_planned_publication(term, an, bo):
    save_copy(an, term, explanation="Later")
    ask(an, term)
    assert schedule(bo, term, timezone.now() + HOUR).status_code == 302
    assert "Wacht op uw nalezing" not in text_of(bo, HOME)
    save_copy(an, term, is_open=True, explanation="Niet nagelezen")
    assert WorkingCopy.objects.get().publish_at is None
    assert publish_due(timezone.now() + 2 * HOUR) == 0
    assert explanation(term) == "Live"


def test_who_may_work_alone_keeps_the_plan(term, admin_client):
    save_copy(admin_client, term, explanation="Later")
    schedule(admin_client, term, timezone.now() + HOUR)
    save_copy(admin_client, term, is_open=True, explanation="Beter")
    assert publish_due(timezone.now() + 2 * HOUR) == 1
    assert explanation(term) == "Beter"


# --- Bundles ----------------------------------------------------------------------------------------
@pytest.fixture
def bundle(an):
    made = make_bundle()
    for _number in range(2):
        change(make_term(explanation="Nu"), an.account, made, explanation="Later")
    return made


def test_a_bundle_is_approved_as_one(bundle, an, bo):
    assert act_on(an, bundle, "publish").status_code == 403
    assert act_on(bo, bundle, "publish").status_code == 403
    assert act_on(an, bundle, "ask").status_code == 302
    assert page_of(bundle) in text_of(bo, HOME)
    assert act_on(bo, bundle, "publish").status_code == 302
    assert set(Term.objects.values_list("explanation", flat=True)) == {"Later"}


def test_a_bundle_with_something_else_in_it_is_stale(bundle, an, bo):
    act_on(an, bundle, "ask")
    change(make_topic(), an.account, bundle, intro="Anders")
    assert Bundle.objects.get().is_stale
    assert act_on(bo, bundle, "publish").status_code == 403


def test_a_bundle_with_a_copy_of_ones_own_needs_another(bundle, an, bo, cis):
    change(make_term(explanation="Nu"), bo.account, bundle, explanation="Later")
    act_on(an, bundle, "ask")
    assert act_on(bo, bundle, "publish").status_code == 403
    assert act_on(bo, bundle, "send_back", **{"back-remark": "Wacht nog"}).status_code == 302
    assert "Wacht nog" in text_of(an, HOME)
    act_on(an, bundle, "ask")
    assert act_on(cis, bundle, "publish").status_code == 302


def test_two_browsers_a_bundle_that_changed_is_looked_at_again(bundle, an, admin_client):
    page = admin_client.get(page_of(bundle))
    sent = {"form_once": page.context["form_once"], "state": page.context["bundle"].state, "publish": "1"}
    change(make_topic(), an.account, bundle, intro="Anders")
    assert admin_client.post(page_of(bundle), sent).status_code == 409


def test_a_copy_slipped_into_a_planned_bundle_calls_it_off(bundle, an, bo):
    act_on(an, bundle, "ask")
    moment = timezone.localtime() + HOUR
    when = {"publish_at_0": f"{moment:%d/%m/%Y}", "publish_at_1": f"{moment:%H:%M}"}
    assert act_on(bo, bundle, "schedule", **when).status_code == 302
    other = make_term(explanation="Nu")
    save_copy(an, other, explanation="Ongelezen")
    assert act(an, other, "put", bundle=str(bundle.pk)).status_code == 302
    assert Bundle.objects.get().publish_at is None


# --- Rights and rules -------------------------------------------------------------------------------
def test_who_could_change_content_before_still_can_alone():
    Role.objects.all().delete()
    group = Group.objects.create(name="Oud")
    group.permissions.add(Permission.objects.get(codename="change_unit"))
    make_roles()
    assert group.permissions.filter(codename="publish_solo").exists()
    group.permissions.remove(Permission.objects.get(codename="publish_solo"))
    make_roles()
    assert not group.permissions.filter(codename="publish_solo").exists()


def test_a_reader_asks_nothing(term, an):
    save_copy(an, term, explanation="Later")
    reader = client_of("lies", "Lezer")
    assert "id_ask" not in text_of(reader, address(term, "working_copy"))
    assert act(reader, term, "ask").status_code == 403
    assert WorkingCopy.objects.get().approval == ""
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(
    "values", [{"approval": "misschien"}, {"approval": "asked"}, {"approval": "sent_back", "remark": ""}]
)
def test_the_database_refuses_a_half_request(term, an, values):
    save_copy(an, term, explanation="Later")
    with pytest.raises(IntegrityError), transaction.atomic():
        WorkingCopy.objects.update(**values)


def test_a_draft_organogram_is_reshaped_freely_and_the_public_one_not_at_all(bo):
    draft = make_draft()
    public = Organogram.objects.get(status="published")
    for organogram, is_free in ((draft, True), (public, False)):
        take(bo, organogram, "Drie", "rename", name="Vier")
        assert Placement.objects.filter(organogram=organogram, name="Vier").exists() == is_free
