"""The home page of the admin: tasks by name, what needs attention, and what changed lately."""

import datetime

import pytest
from django.contrib import admin
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from contact.models import Channel
from pzgent.admin.home import find_concerns
from pzgent.kernel.editing.attention import count_all
from pzgent.models import FactAnswer
from pzgent.registry.desk import OWN, TASKS, checks_of, is_broken
from tests.browser import form_data
from tests.make import (
    MAKERS,
    make_channel,
    make_grade,
    make_location,
    make_notice,
    make_organogram,
    make_placement,
    make_plan,
    make_project,
    make_schedule,
    make_school_year,
    make_staffing_table,
    make_term,
    make_topic,
    make_unit,
)

pytestmark = pytest.mark.django_db
NOW = timezone.now()
TODAY = timezone.localdate()
DAY = datetime.timedelta(days=1)


def concerns_of(client):
    """What the home page shows, as {(title, model): count}."""
    concerns = client.get("/admin/").context["concerns"]
    return {(concern.title, line.name): line.count for concern in concerns for line in concern.lines}


def counted(name, model):
    """The number that a check counts now."""
    (check,) = (check for check in checks_of(model) if check.name == name)
    return count_all([check], TODAY, lambda model: model._default_manager.all())[check]


# --- Tasks -------------------------------------------------------------------------------------------


def test_each_task_opens_its_page(admin_client):
    page = admin_client.get("/admin/").content.decode()
    for task in TASKS:
        assert str(task.title) in page
        assert admin_client.get(task.address).status_code == 200


def test_a_task_is_shown_to_who_may_do_it(client, django_user_model):
    editor = django_user_model.objects.create_user("redacteur", password="x", is_staff=True)
    editor.user_permissions.set(Permission.objects.filter(codename__in=["view_channel", "change_channel"]))
    client.force_login(editor)
    titles = [str(task.title) for task in client.get("/admin/").context["tasks"]]
    assert titles == ["Telefoonnummer wijzigen"]


def test_a_phone_number_is_corrected_in_three_pages(admin_client):
    channel = make_channel(label="Onthaal Noord", kind="phone", value="+3292666110")
    home = admin_client.get("/admin/")
    assert "Telefoonnummer wijzigen" in home.content.decode()
    listed = admin_client.get("/admin/contact/channel/?kind__exact=phone&q=noord").content.decode()
    address = reverse("admin:contact_channel_change", args=[channel.pk])
    assert address in listed
    sent = form_data(admin_client.get(address), value="09 266 61 11")
    assert admin_client.post(address, sent).status_code == 302
    channel.refresh_from_db()
    assert channel.value == "+3292666111"


# --- What needs attention ----------------------------------------------------------------------------


def _hours(**changes):
    return make_schedule((0, "09:00", "17:00"), **changes)


# The filters of lists that have one of their own.
ENDINGS = {"due": "=overdue", "reported": "=settle"}
CASES = {
    "reported": lambda: (FactAnswer, MAKERS[FactAnswer](verdict="wrong", remark="Het nummer is oud.")),
    "drafts": lambda: (Channel, make_channel(status="draft")),
    "starting": lambda: (Channel, make_channel(publish_from=NOW + 10 * DAY)),
    "ending": lambda: (Channel, make_channel(valid_until=TODAY + 10 * DAY)),
    "due": lambda: (Channel, make_channel(review_by=TODAY)),
    "over": lambda: (type(plan := make_plan(valid_from=TODAY - 9 * DAY, valid_until=TODAY - DAY)), plan),
    "no-hours": lambda: (Channel, make_channel(kind="phone", value="+3292666110")),
    "lapsed": lambda: (Channel, make_channel(schedule=_hours(status="draft"))),
    "online": lambda: (
        Channel,
        make_channel(kind="web_form", value="https://x.be", alternative=make_channel(status="withdrawn")),
    ),
    "no-channel": lambda: (type(topic := make_topic()), topic),
    "last-year": lambda: (
        type(year := make_school_year(first_day=TODAY - 200 * DAY, last_day=TODAY + 90 * DAY)),
        year,
    ),
    "dutch-only": lambda: (type(notice := make_notice(text_fr="Oui")), notice),
    "no-contact": lambda: (type(unit := make_unit()), unit),
    "no-text": lambda: (type(unit := make_unit()), unit),
    "no-place": lambda: (type(unit := make_unit()), unit),
    "draft-in-force": lambda: (
        type(unit := make_unit(status="draft")),
        make_placement(make_organogram(), unit=unit).unit,
    ),
    "totals": lambda: (type(table := _wrong_table()), table),
    "links": lambda: (type(project := make_project(description='<p><a href="/weg">x</a></p>')), project),
    "translations": lambda: (type(topic := make_topic()), topic),
}  # fmt: skip


