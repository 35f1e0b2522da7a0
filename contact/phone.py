"""Phone numbers: stored as E.164 or as a Belgian short number, displayed in Belgian format.

Validity and formats come from `phonenumbers`, the Python port of libphonenumber. This module decides which
spellings represent one number that can be dialled from Belgium, and explains in a sentence why others are refused.
"""

import re
import unicodedata
from functools import lru_cache

import phonenumbers
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from phonenumbers import NumberFormat, PhoneNumber, PhoneNumberFormat, shortnumberinfo

COUNTRY, COUNTRY_CODE = "BE", 32
# Stored format, valid in PostgreSQL, SQLite and Python alike: E.164, or the three to six digits of a short number.
STORED = r"^(\+[1-9][0-9]{4,14}|[1-9][0-9]{2,5})\Z"
# Numbers of social value that are the same in the whole European Union (Commission Decision 2007/116/EC). The library
# knows only those in use in Belgium.
HARMONISED = {"116000", "116006", "116111", "116117", "116123"}
LONGEST_SHORT = 6
# Ranges in which numbers are allocated one by one; the library only knows the blocks of its release date.
SHARED_COST = re.compile(r"7[08][0-9]{6}")
# Belgians group these in threes (070 245 245); the library groups them in pairs.
SHARED_COST_FORMAT = NumberFormat(
    pattern=r"(\d{2})(\d{3})(\d{3})",
    format=r"\1 \2 \3",
    leading_digits_pattern=["7[08]"],
    national_prefix_formatting_rule="0\\1",
)
MOBILE = re.compile("4[5-9]")
MOBILE_DIGITS, LANDLINE_DIGITS = 9, 8
FEWEST_SEARCHED = 3

SCHEME = re.compile(r"(?:tel|sms|callto)\.?[:.][/ ]*")
DASHES = str.maketrans("\u2212\u2043\u2044\u2215", "--//")
ALLOWED = re.compile(r"[0-9 +()./·•-]*")
EXTENSION = re.compile(r"ext|toestel|\btst\b|poste|intern|nebenst|durchw|#\s*\d|\d\s*x\s*\d")
CONJUNCTION = re.compile(r"[;,|&]|\b(?:of|or|ou|oder|en|et|und|and)\b|(?<=\d)[\s)]*\+")
# Last digit of a second number, as in 09 266 67 56/7.
LAST_DIGIT_AGAIN = re.compile(r"[0-9]\s*[/-]\s*[0-9]$")

EXAMPLES = _("Write a phone number such as 02 123 45 67, +32 2 123 45 67 or 101.")
WITH_LETTERS = _(
    "A phone number has no letters. Write the digits alone, such as 02 123 45 67; words go in the label or the note."
)
WITH_EXTENSION = _("Leave out the extension: it is not dialled along. Write it in the note.")
MORE_THAN_ONE = _("This is more than one phone number. Make a channel for each of them.")
TOO_SHORT = _(
    "This phone number is too short. A landline has nine digits, such as 02 123 45 67; a mobile phone has ten, such as "
    "0470 12 34 56."
)
TOO_LONG = _(
    "This phone number is too long. A landline has nine digits, such as 02 123 45 67; a mobile phone has ten, such as "
    "0470 12 34 56."
)
WITHOUT_ZERO = _(
    "Write the whole number with its zone, such as 02 123 45 67. A number abroad starts with + and the country code."
)
UNKNOWN = _("No such phone number exists in Belgium. Check the digits.")
UNKNOWN_SHORT = _("No such short number exists in Belgium. Check the digits.")
UNKNOWN_ABROAD = _(
    "No such phone number exists abroad. Check the digits: + and the country code, then the number without its zero."
)


def normalise_phone(text: str) -> str:
    """Return a phone number as E.164 (`+3292666111`) or as a short number (`101`). Raises ValidationError."""
    plain = _plain(text)
    number, error = _read(plain)
    if number and not LAST_DIGIT_AGAIN.search(plain):
        return number
    raise ValidationError(str(MORE_THAN_ONE if number else _best_error(plain, error)))


@lru_cache(maxsize=2_000)
def display_phone(number: str) -> str:
    """Format a stored number the Belgian way: `09 266 61 11`, `0470 12 34 56`, `116 000`, `+31 20 123 4567`."""
    if number in HARMONISED or (len(number) == LONGEST_SHORT and number.startswith("116")):
        return f"{number[:3]} {number[3:]}"
    if not number.startswith("+"):
        return number
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    if parsed.country_code != COUNTRY_CODE:
        return phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL)
    if SHARED_COST.fullmatch(str(parsed.national_number)):
        return phonenumbers.format_by_pattern(parsed, PhoneNumberFormat.NATIONAL, [SHARED_COST_FORMAT])
    return phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL)


