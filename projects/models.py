"""Plans, their projects, and the objectives they serve."""

from collections.abc import Collection
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from organisation.models import CorporatePlan, Document, KeyFigure, Unit
from projects.querysets import ObjectiveQuerySet, PlanQuerySet, ProjectQuerySet, ProjectUnitQuerySet
from pzgent.kernel import fields
from pzgent.kernel.editions import Edition
from pzgent.kernel.paths import path_of
from pzgent.kernel.publishing import BasisField, Publishable, Sourced, basis_known
from pzgent.kernel.rich_text import RichTextField
from pzgent.kernel.translations import Translated
from pzgent.kernel.trees import TreeNode


class Plan(Edition):
    """One edition of the safety plan."""

    summary = fields.TextField(
        _("summary"), blank=True, help_text=_("One or two plain sentences, for the public.")
    )
    document = models.ForeignKey(
        Document,
        verbose_name=_("document"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="plans",
        help_text=_("The file of the plan itself, which visitors can open."),
    )

    objects = PlanQuerySet.as_manager()

    class Meta(Edition.Meta):
        verbose_name = _("plan")
        verbose_name_plural = _("plans")

    def get_absolute_url(self) -> str:
        """Return the path of the projects of this plan."""
        return f"{path_of('projects')}?plan={self.slug}"


class ObjectiveKind(models.TextChoices):
    """The kinds of aim in the corporate plan."""

    GOAL = "goal", _("organisation goal")
    SUBGOAL = "subgoal", _("sub-goal")
    ACTIVITY = "activity", _("activity")
    KEY_AGREEMENT = "key_agreement", _("key agreement")
    ACTION_THEME = "action_theme", _("action theme")


class Objective(Publishable, Sourced, TreeNode):
    """Aim of the organisation; goals have sub-goals, and those have activities.

    To django-mptt the roots of all plans are siblings, which it renumbers when one of them moves: hence one lock
    for all plans.
    """

    belongs_to = ("plan", "parent")

    plan = models.ForeignKey(
        CorporatePlan,
        verbose_name=_("corporate plan"),
        on_delete=models.PROTECT,
        related_name="objectives",
        help_text=_("The corporate plan that states it."),
    )
    kind = fields.CharField(
        _("kind"),
        max_length=13,
        choices=ObjectiveKind,
        help_text=_("As the plan calls it: a goal has sub-goals, and those have activities."),
    )
    code = fields.CharField(
        _("code"),
        max_length=12,
        blank=True,
        help_text=_("The number or letter in the plan, for example “2.1”. Empty: none."),
    )
    title = fields.CharField(
        _("title"), max_length=300, help_text=_("As in the plan, in at most a line or two.")
    )
    text = fields.TextField(
        _("text"), blank=True, help_text=_("The full wording, when the title is shorter.")
    )
    meaning = fields.TextField(
        _("what it means"),
        blank=True,
        default="",
        db_default="",
        help_text=_("One plain sentence of our own, for example “Wie de politie belt, krijgt hulp.”"),
    )
    figures = models.ManyToManyField(
        KeyFigure,
        blank=True,
        related_name="objectives",
        verbose_name=_("key figures"),
        help_text=_("The figures that measure how far it is reached."),
    )

    objects = ObjectiveQuerySet.as_manager()

    class Meta(Publishable.Meta):
        verbose_name = _("objective")
        verbose_name_plural = _("objectives")
        # Without this empty list django-mptt omits its (tree_id, lft) index from the migration.
        indexes: ClassVar[list[models.Index]] = []
        constraints = [
            *Publishable.Meta.constraints,
            *Sourced.Meta.constraints,
            models.CheckConstraint(
                name="projects_objective_not_own_parent",
                condition=Q(parent=None) | ~Q(parent=models.F("id")),
                violation_error_message=_("An objective cannot be part of itself."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}".strip()

    def get_absolute_url(self) -> str:
        """Return the path of the objective in the strategy of its plan."""
        return f"{self.plan.get_absolute_url()}#{self.slug}"

    def clean(self) -> None:
        """Raise ValidationError for a parent in another plan, or for a change of plan without the children."""
        if self.parent is not None and self.parent.plan_id != self.plan_id:
            raise ValidationError({"parent": _("Choose an objective of the same corporate plan.")})
        has_moved = not self._state.adding and self._loaded.get("plan_id", self.plan_id) != self.plan_id
        if has_moved and self.get_children().exclude(plan=self.plan_id).exists():
            raise ValidationError({"plan": _("An objective with parts stays in its plan.")})

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the objective; raises ValidationError if parent or children belong to another plan."""
        self.clean()
        super().save(*args, **kwargs)


class ProjectKind(models.TextChoices):
    """The two sorts of project in the safety plan."""

    INNOVATION = "I", _("innovation and improvement")
    SECURING = "B", _("securing and strengthening")


class ProjectStatus(models.TextChoices):
    """How far a project is."""

    PLANNED = "planned", _("planned")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    STOPPED = "stopped", _("stopped")


class Project(Publishable, Sourced, Translated):
    """One numbered project of a plan."""

    review_months = 6
    belongs_to = ("plan",)

    translated_fields = ("outcome",)

    plan = models.ForeignKey(
        Plan,
        verbose_name=_("plan"),
        on_delete=models.PROTECT,
        related_name="projects",
        help_text=_("The safety plan in which the project stands."),
    )
    kind = fields.CharField(
        _("kind"), max_length=1, choices=ProjectKind, help_text=_("The letter before the number in the plan.")
    )
    number = models.PositiveSmallIntegerField(_("number"), help_text=_("As in the plan; each number once."))
    title = fields.CharField(_("title"), max_length=200, help_text=_("As in the plan."))
    summary = fields.TextField(
        _("summary"),
        blank=True,
        help_text=_("One or two plain sentences, shown in lists and above the page."),
    )
    description = RichTextField(_("description"), blank=True)
    progress = fields.CharField(
        _("progress"),
        max_length=8,
        choices=ProjectStatus,
        blank=True,
        help_text=_("Empty when not published."),
    )
    outcome = RichTextField(
        _("outcome"),
        blank=True,
        default="",
        db_default="",
        help_text=_("What came of it, in plain words. Empty when not published."),
    )
    outcome_date = models.DateField(
        _("date of the outcome"), null=True, blank=True, help_text=_("The day it is about.")
    )
    outcome_document = models.ForeignKey(
        Document,
        verbose_name=_("document about the outcome"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="projects_with_outcome",
        help_text=_("A report about the result, which visitors can open."),
    )
    continues = models.ForeignKey(
        "self",
        verbose_name=_("continues"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="continued_by",
        help_text=_("The project of an earlier plan that this one goes on with."),
    )
    units = models.ManyToManyField(
        Unit, through="ProjectUnit", related_name="projects", verbose_name=_("units")
    )
    objectives = models.ManyToManyField(
        Objective,
        blank=True,
        related_name="projects",
        verbose_name=_("objectives"),
        help_text=_("The objectives that the project serves. The page links to them."),
    )

    objects = ProjectQuerySet.as_manager()

    class Meta(Publishable.Meta):
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        permissions = [("import_project", "Can import projects")]
        ordering = ["plan", "number"]
        constraints = [
            *Publishable.Meta.constraints,
            *Sourced.Meta.constraints,
            models.UniqueConstraint(
                fields=["plan", "number"],
                name="projects_project_number_once",
                violation_error_message=_("This plan already has a project with that number."),
            ),
            models.CheckConstraint(
                name="projects_project_kind_known",
                condition=Q(kind__in=ProjectKind.values),
                violation_error_message=_("Choose I or B."),
            ),
            models.CheckConstraint(
                name="projects_project_not_continuing_itself",
                condition=Q(continues=None) | ~Q(continues=models.F("id")),
                violation_error_message=_("A project cannot continue itself."),
            ),
            models.CheckConstraint(
                name="projects_project_date_of_outcome",
                condition=Q(outcome_date=None) | ~Q(outcome="") | Q(outcome_document__isnull=False),
                violation_error_message=_("Say what came of it on that date, or choose a document about it."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @classmethod
    def in_area(cls, units: Collection[Any]) -> Q:
        """Return the condition for the projects that one of these units leads."""
        leads = ProjectUnit.objects.filter(unit__in=units, role=ProjectRole.LEAD)
        return Q(pk__in=leads.order_by().values("project"))

    @property
    def code(self) -> str:
        """Return the code used in the plan, such as “I 4”."""
        return f"{self.kind} {self.number}"

    def get_absolute_url(self) -> str:
        """Return the path of the project's own page."""
        return path_of("project-detail", self.slug)


class ProjectRole(models.TextChoices):
    """What a unit does in a project."""

    LEAD = "lead", _("lead")
    PARTNER = "partner", _("partner")


class ProjectUnit(models.Model):
    """Participation of a unit in a project."""

    project = models.ForeignKey(
        Project, verbose_name=_("project"), on_delete=models.CASCADE, related_name="project_units"
    )
    unit = models.ForeignKey(
        Unit,
        verbose_name=_("unit"),
        on_delete=models.PROTECT,
        related_name="project_units",
        help_text=_("A unit that leads the project or takes part in it."),
    )
    role = fields.CharField(
        _("role"),
        max_length=7,
        choices=ProjectRole,
        default=ProjectRole.PARTNER,
        help_text=_("Lead for who draws it, partner for who takes part."),
    )
    note = fields.CharField(
        _("note"),
        max_length=250,
        blank=True,
        help_text=_("What the unit does in it, if the plan says so. The public reads it."),
    )
    basis = BasisField()

    objects = ProjectUnitQuerySet.as_manager()

    class Meta:
        verbose_name = _("unit in a project")
        verbose_name_plural = _("units in projects")
        ordering = ["project", "role", "unit__name"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "unit"],
                name="projects_projectunit_once",
                violation_error_message=_("This unit is already in the project."),
            ),
            basis_known("projects_projectunit"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} ({self.get_role_display()})"


class ProjectUpdate(models.Model):
    """Dated news about a project."""

    project = models.ForeignKey(
        Project, verbose_name=_("project"), on_delete=models.CASCADE, related_name="updates"
    )
    date = models.DateField(_("date"), help_text=_("The day of the news; the newest comes first."))
    text = RichTextField(_("text"))

    class Meta:
        verbose_name = _("project update")
        verbose_name_plural = _("project updates")
        ordering = ["-date", "-pk"]

    def __str__(self) -> str:
        return f"{self.date}: {self.project}"