def _wrong_table():
    table = make_staffing_table(total_ops=3)
    table.lines.create(grade=make_grade(category="OPS"), count=2)
    return table


@pytest.mark.parametrize("name", CASES)
def test_a_check_counts_it_and_its_list_shows_it(name, admin_client):
    model, row = CASES[name]()
    assert counted(name, model) >= 1
    (line,) = (
        line
        for concern in admin_client.get("/admin/").context["concerns"]
        for line in concern.lines
        if line.address.split("?")[0]
        == reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        and line.address.endswith((f"={name}", ENDINGS.get(name, f"={name}")))
    )
    listed = admin_client.get(line.address)
    assert listed.context["cl"].result_count == line.count
    assert str(row.pk) in listed.content.decode()


def test_every_own_check_is_tried():
    assert {check.name for check in OWN if check.is_filter} <= set(CASES)


def test_what_is_in_order_is_not_counted():
    unit = make_placement(make_organogram(), unit=make_unit(summary="Zij helpt.")).unit
    channel = make_channel(
        schedule=_hours(), unit=unit, kind="phone", value="+3292666110", review_by=TODAY + 90 * DAY
    )
    assert [check.name for check in checks_of(Channel) if counted(check.name, Channel)] == ["translations"]
    names = [check.name for check in checks_of(type(unit)) if counted(check.name, type(unit))]
    assert names == []
    for language in ("fr", "en", "de"):
        channel.translate("label", language, "Label")
    channel.save()
    assert counted("translations", Channel) == 0
    Channel.objects.filter(pk=channel.pk).update(label="Anders")
    assert counted("translations", Channel) == 1


def test_hours_of_school_days_lapse_with_the_last_school_year():
    make_channel(schedule=_hours(school_days_only=True))
    assert counted("lapsed", Channel) == 1
    make_school_year(first_day=TODAY - DAY, last_day=TODAY + 300 * DAY)
    assert counted("lapsed", Channel) == 0


def test_a_channel_whose_alternative_is_offline_and_public_is_fine():
    make_channel(
        kind="web_form", value="https://x.be", alternative=make_channel(kind="phone", value="+3292666110")
    )
    assert counted("online", Channel) == 0


@pytest.mark.parametrize(
    ("href", "broken"),
    [
        ("/contact/hulp", False), ("/fr/contact/hulp", False), ("/contact/hulp#bellen", False),
        ("/contact/nergens", True), ("/bestaat-niet", True), ("contact/hulp", True), ("//elders.be", True),
        ("/eenheden/vroeger", False), ("/eenheden/nu", False), ("/eenheden/nooit", True),
        ("https://gent.be", False), ("mailto:a@b.be", False), ("tel:101", False), ("#hier", False),
        ("/", False), ("/over", False), ("/organogram?datum=2026-01-01", False),
    ],
)  # fmt: skip
def test_a_broken_link_is_one_to_no_page_of_the_site(href, broken):
    make_topic(slug="hulp")
    unit = make_placement(make_organogram(), unit=make_unit(slug="nu")).unit
    unit.former_slugs.create(slug="vroeger")
    assert is_broken(href, {}) is broken


def test_a_link_with_the_name_of_the_site_is_one_of_the_site(settings):
    settings.BASE_URL = "https://politie.example"
    assert is_broken("https://politie.example/weg", {})
    assert not is_broken("https://politie.example/", {})
    assert not is_broken("https://politie.example.org/weg", {})


