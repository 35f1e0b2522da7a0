"""Links that one room adds to the admin pages of another room's model."""

from collections.abc import Callable
from typing import Any

from django.db.models import Model

Links = list[tuple[str, str]]
_added: dict[type[Model], list[Callable[[Any], Links]]] = {}


def adds_links_to(model: type[Model]) -> Callable[[Callable[[Any], Links]], Callable[[Any], Links]]:
    """Return a decorator for a function that returns links, as (text, address), for an object of the model."""

    def add(function: Callable[[Any], Links]) -> Callable[[Any], Links]:
        _added.setdefault(model, []).append(function)
        return function

    return add


def added_links(item: Model) -> Links:
    """Return the links that other rooms add to the page of an object."""
    return [link for function in _added.get(type(item), ()) for link in function(item)]
