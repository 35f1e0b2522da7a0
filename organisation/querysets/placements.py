"""QuerySet of placements in an organogram."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.db import connections
from django.db.models import (
    BooleanField,
    Case,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)

from organisation.querysets.visibility import visible_unit_sql
from pzgent.kernel.trees import TreeNodeQuerySet

if TYPE_CHECKING:
    from organisation.models import Organogram, Unit


class PlacementQuerySet(TreeNodeQuerySet):
    """QuerySet of placements in an organogram."""

    def published(self, at: datetime.datetime | None = None) -> Self:
        """Filter the placements that the public sees: neither hidden nor below a hidden one."""
        from organisation.models import Unit

        hidden = self.model._default_manager.filter(unit__in=Unit.objects.hidden(at))
        return self.without_subtrees_of(hidden)

    def newest_first(self) -> Self:
        """Filter the placements in the organograms that the public sees now, newest organogram first."""
        from organisation.models import Organogram

        places = self.filter(organogram__in=Organogram.objects.published())
        return places.order_by("-organogram__valid_from", "-organogram__created")

    def newest_of(self, unit: Unit) -> Self:
        """Filter the unit's placement in the newest organogram that the public sees now: at most one row."""
        newest = self.model._default_manager.newest_first().filter(unit=unit)[:1]
        return self.filter(pk__in=list(newest.values_list("pk", flat=True)))

    def in_organogram_of(self, on: datetime.date | None = None) -> Self:
        """Filter the placements in the organogram in force on a day (default: today), in document order."""
        from organisation.models import Organogram

        return self.filter(organogram=Organogram.objects.key_in_force(on)).order_by("tree_id", "lft")

    def tops_of(self, organogram: Organogram) -> Self:
        """Filter the roots of an organogram."""
        return self.filter(organogram=organogram, parent=None)

    def of_unit_in(self, organograms: Iterable[UUID], slug: str) -> Self:
        """Filter the placements of a unit in these organograms; selects the unit."""
        return self.filter(unit__slug=slug, organogram__in=list(organograms)).select_related("unit")

    def right_below(self, keys: Iterable[UUID]) -> Self:
        """Filter the children of these placements, hidden ones included, in document order; selects the unit."""
        return self.filter(parent__in=list(keys)).select_related("unit").order_by("lft")

    def below(self, slug: str) -> Self:
        """Filter the placements below the unit with this slug, in the same organograms, without the unit itself."""
        above = self.model._default_manager.filter(
            unit__slug=slug, tree_id=OuterRef("tree_id"), lft__lt=OuterRef("lft"), rght__gt=OuterRef("rght")
        )
        return self.filter(Exists(above.order_by()))

    def get_misplaced(self) -> list[tuple[str, str]]:
        """Return the placements whose parent is in another organogram, as (name, fault)."""
        wrong = self.exclude(parent=None).exclude(parent__organogram=F("organogram"))
        return [(str(place), "its parent stands in another organogram") for place in wrong]

    def below_any(self, slugs: Iterable[str]) -> Self:
        """Filter the placements below one of the units with these slugs, without those units themselves."""
        condition = Q()
        for slug in slugs:
            condition |= Q(pk__in=self.model._default_manager.below(slug).values("pk"))
        return self.filter(condition)

    def at_or_below(self, keys: Iterable[UUID]) -> Self:
        """Filter the placements with these keys and all their descendants."""
        above = self.model._default_manager.filter(
            pk__in=list(keys),
            tree_id=OuterRef("tree_id"),
            lft__lte=OuterRef("lft"),
            rght__gte=OuterRef("rght"),
        )
        return self.filter(Exists(above.order_by()))

    def also_under_any(self, slugs: Iterable[str]) -> Self:
        """Filter the placements whose unit is also steered by, or reports to, one of the units with these slugs."""
        from organisation.models import FunctionalLine

        lines = (
            FunctionalLine.objects.shown().beside_tree().of_place("unit").filter(above__slug__in=list(slugs))
        )
        return self.filter(Exists(lines.order_by()))

    def led_by_any(self, slugs: Iterable[str]) -> Self:
        """Filter the placements whose unit is led by one of the posts with these slugs."""
        from organisation.models import FunctionalLine

        lines = FunctionalLine.objects.shown().leading().of_place("unit").filter(above__slug__in=list(slugs))
        return self.filter(Exists(lines.order_by()))

    def get_units_placed(self, units: Iterable[UUID], on: datetime.date | None = None) -> set[UUID]:
        """Return which of these units are in the organogram in force on a day, visibly or not."""
        places = self.in_organogram_of(on).filter(unit__in=list(units)).order_by()
        return set(places.values_list("unit_id", flat=True))

    def in_published_organograms(self) -> Self:
        """Filter the placements in the organograms that the public sees, in force or not."""
        from organisation.models import Organogram

        return self.filter(organogram__in=Organogram.objects.published())

    def of_units(self, slugs: Iterable[str], on: datetime.date | None = None) -> Self:
        """Filter the visible placements of these units, newest first.

        Annotates `in_force`, whether its organogram is in force on the day, and `next_start`, the first day of the
        organogram after it.
        """
        from organisation.models import Organogram

        rows = self.published().in_published_organograms().filter(unit__slug__in=list(slugs))
        later = Organogram.objects.published().filter(valid_from__gt=OuterRef("organogram__valid_from"))
        rows = rows.annotate(next_start=Subquery(later.order_by("valid_from").values("valid_from")[:1]))
        in_force = Q(organogram__in=Organogram.objects.in_force(on).order_by().values("pk"))
        rows = rows.annotate(in_force=Case(When(in_force, then=Value(1)), default=Value(0)))
        return rows.with_unit().order_by("-organogram__valid_from", "-organogram__created")

    def with_unit(self) -> Self:
        """Select the unit and the parent's unit."""
        return self.select_related("unit", "unit__source", "parent__unit", "organogram")

    def get_paths(self, ids: Iterable[UUID]) -> dict[UUID, list[dict[str, Any]]]:
        """Return, by placement, its ancestors from the root down, itself included.

        The steps are dicts of id, slug, name, abbreviation, kind, and whether the unit is `visible` and `has_page`.
        One recursive query that follows the parent foreign keys, so its cost depends on the depth and not on the
        size of the tree.
        """
        wanted = list(ids)
        if not wanted:
            return {}
        table, units = self.model._meta.db_table, "organisation_unit"
        marks = ", ".join(["%s"] * len(wanted))
        field = self.model._meta.pk
        connection = connections[self.db]
        keys = [field.get_db_prep_value(key, connection) for key in wanted]
        is_visible, values = visible_unit_sql(connection)
        sql = f"""
            WITH RECURSIVE up(start, id, parent_id, unit_id, name, abbreviation, kind, level) AS (
                SELECT id, id, parent_id, unit_id, name, abbreviation, kind, level FROM {table} WHERE id IN ({marks})
                UNION ALL
                SELECT up.start, p.id, p.parent_id, p.unit_id, p.name, p.abbreviation, p.kind, p.level
                FROM {table} p JOIN up ON p.id = up.parent_id
            )
            SELECT up.start, up.id, {units}.slug, up.name, up.abbreviation, up.kind, {units}.publication_level,
                CASE WHEN {is_visible} THEN 1 ELSE 0 END
            FROM up JOIN {units} ON {units}.id = up.unit_id ORDER BY up.start, up.level
        """  # noqa: S608  # only table names, placeholders and a condition of our own are put in
        paths: dict[UUID, list[dict[str, Any]]] = {}
        with connection.cursor() as cursor:
            cursor.execute(sql, [*keys, *values])
            for start, key, slug, name, abbreviation, kind, level, visible in cursor.fetchall():
                step = {"id": field.to_python(key), "slug": slug, "name": name}
                step |= {"abbreviation": abbreviation, "kind": kind}
                step |= {"visible": bool(visible), "has_page": bool(visible) and level == "public"}
                paths.setdefault(field.to_python(start), []).append(step)
        return paths

    def get_public_paths(self, ids: Iterable[UUID | None]) -> dict[UUID, list[dict[str, Any]]]:
        """Like `get_paths`, without placements that are hidden or below a hidden one."""
        paths = self.get_paths({key for key in ids if key is not None})
        return {key: steps for key, steps in paths.items() if all(step["visible"] for step in steps)}

    def get_current_places(self, units: Iterable[UUID]) -> dict[UUID, tuple[UUID, str]]:
        """Return, by unit, its placement in the organogram in force, or else its newest, as (placement id, kind).

        One query, regardless of the number of units.
        """
        from organisation.models import Organogram

        is_in_force = ExpressionWrapper(Q(organogram=Organogram.objects.key_in_force()), BooleanField())
        rows = self.filter(unit__in=list(units)).annotate(is_in_force=is_in_force)
        ordered = rows.order_by("is_in_force", "organogram__valid_from", "organogram__created")
        return {unit: (key, kind) for key, unit, kind in ordered.values_list("pk", "unit_id", "kind")}
