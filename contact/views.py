"""The public pages about contact."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from contact.availability import get_topic, get_topics
from contact.forms import PlaceForm
from contact.models import CareArea, Location
from contact.models.places import LocationKind
from contact.opening_hours import now_in_brussels
from organisation.grouping import by_choice


@require_safe
def contact(request: HttpRequest) -> HttpResponse:
    """Every topic with its channels, emergencies first."""
    return render(request, "contact/contact.html", {"topics": get_topics(now_in_brussels())})


@require_safe
def topic_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One topic with all that is known of its channels."""
    found = get_topic(slug, now_in_brussels())
    if found is None:
        raise Http404
    return render(request, "contact/topic_detail.html", {"found": found, "topic": found.topic})


@require_safe
def stations(request: HttpRequest) -> HttpResponse:
    """All places, and which of them serves a postcode or part of the city; 400 for a question that is too long."""
    form = PlaceForm(request.GET if request.GET.get("postcode") else None)
    asked = form.cleaned_data["postcode"] if form.is_valid() else ""
    areas = CareArea.objects.published().with_location().known_first()
    locations = Location.objects.published().with_public_relations()
    context = {
        "form": form,
        "asked": asked,
        "areas": list(areas.for_place(asked)) if asked else [],
        "kinds": by_choice(locations, "kind", LocationKind),
    }
    return render(request, "contact/stations.html", context, status=400 if form.errors else 200)
