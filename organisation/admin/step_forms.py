"""Forms of the steps in the workshop: each names the step in words and takes it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from organisation import restructuring
from organisation.admin.board import MOST_FOUND, Board
from organisation.admin.headings import headings_of
from organisation.models import Organogram, Placement, Succession, Unit, UnitKind
from organisation.restructuring import NewUnit
from organisation.steps import StepRefused
from pzgent.kernel.editing.problems import ExplainingForm

DATALIST = "units"
POSITIONS = [
    ("under", _("under it, at the end")),
    ("before", _("just before it")),
    ("after", _("just after it")),
]
Needs = tuple[tuple[str, type[Model]], ...]


@dataclass(frozen=True)
class Taken:
    """Step that was taken, in words; the placement to show next, and the units that it created."""

    text: str
    place: Placement | None
    units: Sequence[Unit] = ()


class PlaceField(forms.CharField):
    """Unit of the organogram that the workshop shows, typed by name; the browser proposes the names."""

    def __init__(self, **options: Any) -> None:
        attrs = {"list": DATALIST, "autocomplete": "off", "class": "vTextField"}
        super().__init__(max_length=400, widget=forms.TextInput(attrs=attrs), **options)
        self.board: Board | None = None

    def clean(self, value: Any) -> Any:
        """Return the placement with this name, or None for an empty text."""
        text = super().clean(value)
        if not text or self.board is None:
            return None
        found = self.board.find(text)
        if not found:
            raise ValidationError(gettext("No unit here is called “%(text)s”.") % {"text": text})
        if len(found) > 1:
            names = "; ".join(row.label for row in found[:MOST_FOUND])
            raise ValidationError(gettext("Which one? Type its full name: %(names)s.") % {"names": names})
        return Placement.objects.select_related("unit", "parent__unit", "organogram").get(pk=found[0].key)


class StepForm(ExplainingForm):
    """Form of one step at one unit; `needs` are the rights it takes, on each model that it writes."""

    code: ClassVar[str] = ""
    title: ClassVar[Promise | str] = ""
    button: ClassVar[Promise | str] = ""
    needs: ClassVar[Needs] = (("change", Placement),)
    drafts_only: ClassVar[bool] = False
    asks_where: ClassVar[bool] = False

    def __init__(
        self, data: Any, *, board: Board, place: Placement, options: Sequence[Organogram] = ()
    ) -> None:
        super().__init__(data, prefix=self.code, auto_id="id_%s")
        self.board, self.place, self.organogram = board, place, board.organogram
        self.use_required_attribute = False
        for field in self.fields.values():
            if isinstance(field, PlaceField):
                field.board = board
        self.options = list(options)
        if self.asks_where and len(self.options) > 1:
            headings = zip(self.options, headings_of(self.options), strict=True)
            self.fields["applies_in"] = forms.MultipleChoiceField(
                label=gettext("Where does this apply?"),
                help_text=gettext("Today, from a later day, or both. What you do not tick stays as it is."),
                choices=[(str(item.pk), str(heading)) for item, heading in headings],
                widget=forms.CheckboxSelectMultiple,
                initial=[str(self.organogram.pk)],
            )

    @property
    def organograms(self) -> list[Organogram]:
        """Return the organograms to which the step applies."""
        if "applies_in" not in self.fields:
            return [self.organogram]
        chosen = self.cleaned_data["applies_in"]
        return [item for item in self.options if str(item.pk) in chosen]

    def places(self) -> list[Placement]:
        """Return the placements that the step changes or adds to, in each organogram."""
        others = [item for item in self.organograms if item != self.organogram]
        elsewhere = Placement.objects.filter(organogram__in=others, unit=self.place.unit_id) if others else []
        values = self.cleaned_data.values()
        return [self.place, *elsewhere, *(value for value in values if isinstance(value, Placement))]

    def take(self) -> Taken:
        """Take the step, and return what it did."""
        raise NotImplementedError  # a hook: each step does its own


class MoveForm(StepForm):
    """Move a unit under, before or after another one."""

    code, title, button = "move", _("Move"), _("Move")
    asks_where = True
    target = PlaceField(label=_("To which unit"))
    position = forms.ChoiceField(
        label=_("Where"), choices=POSITIONS, initial="under", widget=forms.RadioSelect
    )

    def places(self) -> list[Placement]:
        """Return the placements that the step changes or adds to: beside a unit, that is the one above it."""
        target = self.cleaned_data["target"]
        above = target if self.cleaned_data["position"] == "under" else target.parent
        moved = [place for place in super().places() if place != target]
        return [*moved, above] if above else moved

    def take(self) -> Taken:
        """Move the unit."""
        target, position = self.cleaned_data["target"], self.cleaned_data["position"]
        texts = {
            "under": gettext("“%(unit)s” moved under “%(target)s”"),
            "before": gettext("“%(unit)s” moved before “%(target)s”"),
            "after": gettext("“%(unit)s” moved after “%(target)s”"),
        }
        text = texts[position] % {"unit": self.place, "target": target}
        restructuring.move(self.place, target, position, self.organograms)
        return Taken(text, self.place)


class ShiftForm(StepForm):
    """Move a unit up or down among its siblings."""

    code, title = "shift", _("Order")
    direction = forms.ChoiceField(choices=[("up", _("Up")), ("down", _("Down"))])

    def take(self) -> Taken:
        """Swap the unit with its neighbour."""
        direction = self.cleaned_data["direction"]
        neighbour = restructuring.shift(self.place, direction)
        values = {"node": self.place, "sibling": neighbour}
        if neighbour is None:
            raise StepRefused(gettext("“%(node)s” cannot go further.") % values)
        if direction == "up":
            return Taken(gettext("“%(node)s” now stands above “%(sibling)s”.") % values, self.place)
        return Taken(gettext("“%(node)s” now stands below “%(sibling)s”.") % values, self.place)


class _NamedForm(StepForm):
    """Form with the name, abbreviation and kind of a unit."""

    name = forms.CharField(
        label=_("Name"), max_length=160, widget=forms.TextInput(attrs={"class": "vTextField"})
    )
    abbreviation = forms.CharField(label=_("Abbreviation"), max_length=30, required=False)
    kind = forms.ChoiceField(label=_("Kind of unit"), choices=[("", "---------"), *UnitKind.choices])

    def new_unit(self) -> NewUnit:
        """Return the name and kind that were typed."""
        values = self.cleaned_data
        return NewUnit(values["name"], values["kind"], values.get("abbreviation") or "")


class RenameForm(_NamedForm):
    """Give a unit another name, abbreviation or kind."""

    code, title, button = "rename", _("Rename"), _("Rename")
    asks_where = True
    is_succession = forms.BooleanField(
        label=_("It is a new name from that day on"),
        required=False,
        help_text=_("It is then recorded as renamed. Leave it empty to correct a typing error."),
    )

    def __init__(self, data: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        for name in ("name", "abbreviation", "kind"):
            self.initial[name] = getattr(self.place, name)
        self.initial["is_succession"] = not self.organogram.has_started

    def take(self) -> Taken:
        """Rename the unit."""
        new = self.new_unit()
        text = gettext("“%(old)s” renamed to “%(new)s”") % {"old": self.place, "new": new.name}
        restructuring.rename(self.place.unit, new, self.organograms, self.cleaned_data["is_succession"])
        return Taken(text, self.place)


class AddForm(_NamedForm):
    """Add a new unit under, before or after another one."""

    code, title, button = "add", _("Add a unit here"), _("Add")
    needs = (("change", Placement), ("add", Placement), ("add", Unit))
    position = forms.ChoiceField(
        label=_("Where"), choices=POSITIONS, initial="under", widget=forms.RadioSelect
    )

    def places(self) -> list[Placement]:
        """Return the placement that gets the new unit below it."""
        above = self.place if self.cleaned_data["position"] == "under" else self.place.parent
        return [above] if above else []

    def take(self) -> Taken:
        """Add the unit, as a draft."""
        place = restructuring.add(self.place, self.cleaned_data["position"], self.new_unit())
        return Taken(gettext("“%(unit)s” added") % {"unit": place}, place, [place.unit])


class EndForm(StepForm):
    """End a unit, with or without a successor."""

    code, title, button = "end", _("End"), _("End this unit")
    needs = (("change", Placement), ("delete", Placement), ("add", Succession))
    drafts_only = True
    outcome = forms.ChoiceField(
        label=_("What happens to it"),
        choices=[
            ("abolished", _("it is abolished")),
            ("replaced", _("another unit replaces it")),
            ("mistake", _("it stood here by mistake: nothing to record")),
        ],
        initial="abolished",
        widget=forms.RadioSelect,
    )
    successor = PlaceField(label=_("Which unit replaces it"), required=False)
    children = forms.ChoiceField(
        label=_("What happens to the units below it"),
        choices=[
            ("up", _("they move up, in its place")),
            ("other", _("they move to another unit")),
            ("end", _("they end along with it")),
        ],
        initial="up",
        widget=forms.RadioSelect,
    )
    heir = PlaceField(label=_("To which unit they move"), required=False)

    def __init__(self, data: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        if self.place.is_leaf_node():
            del self.fields["children"], self.fields["heir"]

    def clean(self) -> dict[str, Any]:
        """Require the unit that a choice refers to."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for choice, value, name in (("outcome", "replaced", "successor"), ("children", "other", "heir")):
            if cleaned.get(choice) == value and name not in self.errors and not cleaned.get(name):
                self.add_error(name, gettext("Type the name of the unit."))
        return cleaned

    def take(self) -> Taken:
        """End the unit."""
        values = self.cleaned_data
        successor = values["successor"] if values["outcome"] == "replaced" else None
        heirs = {"up": self.place.parent, "other": values.get("heir"), "end": None}
        heir = heirs[values.get("children", "end")]
        restructuring.end(self.place, successor, heir, values["outcome"] == "mistake")
        return Taken(gettext("“%(unit)s” ended") % {"unit": self.place}, self.place.parent)


