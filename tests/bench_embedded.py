"""The same lists by plain Django REST framework with everything embedded that a client may ask for.

Each object that is named is there once more in full, by its address: the serializers of `tests.bench_reference` again,
and the rows that they need fetched beforehand, each kind once for the whole page.
"""

from django.db.models import Prefetch, Q
from django.utils import timezone
from rest_framework import serializers

from contact.hours_expression import DAY_CODES, expression_of
from contact.hours_sentences import sentence_of
from contact.models import Channel, Schedule, ScheduleException, SchoolHoliday, WeeklySlot
from contact.opening_hours import known_days_of, status_of
from organisation.models import Organogram, Placement, Succession
from organisation.querysets.visibility import unit_shown, visible_unit
from projects.models import Objective, Plan, Project, ProjectUnit
from tests.bench_reference import (
    KnownOnly,
    PlainProjects,
    PlainProjectSerializer,
    PlainUnits,
    PlainUnitSerializer,
    lines,
    numbered,
)


class Brief(KnownOnly):
    """An object as others name it."""

    source = htmlUrl = kindLabel = changeNumber = basis = basisLabel = sourceNote = None
    collection, key = "", "slug"

    def get_href(self, row):
        return self.address(self.collection, getattr(row, self.key))


class PlainChildSerializer(Brief):
    collection = "units"
    slug = serializers.CharField(source="unit.slug")

    class Meta:
        model = Placement
        fields = ("slug", "name", "abbreviation", "kind", "href")

    def get_href(self, place):
        return self.address("units", place.unit.slug)


class PlainBriefChannelSerializer(Brief):
    collection, key = "channels", "id"

    class Meta:
        model = Channel
        fields = ("id", "slug", "kind", "label", "value", "display", "link", "urgency", "href")


class PlainBriefProjectSerializer(Brief):
    collection = "projects"

    class Meta:
        model = Project
        fields = ("slug", "code", "kind", "title", "href")


class PlainPlanSerializer(KnownOnly):
    kindLabel = None
    validFrom = serializers.DateField(source="valid_from")
    validFromPrecision = serializers.CharField(source="valid_from_precision")
    validUntil = serializers.DateField(source="valid_until")
    periodEnded = serializers.SerializerMethodField()
    decision = serializers.SerializerMethodField()
    document = serializers.SerializerMethodField()
    projects = serializers.SerializerMethodField()

    class Meta:
        model = Plan
        fields = (
            "id", "slug", "href", "htmlUrl", "title", "validFrom", "validFromPrecision", "validUntil",
            "periodEnded", "decision", "summary", "document", "projects", "modified", "source",
            "basis", "basisLabel", "sourceNote", "changeNumber",
        )  # fmt: skip

    def get_href(self, plan):
        return self.address("plans", plan.slug)

    def get_periodEnded(self, plan):
        return plan.valid_until < timezone.localdate() if plan.valid_until else None

    def get_htmlUrl(self, plan):
        return self.context["request"].build_absolute_uri(plan.get_absolute_url())

    def get_source(self, plan):
        return self.sourced(plan)

    def get_decision(self, plan):
        known = {"by": plan.decided_by, "on": plan.decided_on}
        known |= {"ratifiedBy": plan.ratified_by, "ratifiedOn": plan.ratified_on}
        return {name: value for name, value in known.items() if value}

    def get_document(self, plan):
        return plan.document.slug if plan.document and plan.document.is_published else None

    def get_projects(self, plan):
        return self.context["request"].build_absolute_uri(f"/api/v1/projects?plan={plan.slug}")


class PlainWholeObjectiveSerializer(KnownOnly):
    plan = serializers.SerializerMethodField()
    parent = serializers.SerializerMethodField()
    projects = PlainBriefProjectSerializer(many=True)

    class Meta:
        model = Objective
        fields = (
            "id", "slug", "href", "htmlUrl", "kind", "kindLabel", "code", "title", "text", "level", "plan", "parent",
            "projects", "modified", "source", "basis", "basisLabel", "sourceNote", "changeNumber",
        )  # fmt: skip

    def get_href(self, objective):
        return self.address("objectives", objective.slug)

    def get_htmlUrl(self, objective):
        return self.context["request"].build_absolute_uri(objective.get_absolute_url())

    def get_source(self, objective):
        return self.sourced(objective)

    def get_plan(self, objective):
        return self.reference("corporatePlans", objective.plan, "title")

    def get_parent(self, objective):
        return self.reference("objectives", objective.parent, "title") if objective.parent else None


