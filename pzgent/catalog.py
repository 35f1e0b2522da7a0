"""The catalogue of the open data in DCAT-AP (https://semiceu.github.io/DCAT-AP/), for data portals to harvest."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from django.conf import settings
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from organisation.models import Unit
from pzgent.api import EXPORTED
from pzgent.api_exports import files_of
from pzgent.rest.fields import Links
from pzgent.rest.headers import OPEN_TO_ALL
from pzgent.rest.linked import CONTEXT, LINKED_DATA, Node, address, in_dutch, node, typed
from pzgent.rest.resources import CACHED, links_for

MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
THEME = "http://publications.europa.eu/resource/authority/data-theme/GOVE"
CONTINUOUS = "http://publications.europa.eu/resource/authority/frequency/CONT"
LANGUAGE = "http://publications.europa.eu/resource/authority/language/NLD"
KEYWORDS = ("politie", "Gent", "organogram", "openingsuren", "projecten", "formatie")


@require_safe
def catalog(request: HttpRequest) -> HttpResponse:
    """One catalogue, one dataset, a distribution per file, and the API as a service."""
    body = orjson.dumps({"@context": CONTEXT, **_catalog(links_for(request))})
    return HttpResponse(body, content_type=LINKED_DATA, headers={"Cache-Control": CACHED, **OPEN_TO_ALL})


def _catalog(links: Links) -> Node:
    about: dict[str, Any] = settings.SPECTACULAR_SETTINGS
    modified = Unit.objects.aggregate(latest=Max("modified"))["latest"]
    publisher = node(
        f"{links.site}/#organisation",
        ["foaf:Agent", "org:FormalOrganization"],
        foaf_name=in_dutch("Politiezone Gent"),
        foaf_homepage=address(f"{links.site}/"),
    )
    licence = address(about["LICENSE"]["url"])
    dataset = node(
        f"{links.site}/open-data#dataset",
        "dcat:Dataset",
        dct_title=in_dutch("De organisatie van de politie in Gent"),
        dct_description=in_dutch(
            "Organogram, eenheden, contactkanalen met openingsuren, projecten, formatie, beleid en kerncijfers."
        ),
        dct_identifier=f"{links.site}/open-data#dataset",
        dct_publisher=address(publisher["@id"]),
        dct_language=address(LANGUAGE),
        dct_accrualPeriodicity=address(CONTINUOUS),
        dct_modified=typed(modified.isoformat() if modified else None, "dateTime"),
        dcat_theme=address(THEME),
        dcat_keyword=[in_dutch(word) for word in KEYWORDS],
        dcat_landingPage=address(f"{links.site}/open-data"),
        dcat_contactPoint=address(f"{links.site}/contact"),
        dcat_distribution=list(_distributions(links, licence)),
    )
    service = node(
        links.api,
        "dcat:DataService",
        dct_title=in_dutch(about["TITLE"]),
        dct_license=licence,
        dcat_endpointURL=address(links.api),
        dcat_endpointDescription=address(f"{links.api}/openapi.json"),
        dcat_servesDataset=address(dataset["@id"]),
    )
    return node(
        f"{links.site}/open-data/catalog.jsonld",
        "dcat:Catalog",
        dct_title=in_dutch("Open data van de politie in Gent"),
        dct_description=in_dutch("Alle gegevens van deze site, om vrij te gebruiken."),
        dct_publisher=publisher,
        dct_language=address(LANGUAGE),
        dct_license=licence,
        foaf_homepage=address(f"{links.site}/open-data"),
        dcat_dataset=dataset,
        dcat_service=service,
    )


def _distributions(links: Links, licence: Node | None) -> Iterable[Node]:
    for name, media_type in files_of(EXPORTED):
        href = f"{links.api}/exports/{name}"
        yield node(
            href,
            "dcat:Distribution",
            dct_title=in_dutch(name),
            dct_license=licence,
            dcat_accessURL=address(href),
            dcat_downloadURL=address(href),
            dcat_mediaType=address(f"{MEDIA_TYPES}{media_type}"),
        )
