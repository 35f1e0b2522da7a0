"""The admin of what the portal itself keeps."""

import datetime
from collections.abc import Sequence
from typing import ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from pzgent import accounts  # noqa: F401  # registers the admin of accounts and groups
from pzgent.editing import EditingAdmin, Fieldsets, PublishableAdmin, PublishableForm, SafeForm, stamp_of
from pzgent.models import AccessibilityGap, AccessibilityStatement, Consumer, SynonymRing


@admin.register(SynonymRing)
class SynonymRingAdmin(EditingAdmin):
    """Words that mean the same to the search."""

    list_display = ("slug", "__str__", "modified")
    list_display_links = ("slug",)
    search_fields = ("slug", "words")

    def get_readonly_fields(self, request: HttpRequest, obj: SynonymRing | None = None) -> tuple[str, ...]:
        """When it was last changed is shown, never typed."""
        return ("modified",)


class ConsumerForm(PublishableForm):
    """The address name of a user of the data follows from their name."""

    slug_source = "name"


@admin.register(Consumer)
class ConsumerAdmin(PublishableAdmin):
    """Who uses the open data, and wants to be named."""

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
    """What is not accessible."""

    model = AccessibilityGap
    extra = 0


class AccessibilityStatementForm(SafeForm):
    """The statement, which has no version of its own; a change of its parts counts too."""

    def get_stamp(self) -> str:
        """The stamps of the statement and its parts."""
        gaps = self.instance.gaps.order_by("pk")
        return "-".join([super().get_stamp(), *(stamp_of(gap)[:8] for gap in gaps)])


@admin.register(AccessibilityStatement)
class AccessibilityStatementAdmin(EditingAdmin):
    """The one accessibility statement."""

    form = AccessibilityStatementForm
    inlines = (AccessibilityGapInline,)
    list_display = ("__str__", "conformance", "reviewed_on", "review_by")
    fieldsets = (
        (None, {"fields": ("conformance", "standard", "law")}),
        (_("Test and review"), {"fields": ("method", "report_url", "prepared_on", "reviewed_on")}),
        (_("Feedback"), {"fields": ("contact_email", "answer_days", "enforcement_body", "enforcement_url")}),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only while there is none."""
        return super().has_add_permission(request) and not AccessibilityStatement.objects.exists()

    @admin.display(description=_("Review before"))
    def review_by(self, statement: AccessibilityStatement) -> datetime.date:
        """The last day for the next review."""
        return statement.review_by
