"""References for the API benchmarks: the same responses with plain Django REST framework, and with SQL alone.

Written as the DRF documentation teaches: model serializers, prefetched relations, a generic list view, pagination.
`tests/pzgent/test_bench.py` checks that the bytes are equal.
"""

from django.db.models import OuterRef, Prefetch, Subquery
from rest_framework import generics, serializers
from rest_framework.pagination import PageNumberPagination
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from organisation.models import FunctionalLine, Organogram, Placement
from projects.models import Objective, Project, ProjectUnit
from pzgent.models import PublishedItem

OUTLINE = """
    SELECT {aggregate}({object}(
        'slug', slug, 'name', name, 'abbreviation', abbreviation, 'kind', kind, 'level', level)){cast}
    FROM (
        SELECT u.slug, p.name, p.abbreviation, p.kind, p.level
        FROM organisation_placement p JOIN organisation_unit u ON u.id = p.unit_id
        WHERE p.organogram_id = %s ORDER BY p.tree_id, p.lft
    ) node
"""
OUTLINES = {
    "postgresql": OUTLINE.format(aggregate="json_agg", object="json_build_object", cast="::text"),
    "sqlite": OUTLINE.format(aggregate="json_group_array", object="json_object", cast=""),
}
DEEPEST = 9


class KnownOnly(serializers.ModelSerializer):
    """Omit unknown values, and make URLs absolute."""

    source = serializers.SerializerMethodField()
    href = serializers.SerializerMethodField()
    htmlUrl = serializers.SerializerMethodField()
    kindLabel = serializers.CharField(source="get_kind_display")
    changeNumber = serializers.IntegerField(source="change_number")
    basis = serializers.CharField()
    basisLabel = serializers.CharField(source="get_basis_display")
    sourceNote = serializers.CharField(source="source_note")

    def to_representation(self, instance):
        shown = super().to_representation(instance).items()
        return {name: value for name, value in shown if value not in (None, "", [], {})}

    def address(self, collection, slug):
        return self.context["request"].build_absolute_uri(f"/api/v1/{collection}/{slug}")

    def reference(self, collection, row, label="name"):
        return {"slug": row.slug, "name": getattr(row, label), "href": self.address(collection, row.slug)}

    def sourced(self, row):
        known = {"place": row.source_place, "verifiedOn": row.verified_on}
        if row.source and row.source.is_published:
            href = self.address("documents", row.source.slug)
            known = {"document": row.source.slug, "title": row.source.title, "href": href, **known}
        return {name: value for name, value in known.items() if value}


class PlainUnitSerializer(KnownOnly):
    id = serializers.UUIDField(source="unit.id")
    slug = serializers.CharField(source="unit.slug")
    parent = serializers.SerializerMethodField()
    path = serializers.SerializerMethodField()
    organisation = serializers.SerializerMethodField()
    alsoUnder = serializers.SerializerMethodField()
    ledBy = serializers.SerializerMethodField()
    summary = serializers.CharField(source="unit.summary")
    tasks = serializers.ListField(source="unit.task_list")
    modified = serializers.DateTimeField(source="unit.modified")
    basis = serializers.CharField(source="unit.basis")
    basisLabel = serializers.CharField(source="unit.get_basis_display")
    sourceNote = serializers.CharField(source="unit.source_note")

    class Meta:
        model = Placement
        fields = (
            "id", "slug", "href", "htmlUrl", "name", "abbreviation", "kind", "kindLabel", "parent", "path", "level",
            "organisation", "alsoUnder", "ledBy", "summary", "tasks", "modified", "source", "basis", "basisLabel",
            "sourceNote", "changeNumber",
        )  # fmt: skip

    def get_href(self, place):
        return self.address("units", place.unit.slug)

    def get_htmlUrl(self, place):
        if place.unit.publication_level == "public":
            return self.context["request"].build_absolute_uri(place.unit.get_absolute_url())
        return ""

    def get_parent(self, place):
        if place.parent is None:
            return None
        return {**self.reference("units", place.parent.unit), "name": place.parent.name}

    def get_path(self, place):
        names, step = [], place
        while step is not None:
            names.append(step.name)
            step = step.parent
        return names[::-1]

    def get_organisation(self, place):
        if place.parent is None:
            return None
        top = place.parent
        while top.parent is not None:
            top = top.parent
        return {**self.reference("units", top.unit), "name": top.name}

    def get_alsoUnder(self, place):
        return [self.line(line, line.above) for line in place.unit.shown_lines_up if line.kind != "led"]

    def get_ledBy(self, place):
        return [self.line(line, line.above) for line in place.unit.shown_lines_up if line.kind == "led"]

    def line(self, line, other):
        known = {"slug": other.slug, "name": line.name, "href": self.address("units", other.slug)}
        known |= {"kind": line.kind, "kindLabel": line.get_kind_display(), "note": line.note}
        known |= {"source": self.sourced(line), "basis": line.basis, "basisLabel": line.get_basis_display()}
        known["sourceNote"] = line.source_note
        return {name: value for name, value in known.items() if value}

    def get_source(self, place):
        return self.sourced(place.unit)


