"""Answers for what no form of the admin can mean, and for what the database refuses: a message instead of an error 500.

`guarded` stands around every view of the admin site; `GuardedAdmin` lets a form show why it could not be saved.
"""

import logging
from collections.abc import Callable
from decimal import InvalidOperation
from functools import wraps
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import FieldDoesNotExist, PermissionDenied, ValidationError
from django.db import DataError, IntegrityError
from django.db.models import ManyToManyField, ProtectedError, RestrictedError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import SimpleTemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, ngettext

from pzgent.kernel.editing.rights import undeletable_parts

View = Callable[..., Any]
MOST_WORDS = 30
REFUSAL = "_refusal_of_the_database"
# Values that a field, a lookup or the database cannot take. Programming errors are none of these.
UNUSABLE: tuple[type[Exception], ...] = (
    ValidationError,
    ValueError,
    OverflowError,
    InvalidOperation,  # a decimal number that is none
    LookupError,
    RecursionError,
    DataError,
    IntegrityError,
)
logger = logging.getLogger(__name__)


def guarded(view: View) -> View:
    """The view of the admin with a message for unusable input.

    What a colleague's save made impossible in the meantime (IntegrityError) is checked again, so that the form itself
    says why; every other refusal shows the form as it was typed.
    """

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if _asks_too_much(request):
            return _back(request, _too_many_words(), request.path)
        before = len(_queued(request))
        try:
            return _rendered(view(request, *args, **kwargs))
        except UNUSABLE as error:
            logger.warning("Refused in %s", request.path, exc_info=True)
            refused = error
        if request.method != "POST":
            return _leave(request, refused)
        attempts = ["", _reason(refused)] if isinstance(refused, IntegrityError) else [_reason(refused)]
        if not _is_form(request):
            attempts = attempts[:-1]
        if isinstance(refused, (ProtectedError, RestrictedError)):
            attempts = []
        for refusal in attempts:
            del _queued(request)[before:]
            setattr(request, REFUSAL, refusal)
            try:
                return _rendered(view(request, *args, **kwargs))
            except UNUSABLE as error:
                refused = error
        del _queued(request)[before:]
        return _back(request, _reason(refused))

    return inner


def _rendered(response: HttpResponseBase) -> HttpResponseBase:
    """The response with its page made, so that a value that cannot be shown is found here."""
    return response.render() if isinstance(response, SimpleTemplateResponse) else response


def _queued(request: HttpRequest) -> list[Any]:
    """The messages that this request has queued, of which a failed attempt leaves none."""
    storage = getattr(request, "_messages", None)
    queued: list[Any] = getattr(storage, "_queued_messages", [])
    return queued


def _is_form(request: HttpRequest) -> bool:
    match = request.resolver_match
    return bool(match and (match.url_name or "").endswith(("_add", "_change")))


def _reason(error: Exception) -> str:
    """What an editor reads about it."""
    if isinstance(error, (ProtectedError, RestrictedError)):
        users: Any = getattr(error, "protected_objects", None) or getattr(error, "restricted_objects", ())
        names = ", ".join(sorted(str(item) for item in users)[:5])
        return gettext("Nothing was deleted: it is still in use by %(names)s.") % {"names": names}
    if isinstance(error, IntegrityError):
        return gettext(
            "Nothing was saved: it does not go together with what somebody else saved in the meantime. Look at "
            "what is stored now, and try again."
        )
    return gettext("Nothing was saved: something that was sent cannot be right. Check it, and try again.")


def _leave(request: HttpRequest, error: Exception) -> HttpResponseBase:
    """Without what made the address wrong: its query, or else the object it names."""
    text = gettext("This address could not be read to its end. You see what is left of it.")
    if request.GET:
        return _back(request, text, request.path)
    if request.resolver_match and request.resolver_match.kwargs:
        return _back(request, text, reverse("admin:index"))
    raise error


def _back(request: HttpRequest, text: str, address: str = "") -> HttpResponse:
    """Somewhere that works, with the message: the address given, else the page before, else the list."""
    messages.error(request, text)
    return HttpResponseRedirect(address or _page_before(request) or _list_of(request))


def _page_before(request: HttpRequest) -> str:
    """The page of the admin that the form was on, as far as the browser tells."""
    referrer = request.headers.get("Referer", "")
    is_ours = referrer.startswith(request.build_absolute_uri(reverse("admin:index")))
    return referrer if is_ours and url_has_allowed_host_and_scheme(referrer, request.get_host()) else ""


def _list_of(request: HttpRequest) -> str:
    """The list of the model that the address is about, or the first page."""
    name = (request.resolver_match.url_name or "") if request.resolver_match else ""
    try:
        return reverse(f"admin:{name.rsplit('_', 1)[0]}_changelist")
    except NoReverseMatch:
        return reverse("admin:index")


def asks_too_much(question: str) -> bool:
    """True for a search that would make a query too deep for the database."""
    return len(question.split()) > MOST_WORDS


def _asks_too_much(request: HttpRequest) -> bool:
    return request.method == "GET" and asks_too_much(request.GET.get(SEARCH_VAR, ""))


def _too_many_words() -> str:
    return ngettext(
        "Search for at most %(count)d word.", "Search for at most %(count)d words.", MOST_WORDS
    ) % {"count": MOST_WORDS}


class GuardedAdmin(admin.ModelAdmin):
    """An admin whose forms show why they could not be saved, and that tells nothing to those without rights."""

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form, or one that says why the database refused what was sent."""
        form = super().get_form(request, obj, change=change, **kwargs)
        refusal = getattr(request, REFUSAL, "")
        return _refusing(form, refusal) if refusal else form

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The values that the address proposes for a new item, without those that cannot be or may not be seen."""
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        return {name: value for name, value in initial.items() if self._may_propose(request, name, value)}

    def _may_propose(self, request: HttpRequest, name: str, value: Any) -> bool:
        try:
            field: Any = self.opts.get_field(name)
        except FieldDoesNotExist:
            return True
        related = field.related_model
        if related is not None:
            owner = self.admin_site._registry.get(related)
            if owner is not None and not owner.has_view_permission(request):
                return False
        form_field = field.formfield() if hasattr(field, "formfield") else None
        if form_field is None:
            return False
        try:
            form_field.clean([key for key in value if key] if isinstance(field, ManyToManyField) else value)
        except (ValidationError, ValueError, TypeError, ArithmeticError):
            return False
        return True

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """The history; without the right to view, no id answers otherwise than another."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What goes along; parts that have no admin of their own ask for the right to delete them too."""
        deleted, counts, missing, protected = super().get_deleted_objects(objs, request)
        parts = undeletable_parts(self.admin_site, request, self.model)
        return deleted, counts, missing | {parts[name] for name in counts if name in parts}, protected


def _refusing(form: Any, refusal: str) -> Any:
    """The form, never valid, with the refusal above it."""

    def full_clean(self: Any) -> None:
        try:
            super(refused, self).full_clean()
        except UNUSABLE:
            logger.debug("The check of a refused form broke off", exc_info=True)
        if self.is_bound:
            self.add_error(None, refusal)

    refused: Any = type(form)(form.__name__, (form,), {"full_clean": full_clean})
    return refused
