"""What a query may say, at the edges of each kind of parameter: the rules alone, without a database."""

import datetime

import pytest
from django.db.models import TextChoices
from django.http import QueryDict

from pzgent.kernel.rest.parameters import (
    MAX_TEXT,
    MAX_VALUES,
    MAX_WORDS,
    BadRequest,
    BadValue,
    Code,
    Day,
    Moment,
    Names,
    Number,
    OneOf,
    PostalCode,
    Reference,
    SearchTerms,
    issue,
    read_query,
)


class Colour(TextChoices):
    """Two codes."""

    RED = "red", "rood"
    BLUE = "blue", "blauw"


def made(kind, **options):
    return kind(name="p", description="", **options)


def read(parameter, text):
    """The value, or None when it is refused."""
    try:
        return parameter.read(text)
    except BadValue:
        return None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("  een \u00a0 twee ", "een twee"),
        (" ", None),
        ("een\x00", None),
        ("een\x1ftwee", None),
        ("een\x7f", None),
        ("x" * MAX_TEXT, "x" * MAX_TEXT),
        ("x" * (MAX_TEXT + 1), None),
        ("w " * MAX_WORDS, " ".join("w" * MAX_WORDS)),
        ("w " * (MAX_WORDS + 1), None),
    ],
)
def test_words_are_few_and_without_control_characters(text, value):
    assert read(made(SearchTerms), text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("2", 2), ("5", 5), ("1", None), ("6", None), ("-3", None), ("3.0", None), ("٣", None), ("", None)],
)
def test_a_number_lies_between_its_bounds(text, value):
    assert read(made(Number, low=2, high=5), text) == value


def test_a_number_may_be_long_but_not_endless():
    assert read(made(Number, high=10**16), "9" * 15) == int("9" * 15)
    assert read(made(Number, high=10**16), "1" + "0" * 15) is None
    assert (read(made(Number), "1"), read(made(Number), "0"), read(made(Number), "1000000000")) == (
        1,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("9000", "9000"), ("B-9000", "9000"), ("b9000", "9000"), ("BE 9000", "9000"), ("be-9000", "9000"),
        ("0900", None), ("900", None), ("90000", None), ("E9000", None), ("B--9000", None),
    ],
)  # fmt: skip
def test_a_postcode_has_four_digits_and_may_name_the_country(text, value):
    assert read(made(PostalCode), text) == value


@pytest.mark.parametrize(
    ("text", "far", "near"),
    [
        ("2026-06-10", True, True), ("2000-01-01", True, True), ("1999-12-31", True, False), ("2099-12-31", True, True),
        ("2100-01-01", True, False), ("2026-02-29", False, False), ("20260610", False, False),
        ("2026-6-1", False, False),
    ],
)  # fmt: skip
def test_a_day_exists_and_lies_near_where_hours_are_worked_out(text, far, near):
    assert (read(made(Day), text) is not None) is far
    assert (read(made(Day, near=True), text) is not None) is near


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-03-02T14:30", "2026-03-02T14:30:00+01:00"),
        ("2026-07-02T14:30:05.25z", "2026-07-02T14:30:05.250000+00:00"),
        ("2026-07-02t14:30+0200", "2026-07-02T14:30:00+02:00"),
        ("2026-07-02T14:30 02:00", "2026-07-02T14:30:00+02:00"),
        ("2000-01-02T00:00Z", "2000-01-02T00:00:00+00:00"),
        ("2000-01-01T12:00Z", None),
        ("2099-12-30T12:00Z", "2099-12-30T12:00:00+00:00"),
        ("2099-12-31T12:00Z", None),
        ("2026-07-02", None),
        ("2026-07-02T24:30", None),
        ("2026-07-02 14:30", None),
    ],
)
def test_a_moment_has_an_offset_or_is_in_brussels(text, value):
    found = read(made(Moment), text)
    assert (found and found.isoformat()) == value


def test_a_name_or_code_is_one_of_the_known():
    assert (read(made(Code, choices=Colour), "red"), read(made(Code, choices=Colour), "RED")) == ("red", None)
    assert (read(made(OneOf, known=("a",)), "a"), read(made(OneOf, known=("a",)), "b")) == ("a", None)
    signed, plain = made(Names, known=("a", "b"), signed=True), made(Names, known=("a", "b"))
    assert (read(signed, "-a,b"), read(signed, "--a"), read(plain, "-a")) == (["-a", "b"], None, None)
    assert (read(plain, "a,c"), read(plain, "b,a")) == (None, ["b", "a"])
    assert plain.together([["b", "a"], ["a"]]) == ["b", "a"]
    assert [names.schema()["items"]["enum"] for names in (plain, signed)] == [
        ["a", "b"],
        ["a", "b", "-a", "-b"],
    ]


def test_a_reference_is_spelled_like_a_slug():
    reference = made(Reference, known=lambda: None)
    assert (read(reference, "een-twee_3"), read(reference, "een twee"), read(reference, "é")) == (
        "een-twee_3",
        None,
        None,
    )
    assert (read(reference, "x" * 120) is None, read(reference, "x" * 121) is None) == (False, True)


ONCE, OFTEN = made(Number, high=9), Code(name="c", description="", choices=Colour)


def faults(query, *parameters):
    with pytest.raises(BadRequest) as refused:
        read_query(parameters or (ONCE, OFTEN), QueryDict(query))
    return [
        (fault["name"], fault.get("value"), fault["type"].rpartition(":")[2])
        for fault in refused.value.issues
    ]


def test_a_repeatable_parameter_gives_a_list_and_an_absent_one_nothing():
    assert read_query((ONCE, OFTEN), QueryDict("p=3&c=red&c=blue")) == {"p": 3, "c": ["red", "blue"]}
    assert read_query((ONCE, OFTEN), QueryDict("")) == {}


def test_every_fault_is_listed():
    assert faults("x=1&x=2&p=10&c=red&c=green") == [
        ("x", "1", "unknownInput"),
        ("x", "2", "unknownInput"),
        ("p", "10", "schemaViolation"),
        ("c", "green", "schemaViolation"),
    ]


def test_what_stands_once_is_not_repeated_and_nothing_is_endlessly():
    assert faults("p=1&p=2") == [("p", "2", "schemaViolation")]
    most = "&".join(["c=red"] * MAX_VALUES)
    assert len(read_query((OFTEN,), QueryDict(most))["c"]) == MAX_VALUES
    assert faults(f"{most}&c=blue") == [("c", "blue", "schemaViolation")]


def test_what_is_required_must_be_there():
    required = made(Day, required=True)
    assert faults("", required) == [("p", None, "schemaViolation")]
    assert read_query((required,), QueryDict("p=2026-06-10")) == {"p": datetime.date(2026, 6, 10)}


def test_a_fault_is_told_shortly_and_outside_the_query_without_a_type():
    told = issue("n" * 200, "v" * 200, "wrong")
    assert (len(told["name"]), len(told["value"]), told["in"]) == (MAX_TEXT, MAX_TEXT, "query")
    assert issue("name", None, "wrong", place="path") == {"in": "path", "name": "name", "detail": "wrong"}
    assert issue("n", "\ud800", "wrong")["value"] == "?"
