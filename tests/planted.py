"""Site in which all non-public data carries unique marks, planted by iterating over the models."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models
from django.utils import timezone

from contact.models import Channel
from contact.models.kinds import ChannelKind
from organisation.models import Document, Organogram, Placement, Unit
from pzgent.kernel.publishing import Publishable
from pzgent.kernel.translations import OTHER_LANGUAGES, Translated
from pzgent.models import PlanRecord, SynonymRing, Zone
from tests import registry
from tests.make import make

NOW = timezone.now()
DAY = datetime.timedelta(days=1)
# Ways to keep a row from the public; the last two were public before.
STATES: dict[str, dict[str, Any]] = {
    "draft": {"status": "draft"},
    "scheduled": {"publish_from": NOW + DAY},
    "withdrawn": {"status": "withdrawn"},
    "ended": {"publish_until": NOW - DAY},
}
BELOW = "below withheld"
ONCE_PUBLIC = ("withdrawn", "ended")
# Fields of a published row that are for editors only, by model or for all models.
ALWAYS_SECRET = ("editor_note",)
# Fields hidden of a unit that is only listed in the organogram, and of a document for staff only.
LISTED_ONLY = ("description", "tasks", "logo", "logo_alt", "editor_note")
STAFF_ONLY = ("file", "editor_note")
# No page shows these words; search matches queries against them.
COMPARED = {(SynonymRing, "words")}


# Columns that may be too short for a mark.
SHORT = ("postal_code", "code", "abbreviation", "number", "kbo_number")


class Planted:
    """Marks, each with the location where it was planted."""

    def __init__(self) -> None:
        self.made = 0
        self.places: dict[str, str] = {}
        self.slugs: dict[tuple[type[models.Model], str], str] = {}

    def mark(self, place: str) -> str:
        """Return a new unique word that resembles no other; letters only, as a slug may contain it."""
        self.made += 1
        digest = hashlib.sha256(f"{place} {self.made}".encode()).digest()
        word = "zq" + "".join("bcdfghjklmnprstvwx"[byte % 18] for byte in digest[:14])
        self.places[word] = place
        return word

    def unknown(self) -> str:
        """Return a word of the same form that is planted nowhere."""
        word = self.mark("nowhere")
        del self.places[word]
        return word

    def found_in(self, text: str) -> list[str]:
        """Return where the marks in a text were planted."""
        text = text.casefold()
        if "zq" not in text:
            return []
        return [place for word, place in self.places.items() if word in text]

    def plant(self, row: Any, state: str, only: tuple[str, ...] = (), *, keep: tuple[str, ...] = ()) -> None:
        """Put a mark in the text columns of a row: all, or `only` these; those in `keep` stay."""
        model = type(row)
        values = {
            field.name: self._value(row, field, f"{model.__name__}.{field.name} ({state})")
            for field in registry.text_fields(model)
            if (field.name in only or not only) and field.name not in keep and field.name != "languages"
        }
        if "slug" in values:
            self.slugs[model, state] = values["slug"]
        if not only and isinstance(row, Translated):
            values["translations"] = self._translations(row, f"{model.__name__}.translations ({state})")
        elif "translations" in values:
            del values["translations"]
        if model is Channel and "value" in values:
            values["kind"] = ChannelKind.EMAIL  # a phone number cannot hold a mark
        model._base_manager.filter(pk=row.pk).update(**values)

    def _translations(self, row: Translated, place: str) -> dict[str, Any]:
        return {
            language: {
                name: {"text": self.mark(f"{place} {language} {name}"), "of": "x"}
                for name in row.translated_fields
            }
            for language in OTHER_LANGUAGES
        }

    def _value(self, row: Any, field: models.Field, place: str) -> Any:
        word = self.mark(place)
        if isinstance(field, models.FileField):
            return default_storage.save(f"documents/{word}.pdf", ContentFile(self.mark(place + " content")))
        if isinstance(field, models.JSONField):
            return {word: word}
        if isinstance(field, models.EmailField):
            return f"{word}@example.org"
        if isinstance(field, models.URLField):
            return f"https://{word}.example/"
        if field.name in ("postal_code", "code", "abbreviation", "number", "kbo_number") and (
            field.max_length or 99
        ) < len(word):
            del self.places[word]
            return getattr(row, field.name)
        return f"<p>{word}</p>" if type(field).__name__ == "RichTextField" else word


class Base:
    """One public row of each model, linked to each other, to which the secret rows are attached."""

    def __init__(self) -> None:
        self.rows: dict[type[models.Model], Any] = {}
        self._publish_structure()
        for model in registry.project_models():
            self.get(model)

    def _publish_structure(self) -> None:
        organogram = make(Organogram, valid_from=datetime.date(2021, 1, 1))
        self.rows[Organogram] = organogram
        top = make(Placement, organogram=organogram, name="Korps")
        self.rows[Placement] = make(Placement, organogram=organogram, parent=top, name="Wijkdienst")
        self.rows[Unit] = self.rows[Placement].unit
        self.other_unit = self._placed_unit()

    def _placed_unit(self) -> Unit:
        """Return another public unit, so that no two lines or successions connect the same units."""
        place = self.rows[Placement]
        return make(Placement, organogram=place.organogram, parent=place.parent).unit

    def get(self, model: type[models.Model]) -> Any:
        """Return the public row of a model; None for internal models of the portal."""
        if model not in self.rows:
            from tests.make import MAKERS

            self.rows[model] = self.make(model) if model in MAKERS else None
        return self.rows[model]

    def make(self, model: type[models.Model], **changes: Any) -> Any:
        """Create another row that refers to the public rows of other models, except for the given values."""
        for field in model._meta.local_concrete_fields:
            if isinstance(field, models.ForeignKey) and field.name not in changes:
                changes |= self._link(model, field, changes)
        return make(model, **changes)

    def _link(
        self, model: type[models.Model], field: models.ForeignKey, changes: dict[str, Any]
    ) -> dict[str, Any]:
        if field.null or (model is Placement and field.name == "unit"):
            return {}
        if field.name in ("to_unit", "above"):
            return {field.name: self._placed_unit() if "source" in changes else self.other_unit}
        if field.related_model not in registry.project_models():
            return {}
        if model.__name__ == "StaffingLine" and field.name == "grade":
            return {}
        return {field.name: self.get(field.related_model)}


def _is_hidden_with(field: models.ForeignKey, holder: type[models.Model]) -> bool:
    """True if a row cannot be public without the target of this foreign key."""
    return not field.null and holder is not Document


class World:
    """Whole site: `planted` holds the marks that no public response may contain."""

    def __init__(self, tell: Callable[[], None]) -> None:
        self.planted = Planted()
        self.base = Base()
        self._plant_in_public_rows()
        later = [
            (row, state, STATES[state])
            for state in ONCE_PUBLIC
            for model in registry.project_models()
            if issubclass(model, Publishable)
            for row in [self._tied(model, {})]
        ]
        for row, state, _changes in later:
            # The change feed publishes the existing slug; all other fields are marked before and published as well.
            self._hide(row, f"{state} after publication", keep=("slug",))
        tell()
        for row, _state, changes in later:
            type(row)._base_manager.filter(pk=row.pk).update(**changes)
        tell()
        for state, changes in STATES.items():
            for model in registry.project_models():
                if issubclass(model, Publishable):
                    self._hide(self._tied(model, changes), state)
        withheld = self._tied(Unit, {"publication_level": "withheld"})
        self._hide(withheld, "withheld")
        self._hide(self._below(withheld), BELOW)
        listed = self._tied(Unit, {"publication_level": "listed"})
        self.planted.plant(listed, "listed only", LISTED_ONLY)
        self.planted.plant(self.base.make(Document, access="internal"), "staff only", STAFF_ONLY)
        self._plant_accounts()
        tell()

    def _tied(self, model: type[models.Model], changes: dict[str, Any]) -> Any:
        """Create a row that is linked like the public ones, except for these changes."""
        return self.base.make(model, **changes)

    def _below(self, unit: Unit) -> Unit:
        """Create a published unit below one that is hidden from the public."""
        place = unit.placements.get()
        return make(Placement, organogram=place.organogram, parent=place).unit

    def _plant_in_public_rows(self) -> None:
        for row in self.base.rows.values():
            only = tuple(name for name in ALWAYS_SECRET if row and hasattr(row, name))
            if only:
                self.planted.plant(row, "public", only)

    def _hide(self, row: Any, state: str, keep: tuple[str, ...] = (), depth: int = 0) -> None:
        """Plant marks in a row, attach rows of each model to it, and plant in those that are hidden with it."""
        self.planted.plant(row, state, keep=keep)
        row.refresh_from_db()
        if depth == 2:
            return
        for holder, field in registry.foreign_keys_to(type(row)):
            if (holder, field.name) == (Placement, "parent"):
                continue  # a placement moves with its unit, which has its own state: below
            if holder is Zone or field.name == "same_number_as":
                continue  # the former refers to public objects, the latter has the number itself
            if state == BELOW and holder is Placement:
                tied = row.placements.get()  # the only placement: another one could make it public
                self._hide(tied, f"{state} with its {field.name}", depth=depth + 1)
                continue
            tied = self.base.make(holder, **{field.name: row, **_needed(holder, field, row)})
            if _is_hidden_with(field, holder):
                self._hide(tied, f"{state} with its {field.name}", depth=depth + 1)
        for field in self._many_to_many(row):
            getattr(self.base.get(field.model), field.name).add(row)

    @staticmethod
    def _many_to_many(row: Any) -> Iterator[models.ManyToManyField]:
        for model in registry.project_models():
            for field in model._meta.local_many_to_many:
                through: Any = field.remote_field.through
                if field.related_model is type(row) and through._meta.auto_created:
                    yield field

    def _plant_accounts(self) -> None:
        user = User.objects.create_user("redacteur", password="x", is_staff=True)
        self.planted.plant(user, "account", ("username", "first_name", "last_name", "email"))
        self.planted.plant(Group.objects.create(name="groep"), "group", ("name",))
        self.planted.plant(SynonymRing.objects.first(), "synonyms", ("slug",))
        kept = PlanRecord.objects.create(model="organisation.unit", key="x", object_id="x")
        self.planted.plant(kept, "starting content", ("key", "object_id", "values"))
        unit = self.base.get(Unit)
        entry = LogEntry.objects.create(
            user_id=user.pk,
            content_type=ContentType.objects.get_for_model(Unit),
            object_id=str(unit.pk),
            object_repr="x",
            action_flag=CHANGE,
            change_message="x",
        )
        self.planted.plant(entry, "log", ("object_repr", "change_message"))


def _needed(holder: type[models.Model], field: models.ForeignKey, row: Any) -> dict[str, Any]:
    """Return the other values that a row with this foreign key needs to be valid."""
    if holder.__name__ == "CareArea" and field.name == "location":
        return {"certainty": "named"}
    if holder.__name__ == "Channel" and field.name == "alternative":
        return {"kind": "web_form", "value": "https://example.org/"}
    if holder.__name__ == "Objective" and field.name == "parent":
        return {"plan": row.plan}
    return {}
