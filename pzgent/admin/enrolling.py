"""An editor who needs a second step, and has none yet, chooses it before anything else."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

# Pages of the admin, by the name of their URL, that open without a second step.
OPEN = frozenset({
    "security", "back", "add_app", "add_passkey", "recovery_codes", "confirm", "logout", "jsi18n", "password_change",
    "password_change_done",
})  # fmt: skip
# In the session: the identity provider asked for a second step.
PROVEN = "second_step_at_provider"


def enrolled(view: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap an admin view so that it redirects to the page on which a missing second step is chosen."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        from pzgent.admin.factors import must_enrol

        match = request.resolver_match
        is_open = match is None or match.url_name in OPEN or request.session.get(PROVEN)
        if not is_open and must_enrol(request.user):
            return HttpResponseRedirect(reverse("admin:security"))
        response: HttpResponseBase = view(request, *args, **kwargs)
        return response

    return inner
