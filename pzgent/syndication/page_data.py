"""Structured data of the pages: schema.org in JSON-LD, built with the linked data functions of the API."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from django.utils.safestring import SafeString, mark_safe

from contact.api.channels import ChannelSerializer, OwnPlaceField
from contact.api.linked import channel_node, location_node
from contact.api.places import LocationSerializer
from contact.availability import ChannelStatus, TopicStatus
from contact.holidays import NO_CALENDAR
from contact.models import Location
from organisation.api.linked import unit_node
from organisation.history import UnitHistory
from organisation.models import Document
from organisation.models.documents import DocumentKind
from pzgent.kernel.rest.fields import UrlBuilder, show_all
from pzgent.kernel.rest.linked import Node
from pzgent.kernel.validity import once_per_state
from pzgent.kernel.zone import get_zone

SCHEMA = "schema:"
# JSON escapes for the characters that could close the script element or open another one.
UNSAFE = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


class PageChannelSerializer(ChannelSerializer):
    """The fields of a channel that schema.org describes, serialized without database queries."""

    location = OwnPlaceField("locations", label="translated.name")  # type: ignore[assignment]  # makes no queries
    status = unit = alternative = fallback = openingHours = None  # type: ignore[assignment]  # removes inherited fields
    id = slug = kindLabel = display = link = urgency = audience = appointmentNeeded = None  # type: ignore[assignment]
    hoursPrinted = hoursPrintedDiffers = hoursNote = modified = changeNumber = None  # type: ignore[assignment]
    source = basis = basisLabel = sourceNote = None  # type: ignore[assignment]


def as_script(node: Node) -> SafeString:
    """Return a JSON-LD script element: a data block, never executed, so the content security policy allows it."""
    text = orjson.dumps({"@context": "https://schema.org", **node}).decode().translate(UNSAFE)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308  # escaped by UNSAFE


def in_schema_org(value: Any) -> Any:
    """Return a node of the API's linked data with its schema.org properties only, in the form for search engines."""
    if isinstance(value, list):
        return [in_schema_org(part) for part in value]
    if not isinstance(value, dict):
        return value
    if "@value" in value:
        return value["@value"]
    if set(value) == {"@id"}:
        return _whole(value["@id"])
    known: Node = {"@id": value["@id"]} if "@id" in value else {}
    kinds = value["@type"] if isinstance(value["@type"], list) else [value["@type"]]
    known["@type"] = next(kind.removeprefix(SCHEMA) for kind in kinds if kind.startswith(SCHEMA))
    if page := value.get("foaf:page"):
        known["url"] = page["@id"]
    names = (name for name in value if name.startswith(SCHEMA))
    return {**known, **{name.removeprefix(SCHEMA): in_schema_org(value[name]) for name in names}}


def _whole(address: str) -> str:
    return address.replace(SCHEMA, "https://schema.org/", 1)


def _channels(items: Iterable[ChannelStatus], links: UrlBuilder) -> list[Node]:
    listed = list(items)
    calendar = listed[0].calendar if listed else NO_CALENDAR
    context = {"links": links, "calendar": calendar, "serializers": {}}
    shown = show_all(PageChannelSerializer, [item.channel for item in listed], context)
    return [in_schema_org(channel_node(channel)) for channel in shown]


def _organisation(links: UrlBuilder) -> Node:
    shown = {
        "href": f"{links.site}/#organisation",
        "slug": "",
        "name": get_zone().name,
        "path": [get_zone().name],
        "htmlUrl": f"{links.site}/",
    }
    return in_schema_org(unit_node(shown))


def zone_with_contacts(topics: Iterable[TopicStatus], links: UrlBuilder) -> Node:
    """Return the police zone, with the first contact point of each topic."""
    first = tuple(topic.first for topic in topics if topic.first)
    return {**_organisation(links), "contactPoint": _channels_once(first, links)}


@once_per_state
def _channels_once(items: tuple[ChannelStatus, ...], links: UrlBuilder) -> list[Node]:
    return _channels(items, links)


def zone_for_topic(topic: TopicStatus, links: UrlBuilder) -> Node:
    """Return the police zone, with the contact points of one topic."""
    return {**_organisation(links), "contactPoint": _channels(topic.channels, links)}


def police_station(location: Location, channels: Iterable[ChannelStatus], links: UrlBuilder) -> Node:
    """Return a location of the police, with its own contact points."""
    [shown] = show_all(LocationSerializer, [location], {"links": links})
    points = _channels(channels, links)
    return {**in_schema_org(location_node(shown)), **({"contactPoint": points} if points else {})}


def unit_in_schema_org(history: UnitHistory, links: UrlBuilder) -> Node:
    """Return a unit, with its nearest ancestor that has a page as parent organisation."""
    unit = history.unit
    shown = {"href": links.href("units", unit.slug), "slug": unit.slug, "name": unit.name}
    page = {"htmlUrl": links.page(unit.get_absolute_url())}
    path = {} if history.standing.above else {"path": [unit.name]}
    summary = {"description": unit.summary} if unit.summary else {}
    above = [step for step in history.standing.above if step["has_page"]]
    whole = (
        {"slug": "", "href": links.href("units", above[-1]["slug"]), "name": above[-1]["name"]}
        if above
        else None
    )
    part_of = {"parentOrganization": in_schema_org(unit_node(whole))} if whole else {}
    return {**in_schema_org(unit_node({**shown, **page, **path})), **summary, **part_of}


def document_in_schema_org(document: Document, links: UrlBuilder) -> Node:
    """Return a document; a law as such, anything else as a creative work."""
    known = {
        "description": document.description,
        "temporalCoverage": document.period,
        "datePublished": document.issued_on and document.issued_on.isoformat(),
        "publisher": document.issued_by and {"@type": "Organization", "name": document.issued_by},
        "sameAs": document.url,
    }
    return {
        "@type": "Legislation" if document.kind == DocumentKind.LAW else "CreativeWork",
        "@id": links.href("documents", document.slug),
        "url": links.page(document.get_absolute_url()),
        "name": document.title,
        **{name: value for name, value in known.items() if value},
    }


def trail_data(steps: Iterable[tuple[str, str]], site: str) -> SafeString:
    """Return the breadcrumbs of a page, given as (name, address) pairs, as a BreadcrumbList."""
    items = [
        {
            "@type": "ListItem",
            "position": position,
            "name": name,
            **({"item": f"{site}{address}"} if address else {}),
        }
        for position, (name, address) in enumerate(steps, start=1)
    ]
    return as_script({"@type": "BreadcrumbList", "itemListElement": items})