class PlainProjectUnitSerializer(serializers.ModelSerializer):
    basisLabel = serializers.CharField(source="get_basis_display")
    slug = serializers.CharField(source="unit.slug")
    name = serializers.CharField(source="unit.name")
    href = serializers.SerializerMethodField()

    class Meta:
        model = ProjectUnit
        fields = ("slug", "name", "href", "role", "note", "basis", "basisLabel")

    def get_href(self, part):
        return self.context["request"].build_absolute_uri(f"/api/v1/units/{part.unit.slug}")

    def to_representation(self, instance):
        return {name: value for name, value in super().to_representation(instance).items() if value}


class PlainObjectiveSerializer(serializers.ModelSerializer):
    name = serializers.CharField(source="title")
    href = serializers.SerializerMethodField()

    class Meta:
        model = Objective
        fields = ("slug", "name", "href")

    def get_href(self, objective):
        return self.context["request"].build_absolute_uri(f"/api/v1/objectives/{objective.slug}")


class PlainProjectSerializer(KnownOnly):
    progressLabel = serializers.CharField(source="get_progress_display")
    plan = serializers.SerializerMethodField()
    units = PlainProjectUnitSerializer(source="project_units", many=True)
    objectives = PlainObjectiveSerializer(many=True)
    continues = serializers.SerializerMethodField()

    class Meta:
        model = Project
        fields = (
            "id", "slug", "href", "htmlUrl", "number", "code", "kind", "kindLabel", "title", "summary", "progress",
            "progressLabel", "plan", "units", "objectives", "continues", "modified", "source",
            "basis", "basisLabel", "sourceNote", "changeNumber",
        )  # fmt: skip

    def get_href(self, project):
        return self.address("projects", project.slug)

    def get_htmlUrl(self, project):
        return self.context["request"].build_absolute_uri(project.get_absolute_url())

    def get_plan(self, project):
        return self.reference("plans", project.plan, "title")

    def get_continues(self, project):
        return self.reference("projects", project.continues, "title") if project.continues_shown else None

    def get_source(self, project):
        return self.sourced(project)


def numbered(rows, collection, key):
    """Annotate the rows with their number in the change feed."""
    told = PublishedItem.objects.filter(collection=collection, key=OuterRef(key), is_removed=False)
    return rows.annotate(change_number=Subquery(told.order_by().values("number")))


def lines(here, other):
    """Prefetch the functional lines of the organogram in force, for the units at this end."""
    rows = FunctionalLine.objects.shown().filter(organogram__in=Organogram.objects.in_force())
    rows = rows.with_names(other).select_related(other, "source")
    side = "lines_up" if here == "unit" else "lines_down"
    return Prefetch(f"unit__{side}", queryset=rows, to_attr=f"shown_{side}")


class Pages(PageNumberPagination):
    """Envelope of our lists; each page links to itself and its neighbours."""

    page_size = 50
    page_size_query_param = "pageSize"

    def get_paginated_response(self, data):
        found = {
            "self": self.request.build_absolute_uri(),
            "items": data,
            "total": self.page.paginator.count,
            "page": self.page.number,
            "pageSize": self.page_size,
            "next": self.get_next_link(),
            "prev": self.get_previous_link(),
        }
        return Response({name: value for name, value in found.items() if value is not None})


class PlainUnits(generics.ListAPIView):
    """Units with their parent, path and source."""

    serializer_class = PlainUnitSerializer
    pagination_class = Pages
    renderer_classes = [JSONRenderer]
    parser_classes = []

    def get_queryset(self):
        above = "__".join(["parent"] * DEEPEST)
        rows = Placement.objects.filter(organogram__in=Organogram.objects.in_force()).published()
        rows = rows.select_related("unit__source", "parent__unit", above).order_by("tree_id", "lft")
        rows = rows.prefetch_related(lines("unit", "above"))
        return numbered(rows, "units", "unit_id")


class PlainProjects(generics.ListAPIView):
    """Projects with their plan, units, objectives and source."""

    serializer_class = PlainProjectSerializer
    pagination_class = Pages
    renderer_classes = [JSONRenderer]

    def get_queryset(self):
        objectives = Prefetch("objectives", queryset=Objective.objects.published())
        rows = Project.objects.published().with_public_relations().prefetch_related(objectives)
        return numbered(rows, "projects", "pk")


# Plain view equivalent to our collection, by name.
PLAIN = {"units": PlainUnits, "projects": PlainProjects}


def same_list(name, request):
    """Return the plain response to the same request."""
    response = PLAIN[name].as_view()(request)
    response.render()
    return response.content


def outline_by_sql(connection, organogram: Organogram) -> str:
    """Return the rows of an organogram as one flat JSON array, built by the database."""
    with connection.cursor() as cursor:
        key = Organogram._meta.pk.get_db_prep_value(organogram.pk, connection)
        cursor.execute(OUTLINES[connection.vendor], [key])
        return cursor.fetchone()[0]