class PlainSlotSerializer(serializers.ModelSerializer):
    day = serializers.SerializerMethodField()
    opens = serializers.TimeField(format="%H:%M")
    closes = serializers.TimeField(format="%H:%M")

    class Meta:
        model = WeeklySlot
        fields = ("day", "opens", "closes")

    def get_day(self, slot):
        return DAY_CODES[slot.weekday]


class PlainExceptionSerializer(KnownOnly):
    source = href = htmlUrl = kindLabel = changeNumber = basis = basisLabel = sourceNote = None
    firstDay = serializers.DateField(source="first_day")
    lastDay = serializers.DateField(source="last_day")
    opens = serializers.TimeField(format="%H:%M")
    closes = serializers.TimeField(format="%H:%M")

    class Meta:
        model = ScheduleException
        fields = ("firstDay", "lastDay", "opens", "closes", "reason")


class PlainHoursSerializer(KnownOnly):
    source = href = htmlUrl = kindLabel = changeNumber = basis = basisLabel = sourceNote = None
    roundTheClock = serializers.BooleanField(source="always_open")
    closedOnPublicHolidays = serializers.BooleanField(source="closed_on_public_holidays")
    schoolDaysOnly = serializers.BooleanField(source="school_days_only")
    slots = PlainSlotSerializer(many=True)
    exceptions = PlainExceptionSerializer(many=True)
    schoolHolidays = serializers.SerializerMethodField()
    known = serializers.SerializerMethodField()

    class Meta:
        model = Schedule
        fields = (
            "roundTheClock", "closedOnPublicHolidays", "schoolDaysOnly", "slots", "exceptions", "schoolHolidays",
            "known",
        )  # fmt: skip

    def get_schoolHolidays(self, schedule):
        if not schedule.school_days_only:
            return None
        days = (
            (holiday.first_day, holiday.last_day, holiday.name)
            for holiday in self.context["calendar"].holidays
        )
        return [{"firstDay": str(first), "lastDay": str(last), "name": name} for first, last, name in days]

    def get_known(self, schedule):
        return [
            {name: str(day) for name, day in (("firstDay", first), ("lastDay", last)) if day}
            for first, last in known_days_of(schedule, self.context["calendar"])
        ]


class PlainChannelSerializer(KnownOnly):
    topic = serializers.SerializerMethodField()
    unit = serializers.SerializerMethodField()
    location = serializers.SerializerMethodField()
    appointmentNeeded = serializers.BooleanField(source="appointment_needed")
    openingHours = serializers.SerializerMethodField()
    hours = serializers.SerializerMethodField()
    hoursPrinted = serializers.SerializerMethodField()
    hoursNote = serializers.CharField(source="hours_note")
    status = serializers.SerializerMethodField()
    alternative = PlainBriefChannelSerializer()
    fallback = PlainBriefChannelSerializer()

    class Meta:
        model = Channel
        fields = (
            "id", "slug", "href", "htmlUrl", "topic", "kind", "kindLabel", "label", "value", "display", "link",
            "urgency", "audience", "languages", "unit", "location", "appointmentNeeded", "openingHours", "hours",
            "hoursPrinted", "hoursNote", "note", "status", "alternative", "fallback", "modified", "source",
            "basis", "basisLabel", "sourceNote", "changeNumber",
        )  # fmt: skip

    def get_href(self, channel):
        return self.address("channels", channel.id)

    def get_htmlUrl(self, channel):
        return self.context["request"].build_absolute_uri(channel.get_absolute_url())

    def get_source(self, channel):
        return self.sourced(channel)

    def get_topic(self, channel):
        return self.reference("topics", channel.topic, "title")

    def get_unit(self, channel):
        return self.reference("units", channel.unit) if channel.unit_shown else None

    def get_location(self, channel):
        shown = channel.location and channel.location.is_published
        return self.reference("locations", channel.location) if shown else None

    def schedule(self, channel):
        return channel.schedule if channel.schedule and channel.schedule.is_published else None

    def get_openingHours(self, channel):
        schedule = self.schedule(channel)
        return expression_of(schedule, self.context["calendar"]) if schedule else ""

    def get_hoursPrinted(self, channel):
        schedule = self.schedule(channel)
        return schedule.printed if schedule else ""

    def get_hours(self, channel):
        schedule = self.schedule(channel)
        if schedule is None:
            return None
        return PlainHoursSerializer(schedule, context=self.context).data

    def get_status(self, channel):
        status = status_of(channel, self.context["at"], self.context["calendar"])
        told = {"state": status.state, "until": status.until, "nextOpening": status.next_opening}
        told["reason"] = status.reason
        if status.state != "open" and channel.fallback:
            found = channel.fallback
            fallback = {
                "label": found.label,
                "value": found.display,
                "href": self.address("channels", found.id),
            }
            told["fallback"] = {name: value for name, value in fallback.items() if value}
        told |= {"sentence": sentence_of(status), "evaluatedAt": status.evaluated_at}
        moments = serializers.DateTimeField()
        for name in ("until", "nextOpening", "evaluatedAt"):
            told[name] = moments.to_representation(told[name]) if told[name] else None
        return {name: value for name, value in told.items() if value}