def with_spelling_of_pages(text: str) -> str:
    """Reformat a phone number in any spelling as the pages show it; return other text unchanged."""
    try:
        return display_phone(normalise_phone(text))
    except ValidationError:
        return text


def parts_of_numbers(text: str) -> set[str]:
    """Return digit strings to search for in stored numbers, if the text is a number or part of one in any spelling.

    Empty for other text, and for fewer than three digits.
    """
    plain = _plain(text)
    digits, _is_international = _digits(plain)
    if not ALLOWED.fullmatch(plain) or len(digits) < FEWEST_SEARCHED:
        return set()
    return {digits, re.sub(f"^(?:{COUNTRY_CODE})?0", str(COUNTRY_CODE), digits)}


def _plain(text: str) -> str:
    """Reduce digits and punctuation to ASCII, and drop invisible characters and the scheme of a link.

    Digits of every script become ASCII digits. Superscript digits stay: they are footnotes.
    """
    kept = (letter for letter in text if unicodedata.category(letter) not in ("Cf", "Mn", "Me"))
    wide = "".join(
        letter if unicodedata.category(letter) == "No" else unicodedata.normalize("NFKC", letter)
        for letter in kept
    )
    plain = "".join(map(_ascii, wide)).translate(DASHES).lower().strip(" ;,.")
    return SCHEME.sub("", plain, count=1) if SCHEME.match(plain) else plain


def _ascii(letter: str) -> str:
    category = unicodedata.category(letter)
    if category == "Nd":
        return str(unicodedata.decimal(letter))
    if category == "Pd":
        return "-"
    return " " if category in ("Zs", "Zl", "Zp", "Cc") else letter


def _digits(plain: str) -> tuple[str, bool]:
    """Return the digits to dial, and whether they start with a country code."""
    digits = re.sub("[^0-9]", "", plain)
    is_international = plain.lstrip("( ").startswith("+")
    if digits.startswith("00"):
        return digits[2:], True
    return digits, is_international


def _read(plain: str) -> tuple[str, str | Promise]:
    """Return the number in its stored form, or else why it is invalid."""
    if not ALLOWED.fullmatch(plain) or "+" in plain.lstrip("( +"):
        return "", EXAMPLES
    digits, is_international = _digits(plain)
    if not digits:
        return "", EXAMPLES
    if not is_international and not digits.startswith("0"):
        if len(digits) <= LONGEST_SHORT:
            is_known = digits in HARMONISED or shortnumberinfo.is_valid_short_number(_number(digits))
            return (digits, "") if is_known else ("", UNKNOWN_SHORT)
        if not digits.startswith(str(COUNTRY_CODE)) or len(digits) <= MOBILE_DIGITS:
            return "", WITHOUT_ZERO
        is_international = True
    try:
        parsed = phonenumbers.parse(f"+{digits}" if is_international else digits, COUNTRY)
    except phonenumbers.NumberParseException:
        return "", EXAMPLES
    national = str(parsed.national_number)
    is_belgian = parsed.country_code == COUNTRY_CODE
    is_handed_out = is_belgian and not parsed.italian_leading_zero and SHARED_COST.fullmatch(national)
    if is_handed_out or phonenumbers.is_valid_number(parsed):
        return phonenumbers.format_number(parsed, PhoneNumberFormat.E164), ""
    return "", _length_error(national) if is_belgian else UNKNOWN_ABROAD


def _number(short: str) -> PhoneNumber:
    return PhoneNumber(country_code=COUNTRY_CODE, national_number=int(short))


def _length_error(national: str) -> str | Promise:
    """Return why these digits, without the leading zero, are not a Belgian number."""
    wanted = MOBILE_DIGITS if MOBILE.match(national) else LANDLINE_DIGITS
    if len(national) == wanted:
        return UNKNOWN
    return TOO_SHORT if len(national) < wanted else TOO_LONG


def _best_error(plain: str, otherwise: str | Promise) -> str | Promise:
    """Return the most helpful error for a text that is not a single number."""
    if EXTENSION.search(plain):
        return WITH_EXTENSION
    parts = [part for part in CONJUNCTION.split(plain) if re.search(r"\d", part)]
    if len(parts) > 1 or _starts_with_number(plain):
        return MORE_THAN_ONE
    return WITH_LETTERS if any(map(str.isalpha, plain)) else otherwise


def _starts_with_number(plain: str) -> bool:
    """True if a number is followed by a second one, or by the last digits of one."""
    for gap in re.finditer(r"[^0-9]+", plain):
        head, tail = _read(plain[: gap.start()])[0], plain[gap.end() :]
        is_apart = bool(re.search("[/-]", gap.group()))
        if head and (is_apart or (len(head) > LONGEST_SHORT and len(re.findall("[0-9]", tail)) > 1)):
            return bool(tail)
    return False
