"""Strict parsing of query parameters: every error is listed, and nothing is silently ignored."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Choices, QuerySet, Value
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

MAX_TEXT = 100
MAX_WORDS = 8
MAX_VALUES = 20
# Opening hours and holidays are only worked out for these years.
FIRST_DAY, LAST_DAY = datetime.date(2000, 1, 1), datetime.date(2099, 12, 31)
DIGITS = re.compile(r"[0-9]{1,15}", re.ASCII)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# RFC 3339, 5.6: any number of decimals, and letters of either case. An offset may be left out, or have no colon, as
# common generators of clients write it.
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}:?\d{2})?", re.ASCII)
SLUG = re.compile(r"[-a-zA-Z0-9_]{1,120}", re.ASCII)
POSTAL_CODE = re.compile(r"(?:[Bb][Ee]?[- ]?)?([1-9][0-9]{3})")
CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")

# The OpenAPI pattern of words: no control characters, separated by any whitespace.
SPACE = r"\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
WORD = rf"[^\u0000-\u001f\u007f{SPACE}]+"

Issue = dict[str, Any]
# The types of errors that the Belgian REST guide has names for.
ISSUE_TYPES = "urn:problem-type:belgif:input-validation:"
INVALID, UNKNOWN, NOT_FOUND = "schemaViolation", "unknownInput", "referencedResourceNotFound"


class BadValue(ValueError):
    """Error for an invalid value of a parameter; its text explains it in the language of the client."""


class BadRequest(Exception):
    """Error 400; `issues` lists all errors of the request."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        super().__init__(f"{len(issues)} issues")
        self.issues = list(issues)


def issue(
    name: str, value: str | None, detail: str, place: str = "query", kind: str = "invalidInput"
) -> Issue:
    """Return an error as the API reports it: its type, its location, the value sent, and an explanation."""
    found: Issue = {"type": f"{ISSUE_TYPES}{kind}"} if place == "query" else {}
    found |= {"in": place, "name": name[:MAX_TEXT].encode("utf-8", "replace").decode()}
    if value is not None:
        found["value"] = value[:MAX_TEXT].encode("utf-8", "replace").decode()
    return {**found, "detail": detail}


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """Query parameter. `lookup` is the database lookup for its value(s)."""

    name: str
    description: str
    lookup: str = ""
    repeatable: bool = False
    required: bool = False
    # Whether objects that are embedded are asked about the same.
    is_shared: bool = False

    def read(self, text: str) -> Any:
        """Return the parsed value. Raises BadValue."""
        raise NotImplementedError  # a hook: each kind says its own

    def together(self, values: list[Any]) -> Any:
        """Return the combined value of all occurrences of the parameter."""
        return values if self.repeatable else values[0]

    def schema(self) -> dict[str, Any]:
        """Return the OpenAPI schema of the value."""
        raise NotImplementedError  # a hook: each kind says its own


@dataclass(frozen=True, kw_only=True)
class SearchTerms(Parameter):
    """Search terms."""

    longest: int = MAX_TEXT
    most_words: int = MAX_WORDS

    def read(self, text: str) -> str:
        """Return the terms, separated by single spaces."""
        words = text.split()
        if not words:
            raise BadValue(_("Give at least one word."))
        if CONTROL.search(text):
            raise BadValue(_("This contains characters that cannot occur in a text."))
        if len(text) > self.longest or len(words) > self.most_words:
            limits = {"words": self.most_words, "size": self.longest}
            raise BadValue(_("Give at most %(words)s words and %(size)s characters.") % limits)
        return " ".join(words)

    def schema(self) -> dict[str, Any]:
        """Return the OpenAPI schema of the value."""
        pattern = f"^[{SPACE}]*{WORD}([{SPACE}]+{WORD}){{0,{self.most_words - 1}}}[{SPACE}]*$"
        return {
            "type": "string",
            "minLength": 1,
            "maxLength": self.longest,
            "pattern": pattern,
            "example": "politie",
        }