class PlainTurnSerializer(serializers.ModelSerializer):
    """What a unit became, or what it came from."""

    class Meta:
        model = Succession
        fields = ("kind", "note")

    def to_representation(self, turn):
        by = self.context["by"]
        other = turn.to_unit if self.context["forward"] else turn.from_unit
        shown = {"kind": turn.kind, "unit": other and by.reference("units", other)}
        shown |= {"organogram": by.reference("organograms", turn.organogram, "title")}
        shown |= {"validFrom": turn.organogram.valid_from.isoformat(), "note": turn.note}
        return {name: value for name, value in shown.items() if value}


class PlainEmbeddingUnitSerializer(PlainUnitSerializer):
    children = PlainChildSerializer(source="shown_children", many=True)
    alsoOver = serializers.SerializerMethodField()
    successors = serializers.SerializerMethodField()
    predecessors = serializers.SerializerMethodField()
    channels = PlainBriefChannelSerializer(source="unit.shown_channels", many=True)
    projects = PlainBriefProjectSerializer(source="unit.shown_projects", many=True)

    class Meta(PlainUnitSerializer.Meta):
        fields = (
            *PlainUnitSerializer.Meta.fields[:-6], "children", "alsoOver", "successors", "predecessors",
            *PlainUnitSerializer.Meta.fields[-6:], "channels", "projects",
        )  # fmt: skip

    def get_alsoOver(self, place):
        return [self.line(line, line.unit) for line in place.unit.shown_lines_down]

    def turns(self, rows, forward):
        context = {"by": self, "forward": forward}
        return PlainTurnSerializer(rows, many=True, context=context).data

    def get_successors(self, place):
        return self.turns(place.unit.shown_successions, True)

    def get_predecessors(self, place):
        return self.turns(place.unit.shown_predecessions, False)


class Embedding:
    """A list with `embedded`: per address the object that an item names, in the order of the fields and the items."""

    def list(self, request, *args, **kwargs):
        page = self.paginate_queryset(self.get_queryset())
        response = self.get_paginated_response(self.get_serializer(page, many=True).data)
        context = self.get_serializer_context()
        response.data["embedded"] = embedded = {}
        for serializer, name in self.embeds:
            shown = serializer(context=context)
            for row in page:
                for named in self.named(row, name):
                    href = shown.get_href(named)
                    if href not in embedded:
                        embedded[href] = shown.to_representation(named)
        return response

    def get_serializer_context(self):
        at = timezone.now().replace(second=0, microsecond=0)
        return {
            **super().get_serializer_context(),
            "at": at,
            "calendar": SchoolHoliday.objects.get_calendar(),
        }


def whole_units():
    return PlainUnits().get_queryset()


def whole_channels():
    rows = Channel.objects.published().select_related(
        "topic", "unit", "location", "schedule", "alternative__topic", "fallback__topic", "source"
    )
    rows = rows.prefetch_related("schedule__slots", "schedule__exceptions").annotate(unit_shown=unit_shown())
    return numbered(rows.in_order_of_urgency(), "channels", "pk")


def turns(other):
    rows = Succession.objects.filter(Q(**{other: None}) | unit_shown(other))
    rows = rows.filter(organogram__in=Organogram.objects.published()).select_related("organogram", other)
    places = Prefetch(f"{other}__placements", queryset=whole_units(), to_attr="places_now")
    return rows.order_by("organogram__valid_from", "pk").prefetch_related(places)


