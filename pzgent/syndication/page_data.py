"""What a page tells search engines: schema.org in JSON-LD, made by the functions that make the API's linked data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from html.parser import HTMLParser
from typing import Any

import orjson
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe

from contact.api.channels import ChannelSerializer, OwnPlaceField
from contact.api.linked import channel_node, location_node
from contact.api.places import LocationSerializer
from contact.availability import ChannelStatus
from contact.holidays import NO_CALENDAR
from organisation.api.linked import unit_node
from organisation.history import UnitHistory
from pzgent.kernel.rest.answering import links_for
from pzgent.kernel.rest.fields import UrlBuilder, show_all
from pzgent.kernel.rest.linked import Node
from pzgent.kernel.validity import once_per_state
from pzgent.kernel.zone import get_zone

SCHEMA = "schema:"
# What could end the script or open another one is written as JSON writes it.
UNSAFE = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


class PageChannelSerializer(ChannelSerializer):
    """What the linked data of a channel needs, without asking the database anything."""

    location = OwnPlaceField("locations", label="translated.name")  # type: ignore[assignment]  # asks nothing more
    status = unit = alternative = fallback = openingHours = None  # type: ignore[assignment]  # how a field is taken away


def page_data(request: HttpRequest, context: Mapping[str, Any]) -> SafeString:
    """The data blocks of the page that is being shown; empty for a page without a subject of its own."""
    match = request.resolver_match
    make = MAKERS.get(match.url_name or "") if match else None
    found = make(context, links_for(request)) if make else None
    return as_script(found) if found else SafeString("")


def as_script(node: Node) -> SafeString:
    """A data block: it is never run, so the content security policy has nothing to allow."""
    text = orjson.dumps({"@context": "https://schema.org", **node}).decode().translate(UNSAFE)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308  # escaped by UNSAFE


def in_schema_org(value: Any) -> Any:
    """A node of the API's linked data with only what schema.org knows, as search engines read it."""
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
    channels = [item.channel for item in listed]
    return [
        in_schema_org(channel_node(shown))
        for shown in show_all(PageChannelSerializer, channels, {"links": links, "calendar": calendar})
    ]


def _organisation(links: UrlBuilder) -> Node:
    shown = {
        "href": f"{links.site}/#organisation",
        "slug": "",
        "name": get_zone().name,
        "path": [get_zone().name],
        "htmlUrl": f"{links.site}/",
    }
    return in_schema_org(unit_node(shown))


def _home(context: Mapping[str, Any], links: UrlBuilder) -> Node | None:
    """The police zone, with one contact point for each topic on the page."""
    first = tuple(topic.first for topic in context.get("topics", ()) if topic.first)
    return {**_organisation(links), "contactPoint": _channels_once(first, links)}


@once_per_state
def _channels_once(items: tuple[ChannelStatus, ...], links: UrlBuilder) -> list[Node]:
    return _channels(items, links)


def _topic(context: Mapping[str, Any], links: UrlBuilder) -> Node | None:
    """The police zone, with the contact points for one topic."""
    found = context.get("found")
    return {**_organisation(links), "contactPoint": _channels(found.channels, links)} if found else None


def _station(context: Mapping[str, Any], links: UrlBuilder) -> Node | None:
    """A place of the police, with its own contact points."""
    location = context.get("location")
    if location is None:
        return None
    [shown] = show_all(LocationSerializer, [location], {"links": links})
    points = _channels(context.get("channels", ()), links)
    return {**in_schema_org(location_node(shown)), **({"contactPoint": points} if points else {})}


def _unit(context: Mapping[str, Any], links: UrlBuilder) -> Node | None:
    """A unit, and the one that it is part of."""
    history: UnitHistory | None = context.get("history")
    if history is None:
        return None
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


MAKERS: Mapping[str, Callable[[Mapping[str, Any], UrlBuilder], Node | None]] = {
    "home": _home,
    "topic-detail": _topic,
    "station": _station,
    "unit-detail": _unit,
}


class _Trail(HTMLParser):
    """Reads the list of links above a page as (name, address) pairs."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A new step, or the address of the one at hand."""
        if tag == "li":
            self.steps.append(("", ""))
        elif tag == "a" and self.steps:
            self.steps[-1] = (self.steps[-1][0], dict(attrs).get("href") or "")

    def handle_data(self, data: str) -> None:
        """The name of the step."""
        if self.steps and data.strip():
            name, address = self.steps[-1]
            self.steps[-1] = (f"{name} {data.strip()}".strip(), address)


def trail_data(html: str, site: str) -> SafeString:
    """The list of links above a page as a BreadcrumbList; read from the list itself, so both always agree."""
    trail = _Trail()
    trail.feed(html)
    steps = [
        {
            "@type": "ListItem",
            "position": position,
            "name": name,
            **({"item": f"{site}{address}"} if address else {}),
        }
        for position, (name, address) in enumerate(trail.steps, start=1)
    ]
    return as_script({"@type": "BreadcrumbList", "itemListElement": steps})
