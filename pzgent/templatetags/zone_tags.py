"""The identity of the zone, for templates that are also shown without a request."""

from urllib.parse import quote, urlencode

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.translation import gettext

from pzgent.kernel.zone import Zone, get_zone, icon_of

register = template.Library()


@register.simple_tag
def zone_identity() -> Zone:
    """The zone whose site this is."""
    return get_zone()


@register.simple_tag
def icon(name: str, palette: str = "") -> str:
    """The address of an icon, in the colours of the zone or in another palette."""
    return static(icon_of(palette or get_zone().palette, name))


@register.simple_tag
def fault_mail(page: str = "") -> str:
    """The link that reports a fault on a page: its subject names the page and the release."""
    subject = gettext("Fault on the site: %(page)s (release %(release)s)") % {
        "page": page or "/",
        "release": settings.RELEASE,
    }
    return f"mailto:{get_zone().fault_email}?{urlencode({'subject': subject}, quote_via=quote)}"
