"""OpenAPI description of the API, derived from its resources."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NamedTuple

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from pzgent.kernel.problems import PROBLEM_TYPE
from pzgent.kernel.rest.fields import CodeField, ReferenceSerializer
from pzgent.kernel.rest.parameters import MAX_VALUES, Parameter

CLOCK = "^([01][0-9]|2[0-3]):[0-5][0-9]$"


class IssueSerializer(serializers.Serializer):
    """One error of a request."""

    type = serializers.CharField(
        required=False, help_text="The sort of fault, as a URN; absent for a part of the path."
    )
    name = serializers.CharField(help_text="The parameter.")
    value = serializers.CharField(required=False, help_text="What was sent.")
    detail = serializers.CharField(help_text="What is wrong with it.")

    def get_fields(self) -> dict[str, serializers.Field]:
        """Return the fields; `in` is a Python keyword and cannot be declared as an attribute."""
        place = serializers.CharField(help_text="Where in the request it is: query or path.")
        return {"in": place, **super().get_fields()}


class ProblemSerializer(serializers.Serializer):
    """Error as in RFC 9457; the same structure for every status."""

    type = serializers.CharField(
        help_text="What sort of problem it is; about:blank when the status says it all."
    )
    href = serializers.URLField(required=False, help_text="Where the sort of problem is explained.")
    title = serializers.CharField(help_text="The sort of problem, in English.")
    status = serializers.IntegerField(help_text="The status of the answer.")
    detail = serializers.CharField(help_text="What went wrong, in the language of the answer.")
    instance = serializers.CharField(
        help_text="This occurrence, as a URN with the BelGov-Trace-Id of the answer; name it with a report."
    )
    issues = IssueSerializer(many=True, required=False, help_text="Every fault in the request.")
    successors = ReferenceSerializer(
        many=True, required=False, help_text="With 410: what took the place of what was here."
    )
    limit = serializers.IntegerField(required=False, help_text="With 429: the number of requests a minute.")
    retryAfterSec = serializers.IntegerField(required=False, help_text="With 429: the seconds to wait.")


class Told(NamedTuple):
    """Response without data: its component name, its meaning, and its own headers."""

    name: str
    description: str
    headers: tuple[str, ...] = ()


# Every answer beside 200. All from 400 on are problem documents.
OTHERS: dict[int, Told] = {
    301: Told("Moved", "It has another address now, for good.", ("Location",)),
    304: Told("NotModified", "Nothing changed since the answer with this ETag.", ("ETag",)),
    400: Told(
        "BadRequest",
        "Something in the query is wrong; every fault is listed. Or the answer would be too large.",
    ),
    404: Told("NotFound", "Nothing has this address, or nothing was there on that day."),
    405: Told("MethodNotAllowed", "The API can only be read.", ("Allow",)),
    406: Told("NotAcceptable", "The Accept header asks for a format that is not offered."),
    410: Told("Gone", "What was here is no longer published; its successors are named."),
    413: Told("ContentTooLarge", "The request has content. A question has none."),
    414: Told("AddressTooLong", "The address is too long."),
    429: Told(
        "TooManyRequests",
        "Too many requests in this minute; Retry-After says how many seconds to wait.",
        ("Retry-After",),
    ),
    500: Told("ServerError", "Something went wrong with us."),
    503: Told(
        "Unavailable",
        "The database does not answer; Retry-After says how many seconds to wait.",
        ("Retry-After",),
    ),
}
# An answer that no operation names is a problem document too.
ANY_OTHER = "OtherProblem"
# Answers that only some addresses give: what is not kept by caches has no 304.
OF_CACHED = (304,)


class Header(NamedTuple):
    """Response header."""

    description: str
    example: str | int
    always: bool = False


HEADERS: dict[str, Header] = {
    "Allow": Header("The methods that are there.", "GET, HEAD, OPTIONS", always=True),
    "API-Version": Header("The version of the API.", "1.0.0", always=True),
    "Cache-Control": Header("How long it may be kept.", "public, max-age=60", always=True),
    "Content-Language": Header("The language of the labels and messages.", "nl"),
    "ETag": Header(
        "The state of the answer; send it back in If-None-Match.", '"5d41402abc4b2a76b9719d911017c592"'
    ),
    "Last-Modified": Header("When what is shown last changed.", "Tue, 24 Nov 2026 09:30:00 GMT"),
    "Location": Header("The new address.", "/api/v1/units/wijkdienst", always=True),
    "RateLimit": Header(
        "How many requests are left, and in how many seconds they are all back.", '"default";r=590;t=42'
    ),
    "RateLimit-Policy": Header(
        "How many requests a client may make in how many seconds.", '"default";q=600;w=60'
    ),
    "Retry-After": Header("After how many seconds to ask again.", 30),
}
OF_ALL = ("API-Version", "Cache-Control", "Content-Language", "RateLimit", "RateLimit-Policy")
OF_DATA = ("ETag", "Last-Modified")
# What stands in a path. The keys are the names between braces.
PATH_PARAMETERS = {
    "slug": "The object's own name in addresses; it never changes.",
    "id": "The id of the object.",
}


def refer(kind: str, name: str) -> dict[str, str]:
    """Return a reference to a component."""
    return {"$ref": f"#/components/{kind}/{name.replace('-', '')}"}


def with_headers(names: tuple[str, ...]) -> dict[str, Any]:
    """Return references to headers, by name."""
    return {name: refer("headers", name) for name in names}


def shared_components() -> dict[str, Any]:
    """Return the headers and the responses without data that operations refer to."""
    headers = {
        name.replace("-", ""): {
            "description": header.description,
            "required": header.always,
            "schema": {"type": "integer" if isinstance(header.example, int) else "string"},
            "example": header.example,
        }
        for name, header in HEADERS.items()
    }
    responses: dict[str, Any] = {}
    for status, told in OTHERS.items():
        known = {"description": told.description, "headers": with_headers((*OF_ALL, *told.headers))}
        content = {PROBLEM_TYPE: {"schema": refer("schemas", "Problem")}}
        responses[told.name] = known | ({"content": content} if status >= 400 else {})
    responses[ANY_OTHER] = {
        "description": "Any other error.",
        "headers": with_headers(OF_ALL),
        "content": content,
    }
    return {"headers": headers, "responses": responses}


class EmbeddedField(serializers.DictField):
    """Objects requested with `embed`, as in their own collection, by address."""

    def __init__(self) -> None:
        told = "With embed: the objects named, in full, by their address."
        super().__init__(child=serializers.DictField(), required=False, help_text=told)


def component_name(serializer: type[serializers.Serializer]) -> str:
    """Return the component name of a serializer, as drf-spectacular forms it."""
    return serializer.__name__.removesuffix("Serializer")


@cache
def embedding(item: type[serializers.Serializer]) -> type[serializers.Serializer]:
    """Return the serializer of an item with embedded objects."""
    name = component_name(item)
    fields: dict[str, Any] = {"__doc__": item.__doc__, "embedded": EmbeddedField()}
    return type(f"{name}AnswerSerializer", (item,), fields)


@cache
def page_of(item: type[serializers.Serializer], embeds: bool = False) -> type[serializers.Serializer]:
    """Return the serializer of a page of items, with embedded objects where supported."""
    name = component_name(item)
    fields: dict[str, Any] = {
        "__doc__": f"A page of {name} objects.",
        "self": serializers.URLField(help_text="The address of this page."),
        "items": item(many=True, help_text="The objects on this page."),
        "total": serializers.IntegerField(help_text="How many there are on all pages."),
        "page": serializers.IntegerField(help_text="The number of this page, from 1."),
        "pageSize": serializers.IntegerField(help_text="How many items a page has at most."),
        "next": serializers.URLField(required=False, help_text="The next page; absent on the last one."),
        "prev": serializers.URLField(required=False, help_text="The page before; absent on the first one."),
        **({"embedded": EmbeddedField()} if embeds else {}),
    }
    return type(f"{name}PageSerializer", (serializers.Serializer,), fields)


class ResourceSchema(AutoSchema):
    """Description of a resource, from its parameters, serializer and summary, with every error it may return."""

    view: Any  # a Resource, which this module cannot import

    def get_operation_id(self) -> str:
        """Return the method name in generated clients: `listUnits`, `getUnit`."""
        return self.view.operation_at(self.path)

    def get_summary(self) -> str:
        """Return a one-line summary of the resource."""
        return self.view.summary

    def get_description(self) -> str:  # type: ignore[override]  # the parent's own signature
        """Return the description of the resource, or else its docstring."""
        return (self.view.description or type(self.view).__doc__ or "").strip()

    def get_tags(self) -> list[str]:
        """Return the heading of the resource in the documentation."""
        return [self.view.tag]

    def get_auth(self) -> list[dict[str, Any]]:
        """Return no authentication: no key is needed."""
        return []

    def get_request_serializer(self) -> None:
        """Return None: no request has a body."""

    def get_override_parameters(self) -> list[Any]:
        """Return the query parameters."""
        return [_described(parameter) for parameter in self.view.all_parameters()]

    def get_response_serializers(self) -> Any:
        """Return the serializer of the answer, per media type."""
        responses: dict[Any, Any] = {(200, "application/json"): self.view.answer_serializer()}
        for renderer in self.view.get_renderers():
            if renderer.media_type != "application/json":
                described = OpenApiResponse(OpenApiTypes.OBJECT, "The same as linked data.")
                responses[200, renderer.media_type] = described
        return responses

    def get_operation(self, *place: Any) -> dict[str, Any] | None:
        """Return the operation with its headers, its links and all other responses."""
        operation = super().get_operation(*place)
        if operation is None:
            return None
        self.resolve_serializer(ProblemSerializer, "response")
        answer = operation["responses"]["200"]
        answer["description"] = self.view.summary
        answer["headers"] = with_headers((*OF_ALL, *(OF_DATA if self.has_state() else ())))
        left_out = {
            *(() if self.has_state() else OF_CACHED),
            *(() if self.view.is_item else (301,)),
            *(() if self.view.is_item or self.view.may_be_gone else (410,)),
        }
        operation["responses"] |= {
            str(status): refer("responses", told.name)
            for status, told in OTHERS.items()
            if status not in left_out
        }
        operation["responses"]["default"] = refer("responses", ANY_OTHER)
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "path":
                parameter["description"] = {**PATH_PARAMETERS, **self.view.path_help}[parameter["name"]]
                if known := self.view.path_values.get(parameter["name"]):
                    parameter["schema"] = {"type": "string", "enum": list(known)}
        return operation

    def has_state(self) -> bool:
        """Return whether the answer has an ETag, for conditional requests."""
        return "no-store" not in self.view.cache_control

    def _is_list_view(self, serializer: Any = None) -> bool:
        """Return False: lists are described as pages."""
        return False

    def _map_serializer_field(self, field: Any, direction: Any, bypass_extensions: bool = False) -> Any:
        """Return the schema of a field; codes refer to their list, which is described once.

        Nothing is marked as read only, although everything is: marked fields would count as always present. Nothing is
        nullable either: unknown values are absent.
        """
        if isinstance(field, serializers.TimeField) and field.format == "%H:%M":
            return {"type": "string", "pattern": CLOCK, "example": "08:30"}
        if not isinstance(field, CodeField):
            schema = super()._map_serializer_field(field, direction, bypass_extensions)
            return {name: part for name, part in schema.items() if name not in ("readOnly", "nullable")}
        choices = field.choices_class
        component = ResolvedComponent(
            name=choices.__name__,
            type=ResolvedComponent.SCHEMA,
            schema={
                "type": "string",
                "enum": list(choices.values),
                "description": (choices.__doc__ or "").strip(),
            },
            object=choices,
        )
        self.registry.register_on_missing(component)
        return component.ref


def _described(parameter: Parameter) -> OpenApiParameter:
    """Return the OpenAPI description of a parameter; repeatable ones occur once per value."""
    schema = parameter.schema()
    if parameter.repeatable and schema.get("type") != "array":
        schema = {"type": "array", "items": schema, "maxItems": MAX_VALUES}
    return OpenApiParameter(
        name=parameter.name,
        type=schema,
        location=OpenApiParameter.QUERY,
        description=parameter.description,
        required=parameter.required,
        style="form",
        explode=True,
    )


def complete(result: dict[str, Any]) -> dict[str, Any]:
    """Return the complete description: shared components, links to items, fields optional where `select` applies."""
    result["security"] = []  # nobody needs a key
    for kind, components in shared_components().items():
        result["components"][kind] = components
    for address, methods in result["paths"].items():
        operation = methods["get"]
        if any(parameter["name"] == "select" for parameter in operation.get("parameters", ())):
            _make_optional(result["components"]["schemas"], operation)
        for key in ("slug", "id", "name"):
            if item := result["paths"].get(f"{address}/{{{key}}}"):
                add_link(operation, item["get"], {key: f"$response.body#/items/0/{key}"})
    return result


def add_link(operation: dict[str, Any], to: dict[str, Any], parameters: dict[str, str]) -> None:
    """Declare that the response of an operation contains a parameter of another one."""
    name = to["operationId"]
    link = {"operationId": name, "description": f"Leads to: {to['summary']}.", "parameters": parameters}
    operation["responses"]["200"].setdefault("links", {})[name] = link


def _make_optional(schemas: dict[str, Any], operation: dict[str, Any]) -> None:
    """Make the fields optional because of `select`, and name those that are otherwise always present."""
    shown = operation["responses"]["200"]["content"]["application/json"]["schema"]
    schema = schemas[_name_of(shown)]
    if "items" in schema["properties"]:
        schema = schemas[_name_of(schema["properties"]["items"]["items"])]
    if names := schema.pop("required", None):
        told = f"Always there, unless `select` leaves it out: {', '.join(names)}."
        schema["description"] = f"{schema.get('description', '')} {told}".strip()
        schema["x-required-without-select"] = names


def _name_of(reference: dict[str, str]) -> str:
    return re.sub(r".*/", "", reference["$ref"])
