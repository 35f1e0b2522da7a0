"""Admin of the portal's own models."""

import datetime
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pzgent.admin import accounts, fact_checks, previews  # noqa: F401  # imported for their registrations
from pzgent.kernel.editing import (
    ConstrainedForm,
    EditingAdmin,
    Fieldsets,
    PublishableAdmin,
    PublishableForm,
    SafeForm,
    version_token_of,
)
from pzgent.kernel.editing.bundle_admin import BundleAdmin
from pzgent.kernel.zone import get_zone
from pzgent.models import AccessibilityGap, AccessibilityStatement, Bundle, Consumer, SynonymRing, Zone


@admin.register(SynonymRing)
class SynonymRingAdmin(EditingAdmin):
    """Synonym rings for the search."""

    list_display = ("slug", "__str__", "modified")
    list_display_links = ("slug",)
    search_fields = ("slug", "words")

    def get_readonly_fields(self, request: HttpRequest, obj: SynonymRing | None = None) -> tuple[str, ...]:
        """Show the time of the last change read-only."""
        return ("modified",)


admin.site.register(Bundle, BundleAdmin)


class ConsumerForm(PublishableForm):
    """Form for a consumer, whose slug is derived from its name."""

    slug_source = "name"


@admin.register(Consumer)
class ConsumerAdmin(PublishableAdmin):
    """Consumers of the open data who agreed to be named."""

    form = ConsumerForm
    list_display = ("name", "url", "since", "shown", "modified")
    date_hierarchy = "since"
    search_fields = ("name", "purpose", "url", "slug")
    prepopulated_on_add: ClassVar[dict[str, Sequence[str]]] = {"slug": ("name",)}
    main_fieldsets: ClassVar[Fieldsets] = [
        (_("Who it is"), {"fields": ["name", "slug", "url"]}),
        (_("What they use the data for"), {"fields": ["purpose", "since"]}),
    ]


class AccessibilityGapInline(admin.StackedInline):
    """The gaps of the accessibility statement."""

    model = AccessibilityGap
    form = ConstrainedForm
    extra = 0


class AccessibilityStatementForm(SafeForm):
    """Form for the statement, whose version token covers its gaps too."""

    def get_version_token(self) -> str:
        """Return the combined version tokens of the statement and its gaps."""
        gaps = self.instance.gaps.order_by("pk")
        return "-".join([super().get_version_token(), *(version_token_of(gap)[:8] for gap in gaps)])


@admin.register(AccessibilityStatement)
class AccessibilityStatementAdmin(EditingAdmin):
    """The accessibility statement, a single row."""

    form = AccessibilityStatementForm
    inlines = (AccessibilityGapInline,)
    list_display = ("__str__", "conformance", "reviewed_on", "review_by")
    fieldsets = (
        (None, {"fields": ("conformance", "standard", "law")}),
        (_("Test and review"), {"fields": ("method", "report_url", "prepared_on", "reviewed_on")}),
        (_("Feedback"), {"fields": ("contact_email", "answer_days", "enforcement_body", "enforcement_url")}),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Allow adding only as long as there is none."""
        return super().has_add_permission(request) and not AccessibilityStatement.objects.exists()

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        """Return the rights for the menu of every page, which thus costs no query; its list offers to add the first."""
        return {
            "add": False,
            "change": self.has_change_permission(request),
            "delete": self.has_delete_permission(request),
            "view": self.has_view_permission(request),
        }

    @admin.display(description=_("Review before"))
    def review_by(self, statement: AccessibilityStatement) -> datetime.date:
        """Return the last day for the next review."""
        return statement.review_by


class ZoneForm(SafeForm):
    """Form for the identity of the zone, with the declaration that the site is official."""

    is_official = forms.BooleanField(
        label=_("this is the official site of the zone"),
        required=False,
        help_text=_("Without it every page says “trial version”, and search engines leave the site out."),
    )

    class Meta:
        # The check list is filled in by an administrator; see `clean`.
        fields = "__all__"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["is_official"] = self.instance.is_official

    def clean(self) -> dict[str, Any]:
        """Refuse the declaration as long as the check list is incomplete."""
        cleaned = super().clean()
        if not cleaned.get("is_official"):
            self.instance.declared_at, self.instance.declared_by = None, ""
            return cleaned
        proposed = Zone(**{name: cleaned.get(name) for name in Zone.CHECK_LIST})
        missing = [*proposed.missing, *missing_law()]
        if missing and not self.errors:
            message = gettext("Not official yet. Fill in first: %(fields)s.") % {"fields": ", ".join(missing)}
            raise ValidationError({"is_official": message})
        return cleaned


def missing_law() -> list[str]:
    """Return the fields that the accessibility statement lacks for an official site."""
    statement = AccessibilityStatement.objects.first() or AccessibilityStatement()
    empty = [name for name in ("law", "enforcement_body") if not getattr(statement, name)]
    names = (str(statement._meta.get_field(name).verbose_name) for name in empty)  # type: ignore[union-attr]  # of columns
    return [gettext("accessibility statement: %(field)s") % {"field": name} for name in names]


@admin.register(Zone)
class ZoneAdmin(EditingAdmin):
    """The identity of the zone, a single row."""

    form = ZoneForm
    list_display = ("__str__", "number", "general", "declared_at", "declared_by")
    list_select_related = ("general",)
    autocomplete_fields = Zone.REFERENCES
    fieldsets = (
        (
            _("Who it is"),
            {"fields": (("name", "short_name", "city"), ("number", "kbo_number"), "official_page", "palette")},
        ),
        (_("Numbers on every page"), {"fields": Zone.REFERENCES}),
        (_("Where it is"), {"fields": ("postal_codes", "nearby")}),
        (_("Mailboxes"), {"fields": ("fault_email", "security_email", "privacy_email")}),
        (
            _("Check list for an official site"),
            {
                "fields": (
                    "facts_confirmed_on", "publisher", "licence", "controller", "dpo", "is_official",
                    "still_missing", ("declared_at", "declared_by"),
                )
            },
        ),
    )  # fmt: skip
    readonly_fields = ("still_missing", "declared_at", "declared_by")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Allow adding only as long as there is none."""
        return super().has_add_permission(request) and get_zone()._state.adding

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse deletion: a site always has an owner."""
        return False

    def save_model(self, request: HttpRequest, obj: Zone, form: Any, change: bool) -> None:
        """Record who declared the site official, and when."""
        if form.cleaned_data.get("is_official") and not obj.is_official:
            obj.declared_at, obj.declared_by = timezone.now(), request.user.get_username()
        super().save_model(request, obj, form, change)

    @admin.display(description=_("still missing"))
    def still_missing(self, zone: Zone) -> str:
        """Return the fields of the check list that are still empty in the database."""
        return ", ".join([*zone.missing, *missing_law()])
