"""`embed`: other objects in full beside those that name them, as the Belgian REST guide asks (rule prf-embed).

An answer names other objects by their address, as always. With `embed=channels` it also has `embedded`, in which each
of these addresses leads to the object as its own collection shows it. One level deep.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pzgent.rest.parameters import Names

if TYPE_CHECKING:
    from pzgent.rest.resources import Asked, Collection

# Per field that may be embedded, the collection of the objects that it names; the function gets round import cycles.
Embeds = Mapping[str, Callable[[], "type[Collection]"]]
# What an embedded object is asked about too: it must show the same day and moment.
SHARED = ("asOf", "at")


def embed_parameter(embeds: Embeds) -> Names:
    """The parameter that names what to embed."""
    return Names(name="embed", description="Give what these fields name in full too.", known=tuple(embeds))


def get_embedded(items: list[dict[str, Any]], embeds: Embeds, asked: Asked) -> dict[str, dict[str, Any]]:
    """The objects that the items name in the fields to embed, by address; each kind is fetched once for all items."""
    wanted: dict[type[Collection], dict[str, None]] = {}
    for name in asked.get("embed"):
        keys = wanted.setdefault(embeds[name](), {})
        keys.update((href.rsplit("/", 1)[-1], None) for item in items for href in _addresses(item.get(name)))
    values = {name: value for name, value in asked.values.items() if name in SHARED}
    alike = replace(asked, values=values)
    shown: dict[str, dict[str, Any]] = {}
    for kind, keys in wanted.items():
        collection = kind()
        rows = list(collection.rows_of(list(keys), alike)) if keys else []
        for item in collection.show(rows, alike, **collection.context_for(rows, alike)):
            shown[item["href"]] = item
    return shown


def _addresses(shown: Any) -> Iterator[str]:
    """The addresses of the objects that a field names: one object, or a list; a succession names its `unit` inside."""
    for part in shown if isinstance(shown, list) else [shown]:
        target = part.get("unit", {}) if part and "href" not in part else part
        if target:
            yield target["href"]
