"""Opening hours at any moment as a sentence with its rule, and what is allowed but probably not meant."""

import datetime

import pytest
from django.urls import reverse

from contact.availability import get_calendar
from contact.holidays import named_public_holidays, public_holidays
from contact.hours_at import hours_at
from contact.hours_warnings import warnings_of, warnings_of_channel
from contact.models import Schedule
from tests.browser import form_data
from tests.make import make_channel, make_exception, make_schedule, make_school_year

pytestmark = pytest.mark.django_db
OFFICE = [(day, "09:00", "17:00") for day in range(5)]
TODAY = datetime.date(2027, 6, 1)


def asked(schedule, text):
    day, time = datetime.datetime.fromisoformat(text), datetime.datetime.fromisoformat(text).time()
    stored = Schedule.objects.with_parts().get(pk=schedule.pk)
    found = hours_at(stored, day.date(), time, get_calendar([stored]))
    return found.sentence, found.why


def warned(schedule, today=TODAY):
    stored = Schedule.objects.with_parts().get(pk=schedule.pk)
    return warnings_of(stored, get_calendar([stored]), today)


# --- A sentence for any moment --------------------------------------------------------------------------
def test_a_day_and_a_time_in_the_regular_week():
    assert asked(make_schedule(*OFFICE), "2027-07-13 10:00") == (
        "Dinsdag 13 juli 2027 om 10.00 uur: open tot 17.00 uur.",
        "De gewone week bepaalt dit: dinsdag 9.00 – 17.00.",
    )


@pytest.mark.parametrize(
    ("moment", "sentence"),
    [
        ("2027-07-13 08:59", "Dinsdag 13 juli 2027 om 8.59 uur: gesloten; opent om 9.00 uur."),
        (
            "2027-07-13 17:00",
            "Dinsdag 13 juli 2027 om 17.00 uur: gesloten; opent woensdag 14 juli 2027 om 9.00 uur.",
        ),
        (
            "2027-07-17 12:00",
            "Zaterdag 17 juli 2027 om 12.00 uur: gesloten; opent maandag 19 juli 2027 om 9.00 uur.",
        ),
    ],
)
def test_when_it_is_closed_the_sentence_says_when_it_opens(moment, sentence):
    assert asked(make_schedule(*OFFICE), moment)[0] == sentence


def test_a_public_holiday_is_the_rule_and_has_its_name():
    sentence, why = asked(make_schedule(*OFFICE, closed_on_public_holidays=True), "2027-07-21 10:00")
    assert sentence.endswith("gesloten; opent donderdag 22 juli 2027 om 9.00 uur.")
    assert why == "Het is een feestdag: nationale feestdag."


def test_hours_that_hold_on_public_holidays_say_so():
    _sentence, why = asked(make_schedule(*OFFICE), "2027-07-21 10:00")
    assert "nationale feestdag" in why
    assert "sluiten niet op feestdagen" in why


def test_a_school_holiday_is_the_rule():
    make_school_year(
        ("Herfstvakantie", "2027-11-01", "2027-11-07"), first_day="2027-09-01", last_day="2028-08-31"
    )
    _sentence, why = asked(make_schedule(*OFFICE, school_days_only=True), "2027-11-03 10:00")
    assert why == "Het is schoolvakantie: Herfstvakantie (van 1 november 2027 tot en met 7 november 2027)."


def test_without_a_school_year_it_is_not_known():
    make_school_year(
        ("Herfstvakantie", "2027-11-01", "2027-11-07"), first_day="2027-09-01", last_day="2028-08-31"
    )
    sentence, why = asked(make_schedule(*OFFICE, school_days_only=True), "2028-09-05 10:00")
    assert "niet bekend of het open is" in sentence
    assert "31 augustus 2028" in why


def test_an_exception_decides_before_the_week_and_the_holiday():
    schedule = make_schedule(*OFFICE, closed_on_public_holidays=True)
    make_exception(
        schedule, first_day="2027-07-21", last_day="2027-07-21", opens="10:00", closes="12:00", reason="Feest"
    )
    sentence, why = asked(schedule, "2027-07-21 10:00")
    assert sentence == "Woensdag 21 juli 2027 om 10.00 uur: open tot 12.00 uur."
    assert why == "De uitzondering “Feest” bepaalt dit (21 juli 2027)."


def test_after_midnight_the_rule_is_that_of_the_evening_before():
    """Friday night runs on into a Saturday that is closed by itself."""
    schedule = make_schedule((4, "20:00", "04:00"))
    make_exception(schedule, first_day="2027-07-17", last_day="2027-07-17", reason="Gesloten zaterdag")
    sentence, why = asked(schedule, "2027-07-17 02:00")
    assert sentence == "Zaterdag 17 juli 2027 om 2.00 uur: open tot 4.00 uur."
    assert why.startswith("dit hoort bij de nacht van vrijdag 16 juli 2027.")
    assert (
        asked(schedule, "2027-07-17 04:00")[1]
        == "De uitzondering “Gesloten zaterdag” bepaalt dit (17 juli 2027)."
    )


def test_a_night_into_a_public_holiday_stays_open_and_one_from_it_does_not_open():
    schedule = make_schedule(*[(day, "20:00", "04:00") for day in range(7)], closed_on_public_holidays=True)
    assert "open tot 4.00 uur" in asked(schedule, "2027-07-21 03:00")[0]
    assert "gesloten" in asked(schedule, "2027-07-21 21:00")[0]
    assert "gesloten" in asked(schedule, "2027-07-22 03:00")[0]


