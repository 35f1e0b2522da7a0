"""Minimal Django view on a server: no middleware, no query, 2 KB; the reference of `make bench`."""

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import path

if not settings.configured:
    settings.configure(ROOT_URLCONF=__name__, MIDDLEWARE=[], ALLOWED_HOSTS=["*"], USE_I18N=False)

TWO_KB = b"x" * 2_000


def smallest(request: HttpRequest) -> HttpResponse:
    """Return two kilobytes."""
    return HttpResponse(TWO_KB)


urlpatterns = [path("smallest", smallest)]
application = WSGIHandler()