@dataclass(frozen=True, kw_only=True)
class Number(Parameter):
    """Integer within bounds."""

    low: int = 1
    high: int = 999_999_999
    default: int | None = None

    def read(self, text: str) -> int:
        """Return the number."""
        if not DIGITS.fullmatch(text) or not self.low <= int(text) <= self.high:
            bounds = {"low": self.low, "high": self.high}
            raise BadValue(_("This is not a whole number from %(low)s to %(high)s.") % bounds)
        return int(text)

    def schema(self) -> dict[str, Any]:
        """Return the OpenAPI schema of the value."""
        schema: dict[str, Any] = {"type": "integer", "minimum": self.low, "maximum": self.high}
        return schema if self.default is None else {**schema, "default": self.default}


@dataclass(frozen=True, kw_only=True)
class Code(Parameter):
    """Code of a fixed list."""

    choices: type[Choices]
    repeatable: bool = True

    def read(self, text: str) -> str:
        """Return the code."""
        if text not in self.choices.values:
            raise BadValue(
                _("Unknown code. Known are: %(codes)s.") % {"codes": ", ".join(self.choices.values)}
            )
        return text

    def schema(self) -> dict[str, Any]:
        """Return the OpenAPI schema of the value."""
        return {"type": "string", "enum": list(self.choices.values)}


@dataclass(frozen=True, kw_only=True)
class PostalCode(Parameter):
    """Belgian postcode, also accepted as B-1000 or BE-1000."""

    repeatable: bool = True

    def read(self, text: str) -> str:
        """Return the postcode."""
        found = POSTAL_CODE.fullmatch(text)
        if not found:
            raise BadValue(_("A Belgian postcode has four digits."))
        return found[1]

    def schema(self) -> dict[str, Any]:
        """Return the OpenAPI schema of the value."""
        return {"type": "string", "pattern": f"^{POSTAL_CODE.pattern}$", "example": "1000"}


@dataclass(frozen=True, kw_only=True)
class Day(Parameter):
    """Calendar day. `near` limits it to the years for which opening hours are computed."""

    near: bool = False

    def read(self, text: str) -> datetime.date:
        """Return the day."""
        try:
            day = datetime.date.fromisoformat(text) if DAY.fullmatch(text) else None
        except ValueError:
            day = None
        if day is None:
            raise BadValue(_("This is not a day. Write it as YYYY-MM-DD, for example 2021-09-01."))
        if self.near and not FIRST_DAY <= day <= LAST_DAY:
            raise BadValue(_("Give a year from 2000 to 2099."))
        return day

    def schema(self) -> dict[str, Any]:
        """Return the OpenAPI schema of the value."""
        return {"type": "string", "format": "date", "example": "2021-09-01"}


@dataclass(frozen=True, kw_only=True)
class Moment(Parameter):
    """Date and time; without an offset, it is in the time zone of Brussels."""

    def read(self, text: str) -> datetime.datetime:
        """Return the moment with its offset."""
        # A plus sign that was not encoded arrives as a space.
        text = re.sub(r" (?=\d{2}:?\d{2}$)", "+", text)
        try:
            moment = datetime.datetime.fromisoformat(text.upper()) if MOMENT.fullmatch(text) else None
        except ValueError:
            moment = None
        if moment is None:
            raise BadValue(
                _("This is not a moment. Write it as 2026-03-02T14:30, with an offset if you like.")
            )
        if not FIRST_DAY < moment.date() < LAST_DAY:
            raise BadValue(_("Give a year from 2000 to 2099."))
        return moment if timezone.is_aware(moment) else timezone.make_aware(moment)

    def schema(self) -> dict[str, Any]:
        """Return the OpenAPI schema of the value."""
        return {"type": "string", "format": "date-time", "example": "2026-03-02T14:30:00+01:00"}


