"""A call of each API operation, built from the examples in the description."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pzgent.api.docs import get_examples
from tests.make import make_consumer, make_notice


@dataclass(frozen=True)
class Call:
    """Operation with the keys and the query of its example."""

    operation: str
    tag: str
    keys: list[str]
    query: dict[str, Any]


def calls_of(description: dict[str, Any]) -> list[Call]:
    """Return a call of each operation in a description."""
    return [_call_of(path, methods["get"]) for path, methods in description["paths"].items()]


def make_what_examples_name() -> None:
    """Create the objects of the examples that the content of the plan lacks."""
    make_notice(slug="voorbeeld")
    make_consumer(slug="voorbeeld")


def _call_of(path: str, operation: dict[str, Any]) -> Call:
    example = urlsplit(get_examples()[operation["operationId"]]["call"])
    parts = zip(path.split("/"), example.path.split("/"), strict=True)
    keys = [value.removesuffix(".csv") for name, value in parts if name.startswith("{")]
    shapes = {parameter["name"]: parameter["schema"] for parameter in operation.get("parameters", ())}
    query = {name: _typed(shapes[name]["type"], value) for name, value in parse_qsl(example.query)}
    return Call(operation["operationId"], operation["tags"][0], keys, query)


def _typed(kind: str, value: str) -> Any:
    if kind == "array":
        return [value]
    return int(value) if kind == "integer" else value
