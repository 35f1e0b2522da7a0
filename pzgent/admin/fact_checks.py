"""Admin of the fact checks by services, and of their answers."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from organisation.models import Unit
from pzgent.kernel.editing import (
    EditingAdmin,
    Fieldsets,
    ReadOnlyInline,
    adds_links_to,
    log_change,
)
from pzgent.models import FactAnswer, FactCheck


@adds_links_to(Unit)
def link_to_fact_check(unit: Unit) -> list[tuple[str, str]]:
    """Return the link with which an editor asks the service to check the facts about a unit."""
    return [
        (gettext("Let the service check this"), f"{reverse('admin:pzgent_factcheck_add')}?unit={unit.pk}")
    ]


class FactAnswerInline(ReadOnlyInline):
    """Answers given through the link."""

    model = FactAnswer
    fields = ("title", "verdict", "remark", "at", "settled_on")
    readonly_fields = fields


@admin.register(FactCheck)
class FactCheckAdmin(EditingAdmin):
    """Signed links with which a service checks the facts about it."""

    list_display = ("unit", "state", "ends", "answered", "made_by", "created")
    list_select_related = ("unit", "made_by")
    search_fields = ("unit__name", "note")
    autocomplete_fields = ("unit",)
    readonly_fields = ("link", "made_by", "created")
    inlines = (FactAnswerInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the requests with the number of their answers."""
        return super().get_queryset(request).annotate(answer_count=Count("answers"))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fields; the link only for an existing request."""
        asked: Fieldsets = [(None, {"fields": ["unit", "ends", "note"]})]
        if obj is None:
            return asked
        record = {"fields": ["link", "is_withdrawn", ("made_by", "created")]}
        return [(_("The link to send"), record), *asked]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Return the read-only fields; a link that was sent stays about the same unit."""
        return (*self.readonly_fields, "unit") if obj else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: FactCheck, form: Any, change: bool) -> None:
        """Record who made the link."""
        if not change:
            obj.made_by = request.user  # type: ignore[assignment]  # the admin lets nobody else in
        super().save_model(request, obj, form, change)

    def response_add(
        self, request: HttpRequest, obj: FactCheck, post_url_continue: Any = None
    ) -> HttpResponse:
        """Open the page of the new request, where the link to send is."""
        response = super().response_add(request, obj, post_url_continue)
        if {"_addanother", "_popup"} & request.POST.keys():
            return response
        return HttpResponseRedirect(reverse("admin:pzgent_factcheck_change", args=[obj.pk]))

    @admin.display(description=_("address"))
    def link(self, check: FactCheck) -> SafeString:
        """Return the address to copy."""
        if not check.is_open:
            return SafeString(gettext("This link no longer works."))
        address = f"{settings.BASE_URL}{reverse('fact-check', args=[check.token])}"
        return format_html('<a href="{0}" rel="noreferrer">{0}</a>', address)

    @admin.display(description=_("state"))
    def state(self, check: FactCheck) -> str:
        """Return whether the link still works."""
        if check.is_withdrawn:
            return gettext("withdrawn")
        return gettext("works") if check.is_open else gettext("expired")

    @admin.display(description=_("answers"), ordering="answer_count")
    def answered(self, check: Any) -> int:
        """Return the number of answers."""
        return int(check.answer_count)


class ToSettleFilter(admin.SimpleListFilter):
    """Filter the answers by what remains to be done."""

    title = _("to do")
    parameter_name = "todo"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the single option."""
        return [("settle", _("reported, not settled yet"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet:
        """Return the reported errors that nobody has settled, or all answers."""
        return queryset.to_settle() if self.value() == "settle" else queryset


@admin.register(FactAnswer)
class FactAnswerAdmin(EditingAdmin):
    """Answers of services; a reported error is settled by an editor."""

    list_display = ("title", "verdict", "remark", "at", "settled_on")
    list_filter = (ToSettleFilter, "verdict")
    search_fields = ("title", "remark")
    actions: Any = ("settle",)
    fields = ("fact", "check_request", "verdict", "remark", "at", "settled_on", "outcome")
    readonly_fields: ClassVar[Any] = ("fact", "check_request", "verdict", "remark", "at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Deny adding: answers come through the links."""
        return False

    @admin.display(description=_("fact"))
    def fact(self, answer: FactAnswer) -> SafeString:
        """Return the title of the fact, linked to its own page in the admin."""
        app, model = answer.label.split(".")
        address = reverse(f"admin:{app}_{model}_change", args=[answer.key])
        return format_html('<a href="{}">{}</a>', address, answer.title)

    @admin.action(description=_("Mark as settled today"), permissions=["change"])
    def settle(self, request: HttpRequest, queryset: Any) -> None:
        """Settle the selected errors."""
        answers = list(queryset.to_settle())
        for answer in answers:
            answer.settled_on = timezone.localdate()
            answer.save(update_fields=["settled_on"])
        log_change(request, answers, gettext("settled on"))
        text = ngettext("%(count)d report settled.", "%(count)d reports settled.", len(answers))
        messages.success(request, text % {"count": len(answers)})
