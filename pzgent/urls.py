"""URL configuration of the site."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.contrib.sitemaps.views import index
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from contact.views import contact
from pzgent.admin.forgotten import forgotten_urls
from pzgent.desk.calendar import desk_calendar
from pzgent.desk.views import fact_check
from pzgent.kernel.files.serving import public_file
from pzgent.pages import accessibility, views
from pzgent.pages.documents import document_detail
from pzgent.pages.open_data import open_data
from pzgent.preview.links import page as preview_on_link
from pzgent.search import find_topics
from pzgent.syndication import pictures, sitemaps
from pzgent.syndication.catalog import catalog
from pzgent.syndication.embeds import branch, channel_card, topic_card
from pzgent.syndication.feeds import ChangesFeed, NoticeFeed, OrganogramFeed, ProjectFeed
from pzgent.syndication.oembed import oembed

handler400 = views.bad_request
handler403 = views.permission_denied
handler404 = views.page_not_found
handler500 = views.server_error

urlpatterns = [
    # Under the path of the admin, where forms may be sent and nothing is cached; it needs no account.
    path("admin/nakijken/<str:token>", fact_check, name="fact-check"),
    path("admin/agenda/<str:token>.ics", desk_calendar, name="desk-calendar"),
    *forgotten_urls(),
    path("admin/", admin.site.urls),
    path("api/", include("pzgent.api.urls")),
    path("voorbeeld/<str:token>/", preview_on_link, name="preview-link"),
    path("voorbeeld/<str:token>/<path:page>", preview_on_link, name="preview-link-page"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("robots.txt", views.robots, name="robots"),
    path("open-data/catalog.jsonld", catalog, name="catalog"),
    path("oembed", oembed, name="oembed"),
    path(
        "sitemap.xml",
        index,
        {"sitemaps": sitemaps.SITEMAPS, "sitemap_url_name": "sitemap-part"},
        name="sitemap",
    ),
    path("sitemap-<slug:section>.xml", sitemaps.part, name="sitemap-part"),
    path(".well-known/security.txt", views.security_txt, name="security-txt"),
    path("feeds/berichten.atom", NoticeFeed(), name="notice-feed"),
    path("feeds/projecten.atom", ProjectFeed(), name="project-feed"),
    path("feeds/wijzigingen.atom", ChangesFeed(), name="changes-feed"),
    path("feeds/organogram.atom", OrganogramFeed(), name="organogram-feed"),
    path("bestanden/<slug:model>/<uuid:key>/<slug:field>", public_file, name="file"),
]
urlpatterns += i18n_patterns(
    path("", views.home, name="home"),
    path("zoeken", views.search, name="search"),
    path("toegankelijkheid", accessibility.page, name="accessibility"),
    path("toegankelijkheid.json", accessibility.document, name="accessibility-data"),
    path("naar/<slug:kind>/<uuid:key>", views.permanent_link, name="permanent-link"),
    path("privacy", views.text_page, {"name": "privacy"}, name="privacy"),
    path("over", views.about, name="about"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("open-data", open_data, name="open-data"),
    path("insluiten/contact/<slug:topic>", topic_card, name="embed-topic"),
    path("insluiten/contact/<slug:topic>/<slug:slug>", channel_card, name="embed-channel"),
    path("insluiten/organogram", branch, name="embed-organogram"),
    path("insluiten/organogram/<slug:slug>", branch, name="embed-branch"),
    path("deelbeelden/<slug:page>.png", pictures.page_picture, name="page-picture"),
    path("deelbeelden/<slug:page>/<slug:slug>.png", pictures.row_picture, name="row-picture"),
    path("documenten/<slug:slug>", document_detail, name="document-detail"),
    path("contact", contact, {"search": find_topics}, name="contact"),
    path("", include("contact.urls")),
    path("", include("organisation.urls")),
    path("", include("projects.urls")),
    prefix_default_language=False,
)
# Redirects for addresses typed with or without a trailing slash; limited to characters that cannot name another host.
urlpatterns += [
    re_path(r"^(?P<path>admin|fr|en|de)$", RedirectView.as_view(url="/%(path)s/")),
    re_path(
        r"^(?P<path>(?!admin/|api/)[\w-]+(?:/[\w.-]+)*)/$",
        RedirectView.as_view(url="/%(path)s", query_string=True),
    ),
]
