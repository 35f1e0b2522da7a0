"""`embed`: other objects in full beside those that name them, as the Belgian REST guide asks (rule prf-embed).

An answer names other objects by their address, as always. With `embed=channels` it also has `embedded`, in which each
of these addresses leads to the object as its own collection shows it. One level deep.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pzgent.rest.parameters import Names

if TYPE_CHECKING:
    from pzgent.rest.answering import Asked
    from pzgent.rest.resources import Collection, Shown

# Per field that may be embedded, the collection of the objects that it names; the function gets round import cycles.
Embeds = Mapping[str, Callable[[], "type[Collection]"]]
# What an embedded object is asked about too: it must show the same day and moment.
SHARED = ("asOf", "at")


def embed_parameter(embeds: Embeds) -> Names:
    """The parameter that names what to embed."""
    return Names(name="embed", description="Give what these fields name in full too.", known=tuple(embeds))


def get_embedded(items: list[dict[str, Any]], by: Shown, asked: Asked) -> dict[str, Any]:
    """The objects that the items name in the fields to embed, by address, in the order in which they are named.

    What the change feed tells of is taken from there, in one query; of the rest each kind is fetched once.
    """
    wanted: dict[str, type[Collection]] = {
        href: by.embeds[name]()
        for name in asked.get("embed")
        for item in items
        for href in _addresses(item.get(name))
    }
    alike = replace(asked, values={name: value for name, value in asked.values.items() if name in SHARED})
    kinds = {_place(href)[0]: kind(told=by.told, told_as=_place(href)[0]) for href, kind in wanted.items()}
    found = _told(wanted, kinds, alike)
    for name, collection in kinds.items():
        keys = [key for href in wanted if href not in found for kind, key in [_place(href)] if kind == name]
        rows = list(collection.rows_of(keys, alike)) if keys else []
        for item in collection.show(rows, alike, **collection.context_for(rows, alike)) if rows else ():
            found[item["href"]] = item
    return {href: found[href] for href in wanted if href in found}


def _told(wanted: Iterable[str], kinds: Mapping[str, Collection], asked: Asked) -> dict[str, Any]:
    """Those of the objects that the change feed tells of as they are to be shown, by address."""
    keys: dict[str, list[str]] = {name: [] for name, kind in kinds.items() if kind.is_as_told(asked)}
    for name, key in map(_place, wanted):
        if name in keys:
            keys[name].append(key)
    told = next((kinds[name].told for name in keys), None)
    if told is None:
        return {}
    by_id = {name for name in keys if kinds[name].key_field == "pk"}
    bodies = told.get_objects(keys, by_id, asked.links.site)
    found: dict[str, Any] = {}
    for name, kind in kinds.items():
        own = {key: one for (collection, key), one in bodies.items() if collection == name}
        shown = kind.completed(list(own.values()), asked) if own else []
        found |= {asked.links.href(name, key): item for key, item in zip(own, shown, strict=True)}
    return found


def _place(href: str) -> tuple[str, str]:
    """The collection and the key at the end of an address."""
    _root, collection, key = href.rsplit("/", 2)
    return collection, key


def _addresses(shown: Any) -> Iterator[str]:
    """The addresses of the objects that a field names: one object, or a list; a succession names its `unit` inside."""
    for part in shown if isinstance(shown, list) else [shown]:
        target = part.get("unit", {}) if part and "href" not in part else part
        if target:
            yield target["href"]
