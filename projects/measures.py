"""Which key figures measure which objectives, fetched in the query of the one or the other."""

from django.db.models import OuterRef

from organisation.models import KeyFigure
from projects.models import Objective
from pzgent.kernel.rest.parts import NestedRows, row_of

SHOWN = (
    "slug", "label", "value", "value_missing", "value_max", "qualifier", "unit",
    "target", "target_by", "target_precision",
)  # fmt: skip

# The figures of an objective.
FIGURES = {
    "figures": NestedRows(
        lambda: KeyFigure.objects.published().filter(objectives=OuterRef("pk")),
        {name: name for name in SHOWN},
        row_of(KeyFigure),
    )
}
# The objectives of a figure.
OBJECTIVES = {
    "objectives": NestedRows(
        lambda: Objective.objects.published().of_outer_figure(),
        {"slug": "slug", "title": "title"},
        row_of(Objective),
    )
}
