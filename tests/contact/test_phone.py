"""Phone numbers: every spelling of a number is stored as what is dialled, and shown the Belgian way."""

import importlib
import re
from types import SimpleNamespace

import phonenumbers
import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import CharField, Value
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from hypothesis import given, settings
from hypothesis import strategies as st

from contact.models import Channel
from contact.phone import display_phone, normalise_phone
from tests.browser import form_data
from tests.make import make_channel, make_topic

SEPARATORS = ["", " ", ".", "-", "/", "\u00a0", "\u202f", "\u2009", "\u2010", "\u2011", "–", "−", "  ", "·"]
INVISIBLE = ["", "\u200b", "\u200e", "\u202a", "\u202c", "\u2066", "\u2069", "\ufeff", "\u00ad", "\u2060"]
DIGITS = ["0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "０１２３４５６７８９", "०१२३४५६७८९", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗"]
PREFIXES = [
    "0",
    "+32",
    "+32 (0)",
    "+32 0",
    "0032",
    "0032 (0)",
    "00 32 ",
    "32 ",
    "(+32) ",
    "(0032) ",
    "tel:+32",
    "＋32 ",
]


def is_belgian(national):
    return phonenumbers.is_valid_number(phonenumbers.parse(f"+32{national}"))


landlines = st.from_regex(
    r"(9|2|3|4[23])[0-9]{7}|(5[0-9]|1[0-6]|8[1-7])[0-9]{6}",
    fullmatch=True,
    alphabet=st.characters(codec="ascii"),
).filter(is_belgian)
mobiles = st.from_regex(r"4[5-9][0-9]{7}", fullmatch=True, alphabet=st.characters(codec="ascii"))
special = st.from_regex(
    r"(800[1-9]|90[0-9]{2})[0-9]{4}|7[08][0-9]{6}", fullmatch=True, alphabet=st.characters(codec="ascii")
)
SHORT = "100 101 102 103 105 106 107 108 110 112 1207 1307 1700 1712 1722 1733 1813 8600 4711"
short_numbers = st.sampled_from([*SHORT.split(), "116000", "116006", "116111", "116117", "116123"])


@st.composite
def spelled(draw, digits):
    """Digits with separators between, invisible marks and digits of a script that somebody may write in."""
    script = draw(st.sampled_from(DIGITS))
    text = "".join(
        (draw(st.sampled_from(SEPARATORS)) if place and place < len(digits) - 1 else "")
        + draw(st.sampled_from(INVISIBLE))
        + script[int(digit)]
        for place, digit in enumerate(digits)
    )
    return (
        f"{draw(st.sampled_from(['', ' ', *INVISIBLE]))}{text}{draw(st.sampled_from(['', ' ', *INVISIBLE]))}"
    )


@given(st.data(), st.one_of(landlines, mobiles, special), st.sampled_from(PREFIXES))
@settings(max_examples=150)
def test_every_spelling_of_a_number_is_what_is_dialled(data, national, prefix):
    assert normalise_phone(prefix + data.draw(spelled(national))) == f"+32{national}"


@given(st.data(), short_numbers)
@settings(max_examples=50)
def test_every_spelling_of_a_short_number_is_what_is_dialled(data, number):
    assert normalise_phone(data.draw(st.sampled_from(["", "tel:"])) + data.draw(spelled(number))) == number


@given(st.one_of(landlines, mobiles, special))
@settings(max_examples=100)
def test_what_is_shown_is_understood(national):
    shown = display_phone(f"+32{national}")
    assert shown.replace(" ", "") == f"0{national}"
    assert normalise_phone(shown) == f"+32{national}" == normalise_phone(f"+32{national}")


@given(st.text(max_size=25) | st.text(alphabet="0123456789 +()/.-;,xof", max_size=25))
@settings(max_examples=300)
def test_any_text_is_stored_as_a_number_that_can_be_dialled_or_refused(text):
    try:
        stored = normalise_phone(text)
    except ValidationError:
        return
    assert re.fullmatch(r"\+[1-9][0-9]{4,14}|[1-9][0-9]{2,5}", stored)
    assert normalise_phone(stored) == stored == normalise_phone(display_phone(stored))


@given(landlines | mobiles, st.integers(0, 8), st.sampled_from(["0", "+32", "0032 (0)"]))
@settings(max_examples=60)
def test_a_digit_too_few_or_too_many_is_never_guessed(national, place, prefix):
    place %= len(national)
    shorter = national[:place] + national[place + 1 :]
    is_another = is_belgian(shorter) or re.fullmatch("7[08][0-9]{6}", shorter)
    for digits in (f"{national}{place}", *([] if is_another else [shorter])):
        with pytest.raises(ValidationError):
            normalise_phone(prefix + digits)


