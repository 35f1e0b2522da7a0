"""Admin of policies: domains on the policy's page, actions on the domain's page."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, F, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from organisation.models import Policy, PolicyAction, PolicyDomain
from pzgent.kernel.editing import ConstrainedForm, EditionAdmin, Fieldsets, PartAdmin, PartFormSet, PartInline

PARKED = 10_000


class PolicyDomainInline(PartInline):
    """Domains of a policy; each has its own page for its actions."""

    model = PolicyDomain
    fields = ("position", "code", "title", "slug", "summary")
    prepopulated_fields: ClassVar[dict[str, Sequence[str]]] = {"slug": ("title",)}
    show_change_link = True


@admin.register(Policy)
class PolicyAdmin(EditionAdmin):
    """Admin of the editions of policies."""

    list_display = ("title", "series", "valid_from", "in_force", "shown", "modified")
    list_filter = ("series",)
    # The series tells editions apart better than the year, and either costs queries.
    date_hierarchy: ClassVar[Any] = None
    search_fields = (*EditionAdmin.search_fields, "series", "summary")
    autocomplete_fields = ("document",)
    what_fields: ClassVar[list[Any]] = ["title", "slug", "series", "period"]
    main_fieldsets: ClassVar[Fieldsets] = [
        (_("What it says"), {"fields": ["summary", "description", "stated_actions", "document"]})
    ]
    inlines = (PolicyDomainInline,)


class PolicyActionForm(ConstrainedForm):
    """One action; uniqueness of its number is validated by the formset."""

    def _get_validation_exclusions(self) -> set[str]:
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # missing from the stubs
        return {*excluded, "position"}


class PolicyActionFormSet(PartFormSet):
    """Actions of a domain; their numbers may be swapped."""

    def clean(self) -> None:
        """Refuse duplicate numbers."""
        super().clean()
        if any(self.errors):
            return
        numbers = [form.cleaned_data.get("position") for form in self.kept_forms()]
        if any(number is not None and number >= PARKED for number in numbers):
            raise ValidationError(
                gettext("Use order numbers below %(limit)d.") % {"limit": PARKED}, "too_high"
            )
        if len(numbers) != len(set(numbers)):
            raise ValidationError(
                gettext("Two actions have the same order number. Give each its own."), "repeated"
            )

    def save(self, commit: bool = True) -> Any:
        """Park the numbers that change, so that two actions can swap theirs."""
        if commit:
            changed = [form.instance.pk for form in self.initial_forms if form.has_changed()]
            PolicyAction.objects.filter(pk__in=changed).update(position=F("position") + PARKED)
        return super().save(commit)


class PolicyActionInline(PartInline):
    """Commitments of the organisation within the domain."""

    model = PolicyAction
    form = PolicyActionForm
    formset = PolicyActionFormSet
    fields = ("position", "title")


@admin.register(PolicyDomain)
class PolicyDomainAdmin(PartAdmin):
    """Admin of a domain with its actions."""

    owner = "policy"
    list_display = ("title", "code", "policy", "position", "action_count")
    list_filter = ("policy",)
    list_select_related = ("policy",)
    search_fields = ("title", "code", "summary", "policy__title")
    autocomplete_fields = ("policy",)
    fields = ("policy", ("code", "title"), "slug", "summary", "position")
    prepopulated_on_add: ClassVar[dict[str, Sequence[str]]] = {"slug": ("title",)}
    inlines = (PolicyActionInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the domains, annotated with their number of actions."""
        return super().get_queryset(request).annotate(number_of_actions=Count("actions"))

    @admin.display(description=_("actions"))
    def action_count(self, obj: Any) -> int:
        """Return the number of actions of the domain."""
        return int(obj.number_of_actions)
