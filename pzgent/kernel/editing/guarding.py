"""Handles input that no admin form can use, and refusals of the database: a message instead of an error 500.

`guarded` wraps every view of the admin site; `GuardedAdmin` lets a form show why it could not be saved.
"""

import logging
from collections.abc import Callable
from decimal import InvalidOperation
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import FieldDoesNotExist, PermissionDenied, ValidationError
from django.db import DataError, IntegrityError, transaction
from django.db.models import ManyToManyField, ProtectedError, RestrictedError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import SimpleTemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, ngettext

from pzgent.kernel.editing.area import AreaAdmin, OutsideAreaError
from pzgent.kernel.editing.problems import problems_of, with_examples
from pzgent.kernel.editing.rights import undeletable_parts
from pzgent.kernel.editing.second_person import SecondPersonError

View = Callable[..., Any]
MOST_WORDS = 30
REFUSAL = "_refusal_of_the_database"
# Raised for values that a field, a lookup or the database cannot take. Programming errors are not among these.
UNUSABLE: tuple[type[Exception], ...] = (
    ValidationError,
    ValueError,
    OverflowError,
    InvalidOperation,  # an invalid decimal number
    LookupError,
    RecursionError,
    DataError,
    IntegrityError,
)
logger = logging.getLogger(__name__)


def guarded(view: View) -> View:
    """Wrap an admin view so that unusable input leads to a message.

    After an IntegrityError, which a colleague's save in the meantime may cause, the form is validated once more so that
    it explains the problem itself; after any other error it is shown again as it was submitted.
    """

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if _asks_too_much(request):
            return _back(request, _too_many_words(), request.path)
        before = len(queued_messages(request))
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
            del queued_messages(request)[before:]
            setattr(request, REFUSAL, refusal)
            try:
                return _rendered(view(request, *args, **kwargs))
            except UNUSABLE as error:
                refused = error
        del queued_messages(request)[before:]
        return _back(request, _reason(refused))

    return inner


def _rendered(response: HttpResponseBase) -> HttpResponseBase:
    """Render the response, so that a value that cannot be displayed raises its error here."""
    return response.render() if isinstance(response, SimpleTemplateResponse) else response


def queued_messages(request: HttpRequest) -> list[Any]:
    """Return the messages queued by this request; a failed attempt removes its own."""
    storage = getattr(request, "_messages", None)
    queued: list[Any] = getattr(storage, "_queued_messages", [])
    return queued


def _is_form(request: HttpRequest) -> bool:
    match = request.resolver_match
    return bool(match and (match.url_name or "").endswith(("_add", "_change")))


def _reason(error: Exception) -> str:
    """Return the explanation that the editor reads."""
    if isinstance(error, (ProtectedError, RestrictedError)):
        users: Any = getattr(error, "protected_objects", None) or getattr(error, "restricted_objects", ())
        names = ", ".join(sorted(str(item) for item in users)[:5])
        return gettext("Nothing was deleted: it is still in use by %(names)s.") % {"names": names}
    if isinstance(error, (OutsideAreaError, SecondPersonError)):
        return " ".join(error.messages)
    if isinstance(error, IntegrityError):
        return gettext(
            "Nothing was saved: it does not go together with what somebody else saved in the meantime. Look at "
            "what is stored now, and try again."
        )
    return gettext("Nothing was saved: something that was sent cannot be right. Check it, and try again.")


def _leave(request: HttpRequest, error: Exception) -> HttpResponseBase:
    """Redirect without the part of the address that failed: its query string, or else the object that it names."""
    text = gettext("This address could not be read to its end. You see what is left of it.")
    if request.GET:
        return _back(request, text, request.path)
    if request.resolver_match and request.resolver_match.kwargs:
        return _back(request, text, reverse("admin:index"))
    raise error


def _back(request: HttpRequest, text: str, address: str = "") -> HttpResponse:
    """Redirect with the message to a page that works: the given address, else the previous page, else the list."""
    messages.error(request, text)
    return HttpResponseRedirect(address or _page_before(request) or _list_of(request))


def _page_before(request: HttpRequest) -> str:
    """Return the admin page that the form was on, from the Referer header; empty if unknown."""
    referrer = request.headers.get("Referer", "")
    is_ours = referrer.startswith(request.build_absolute_uri(reverse("admin:index")))
    return referrer if is_ours and url_has_allowed_host_and_scheme(referrer, request.get_host()) else ""


def _list_of(request: HttpRequest) -> str:
    """Return the changelist of the model that the address is about, or the admin index."""
    name = (request.resolver_match.url_name or "") if request.resolver_match else ""
    try:
        return reverse(f"admin:{name.rsplit('_', 1)[0]}_changelist")
    except NoReverseMatch:
        return reverse("admin:index")


def asks_too_much(question: str) -> bool:
    """Return whether a search would make a query too deep for the database."""
    return len(question.split()) > MOST_WORDS


def _asks_too_much(request: HttpRequest) -> bool:
    return request.method == "GET" and asks_too_much(request.GET.get(SEARCH_VAR, ""))


def _too_many_words() -> str:
    return ngettext(
        "Search for at most %(count)d word.", "Search for at most %(count)d words.", MOST_WORDS
    ) % {"count": MOST_WORDS}


class GuardedAdmin(AreaAdmin):
    """An admin whose forms show why they could not be saved, and that reveals nothing to users without permission."""

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form class, or one that shows why the database refused the submitted data."""
        form = super().get_form(request, obj, change=change, **kwargs)
        refusal = getattr(request, REFUSAL, "")
        return _refusing(form, refusal) if refusal else form

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return the object, locked while a submitted form is checked against it."""
        if request.method == "POST" and transaction.get_connection().in_atomic_block:
            try:
                key = self.model._meta.pk.to_python(object_id)
            except ValidationError:
                return None
            locked = self.model._base_manager.select_for_update(no_key=True).filter(pk=key)
            locked.order_by().values_list("pk").first()
        return super().get_object(request, object_id, from_field)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Return the form field, with messages that say how to write the value."""
        return with_examples(super().formfield_for_dbfield(db_field, request, **kwargs))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Render the form; above a refused form stands a list of what is wrong, with links to the fields."""
        if context.get("errors"):
            formsets = [inline.formset for inline in context["inline_admin_formsets"]]
            context["problems"] = problems_of(context["adminform"].form, formsets)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return the initial values from the query string, without invalid ones and ones the user may not see."""
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
        """Show the history; without the view permission, every id gets the same response."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Return what else is deleted; parts without an admin of their own require their delete permission too."""
        deleted, counts, missing, protected = super().get_deleted_objects(objs, request)
        parts = undeletable_parts(self.admin_site, request, self.model)
        return deleted, counts, missing | {parts[name] for name in counts if name in parts}, protected


def _refusing(form: Any, refusal: str) -> Any:
    """Return a form class that is never valid and shows the refusal above the form."""

    def full_clean(self: Any) -> None:
        try:
            super(refused, self).full_clean()
        except UNUSABLE:
            logger.debug("The check of a refused form broke off", exc_info=True)
        if self.is_bound:
            self.add_error(None, refusal)

    refused: Any = type(form)(form.__name__, (form,), {"full_clean": full_clean})
    return refused
