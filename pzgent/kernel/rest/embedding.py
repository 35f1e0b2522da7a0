"""`embed`: other objects in full beside those that name them, as the Belgian REST guide asks (rule prf-embed).

An answer names other objects by their address, as always. With `embed=channels` it also has `embedded`, in which each
of these addresses leads to the object as its own collection shows it. One level deep.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pzgent.kernel.rest.parameters import Names

if TYPE_CHECKING:
    from pzgent.kernel.rest.answering import ApiQuery
    from pzgent.kernel.rest.resources import Collection, ObjectResource

# Per field that may be embedded, the collection of the objects that it names; the function gets round import cycles.
Embeds = Mapping[str, Callable[[], "type[Collection]"]]


def embed_parameter(embeds: Embeds) -> Names:
    """The parameter that names what to embed."""
    return Names(name="embed", description="Give what these fields name in full too.", known=tuple(embeds))


def get_embedded(items: list[dict[str, Any]], by: ObjectResource, asked: ApiQuery) -> dict[str, Any]:
    """The objects that the items name in the fields to embed, by address, in the order in which they are named.

    Each kind of object is fetched once.
    """
    wanted: dict[str, type[Collection]] = {
        href: by.embeds[name]()
        for name in asked.get("embed")
        for item in items
        for href in _addresses(item.get(name))
    }
    # What an embedded object is asked about too: it must show the same day and moment.
    shared = {parameter.name for parameter in by.parameters if parameter.is_shared}
    alike = replace(asked, values={name: value for name, value in asked.values.items() if name in shared})
    found: dict[str, Any] = {}
    for name, kind in {_place(href)[0]: kind for href, kind in wanted.items()}.items():
        collection = kind(with_numbers=by.with_numbers, told_as=name)
        rows = list(
            collection.rows_of([_place(href)[1] for href in wanted if _place(href)[0] == name], alike)
        )
        found |= {
            item["href"]: item for item in collection.show(rows, alike, **collection.context_for(rows, alike))
        }
    return {href: found[href] for href in wanted if href in found}


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