@dataclass(frozen=True, kw_only=True)
class Reference(Parameter):
    """Slug of an existing object; `known` returns the objects that may be referenced."""

    known: Callable[[], QuerySet]
    repeatable: bool = True

    def read(self, text: str) -> str:
        """Return the slug; existence is checked for all parameters together."""
        if not SLUG.fullmatch(text):
            raise BadValue(self.refusal())
        return text

    def refusal(self) -> str:
        """Return the error for an unknown slug."""
        return _("Nothing has this slug.")

    def find(self, slugs: Iterable[str]) -> QuerySet:
        """Return pairs of the parameter's name and each existing slug."""
        rows = self.known().filter(slug__in=list(slugs)).order_by().annotate(parameter=Value(self.name))
        return rows.values_list("parameter", "slug")

    def schema(self) -> dict[str, Any]:
        """Return the OpenAPI schema of the value."""
        return {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$", "maxLength": 120}


@dataclass(frozen=True, kw_only=True)
class OneOf(Parameter):
    """Name out of a fixed set."""

    known: tuple[str, ...]

    def read(self, text: str) -> str:
        """Return the name."""
        if text not in self.known:
            raise BadValue(_("Unknown name. Known are: %(names)s.") % {"names": ", ".join(self.known)})
        return text

    def schema(self) -> dict[str, Any]:
        """Return the OpenAPI schema of the value."""
        return {"type": "string", "enum": list(self.known)}


@dataclass(frozen=True, kw_only=True)
class Names(Parameter):
    """Names out of a fixed set, separated by commas or repeated; `signed` permits a minus as prefix."""

    known: tuple[str, ...]
    signed: bool = False
    repeatable: bool = True

    def read(self, text: str) -> list[str]:
        """Return the names in the given order."""
        names = text.split(",")
        unknown = [
            name for name in names if (name.removeprefix("-") if self.signed else name) not in self.known
        ]
        if unknown:
            raise BadValue(_("Unknown name. Known are: %(names)s.") % {"names": ", ".join(self.known)})
        return names

    def together(self, values: list[list[str]]) -> list[str]:
        """Return all names without duplicates."""
        return list(dict.fromkeys(name for names in values for name in names))

    def schema(self) -> dict[str, Any]:
        """Return the OpenAPI schema of the value."""
        known = [*self.known, *(f"-{name}" for name in self.known)] if self.signed else list(self.known)
        return {
            "type": "array",
            "items": {"type": "string", "enum": known},
            "minItems": 1,
            "maxItems": MAX_VALUES,
        }


def read_query(parameters: Iterable[Parameter], query: QueryDict) -> dict[str, Any]:
    """Return the values of a query by parameter name; lists for repeatable parameters, without absent parameters.

    At most one database query, however many references there are. Raises BadRequest with all issues.
    """
    known = {parameter.name: parameter for parameter in parameters}
    values: dict[str, Any] = {}
    issues = [
        issue(name, value, _unknown(known), kind=UNKNOWN)
        for name in query
        if name not in known
        for value in query.getlist(name)
    ]
    for parameter in known.values():
        texts = query.getlist(parameter.name)
        if parameter.required and not texts:
            issues.append(issue(parameter.name, None, _("This parameter is required."), kind=INVALID))
        if len(texts) > 1 and not parameter.repeatable:
            issues.append(issue(parameter.name, texts[1], _("Give this parameter only once."), kind=INVALID))
        elif len(texts) > MAX_VALUES:
            most = _("Give this parameter at most %(number)s times.") % {"number": MAX_VALUES}
            issues.append(issue(parameter.name, texts[MAX_VALUES], most, kind=INVALID))
        elif texts:
            _read_values(parameter, texts, values, issues)
    issues += _unknown_references(known, values)
    if issues:
        raise BadRequest(issues)
    return values


def _unknown(known: Mapping[str, Parameter]) -> str:
    return _("Unknown parameter. Known are: %(names)s.") % {"names": ", ".join(known) or "–"}


def _read_values(parameter: Parameter, texts: list[str], values: dict[str, Any], issues: list[Issue]) -> None:
    """Add the parsed values to `values`, or their errors to `issues`."""
    found = []
    for text in texts:
        try:
            found.append(parameter.read(text))
        except BadValue as error:
            issues.append(issue(parameter.name, text, str(error), kind=INVALID))
    if found:
        values[parameter.name] = parameter.together(found)


def _unknown_references(known: Mapping[str, Parameter], values: Mapping[str, Any]) -> list[Issue]:
    """Return an issue for each slug of no object; one query for all parameters."""
    wanted = {
        parameter: values[name] if parameter.repeatable else [values[name]]
        for name, parameter in known.items()
        if isinstance(parameter, Reference) and name in values
    }
    if not wanted:
        return []
    first, *others = [parameter.find(slugs) for parameter, slugs in wanted.items()]
    found = set(first.union(*others, all=True) if others else first)
    return [
        issue(parameter.name, slug, parameter.refusal(), kind=NOT_FOUND)
        for parameter, slugs in wanted.items()
        for slug in slugs
        if (parameter.name, slug) not in found
    ]