@pytest.mark.parametrize(
    ("typed", "stored", "shown"),
    [
        ("09 266 61 11", "+3292666111", "09 266 61 11"),
        ("+32 9 266 61 11", "+3292666111", "09 266 61 11"),
        ("0032 9 266.61.11", "+3292666111", "09 266 61 11"),
        ("09/266.61.11", "+3292666111", "09 266 61 11"),
        ("02 642 65 00", "+3226426500", "02 642 65 00"),
        ("053 12 34 56", "+3253123456", "053 12 34 56"),
        ("0470 12 34 56", "+32470123456", "0470 12 34 56"),
        ("0800 30 300", "+3280030300", "0800 30 300"),
        ("070 123 123", "+3270123123", "070 123 123"),
        ("078 170 170", "+3278170170", "078 170 170"),
        ("0903 12 345", "+3290312345", "0903 12 345"),
        ("101", "101", "101"),
        ("112", "112", "112"),
        ("1722", "1722", "1722"),
        ("116 006", "116006", "116 006"),
        ("116000", "116000", "116 000"),
        ("0032 (0)9 266 67 56", "+3292666756", "09 266 67 56"),
        ("+32 09 266 67 56", "+3292666756", "09 266 67 56"),
        ("32 9 266 67 56", "+3292666756", "09 266 67 56"),
        ("09–266 67 56", "+3292666756", "09 266 67 56"),
        ("tel:+32-9-266-67-56", "+3292666756", "09 266 67 56"),
        ("\u202a+32 9 266 67 56\u202c", "+3292666756", "09 266 67 56"),
        ("\u2066\u200e09\u00a0266\u202f67 56\u2069\ufeff", "+3292666756", "09 266 67 56"),
        ("٠٩ ٢٦٦ ٦٧ ٥٦", "+3292666756", "09 266 67 56"),
        ("０９２６６６７５６", "+3292666756", "09 266 67 56"),
        ("+31 20 123 45 67", "+31201234567", "+31 20 123 4567"),
        ("0031 (0)20 123 45 67", "+31201234567", "+31 20 123 4567"),
        ("+39 06 6982", "+39066982", "+39 06 6982"),
        ("00800 1234 5678", "+80012345678", "+800 1234 5678"),
    ],
)
def test_numbers_are_stored_and_shown(typed, stored, shown):
    assert normalise_phone(typed) == stored
    assert display_phone(stored) == shown


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "such as 02 123 45 67"),
        ("+", "such as 02 123 45 67"),
        ("+0 123", "such as 02 123 45 67"),
        ("09 266 67 5⁶", "such as 02 123 45 67"),
        ("negen", "no letters"),
        ("11a", "no letters"),
        ("O9 266 67 56", "no letters"),
        ("09 266 67 56 (balie)", "no letters"),
        ("+1 800 FLOWERS", "no letters"),
        ("09", "too short"),
        ("09 266 67 5", "too short"),
        ("0470 12 34 5", "too short"),
        ("+32 9 266 67 5", "too short"),
        ("0470 12 34 567", "too long"),
        ("09 266 67 567", "too long"),
        ("0232 67 56", "too short"),
        ("077 12 34 56", "exists in Belgium"),
        ("12", "short number"),
        ("109", "short number"),
        ("116 999", "short number"),
        ("266 67 56", "with its zone"),
        ("9 266 67 56", "with its zone"),
        ("31 20 123 45 67", "with its zone"),
        ("+31 20 12", "abroad"),
        ("09 266 67 56 ext 12", "extension"),
        ("09 266 67 56, toestel 12", "extension"),
        ("09 266 67 56x12", "extension"),
        ("tel:+3292666756;ext=12", "extension"),
        ("09 266 67 56/57", "a channel for each"),
        ("09 266 67 56/7", "a channel for each"),
        ("09 266 67 5/6", "a channel for each"),
        ("09 266 67 56-57", "a channel for each"),
        ("09 266 67 56, 57", "a channel for each"),
        ("09 266 67 56; 09 266 67 57", "a channel for each"),
        ("09 266 67 56 of 09 266 67 57", "a channel for each"),
        ("09 266 67 56 en 0470 12 34 56", "a channel for each"),
        ("09 266 67 56 09 266 67 57", "a channel for each"),
        ("+3292666756+3292666757", "a channel for each"),
        ("101/112", "a channel for each"),
        ("101 of 112", "a channel for each"),
        ("09 266 61 11 11 11 11 11", "a channel for each"),
    ],
)
def test_what_is_no_number_is_refused_with_what_helps(typed, said):
    with translation.override("en"), pytest.raises(ValidationError, match=said):
        normalise_phone(typed)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "value", ["09 266 67 56", "٠٩٢٦٦٦٧٥٦", "+٣٢٩٢٦٦٦٧٥٦", "101\n", "+0123456", "12", "+32 9 266"]
)
def test_the_database_holds_numbers_in_their_stored_form_only(value):
    channel = make_channel(kind="phone", value="101")
    past_the_field = Value(value, output_field=CharField())
    with pytest.raises(IntegrityError), transaction.atomic():
        Channel.objects.filter(pk=channel.pk).update(value=past_the_field)
    assert make_channel(kind="email", value=value).pk
    assert make_channel(kind="sms", value="").pk


