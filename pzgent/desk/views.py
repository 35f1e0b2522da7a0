"""The page behind a signed link, on which a service checks the facts about it."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from pzgent.desk.fact_checks import facts_of, record
from pzgent.kernel.translations import DUTCH
from pzgent.models import FactCheck

HEADERS = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}


@csrf_exempt  # nobody is signed in here: the secret is in the address, which other sites do not know
@require_http_methods(["GET", "HEAD", "POST"])
def fact_check(request: HttpRequest, token: str) -> HttpResponse:
    """Show the facts about a unit, or store the answers to them; 410 when the link has expired or was withdrawn."""
    check = FactCheck.objects.get_by_token(token)
    if check is None:
        raise Http404
    with translation.override(DUTCH):
        response = _answer(request, check)
    for name, value in HEADERS.items():
        response.headers[name] = value
    return response


def _answer(request: HttpRequest, check: FactCheck) -> HttpResponse:
    if not check.is_open:
        return render(request, "pzgent/fact_check.html", {"is_closed": True}, status=410)
    if request.method != "POST":
        thanks = "dank" in request.GET
        return render(
            request, "pzgent/fact_check.html", {"check": check, "facts": facts_of(check), "thanks": thanks}
        )
    facts = record(check, request.POST.dict())
    if any(fact.error for fact in facts):
        return render(
            request,
            "pzgent/fact_check.html",
            {"check": check, "facts": facts, "is_refused": True},
            status=422,
        )
    return HttpResponseRedirect(f"{request.path}?dank=1")
