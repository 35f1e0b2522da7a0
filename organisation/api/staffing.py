"""Staffing tables and policies in the API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import OuterRef, Prefetch, QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from organisation.models import (
    Document,
    Grade,
    Organogram,
    Policy,
    PolicyAction,
    PolicyDomain,
    StaffingLine,
    StaffingTable,
    Unit,
)
from organisation.models.staffing import Measure, StaffCategory, StaffingKind
from pzgent.kernel.publishing import MissingReason
from pzgent.kernel.rest.answering import ApiQuery
from pzgent.kernel.rest.fields import (
    CodeField,
    EditionSerializer,
    HrefField,
    HtmlField,
    LabelField,
    NumberField,
    OmitEmptySerializer,
    ReferenceField,
)
from pzgent.kernel.rest.parameters import Code, Day
from pzgent.kernel.rest.parts import NestedRows, attach, row_of, with_parts
from pzgent.kernel.rest.resources import Collection
from pzgent.kernel.rest.tables import OF_EDITION, LongTable, Shown, columns_of, parts_of

AS_OF = Day(name="asOf", is_shared=True, description="Only the editions in force on this day.")


class GradeSerializer(serializers.Serializer):
    """Rank or level of employment."""

    code = serializers.CharField()
    name = serializers.CharField()
    category = CodeField(StaffCategory)


class StaffingLineSerializer(OmitEmptySerializer):
    """Number for one grade; for the whole corps if it has no unit."""

    grade = GradeSerializer()
    unit = ReferenceField("units")
    count = NumberField(required=False, help_text="Absent if the source does not give it.")
    countMissing = CodeField(
        MissingReason,
        source="count_missing",
        required=False,
        help_text="Why there is no count, when that is known.",
    )
    measure = CodeField(Measure)


class TotalsSerializer(OmitEmptySerializer):
    """Totals stated by the source."""

    OPS = NumberField(source="total_ops", required=False)
    CALOG = NumberField(source="total_calog", required=False)


class StaffingTableSerializer(EditionSerializer):
    """Edition of the staff numbers."""

    href = HrefField("staffingTables")
    kind = CodeField(StaffingKind)
    kindLabel = LabelField(StaffingKind, source="kind")
    summary = serializers.CharField(required=False)
    totals = TotalsSerializer(source="*", required=False)
    total = NumberField(required=False, help_text="Only when the source gives one number for everybody.")
    totalsMissing = CodeField(
        MissingReason,
        source="totals_missing",
        required=False,
        help_text="Why there are no totals, when that is known.",
    )
    totalsMissingLabel = LabelField(MissingReason, source="totals_missing", required=False)
    lines = StaffingLineSerializer(many=True, required=False)


class StaffingTableCollection(Collection):
    """Staff per grade: the formation, targets, actual numbers and norms, newest first."""

    name = "StaffingTable"
    item_summary = "One staffing table"
    item_description = "One staffing table with its lines, the highest grade first."
    summary = "Staffing tables"
    tag = "Staff"
    serializer = StaffingTableSerializer
    search_fields = ("title", "summary")
    orders = {"validFrom": "valid_from", "title": "title", "kind": "kind"}
    parameters = (
        Code(name="kind", choices=StaffingKind, lookup="kind__in", description="What the numbers mean."),
        AS_OF,
    )

    long_tables = {
        "staffingLines": LongTable(
            parts_of("lines", "staffingTable"),
            (
                *columns_of("staffingTable", "id", "kind", *OF_EDITION),
                *columns_of("grade", "code", "name", "category"),
                *columns_of("unit", "slug", "name"),
                "count",
                "countMissing",
                "measure",
            ),
            ("lines",),
        ),
    }
    columns = {
        "CALOG": "CALOG",
        "OPS": "OPS",
        "category": "categorie",
        "count": "aantal",
        "countMissing": "code reden zonder aantal",
        "grade": "graad",
        "measure": "maat",
        "staffingTable": "personeelstabel",
        "total": "totaal",
        "totals": "totalen",
        "totalsMissing": "code reden zonder totalen",
        "totalsMissingLabel": "reden zonder totalen",
    }
    affected_by = {
        StaffingTable: None,
        StaffingLine: {"pk": "table_id"},
        Grade: {"lines__grade": "id"},
        Unit: {"lines__unit": "id"},
        Organogram: None,
        Document: {"source": "id"},
    }

    def rows(self, asked: ApiQuery) -> QuerySet:
        """Return the published tables, or those in force on a day."""
        return StaffingTable.objects.published_as_of(asked.get("asOf")).with_public_lines()


class PolicyActionSerializer(serializers.Serializer):
    """Commitment of the organisation."""

    position = serializers.IntegerField()
    title = serializers.CharField()


class PolicyDomainSerializer(OmitEmptySerializer):
    """Part of a policy."""

    slug = serializers.CharField()
    code = serializers.CharField(required=False)
    title = serializers.CharField()
    summary = serializers.CharField(required=False)
    actions = PolicyActionSerializer(many=True, required=False)


class PolicySerializer(EditionSerializer):
    """Edition of a policy, with its domains and actions."""

    href = HrefField("policies")
    series = serializers.CharField(help_text="The same for each edition of one policy.")
    period = serializers.CharField(required=False, help_text="As printed.")
    summary = serializers.CharField(required=False)
    description = HtmlField(required=False, help_text="HTML subset.")
    statedActions = serializers.IntegerField(
        source="stated_actions", required=False, help_text="How many actions the source says there are."
    )
    document = serializers.SerializerMethodField(required=False)
    domains = PolicyDomainSerializer(many=True, required=False)

    @extend_schema_field(serializers.CharField(help_text="Slug of the document."))
    def get_document(self, policy: Policy) -> Any:
        """Return the policy's document if it is public."""
        return policy.document.slug if policy.document and policy.document.is_published else None


