"""Catalogue of the open data in DCAT-AP (https://semiceu.github.io/DCAT-AP/), harvested by data portals."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from django.conf import settings
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from organisation.api.linked import registration
from organisation.models import Organogram, Unit
from pzgent.exports.export import files_of
from pzgent.kernel.rest.answering import CACHED, links_for
from pzgent.kernel.rest.fields import UrlBuilder
from pzgent.kernel.rest.headers import OPEN_TO_ALL
from pzgent.kernel.rest.linked import CONTEXT, LINKED_DATA, Node, address, in_dutch, node, typed
from pzgent.kernel.zone import get_zone
from pzgent.registry.collections import EXPORTED

MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
# Authority tables of the Publications Office of the European Union, as required by DCAT-AP.
EUROPE = "http://publications.europa.eu/resource/authority/"
LOCAL_AUTHORITY = "http://purl.org/adms/publishertype/LocalAuthority"
DOCUMENT = "foaf:Document"
FILE_TYPES = {"application/json": "JSON", "text/csv": "CSV", "application/zip": "ZIP"}
OPEN_API = "https://spec.openapis.org/oas/v3.0.3"
KEYWORDS = ("politie", "organogram", "openingsuren", "projecten", "formatie")


@require_safe
def catalog(request: HttpRequest) -> HttpResponse:
    """Return one catalogue with one dataset, a distribution per export file, and the API as a data service."""
    body = orjson.dumps({"@context": CONTEXT, **_catalog(links_for(request))})
    return HttpResponse(body, content_type=LINKED_DATA, headers={"Cache-Control": CACHED, **OPEN_TO_ALL})


def _catalog(links: UrlBuilder) -> Node:
    zone = get_zone()
    publisher = node(
        f"{links.site}/#organisation",
        ["foaf:Agent", "org:FormalOrganization", "m8g:PublicOrganisation"],
        foaf_name=in_dutch(zone.publisher or zone.name),
        skos_prefLabel=in_dutch(zone.publisher or zone.name),
        foaf_homepage=address(f"{links.site}/", DOCUMENT),
        dct_type=_concept(LOCAL_AUTHORITY, "Lokale overheid"),
        owl_sameAs=address(zone.kbo_address),
        **registration(),
    )
    contact = node(
        f"{links.site}/open-data#contact",
        ["vcard:Organization", "vcard:Kind"],
        vcard_fn=zone.name,
        vcard_hasURL=address(f"{links.site}/contact"),
    )
    licence = address(zone.licence_page, "dct:LicenseDocument") if zone.licence else None
    dataset = _dataset(links, publisher, contact, licence)
    return node(
        f"{links.site}/open-data/catalog.jsonld",
        "dcat:Catalog",
        dct_title=in_dutch(f"Open data van de politie in {zone.city}"),
        dct_description=in_dutch("Alle gegevens van deze site, om vrij te gebruiken."),
        dct_publisher=publisher,
        dct_language=_europe("language/NLD", "dct:LinguisticSystem"),
        dct_license=licence,
        dct_spatial=_europe("country/BEL", "dct:Location"),
        foaf_homepage=address(f"{links.site}/open-data", DOCUMENT),
        dcat_themeTaxonomy=node(
            f"{EUROPE}data-theme", "skos:ConceptScheme", dct_title=in_dutch("Datathema's")
        ),
        dcat_dataset=dataset,
        dcat_service=_service(links, publisher, contact, licence, dataset),
    )


def _dataset(links: UrlBuilder, publisher: Node, contact: Node, licence: Node | None) -> Node:
    zone = get_zone()
    modified = Unit.objects.aggregate(latest=Max("modified"))["latest"]
    first = Organogram.objects.published().in_order().first()
    return node(
        f"{links.site}/open-data#dataset",
        "dcat:Dataset",
        dct_title=in_dutch(f"De organisatie van de politie in {zone.city}"),
        dct_description=in_dutch(
            "Organogram, eenheden, contactkanalen met openingsuren, projecten, formatie, beleid en kerncijfers."
        ),
        dct_identifier=f"{links.site}/open-data#dataset",
        dct_publisher=address(publisher["@id"]),
        dct_language=_europe("language/NLD", "dct:LinguisticSystem"),
        dct_accrualPeriodicity=_europe("frequency/CONT", "dct:Frequency"),
        dct_accessRights=_europe("access-right/PUBLIC", "dct:RightsStatement"),
        dct_modified=typed(modified.isoformat() if modified else None, "dateTime"),
        dct_spatial=[
            _europe("country/BEL", "dct:Location"),
            node(None, "dct:Location", skos_prefLabel=in_dutch(zone.city)),
        ],
        dct_temporal=node(
            None, "dct:PeriodOfTime", dcat_startDate=typed(first.valid_from.isoformat(), "date")
        )
        if first
        else None,
        dcat_theme=_concept(f"{EUROPE}data-theme/GOVE", "Overheid en publieke sector"),
        dcat_keyword=[in_dutch(word) for word in (*KEYWORDS, zone.city)],
        dcat_landingPage=address(f"{links.site}/open-data", DOCUMENT),
        dcat_contactPoint=contact,
        dcat_distribution=list(_distributions(links, licence)),
    )


def _service(links: UrlBuilder, publisher: Node, contact: Node, licence: Node | None, dataset: Node) -> Node:
    about: dict[str, Any] = settings.SPECTACULAR_SETTINGS
    return node(
        links.api,
        "dcat:DataService",
        dct_title=in_dutch(f"Open API van de politie in {get_zone().city}"),
        dct_description=in_dutch("Alle gegevens als JSON en als JSON-LD, zonder sleutel."),
        dct_license=licence,
        dct_publisher=address(publisher["@id"]),
        dct_accessRights=_europe("access-right/PUBLIC", "dct:RightsStatement"),
        dct_conformsTo=address(OPEN_API, "dct:Standard"),
        dcat_version=about["VERSION"],
        dcat_contactPoint=address(contact["@id"]),
        dcat_endpointURL=address(links.api, "rdfs:Resource"),
        dcat_endpointDescription=address(f"{links.api}/openapi.json", "rdfs:Resource"),
        dcat_landingPage=address(f"{links.api}/docs", DOCUMENT),
        dcat_servesDataset=address(dataset["@id"]),
        dcat_theme=_concept(f"{EUROPE}data-theme/GOVE", "Overheid en publieke sector"),
        dcat_keyword=[in_dutch(word) for word in KEYWORDS],
    )


def _distributions(links: UrlBuilder, licence: Node | None) -> Iterable[Node]:
    for name, media_type in files_of(EXPORTED):
        href = f"{links.api}/exports/{name}"
        yield node(
            href,
            "dcat:Distribution",
            dct_title=in_dutch(name),
            dct_description=in_dutch(_said_of(name)),
            dct_license=licence,
            dct_format=_europe(f"file-type/{FILE_TYPES[media_type]}", "dct:MediaTypeOrExtent"),
            dct_language=_europe("language/NLD", "dct:LinguisticSystem"),
            dcat_accessURL=address(href),
            dcat_downloadURL=address(href),
            dcat_mediaType=address(f"{MEDIA_TYPES}{media_type}", "dct:MediaType"),
            dcat_accessService=address(links.api),
            dcatap_availability=_concept(f"{EUROPE}planned-availability/AVAILABLE", "Beschikbaar"),
        )


def _said_of(name: str) -> str:
    if name.endswith(".csv"):
        return f"De tabel {name.removesuffix('.csv')}; met ?headers=nl krijgen de kolommen Nederlandse namen."
    return "Alle gegevens in één bestand."


def _concept(identity: str, label: str) -> Node:
    return node(identity, "skos:Concept", skos_prefLabel=in_dutch(label))


def _europe(entry: str, kind: str) -> Node | None:
    return address(f"{EUROPE}{entry}", kind)
