"""Topics, channels and opening hours in the admin."""

import datetime

import pytest
from django.urls import reverse

from contact.models import Channel, ScheduleException, WeeklySlot
from tests.browser import form_data
from tests.make import make_channel, make_exception, make_location, make_schedule, make_topic


def page_of(item):
    return reverse(f"admin:contact_{item._meta.model_name}_change", args=[item.pk])


def save(client, item, **changes):
    return client.post(page_of(item), form_data(client.get(page_of(item)), **changes))


def add(client, model, query="", **changes):
    page = reverse(f"admin:contact_{model}_add") + query
    return client.post(page, form_data(client.get(page), **changes))


def errors_of(answer):
    return set(answer.context["adminform"].form.errors)


def row(prefix, number, **values):
    return {f"{prefix}-{number}-{name}": value for name, value in values.items()}


def test_a_phone_number_with_hours_is_added_from_topic_to_schedule(admin_client):
    topic = make_topic()
    slots = {
        **row("slots", 0, opens="09:00", closes="17:00"),
        **row("slots", 1, opens="09:00", closes="12:00"),
    }
    assert add(admin_client, "schedule", title="Balie", status="published", **slots).status_code == 302
    [(_text, add_channel)] = admin_client.get(page_of(topic)).context["portal_links"]
    schedule = WeeklySlot.objects.first().schedule
    changes = {"kind": "phone", "label": "Onthaal", "value": "09/266.61.30", "schedule": str(schedule.pk)}
    data = form_data(admin_client.get(add_channel), status="published", **changes)
    assert admin_client.post(add_channel, data).status_code == 302
    channel = Channel.objects.get()
    assert (channel.topic, channel.value, channel.schedule) == (topic, "+3292666130", schedule)
    assert list(schedule.slots.values_list("weekday", "closes")) == [
        (0, datetime.time(17)),
        (1, datetime.time(12)),
    ]


def test_a_phone_number_with_letters_is_refused_and_kept(admin_client):
    answer = save(admin_client, make_channel(), value="bel ons")
    assert errors_of(answer) == {"value"}
    assert 'value="bel ons"' in answer.content.decode()


SPELLINGS = [
    "09 266 65 90",
    "092666590",
    "+32 9 266 65 90",
    "0032 (0)9 266.65.90",
    "266 65 90",
    "2666590",
    "6590",
]
SPELLINGS += ["09/266", "٠٩ ٢٦٦ ٦٥ ٩٠", "\u202a+32 9 266 65 90\u202c", "tel:+3292666590", "32 9 266"]


@pytest.mark.parametrize("typed", SPELLINGS)
def test_a_channel_is_found_by_its_number_in_any_spelling(admin_client, client, typed):
    channel = make_channel(label="Onthaal", value="+3292666590")
    make_channel(topic=channel.topic, label="Noodoproep", value="101")
    make_channel(topic=channel.topic, label="Post", kind="email", value="3292666590@politie.be")
    found = admin_client.get(reverse("admin:contact_channel_changelist"), {"q": typed})
    assert found.status_code == 200
    assert channel in found.context["cl"].result_list
    assert "Noodoproep" not in [row.label for row in found.context["cl"].result_list]
    asked = client.get("/api/v1/channels", {"q": typed}).json()
    assert "Onthaal" in [item["label"] for item in asked["items"]]
    assert "Noodoproep" not in [item["label"] for item in asked["items"]]


def test_a_channel_is_found_by_its_words(admin_client):
    channel = make_channel(slug="dag-en-nacht", label="Balie bij nacht", value="+3292666590")
    make_channel(slug="overdag", topic=channel.topic, label="Balie", value="+3292666111")
    page = reverse("admin:contact_channel_changelist")
    assert list(admin_client.get(page, {"q": "balie nacht"}).context["cl"].result_list) == [channel]
    assert len(admin_client.get(page).context["cl"].result_list) == 2
    assert len(admin_client.get(page, {"q": "nergens"}).context["cl"].result_list) == 0


@pytest.mark.parametrize("value", ["09 266 67 56/57", "09 266 67 56 of 09 266 67 57"])
def test_two_numbers_in_a_field_are_refused_with_what_to_do(admin_client, value):
    answer = save(admin_client, make_channel(), value=value)
    assert "Maak voor elk nummer een eigen kanaal" in answer.content.decode()


