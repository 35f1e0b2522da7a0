"""Admin of plans, projects and objectives."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from organisation.admin.headings import FILTERS, as_uuid
from organisation.models import CorporatePlan
from projects.models import Objective, Plan, Project, ProjectUnit, ProjectUpdate
from pzgent.kernel.editing import (
    ROWS,
    EditionAdmin,
    Fieldsets,
    PartInline,
    PathSelect,
    PublishableAdmin,
    PublishableForm,
    TreeAdmin,
    TreeForm,
)


@admin.register(Plan)
class PlanAdmin(EditionAdmin):
    """Admin of the editions of the safety plan."""

    list_display = ("title", "valid_from", "in_force", "shown", "size", "modified")
    autocomplete_fields = ("document",)
    main_fieldsets: ClassVar[Fieldsets] = [(_("What it says"), {"fields": ["summary", "document"]})]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the plans, annotated with their number of projects."""
        queryset: Any = super().get_queryset(request)
        sized: QuerySet = queryset.with_size()
        return sized

    def get_links(self, obj: Any) -> list[tuple[str, str]]:
        """Return the link to the projects of the plan."""
        return [
            (
                gettext("Its projects"),
                f"{reverse('admin:projects_project_changelist')}?plan__id__exact={obj.pk}",
            )
        ]

    @admin.display(description=_("projects"), ordering="size")
    def size(self, obj: Any) -> int:
        """Return the number of projects of the plan."""
        return int(obj.size)


class ProjectUnitInline(PartInline):
    """Units that lead the project or take part in it."""

    model = ProjectUnit
    fields = ("unit", "role", "note")
    autocomplete_fields = ("unit",)
    related = ("unit",)


class ProjectUpdateInline(PartInline):
    """Dated news about the project."""

    model = ProjectUpdate
    fields = ("date", "text")
    related = ("project",)


@admin.register(Project)
class ProjectAdmin(PublishableAdmin):
    """Admin of the numbered projects of the plans."""

    imported = ROWS
    list_display = ("title", "code", "plan", "progress", "shown", "modified")
    list_filter = ("plan", "kind", "progress")
    list_select_related = ("plan",)
    search_fields = ("title", "number", "summary", "slug", "project_units__unit__name")
    autocomplete_fields = ("plan", "continues", "objectives", "outcome_document")
    prepopulated_on_add: ClassVar[dict[str, Sequence[str]]] = {"slug": ("title",)}
    main_fieldsets: ClassVar[Fieldsets] = [
        (
            _("What it is"),
            {"fields": ["plan", ("kind", "number"), "title", "slug", "summary", "description"]},
        ),
        (_("How far it is and what it serves"), {"fields": ["progress", "objectives", "continues"]}),
        (_("What came of it"), {"fields": ["outcome", ("outcome_date", "outcome_document")]}),
    ]
    inlines = (ProjectUnitInline, ProjectUpdateInline)

    def get_labels(self, objects: Sequence[Any]) -> dict[Any, str]:
        """Prefix each project with its plan, because every plan has its own number 1."""
        plans = Plan.objects.in_bulk({project.plan_id for project in objects})
        return {project.pk: f"{plans[project.plan_id]}: {project}" for project in objects}

    @admin.display(description=_("code"), ordering="number")
    def code(self, obj: Any) -> str:
        """Return the code used in the plan."""
        return str(obj.code)


def shown_plan(request: HttpRequest) -> CorporatePlan | None:
    """Return the corporate plan named by the request, directly or in the list it came from; else the one in force."""
    came_from = QueryDict(request.GET.get(FILTERS, ""))
    key = as_uuid(request.GET.get("plan") or came_from.get("plan") or "")
    named = CorporatePlan.objects.filter(pk=key).first() if key else None
    return named or CorporatePlan.objects.get_in_force() or CorporatePlan.objects.first()


class PlanFilter(admin.SimpleListFilter):
    """Filter on one corporate plan at a time, by default the one in force."""

    title = _("corporate plan")
    parameter_name = "plan"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return all plans, newest first."""
        self.shown = shown_plan(request)
        return [(str(plan.pk), str(plan)) for plan in CorporatePlan.objects.all()]

    def has_output(self) -> bool:
        """True even for a single plan, so that the filter names it; False if there is none."""
        return bool(self.lookup_choices)

    def choices(self, changelist: Any) -> Any:
        """Yield the plans, without the option “All”."""
        chosen = str(self.shown.pk) if self.shown else ""
        for key, title in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: key}, remove=["p"])
            yield {"selected": key == chosen, "query_string": query, "display": title}

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Return the objectives of the selected plan."""
        return queryset.filter(plan=self.shown) if self.shown else queryset.none()


class ObjectiveForm(PublishableForm, TreeForm):
    """Objective form; an objective cannot be moved below itself, nor below an objective of another plan."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        widget = getattr(self.fields["parent"].widget, "widget", None) if "parent" in self.fields else None
        if not self.is_new and isinstance(widget, PathSelect):
            widget.limits = {"plan": str(self.instance.plan_id)}


@admin.register(Objective)
class ObjectiveAdmin(TreeAdmin, PublishableAdmin):
    """Admin of goals, sub-goals and activities as a tree."""

    form = ObjectiveForm
    list_display = ("tree_name", "moves", "kind", "shown", "descendants")
    list_filter = (PlanFilter, "kind")
    search_fields = ("code", "title", "meaning", "text", "slug")
    autocomplete_fields = ("plan", "parent", "figures")
    siblings_share = ("plan",)
    prepopulated_on_add: ClassVar[dict[str, Sequence[str]]] = {"slug": ("title",)}
    main_fieldsets: ClassVar[Fieldsets] = [
        (_("What it is"), {"fields": [("kind", "code"), "title", "slug", "meaning", "text"]}),
        (_("Where it stands"), {"fields": ["plan", "parent"]}),
        (_("What measures it"), {"fields": ["figures"]}),
    ]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Put a new objective in the plan that the list showed."""
        plan = shown_plan(request)
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        return {"plan": plan.pk if plan else "", **initial}

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Make the plan read-only for existing objectives."""
        return [*super().get_readonly_fields(request, obj), *(["plan"] if obj else [])]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Return the search results, limited to one plan if the request names it."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        plan = as_uuid(request.GET.get("plan", ""))
        return (found.filter(plan=plan) if plan else found), may_repeat

    def get_labels(self, objects: Sequence[Any]) -> dict[Any, str]:
        """Return the full path, followed by the plan if it is not the one in force."""
        paths = Objective.objects.get_paths(item.pk for item in objects)
        current = CorporatePlan.objects.get_in_force()
        plans = CorporatePlan.objects.in_bulk({item.plan_id for item in objects})
        return {
            item.pk: " › ".join(paths[item.pk])
            + ("" if plans[item.plan_id] == current else f" ({plans[item.plan_id]})")
            for item in objects
        }
