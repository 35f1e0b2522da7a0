"""Contact as linked data, in schema.org."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from contact.holidays import stretches_of
from contact.models.kinds import ChannelKind
from contact.models.places import LocationKind
from contact.opening_hours import each_day
from pzgent.kernel.rest.linked import Node, Representation, code, in_dutch, link, node, origin, typed

DAYS = {
    "Mo": "schema:Monday",
    "Tu": "schema:Tuesday",
    "We": "schema:Wednesday",
    "Th": "schema:Thursday",
    "Fr": "schema:Friday",
    "Sa": "schema:Saturday",
    "Su": "schema:Sunday",
    "PH": "schema:PublicHolidays",
}
PHONES = {"phone", "sms"}
MIDNIGHT, LAST_MINUTE = "00:00", "23:59"


def channel_node(channel: Representation) -> Node:
    """Return the node of a channel, with its regular hours and exceptions."""
    value, kind = channel.get("value"), channel["kind"]
    hours = channel.get("hours") or {}
    known = node(
        channel["href"],
        ["schema:ContactPoint", "m8g:ContactPoint"],
        schema_name=in_dutch(channel["label"]),
        schema_contactType=in_dutch(channel["topic"]["name"]),
        schema_telephone=value if kind in PHONES else None,
        schema_email=value if kind == "email" else None,
        m8g_telephone=value if kind in PHONES else None,
        m8g_email=value if kind == "email" else None,
        schema_url={"@id": value} if value and value.startswith("http") else None,
        schema_availableLanguage=channel.get("languages"),
        schema_description=in_dutch(channel.get("note")),
        schema_hoursAvailable=[*_week(hours), *_exceptions(hours)],
        schema_openingHours=channel.get("openingHours"),
        org_classification=code(channel, "kind", "channelKinds", ChannelKind),
        dct_valid=_days_of(channel),
        dct_isPartOf=link(channel["topic"]),
        schema_provider=link(channel.get("unit")),
    )
    place = channel.get("location")
    if place and kind == "desk":
        known["@reverse"] = {"schema:contactPoint": _place_of(place, hours)}
    return {**known, **origin(channel)}


def _days_of(item: Representation) -> str | None:
    """Return the validity as an ISO 8601-2 interval, with “..” for an open end; None without any bound."""
    first, last = item.get("validFrom"), item.get("validUntil")
    return f"{first or '..'}/{last or '..'}" if first or last else None


def hours_of_place(hours: Representation) -> dict[str, Any]:
    """Return the properties for the opening hours of a place: the regular week and the exceptions."""
    found = {
        "schema:openingHoursSpecification": _week(hours),
        "schema:specialOpeningHoursSpecification": _exceptions(hours),
    }
    return {name: parts for name, parts in found.items() if parts}


def _place_of(place: Representation, hours: Representation) -> Node:
    """Return the place of a desk, which is open when the desk is."""
    named = node(place["href"], ["org:Site", "schema:PoliceStation"], schema_name=in_dutch(place["name"]))
    return {**named, **hours_of_place(hours)}


def _week(hours: Representation) -> list[Node]:
    """Return the regular week, without uncertain days."""
    hangs_on_holidays = hours.get("closedOnPublicHolidays") or hours.get("schoolDaysOnly")
    known = hours.get("known", ()) if hangs_on_holidays else [{}]
    regular = [(_days([slot["day"]]), slot["opens"], _end(slot["closes"])) for slot in hours.get("slots", ())]
    if hours.get("roundTheClock"):
        regular = [(_days(code for code in DAYS if code != "PH"), MIDNIGHT, LAST_MINUTE)]
    found = [
        _specification(*times, days.get("firstDay"), days.get("lastDay"))
        for days in known
        for times in regular
    ]
    if hangs_on_holidays:
        found.append(_specification(_days(["PH"]), MIDNIGHT, MIDNIGHT))
    return found


def _exceptions(hours: Representation) -> list[Node]:
    """Return the exceptions to the regular week, including school holidays."""
    holidays = [
        _specification(None, MIDNIGHT, MIDNIGHT, item["firstDay"], item["lastDay"], item["name"])
        for item in hours.get("schoolHolidays", ())
    ]
    return holidays + [part for item in hours.get("exceptions", ()) for part in _exception(item)]


def _exception(item: Representation) -> Iterator[Node]:
    """Return the hours of an exception for each of its periods; equal times mean closed (schema.org)."""
    days = _days(item["days"]) if "days" in item else None
    closes = _end(item["closes"]) if "closes" in item else MIDNIGHT
    for first, last in _stretches(item):
        yield _specification(days, item.get("opens", MIDNIGHT), closes, first, last, item.get("reason"))


def _stretches(item: Representation) -> Iterator[tuple[str, str]]:
    """Return the periods of an exception, without the days to which it does not apply."""
    first, last = (date.fromisoformat(item[name]) for name in ("firstDay", "lastDay"))
    left_out = {date.fromisoformat(day) for day in item.get("notOn", ())}
    for start, end in stretches_of(day for day in each_day(first, last) if day not in left_out):
        yield start.isoformat(), end.isoformat()


def _days(codes: Iterable[str]) -> list[Node]:
    return [{"@id": DAYS[code]} for code in codes]


def _specification(
    days: list[Node] | None,
    opens: str,
    closes: str,
    first: str | None = None,
    last: str | None = None,
    reason: str | None = None,
) -> Node:
    return node(
        None,
        "schema:OpeningHoursSpecification",
        schema_dayOfWeek=days,
        schema_validFrom=typed(first, "date"),
        schema_validThrough=typed(last, "date"),
        schema_opens=typed(opens, "time"),
        schema_closes=typed(closes, "time"),
        schema_description=in_dutch(reason),
    )


def _end(closes: str) -> str:
    """Return the closing time; midnight becomes the last minute of the day, because equal times would mean closed."""
    return LAST_MINUTE if closes == MIDNIGHT else closes


def location_node(location: Representation) -> Node:
    """Return the node of a location, with its known properties."""
    parts = {"street": "streetAddress", "postalCode": "postalCode", "city": "addressLocality"}
    lines = {f"schema_{name}": location.get(field) for field, name in parts.items()}
    has_address = any(lines.values())
    has_point = "latitude" in location and "longitude" in location
    known = node(
        location["href"],
        ["org:Site", "schema:PoliceStation"],
        schema_name=in_dutch(location["name"]),
        skos_prefLabel=in_dutch(location["name"]),
        dct_identifier=location.get("id"),
        org_classification=code(location, "kind", "locationKinds", LocationKind),
        dct_valid=_days_of(location),
        schema_address=node(None, "schema:PostalAddress", schema_addressCountry="BE", **lines)
        if has_address
        else None,
        locn_address=node(
            None,
            "locn:Address",
            locn_fullAddress=in_dutch(location.get("address")),
            locn_thoroughfare=in_dutch(location.get("street")),
            locn_postCode=location.get("postalCode"),
            locn_postName=in_dutch(location.get("city")),
        )
        if has_address
        else None,
        schema_geo=node(
            None,
            "schema:GeoCoordinates",
            schema_latitude=location["latitude"],
            schema_longitude=location["longitude"],
        )
        if has_point
        else None,
        schema_areaServed=[in_dutch(area["name"]) for area in location.get("careAreas", ())],
        schema_description=in_dutch(location.get("note")),
        org_siteOf=link(location.get("unit")),
    )
    return {**known, **origin(location)}
