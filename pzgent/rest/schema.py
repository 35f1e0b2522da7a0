"""The description of the API in OpenAPI terms, read off the resources themselves."""

from __future__ import annotations

from functools import cache
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from pzgent.problems import PROBLEM_TYPE
from pzgent.rest.fields import CodeField, ReferenceSerializer
from pzgent.rest.parameters import Parameter


class IssueSerializer(serializers.Serializer):
    """One fault in a request."""

    type = serializers.CharField(
        required=False, help_text="The sort of fault, as a URN; absent for a part of the path."
    )
    name = serializers.CharField(help_text="The parameter.")
    value = serializers.CharField(required=False, help_text="What was sent.")
    detail = serializers.CharField(help_text="What is wrong with it.")

    def get_fields(self) -> dict[str, serializers.Field]:
        """The fields; `in` is a word of the language and cannot be declared like the others."""
        place = serializers.CharField(help_text="Where in the request it is: query or path.")
        return {"in": place, **super().get_fields()}


class ProblemSerializer(serializers.Serializer):
    """An error, as in RFC 9457 and the Belgian REST guide."""

    type = serializers.CharField(
        help_text="The sort of problem, as a URN, or about:blank: what the status says."
    )
    href = serializers.URLField(required=False, help_text="What is written about this sort of problem.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(required=False)
    issues = IssueSerializer(many=True, required=False)
    successors = ReferenceSerializer(
        many=True, required=False, help_text="With 410: what took the place of what was here."
    )
    limit = serializers.IntegerField(required=False, help_text="With 429: the number of requests a minute.")
    retryAfterSec = serializers.IntegerField(required=False, help_text="With 429: the seconds to wait.")


ERRORS = {
    400: "Something in the query is wrong; every fault is listed. Or the answer would be too large.",
    404: "Nothing has this address.",
    405: "The API can only be read.",
    406: "The Accept header asks for a format that is not offered.",
    410: "What was here is no longer published; its successors are named.",
    414: "The address is too long.",
    415: "The request has content of another kind than JSON. A question needs no content.",
    429: "Too many requests in this minute; Retry-After says how many seconds to wait.",
    500: "A fault of ours.",
    503: "The database does not answer; Retry-After says how many seconds to wait.",
}


class EmbeddedField(serializers.DictField):
    """What was asked for with `embed`: objects as their own collection shows them, by their address."""

    def __init__(self) -> None:
        told = "With embed: the objects named, in full, by their address."
        super().__init__(child=serializers.DictField(), required=False, help_text=told)


@cache
def embedding(item: type[serializers.Serializer]) -> type[serializers.Serializer]:
    """The serializer of such an item with what is embedded."""
    name = item.__name__.removesuffix("Serializer")
    fields: dict[str, Any] = {"__doc__": item.__doc__, "embedded": EmbeddedField()}
    return type(f"{name}AnswerSerializer", (item,), fields)


@cache
def page_of(item: type[serializers.Serializer], embeds: bool = False) -> type[serializers.Serializer]:
    """The serializer of a page of such items, with what is embedded when something can be."""
    name = item.__name__.removesuffix("Serializer")
    fields: dict[str, Any] = {
        "__doc__": f"A page of {name} objects.",
        "self": serializers.URLField(help_text="The address of this page."),
        "items": item(many=True),
        "total": serializers.IntegerField(help_text="How many there are on all pages."),
        "page": serializers.IntegerField(),
        "pageSize": serializers.IntegerField(),
        "next": serializers.URLField(required=False),
        "prev": serializers.URLField(required=False),
        **({"embedded": EmbeddedField()} if embeds else {}),
    }
    return type(f"{name}PageSerializer", (serializers.Serializer,), fields)


class ResourceSchema(AutoSchema):
    """Describes a resource from its own parameters, serializer and summary, with every error it can give."""

    view: Any  # a Resource, which this module cannot import

    def get_operation_id(self) -> str:
        """The name of the view, which is unique: `unitCollection`."""
        name = type(self.view).__name__
        return name[0].lower() + name[1:]

    def get_summary(self) -> str:
        """One line on what the resource answers."""
        return self.view.summary

    def get_description(self) -> str:  # type: ignore[override]  # the parent's own signature
        """The docstring of the resource."""
        return (type(self.view).__doc__ or "").strip()

    def get_tags(self) -> list[str]:
        """The heading under which the documentation lists the resource."""
        return [self.view.tag]

    def get_auth(self) -> list[dict[str, Any]]:
        """Nobody needs a key."""
        return []

    def get_request_serializer(self) -> None:
        """No request has a body."""

    def get_override_parameters(self) -> list[Any]:
        """The parameters of the query."""
        return [_described(parameter) for parameter in self.view.all_parameters()]

    def get_response_serializers(self) -> Any:
        """The answer, and one shape for all errors."""
        responses: dict[Any, Any] = {(200, "application/json"): self.view.answer_serializer()}
        for renderer in self.view.get_renderers():
            if renderer.media_type != "application/json":
                described = OpenApiResponse(OpenApiTypes.OBJECT, "The same as linked data.")
                responses[200, renderer.media_type] = described
        for status, description in {**ERRORS, **self.view.more_errors}.items():
            problem = OpenApiResponse(response=ProblemSerializer, description=description)
            responses[status, PROBLEM_TYPE] = problem
        return responses

    def _is_list_view(self, serializer: Any = None) -> bool:
        """Lists are described as pages."""
        return False

    def _map_serializer_field(self, field: Any, direction: Any, bypass_extensions: bool = False) -> Any:
        """A code refers to its list, which is described once.

        Everything is read only, so nothing is marked so: what is marked would count as always there.
        """
        if not isinstance(field, CodeField):
            schema = super()._map_serializer_field(field, direction, bypass_extensions)
            return {name: part for name, part in schema.items() if name != "readOnly"}
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
    """A parameter in OpenAPI terms; a repeatable one is given once per value."""
    schema = parameter.schema()
    listed = schema.get("type") == "array"
    if parameter.repeatable and not listed:
        schema = {"type": "array", "items": schema}
    return OpenApiParameter(
        name=parameter.name,
        type=schema,
        location=OpenApiParameter.QUERY,
        description=parameter.description,
        required=parameter.required,
        style="form",
        explode=not listed,
    )