class MergeForm(_NamedForm):
    """Merge a unit with others into one."""

    code, title, button = "merge", _("Merge"), _("Merge")
    needs = (*EndForm.needs, ("add", Placement), ("add", Unit))
    drafts_only = True
    others = forms.CharField(
        label=_("With which units"),
        help_text=_("The name of each, one per line."),
        widget=forms.Textarea(attrs={"rows": 3, "cols": 40}),
    )
    into = PlaceField(
        label=_("Which existing unit remains"),
        required=False,
        help_text=_("Leave it empty to make a new unit, and give its name below."),
    )
    field_order = ("others", "into", "name", "abbreviation", "kind")

    def __init__(self, data: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["name"].label = gettext("Name of the new unit")
        self.fields["name"].required = self.fields["kind"].required = False
        self.initial["kind"] = self.place.kind

    def clean_others(self) -> list[Placement]:
        """Return the placements of the units that were named."""
        field = PlaceField()
        field.board = self.board
        return [field.clean(line) for line in _lines(self.cleaned_data["others"])]

    def clean(self) -> dict[str, Any]:
        """Require the name and kind of a new unit."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not cleaned.get("into") and "into" not in self.errors:
            for name in ("name", "kind"):
                if not cleaned.get(name):
                    self.add_error(name, gettext("A new unit needs a name and a kind."))
        return cleaned

    def places(self) -> list[Placement]:
        """Return the placements that the step changes or adds to."""
        return [*super().places(), *self.cleaned_data["others"]]

    def take(self) -> Taken:
        """Merge the units."""
        merged = list({place.pk: place for place in (self.place, *self.cleaned_data["others"])}.values())
        into = self.cleaned_data["into"]
        left = restructuring.merge(merged, into or self.new_unit())
        names = _enumerated(str(place) for place in merged)
        text = gettext("%(units)s merged into “%(unit)s”") % {"units": names, "unit": left}
        return Taken(text, left, [] if into else [left.unit])


class SplitForm(StepForm):
    """Split a unit into new ones."""

    code, title, button = "split", _("Split this unit"), _("Split this unit")
    needs = MergeForm.needs
    drafts_only = True
    parts = forms.CharField(
        label=_("Names of the parts"),
        help_text=_("One per line."),
        widget=forms.Textarea(attrs={"rows": 3, "cols": 40}),
    )
    kind = forms.ChoiceField(label=_("Kind of unit"), choices=UnitKind.choices)
    keeps = forms.BooleanField(
        label=_("It continues itself, beside the parts"),
        required=False,
        help_text=_("Otherwise it ends, and the units below it move to the first part."),
    )

    def __init__(self, data: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.initial["kind"] = self.place.kind

    def clean_parts(self) -> list[str]:
        """Return the names, without empty lines."""
        names = _lines(self.cleaned_data["parts"])
        if any(len(name) > 160 for name in names):
            raise ValidationError(gettext("A name has at most 160 signs."))
        return names

    def take(self) -> Taken:
        """Split the unit."""
        parts = [NewUnit(name, self.cleaned_data["kind"]) for name in self.cleaned_data["parts"]]
        placed = restructuring.split(self.place, parts, self.cleaned_data["keeps"])
        text = ngettext(
            "“%(unit)s” split: %(count)d new unit", "“%(unit)s” split: %(count)d new units", len(placed)
        )
        text = text % {"unit": self.place, "count": len(placed)}
        return Taken(text, placed[0], [place.unit for place in placed])


STEP_FORMS: dict[str, type[StepForm]] = {
    form.code: form for form in (ShiftForm, MoveForm, AddForm, RenameForm, MergeForm, SplitForm, EndForm)
}


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _enumerated(names: Iterable[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)
