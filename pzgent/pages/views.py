"""Views that belong to no single app: home, search, text pages, technical files and errors."""

import datetime
from uuid import UUID

from django.core.exceptions import DisallowedHost, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from contact.availability import TopicStatus, topics_now
from contact.finding import find_place_meant, find_place_within
from contact.models import CareArea
from organisation.models import Statement
from pzgent.kernel import clock
from pzgent.kernel.links import address_of
from pzgent.kernel.problems import is_api, refuse, titles
from pzgent.kernel.reading import read_once
from pzgent.kernel.totals import UNANSWERED
from pzgent.kernel.translations import DUTCH
from pzgent.kernel.zone import get_zone, icon_of
from pzgent.registry.searchables import SEARCHABLE
from pzgent.search import LONGEST_QUESTION, count_sorts, group_hits, search_everything
from pzgent.search.answers import answer_directly
from pzgent.search.danger import may_need_to_leave
from pzgent.search.needs import needs_of
from pzgent.search.words import without_silent

MOST_HITS = 60
# Hits in sight of each type, and of the only type shown; the others are folded.
MOST_OPEN = {False: 3, True: 20}
# Number of topics on the home page; the contact page has them all.
MOST_TOPICS = 9
LONGEST_PATH = 200
ICONS = (("icon-192", 192, "any"), ("icon-512", 512, "any"), ("icon-maskable-512", 512, "maskable"))
# Counted from the first day of the month, so that the date only changes monthly; less than the maximum of one year that
# RFC 9116 recommends.
VALID_FOR = datetime.timedelta(days=200)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the topics that a visitor may need now, and links to the rest of the site."""
    context = {
        "topics": topics_now()[:MOST_TOPICS],
        "mission": _mission(),
    }
    return render(request, "pzgent/home.html", context)


@read_once
def _mission() -> Statement | None:
    return Statement.objects.in_force().of_kind("mission").select_related("source").first()


@require_safe
def permanent_link(request: HttpRequest, kind: str, key: UUID) -> HttpResponse:
    """Redirect to the page where a row is now; 404 if the public cannot see it."""
    address = address_of(kind, key)
    if address is None:
        raise Http404
    return HttpResponseRedirect(address)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Show the search results for a question, optionally of one type; 400 for an unknown type or a question that is too
    long."""
    question, kind = request.GET.get("q", "").strip(), request.GET.get("soort", "")
    if len(question) > LONGEST_QUESTION or (kind and kind not in SEARCHABLE):
        return refuse(request, 400)
    answer = search_everything(question, MOST_HITS)
    shown = search_everything(question, MOST_HITS, kind) if kind else answer
    areas = list(CareArea.objects.published().with_location().known_first())
    bare = without_silent(question, get_language() or DUTCH)
    meant = (find_place_meant(words, areas) for words in (question, bare))
    place = None if kind else next(filter(None, meant), None) or find_place_within(question, areas)
    topics = topics_now()
    needs = needs_of(question, answer, topics, knows_place=place is not None) if question else []
    direct = answer_directly(question, answer) if question and not kind else None
    if direct and direct.is_whole:
        needs = [need for need in needs if isinstance(need, TopicStatus) and need.is_emergency]
    if question and not (answer.total or place):
        request.META[UNANSWERED] = question
    context = {
        "question": question,
        "kind": kind,
        "sorts": count_sorts(answer),
        "groups": group_hits(shown),
        "first_hits": f":{MOST_OPEN[bool(kind)]}",
        "other_hits": f"{MOST_OPEN[bool(kind)]}:",
        "total": answer.total,
        "is_cut": len(shown.hits) < (answer.counts.get(kind, 0) if kind else answer.total),
        "meant": answer.meant,
        "needs": needs if kind in ("", "topic") else [],
        "may_leave": may_need_to_leave(question),
        "answer": place,
        "direct": direct,
        "best": answer.hits[0] if answer.hits and not (needs or place or kind) else None,
        "topics": [] if question else topics[:MOST_TOPICS],
    }
    return render(request, "pzgent/search.html", context)


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Show what this site is, naming the page (`pagina`) that the visitor wants to report a fault on."""
    page = request.GET.get("pagina", "")
    is_ours = (
        page.startswith("/") and len(page) <= LONGEST_PATH and url_has_allowed_host_and_scheme(page, None)
    )
    return render(request, "pzgent/about.html", {"faulty_page": page if is_ours else ""})


@require_safe
def text_page(request: HttpRequest, name: str) -> HttpResponse:
    """Render a static text page."""
    return render(request, f"pzgent/{name}.html")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Allow robots everywhere except in the admin."""
    sitemap = request.build_absolute_uri(reverse("sitemap"))
    return HttpResponse(f"User-agent: *\nDisallow: /admin/\nSitemap: {sitemap}\n", content_type="text/plain")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Redirect to the icon, for clients that only look at the conventional path."""
    return HttpResponseRedirect(static(icon_of(get_zone().palette, "favicon.ico")))


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Return where to report a vulnerability (RFC 9116); generated on each request, so that it never expires."""
    expires = clock.today().replace(day=1) + VALID_FOR
    lines = [
        *([f"Contact: mailto:{address}"] if (address := get_zone().security_email) else []),
        f"Contact: {request.build_absolute_uri(reverse('contact'))}",
        f"Expires: {expires.isoformat()}T00:00:00Z",
        "Preferred-Languages: nl, en, fr",
        f"Canonical: {request.build_absolute_uri()}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """Return the web app manifest (W3C), with which phones add the site to the home screen."""
    zone = get_zone()
    drawing = {"src": static(icon_of(zone.palette, "favicon.svg")), "sizes": "any", "type": "image/svg+xml"}
    icons = [
        {
            "src": static(icon_of(zone.palette, f"{name}.png")),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }
        for name, size, purpose in ICONS
    ]
    document = {
        "id": "/",
        "name": zone.translated.short_name,
        "short_name": zone.translated.short_name,
        "lang": get_language(),
        "start_url": reverse("home"),
        "display": "browser",
        "background_color": "#ffffff",
        "theme_color": zone.colours[0],
        "icons": [drawing, *icons],
    }
    return JsonResponse(document, content_type="application/manifest+json")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return 400 or 413, as a page or a problem document; for a disallowed host the page is rendered without the
    request."""
    if isinstance(exception, DisallowedHost) and not is_api(request):
        page = render_to_string("error.html", {"title": titles()[400], "status": 400, "zone": get_zone()})
        return HttpResponse(page, status=400)
    return refuse(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return 403, as a page or a problem document."""
    return refuse(request, 403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return 404, as a page or a problem document."""
    return refuse(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Return 500 without using the database; shows the emergency numbers even if rendering the page fails."""
    try:
        return refuse(request, 500)
    except Exception:  # noqa: BLE001  # whatever broke, the numbers must be shown
        return HttpResponse(render_to_string("500.html"), status=500)
