"""Contact as linked data, in schema.org."""

from __future__ import annotations

from typing import Any

from contact.models.channels import ChannelKind
from contact.models.places import LocationKind
from pzgent.rest.linked import Node, Shown, code, in_dutch, link, node, origin, typed

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
SCHOOL_DAYS = "alleen op schooldagen"
MIDNIGHT, LAST_MINUTE = "00:00", "23:59"


def channel_node(channel: Shown) -> Node:
    """A way to reach the police, with its hours and the days on which they differ."""
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


def _days_of(item: Shown) -> str | None:
    """The days on which something can be used, as an interval of ISO 8601-2, “..” where it is open; else None."""
    first, last = item.get("validFrom"), item.get("validUntil")
    return f"{first or '..'}/{last or '..'}" if first or last else None


def hours_of_place(hours: Shown) -> dict[str, Any]:
    """The properties that say when a place is open: the regular week, and the days that differ."""
    found = {
        "schema:openingHoursSpecification": _week(hours),
        "schema:specialOpeningHoursSpecification": _exceptions(hours),
    }
    return {name: parts for name, parts in found.items() if parts}


def _place_of(place: Shown, hours: Shown) -> Node:
    """The place of a desk, open when the desk is."""
    named = node(place["href"], ["org:Site", "schema:PoliceStation"], schema_name=in_dutch(place["name"]))
    return {**named, **hours_of_place(hours)}


def _week(hours: Shown) -> list[Node]:
    """The regular week; hours that hold on school days only say so, as no vocabulary has a property for that."""
    note = {"schema:description": in_dutch(SCHOOL_DAYS)} if hours.get("schoolDaysOnly") else {}
    return [{**_slot(slot), **note} for slot in hours.get("slots", ())] + _always(hours)


def _exceptions(hours: Shown) -> list[Node]:
    return [_exception(exception) for exception in hours.get("exceptions", ())]


def _slot(slot: Shown) -> Node:
    return node(
        None,
        "schema:OpeningHoursSpecification",
        schema_dayOfWeek={"@id": DAYS[slot["day"]]},
        schema_opens=typed(slot["opens"], "time"),
        schema_closes=typed(_end(slot["closes"]), "time"),
    )


def _exception(exception: Shown) -> Node:
    """Other hours on some days; equal times mean closed (schema.org)."""
    return node(
        None,
        "schema:OpeningHoursSpecification",
        schema_validFrom=typed(exception["firstDay"], "date"),
        schema_validThrough=typed(exception["lastDay"], "date"),
        schema_opens=typed(exception.get("opens", MIDNIGHT), "time"),
        schema_closes=typed(_end(exception["closes"]) if "closes" in exception else MIDNIGHT, "time"),
        schema_description=in_dutch(exception.get("reason")),
    )


def _always(hours: Shown) -> list[Node]:
    """Day and night, and closed on public holidays, as schema.org writes them."""
    found = []
    if hours.get("roundTheClock"):
        every = [{"@id": day} for code, day in DAYS.items() if code != "PH"]
        found.append(_specification(every, MIDNIGHT, LAST_MINUTE))
    if hours.get("closedOnPublicHolidays"):
        found.append(_specification([{"@id": DAYS["PH"]}], MIDNIGHT, MIDNIGHT))
    return found


def _specification(days: list[Node], opens: str, closes: str) -> Node:
    return node(
        None,
        "schema:OpeningHoursSpecification",
        schema_dayOfWeek=days,
        schema_opens=typed(opens, "time"),
        schema_closes=typed(closes, "time"),
    )


def _end(closes: str) -> str:
    """The closing time; midnight at the end of a day is its last minute, as equal times would mean closed."""
    return LAST_MINUTE if closes == MIDNIGHT else closes


def location_node(location: Shown) -> Node:
    """A place of the police; what is not known of it is left out."""
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
