"""The main action of a topic: one button under the heading, with its state in words that fit the channel."""

import datetime

import pytest
from django.utils import translation

from contact.opening_hours import BRUSSELS
from pzgent.kernel.validity import for_any_time
from tests.make import make_channel, make_exception, make_location, make_schedule, make_topic
from tests.pages import faults_of, text_of

pytestmark = pytest.mark.django_db
WORKDAYS = [(day, "09:00", "17:00") for day in range(5)]
TUESDAY, EVENING = "2026-11-24 10:00", "2026-11-24 18:00"


@pytest.fixture(autouse=True)
def _dutch_addresses():
    """A page in English leaves its language behind; the next test starts in Dutch."""
    with translation.override("nl"):
        yield


@pytest.fixture
def at(monkeypatch):
    """Set the clock of the pages."""

    def set_clock(text):
        moment = datetime.datetime.fromisoformat(text).replace(tzinfo=BRUSSELS)
        for module in ("views", "availability", "actions"):
            monkeypatch.setattr(f"contact.{module}.now_in_brussels", lambda: moment)

    return set_clock


def first_screen(client, topic):
    """Return the text between the heading and the folded ways, and the page itself."""
    html = client.get(f"/en/contact/{topic.slug}").content.decode()
    assert faults_of(html) == []
    start = html.index("</h1>")
    return html[start : html.index("<details", start)], html


@pytest.mark.parametrize(
    ("moment", "hours", "told"),
    [
        (TUESDAY, {"always_open": True}, "Reachable day and night."),
        (TUESDAY, {}, "Reachable until 17.00."),
        (EVENING, {}, "Closed now. Call from tomorrow at 9.00."),
    ],
)
def test_a_phone_says_until_or_from_when_it_is_reached(client, at, moment, hours, told):
    at(moment)
    schedule = make_schedule(*([] if hours else WORKDAYS), **hours)
    shown, _html = first_screen(client, make_channel(value="+3292666756", schedule=schedule).topic)
    assert 'href="tel:+3292666756">Call 09 266 67 56</a>' in shown
    assert told in shown


def test_a_closed_phone_offers_the_number_to_call_now(client, at):
    at(EVENING)
    general = make_channel(value="+3292666111", schedule=make_schedule(always_open=True))
    phone = make_channel(value="+3292666756", schedule=make_schedule(*WORKDAYS), fallback=general)
    shown, _html = first_screen(client, phone.topic)
    assert 'href="tel:+3292666111">Call 09 266 61 11 now</a>' in shown
    at(TUESDAY)
    shown, _html = first_screen(client, phone.topic)
    assert "09 266 61 11" not in shown


def test_the_reason_of_a_closed_day_is_told_with_its_language(client, at):
    at("2026-05-01 10:00")
    schedule = make_schedule(*WORKDAYS)
    make_exception(schedule, first_day="2026-05-01", last_day="2026-05-01", reason="opleiding <b>")
    shown, _html = first_screen(client, make_channel(schedule=schedule).topic)
    assert 'Closed now: <span lang="nl">opleiding &lt;b&gt;</span>. Call from Monday at 9.00.' in shown


@pytest.mark.parametrize(
    ("kind", "value", "label"),
    [
        ("email", "a@b.example", "Send an e-mail"),
        ("web_form", "https://x.example/f", "Fill in the form"),
        ("appointment", "https://x.example/a", "Make an appointment online"),
        ("web", "https://x.example/w", "Go to the website"),
    ],
)
def test_what_works_at_any_hour_is_a_button_without_a_state(client, kind, value, label):
    way = make_channel(kind=kind, value=value, alternative=make_channel())
    shown, _html = first_screen(client, way.topic)
    assert f">{label}</a>" in shown
    assert 'class="state' not in shown


def test_social_media_say_when_they_answer(client, at):
    other = make_channel()
    page = make_channel(
        kind="social", value="https://x.example/p", alternative=other, schedule=make_schedule(*WORKDAYS)
    )
    at(TUESDAY)
    assert "We answer until 17.00." in first_screen(client, page.topic)[0]
    at(EVENING)
    assert "We answer again tomorrow at 9.00." in first_screen(client, page.topic)[0]


