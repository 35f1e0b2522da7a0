"""Key figures that measure objectives, fetched as nested rows in the query of either model."""

from django.db.models import OuterRef

from organisation.models import KeyFigure
from projects.models import Objective
from pzgent.kernel.rest.parts import NestedRows, row_of

SHOWN = (
    "slug", "label", "value", "value_missing", "value_max", "qualifier", "unit",
    "target", "target_by", "target_precision",
)  # fmt: skip

# Figures of an objective.
FIGURES = {
    "figures": NestedRows(
        lambda: KeyFigure.objects.published().filter(objectives=OuterRef("pk")),
        {name: name for name in SHOWN},
        row_of(KeyFigure),
    )
}
# Objectives of a figure.
OBJECTIVES = {
    "objectives": NestedRows(
        lambda: Objective.objects.published().of_outer_figure(),
        {"slug": "slug", "title": "title"},
        row_of(Objective),
    )
}
