"""Plans, projects and objectives in the API."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from organisation.api import facts
from organisation.api.facts import CorporatePlanCollection, DocumentCollection, plan_parameters
from organisation.api.units import WITHIN, UnitCollection, unit_reference
from organisation.models import CorporatePlan, Document, KeyFigure, Organogram, Unit
from projects import measures
from projects.models import (
    Objective,
    ObjectiveKind,
    Plan,
    Project,
    ProjectKind,
    ProjectRole,
    ProjectStatus,
    ProjectUnit,
    ProjectUpdate,
)
from pzgent.kernel.publishing import FactBasis
from pzgent.kernel.rest.answering import ApiQuery
from pzgent.kernel.rest.embedding import Embeds
from pzgent.kernel.rest.fields import (
    CodeField,
    EditionSerializer,
    HrefField,
    HtmlField,
    LabelField,
    OmitEmptySerializer,
    ReferenceField,
    SourcedSerializer,
    TranslatedPlainTextField,
)
from pzgent.kernel.rest.linked import Node, Representation, in_dutch, link, node, origin
from pzgent.kernel.rest.parameters import Code, Day, Parameter, Reference
from pzgent.kernel.rest.parts import NestedRows, attach, row_of, with_parts
from pzgent.kernel.rest.resources import Collection
from pzgent.kernel.rest.tables import LongTable, columns_of, parts_of

TAG = "Projects"


class PlanSerializer(EditionSerializer):
    """Edition of the safety plan."""

    href = HrefField("plans")
    summary = serializers.CharField(required=False)
    document = serializers.SerializerMethodField(required=False, help_text="Slug of the document.")
    projects = serializers.SerializerMethodField(help_text="The address of the plan's projects.")

    def get_document(self, plan: Plan) -> str | None:
        """Return the plan's document if it is public."""
        return plan.document.slug if plan.document and plan.document.is_published else None

    @extend_schema_field(serializers.URLField())
    def get_projects(self, plan: Plan) -> str:
        """Return an absolute URL."""
        return f"{self.context['links'].api}/projects?plan={plan.slug}"


class PlanCollection(Collection):
    """Safety plans, newest first."""

    name = "Plan"
    item_summary = "One plan"
    item_description = "One plan."
    summary = "Plans"
    tag = TAG
    serializer = PlanSerializer
    search_fields = ("title", "summary")
    orders = {"validFrom": "valid_from", "title": "title"}
    parameters = (Day(name="asOf", is_shared=True, description="Only the plan in force on this day."),)

    affected_by = dict.fromkeys((Plan, Document))

    def rows(self, asked: ApiQuery) -> QuerySet:
        """Return the published plans, or the one in force on a day."""
        return Plan.objects.published_as_of(asked.get("asOf")).select_related("source", "document")


class ProjectBriefSerializer(OmitEmptySerializer):
    """Project as other objects represent it."""

    slug = serializers.CharField()
    code = serializers.CharField(help_text="As the plan writes it, for example “I 4”.")
    kind = CodeField(ProjectKind)
    title = serializers.CharField()
    href = HrefField("projects")


OF_UNIT = NestedRows(
    lambda: Project.objects.published().of_place(),
    {"slug": "slug", "kind": "kind", "number": "number", "title": "title"},
    row_of(Project),
)


OBJECTIVES = {
    "objectives": NestedRows(
        lambda: Objective.objects.published().of_outer_project(),
        {"slug": "slug", "title": "title"},
        row_of(Objective),
    )
}
UPDATES = {
    "updates": NestedRows(
        lambda: ProjectUpdate.objects.filter(project=OuterRef("pk")),
        {"date": "date", "text": "text"},
        row_of(ProjectUpdate),
    )
}


class ProjectUnitSerializer(OmitEmptySerializer):
    """Role of a unit in a project."""

    slug = serializers.CharField(source="unit.slug")
    name = serializers.CharField(source="unit.name")
    href = HrefField("units", source="unit")
    role = CodeField(ProjectRole)
    note = serializers.CharField(required=False)
    basis = CodeField(FactBasis, help_text="Whether the source names the unit's part, or it was derived.")
    basisLabel = LabelField(FactBasis, source="basis")


class ContinuedField(ReferenceField):
    """Earlier project that this one continues."""

    def __init__(self, **options: Any) -> None:
        super().__init__("projects", label="title", shown_if="continues_shown", **options)


