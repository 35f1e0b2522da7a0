"""Template tags for the identity of the zone, in templates that may be rendered without a request."""

from urllib.parse import quote, urlencode

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.translation import gettext

from pzgent.kernel.zone import Zone, get_zone, icon_of

register = template.Library()


@register.simple_tag
def zone_identity() -> Zone:
    """Return the police zone of this site."""
    return get_zone()


@register.simple_tag
def icon(name: str, palette: str = "") -> str:
    """Return the URL of an icon, in the colours of the zone or in another palette."""
    return static(icon_of(palette or get_zone().palette, name))


@register.simple_tag
def fault_mail(page: str = "") -> str:
    """Return the mailto link to report a fault on a page, with the page and the release in the subject."""
    subject = gettext("Fault on the site: %(page)s (release %(release)s)") % {
        "page": page or "/",
        "release": settings.RELEASE,
    }
    return f"mailto:{get_zone().fault_email}?{urlencode({'subject': subject}, quote_via=quote)}"
