"""Key figures, official statements, documents and terms in the API."""

from __future__ import annotations

from django.db.models import QuerySet
from rest_framework import serializers

from organisation.models import CorporatePlan, Document, KeyFigure, Statement, Term
from organisation.models.documents import DocumentAccess, DocumentKind
from organisation.models.figures import FigureGroup, Qualifier, StatementKind
from pzgent.kernel.publishing import MissingReason
from pzgent.kernel.rest.answering import ApiQuery
from pzgent.kernel.rest.embedding import Embeds
from pzgent.kernel.rest.fields import (
    CodeField,
    EditionSerializer,
    HrefField,
    LabelField,
    NumberField,
    ReferenceField,
    SourcedSerializer,
    as_precise_as_known,
)
from pzgent.kernel.rest.parameters import Code, Day, Parameter, Reference
from pzgent.kernel.rest.resources import Collection

TAG = "Facts"


class KeyFigureSerializer(SourcedSerializer):
    """One number of the source; a range has `valueMax`."""

    href = HrefField("keyFigures")
    group = CodeField(FigureGroup)
    groupLabel = LabelField(FigureGroup, source="group")
    label = serializers.CharField()  # type: ignore[assignment]  # a field named like an attribute of fields
    value = NumberField(required=False, help_text="Absent if the source does not give it.")
    valueMissing = CodeField(
        MissingReason,
        source="value_missing",
        required=False,
        help_text="Why there is no value, when that is known.",
    )
    valueMissingLabel = LabelField(MissingReason, source="value_missing", required=False)
    valueMax = NumberField(source="value_max", required=False)
    qualifier = CodeField(Qualifier)
    unit = serializers.CharField(required=False, help_text="Unit of measure.")
    referenceDate = serializers.SerializerMethodField(
        required=False, help_text="As precise as known: 2021, 2021-04 or 2021-04-26."
    )
    target = NumberField(required=False, help_text="The number to be reached, in the same unit of measure.")
    targetBy = serializers.SerializerMethodField(
        required=False,
        help_text="When it is to be reached, as precise as known: 2025, 2025-06 or 2025-06-30.",
    )
    note = serializers.CharField(required=False)
    highlight = serializers.IntegerField(
        required=False, help_text="Its place among the main figures; absent for the others."
    )

    def get_targetBy(self, figure: KeyFigure) -> str | None:
        """Return the day, month or year by which the target is to be reached."""
        return as_precise_as_known(figure.target_by, figure.target_precision)

    def get_referenceDate(self, figure: KeyFigure) -> str | None:
        """Return the day, month or year to which the figure applies."""
        return as_precise_as_known(figure.reference_date, figure.reference_precision)


class KeyFigureCollection(Collection):
    """Numbers about the zone, the organisation and the city, with their date and source."""

    name = "KeyFigure"
    item_summary = "One key figure"
    item_description = "One key figure."
    summary = "Key figures"
    tag = TAG
    serializer = KeyFigureSerializer
    search_fields = ("label", "unit", "note")
    orders = {"group": "group", "label": "label", "value": "value"}
    parameters = (
        Code(name="group", choices=FigureGroup, lookup="group__in", description="Heading of the figures."),
        Code(
            name="valueMissing",
            choices=MissingReason,
            lookup="value_missing__in",
            description="Only figures without a value, for this reason.",
        ),
    )

    columns = {
        "group": "groepscode",
        "groupLabel": "groep",
        "highlight": "plaats bij de voornaamste",
        "qualifier": "nauwkeurigheid",
        "referenceDate": "peildatum",
        "target": "streefwaarde",
        "targetBy": "streefdatum",
        "valueMax": "hoogste waarde",
        "valueMissing": "code reden zonder waarde",
        "valueMissingLabel": "reden zonder waarde",
    }
    affected_by = {KeyFigure: {"pk": "id"}, Document: {"source": "id"}}

    def rows(self, asked: ApiQuery) -> QuerySet:
        """Return the published figures."""
        return KeyFigure.objects.published().select_related("source")


class CorporatePlanSerializer(EditionSerializer):
    """Edition of the corporate plan, which contains statements and objectives."""

    href = HrefField("corporatePlans")
    summary = serializers.CharField(required=False)
    document = ReferenceField("documents", label="title", shown_if="document.is_published")


class CorporatePlanCollection(Collection):
    """Corporate plans, newest first."""

    name = "CorporatePlan"
    item_summary = "One corporate plan"
    item_description = "One corporate plan."
    summary = "Corporate plans"
    tag = TAG
    serializer = CorporatePlanSerializer
    search_fields = ("title", "summary")
    orders = {"validFrom": "valid_from", "title": "title"}
    parameters = (Day(name="asOf", is_shared=True, description="Only the plan in force on this day."),)
    embeds = {"document": lambda: DocumentCollection}

    affected_by = {CorporatePlan: None, Document: {"source": "id", "document": "id"}}

    def rows(self, asked: ApiQuery) -> QuerySet:
        """Return the published plans, or the one in force on a day."""
        return CorporatePlan.objects.published_as_of(asked.get("asOf")).select_related("source", "document")


