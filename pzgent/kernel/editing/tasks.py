"""Tasks of editors by name, each with the page of the admin where it is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Model
from django.urls import reverse

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, kw_only=True)
class Task:
    """Something that editors do: `action` on `model` is the permission that it takes.

    `view` is the URL name of the page, without the namespace of the admin. `search` labels a search field that leads to
    the changelist directly; without it the task is a link.
    """

    title: StrOrPromise
    view: str
    model: type[Model]
    action: str = "change"
    query: str = ""
    search: StrOrPromise = ""
    # True if the right to translate is enough.
    is_translating: bool = False

    @property
    def address(self) -> str:
        """The address of the page."""
        return f"{reverse(f'admin:{self.view}')}{self.query and '?'}{self.query}"

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """The parameters of the query, which a search keeps."""
        return [tuple(part.split("=", 1)) for part in self.query.split("&") if part]  # type: ignore[misc]  # two parts
