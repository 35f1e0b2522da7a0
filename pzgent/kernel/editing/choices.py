"""Choosing related items: autocomplete with labels that distinguish namesakes, loaded for a whole page at once."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin.sites import AdminSite
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import AutocompleteMixin, AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Length
from django.http import HttpRequest, HttpResponse, JsonResponse

from pzgent.kernel.editing.guarding import asks_too_much


def labels_of(site: AdminSite, objects: Sequence[models.Model]) -> dict[Any, str]:
    """Return the label of each object by primary key, as the admin of its model writes it."""
    if not objects:
        return {}
    label_all = getattr(site.get_model_admin(type(objects[0])), "get_labels", None)
    return label_all(objects) if label_all else {item.pk: str(item) for item in objects}


class PathChoice(AutocompleteMixin):
    """An autocomplete widget with the labels of the related model's admin.

    Copies of one widget share `known`, so that a formset can load the labels of all its rows at once. `limits` are sent
    along with each search to narrow it down.
    """

    field: Any
    admin_site: AdminSite
    is_required: bool
    allow_multiple_selected: bool
    create_option: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known: dict[str, str] = {}
        self.limits: Mapping[str, str] = {}

    def get_url(self) -> str:
        """Return the address of the autocomplete search."""
        return f"{super().get_url()}?{urlencode(self.limits)}" if self.limits else super().get_url()

    def learn(self, keys: Iterable[Any]) -> None:
        """Load the labels of those primary keys that exist and are not known yet."""
        model = self.field.remote_field.model
        wanted = [key for key in keys if str(key) not in self.known and _is_key(model, key)]
        if wanted:
            found = labels_of(self.admin_site, list(model._base_manager.filter(pk__in=wanted)))
            self.known.update((str(key), label) for key, label in found.items())

    def optgroups(self, name: str, value: Sequence[Any], attr: Any = None) -> list[Any]:
        """Return the selected options only; the rest comes from the search."""
        keys = [str(key) for key in value if key not in (None, "")]
        self.learn(keys)
        options = []
        if not self.is_required and not self.allow_multiple_selected:
            options.append(self.create_option(name, "", "", False, 0))
        for key in keys:
            if key in self.known:
                options.append(self.create_option(name, key, self.known[key], True, len(options)))
        return [(None, options, 0)]


def _is_key(model: type[models.Model], key: Any) -> bool:
    """Whether a value could be a primary key of the model; a request may send anything."""
    try:
        return model._meta.pk.to_python(key) is not None
    except ValidationError:
        return False


class PathSelect(PathChoice, AutocompleteSelect):
    """Select one item."""


class PathSelectMultiple(PathChoice, AutocompleteSelectMultiple):
    """Select several items."""


class LabelledAutocompleteView(AutocompleteJsonView):
    """The search results, with the labels of the whole page loaded at once."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Return the results; none for a search that is too long."""
        if asks_too_much(request.GET.get("term", "")):
            return JsonResponse({"results": [], "pagination": {"more": False}})
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> models.QuerySet:
        """Return what was found: first what has the words in its name, the shortest name on top."""
        rows: models.QuerySet = super().get_queryset()
        names = [name.lstrip("^=@") for name in self.model_admin.search_fields]
        if not self.term or not names:
            return rows
        is_named = models.Case(models.When(**{f"{names[0]}__holds": self.term}, then=0), default=1)
        ranked = rows.annotate(found_elsewhere=is_named, name_length=Length(names[0]))
        return ranked.order_by(
            "found_elsewhere", "name_length", *(self.model_admin.get_ordering(self.request) or ())
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the page of objects with their labels."""
        context = super().get_context_data(**kwargs)
        context["object_list"] = list(context["object_list"])
        self.labels = labels_of(self.model_admin.admin_site, context["object_list"])
        return context

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        """Return one result: its key and its label."""
        return {"id": str(getattr(obj, to_field_name)), "text": self.labels.get(obj.pk) or str(obj)}