@pytest.mark.parametrize(("kind", "value"), [("email", "geen adres"), ("web", "javascript:alert(1)")])
def test_a_value_that_does_not_fit_the_kind_is_refused(kind, value, admin_client):
    assert errors_of(save(admin_client, make_channel(), kind=kind, value=value)) == {"value"}


def test_what_only_works_online_needs_a_way_without_internet(admin_client):
    channel = make_channel()
    changes = {"kind": "web_form", "value": "https://politie.be"}
    assert errors_of(save(admin_client, channel, **changes)) == {"__all__"}
    assert save(admin_client, channel, alternative=str(make_channel().pk), **changes).status_code == 302


def test_languages_are_boxes_to_tick(admin_client):
    channel = make_channel(languages=["nl"])
    save(admin_client, channel, languages=["nl", "vgt"])
    channel.refresh_from_db()
    assert channel.languages == ["nl", "vgt"]


def test_an_unknown_language_is_refused_but_a_stored_one_stays(admin_client):
    channel = make_channel(languages=["tr"])
    assert errors_of(save(admin_client, channel, languages=["xx"])) == {"languages"}
    assert save(admin_client, channel, note="x").status_code == 302
    channel.refresh_from_db()
    assert channel.languages == ["tr"]


def test_no_language_ticked_means_not_published(admin_client):
    channel = make_channel(languages=["nl"])
    save(admin_client, channel, languages=[])
    channel.refresh_from_db()
    assert channel.languages == []


def test_the_page_of_a_topic_lists_its_channels_with_links(admin_client):
    channel = make_channel()
    assert page_of(channel) in admin_client.get(page_of(channel.topic)).content.decode()


def test_the_page_of_a_channel_links_to_its_hours(admin_client):
    channel = make_channel(schedule=make_schedule())
    assert page_of(channel.schedule) in admin_client.get(page_of(channel)).content.decode()


def test_a_topic_with_channels_is_protected(admin_client):
    topic = make_channel().topic
    answer = admin_client.post(reverse("admin:contact_topic_delete", args=[topic.pk]), {"post": "yes"})
    assert answer.context["protected"]


def test_new_hours_propose_the_working_days_and_save_only_what_has_times(admin_client):
    assert add(admin_client, "schedule", title="Leeg").status_code == 302
    assert WeeklySlot.objects.count() == 0


def test_an_exception_with_one_time_is_refused_and_kept(admin_client):
    exception = make_exception(reason="opleiding")
    answer = save(
        admin_client, exception.schedule, **{"exceptions-0-opens": "10:00", "exceptions-0-reason": "getypt"}
    )
    assert answer.context["inline_admin_formsets"][1].formset.errors[0]
    assert 'value="getypt"' in answer.content.decode()
    exception.refresh_from_db()
    assert exception.opens is None


def test_an_exception_that_ends_before_it_starts_is_refused(admin_client):
    schedule = make_schedule()
    values = {"first_day": "2026-05-02", "last_day": "2026-05-01", "reason": "feest"}
    assert errors_of(add(admin_client, "scheduleexception", schedule=str(schedule.pk), **values)) == {
        "__all__"
    }


def test_an_exception_added_on_its_own_page_counts_as_a_change_of_the_hours(admin_client):
    schedule = make_schedule()
    values = {"first_day": "2026-05-01", "last_day": "2026-05-01", "reason": "feest"}
    assert add(admin_client, "scheduleexception", schedule=str(schedule.pk), **values).status_code == 302
    version = schedule.version
    schedule.refresh_from_db()
    assert (ScheduleException.objects.count(), schedule.version) == (1, version + 1)


def test_two_slots_from_the_same_time_are_refused(admin_client):
    schedule = make_schedule((0, "09:00", "12:00"))
    more = row("slots", 1, id="", weekday="0", opens="09:00", closes="17:00")
    assert save(admin_client, schedule, **{"slots-TOTAL_FORMS": "2"}, **more).context["errors"]


def test_round_the_clock_with_holidays_is_refused(admin_client):
    changes = {"always_open": "on", "closed_on_public_holidays": "on"}
    assert errors_of(save(admin_client, make_schedule(), **changes)) == {"__all__"}


def test_half_a_pair_of_coordinates_is_refused(admin_client):
    assert errors_of(save(admin_client, make_location(), latitude="51.05")) == {"__all__"}


def test_a_notice_must_end(admin_client):
    start = {"starts_0": "2026-01-01", "starts_1": "12:00"}
    assert "ends" in errors_of(
        add(admin_client, "notice", title="Storm", level="serious", text_nl="x", **start)
    )
