"""The description of the API: OpenAPI for programs, and a page for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from pzgent.kernel.languages import OWN_NAMES, PageVersion
from pzgent.kernel.problems import api_language
from pzgent.kernel.rest import JSONRenderer
from pzgent.kernel.rest.answering import ApiQuery, Resource, links_for
from pzgent.kernel.rest.schema import OTHERS, add_link, complete
from pzgent.kernel.zone import Zone, get_zone, read_file

# Answers to real questions about the content of the plan; `make examples` asks them again, and a test compares.
EXAMPLES = "pzgent/data/api_examples.json"
# The site in the examples; every site shows its own address instead.
EXAMPLE_SITE = "https://www.example.be"
PROBLEM = "application/problem+json"
# What an answer holds for a next question, beside the items of a list, which the description links by itself.
NEXT_QUESTIONS = (
    ("getChanges", "getChanges", {"after": "$response.body#/last"}),
    (
        "getChanges",
        "getHistory",
        {"collection": "$response.body#/items/0/collection", "id": "$response.body#/items/0/id"},
    ),
    ("listChannels", "listOpeningHours", {"id": "$response.body#/items/0/id"}),
    ("getChannel", "listOpeningHours", {"id": "$response.body#/id"}),
    ("listOrganograms", "getStructure", {"asOf": "$response.body#/items/0/validFrom"}),
    ("getOrganogram", "getStructure", {"asOf": "$response.body#/validFrom"}),
    ("listUnits", "listUnits", {"parent": "$response.body#/items/0/slug"}),
    ("getUnit", "listProjects", {"unit": "$response.body#/slug"}),
    ("getUnit", "listChannels", {"unit": "$response.body#/slug"}),
    ("getTopic", "listChannels", {"topic": "$response.body#/slug"}),
    ("getLocation", "listCareAreas", {"location": "$response.body#/slug"}),
    ("getPlan", "listProjects", {"plan": "$response.body#/slug"}),
    ("getObjective", "listProjects", {"objective": "$response.body#/slug"}),
)


def get_examples() -> dict[str, Any]:
    """Return the example of each operation by its name (`call`, `answer`), and one of each status under `problems`.

    They are stored with the content that they were generated from; other content has no examples until somebody
    generates them.
    """
    return _read_examples(settings.CONTENT_ROOT / EXAMPLES)


@cache
def _read_examples(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text()) if path.exists() else {"problems": {}}


def complete_description(result: dict[str, Any], **_context: Any) -> dict[str, Any]:
    """Return the description, completed with shared responses, links between operations, and examples."""
    complete(result)
    operations = {methods["get"]["operationId"]: methods["get"] for methods in result["paths"].values()}
    for start, end, parameters in NEXT_QUESTIONS:
        add_link(operations[start], operations[end], parameters)
    examples = get_examples()
    for name, operation in operations.items():
        if name in examples:
            for kind, content in operation["responses"]["200"]["content"].items():
                if answer := examples[name].get(kind):
                    content["example"] = answer
    for status, answer in examples["problems"].items():
        result["components"]["responses"][OTHERS[int(status)].name]["content"][PROBLEM]["example"] = answer
    return result


def get_description() -> dict[str, Any]:
    """Return the OpenAPI 3.0 description; the same for every request."""
    return _describe(settings.CONTENT_ROOT)


@cache
def _describe(root: Path) -> dict[str, Any]:
    """Return the description with the examples of the content in a folder."""
    return SchemaGenerator().get_schema(request=None, public=True)


def description_of(site: str) -> dict[str, Any]:
    """Return the description with the base URL of this site and the names of its zone."""
    zone = get_zone()
    licence = (zone.licence_name, zone.licence_page) if zone.licence else None
    # The examples were made with the starting content; they show what it says of the zone as it is now.
    loaded = read_file(settings.CONTENT_ROOT)
    facts = tuple(zip(_facts(loaded), _facts(zone), strict=True))
    return _description_of(settings.CONTENT_ROOT, site, zone.name, licence, facts)


def _facts(zone: Zone) -> tuple[str, ...]:
    """Return the facts of a zone that examples may contain, as JSON strings."""
    number = zone.general
    facts = (zone.name, number.value if number else "", number.display if number else "")
    return tuple(json.dumps(fact)[1:-1] for fact in facts)


@lru_cache(maxsize=4)
def _description_of(
    root: Path, site: str, zone: str, licence: tuple[str, str] | None, facts: tuple[tuple[str, str], ...]
) -> dict[str, Any]:
    text = json.dumps(_describe(root)).replace(EXAMPLE_SITE, site)
    for old, new in facts:
        text = text.replace(old, new) if old != new and old else text
    described = json.loads(text)
    described["servers"] = [{"url": site, "description": "This site."}]
    info = described["info"]
    info["title"] = f"{zone}: open API"
    info["description"] = info["description"].replace("a Belgian police zone", zone)
    info["contact"]["name"] = zone
    if licence:
        info["license"] = {"name": licence[0], "url": licence[1]}
    described["info"]["contact"]["url"] = site + described["info"]["contact"]["url"]
    described["externalDocs"]["url"] = site + described["externalDocs"]["url"]
    return described


class OpenApi(Resource):
    """The description of the API in OpenAPI 3.0.3."""

    schema = None  # type: ignore[assignment]  # it does not describe itself

    def answer(self, asked: ApiQuery, **keys: str) -> dict[str, Any]:
        """Return the description with the base URL of this site."""
        return description_of(asked.links.site)


class YAMLRenderer(JSONRenderer):
    """Renderer of the description as YAML; errors are always JSON."""

    media_type, format = "application/yaml", "yaml"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return the data as YAML in UTF-8."""
        text = super().render(data)
        is_error = renderer_context is None or renderer_context["response"].status_code != 200
        return text if is_error else _as_yaml(text)


