"""Public pages about the organisation."""

from operator import attrgetter

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from organisation.chart import draw_chart
from organisation.chart_pdf import write_pdf
from organisation.downloads import OrganogramPart, get_organogram_part
from organisation.editions import draw_totals, put_beside
from organisation.figures import get_figure_page
from organisation.formation import by_kind, get_formation
from organisation.forms import SCALES, FigureFilterForm, OrganogramForm, WordsFilterForm
from organisation.grouping import by_choice, by_letter
from organisation.history import get_history, get_renamed
from organisation.models import StaffingTable
from organisation.models.documents import DocumentKind
from organisation.models.partners import PartnerKind
from organisation.narrowing import narrow
from organisation.organogram_page import get_page
from organisation.shared import (
    policies_in_force,
    public_documents,
    public_key_figures,
    public_partners,
    public_policies,
    public_terms,
    units_with_partners,
)
from pzgent.kernel import clock
from pzgent.kernel.cleaning import xml_text
from pzgent.kernel.problems import refuse


@require_safe
def organogram(request: HttpRequest) -> HttpResponse:
    """Show the structure on a day, its versions, and the changes between two; 400 for an invalid date.

    404 for a part that is not in this version.
    """
    form = OrganogramForm(request.GET)
    if not form.is_valid():
        return render(request, "organisation/organogram.html", {"form": form}, status=400)
    page = get_page(form.cleaned_data, clock.today())
    context = {"form": form, "page": page, "scales": SCALES}
    return render(request, "organisation/organogram.html", context, status=404 if page.is_missing else 200)


@require_safe
def organogram_chart(request: HttpRequest) -> HttpResponse:
    """Return the chart of a part of the structure on a day as an SVG file; 400 for an invalid date."""
    part = _get_part(request)
    context = {"part": part, "chart": draw_chart(part.top)}
    drawing = xml_text(render_to_string("organisation/organogram.svg", context, request))
    return HttpResponse(drawing, content_type="image/svg+xml")


@require_safe
def organogram_pdf(request: HttpRequest) -> HttpResponse:
    """Return the charts of a part of the structure on a day as a printable PDF; 400 for an invalid date."""
    part = _get_part(request)
    content = write_pdf(part, clock.today(), request.build_absolute_uri)
    return _file(content, "application/pdf", f"{part.file_name}.pdf")


@require_safe
def organogram_table(request: HttpRequest) -> HttpResponse:
    """Return the units of a part of the structure on a day as CSV; 400 for an invalid date."""
    part = _get_part(request)
    content = b"".join(part.as_csv(request.build_absolute_uri))
    return _file(content, "text/csv; charset=utf-8", f"{part.file_name}.csv")


def _get_part(request: HttpRequest) -> OrganogramPart:
    """Return the part for a file. Raises BadRequest for an invalid date, Http404 if there is nothing to show."""
    form = OrganogramForm(request.GET)
    if not form.is_valid():
        raise BadRequest
    part = get_organogram_part(form.cleaned_data["datum"], form.cleaned_data["top"])
    if part is None:
        raise Http404
    return part


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=kind, headers=headers)


@require_safe
def unit_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one unit; a former slug redirects permanently."""
    history = get_history(slug, clock.today())
    if history is None:
        renamed = get_renamed(slug)
        if renamed is None:
            raise Http404
        return HttpResponsePermanentRedirect(renamed.get_absolute_url())
    return render(request, "organisation/unit_detail.html", {"unit": history.unit, "history": history})


@require_safe
def staffing(request: HttpRequest) -> HttpResponse:
    """Show a staffing table, the tables to compare it with, and all tables by kind; 400 for an unknown table."""
    tables = list(StaffingTable.objects.published().with_lines().in_order())
    try:
        beside = put_beside(tables, request.GET.get("versie", ""), request.GET.getlist("met"))
    except KeyError:
        return refuse(request, 400)
    kinds = by_kind(tables)
    context = {
        "beside": beside,
        "choices": [table for table in tables if get_formation(table).categories],
        "kinds": [(kind, found, draw_totals(found)) for kind, found in kinds if found],
        "kinds_without": [kind for kind, found in kinds if not found],
    }
    return render(request, "organisation/staffing.html", context)


@require_safe
def policy_list(request: HttpRequest) -> HttpResponse:
    """Show the policies in force."""
    return render(request, "organisation/policy_list.html", {"policies": policies_in_force()})


@require_safe
def policy_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one edition of a policy, with the other editions of the same policy."""
    policies = public_policies()
    policy = policies.get(slug)
    if policy is None:
        raise Http404
    others = (other for other in policies.values() if other.series == policy.series and other != policy)
    editions = sorted(others, key=attrgetter("valid_from"), reverse=True)
    newer = next((edition for edition in editions if edition.has_started), None)
    context = {
        "policy": policy,
        "editions": editions,
        "newer": newer if newer and newer.valid_from > policy.valid_from else None,
    }
    return render(request, "organisation/policy_detail.html", context)


@require_safe
def key_figures(request: HttpRequest) -> HttpResponse:
    """Show the main figures, and the others in a table with filters; 400 for an unknown group."""
    form = FigureFilterForm(request.GET, label=_("Words in the figure"))
    if not form.is_valid():
        return refuse(request, 400)
    context = {"form": form, "page": get_figure_page(public_key_figures(), form)}
    return render(request, "organisation/key_figures.html", context)


@require_safe
def document_list(request: HttpRequest) -> HttpResponse:
    """Show the documents under their kind, narrowed by words; 400 for an unreadable filter."""
    form = WordsFilterForm(request.GET, label=_("Words in the document"))
    if not form.is_valid():
        return refuse(request, 400)
    documents = narrow(
        public_documents(), form.cleaned_data["q"], ("title", "description", "period", "issued_by")
    )
    context = {"form": form, "groups": by_choice(documents, "kind", DocumentKind)}
    return render(request, "organisation/document_list.html", context)


@require_safe
def partner_list(request: HttpRequest) -> HttpResponse:
    """Show every partner under its kind, with the units that work with it."""
    context = {
        "groups": by_choice(public_partners(), "kind", PartnerKind),
        "units": units_with_partners(),
    }
    return render(request, "organisation/partner_list.html", context)


@require_safe
def term_list(request: HttpRequest) -> HttpResponse:
    """Show the glossary in alphabetical order, narrowed by words; 400 for an unreadable filter."""
    form = WordsFilterForm(request.GET, label=_("A word or abbreviation"))
    if not form.is_valid():
        return refuse(request, 400)
    terms = narrow(public_terms(), form.cleaned_data["q"], ("abbreviation", "expansion", "explanation"))
    return render(request, "organisation/term_list.html", {"form": form, "groups": by_letter(terms)})
