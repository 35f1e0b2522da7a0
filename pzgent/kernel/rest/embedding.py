"""`embed`: related objects in full, next to their references (rule prf-embed of the Belgian REST guide).

Answers refer to other objects by address. With `embed=channels` an answer also contains `embedded`, which maps each of
these addresses to the object as in its own collection. One level deep.
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
    """Return the parameter that selects the relations to embed."""
    return Names(name="embed", description="Give what these fields name in full too.", known=tuple(embeds))


def get_embedded(items: list[dict[str, Any]], by: ObjectResource, asked: ApiQuery) -> dict[str, Any]:
    """Return the objects to which the items refer in the embedded fields, by address, in order of reference.

    One fetch per kind of object.
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
    """Return the collection and the key at the end of an address."""
    _root, collection, key = href.rsplit("/", 2)
    return collection, key


def _addresses(shown: Any) -> Iterator[str]:
    """Return the addresses of the objects in a field: one object or a list; a succession has its object in `unit`."""
    for part in shown if isinstance(shown, list) else [shown]:
        target = part.get("unit", {}) if part and "href" not in part else part
        if target:
            yield target["href"]
