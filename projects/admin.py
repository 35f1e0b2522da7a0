"""The admin of plans, projects and objectives."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from projects.models import Objective, Plan, Project, ProjectUnit, ProjectUpdate
from pzgent.editing import (
    EditionAdmin,
    Fieldsets,
    PartInline,
    PublishableAdmin,
    PublishableForm,
    TreeAdmin,
    TreeForm,
)


@admin.register(Plan)
class PlanAdmin(EditionAdmin):
    """Editions of the safety plan."""

    list_display = ("title", "valid_from", "in_force", "shown", "size", "modified")
    autocomplete_fields = ("document",)
    main_fieldsets: ClassVar[Fieldsets] = [(_("What it says"), {"fields": ["summary", "document"]})]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Plans with their number of projects."""
        queryset: Any = super().get_queryset(request)
        sized: QuerySet = queryset.with_size()
        return sized

    def get_links(self, obj: Any) -> list[tuple[str, str]]:
        """To its projects."""
        return [
            (
                gettext("Its projects"),
                f"{reverse('admin:projects_project_changelist')}?plan__id__exact={obj.pk}",
            )
        ]

    @admin.display(description=_("projects"), ordering="size")
    def size(self, obj: Any) -> int:
        """How many projects it has."""
        return int(obj.size)


class ProjectUnitInline(PartInline):
    """Which units lead it or take part."""

    model = ProjectUnit
    fields = ("unit", "role", "note")
    autocomplete_fields = ("unit",)
    related = ("unit",)


class ProjectUpdateInline(PartInline):
    """Dated news."""

    model = ProjectUpdate
    fields = ("date", "text")
    related = ("project",)


@admin.register(Project)
class ProjectAdmin(PublishableAdmin):
    """The numbered projects of a plan."""

    list_display = ("title", "code", "plan", "progress", "shown", "modified")
    list_filter = ("plan", "kind", "progress")
    list_select_related = ("plan",)
    search_fields = ("title", "number", "summary", "slug", "project_units__unit__name")
    autocomplete_fields = ("plan", "continues", "objectives")
    prepopulated_on_add: ClassVar[dict[str, Sequence[str]]] = {"slug": ("title",)}
    main_fieldsets: ClassVar[Fieldsets] = [
        (
            _("What it is"),
            {"fields": ["plan", ("kind", "number"), "title", "slug", "summary", "description"]},
        ),
        (_("How far it is and what it serves"), {"fields": ["progress", "objectives", "continues"]}),
    ]
    inlines = (ProjectUnitInline, ProjectUpdateInline)

    def get_labels(self, objects: Sequence[Any]) -> dict[Any, str]:
        """The plan before the project, for each plan has its own number 1."""
        plans = Plan.objects.in_bulk({project.plan_id for project in objects})
        return {project.pk: f"{plans[project.plan_id]}: {project}" for project in objects}

    @admin.display(description=_("code"), ordering="number")
    def code(self, obj: Any) -> str:
        """The label the plan uses."""
        return str(obj.code)


class ObjectiveForm(PublishableForm, TreeForm):
    """An objective; it never becomes part of itself."""


@admin.register(Objective)
class ObjectiveAdmin(TreeAdmin, PublishableAdmin):
    """Goals, sub-goals and activities as a tree."""

    form = ObjectiveForm
    list_display = ("tree_name", "moves", "kind", "shown", "descendants")
    list_filter = ("kind",)
    search_fields = ("code", "title", "text", "slug")
    autocomplete_fields = ("parent",)
    prepopulated_on_add: ClassVar[dict[str, Sequence[str]]] = {"slug": ("title",)}
    main_fieldsets: ClassVar[Fieldsets] = [
        (_("What it is"), {"fields": [("kind", "code"), "title", "slug", "text"]}),
        (_("Where it stands"), {"fields": ["parent"]}),
    ]

    def get_labels(self, objects: Sequence[Any]) -> dict[Any, str]:
        """The whole path."""
        paths = Objective.objects.get_paths(item.pk for item in objects)
        return {item.pk: " › ".join(paths[item.pk]) for item in objects}