class ProjectSerializer(SourcedSerializer):
    """Numbered project of a plan."""

    href = HrefField("projects")
    number = serializers.IntegerField()
    code = serializers.CharField(help_text="As the plan writes it, for example “I 4”.")
    kind = CodeField(ProjectKind)
    kindLabel = LabelField(ProjectKind, source="kind")
    title = serializers.CharField()
    summary = serializers.CharField(required=False)
    progress = CodeField(ProjectStatus, required=False, help_text="Absent if the source does not give it.")
    progressLabel = LabelField(ProjectStatus, source="progress", required=False)
    outcome = TranslatedPlainTextField(
        "outcome", required=False, help_text="What came of it. Absent if the source does not give it."
    )
    outcomeDate = serializers.DateField(source="outcome_date", required=False)
    outcomeDocument = ReferenceField(
        "documents", label="title", source="outcome_document", shown_if="outcome_document.is_published"
    )
    plan = ReferenceField("plans", label="title", required=True)
    units = ProjectUnitSerializer(source="project_units", many=True, required=False)
    objectives = serializers.ListField(
        child=ReferenceField("objectives", label="title"), source="objectives.all", required=False
    )
    continues = ContinuedField()


class ProjectUpdateSerializer(serializers.Serializer):
    """Dated news about a project."""

    date = serializers.DateField()
    text = HtmlField(help_text="HTML subset.")


class ProjectDetailSerializer(ProjectSerializer):
    """Project with its description and news."""

    description = HtmlField(required=False, help_text="HTML subset.")
    updates = ProjectUpdateSerializer(many=True, required=False)


def project_node(project: Representation) -> Node:
    """Return a project as linked data: its plan, its units and its objectives."""
    known = node(
        project["href"],
        ["foaf:Project", "schema:Project"],
        dct_title=in_dutch(project["title"]),
        schema_name=in_dutch(project["title"]),
        dct_identifier=project["code"],
        dct_description=in_dutch(project.get("summary")),
        dct_isPartOf=link(project.get("plan")),
        dct_contributor=[link(unit) for unit in project.get("units", ())],
        dct_subject=[link(objective) for objective in project.get("objectives", ())],
        dct_replaces=link(project.get("continues")),
    )
    return {**known, **origin(project)}


def project_parameters() -> tuple[Parameter, ...]:
    """Return the parameters that filter projects."""
    return (
        Reference(
            name="plan",
            lookup="plan__slug__in",
            description="Slug of the plan.",
            known=lambda: Plan.objects.published(),
        ),
        Code(
            name="kind", choices=ProjectKind, lookup="kind__in", description="I (innovation) or B (securing)."
        ),
        unit_reference("unit", "Slug of a unit that takes part."),
        WITHIN,
        Reference(
            name="objective",
            description="Slug of an objective served.",
            known=lambda: Objective.objects.published(),
        ),
        Day(name="asOf", is_shared=True, description="Only the projects of the plan in force on this day."),
    )


PROJECT_EMBEDS: Embeds = {
    "plan": lambda: PlanCollection,
    "units": lambda: UnitCollection,
    "objectives": lambda: ObjectiveCollection,
    "continues": lambda: ProjectCollection,
    "outcomeDocument": lambda: DocumentCollection,
}


class ProjectCollection(Collection):
    """Projects of the plans, by number."""

    name = "Project"
    item_summary = "One project"
    item_description = "One project with its units, objectives and news."
    summary = "Projects"
    tag = TAG
    serializer = ProjectSerializer
    item_serializer = ProjectDetailSerializer
    attached = OBJECTIVES
    linked_node = staticmethod(project_node)
    embeds = PROJECT_EMBEDS
    search_fields = ("title", "number", "summary", "description", "outcome")
    orders = {"number": "number", "title": "title", "kind": "kind"}
    parameters = project_parameters()

    long_tables = {
        "projectUnits": LongTable(
            parts_of("units", "project", "unit"),
            (
                *columns_of("project", "id", "slug", "code", "title", "plan.slug"),
                *columns_of("unit", "slug", "name", "href"),
                "role",
                "note",
            ),
        ),
    }
    columns = {
        "continues": "vervolg op",
        "number": "nummer",
        "outcome": "resultaat",
        "outcomeDate": "datum resultaat",
        "outcomeDocument": "document resultaat",
        "progress": "voortgangscode",
        "progressLabel": "voortgang",
        "project": "project",
        "role": "rolcode",
        "units": "eenheden",
    }
    affected_by = {
        Project: {"pk": "id", "continues": "id"},
        Plan: {"plan": "id", "continues__plan": "id"},
        ProjectUnit: {"pk": "project_id"},
        Unit: {"units": "id"},
        Organogram: None,
        Project.objectives.through: {"pk": "project_id"},
        Objective: {"objectives": "id"},
        CorporatePlan: {"objectives__plan": "id"},
        Document: {"source": "id", "outcome_document": "id"},
    }

    def rows(self, asked: ApiQuery) -> QuerySet:
        """Return the published projects of the requested plan, units and objectives."""
        rows: Any = Project.objects.published_as_of(asked.get("asOf"))
        if asked.get("unit"):
            rows = rows.of_units(asked.get("unit"))
        if asked.get("ancestor"):
            rows = rows.of_any(Unit.objects.within_any(asked.get("ancestor")))
        return rows.of_objectives(asked.get("objective")) if asked.get("objective") else rows

    def search(self, rows: Any, words: str) -> QuerySet:
        """Return the projects that the site's own list finds with these terms."""
        return rows.search(words)

    def prepared(self, rows: Any, asked: ApiQuery) -> Any:
        """Return the projects with their references."""
        return super().prepared(rows.with_public_relations(), asked)

    def item_rows(self, asked: ApiQuery) -> QuerySet:
        """Return the projects with their references and news."""
        return with_parts(super().item_rows(asked), UPDATES)

    def item_context(self, row: Any, asked: ApiQuery) -> dict[str, Any]:
        """Attach the parts fetched in the same query; return an empty context."""
        attach(row, UPDATES)
        return super().item_context(row, asked)


