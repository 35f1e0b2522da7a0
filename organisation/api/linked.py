"""The organisation as linked data, in W3C ORG."""

from __future__ import annotations

from typing import Any

from pzgent.rest.linked import Node, Shown, code, in_dutch, link, node, origin, typed

UNIT = ["org:OrganizationalUnit", "schema:GovernmentOrganization"]
KORPS = ["org:FormalOrganization", "schema:GovernmentOrganization"]


def unit_node(unit: Shown) -> Node:
    """A unit with its place, its parts and what became of it."""
    above = link(unit.get("parent"))
    below = [part_node(part, unit) for part in unit.get("children", ())]
    known = node(
        unit["href"],
        UNIT if above or not unit.get("path") else KORPS,
        skos_prefLabel=in_dutch(unit["name"]),
        schema_name=in_dutch(unit["name"]),
        skos_altLabel=unit.get("abbreviation"),
        org_identifier=unit["slug"],
        org_classification=code(unit, "kind", "unitKinds"),
        org_unitOf=above,
        org_hasUnit=below,
        org_purpose=[in_dutch(task) for task in unit.get("tasks", ())],
        dct_description=in_dutch(unit.get("summary")),
        org_changedBy=[
            change_node(unit, succession, ahead=True) for succession in unit.get("successors", ())
        ],
        org_resultedFrom=[
            change_node(unit, succession, ahead=False) for succession in unit.get("predecessors", ())
        ],
        schema_contactPoint=[link(channel) for channel in unit.get("channels", ())],
    )
    return {**known, **origin(unit)}


def part_node(part: Shown, whole: Shown) -> Node:
    """A unit as the whole that it belongs to names it."""
    return node(
        part["href"],
        UNIT,
        skos_prefLabel=in_dutch(part["name"]),
        skos_altLabel=part.get("abbreviation"),
        org_identifier=part["slug"],
        org_classification=code(part, "kind", "unitKinds"),
        org_unitOf={"@id": whole["href"]},
    )


def change_node(unit: Shown, succession: Shown, *, ahead: bool) -> Node:
    """The reorganisation by which a unit became another (`ahead`) or came from another."""
    here, other = {"@id": unit["href"]}, link(succession.get("unit"))
    return node(
        None,
        "org:ChangeEvent",
        org_originalOrganization=here if ahead else other,
        org_resultingOrganization=other if ahead else here,
        dct_date=typed(succession["validFrom"], "date"),
        dct_type=succession["kind"],
        dct_isPartOf=link(succession.get("organogram")),
        dct_description=in_dutch(succession.get("note")),
    )


def structure_node(structure: Shown) -> Node:
    """The structure of one day: the edition, and the korps with all that is below it."""
    root = structure.get("root")
    known = node(
        structure["href"],
        "dct:Standard",
        dct_title=in_dutch(structure["title"]),
        dct_valid=typed(structure["validFrom"], "date"),
        dct_subject=_placed(root, structure["href"], None) if root else None,
    )
    return {**known, **origin(structure)}


def _placed(place: dict[str, Any], edition: str, above: str | None) -> Node:
    root = edition.split("/organograms/", 1)[0]
    href = f"{root}/units/{place['slug']}"
    return node(
        href,
        UNIT if above else KORPS,
        skos_prefLabel=in_dutch(place["name"]),
        skos_altLabel=place.get("abbreviation"),
        org_identifier=place["slug"],
        org_classification=code({**place, "href": href}, "kind", "unitKinds"),
        org_unitOf={"@id": above} if above else None,
        org_hasUnit=[_placed(child, edition, href) for child in place.get("children", ())],
    )
