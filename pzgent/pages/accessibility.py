"""The accessibility statement as a page and as JSON."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from pzgent.kernel import clock
from pzgent.kernel.rest.answering import CACHED, links_for
from pzgent.kernel.rest.headers import OPEN_TO_ALL
from pzgent.models import AccessibilityGap, AccessibilityStatement, GapKind

MODEL = "https://eur-lex.europa.eu/eli/dec_impl/2018/1523/oj"
DIRECTIVE = "https://eur-lex.europa.eu/eli/dir/2016/2102/oj"


def get_statement() -> AccessibilityStatement | None:
    """Return the statement with its gaps, or None if it has not been written yet. Two queries."""
    return AccessibilityStatement.objects.prefetch_related("gaps").first()


def by_reason(statement: AccessibilityStatement) -> list[tuple[GapKind, list[AccessibilityGap]]]:
    """Return the gaps grouped by the three reasons of the EU's model statement, including reasons without gaps."""
    gaps = list(statement.gaps.all())
    return [(kind, [gap for gap in gaps if gap.kind == kind]) for kind in GapKind]


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show the statement, with all sections of the EU's model."""
    statement = get_statement()
    context = {
        "statement": statement,
        "reasons": by_reason(statement) if statement else [],
        "is_overdue": statement is not None and statement.is_overdue(clock.today()),
        "model": MODEL,
        "directive": DIRECTIVE,
    }
    return render(request, "pzgent/accessibility.html", context)


@require_safe
def document(request: HttpRequest) -> HttpResponse:
    """Return the statement as JSON; 404 if it has not been written yet."""
    statement = get_statement()
    answer = _document(request, statement) if statement else {"status": 404, "title": "Not Found"}
    headers = {"Cache-Control": CACHED, **OPEN_TO_ALL}
    return JsonResponse(answer, status=200 if statement else 404, headers=headers)


def _document(request: HttpRequest, statement: AccessibilityStatement) -> dict[str, Any]:
    """Return all sections of the statement, without empty values."""
    site = links_for(request).site
    known = {
        "model": MODEL,
        "directive": DIRECTIVE,
        "law": statement.law,
        "scope": f"{site}/",
        "language": get_language(),
        "htmlUrl": site + reverse("accessibility"),
        "standard": statement.standard,
        "conformance": statement.conformance,
        "conformanceLabel": str(statement.get_conformance_display()),
        "notAccessible": {_camel(kind): [_gap(gap) for gap in gaps] for kind, gaps in by_reason(statement)},
        "method": statement.method,
        "reportUrl": statement.report_url,
        "preparedOn": statement.prepared_on.isoformat(),
        "reviewedOn": statement.reviewed_on.isoformat(),
        "reviewBy": statement.review_by.isoformat(),
        "feedback": _known(
            url=site + reverse("contact"),
            email=statement.contact_email,
            answerWithinDays=statement.answer_days,
        ),
        "enforcement": _known(name=statement.enforcement_body, url=statement.enforcement_url),
    }
    return _known(**known)


def _gap(gap: AccessibilityGap) -> dict[str, Any]:
    return _known(text=gap.text, instead=gap.instead)


def _known(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in ("", None, {})}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)
