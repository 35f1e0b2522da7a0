"""Contact as linked data, in schema.org."""

from __future__ import annotations

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
MIDNIGHT, LAST_MINUTE = "00:00", "23:59"


def channel_node(channel: Shown) -> Node:
    """A way to reach the police, with its hours and the days on which they differ."""
    value, kind = channel.get("value"), channel["kind"]
    hours = channel.get("hours") or {}
    known = node(
        channel["href"],
        "schema:ContactPoint",
        schema_name=in_dutch(channel["label"]),
        schema_contactType=in_dutch(channel["topic"]["name"]),
        schema_telephone=value if kind in PHONES else None,
        schema_email=value if kind == "email" else None,
        schema_url={"@id": value} if value and value.startswith("http") else None,
        schema_availableLanguage=channel.get("languages"),
        schema_description=in_dutch(channel.get("note")),
        schema_hoursAvailable=[_slot(slot) for slot in hours.get("slots", ())]
        + [_exception(exception) for exception in hours.get("exceptions", ())]
        + _always(hours),
        org_classification=code(channel, "kind", "channelKinds"),
        dct_isPartOf=link(channel["topic"]),
        schema_provider=link(channel.get("unit")),
    )
    return {**known, **origin(channel)}


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
        org_classification=code(location, "kind", "locationKinds"),
        schema_address=node(None, "schema:PostalAddress", schema_addressCountry="BE", **lines)
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
