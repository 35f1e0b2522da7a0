"""Opening hours stand once: what the source printed is history, shown only where the hours are others now."""

import re

import pytest
from django.core.management import call_command
from django.urls import reverse

from contact.hours_expression import regular_expression_of
from contact.models import Schedule, WeeklySlot
from tests.make import make_channel, make_exception, make_organogram, make_placement, make_schedule

PRINTED = "iedere werkdag van 9.00 uur tot 12.00 uur en van 13.00 uur tot 16.00 uur"
pytestmark = pytest.mark.django_db


def words_of(answer):
    """The words of a page, without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


@pytest.fixture
def office():
    return make_schedule(
        *((day, "09:00", "17:00") for day in range(5)),
        closed_on_public_holidays=True,
        printed="elke werkdag van 9.00 uur tot 17.00 uur",
        printed_hours="Mo-Fr 09:00-17:00; PH off",
    )


def test_the_words_of_the_plan_mean_the_hours_that_are_loaded(plan):
    schedules = Schedule.objects.exclude(printed="")
    assert schedules
    for schedule in schedules:
        assert schedule.printed_hours == regular_expression_of(schedule), schedule.slug
        assert not schedule.has_other_hours_than_printed


def test_the_table_shows_the_hours_of_now_once(client, plan):
    text = words_of(client.get("/contact"))
    assert "maandag tot vrijdag 9.00 – 12.00, 13.00 – 16.00; niet op feestdagen" in text
    assert PRINTED not in text
    assert "Vroeger, volgens de bron" not in text


@pytest.mark.parametrize("language", ["", "/fr", "/en", "/de"])
def test_hours_that_changed_show_the_printed_ones_as_history(client, plan, language):
    schedule = Schedule.objects.get(slug="jobs-werkdagen")
    WeeklySlot.objects.filter(schedule=schedule, opens="13:00").update(closes="18:00")
    for path in ("/contact", "/contact/jobs", "/eenheden/team-loopbaanbeheer"):
        html = client.get(f"{language}{path}").content.decode()
        assert len(re.findall('<span class="path history">', html)) == 1, path
    if not language:
        text = words_of(client.get("/contact"))
        assert "13.00 – 18.00; niet op feestdagen" in text
        assert f"Vroeger, volgens de bron: {PRINTED}" in text


def test_the_api_tells_that_the_printed_hours_are_history(client, office):
    channel = make_channel(schedule=office)
    assert "hoursPrintedDiffers" not in client.get(f"/api/v1/channels/{channel.id}").json()
    WeeklySlot.objects.filter(schedule=office, weekday=4).delete()
    body = client.get(f"/api/v1/channels/{channel.id}").json()
    assert body["openingHours"].startswith("Mo-Th 09:00-17:00; ")
    assert body["hoursPrintedDiffers"] is True
    assert body["hoursPrinted"].startswith("elke werkdag")


@pytest.mark.parametrize(
    "change",
    [
        lambda row: row.slots.filter(weekday=0).update(closes="16:30"),
        lambda row: row.slots.filter(weekday=4).delete(),
        lambda row: row.slots.create(weekday=5, opens="09:00", closes="12:00"),
        lambda row: Schedule.objects.filter(pk=row.pk).update(closed_on_public_holidays=False),
        lambda row: Schedule.objects.filter(pk=row.pk).update(school_days_only=True),
        lambda row: Schedule.objects.filter(pk=row.pk).update(
            closed_on_public_holidays=False, always_open=True
        ),
        lambda row: row.slots.all().delete(),
    ],
)
def test_any_change_of_the_regular_hours_makes_history_of_the_printed_ones(office, change):
    change(office)
    assert Schedule.objects.get(pk=office.pk).has_other_hours_than_printed


def test_one_day_with_other_hours_does_not(office):
    make_exception(office)
    assert not Schedule.objects.get(pk=office.pk).has_other_hours_than_printed


def test_nothing_is_claimed_where_nobody_knows_what_the_words_mean():
    assert not make_schedule((0, "09:00", "10:00"), printed="soms").has_other_hours_than_printed


@pytest.mark.parametrize(
    ("slots", "options", "words"),
    [
        ((), {"always_open": True}, "dag en nacht"),
        ((), {}, ""),
        (((0, "09:00", "12:00"),), {}, "maandag 9.00 – 12.00"),
        (((0, "09:00", "12:00"), (1, "09:00", "12:00"), (3, "10:00", "12:00")), {},
         "maandag tot dinsdag 9.00 – 12.00; donderdag 10.00 – 12.00"),
        (((5, "22:00", "00:00"),), {"closed_on_public_holidays": True},
         "zaterdag 22.00 – 24.00; niet op feestdagen"),
        (((2, "09:00", "12:00"),), {"closed_on_public_holidays": True, "school_days_only": True},
         "woensdag 9.00 – 12.00; alleen op schooldagen"),
    ],
)  # fmt: skip
def test_hours_in_one_line(slots, options, words):
    schedule = make_schedule(*slots, title="De balie", **options)
    assert schedule.summary == (words or "De balie")


def test_new_words_of_a_source_mean_the_hours_that_are_typed_with_them(admin_client, office):
    address = reverse("admin:contact_schedule_change", args=[office.pk])
    form = admin_client.get(address).context["adminform"].form
    data = {name: "" if value is None else value for name, value in form.initial.items()}
    data = {name: value for name, value in data.items() if value is not False}
    slots = list(office.slots.order_by("weekday"))
    data |= {
        "printed": "op werkdagen van 8 tot 17 uur",
        "exceptions-TOTAL_FORMS": 0,
        "exceptions-INITIAL_FORMS": 0,
    }
    data |= {"slots-TOTAL_FORMS": len(slots), "slots-INITIAL_FORMS": len(slots)}
    for number, slot in enumerate(slots):
        data |= {f"slots-{number}-id": slot.pk, f"slots-{number}-schedule": office.pk}
        data |= {f"slots-{number}-weekday": slot.weekday, f"slots-{number}-opens": "08:00"}
        data |= {f"slots-{number}-closes": "17:00"}
    answer = admin_client.post(address, data)
    assert answer.status_code == 302, answer.context["errors"]
    office.refresh_from_db()
    assert office.printed_hours == "Mo-Fr 08:00-17:00; PH off"
    assert not office.has_other_hours_than_printed


def test_an_older_site_learns_what_the_words_mean_from_the_content(plan):
    Schedule.objects.update(printed_hours="")
    from pzgent.models import PlanRecord

    for record in PlanRecord.objects.filter(model="contact.schedule"):
        record.values.pop("printed_hours", None)
        record.save()
    call_command("load_plan", verbosity=0)
    assert not Schedule.objects.exclude(printed="").filter(printed_hours="").exists()


def test_a_unit_shows_the_hours_of_now(client, office):
    unit = make_placement(make_organogram()).unit
    make_channel(unit=unit, schedule=office)
    text = words_of(client.get(unit.get_absolute_url()))
    assert "maandag tot vrijdag 9.00 – 17.00; niet op feestdagen" in text
    assert "elke werkdag" not in text