@pytest.fixture
def _any_value(db):
    """The table as it was before numbers had one stored form."""
    is_sqlite = connection.vendor == "sqlite"
    drop = "ALTER TABLE contact_channel DROP CONSTRAINT contact_channel_phone_number"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA ignore_check_constraints = ON" if is_sqlite else drop)
    yield
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA ignore_check_constraints = OFF" if is_sqlite else "SELECT 1")


@pytest.mark.usefixtures("_any_value")
def test_numbers_stored_before_are_written_as_they_are_dialled(caplog):
    topic = make_topic()
    values = {
        "zero": "+32092666756",
        "arabic": "+٣٢٩٢٦٦٦٧٥٦",
        "short": "+329266675",
        "two": "09 266 67 56/57",
    }
    values |= {"good": "+3292666111", "mail": "a@politie.be"}
    for slug, value in values.items():
        kind = "email" if slug == "mail" else "phone"
        make_channel(topic=topic, label=slug, slug=slug, kind=kind, value=value, editor_note="Oud.")
    migration = importlib.import_module("contact.migrations.0005_phone_numbers")
    migration.normalise(apps, SimpleNamespace(connection=connection))
    stored = {channel.slug: channel for channel in Channel.objects.all()}
    assert stored["zero"].value == stored["arabic"].value == "+3292666756"
    assert stored["short"].value == "+329266675"
    assert (stored["two"].value, stored["two"].editor_note) == ("", "Oud.\n09 266 67 56/57")
    assert (stored["zero"].version, stored["good"].version, stored["mail"].value) == (2, 1, "a@politie.be")
    assert [record.args[0] for record in caplog.records] == ["short", "two"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "stored", "shown"),
    [
        ("0032 (0)9 266 67 56", "+3292666756", "09 266 67 56"),
        ("0470/12.34.56", "+32470123456", "0470 12 34 56"),
        ("116006", "116006", "116 006"),
        ("101", "101", "101"),
        ("0800 30 300", "+3280030300", "0800 30 300"),
        ("0031 20 123 45 67", "+31201234567", "+31 20 123 4567"),
    ],
)
def test_every_output_shows_and_dials_the_same_number(client, typed, stored, shown):
    channel = make_channel(value="", label="Lijn")
    channel.value = typed
    channel.full_clean()
    channel.save()
    topic = channel.topic.slug
    for page in (f"/contact/{topic}", f"/fr/contact/{topic}", f"/insluiten/contact/{topic}", "/contact"):
        html = client.get(page).content.decode().replace("<wbr>", "")
        assert f'<a href="tel:{stored}">{shown}</a>' in html, page
    card = client.get(f"/contact/{topic}/{channel.slug}.vcf").content.decode()
    assert f"TEL;TYPE=work,voice:{stored}\r\n" in card
    item = client.get(f"/api/v1/channels/{channel.pk}").json()
    assert [item[name] for name in ("value", "display", "link")] == [stored, shown, f"tel:{stored}"]
    linked = client.get(f"/api/v1/channels/{channel.pk}", headers={"accept": "application/ld+json"}).json()
    assert linked["schema:telephone"] == stored
    assert f'"telephone":"{stored}"' in client.get(f"/contact/{topic}").content.decode()


def test_a_number_that_comes_from_another_channel_is_changed_there(admin_client):
    general = make_channel(label="Algemeen nummer", kind="phone", value="+3292666111", topic=make_topic())
    other = make_channel(label="Balie", kind="phone", same_number_as=general, topic=general.topic)
    address = reverse("admin:contact_channel_change", args=[other.pk])
    page = admin_client.post(address, form_data(admin_client.get(address), value="09 266 61 12"))
    form = page.context["adminform"].form
    text = gettext(
        "This number comes from “%(channel)s”. Change it there, or first clear the field “same number as”."
    )
    assert form.errors == {"value": [text % {"channel": f"{general.topic}: {general}"}]}
    same = form_data(admin_client.get(address), value="09/266.61.11", label="Onthaal")
    assert admin_client.post(address, same).status_code == 302
    own = form_data(admin_client.get(address), value="09 266 61 12", same_number_as="")
    assert admin_client.post(address, own).status_code == 302
    other.refresh_from_db()
    assert (other.label, other.value, other.same_number_as) == ("Onthaal", "+3292666112", None)