def test_an_editor_is_told_of_what_they_may_change(client, django_user_model):
    make_channel(status="draft")
    make_term(status="draft")
    editor = django_user_model.objects.create_user("redacteur", password="x", is_staff=True)
    editor.user_permissions.set(
        Permission.objects.filter(codename__in=["view_term", "change_term", "view_channel"])
    )
    client.force_login(editor)
    assert concerns_of(client) == {("Concepten", "begrippen"): 1}


def test_a_damaged_tree_is_told(admin_client):
    make_placement(make_organogram())
    with connection.cursor() as cursor:
        cursor.execute("update organisation_placement set lft = 5, rght = 9")
    assert any("De boom is beschadigd" in title for title, _model in concerns_of(admin_client))


# --- What changed lately -----------------------------------------------------------------------------


def test_it_tells_who_changed_what(admin_client):
    term = make_term(abbreviation="GBO")
    address = reverse("admin:organisation_term_change", args=[term.pk])
    admin_client.post(address, form_data(admin_client.get(address), expansion="gebiedsgebonden optreden"))
    (change,) = admin_client.get("/admin/").context["changes"]
    assert (change.address, change.who, change.kind) == (address, "admin", "begrip")
    assert change.what == "Voluit gewijzigd."


def test_changes_of_what_one_may_not_view_are_not_told(admin_client, client, django_user_model):
    term = make_term()
    address = reverse("admin:organisation_term_change", args=[term.pk])
    admin_client.post(address, form_data(admin_client.get(address), expansion="x"))
    client.force_login(django_user_model.objects.create_user("lezer", password="x", is_staff=True))
    assert client.get("/admin/").context["changes"] == []


# --- Cost --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_superuser", [True, False])
def test_home_takes_few_queries(client, django_user_model, is_superuser):
    make_location()
    editor = django_user_model.objects.create_user(
        "r", password="x", is_staff=True, is_superuser=is_superuser
    )
    editor.user_permissions.set(Permission.objects.all())
    client.force_login(editor)
    client.get("/admin/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/admin/")
    assert len(queries) <= 46


def test_the_number_of_queries_does_not_grow(admin_client):
    counts = []
    for _round in range(2):
        for _number in range(5):
            make_channel(topic=make_topic(), schedule=_hours(), status="draft")
            make_placement(make_organogram())
            make_project(description='<p><a href="/contact/x">x</a></p>')
        admin_client.get("/admin/")
        with CaptureQueriesContext(connection) as queries:
            admin_client.get("/admin/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_every_model_of_the_admin_can_be_counted(rf, admin_user):
    request = rf.get("/admin/")
    request.user = admin_user
    assert find_concerns(request, admin.site, TODAY) == []


def test_one_action_on_many_is_one_line(admin_client, admin_user):
    entries = [log_entry(admin_user, make_term(abbreviation=f"T{number}")) for number in range(3)]
    LogEntry.objects.filter(pk__in=[entry.pk for entry in entries]).update(action_time=NOW)
    older = log_entry(admin_user, make_term(abbreviation="T9"))
    LogEntry.objects.filter(pk=older.pk).update(action_time=NOW - DAY)
    changes = admin_client.get("/admin/").context["changes"]
    assert [(change.title, change.more) for change in changes] == [("T2", 2), ("T9", 0)]


def log_entry(user, term):
    return LogEntry.objects.log_actions(user.pk, [term], ADDITION, single_object=True)


def test_a_deletion_says_so(admin_client):
    term = make_term(abbreviation="GBO", status="draft")
    admin_client.post(reverse("admin:organisation_term_delete", args=[term.pk]), {"post": "yes"})
    (change,) = admin_client.get("/admin/").context["changes"]
    assert (change.address, change.what) == ("", gettext("Deleted."))


def test_a_translator_is_led_to_what_has_to_be_translated(client, django_user_model):
    make_topic(title="Aangifte doen")
    make_term(status="draft")
    translator = django_user_model.objects.create_user("vertaler", is_staff=True)
    rights = ["view_topic", "view_term", "translate"]
    translator.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client.force_login(translator)
    context = client.get("/admin/").context
    assert [str(task.title) for task in context["tasks"]] == ["Tekst vertalen"]
    assert list(concerns_of(client)) == [
        ("Vertaling ontbreekt of is ouder dan het Nederlands", "onderwerpen")
    ]