@pytest.mark.parametrize(
    ("moment", "sentence"),
    [
        ("2027-07-13 23:59", "open tot middernacht."),
        ("2027-07-14 00:00", "gesloten; opent om 12.00 uur."),
    ],
)
def test_midnight_is_an_end_and_no_beginning(moment, sentence):
    schedule = make_schedule(*[(day, "12:00", "00:00") for day in range(7)])
    assert asked(schedule, moment)[0].endswith(sentence)


def test_a_time_that_the_clock_skips_counts_as_an_hour_later():
    schedule = make_schedule(*[(day, "00:00", "03:00") for day in range(7)])
    assert asked(schedule, "2027-03-28 02:30")[0].startswith("Zondag 28 maart 2027 om 3.30 uur: gesloten")
    assert "open tot 3.00 uur" in asked(schedule, "2027-10-31 02:30")[0]


def test_round_the_clock_and_nothing_filled_in():
    assert asked(make_schedule(always_open=True), "2027-07-21 03:00") == (
        "Woensdag 21 juli 2027 om 3.00 uur: dag en nacht open.",
        "De uren gelden dag en nacht.",
    )
    sentence, why = asked(make_schedule(), "2027-07-21 03:00")
    assert "niet bekend of het open is: er zijn geen uren ingevuld" in sentence
    assert why == "Er zijn geen uren ingevuld."


@pytest.mark.parametrize("year", [2008, 2026, 2027, 2030])
def test_the_names_of_the_public_holidays_are_those_of_the_rule(year):
    assert set(named_public_holidays(year)) == public_holidays(year)
    assert len(", ".join(named_public_holidays(year).values()).replace(" / ", ", ").split(", ")) == 10


def test_public_holidays_of_a_year_that_nobody_can_know_have_no_names():
    assert named_public_holidays(2080) == {}


# --- Warnings ---------------------------------------------------------------------------------------------
def test_ordinary_hours_give_no_warning():
    assert warned(make_schedule((0, "09:00", "12:00"), (0, "13:00", "17:00"))) == []


@pytest.mark.parametrize(
    ("slots", "words"),
    [
        ([(0, "22:00", "06:00")], "loopt door de nacht"),
        ([(0, "00:00", "23:59")], "een minuut voor middernacht"),
        ([(0, "09:00", "09:10")], "minder dan een kwartier"),
        ([(0, "06:00", "22:00")], "meer dan veertien uur"),
        ([(0, "09:00", "12:00"), (0, "12:05", "17:00")], "maar 5 minuten gesloten"),
        ([(0, "09:00", "12:00"), (0, "12:00", "17:00")], "geen pauze om 12.00"),
        ([], "Er zijn geen uren ingevuld"),
    ],
)
def test_what_is_seldom_meant_gives_a_warning(slots, words):
    assert [text for text in warned(make_schedule(*slots)) if words in text]


def test_a_day_until_midnight_gives_no_warning_of_a_night():
    assert warned(make_schedule((0, "12:00", "00:00"))) == []


def test_the_same_warning_for_several_days_is_given_once():
    [text] = warned(make_schedule(*[(day, "22:00", "06:00") for day in range(5)]))
    assert text.startswith("Maandag, dinsdag, woensdag, donderdag, vrijdag: ")


@pytest.mark.parametrize(
    ("until", "words"), [("2027-05-01", "van de site verdwenen"), ("2027-06-20", "verdwijnen van de site")]
)
def test_hours_that_end_or_ended_give_a_warning(until, words):
    moment = datetime.datetime.fromisoformat(f"{until}T12:00+00:00")
    assert words in warned(make_schedule(*OFFICE, publish_until=moment))[0]


def test_hours_for_school_days_warn_before_the_school_years_run_out():
    make_school_year(("Zomer", "2027-07-01", "2027-07-15"), first_day="2026-09-01", last_day="2027-07-15")
    schedule = make_schedule(*OFFICE, school_days_only=True)
    assert "binnenkort niet" in warned(schedule)[0]
    assert "Voeg het schooljaar toe" in warned(schedule, datetime.date(2027, 8, 1))[0]
    assert warned(schedule, datetime.date(2027, 2, 1)) == []


def test_an_exception_without_effect_gives_a_warning():
    schedule = make_schedule(*OFFICE)
    make_exception(
        schedule,
        first_day="2027-07-17",
        last_day="2027-07-18",
        opens="10:00",
        closes="12:00",
        reason="Weekend",
    )
    assert "“Weekend” verandert niets" in warned(schedule)[0]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "geen openingsuren"),
        ({"kind": "email", "value": "a@politie.be"}, ""),
        ({"status": "draft"}, ""),
        ({"appointment_needed": True}, ""),
    ],
)
def test_a_channel_without_hours_gives_a_warning(changes, words):
    found = warnings_of_channel(make_channel(**changes))
    assert bool(found) is bool(words)
    assert words in " ".join(found)


def test_a_channel_with_hours_that_nobody_sees_gives_a_warning():
    assert "niet gepubliceerd" in warnings_of_channel(make_channel(schedule=make_schedule(status="draft")))[0]
    assert warnings_of_channel(make_channel(schedule=make_schedule())) == []


def test_saving_a_channel_without_hours_says_so(admin_client):
    channel = make_channel()
    page = reverse("admin:contact_channel_change", args=[channel.pk])
    data = form_data(admin_client.get(page), label="Anders")
    answer = admin_client.post(page, data, follow=True)
    assert any("geen openingsuren" in str(message) for message in answer.context["messages"])
