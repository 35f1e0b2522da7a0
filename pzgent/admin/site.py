"""The admin site of the portal."""

import datetime
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.contenttypes.models import ContentType
from django.contrib.contenttypes.views import shortcut
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import DataError
from django.db.models import Model
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    JsonResponse,
)
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from pzgent.admin.enrolling import enrolled
from pzgent.admin.resuming import resumable, resume
from pzgent.kernel.editing.choices import LabelledAutocompleteView
from pzgent.kernel.editing.guarding import guarded
from pzgent.kernel.editing.linking import find_links

if TYPE_CHECKING:
    from pzgent.kernel.editing.attention import Check

# Numbers of days for which the totals are shown.
PERIODS = (7, 30, 400)


class PortalAdminSite(AdminSite):
    """The admin site for the editors."""

    index_title = _("What do you want to edit?")
    empty_value_display = "–"
    login_template = "admin/account/sign_in.html"

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Return Django's URLs and our own; “view on site” requires the right to view the object."""
        from pzgent.admin.account_pages import account_urls

        view = self.admin_view(self.page_of)
        own = [
            *account_urls(self),
            path("r/<path:content_type_id>/<path:object_id>/", view, name="view_on_site"),
            path("proposals/", self.admin_view(self.decide_proposals), name="decide_proposals"),
            *(
                path(f"totals/{days}/", self.admin_view(self.totals), {"days": days}, name=f"totals_{days}")
                for days in PERIODS
            ),
            path("undo/<uuid:batch>/", self.admin_view(self.undo), name="undo"),
            path("bin/", self.admin_view(self.bin), name="bin"),
            path("working-copies/", self.admin_view(self.working_copies), name="working_copies"),
            path("erase/", self.admin_view(self.erase_text), name="erase"),
            path("account/subscription/", self.admin_view(self.subscription), name="subscription"),
            path("retention/", self.admin_view(self.retention), name="retention"),
            *self._preview_urls(),
            path("resume/", self.admin_view(resume), name="resume"),
            path("guide/", self.admin_view(self.guide), name="guide"),
            path("links/", self.admin_view(self.find_links), name="find_links"),
            path("jargon/", self.admin_view(self.jargon), name="jargon"),
            path("take-over/", self.admin_view(self.take_over_content), name="take_over_content"),
        ]
        return [*own, *super().get_urls()]

    def _preview_urls(self) -> list[URLPattern]:
        from pzgent.preview import editing

        of_item, at_moment = "<str:label>/<str:key>/", "<str:label>/<str:key>/<str:when>/"
        return [
            path(f"preview/{of_item}", self.admin_view(editing.enter), name="preview"),
            path(f"preview/{at_moment}", self.admin_view(editing.page), name="preview_page"),
            path(f"preview/{at_moment}<path:page>", self.admin_view(editing.page), name="preview_page"),
            path(f"preview-links/{of_item}", self.admin_view(editing.links), name="preview_links"),
        ]

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Return the view for editors only, guarded: invalid requests get a message, and typed forms are kept.

        An editor who needs a second step and has none chooses it first.
        """
        return resumable(super().admin_view(enrolled(guarded(view)), cacheable))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the sign-in page; 429 after too many failed attempts. Signing in also clears expired sessions."""
        from pzgent.admin.account_pages import begin_second_step, provider_name
        from pzgent.admin.sign_in import SignInForm
        from pzgent.admin.sign_in_log import record
        from pzgent.models import SignInEventKind

        self.login_form = SignInForm
        response: Any = super().login(request, {**(extra_context or {}), "provider": provider_name()})
        form = (getattr(response, "context_data", None) or {}).get("form")
        if form is None:
            if request.method == "POST":
                request.session.clear_expired()
                record(request, request.user, SignInEventKind.SIGNED_IN, "password")  # type: ignore[arg-type]  # signed in
        elif getattr(form, "half_signed_in", None) is not None:
            asked = request.POST.get("next") or request.GET.get("next", "")
            return begin_second_step(request, form.half_signed_in, asked)
        elif wait := getattr(form, "wait", 0):
            response.status_code = 429
            response.headers["Retry-After"] = str(wait)
        return response

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Sign out, and log it."""
        from pzgent.admin.sign_in_log import record
        from pzgent.models import SignInEventKind

        if request.method == "POST" and request.user.is_authenticated:
            record(request, request.user, SignInEventKind.SIGNED_OUT)
        return super().logout(request, extra_context)

    def i18n_javascript(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Return the words of the scripts of the admin, also those that Django has not translated."""
        from pzgent.admin.script_words import ScriptWords

        response: Any = ScriptWords.as_view(packages=["django.contrib.admin"])(request)
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

    def checks_of(self, model: type[Model]) -> "Sequence[Check]":
        """Return the checks of what needs attention about a model."""
        from pzgent.registry.desk import checks_of

        return checks_of(model)

    def autocomplete_view(self, request: HttpRequest) -> Any:
        """Return the autocomplete results, with paths that distinguish objects of the same name."""
        return LabelledAutocompleteView.as_view(admin_site=self)(request)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return the context of every page: the name of the zone, the release, and the current urgent notice."""
        from pzgent.admin.guide import chapter_of
        from pzgent.admin.running import running_notices
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
            "running_notices": list(running_notices(request)),
            "release": settings.RELEASE,
            "guide_chapter": chapter_of(request),
            "urgent": urgent and urgent.in_words(),
            "urgent_until": urgent and day_of(urgent.ends),
        }

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Show the home page: proposals of a release, tasks, what needs attention, and what changed lately."""
        # Imported here because Django instantiates this site before the models are loaded.
        from pzgent.admin.broken_links import find_broken_links
        from pzgent.admin.home import home_context
        from pzgent.models import AccessibilityStatement
        from pzgent.starting_content.proposals import find_waiting
        from pzgent.starting_content.takeover import is_taken_over

        waiting, count = find_waiting(request, self)
        extra_context = {
            **(extra_context or {}),
            "waiting": waiting,
            "waiting_count": count,
            "may_decide": any(item.may_decide for item in waiting),
            **home_context(request, self),
            "broken_links": find_broken_links(request, self),
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

    def guide(self, request: HttpRequest) -> HttpResponse:
        """Show the guide for editors."""
        from pzgent.admin.guide import guide

        chapters, text = guide()
        context = {"title": gettext("Guide"), "chapters": chapters, "text": text}
        return TemplateResponse(request, "admin/guide.html", {**self.each_context(request), **context})

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

    def undo(self, request: HttpRequest, batch: UUID) -> HttpResponse:
        """Undo everything that one save wrote."""
        from pzgent.kernel.editing.undoing import undo_view

        return undo_view(self, request, batch)

    def bin(self, request: HttpRequest) -> HttpResponse:
        """List what was deleted of every model that the editor may view."""
        from pzgent.kernel.editing.bin_admin import BinAdmin, bin_page

        shown = [
            model
            for model, model_admin in self._registry.items()
            if isinstance(model_admin, BinAdmin) and model_admin.has_view_permission(request)
        ]
        return bin_page(self, request, shown)

    def working_copies(self, request: HttpRequest) -> HttpResponse:
        """List the working copies of everything that the editor may view."""
        from pzgent.kernel.editing.copies_list import copies_page

        return copies_page(self, request)

    def subscription(self, request: HttpRequest) -> HttpResponse:
        """Show the weekly mail and the calendar of one's own account, or change these."""
        from pzgent.admin.subscriptions import subscription_page

        return subscription_page(self, request)

    def retention(self, request: HttpRequest) -> HttpResponse:
        """Show how long everything is kept that is not content."""
        from pzgent.desk.retention import RETENTIONS

        context = {"title": gettext("How long everything is kept"), "retentions": RETENTIONS}
        return TemplateResponse(request, "admin/retention.html", {**self.each_context(request), **context})

    def erase_text(self, request: HttpRequest) -> HttpResponse:
        """Find a text in everything that is stored, and erase it; for superusers."""
        from pzgent.admin.erasing import erasing_page

        return erasing_page(request, self.each_context(request))

    def find_links(self, request: HttpRequest) -> JsonResponse:
        """Return the rows of the site to which a text may link, that match `words`."""
        return JsonResponse({"results": find_links(request, self, request.GET.get("words", ""))})

    def jargon(self, request: HttpRequest) -> JsonResponse:
        """Return the words that a text must explain, as the glossary has them."""
        admins: Iterable[Any] = self._registry.values()
        found = {word for owner in admins if hasattr(owner, "get_jargon") for word in owner.get_jargon()}
        return JsonResponse({"words": sorted(found)})

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
