"""Linked data: the answers of the API as JSON-LD, in established vocabularies.

W3C ORG for the organisation (https://www.w3.org/TR/vocab-org/) with the classes of the European CPOV
(https://semiceu.github.io/CPOV/), SKOS for code lists, schema.org for places and contact points, Dublin Core for
titles, dates and sources, LOCN for addresses. OSLO prescribes the same in Flanders, with a few terms of its own
(https://data.vlaanderen.be/ns/organisatie). Nodes are derived from the JSON representation, so that both always agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import orjson
from django.db.models import Choices
from django.utils import translation

from pzgent.kernel.rest import JSONRenderer
from pzgent.kernel.translations import DUTCH

LINKED_DATA = "application/ld+json"
CONTEXT = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatap": "http://data.europa.eu/r5r/",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "locn": "http://www.w3.org/ns/locn#",
    "m8g": "http://data.europa.eu/m8g/",
    "org": "http://www.w3.org/ns/org#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "organisatie": "https://data.vlaanderen.be/ns/organisatie#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
Representation = Mapping[str, Any]
Node = dict[str, Any]


class LinkedDataRenderer(JSONRenderer):
    """Renderer of JSON-LD in UTF-8; errors stay problem documents."""

    media_type = LINKED_DATA
    format = "jsonld"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return the answer as linked data of the view."""
        shown = super().render(data)
        if renderer_context is None or renderer_context["response"].status_code != 200:
            return shown
        view = renderer_context["view"]
        return super().render(linked(self._plain(data), view.linked_node, view.linked_page))

    def _plain(self, value: Any) -> Any:
        """Return the answer as plain JSON values; texts keep their language."""
        if isinstance(value, Mapping):
            return {name: self._plain(part) for name, part in value.items()}
        if isinstance(value, list | tuple):
            return [self._plain(part) for part in value]
        if value is None or isinstance(value, str | int | float):
            return value
        return orjson.loads(super().render(value))


def linked(
    shown: Representation,
    make: Callable[[Representation], Node],
    page: Callable[[Representation], Node] | None = None,
) -> Node:
    """Return an answer as a JSON-LD document: the node of one object, or a graph with the nodes of a page.

    `page` returns the node of a page that is an object itself.
    """
    if page:
        return {"@context": CONTEXT, **page(shown)}
    if "items" in shown:
        return {"@context": CONTEXT, "@graph": [make(item) for item in shown["items"]]}
    return {"@context": CONTEXT, **make(shown)}


def node(identity: str | None, kind: str | list[str], **properties: Any) -> Node:
    """Return a node with its known properties; `_` in a name becomes the colon of the prefix."""
    known = {
        name.replace("_", ":", 1): value for name, value in properties.items() if value not in (None, "", [])
    }
    return {**({"@id": identity} if identity else {}), "@type": kind, **known}


def link(shown: Representation | None, kind: str = "") -> Node | None:
    """Return a reference to another object of the API, with its class where the vocabulary requires one."""
    return address(shown["href"], kind) if shown else None


def address(text: str | None, kind: str = "") -> Node | None:
    """Return a reference by address, with its class where the vocabulary requires one."""
    return {"@id": text, **({"@type": kind} if kind else {})} if text else None


def in_dutch(text: str | None) -> Node | None:
    """Return an editorial text tagged as Dutch, or with its own language if it is a translation."""
    return {"@value": text, "@language": getattr(text, "language", DUTCH)} if text else None


def typed(text: str | None, kind: str) -> Node | None:
    """Return a value with its XML Schema type: `typed("2021-09-01", "date")`."""
    return {"@value": text, "@type": f"xsd:{kind}"} if text else None


def code(shown: Representation, field: str, code_list: str, choices: type[Choices]) -> Node | None:
    """Return a code as a concept of its code list, with its Dutch label."""
    if not shown.get(field):
        return None
    identity = f"{site_of(shown)}/api/v1/refData/{code_list}#{shown[field]}"
    return node(identity, "skos:Concept", skos_prefLabel=in_dutch(_label_of(choices, shown[field])))


@cache
def _label_of(choices: type[Choices], entry: str) -> str:
    with translation.override(DUTCH):
        return str(choices(entry).label)


def site_of(shown: Representation) -> str:
    """Return the base URL of the site, from the address of an object in its API."""
    return shown["href"].split("/api/v1/", 1)[0]


def origin(shown: Representation) -> Node:
    """Return the properties common to all objects: page, last change and source."""
    source = shown.get("source") or {}
    document = source.get("document")
    known = {
        "foaf:page": address(shown.get("htmlUrl")),
        "dct:modified": typed(shown.get("modified"), "dateTime"),
        "dct:source": address(f"{site_of(shown)}/api/v1/documents/{document}" if document else None),
        "dct:bibliographicCitation": in_dutch(source.get("place")),
    }
    return {name: value for name, value in known.items() if value}