ACTIONS = {
    "actions": NestedRows(
        lambda: PolicyAction.objects.filter(domain=OuterRef("pk")),
        {"position": "position", "title": "title"},
        row_of(PolicyAction),
    )
}


def with_domains(policies: QuerySet) -> QuerySet:
    """Return the policies with their domains, and the actions in the same query as the domains."""
    domains = Prefetch("domains", queryset=with_parts(PolicyDomain.objects.all(), ACTIONS))
    return policies.select_related("source", "document").prefetch_related(domains)


def attach_actions(policies: list[Any]) -> dict[str, Any]:
    """Attach the actions to the domains; return an empty context."""
    for policy in policies:
        for domain in policy.domains.all():
            attach(domain, ACTIONS)
    return {}


def _actions(policy: Shown) -> Iterator[Shown]:
    """Subquery of the actions in each domain of a policy; a domain without actions yields one row."""
    for domain in policy.get("domains", ()):
        for action in domain.get("actions", [{}]):
            yield {"policy": policy, "domain": domain, "action": action}


class PolicyCollection(Collection):
    """Policies with their domains and actions."""

    name = "Policy"
    item_summary = "One policy"
    item_description = "One policy with its domains and actions."
    summary = "Policies"
    tag = "Policies"
    serializer = PolicySerializer
    search_fields = ("title", "summary", "description", "domains__title", "domains__actions__title")
    orders = {"title": "title", "validFrom": "valid_from"}
    parameters = (AS_OF,)

    long_tables = {
        "policyActions": LongTable(
            _actions,
            (
                *columns_of("policy", "id", "series", *OF_EDITION),
                *columns_of("domain", "slug", "code", "title"),
                *columns_of("action", "position", "title"),
            ),
        ),
    }
    columns = {
        "action": "actie",
        "domain": "domein",
        "domains": "domeinen",
        "policy": "beleid",
        "position": "volgorde",
        "series": "reeks",
        "statedActions": "opgegeven acties",
    }
    affected_by = dict.fromkeys((Policy, PolicyDomain, PolicyAction, Document))

    def rows(self, asked: ApiQuery) -> QuerySet:
        """Return the published policies, or those in force on a day."""
        return with_domains(Policy.objects.published_as_of(asked.get("asOf")))

    def context_for(self, rows: list[Any], asked: ApiQuery) -> dict[str, Any]:
        """Attach the actions; return an empty context."""
        return attach_actions(rows)

    def search(self, rows: QuerySet, words: str) -> QuerySet:
        """Return each matching policy once, however many of its actions match."""
        return super().search(rows, words).distinct()
