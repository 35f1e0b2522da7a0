"""The organisation as linked data, in W3C ORG; kinds of reorganisation in the terms of OSLO-Organisatie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from organisation.models import UnitKind
from pzgent.kernel.rest.linked import (
    Node,
    Representation,
    address,
    code,
    in_dutch,
    link,
    node,
    origin,
    site_of,
    typed,
)
from pzgent.kernel.zone import get_zone

PUBLIC = "m8g:PublicOrganisation"
REGISTER, SCHEME = "Kruispuntbank van Ondernemingen", "KBO"
UNIT = ["org:OrganizationalUnit", PUBLIC, "schema:GovernmentOrganization"]
KORPS = ["org:FormalOrganization", PUBLIC, "schema:GovernmentOrganization"]
# https://data.vlaanderen.be/ns/organisatie: each is a kind of org:ChangeEvent. A new unit is ISA's foundation event.
EVENTS = {
    "merged": "organisatie:Fusie",
    "split": "organisatie:Splitsing",
    "replaced": "organisatie:Vervanging",
    "abolished": "organisatie:Stopzetting",
    "ended": "organisatie:Stopzetting",
    "created": "m8g:FoundationEvent",
}


def unit_node(unit: Representation) -> Node:
    """Return the node of a unit, with its position, its parts and its successions."""
    above, zone = link(unit.get("parent")), unit.get("organisation")
    is_zone = not above and bool(unit.get("path"))
    parts, lines = unit.get("children", ()), unit.get("alsoUnder", ())
    known = node(
        unit["href"],
        KORPS if is_zone else UNIT,
        skos_prefLabel=in_dutch(unit["name"]),
        schema_name=in_dutch(unit["name"]),
        skos_altLabel=in_dutch(unit.get("abbreviation")),
        org_identifier=unit["slug"],
        dct_identifier=unit.get("id"),
        org_classification=code(unit, "kind", "unitKinds", UnitKind),
        owl_sameAs=other_addresses(unit) if is_zone else None,
        **(registration() if is_zone else {}),
        org_unitOf=zone_node(zone) if zone else None,
        org_subOrganizationOf=above,
        org_hasUnit=[part_node(part, unit) for part in parts],
        org_hasSubOrganization=[link(part) for part in parts],
        org_reportsTo=[link(line) for line in lines if line["kind"] == "reports"],
        org_linkedTo=[link(line) for line in lines if line["kind"] != "reports"],
        org_purpose=[
            node(None, "skos:Concept", skos_prefLabel=in_dutch(task)) for task in unit.get("tasks", ())
        ],
        dct_description=in_dutch(unit.get("summary")),
        org_changedBy=[
            succession_node(unit, succession, ahead=True) for succession in unit.get("successors", ())
        ],
        org_resultedFrom=[
            succession_node(unit, succession, ahead=False) for succession in unit.get("predecessors", ())
        ],
        schema_contactPoint=[link(channel) for channel in unit.get("channels", ())],
        m8g_contactPoint=[link(channel, "m8g:ContactPoint") for channel in unit.get("channels", ())],
    )
    return {**known, **origin(unit)}


def other_addresses(shown: Representation) -> list[Node]:
    """Return the identifiers of the police zone in the pages and the catalogue, and in the register of enterprises."""
    known = (f"{site_of(shown)}/#organisation", get_zone().kbo_address)
    return [found for found in map(address, known) if found]


def registration() -> dict[str, Any]:
    """Return the properties of the zone in the register of enterprises; none if its number is not published."""
    zone = get_zone()
    if not zone.kbo_number:
        return {}
    number = node(None, "adms:Identifier", skos_notation=zone.kbo_number, adms_schemeAgency=REGISTER)
    value = node(None, "schema:PropertyValue", schema_propertyID=SCHEME, schema_value=zone.kbo_number)
    return {
        "adms_identifier": number,
        "schema_identifier": value,
        "schema_sameAs": address(zone.kbo_address),
    }


def zone_node(zone: Representation) -> Node:
    """Return the node of the police zone, the root of the organogram."""
    return node(
        zone["href"], KORPS, skos_prefLabel=in_dutch(zone["name"]), org_identifier=_slug_of(zone["href"])
    )


def _slug_of(href: str) -> str:
    return href.rsplit("/", 1)[1]


def part_node(part: Representation, whole: Representation) -> Node:
    """Return the node of a unit as the parent of other units."""
    zone = whole.get("organisation", whole)
    return node(
        part["href"],
        UNIT,
        skos_prefLabel=in_dutch(part["name"]),
        skos_altLabel=in_dutch(part.get("abbreviation")),
        org_identifier=part["slug"],
        org_classification=code(part, "kind", "unitKinds", UnitKind),
        org_unitOf=link(zone, PUBLIC),
        org_subOrganizationOf={"@id": whole["href"]},
    )


def succession_node(unit: Representation, succession: Representation, *, ahead: bool) -> Node:
    """Return the reorganisation by which a unit became another (`ahead`) or originated from another."""
    here, other = {"slug": unit["slug"], "href": unit["href"]}, succession.get("unit")
    before, after = (here, other) if ahead else (other, here)
    return _event(
        succession["kind"],
        succession.get("organogram"),
        [before] if before else [],
        [after] if after else [],
        dct_date=typed(succession["validFrom"], "date"),
        dct_description=in_dutch(succession.get("note")),
    )


def change_node(change: Representation) -> Node:
    """Return the node of a change between two organograms."""
    kind, unit = change["kind"], change["unit"]
    older, newer = change["from"], change["to"]
    stays = kind in ("renamed", "moved")
    texts = [text for text in (change.get("before"), change.get("after")) if text]
    return _event(
        kind,
        newer,
        [] if kind == "created" else [unit],
        [unit] if stays or kind == "created" else change.get("successors", ()),
        dct_description=in_dutch(" → ".join(texts)),
        dct_temporal=node(
            None,
            "dct:PeriodOfTime",
            dcat_startDate=typed(older["validFrom"], "date"),
            dcat_endDate=typed(newer["validFrom"], "date"),
        ),
    )


def _event(
    kind: str,
    organogram: Representation | None,
    before: Sequence[Representation],
    after: Sequence[Representation],
    **properties: Any,
) -> Node:
    """Return an event with the same address for all units involved: a merger is one event with several originals."""
    of = after if kind == "merged" and after else before or after
    identity = f"{organogram['href']}#{kind}-{of[0]['slug']}" if organogram and of else None
    return node(
        identity,
        ["org:ChangeEvent", EVENTS[kind]] if kind in EVENTS else "org:ChangeEvent",
        org_originalOrganization=[link(unit, PUBLIC) for unit in before],
        org_resultingOrganization=[link(unit, PUBLIC) for unit in after],
        dct_type=kind,
        dct_isPartOf=link(organogram),
        **properties,
    )


def structure_node(structure: Representation) -> Node:
    """Return the structure of one day: the edition, and the korps with all units below it."""
    root = structure.get("root")
    known = node(
        structure["href"],
        ["foaf:Document", "schema:CreativeWork"],
        dct_title=in_dutch(structure["title"]),
        dct_valid=typed(structure["validFrom"], "date"),
        dct_subject=_placed(root, f"{site_of(structure)}/api/v1", structure.get("organisation"))
        if root
        else None,
    )
    return {**known, **origin(structure)}


def _placed(root: Mapping[str, Any], api: str, zone: Representation | None) -> Node:
    """Return the nodes of a whole tree, iteratively: a tree may be deeper than the recursion limit.

    Its root is the zone, unless it is a part of the given `zone`.
    """
    top: Node = {}
    of_zone = zone_node(zone) if zone else {"@id": f"{api}/units/{root['slug']}"}
    waiting: list[tuple[Mapping[str, Any], Node | None]] = [(root, None)]
    while waiting:
        place, above = waiting.pop()
        href = f"{api}/units/{place['slug']}"
        parts = place.get("children", ())
        whole = {"@id": above["@id"]} if above else None
        made = node(
            href,
            UNIT if above or zone else KORPS,
            owl_sameAs=None if above or zone else other_addresses({"href": href}),
            **({} if above or zone else registration()),
            skos_prefLabel=in_dutch(place["name"]),
            skos_altLabel=in_dutch(place.get("abbreviation")),
            org_identifier=place["slug"],
            org_classification=code({"kind": place["kind"], "href": href}, "kind", "unitKinds", UnitKind),
            org_unitOf=of_zone if above or zone else None,
            org_subOrganizationOf=whole,
            org_hasSubOrganization=[{"@id": f"{api}/units/{part['slug']}"} for part in parts],
        )
        if above is None:
            top = made
        else:
            above.setdefault("org:hasUnit", []).append(made)
        waiting.extend((part, made) for part in reversed(parts))
    return top
