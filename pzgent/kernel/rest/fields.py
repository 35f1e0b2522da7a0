"""Fields and serializers of the API: unknown values are omitted, and every reference contains an address."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, reduce
from operator import attrgetter
from types import MethodType
from typing import Any

from django.db.models import Choices
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from pzgent.kernel.editions import DatePrecision
from pzgent.kernel.links import permanent_html
from pzgent.kernel.publishing import FactBasis
from pzgent.kernel.rich_text import to_text
from pzgent.kernel.translations import Text

ABSENT: tuple[Any, ...] = (None, "", [], {})


@dataclass(frozen=True)
class UrlBuilder:
    """Builder of absolute URLs of the site."""

    site: str
    api: str

    def href(self, collection: str, key: object) -> str:
        """Return the address of an object in the API."""
        return f"{self.api}/{collection}/{key}"

    def page(self, path: str) -> str:
        """Return the address of a web page."""
        return f"{self.site}{path}"


class OmitEmptySerializer(serializers.Serializer):
    """Serializer that omits absent values instead of returning null."""

    @cached_property
    def _parts(self) -> list[tuple[str, Callable[[Any], Any], Callable[[Any], Any]]]:
        """Return (name, getter, formatter) of each field."""
        fields = self.fields.items()
        return [(str(name), getter_of(field), field.to_representation) for name, field in fields]

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Return the fields that have a value, by name."""
        shown: dict[str, Any] = {}
        for name, get, show in self._parts:
            value = get(instance)
            if value is None or value == "":
                continue
            value = show(value)
            if value not in ABSENT:
                shown[name] = value
        return shown


def getter_of(field: serializers.Field) -> Callable[[Any], Any]:
    """Return a function that gets the value of the field from an object, without the checks of the framework."""
    if type(field).get_attribute is not serializers.Field.get_attribute:
        return field.get_attribute
    path = field.source_attrs
    if not path:
        return lambda instance: instance
    return reduce(_then, (_step(name) for name in path))


def _step(name: str) -> Callable[[Any], Any]:
    """Return an attribute, a key or the result of a method; None without an object or a key."""

    def get(instance: Any) -> Any:
        if instance is None or isinstance(instance, Mapping):
            return instance.get(name) if instance else None
        value = getattr(instance, name)
        return value() if isinstance(value, MethodType) else value

    return get