def plan_parameters() -> tuple[Parameter, ...]:
    """Return the parameters that filter the content of corporate plans by plan."""
    return (
        Reference(
            name="plan",
            lookup="plan__slug__in",
            description="Slug of the corporate plan.",
            known=lambda: CorporatePlan.objects.published(),
        ),
        Day(
            name="asOf",
            is_shared=True,
            description="Only what belongs to the corporate plan in force on this day.",
        ),
    )


STATEMENT_EMBEDS: Embeds = {"plan": lambda: CorporatePlanCollection}


class StatementSerializer(SourcedSerializer):
    """Official statement of the organisation about its purpose."""

    href = HrefField("statements")
    kind = CodeField(StatementKind)
    kindLabel = LabelField(StatementKind, source="kind")
    title = serializers.CharField(required=False)
    text = serializers.CharField(help_text="Word for word as in the source.")
    plan = ReferenceField("corporatePlans", label="title", required=True)


class StatementCollection(Collection):
    """Mission, vision, core values, slogan and ambition."""

    name = "Statement"
    item_summary = "One official statement"
    item_description = "One official statement."
    summary = "Official statements"
    tag = TAG
    serializer = StatementSerializer
    search_fields = ("title", "text")
    embeds = STATEMENT_EMBEDS
    orders = {"kind": "kind", "title": "title"}
    parameters = (
        Code(name="kind", choices=StatementKind, lookup="kind__in", description="Kind of statement."),
        *plan_parameters(),
    )

    affected_by = {Statement: {"pk": "id"}, CorporatePlan: {"plan": "id"}, Document: {"source": "id"}}

    def rows(self, asked: ApiQuery) -> QuerySet:
        """Return the published statements, or those of the plan in force on a day."""
        return Statement.objects.published_as_of(asked.get("asOf")).select_related("source", "plan")


class DocumentSerializer(SourcedSerializer):
    """Plan, law, policy or report. `access` tells whether its `url` is accessible to the public."""

    href = HrefField("documents")
    title = serializers.CharField()
    kind = CodeField(DocumentKind)
    kindLabel = LabelField(DocumentKind, source="kind")
    period = serializers.CharField(required=False, help_text="As printed.")
    description = serializers.CharField(required=False)
    url = serializers.URLField(required=False)
    fileUrl = serializers.SerializerMethodField(
        required=False, help_text="The document itself, from this site."
    )
    access = CodeField(DocumentAccess)
    issuedBy = serializers.CharField(source="issued_by", required=False)
    issuedOn = serializers.DateField(source="issued_on", required=False)
    sections = serializers.ListField(
        child=serializers.CharField(),
        source="section_lines",
        required=False,
        help_text="Number and title of each part; facts name the number in `sourcePlace`.",
    )

    def get_fileUrl(self, document: Document) -> str | None:
        """Return the address of the stored file."""
        if not document.file or document.access != DocumentAccess.PUBLIC:
            return None
        return self.context["links"].page(document.file.url)


class DocumentCollection(Collection):
    """Documents that the organisation uses or cites."""

    name = "Document"
    item_summary = "One document"
    item_description = "One document."
    item_dated = True
    summary = "Documents"
    tag = TAG
    serializer = DocumentSerializer
    search_fields = ("title", "description", "issued_by")
    orders = {"title": "title", "kind": "kind", "issuedOn": "issued_on"}
    parameters = (
        Code(name="kind", choices=DocumentKind, lookup="kind__in", description="Kind of document."),
        Code(name="access", choices=DocumentAccess, lookup="access__in", description="Who can open it."),
    )

    columns = {
        "access": "toegang",
        "fileUrl": "bestandsadres",
        "issuedBy": "uitgegeven door",
        "issuedOn": "uitgegeven op",
        "sections": "delen",
    }
    affected_by = {Document: {"pk": "id", "source": "id"}}

    def rows(self, asked: ApiQuery) -> QuerySet:
        """Return the published documents."""
        return Document.objects.published().select_related("source")


class TermSerializer(SourcedSerializer):
    """Abbreviation or word with its explanation."""

    href = HrefField("terms")
    abbreviation = serializers.CharField(help_text="The abbreviation or the word.")
    expansion = serializers.CharField(required=False)
    explanation = serializers.CharField(required=False)


class TermCollection(Collection):
    """The glossary."""

    name = "Term"
    item_summary = "One term"
    item_description = "One term."
    item_dated = True
    summary = "Terms"
    tag = TAG
    serializer = TermSerializer
    search_fields = ("abbreviation", "expansion", "explanation")
    orders = {"abbreviation": "abbreviation", "expansion": "expansion"}

    columns = {"expansion": "voluit", "explanation": "uitleg"}
    affected_by = {Term: {"pk": "id"}, Document: {"source": "id"}}

    def rows(self, asked: ApiQuery) -> QuerySet:
        """Return the published terms."""
        return Term.objects.published().select_related("source")
