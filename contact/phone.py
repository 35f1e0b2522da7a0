"""Belgian phone numbers: stored as E.164 or as a short number, shown the Belgian way (ITU-T E.123)."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

SHORT_NUMBER = re.compile(r"^1\d{2,3}$")
E164 = re.compile(r"^\+[1-9]\d{7,14}$")
# Zones with a two-digit area code; all other geographic numbers have three digits (BIPT numbering plan).
TWO_DIGIT_ZONES = ("2", "3", "4", "9")
# Freephone and premium numbers, and the shared-cost 070 and 078.
SPECIAL_RATE = ("800", "900", "901", "902", "903", "904", "905", "906", "907", "908", "909")
SHARED_COST = ("70", "78")


def normalise_phone(text: str) -> str:
    """A phone number as E.164 (`+3292666111`) or as a short number (`101`). Raises ValidationError."""
    digits = re.sub(r"[\s./()\-]", "", text)
    digits = re.sub(r"^00", "+", digits)
    if SHORT_NUMBER.match(digits):
        return digits
    if digits.startswith("0"):
        digits = "+32" + digits[1:]
    if not E164.match(digits):
        raise ValidationError(_("Write a phone number such as 09 266 61 11, +32 9 266 61 11 or 101."))
    return digits


def display_phone(number: str) -> str:
    """A stored number the way Belgians write it: `09 266 61 11`, `0470 12 34 56`, `101`."""
    if not number.startswith("+32"):
        return number
    national = number[3:]
    if len(national) == 9:
        return f"0{national[:3]} {national[3:5]} {national[5:7]} {national[7:]}"
    if len(national) != 8:
        return number
    if national.startswith(SPECIAL_RATE):
        return f"0{national[:3]} {national[3:5]} {national[5:]}"
    if national.startswith(SHARED_COST):
        return f"0{national[:2]} {national[2:5]} {national[5:]}"
    if national.startswith(TWO_DIGIT_ZONES):
        return f"0{national[0]} {national[1:4]} {national[4:6]} {national[6:]}"
    return f"0{national[:2]} {national[2:4]} {national[4:6]} {national[6:]}"
