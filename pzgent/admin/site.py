"""The admin site of the portal."""

import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.contenttypes.models import ContentType
from django.contrib.contenttypes.views import shortcut
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from pzgent.kernel.editing.choices import LabelledAutocompleteView
from pzgent.kernel.editing.guarding import guarded

# Numbers of days for which the totals are shown.
PERIODS = (7, 30, 400)


class PortalAdminSite(AdminSite):
    """The admin site for the editors."""

    index_title = _("What do you want to edit?")
    empty_value_display = "–"

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Return Django's URLs and our own; “view on site” requires the right to view the object."""
        view = self.admin_view(self.page_of)
        own = [
            path("r/<path:content_type_id>/<path:object_id>/", view, name="view_on_site"),
            path("proposals/", self.admin_view(self.decide_proposals), name="decide_proposals"),
            *(
                path(f"totals/{days}/", self.admin_view(self.totals), {"days": days}, name=f"totals_{days}")
                for days in PERIODS
            ),
            path("take-over/", self.admin_view(self.take_over_content), name="take_over_content"),
        ]
        return [*own, *super().get_urls()]

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Return the view for editors only, guarded to show a message instead of an error for invalid requests."""
        return super().admin_view(guarded(view), cacheable)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the sign-in page; 429 after too many failed attempts. Signing in also clears expired sessions."""
        from pzgent.admin.sign_in import SignInForm

        self.login_form = SignInForm
        response: Any = super().login(request, extra_context)
        form = (getattr(response, "context_data", None) or {}).get("form")
        if form is None:
            if request.method == "POST":
                request.session.clear_expired()
        elif wait := getattr(form, "wait", 0):
            response.status_code = 429
            response.headers["Retry-After"] = str(wait)
        return response

    def page_of(self, request: HttpRequest, content_type_id: str, object_id: str) -> HttpResponse:
        """Redirect to the public page of an object; 404 if it does not exist or the editor may not view it."""
        try:
            model = ContentType.objects.get_for_id(int(content_type_id)).model_class()
            model_admin = self._registry[model]  # type: ignore[index]  # None is in no registry
            if not model_admin.has_view_permission(request):
                raise Http404
            item = model_admin.get_queryset(request).get(pk=object_id)
        except (ObjectDoesNotExist, KeyError, ValidationError, ValueError, OverflowError, DataError):
            raise Http404 from None
        if not model_admin.has_view_permission(request, item):
            raise Http404
        return shortcut(request, content_type_id, object_id)

    def autocomplete_view(self, request: HttpRequest) -> Any:
        """Return the autocomplete results, with paths that distinguish objects of the same name."""
        return LabelledAutocompleteView.as_view(admin_site=self)(request)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return the context of every page: the name of the zone, the release, and the current urgent notice."""
        from pzgent.kernel.zone import get_zone
        from pzgent.page_cache.notices import day_of, urgent_notice

        urgent = urgent_notice()
        terms = get_zone().terms
        names = {
            "site_header": gettext("Editing the portal of %(police)s") % terms,
            "site_title": gettext("Portal of %(police)s") % terms,
        }
        return {
            **super().each_context(request),
            **names,
            "release": settings.RELEASE,
            "urgent": urgent and urgent.in_words(),
            "urgent_until": urgent and day_of(urgent.ends),
        }

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Show the index page with the tasks of the editor: proposals of a release, and facts due for review."""
        # Imported here because Django instantiates this site before the models are loaded.
        from pzgent.admin.due import find_due
        from pzgent.models import AccessibilityStatement
        from pzgent.starting_content.proposals import find_waiting
        from pzgent.starting_content.takeover import is_taken_over

        waiting, count = find_waiting(request, self)
        extra_context = {
            **(extra_context or {}),
            "waiting": waiting,
            "waiting_count": count,
            "may_decide": any(item.may_decide for item in waiting),
            "due": find_due(request, self, timezone.localdate()),
            "may_take_over": request.user.is_superuser and not is_taken_over(),
        }
        statement = AccessibilityStatement.objects.first()
        if statement is not None and statement.is_overdue(timezone.localdate()):
            messages.warning(
                request,
                _("The accessibility statement had to be reviewed before %(day)s.")
                % {"day": date_format(statement.review_by)},
            )
        return super().index(request, extra_context)

    def totals(self, request: HttpRequest, days: int) -> HttpResponse:
        """Show which pages were read and which searches failed in the last `days` days."""
        from pzgent.kernel.totals import days_since, pages_since, unanswered_since

        first = timezone.localdate() - datetime.timedelta(days=days - 1)
        context = {
            **self.each_context(request),
            "title": gettext("What was read"),
            "days": days,
            "periods": [(number, reverse(f"admin:totals_{number}")) for number in PERIODS],
            "languages": [name for _code, name in settings.LANGUAGES],
            "by_day": days_since(first),
            "by_page": pages_since(first),
            "unanswered": unanswered_since(first),
        }
        return TemplateResponse(request, "admin/totals.html", context)

    def take_over_content(self, request: HttpRequest) -> HttpResponse:
        """Record the takeover of the content, after which releases only propose changes; for superusers."""
        from pzgent.starting_content.takeover import take_over

        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not request.user.is_superuser:
            raise PermissionDenied
        take_over()
        messages.success(
            request, gettext("The content is yours: from now on a new release only proposes changes.")
        )
        return HttpResponseRedirect(reverse("admin:index"))

    def decide_proposals(self, request: HttpRequest) -> HttpResponse:
        """Accept or refuse the selected proposals of a release."""
        from pzgent.starting_content.proposals import decide

        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        chosen = request.POST.getlist("chosen")
        outcome = decide(request, self, chosen, request.POST.get("decision") == "accept")
        if not chosen:
            messages.warning(request, gettext("Tick first what you want to decide about."))
        if outcome.accepted:
            text = ngettext(
                "%(count)d proposal taken over.", "%(count)d proposals taken over.", outcome.accepted
            )
            messages.success(request, text % {"count": outcome.accepted})
        if outcome.refused:
            text = ngettext("%(count)d proposal refused.", "%(count)d proposals refused.", outcome.refused)
            messages.success(request, text % {"count": outcome.refused})
        for problem in outcome.problems:
            messages.error(request, problem)
        return HttpResponseRedirect(reverse("admin:index"))