def test_the_first_way_with_an_address_is_the_button(client):
    topic = make_topic()
    make_channel(topic=topic, kind="desk", value="", position=1)
    make_channel(topic=topic, kind="email", value="a@b.example", position=2)
    make_channel(topic=topic, value="+3292666756", position=3)
    assert 'href="mailto:a@b.example"' in first_screen(client, topic)[0]


def test_without_an_address_the_fallback_is_the_button(client):
    other = make_channel(value="+3292666756", schedule=make_schedule(always_open=True))
    line = make_channel(value="", schedule=make_schedule(always_open=True), fallback=other)
    shown, _html = first_screen(client, line.topic)
    assert 'href="tel:+3292666756">Call 09 266 67 56</a>' in shown
    assert "Reachable day and night." in shown


def test_without_any_way_the_page_leads_to_all_ways(client):
    html = client.get(f"/en{make_topic().get_absolute_url()}").content.decode()
    assert '<a class="button button-action" href="/en/contact">All ways to reach us</a>' in html


def test_what_to_have_ready_and_what_follows_stand_above_the_other_ways(client):
    topic = make_topic(prepare="<ul><li>Je kaart</li></ul>", outcome="Je krijgt een bewijs.")
    make_channel(topic=topic)
    shown, _html = first_screen(client, topic)
    places = [
        shown.index(part) for part in ("Call 09", "What to have ready", "Je kaart", "What happens next")
    ]
    assert places == sorted(places)


def test_a_copy_for_any_time_says_nothing_of_now(client, at):
    at(TUESDAY)
    topic = make_channel(schedule=make_schedule(*WORKDAYS)).topic
    with for_any_time():
        shown, _html = first_screen(client, topic)
    assert "Reachable" not in shown
    assert "see all opening hours" in shown


@pytest.fixture
def urgent():
    """Emergency topic with a number, an app with steps, and a text service without a number."""
    topic = make_topic(title="Nood", intro="Bel meteen.")
    always = make_schedule(always_open=True)
    values = {"topic": topic, "urgency": "emergency", "schedule": always}
    make_channel(label="Politie", value="101", slug="n", position=1, note="Niet zomaar bellen", **values)
    sms = make_channel(
        label="Sms", kind="sms", value="", slug="s", steps="Vraag\nBewaar", position=3, **values
    )
    make_channel(
        label="App", kind="app", value="https://app.example/", slug="a", steps="Zoek\nOpen", position=2,
        alternative=sms, **values,
    )  # fmt: skip
    make_channel(topic=topic, label="Toch niet?", value="+3292666111", slug="g", position=4)
    return topic


def test_the_urgent_page_is_made_of_buttons(client, urgent):
    shown, html = first_screen(client, urgent)
    for target in ("tel:101", "https://app.example/", "#steps-s"):
        assert f'class="button button-emergency" href="{target}"' in shown
    for words in ("install it now, in 2 steps", "<li>Zoek</li>", "<li>Bewaar</li>"):
        assert words in shown
    assert html.index("tel:+3292666111", html.index("<main")) > html.index("<li>Bewaar</li>")


def test_the_urgent_page_has_no_hours_notes_or_gaps(client, urgent):
    text = text_of(client.get(f"/en/contact/{urgent.slug}"))
    shown = text[: text.index(" Source ")]
    for words in ("day and night", "Niet zomaar bellen", "not published"):
        assert words not in shown


def make_appointment():
    """Make the way to an appointment online."""
    phone = make_channel(value="+3292666110")
    return make_channel(kind="appointment", value="https://www.example.be/afspraak", alternative=phone)


def station_screen(client, place):
    """Return the text between the heading of a place and its facts."""
    html = client.get(f"/en/commissariaten/{place.slug}").content.decode()
    assert faults_of(html) == []
    return html[html.index("</h1>") : html.index("<dl")]


def test_a_station_begins_with_its_own_number_or_with_an_appointment(client):
    make_appointment()
    place = make_location()
    assert "Make an appointment online</a>" in station_screen(client, place)
    make_channel(location=place, value="+3292666756")
    assert "Call 09 266 67 56</a>" in station_screen(client, place)


def test_a_small_place_without_known_desk_begins_with_the_general_number(client, licensed):
    make_appointment()
    licensed.general = make_channel(value="+3292666111")
    licensed.save()
    assert "Call 09 266 61 11</a>" in station_screen(client, make_location(kind="antenne"))
