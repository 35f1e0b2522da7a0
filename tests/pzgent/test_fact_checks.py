"""Facts checked by the services themselves, through a signed link without an account."""

import datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from pzgent.desk.retention import delete_outdated
from pzgent.kernel.versions.models import Version
from pzgent.models import FactAnswer, FactCheck
from tests.make import make_channel, make_location, make_project, make_schedule, make_topic, make_unit
from tests.pages import count_queries, faults_of, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit():
    return make_unit(name="Team Verkeer", tasks="Verkeer regelen", editor_note="Geheime twijfel")


@pytest.fixture
def check(unit, admin_user):
    return FactCheck.objects.create(unit=unit, made_by=admin_user)


def link(check):
    return reverse("fact-check", args=[check.token])


def answers(item, verdict, remark=""):
    name = f"{item._meta.label_lower}-{item.pk}"
    return {name: verdict, f"{name}-remark": remark, f"{name}-version": str(item.version)}


def test_the_link_shows_what_the_public_sees_about_the_unit(client, check, unit):
    hours = make_schedule((0, "09:00", "17:00"), title="Uren van de balie")
    channel = make_channel(
        topic=make_topic(), unit=unit, label="Balie Verkeer", value="+3292666130", schedule=hours
    )
    make_location(unit=unit, name="Gebouw Noord")
    project = make_project(title="Veilige fietsroutes")
    project.project_units.create(unit=unit, role="lead")
    make_channel(topic=make_topic(), unit=unit, label="Nog in concept", status="draft")
    make_channel(topic=make_topic(), unit=make_unit(), label="Van een andere dienst")
    answer = client.get(link(check))
    text = text_of(answer)
    for shown in (
        "Team Verkeer",
        "Verkeer regelen",
        str(channel),
        "Gebouw Noord",
        "Veilige fietsroutes",
        str(hours.summary),
    ):
        assert shown in text
    for hidden in ("Geheime twijfel", "Nog in concept", "Van een andere dienst"):
        assert hidden not in text
    assert faults_of(answer.content.decode()) == []


def test_the_page_is_for_nobody_else(client, check):
    answer = client.get(link(check))
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert not answer.cookies


def test_a_confirmed_fact_is_verified_today(client, check, unit):
    type(unit).objects.update(verified_on=datetime.date(2020, 1, 1), review_by=datetime.date(2021, 1, 1))
    unit.refresh_from_db()
    answer = client.post(link(check), answers(unit, "right"), follow=True)
    assert "Bedankt" in text_of(answer)
    unit.refresh_from_db()
    assert unit.verified_on == timezone.localdate()
    assert unit.review_by == unit.next_review()
    assert LogEntry.objects.get(object_id=str(unit.pk)).user == check.made_by
    after, before = Version.objects.of(unit)
    assert (after.kind, after.user) == ("changed", check.made_by)
    days = [version.snapshot["fields"]["verified_on"] for version in (before, after)]
    assert days == ["2020-01-01", str(timezone.localdate())]


def test_a_reported_error_waits_for_an_editor_and_changes_nothing(client, check, unit):
    before = unit.version
    client.post(link(check), answers(unit, "wrong", "Wij doen ook parkeren."))
    unit.refresh_from_db()
    assert (unit.version, unit.verified_on) == (before, None)
    (report,) = FactAnswer.objects.to_settle()
    assert (report.remark, report.key) == ("Wij doen ook parkeren.", unit.pk)


def test_a_second_answer_replaces_the_first(client, check, unit):
    client.post(link(check), answers(unit, "wrong", "Fout"))
    FactAnswer.objects.update(settled_on=datetime.date(2026, 1, 1))
    client.post(link(check), answers(unit, "wrong", "Nog altijd fout"))
    assert [answer.remark for answer in FactAnswer.objects.to_settle()] == ["Nog altijd fout"]
    client.post(link(check), answers(unit, "right", "Nog altijd fout"))
    assert not FactAnswer.objects.to_settle().exists()
    assert FactAnswer.objects.get().remark == ""


def test_sending_the_same_twice_stores_it_once(client, check, unit):
    for _time in range(2):
        client.post(link(check), answers(unit, "right"))
        unit.refresh_from_db()
    assert LogEntry.objects.filter(object_id=str(unit.pk)).count() == 1


def test_an_error_needs_an_explanation_and_nothing_typed_is_lost(client, check, unit):
    channel = make_channel(topic=make_topic(), unit=unit)
    sent = {**answers(channel, "wrong", "Het nummer is oud."), **answers(unit, "wrong")}
    answer = client.post(link(check), sent)
    assert answer.status_code == 422
    assert "Schrijf wat er fout is" in text_of(answer)
    assert "Het nummer is oud." in answer.content.decode()
    assert not FactAnswer.objects.exists()
    assert faults_of(answer.content.decode()) == []