class ObjectiveSerializer(SourcedSerializer):
    """Objective of the organisation; `parent` is the objective that contains it."""

    href = HrefField("objectives")
    kind = CodeField(ObjectiveKind)
    kindLabel = LabelField(ObjectiveKind, source="kind")
    code = serializers.CharField(required=False)
    title = serializers.CharField()
    meaning = serializers.CharField(required=False, help_text="What it means, in one plain sentence.")
    text = serializers.CharField(required=False, help_text="The full wording.")
    level = serializers.IntegerField(help_text="0 at the top.")
    plan = ReferenceField("corporatePlans", label="title", required=True)
    parent = ReferenceField("objectives", label="title")  # type: ignore[assignment]  # a field named like an attribute of fields
    projects = ProjectBriefSerializer(many=True, required=False)
    figures = serializers.ListField(
        child=ReferenceField("keyFigures", label="label"),
        source="figures.all",
        required=False,
        help_text="The key figures that measure it.",
    )


OBJECTIVE_EMBEDS: Embeds = {
    "plan": lambda: CorporatePlanCollection,
    "parent": lambda: ObjectiveCollection,
    "projects": lambda: ProjectCollection,
    "figures": lambda: KeyFigureCollection,
}
OF_OBJECTIVE = ("parent", "source", "plan")


class ObjectiveCollection(Collection):
    """Goals, sub-goals, activities, key agreements and action themes, as a flat list in the order of the plan."""

    name = "Objective"
    item_summary = "One objective"
    item_description = "One objective with the projects that serve it."
    summary = "Objectives"
    tag = TAG
    serializer = ObjectiveSerializer
    embeds = OBJECTIVE_EMBEDS
    attached = measures.FIGURES
    search_fields = ("code", "title", "meaning", "text")
    orders = {"code": "code", "title": "title", "kind": "kind", "level": "level"}
    parameters = (
        Code(name="kind", choices=ObjectiveKind, lookup="kind__in", description="Kind of objective."),
        Reference(
            name="parent",
            lookup="parent__slug__in",
            description="Slug of the objective of which it is a part.",
            known=lambda: Objective.objects.published(),
        ),
        *plan_parameters(),
    )

    columns = {"figures": "kerncijfers", "meaning": "betekenis"}
    affected_by = {
        Objective: {"pk": "id", "parent": "id"},
        CorporatePlan: {"plan": "id"},
        Objective.figures.through: {"pk": "objective_id"},
        KeyFigure: {"figures": "id"},
        Project.objectives.through: {"pk": "objective_id"},
        Project: {"projects": "id"},
        Plan: {"projects__plan": "id"},
        Document: {"source": "id"},
    }

    def rows(self, asked: ApiQuery) -> QuerySet:
        """Return the published objectives in document order, or those of the plan in force on a day."""
        rows = Objective.objects.published_as_of(asked.get("asOf"))
        return rows.with_projects().select_related(*OF_OBJECTIVE)


class KeyFigureSerializer(facts.KeyFigureSerializer):
    """One number of the source, with the objectives that it measures; a range has `valueMax`."""

    objectives = serializers.ListField(
        child=ReferenceField("objectives", label="title"),
        source="objectives.all",
        required=False,
        help_text="The objectives that it measures.",
    )


FIGURE_EMBEDS: Embeds = {"objectives": lambda: ObjectiveCollection}


class KeyFigureCollection(facts.KeyFigureCollection):
    """Numbers about the zone, the organisation and the city, with their date, source, target and objectives."""

    serializer = KeyFigureSerializer
    embeds = FIGURE_EMBEDS
    attached = measures.OBJECTIVES

    affected_by = {
        **facts.KeyFigureCollection.affected_by,
        Objective.figures.through: {"pk": "keyfigure_id"},
        Objective: {"objectives": "id"},
        CorporatePlan: {"objectives__plan": "id"},
    }
