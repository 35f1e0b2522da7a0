"""Admin of notices, with a short form for an urgent one and a button that ends one."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contact.admin.quick_notice import QuickNoticeForm
from contact.models import (
    Notice,
)
from pzgent.kernel.editing import (
    ConfirmedAdmin,
    Fieldsets,
    PublishableAdmin,
    log_addition,
    log_change,
)
from pzgent.kernel.once import FIELD, new_token
from pzgent.kernel.paths import path_of


@admin.register(Notice)
class NoticeAdmin(ConfirmedAdmin, PublishableAdmin):
    """Admin of the messages that every page shows for a limited time; editors prove first who they are."""

    list_display = ("title", "level", "starts", "ends", "shown")
    list_filter = ("level",)
    date_hierarchy = "starts"
    search_fields = ("title", "text_nl", "slug")
    prepopulated_on_add: ClassVar[dict[str, Sequence[str]]] = {"slug": ("title",)}
    main_fieldsets: ClassVar[Fieldsets] = [
        (
            _("What it says"),
            {"fields": [("level", "title"), "slug", "text_nl", "text_fr", "text_en", "text_de"]},
        ),
        (_("When it is on every page"), {"fields": [("starts", "ends")]}),
    ]

    def get_page(self, obj: Notice) -> str:
        """Return the home page: a notice is on every page."""
        return path_of("home")

    def get_urls(self) -> list[URLPattern]:
        """Return the usual URL patterns, the short form, and the button that ends a notice."""
        own = [
            path("quick/", self.admin_site.admin_view(self.quick_view), name="contact_notice_quick"),
            path(
                "<uuid:object_id>/end/", self.admin_site.admin_view(self.end_view), name="contact_notice_end"
            ),
        ]
        return [*own, *super().get_urls()]

    def has_quick_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may put a new notice on every page at once."""
        return self.has_add_permission(request) and self.has_publish_permission(request)

    def quick_view(self, request: HttpRequest) -> HttpResponse:
        """Show the short form, preview the notice, or publish it at once."""
        if not self.has_quick_permission(request):
            raise PermissionDenied
        form = QuickNoticeForm(request.POST or None)
        is_valid = request.method == "POST" and form.is_valid()
        if is_valid and "publish" in request.POST:
            with self.writing(request, None):
                return self.once(request, lambda: self._publish_now(request, form))
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Urgent notice"),
            "opts": self.opts,
            "form": form,
            "form_once": request.POST.get(FIELD) or new_token(),
            "previews": list(form.previews()) if is_valid else [],
            "missing": ", ".join(form.missing_languages()) if is_valid else "",
        }
        return TemplateResponse(request, "admin/contact/notice/quick.html", context)

    def _publish_now(self, request: HttpRequest, form: QuickNoticeForm) -> HttpResponse:
        form.notice.save()
        log_addition(request, [form.notice])
        until = {
            "title": form.notice.title,
            "until": date_format(timezone.localtime(form.notice.ends), "DATETIME_FORMAT"),
        }
        messages.success(request, gettext("“%(title)s” is on every page until %(until)s.") % until)
        if missing := form.missing_languages():
            text = gettext(
                "These readers see it in Dutch: %(languages)s. Add a translation as soon as you can."
            )
            messages.warning(request, text % {"languages": ", ".join(missing)})
        return HttpResponseRedirect(reverse("admin:index"))

    def end_view(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """End a running notice now."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        with self.writing(request, None):
            notice = self.get_queryset(request).select_for_update().in_force().filter(pk=object_id).first()  # type: ignore[attr-defined]  # of notices
            if notice is None:
                raise Http404
            if not self.has_publish_permission(request, notice):
                raise PermissionDenied
            notice.ends = timezone.now()
            notice.save(update_fields=["ends"])
            log_change(request, [notice], gettext("ends"))
        messages.success(request, gettext("“%(title)s” is off every page.") % {"title": notice.title})
        return HttpResponseRedirect(reverse("admin:index"))