def whole_lines(here, other):
    """The lines, with the units at their other end in full."""
    found = lines(here, other)
    places = Prefetch(f"{other}__placements", queryset=whole_units(), to_attr="places_now")
    found.queryset = found.queryset.prefetch_related(places)
    return found


class PlainEmbeddingUnits(Embedding, PlainUnits):
    """Units with all that they name in full."""

    serializer_class = PlainEmbeddingUnitSerializer
    embeds = (
        (PlainUnitSerializer, "parent"),
        (PlainUnitSerializer, "alsoUnder"),
        (PlainUnitSerializer, "children"),
        (PlainUnitSerializer, "alsoOver"),
        (PlainUnitSerializer, "successors"),
        (PlainUnitSerializer, "predecessors"),
        (PlainChannelSerializer, "channels"),
        (PlainProjectSerializer, "projects"),
    )

    def get_queryset(self):
        rows = Placement.objects.filter(organogram__in=Organogram.objects.in_force()).published()
        children = whole_units().filter(visible_unit()).order_by("lft")
        projects = PlainProjects().get_queryset()
        rows = rows.select_related("unit__source").prefetch_related(
            Prefetch("parent", queryset=whole_units()),
            whole_lines("unit", "above"),
            whole_lines("above", "unit"),
            Prefetch("children", queryset=children, to_attr="shown_children"),
            Prefetch("unit__successions", queryset=turns("to_unit"), to_attr="shown_successions"),
            Prefetch("unit__predecessions", queryset=turns("from_unit"), to_attr="shown_predecessions"),
            Prefetch("unit__channels", queryset=whole_channels(), to_attr="shown_channels"),
            Prefetch("unit__projects", queryset=projects, to_attr="shown_projects"),
        )
        return numbered(rows.order_by("tree_id", "lft"), "units", "unit_id")

    def named(self, place, name):
        if name == "parent":
            return [place.parent] if place.parent else []
        if name == "children":
            return place.shown_children
        if name in ("alsoUnder", "alsoOver"):
            ends = [line.above for line in place.unit.shown_lines_up]
            ends = ends if name == "alsoUnder" else [line.unit for line in place.unit.shown_lines_down]
            return [here for unit in ends for here in unit.places_now]
        if name in ("successors", "predecessors"):
            forward = name == "successors"
            found = place.unit.shown_successions if forward else place.unit.shown_predecessions
            others = [turn.to_unit if forward else turn.from_unit for turn in found]
            return [here for unit in others if unit for here in unit.places_now]
        return getattr(place.unit, f"shown_{name}")


class PlainEmbeddingProjects(Embedding, PlainProjects):
    """Projects with all that they name in full."""

    embeds = (
        (PlainPlanSerializer, "plan"),
        (PlainUnitSerializer, "units"),
        (PlainWholeObjectiveSerializer, "objectives"),
        (PlainProjectSerializer, "continues"),
    )

    def get_queryset(self):
        projects = Prefetch("projects", queryset=Project.objects.published())
        objectives = (
            Objective.objects.published()
            .select_related("parent", "source", "plan")
            .prefetch_related(projects)
        )
        plans = Plan.objects.published().select_related("source", "document")
        places = Prefetch("unit__placements", queryset=whole_units(), to_attr="places_now")
        units = ProjectUnit.objects.filter(unit_shown()).select_related("unit").prefetch_related(places)
        rows = super().get_queryset().select_related(None).select_related("source")
        return rows.prefetch_related(None).prefetch_related(
            Prefetch("plan", queryset=numbered(plans, "plans", "pk")),
            Prefetch("project_units", queryset=units),
            Prefetch("objectives", queryset=numbered(objectives, "objectives", "pk")),
            Prefetch("continues", queryset=PlainProjects().get_queryset()),
        )

    def named(self, project, name):
        if name == "plan":
            return [project.plan]
        if name == "units":
            return [here for part in project.project_units.all() for here in part.unit.places_now]
        if name == "objectives":
            return project.objectives.all()
        return [project.continues] if project.continues_shown else []


# By the name of our collection: the plain view, and the fields that are embedded.
EMBEDDING = {
    "units": (
        PlainEmbeddingUnits,
        "parent,alsoUnder,children,alsoOver,successors,predecessors,channels,projects",
    ),
    "projects": (PlainEmbeddingProjects, "plan,units,objectives,continues"),
}


def same_embedded_list(name, request):
    """The plain answer to the same question with everything embedded."""
    response = EMBEDDING[name][0].as_view()(request)
    response.render()
    return response.content