def test_a_fact_that_changed_in_between_is_not_confirmed(client, check, unit):
    sent = answers(unit, "right")
    unit.summary = "Intussen anders."
    unit.save()
    answer = client.post(link(check), sent)
    assert answer.status_code == 422
    assert "Intussen anders." in text_of(answer)
    unit.refresh_from_db()
    assert unit.verified_on is None


def test_a_remark_has_an_upper_size_and_no_nul_byte(client, check, unit):
    assert client.post(link(check), answers(unit, "wrong", "x" * 1_001)).status_code == 422
    client.post(link(check), answers(unit, "wrong", "a\x00b"))
    assert FactAnswer.objects.get().remark == "ab"


def test_answers_about_other_objects_are_ignored(client, check):
    other = make_unit()
    client.post(link(check), answers(other, "right"))
    other.refresh_from_db()
    assert other.verified_on is None
    assert not FactAnswer.objects.exists()


@pytest.mark.parametrize("change", [{"is_withdrawn": True}, {"ends": timezone.now()}])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_that_ended_shows_and_takes_nothing(client, check, unit, change, method):
    FactCheck.objects.update(**change)
    answer = getattr(client, method)(link(check), answers(unit, "right"))
    assert answer.status_code == 410
    assert "Team Verkeer" not in text_of(answer)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert not FactAnswer.objects.exists()


@pytest.mark.parametrize("token", ["{key}", "{key}:vals", "x:y", "%00", ":"])
def test_a_guessed_link_leads_nowhere(client, check, token):
    assert client.get(f"/admin/nakijken/{token.format(key=check.pk.hex)}").status_code in (400, 404)


def test_the_page_asks_the_database_little_however_many_facts_there_are(client, check, unit):
    def make(count):
        for _number in range(count):
            make_channel(topic=make_topic(), unit=unit)

    make(2)
    few = count_queries(client, link(check))
    make(10)
    assert count_queries(client, link(check)) == few <= 10


def test_an_editor_makes_a_link_from_the_page_of_the_unit_and_can_withdraw_it(admin_client, admin_user, unit):
    page = admin_client.get(reverse("admin:organisation_unit_change", args=[unit.pk])).content.decode()
    add = f"{reverse('admin:pzgent_factcheck_add')}?unit={unit.pk}"
    assert f'<a href="{add}">Door de dienst laten nakijken</a>' in page
    form = admin_client.get(add).context["adminform"].form
    assert form.initial["unit"] == str(unit.pk)
    sent = {
        "unit": str(unit.pk),
        "ends_0": "31/12/2099",
        "ends_1": "17:00",
        "note": "Aan de teamchef",
        "answers-TOTAL_FORMS": "0",
        "answers-INITIAL_FORMS": "0",
    }
    answer = admin_client.post(add, sent)
    check = FactCheck.objects.get()
    assert check.made_by == admin_user
    change = reverse("admin:pzgent_factcheck_change", args=[check.pk])
    assert answer["Location"] == change
    page = admin_client.get(change)
    assert link(check) in page.content.decode()
    token = page.context["adminform"].form.current_version_token
    admin_client.post(change, {**sent, "is_withdrawn": "on", "form_stamp": token})
    check.refresh_from_db()
    assert check.is_withdrawn


def test_an_editor_settles_a_report(admin_client, client, check, unit):
    client.post(link(check), answers(unit, "wrong", "Fout"))
    listed = reverse("admin:pzgent_factanswer_changelist")
    report = FactAnswer.objects.get()
    assert "Team Verkeer" in text_of(admin_client.get(f"{listed}?todo=settle"))
    fact = reverse("admin:organisation_unit_change", args=[unit.pk])
    opened = admin_client.get(reverse("admin:pzgent_factanswer_change", args=[report.pk]))
    assert fact in opened.content.decode()
    admin_client.post(listed, {"action": "settle", "_selected_action": [str(report.pk)]})
    report.refresh_from_db()
    assert report.settled_on == timezone.localdate()


def test_old_requests_are_deleted_with_their_answers(client, check, unit):
    client.post(link(check), answers(unit, "wrong", "Fout"))
    FactCheck.objects.update(ends=timezone.now() - datetime.timedelta(days=181))
    delete_outdated()
    assert not FactCheck.objects.filter(pk=check.pk).exists()
    assert not FactAnswer.objects.exists()


@pytest.mark.parametrize("values", [{"verdict": "maybe"}, {"verdict": "wrong", "remark": ""}])
def test_the_database_refuses_what_makes_no_sense(check, unit, values):
    with pytest.raises(IntegrityError), transaction.atomic():
        FactAnswer.objects.create(check_request=check, label="organisation.unit", key=unit.pk, **values)