@lru_cache(maxsize=4)
def _as_yaml(text: bytes) -> bytes:
    """Return the description as YAML. This takes half a second, and no edit of the content affects it."""
    return yaml.safe_dump(json.loads(text), allow_unicode=True, sort_keys=False).encode()


class OpenApiYaml(OpenApi):
    """The same description as YAML."""

    renderer_classes = [YAMLRenderer]


@require_safe
def documentation(request: HttpRequest) -> HttpResponse:
    """Show the documentation for people: every operation with its parameters, an example and its errors."""
    links = links_for(request)
    with translation.override(api_language(request)):
        context = {
            "parts": parts_of(links.site),
            "problems": problems_of(links.site),
            "root": links.api,
            "openapi": reverse("api:openapi"),
            "versions": _versions(),
        }
        return render(request, "pzgent/api_docs.html", context)


def _versions() -> list[PageVersion]:
    """Return the address of the page per language; it has one address outside the language prefixes."""
    current = get_language()
    return [
        PageVersion(code, OWN_NAMES[code], reverse("api:docs"), f"lang={code}", code == current)
        for code, _name in settings.LANGUAGES
    ]


def parts_of(site: str) -> list[dict[str, Any]]:
    """Return the parts of the API in order, each with its operations for the page."""
    described = description_of(site)
    parts = {tag["name"]: {**tag, "operations": []} for tag in described["tags"]}
    for address, methods in described["paths"].items():
        operation = methods["get"]
        parts[operation["tags"][0]]["operations"].append(_shown(address, operation))
    return list(parts.values())


def _shown(address: str, operation: dict[str, Any]) -> dict[str, Any]:
    """Return one operation for the page."""
    call = get_examples().get(operation["operationId"], {}).get("call", "")
    formats = operation["responses"]["200"]["content"]
    examples = [content["example"] for content in formats.values() if "example" in content]
    return {
        "name": operation["operationId"],
        "address": address,
        "summary": operation["summary"],
        "description": operation["description"],
        "parameters": [_parameter(part) for part in operation.get("parameters", [])],
        "call": call,
        "formats": list(formats),
        "example": _printed(examples[0]) if examples else "",
        "statuses": [
            int(status) for status in operation["responses"] if status.isdecimal() and status != "200"
        ],
    }


def _printed(example: Any) -> str:
    """Return an answer formatted for reading."""
    return example if isinstance(example, str) else json.dumps(example, ensure_ascii=False, indent=1)


def _parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    """Return the name, the description and the codes of a parameter."""
    schema = parameter["schema"]
    one = schema.get("items", schema)
    codes = [code for code in one.get("enum", []) if not str(code).startswith("-")]
    known = {"name": parameter["name"], "description": parameter.get("description", ""), "codes": codes}
    return known | {"required": parameter.get("required", False), "type": one.get("format") or one["type"]}


def problems_of(site: str) -> list[dict[str, Any]]:
    """Return every response other than 200: its status, its meaning, and an example of the errors."""
    answers = description_of(site)["components"]["responses"]
    shown = []
    for status, told in OTHERS.items():
        content = answers[told.name].get("content", {}).get(PROBLEM, {})
        example = _printed(content["example"]) if "example" in content else ""
        shown.append({"status": status, "description": told.description, "example": example})
    return shown