def _then(first: Callable[[Any], Any], second: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda instance: second(first(instance))


def show_all(
    serializer: type[OmitEmptySerializer], rows: Iterable[Any], context: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return the serialized rows; with a shared context, one serializer instance serves the whole answer."""
    made = context.get("serializers", {})
    if serializer not in made:
        made[serializer] = serializer(context=context)
    return [made[serializer].to_representation(row) for row in rows]


@extend_schema_field(OpenApiTypes.NUMBER)
class NumberField(serializers.Field):
    """Decimal as a JSON number; whole numbers have no decimals."""

    def to_representation(self, value: Decimal | int | float) -> int | float:
        """Return an int or a float."""
        return int(value) if value == int(value) else float(value)


class CodeField(serializers.CharField):
    """Code from a fixed list that the schema describes once."""

    def __init__(self, choices: type[Choices], **options: Any) -> None:
        super().__init__(**options)
        self.choices_class = choices


class TranslatedField(serializers.CharField):
    """Editorial text in the language of the answer, or in Dutch if it is not translated."""

    def __init__(self, source: str, **options: Any) -> None:
        super().__init__(source=f"translated.{source}", **options)

    def to_representation(self, value: Any) -> Text:
        """Return the text; it keeps its language, which linked data needs."""
        return value if isinstance(value, Text) else Text(value)


class PlainTextField(serializers.CharField):
    """A text of the editors without its formatting."""

    def to_representation(self, value: Any) -> str:
        """The text."""
        return to_text(value)


class TranslatedPlainTextField(TranslatedField):
    """A text of the editors without its formatting, in the language of the answer."""

    def to_representation(self, value: Any) -> Text:
        """The text; it still knows its language."""
        shown = super().to_representation(value)
        return Text(to_text(shown), shown.language)


class HtmlField(serializers.CharField):
    """A text of the editors with its formatting; its links are absolute and lead to permanent addresses."""

    def to_representation(self, value: Any) -> str:
        """The HTML."""
        return permanent_html(value, self.context["links"].site)


class LabelField(serializers.CharField):
    """Label of a code in the language of the answer."""

    def __init__(self, choices: type[Choices], **options: Any) -> None:
        super().__init__(**options)
        self.labels = dict(choices.choices)

    def to_representation(self, value: Any) -> str:
        """Return the label."""
        return str(self.labels.get(value, ""))


@extend_schema_field(OpenApiTypes.URI)
class HrefField(serializers.Field):
    """Address of the object in the API."""

    def __init__(self, collection: str, key: str = "slug", **options: Any) -> None:
        super().__init__(**{"source": "*", **options})
        self.collection, self.key = collection, key

    def to_representation(self, value: Any) -> str:
        """Return an absolute URL."""
        return self.context["links"].href(self.collection, getattr(value, self.key))


@extend_schema_field(OpenApiTypes.URI)
class HtmlUrlField(serializers.Field):
    """Address of the web page of the object."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"source": "*", **options})

    def to_representation(self, value: Any) -> str:
        """Return an absolute URL."""
        return self.context["links"].page(value.get_absolute_url())


BASIS_HELP = "What kind of fact it is: whether the source says it, or this site added it."
NOTE_HELP = "What to know beside the source: where it contradicts itself, or what this site added."
LAST_FIELDS = ("modified", "source", "basis", "basisLabel", "sourceNote", "changeNumber")


class SourceSerializer(serializers.Serializer):
    """Source of a fact."""

    document = serializers.CharField(help_text="Slug of the document.", required=False)
    title = serializers.CharField(required=False)
    href = serializers.URLField(required=False)
    place = serializers.CharField(help_text="Chapter, table, figure or page.", required=False)
    verifiedOn = serializers.DateField(required=False)


@extend_schema_field(SourceSerializer)
class SourceField(serializers.Field):
    """Source of a fact: `{document, title, href, place, verifiedOn}`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"source": "*", "required": False, **options})

    def to_representation(self, value: Any) -> dict[str, Any]:
        """Return the known parts of the source."""
        known = {"place": value.source_place, "verifiedOn": value.verified_on}
        if value.source is not None and value.source.is_published:
            href = self.context["links"].href("documents", value.source.slug)
            known = {"document": value.source.slug, "title": value.source.title, "href": href, **known}
        return {name: part for name, part in known.items() if part}


class ReferenceSerializer(serializers.Serializer):
    """Reference to another object."""

    slug = serializers.CharField()
    name = serializers.CharField()
    href = serializers.URLField()


@extend_schema_field(ReferenceSerializer)
class ReferenceField(serializers.Field):
    """Reference to another object: `{slug, name, href}`.

    `label` is the path to the name of the object, `shown_if` the path from the referring row to the condition of
    showing the reference.
    """

    def __init__(self, collection: str, label: str = "name", shown_if: str = "", **options: Any) -> None:
        super().__init__(**{"required": False, **options})
        self.collection, self.title, self.shown_if = collection, label, shown_if

    def get_attribute(self, instance: Any) -> Any:
        """Return the other object, or None if it is not public."""
        value = super().get_attribute(instance)
        if value is None or (self.shown_if and not attrgetter(self.shown_if)(instance)):
            return None
        return value

    def to_representation(self, value: Any) -> dict[str, str]:
        """Return the reference."""
        href = self.context["links"].href(self.collection, value.slug)
        return {"slug": value.slug, "name": attrgetter(self.title)(value), "href": href}


class DecisionSerializer(serializers.Serializer):
    """Who took a decision, and who ratified it."""

    by = serializers.CharField(required=False)
    on = serializers.DateField(required=False)
    ratifiedBy = serializers.CharField(required=False)
    ratifiedOn = serializers.DateField(required=False)


@extend_schema_field(DecisionSerializer)
class DecisionField(serializers.Field):
    """Decision behind an edition: `{by, on, ratifiedBy, ratifiedOn}`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"source": "*", "required": False, **options})

    def to_representation(self, value: Any) -> dict[str, Any]:
        """Return the known parts of the decision."""
        parts = {"by": value.decided_by, "on": value.decided_on}
        parts |= {"ratifiedBy": value.ratified_by, "ratifiedOn": value.ratified_on}
        return {name: part for name, part in parts.items() if part}


