"""An account that is limited to units reaches, chooses and writes only what belongs to these, and what is below."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse

from contact.models import Channel, Schedule, Topic
from organisation.models import Organogram, Placement, Responsibility, Unit
from tests.browser import form_data
from tests.make import (
    make_care_area,
    make_channel,
    make_exception,
    make_location,
    make_notice,
    make_organogram,
    make_placement,
    make_project,
    make_schedule,
    make_term,
    make_topic,
)

pytestmark = pytest.mark.django_db


class Zone:
    """Two directorates with a team each, and a channel, a place and a project of each."""

    def __init__(self):
        self.organogram = make_organogram()
        self.root = make_placement(self.organogram, name="Korps")
        self.own, self.other = (
            make_placement(self.organogram, self.root, name=name)
            for name in ("Directie Eigen", "Directie Ander")
        )
        self.team = make_placement(self.organogram, self.own, name="Team Eigen")
        self.other_team = make_placement(self.organogram, self.other, name="Team Ander")
        self.mine = self._things(self.team.unit, "eigen")
        self.theirs = self._things(self.other_team.unit, "ander")

    def _things(self, unit, word):
        topic = make_topic(title=f"Onderwerp {word}", unit=unit)
        hours = make_schedule(title=f"Uren {word}")
        place = make_location(name=f"Plaats {word}", unit=unit)
        project = make_project(title=f"Project {word}")
        project.project_units.create(unit=unit, role="lead")
        channel = make_channel(topic=topic, unit=unit, schedule=hours, label=f"Kanaal {word}")
        area = make_care_area(name=f"Wijk {word}", location=place, certainty="named")
        return [unit, topic, channel, place, project, hours, area, make_exception(hours)]


@pytest.fixture
def zone():
    return Zone()


def limited(*units, is_superuser=False):
    """A client signed in with all rights on content, limited to these units."""
    account = User.objects.create_user("gebonden", is_staff=True, is_superuser=is_superuser)
    apps = ("organisation", "contact", "projects", "pzgent")
    account.user_permissions.set(Permission.objects.filter(content_type__app_label__in=apps))
    for unit in units:
        Responsibility.objects.create(account=account, unit=unit)
    client = Client()
    client.force_login(account)
    return client


@pytest.fixture
def editor(zone):
    return limited(zone.own.unit)


def page(item, name="change"):
    return reverse(f"admin:{item._meta.app_label}_{item._meta.model_name}_{name}", args=[item.pk])


def listing(model, name="changelist"):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}")


def test_what_belongs_to_the_directorate_opens(zone, editor):
    assert {editor.get(page(item)).status_code for item in [*zone.mine, zone.own, zone.team]} == {200}


@pytest.mark.parametrize("name", ["change", "history", "delete"])
def test_what_belongs_to_another_is_as_if_it_did_not_exist(zone, editor, name):
    unknown = editor.get(page(Unit(pk="00000000-0000-4000-8000-000000000000"), name))
    answers = [
        editor.get(page(item, name)) for item in [*zone.theirs, zone.other, zone.other_team, zone.root]
    ]
    assert {answer.status_code for answer in answers} == {unknown.status_code} == {302}
    assert LogEntry.objects.count() == 0


def test_lists_hold_only_what_is_its_own(zone, editor):
    for item in zone.theirs:
        text = editor.get(listing(type(item))).content.decode()
        assert page(item) not in text


def test_a_filter_does_not_name_what_belongs_to_another(zone, editor):
    text = editor.get(listing(Channel)).content.decode()
    assert ("Onderwerp eigen" in text, "Onderwerp ander" in text) == (True, False)


def test_a_search_for_choices_finds_only_what_is_its_own(zone, editor):
    query = {"app_label": "contact", "model_name": "channel", "field_name": "topic", "term": "Onderwerp"}
    found = editor.get(reverse("admin:autocomplete"), query).json()["results"]
    assert [item["text"] for item in found] == ["Onderwerp eigen"]


def test_a_choice_of_what_belongs_to_another_is_refused(zone, editor):
    channel = zone.mine[2]
    sent = form_data(editor.get(page(channel)), topic=str(zone.theirs[1].pk))
    assert editor.post(page(channel), sent).status_code == 200
    assert Channel.objects.get(pk=channel.pk).topic == zone.mine[1]


def test_a_choice_of_another_that_stands_there_already_may_stay(zone, editor):
    channel = make_channel(topic=zone.theirs[1], unit=zone.team.unit, label="Loket")
    sent = form_data(editor.get(page(channel)), label="Balie")
    assert editor.post(page(channel), sent).status_code == 302
    assert Channel.objects.get(pk=channel.pk).label == "Balie"


def test_nothing_can_be_given_away(zone, editor):
    channel = zone.mine[2]
    Topic.objects.filter(pk=channel.topic_id).update(unit=None)
    channel = make_channel(topic=make_topic(unit=zone.own.unit), unit=None)
    sent = form_data(editor.get(page(channel)), unit=str(zone.other.unit_id))
    answer = editor.post(page(channel), sent)
    assert (answer.status_code, Channel.objects.get(pk=channel.pk).unit) == (200, None)


def test_a_topic_without_a_unit_would_lie_outside(zone, editor):
    topic = zone.mine[1]
    answer = editor.post(page(topic), form_data(editor.get(page(topic)), unit=""))
    assert answer.status_code == 200
    assert Topic.objects.get(pk=topic.pk).unit == zone.team.unit


def test_a_new_unit_needs_a_place_below_its_own(zone, editor):
    sent = form_data(editor.get(listing(Unit, "add")), name="Nieuw team", place_kind="team")
    for parent, expected in (("", 200), (str(zone.other.pk), 200), (str(zone.own.pk), 302)):
        assert editor.post(listing(Unit, "add"), {**sent, "part_of": parent}).status_code == expected
    assert Unit.objects.get(name="Nieuw team").placements.get().parent == zone.own


def test_a_unit_cannot_be_moved_out_of_its_directorate(zone, editor):
    for item, name in ((zone.team.unit, "part_of"), (zone.team, "parent")):
        sent = form_data(editor.get(page(item)), **{name: str(zone.other.pk)})
        assert editor.post(page(item), sent).status_code == 200
    assert Placement.objects.get(pk=zone.team.pk).parent == zone.own


def test_the_directorate_itself_keeps_its_place_among_the_others(zone, editor):
    editor.post(listing(Placement, "move"), {"down": str(zone.own.pk)})
    own, other = Placement.objects.get(pk=zone.own.pk), Placement.objects.get(pk=zone.other.pk)
    assert own.lft < other.lft


def test_hours_that_another_uses_too_are_not_its_own(zone, editor):
    hours = zone.mine[5]
    make_channel(topic=zone.theirs[1], unit=zone.other.unit, schedule=hours)
    assert editor.get(page(hours)).status_code == 302
    assert editor.get(page(zone.mine[7])).status_code == 302


def test_hours_that_a_channel_of_nobody_uses_are_not_its_own(zone, editor):
    hours = make_schedule()
    assert editor.get(page(hours)).status_code == 200
    make_channel(topic=make_topic(unit=None), unit=None, schedule=hours)
    assert editor.get(page(hours)).status_code == 302


def test_actions_write_only_its_own(zone, editor):
    mine, theirs = zone.mine[2], zone.theirs[2]
    chosen = {"action": "withdraw", "_selected_action": [mine.pk, theirs.pk]}
    asked = editor.post(listing(Channel), chosen, follow=True)
    editor.post(asked.request["PATH_INFO"], {"start": "1"})
    assert set(Channel.objects.filter(status="withdrawn")) == {mine}


def test_what_belongs_to_nobody_can_be_seen_and_not_written(zone, editor):
    term, notice = make_term(), make_notice()
    for item in (term, notice, zone.organogram):
        answer = editor.get(page(item))
        assert (answer.status_code, b'name="_save"' in answer.content) == (200, False)
        assert editor.post(page(item), {}).status_code == 403
        assert editor.get(listing(type(item), "add")).status_code == 403
    editor.post(listing(Organogram), {"action": "copy_to_draft", "_selected_action": [zone.organogram.pk]})
    assert Organogram.objects.count() == 1


def test_the_view_on_site_of_another_does_not_exist(zone, editor):
    for item, status in ((zone.mine[0], 302), (zone.theirs[0], 404)):
        kind = ContentType.objects.get_for_model(item)
        assert editor.get(reverse("admin:view_on_site", args=[kind.pk, item.pk])).status_code == status


def test_a_draft_counts_as_much_as_what_is_in_force(zone):
    draft = make_organogram(status="draft")
    root = make_placement(draft)
    own = make_placement(draft, root, unit=zone.own.unit)
    coming = make_placement(draft, own)
    client = limited(zone.own.unit)
    assert client.get(page(coming.unit)).status_code == 200


def test_an_account_without_units_and_a_superuser_are_not_limited(zone):
    assert limited().get(page(zone.theirs[0])).status_code == 200
    User.objects.all().delete()
    client = limited(is_superuser=True)
    Responsibility.objects.create(account=User.objects.get(), unit=zone.own.unit)
    assert client.get(page(zone.theirs[0])).status_code == 200


def test_lists_take_as_many_queries_however_much_there_is(zone, editor, django_assert_num_queries):
    def queries():
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as found:
            editor.get(listing(Schedule))
        return len(found)

    before = queries()
    for number in range(5):
        make_channel(topic=zone.mine[1], unit=zone.own.unit, schedule=make_schedule(title=f"U{number}"))
    assert queries() == before


# --- Who limits whom --------------------------------------------------------------------------------
def manager(**more):
    account = User.objects.create_user("beheer", is_staff=True, **more)
    account.user_permissions.set(Permission.objects.exclude(content_type__app_label="mfa"))
    client = Client()
    client.force_login(account)
    return account, client


def rows(prefix, *units):
    data = {f"{prefix}-TOTAL_FORMS": str(len(units)), f"{prefix}-INITIAL_FORMS": "0"}
    return data | {f"{prefix}-{number}-unit": str(unit.pk) for number, unit in enumerate(units)}


def test_a_manager_limits_a_colleague(zone):
    _account, client = manager()
    colleague = User.objects.create_user("collega", is_staff=True)
    sent = form_data(client.get(page(colleague)))
    answer = client.post(page(colleague), {**sent, **rows("responsibilities", zone.own.unit)})
    assert answer.status_code == 302
    assert [item.unit for item in colleague.responsibilities.all()] == [zone.own.unit]


def test_a_limited_account_takes_away_no_limit_and_opens_no_account_to_write(zone):
    account, client = manager()
    Responsibility.objects.create(account=account, unit=zone.own.unit)
    for item in (account, User.objects.create_user("collega")):
        assert client.post(page(item), {}).status_code == 403
    assert account.responsibilities.count() == 1


def test_nobody_limits_or_frees_themselves(zone):
    account, client = manager()
    sent = form_data(client.get(page(account)))
    client.post(page(account), {**sent, **rows("responsibilities", zone.own.unit)})
    assert account.responsibilities.count() == 0
