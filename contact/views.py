"""Public pages about contact."""

import datetime
from collections.abc import Iterable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from contact.actions import action_at, action_of
from contact.availability import SAVED, get_channel, get_channels_at, get_topic, shown_of, topics_now
from contact.closings import closings_of, window_of
from contact.downloads import CALENDAR_DAYS, calendar, calendar_of, card_of, unit_card_of
from contact.finding import find_station
from contact.forms import PlaceForm
from contact.guides import guides_of, shown_guide
from contact.models import CareArea, Channel, Location
from contact.models.places import LocationKind
from contact.opening_hours import intervals_of, now_in_brussels
from contact.routing import Search, find_route
from contact.shared import public_guides, public_locations
from contact.urgent_sheet import shown_parts
from organisation.grouping import by_choice
from organisation.models import Unit
from pzgent.kernel.zone import get_zone


@require_safe
def contact(request: HttpRequest, search: Search) -> HttpResponse:
    """Show the topics that match the request, emergencies first; 400 for an unknown filter value."""
    route = find_route(topics_now(), request.GET.dict(), search)
    return render(request, "contact/contact.html", {"route": route}, status=400 if route.form.errors else 200)


@require_safe
def topic_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one topic: its main action first, then its other channels."""
    found = get_topic(slug, now_in_brussels())
    if found is None:
        raise Http404
    action = None if found.is_emergency else action_of(found.channels)
    context = {"found": found, "topic": found.topic, "action": action, "guides": guides_of(found.topic)}
    return render(request, "contact/topic_detail.html", context)


@require_safe
def guides(request: HttpRequest) -> HttpResponse:
    """Show all step-by-step guides."""
    return render(request, "contact/guide_list.html", {"guides": list(public_guides().values())})


@require_safe
def guide_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one guide: its main action first, then its steps."""
    shown = shown_guide(slug)
    if shown is None:
        raise Http404
    return render(request, "contact/guide_detail.html", {"shown": shown, "guide": shown.guide})


@require_safe
def urgent_sheet(request: HttpRequest) -> HttpResponse:
    """Show the emergency numbers and what to say there, in many languages."""
    return render(request, "contact/urgent_sheet.html", {"parts": shown_parts()})


@require_safe
def channel_card(request: HttpRequest, topic: str, slug: str) -> HttpResponse:
    """Return the vCard of a channel."""
    item = get_channel(topic, slug, now_in_brussels())
    if item is None or not item.can_be_saved:
        raise Http404
    return _download(card_of(item.channel, request.build_absolute_uri), "vcard", f"{slug}.vcf")


@require_safe
def channel_calendar(request: HttpRequest, topic: str, slug: str) -> HttpResponse:
    """Return the coming opening hours of a channel as an iCalendar."""
    now = now_in_brussels()
    item = get_channel(topic, slug, now)
    if item is None or item.schedule is None or not item.has_calendar:
        raise Http404
    days = item.channel.part_between(now.date(), now.date() + datetime.timedelta(days=CALENDAR_DAYS))
    intervals = intervals_of(item.schedule, *days, item.calendar, item.channel) if days else []
    text = calendar_of(item.channel, intervals, request.build_absolute_uri)
    return _download(text, "calendar", f"{slug}.ics")


@require_safe
def all_closings(request: HttpRequest) -> HttpResponse:
    """Return all exceptional closings as an iCalendar to subscribe to."""
    channels = Channel.objects.published().with_relations().in_order_of_urgency()
    return _closings(request, get_zone().translated.short_name, channels)


@require_safe
def channel_closings(request: HttpRequest, topic: str, slug: str) -> HttpResponse:
    """Return the exceptional closings of one channel as an iCalendar."""
    item = get_channel(topic, slug, now_in_brussels())
    if item is None or item.schedule is None:
        raise Http404
    return _closings(request, item.channel.translated.label, [item.channel])


@require_safe
def station_closings(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the exceptional closings of the channels at one place as an iCalendar."""
    location = get_object_or_404(Location.objects.published(), slug=slug)
    channels = Channel.objects.published().at_location(location).with_relations().in_order_of_urgency()
    return _closings(request, str(location.translated.name), channels)


def _closings(request: HttpRequest, name: str, channels: Iterable[Channel]) -> HttpResponse:
    first, last = window_of(now_in_brussels().date())
    title = _("%(name)s: days closed") % {"name": name}
    events = closings_of(channels, first, last, request.build_absolute_uri)
    return _download(calendar(title, events), "calendar", "sluitingen.ics")


@require_safe
def unit_card(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the vCard of a unit with its own channels."""
    unit = get_object_or_404(Unit.objects.with_open_page(), slug=slug)
    own = Channel.objects.published().of_units([slug])
    channels = [channel for channel in own if channel.value and channel.kind in SAVED]
    if not channels:
        raise Http404
    return _download(unit_card_of(unit, channels, request.build_absolute_uri), "vcard", f"{slug}.vcf")


def _download(text: str, kind: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type=f"text/{kind}; charset=utf-8", headers=headers)


@require_safe
def stations(request: HttpRequest) -> HttpResponse:
    """Show all places, and which of them serves a postcode or part of the city; 400 for input that can be neither."""
    form = PlaceForm(request.GET if "postcode" in request.GET else None)
    answer = None
    if form.is_valid():
        areas = CareArea.objects.published().with_location().known_first()
        answer = find_station(form.cleaned_data["postcode"], list(areas))
    locations = list(public_locations().values())
    lacks_addresses = not all(location.address for location in locations)
    kinds = by_choice(locations, "kind", LocationKind)
    context = {"form": form, "answer": answer, "kinds": kinds, "lacks_addresses": lacks_addresses}
    return render(request, "contact/stations.html", context, status=400 if form.errors else 200)


@require_safe
def station(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one place: its main action first, then the parts of the city it serves and its own channels."""
    location = public_locations().get(slug)
    if location is None:
        raise Http404
    channels = shown_of(get_channels_at(location, now_in_brussels()))
    context = {"location": location, "channels": channels, "action": action_at(location, channels)}
    return render(request, "contact/station.html", context)