class PeriodEndedField(serializers.BooleanField):
    """Whether the period of an edition has ended; absent if the source gives no last day."""

    def __init__(self, **options: Any) -> None:
        text = (
            "Whether `validUntil` is before today. It may be in force still: no newer edition is published."
        )
        super().__init__(**{"required": False, "help_text": text, "source": "*", **options})

    def to_representation(self, value: Any) -> Any:
        """Return a boolean, or None without a last day."""
        return value.has_ended() if value.valid_until else None


class ChangeNumberField(serializers.IntegerField):
    """Number of the last change of an object in the change feed; only on rows that were fetched with it."""

    def __init__(self, **options: Any) -> None:
        text = "The number under which the change feed last told of it; it only rises. See /changes."
        super().__init__(**{"required": False, "help_text": text, "source": "*", **options})

    def to_representation(self, value: Any) -> Any:
        """Return the number, or None."""
        return getattr(value, "change_number", None)


class ItemSerializer(OmitEmptySerializer):
    """Base of all serializers of objects. Subclasses add `href = HrefField(<collection>)`."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    modified = serializers.DateTimeField()
    changeNumber = ChangeNumberField()

    def get_fields(self) -> dict[Any, serializers.Field]:
        """Return the fields in reading order: identity first, source last."""
        fields: dict[Any, serializers.Field] = dict(super().get_fields())
        first = {name: fields.pop(name) for name in ("id", "slug", "href", "htmlUrl") if name in fields}
        last = {name: fields.pop(name) for name in LAST_FIELDS if name in fields}
        return {**first, **fields, **last}


class StatedSerializer(OmitEmptySerializer):
    """Base for objects with a source and a kind of fact."""

    source = SourceField()  # type: ignore[assignment]  # a field named like an attribute of fields
    basis = CodeField(FactBasis, help_text=BASIS_HELP)
    basisLabel = LabelField(FactBasis, source="basis")
    sourceNote = serializers.CharField(source="public_note", required=False, help_text=NOTE_HELP)

    def get_fields(self) -> dict[Any, serializers.Field]:
        """Return the fields in reading order: source last."""
        fields: dict[Any, serializers.Field] = dict(super().get_fields())
        last = {name: fields.pop(name) for name in LAST_FIELDS if name in fields}
        return {**fields, **last}


class SourcedSerializer(StatedSerializer, ItemSerializer):
    """Base for objects with a web page and a source."""

    htmlUrl = HtmlUrlField(help_text="The page for people.")


class EditionSerializer(SourcedSerializer):
    """Dated edition, with its decision."""

    title = serializers.CharField()
    validFrom = serializers.DateField(source="valid_from")
    validFromPrecision = CodeField(DatePrecision, source="valid_from_precision")
    validUntil = serializers.DateField(source="valid_until", required=False)
    periodEnded = PeriodEndedField()
    decision = DecisionField()


def as_precise_as_known(day: datetime.date | None, precision: str) -> str | None:
    """Return a date at its known precision: `2021`, `2021-04` or `2021-04-26`."""
    if day is None:
        return None
    length = {DatePrecision.YEAR: 4, DatePrecision.MONTH: 7}.get(DatePrecision(precision), 10)
    return day.isoformat()[:length]
