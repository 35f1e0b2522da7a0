"""The public pages about the organisation."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from organisation.chart import draw_chart
from organisation.comparison import get_comparison, version_on
from organisation.formation import by_kind, get_formation
from organisation.forms import OrganogramForm
from organisation.grouping import by_choice, by_letter
from organisation.history import get_history, get_renamed
from organisation.models import Document, KeyFigure, Organogram, Policy, StaffingTable, Term
from organisation.models.documents import DocumentKind
from organisation.models.figures import FigureGroup
from organisation.models.staffing import StaffingKind
from organisation.structure import get_structure
from pzgent.problems import refuse


@require_safe
def organogram(request: HttpRequest) -> HttpResponse:
    """The structure on a day, its versions, and what changed between two; 400 for what is no date."""
    today = timezone.localdate()
    form = OrganogramForm({"datum": today.isoformat(), **{k: v for k, v in request.GET.items() if v}})
    if not form.is_valid():
        return render(request, "organisation/organogram.html", {"form": form}, status=400)
    day, other_day = form.cleaned_data["datum"], form.cleaned_data["vergelijk"]
    versions = list(Organogram.objects.published().select_related("source").in_order())
    shown = version_on(versions, day)
    structure = get_structure(shown) if shown else None
    context = {
        "form": form,
        "day": day,
        "other_day": other_day,
        "versions": versions,
        "in_force": version_on(versions, today),
        "shown": shown,
        "structure": structure,
        "chart": draw_chart(structure) if structure else None,
        "comparison": get_comparison(versions, shown, other_day),
    }
    return render(request, "organisation/organogram.html", context)


@require_safe
def organogram_chart(request: HttpRequest) -> HttpResponse:
    """The top levels of the structure on a day as an SVG drawing; 400 for what is no date."""
    form = OrganogramForm({"datum": request.GET.get("datum", "")})
    if not form.is_valid():
        return refuse(request, 400)
    shown = Organogram.objects.get_in_force(form.cleaned_data["datum"])
    structure = get_structure(shown, depth=2) if shown else None
    if structure is None:
        raise Http404
    context = {"organogram": shown, "chart": draw_chart(structure)}
    return render(request, "organisation/organogram.svg", context, content_type="image/svg+xml")


@require_safe
def unit_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One unit; its former address redirects for good."""
    history = get_history(slug, timezone.localdate())
    if history is None:
        renamed = get_renamed(slug)
        if renamed is None:
            raise Http404
        return HttpResponsePermanentRedirect(renamed.get_absolute_url())
    return render(request, "organisation/unit_detail.html", {"unit": history.unit, "history": history})


@require_safe
def staffing(request: HttpRequest) -> HttpResponse:
    """The formation in force, all editions beside each other, and the other kinds of number."""
    tables = list(StaffingTable.objects.published().with_lines().in_order())
    in_force = next(
        (table for table in tables if table.kind == StaffingKind.FORMATION and table.has_started), None
    )
    context = {
        "formation": get_formation(in_force) if in_force else None,
        "tables": tables,
        "kinds": by_kind(tables),
    }
    return render(request, "organisation/staffing.html", context)


@require_safe
def policy_list(request: HttpRequest) -> HttpResponse:
    """The policies in force."""
    policies = Policy.objects.in_force().with_actions()
    return render(request, "organisation/policy_list.html", {"policies": policies})


@require_safe
def policy_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One edition of a policy, with the other editions of the same policy."""
    policy = get_object_or_404(Policy.objects.published().with_actions(), slug=slug)
    editions = list(Policy.objects.published().other_editions_of(policy))
    newer = next((edition for edition in editions if edition.has_started), None)
    context = {
        "policy": policy,
        "editions": editions,
        "newer": newer if newer and newer.valid_from > policy.valid_from else None,
    }
    return render(request, "organisation/policy_detail.html", context)


@require_safe
def key_figures(request: HttpRequest) -> HttpResponse:
    """Every key figure under its heading."""
    figures = KeyFigure.objects.published().select_related("source")
    return render(
        request, "organisation/key_figures.html", {"groups": by_choice(figures, "group", FigureGroup)}
    )


@require_safe
def document_list(request: HttpRequest) -> HttpResponse:
    """Every document under its kind."""
    documents = Document.objects.published().select_related("source")
    return render(
        request, "organisation/document_list.html", {"groups": by_choice(documents, "kind", DocumentKind)}
    )


@require_safe
def term_list(request: HttpRequest) -> HttpResponse:
    """The glossary, in alphabetical order."""
    terms = Term.objects.published().select_related("source")
    return render(request, "organisation/term_list.html", {"groups": by_letter(terms)})
