"""Belgian phone numbers."""

import pytest
from django.core.exceptions import ValidationError

from contact.phone import display_phone, normalise_phone


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
        ("101", "101", "101"),
        ("112", "112", "112"),
        ("1722", "1722", "1722"),
        ("+31 20 123 45 67", "+31201234567", "+31201234567"),
    ],
)
def test_numbers_are_stored_and_shown(typed, stored, shown):
    assert normalise_phone(typed) == stored
    assert display_phone(stored) == shown


@pytest.mark.parametrize("typed", ["negen", "09", "12", "09 266 61 11 11 11 11 11", "+0 123", "11a", ""])
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(ValidationError):
        normalise_phone(typed)
