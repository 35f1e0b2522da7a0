"""The page that gives opening hours to more channels at once."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext, ngettext

from contact.models import Channel, Schedule
from pzgent.kernel.editing import log_change
from pzgent.kernel.once import FIELD, new_token
from pzgent.kernel.publishing import PublicationStatus

# Between the key of a ticked channel and its version when the page was opened.
SEPARATOR = "@"


class MoreChannelsAdmin(admin.ModelAdmin):
    """Adds the page for more channels to the admin of the opening hours."""

    def get_urls(self) -> list[URLPattern]:
        """Return the usual URL patterns, and that of the page."""
        view = self.admin_site.admin_view(self.channels_view)
        return [
            path("<path:object_id>/channels/", view, name="contact_schedule_channels"),
            *super().get_urls(),
        ]

    def channels_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the channels, and give these opening hours to those that are ticked."""
        schedule = self.get_object(request, object_id)
        if schedule is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]  # missing from the stubs
        owner = self.admin_site._registry[Channel]
        if not self.has_view_permission(request, schedule) or not owner.has_change_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            with transaction.atomic():
                return self.once(request, lambda: self._give(request, schedule))  # type: ignore[attr-defined]  # of EditingAdmin
        return self._show_channels(request, schedule, set())

    def _channels(self, request: HttpRequest) -> list[Channel]:
        """Return the channels that the editor may change, those withdrawn left out."""
        owner = self.admin_site._registry[Channel]
        rows = owner.get_queryset(request).exclude(status=PublicationStatus.WITHDRAWN)
        listed = rows.select_related("topic", "schedule", "location").order_by("topic__title", "label", "pk")
        return [row for row in listed if owner.has_change_permission(request, row)]

    def _show_channels(self, request: HttpRequest, schedule: Schedule, ticked: set[str]) -> HttpResponse:
        title = gettext("Give “%(hours)s” to channels") % {"hours": schedule}
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "schedule": schedule,
            "form_once": request.POST.get(FIELD) or new_token(),
            "rows": [
                (row, f"{row.pk}{SEPARATOR}{row.version}", str(row.pk) in ticked)
                for row in self._channels(request)
            ],
        }
        return TemplateResponse(request, "admin/contact/schedule/channels.html", context)

    def _give(self, request: HttpRequest, schedule: Schedule) -> HttpResponse:
        """Give the opening hours to the ticked channels: to all, or to none if one was changed in the meantime."""
        asked = dict(
            text.split(SEPARATOR, 1) for text in request.POST.getlist("channels") if SEPARATOR in text
        )
        list(Channel._base_manager.select_for_update(no_key=True).order_by("pk").values_list("pk"))
        rows = [row for row in self._channels(request) if str(row.pk) in asked]
        outdated = [row for row in rows if str(row.version) != asked[str(row.pk)]]
        if outdated or not rows:
            messages.error(request, _refusal(outdated))
            return self._show_channels(request, schedule, set(asked))
        for row in rows:
            row.schedule = schedule
            row.save(update_fields=["schedule"])
        log_change(request, rows, str(Channel._meta.get_field("schedule").verbose_name))
        text = ngettext(
            "%(count)d channel now has the opening hours “%(hours)s”.",
            "%(count)d channels now have the opening hours “%(hours)s”.",
            len(rows),
        )
        messages.success(request, text % {"count": len(rows), "hours": schedule})
        return HttpResponseRedirect(reverse("admin:contact_schedule_change", args=[schedule.pk]))


def _refusal(outdated: list[Channel]) -> str:
    """Return why nothing was saved: some channels were changed in the meantime, or none was ticked."""
    if not outdated:
        return gettext("Tick at least one channel.")
    text = gettext(
        "Somebody changed these in the meantime: %(names)s. Nothing was saved. Look at them below, and save again."
    )
    return text % {"names": ", ".join(str(row) for row in outdated)}
