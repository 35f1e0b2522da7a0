"""Admin of the links to previews."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from pzgent.kernel.editing import EditingAdmin, log_change
from pzgent.models import PreviewLink


@admin.register(PreviewLink)
class PreviewLinkAdmin(EditingAdmin):
    """All links to previews: who made them, until when they work, and the action that withdraws them.

    They are made on a page of the item that they show. They stay in the list: it tells who could see what.
    """

    list_display = ("title", "for_whom", "made_by", "made_at", "ends_at", "state")
    list_select_related = ("made_by",)
    search_fields = ("title", "for_whom", "made_by__username")
    date_hierarchy = "made_at"
    actions = ("withdraw",)
    readonly_fields = (
        "title",
        "moment",
        "with_drafts",
        "made_by",
        "made_at",
        "ends_at",
        "withdrawn_at",
        "state",
    )
    fields = (
        "title",
        "for_whom",
        ("moment", "with_drafts"),
        ("made_by", "made_at"),
        ("ends_at", "withdrawn_at"),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: a link is made on the page of the item that it shows."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: a link is withdrawn instead."""
        return False

    @admin.display(description=_("works"))
    def state(self, obj: PreviewLink) -> SafeString:
        """Show whether the link works now."""
        if obj.is_working:
            return format_html('<span class="state state-published">{}</span>', gettext("works"))
        words = gettext("withdrawn") if obj.withdrawn_at else gettext("over")
        return format_html('<span class="state state-ended">{}</span>', words)

    @admin.action(description=_("Withdraw"), permissions=["change"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[PreviewLink]) -> None:
        """Withdraw the selected links."""
        withdrawn = [link for link in queryset if link.withdraw()]
        log_change(request, withdrawn, gettext("withdrawn on"))
        text = ngettext("%(count)d link was withdrawn.", "%(count)d links were withdrawn.", len(withdrawn))
        messages.success(request, text % {"count": len(withdrawn)})
