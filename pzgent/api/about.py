"""Resources about the API itself: index, code lists and health; and the search."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Choices, TextChoices
from django.utils import translation
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from contact.api.hours import ChannelState
from contact.models.kinds import Audience, ChannelKind, Urgency
from contact.models.notices import NoticeLevel
from contact.models.places import Certainty, LocationKind
from organisation.api.structure import ChangeKind
from organisation.models import LineKind, PartnerKind, UnitKind
from organisation.models.documents import DocumentAccess, DocumentKind
from organisation.models.figures import FigureGroup, Qualifier, StatementKind
from organisation.models.staffing import Measure, StaffCategory, StaffingKind
from organisation.models.structure import SuccessionKind
from projects.models import ObjectiveKind, ProjectKind, ProjectRole, ProjectStatus
from pzgent.kernel.editions import DatePrecision
from pzgent.kernel.problems import PROBLEM_TYPE, problem
from pzgent.kernel.publishing import FactBasis, MissingReason
from pzgent.kernel.rest import NotFound
from pzgent.kernel.rest.answering import NOT_CACHED, ApiQuery, Resource
from pzgent.kernel.rest.fields import CodeField, OmitEmptySerializer, UrlBuilder
from pzgent.kernel.rest.linked import Node, Representation, address, node
from pzgent.kernel.rest.parameters import Code, SearchTerms
from pzgent.kernel.rest.resources import Collection
from pzgent.kernel.zone import get_zone
from pzgent.models import HistoryKind
from pzgent.registry.searchables import SEARCHABLE
from pzgent.search import LONGEST_QUESTION, Hit, search_everything

TAG = "About"
CODE_LISTS: dict[str, type[Choices]] = {
    "unitKinds": UnitKind,
    "lineKinds": LineKind,
    "successionKinds": SuccessionKind,
    "changeKinds": ChangeKind,
    "historyKinds": HistoryKind,
    "datePrecisions": DatePrecision,
    "missingReasons": MissingReason,
    "factBases": FactBasis,
    "staffCategories": StaffCategory,
    "staffingKinds": StaffingKind,
    "measures": Measure,
    "figureGroups": FigureGroup,
    "qualifiers": Qualifier,
    "statementKinds": StatementKind,
    "documentKinds": DocumentKind,
    "documentAccess": DocumentAccess,
    "partnerKinds": PartnerKind,
    "objectiveKinds": ObjectiveKind,
    "projectKinds": ProjectKind,
    "projectStatuses": ProjectStatus,
    "projectRoles": ProjectRole,
    "audiences": Audience,
    "channelKinds": ChannelKind,
    "channelStates": ChannelState,
    "urgencies": Urgency,
    "locationKinds": LocationKind,
    "certainties": Certainty,
    "noticeLevels": NoticeLevel,
}


MOST_HITS = 300


# The searchable items that the API contains.
HITS = {kind: sort for kind, sort in SEARCHABLE.items() if sort.collection}
_members = [(kind, (kind, sort.singular)) for kind, sort in HITS.items()]
HitType: Any = TextChoices("HitType", _members)  # type: ignore[call-overload]  # as of any enumeration
HitType.__doc__ = (
    "The sorts of things that the search finds in the API; the value names the sort, in the singular."
)


class LinkSerializer(serializers.Serializer):
    """A part of the API."""

    name = serializers.CharField()
    href = serializers.URLField()


class ApiIndexSerializer(serializers.Serializer):
    """Addresses of all parts of the API."""

    self = serializers.URLField()
    title = serializers.CharField()
    version = serializers.CharField()
    release = serializers.CharField(help_text="The release of the software that answers.")
    license = serializers.URLField(required=False, help_text="Missing while the zone has chosen none.")
    items = LinkSerializer(many=True)
    openapi = serializers.URLField()
    docs = serializers.URLField()
    health = serializers.URLField()


class Index(Resource):
    """The collections of the API, and its description."""

    summary = "Index of the API"
    tag = TAG
    serializer = ApiIndexSerializer
    collections: tuple[str, ...] = ()

    def answer(self, asked: ApiQuery, **keys: str) -> dict[str, Any]:
        """Return names and addresses."""
        root = asked.links.api
        about: dict[str, Any] = settings.SPECTACULAR_SETTINGS
        zone = get_zone()
        names = sorted(
            [*self.collections, "changes", "exports", "organogram", "refData", "search"], key=str.lower
        )
        items = [{"name": name, "href": f"{root}/{name}"} for name in names]
        known = {"self": root, "title": f"{zone.name}: open API", "version": about["VERSION"]}
        known["release"] = settings.RELEASE
        known |= {"license": zone.licence_page} if zone.licence else {}
        known["items"] = items
        return known | {name: f"{root}/{end}" for name, end in _DESCRIPTIONS.items()}


_DESCRIPTIONS = {"openapi": "openapi.json", "docs": "docs", "health": "health"}


class CodeListsSerializer(serializers.Serializer):
    """The code lists."""

    self = serializers.URLField()
    items = LinkSerializer(many=True)
    total = serializers.IntegerField()


def scheme_node(code_list: Representation) -> Node:
    """Return a code list as a SKOS concept scheme."""
    title = re.sub(r"(?=[A-Z])", " ", code_list["name"]).lower()
    return node(
        code_list["href"],
        "skos:ConceptScheme",
        dct_identifier=code_list["name"],
        dct_title={"@value": title, "@language": "en"},
    )


def scheme_page(page: Representation) -> Node:
    """Return a code list with its codes as concepts, labelled in every language of the site."""
    href = page["self"].split("?", 1)[0]
    name = href.rsplit("/", 1)[1]
    labels = _labels_of(CODE_LISTS[name])
    concepts = [
        node(
            f"{href}#{item['code']}",
            "skos:Concept",
            skos_notation=item["code"],
            skos_prefLabel=labels[item["code"]],
            skos_inScheme=address(href),
            skos_topConceptOf=address(href),
        )
        for item in page["items"]
    ]
    return {**scheme_node({"href": href, "name": name}), "skos:hasTopConcept": concepts}


def _labels_of(choices: type[Choices]) -> dict[str, list[Node]]:
    """Return the labels of each code by language."""
    found: dict[str, list[Node]] = {str(code): [] for code in choices.values}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            for code, label in choices.choices:
                found[str(code)].append({"@value": str(label), "@language": language})
    return found


class CodeLists(Resource):
    """The code lists of the API."""

    summary = "Code lists"
    tag = TAG
    linked_node = staticmethod(scheme_node)
    serializer = CodeListsSerializer

    def answer(self, asked: ApiQuery, **keys: str) -> dict[str, Any]:
        """Return names and addresses."""
        root = f"{asked.links.api}/refData"
        items = [{"name": name, "href": f"{root}/{name}"} for name in CODE_LISTS]
        return {"self": root, "items": items, "total": len(items)}


class CodeSerializer(serializers.Serializer):
    """A code with its label."""

    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field named like an attribute of fields


class CodeListCollection(Collection):
    """The codes of one list with their labels."""

    operation = "getCodeList"
    summary = "One code list"
    tag = TAG
    path_help = {"name": "Name of the code list."}
    path_values = {"name": tuple(CODE_LISTS)}
    serializer = CodeSerializer
    linked_page = staticmethod(scheme_page)

    def answer(self, asked: ApiQuery, **keys: str) -> dict[str, Any]:
        """Return the codes in pages. Raises NotFound."""
        self.codes = CODE_LISTS.get(keys["name"])
        if self.codes is None:
            raise NotFound("name", keys["name"], _("Nothing has this address."))
        return super().answer(asked, **keys)

    def rows(self, asked: ApiQuery) -> list[dict[str, str]]:
        """Return the codes in their defined order."""
        choices = self.codes.choices if self.codes else []
        return [{"code": str(code), "label": str(label)} for code, label in choices]


# As the Belgian guide writes them (rule hlth-res).
UP, DOWN = "UP", "DOWN"


class HealthSerializer(serializers.Serializer):
    """Whether the site can answer."""

    status = serializers.CharField(
        help_text="UP; when the site cannot answer there is a problem document instead."
    )


class Health(Resource):
    """Whether the site and its database answer."""

    summary = "Health"
    tag = TAG
    serializer = HealthSerializer
    cache_control = NOT_CACHED

    def get(self, request: Request, **keys: str) -> Response:
        """Return 200 if the database answers, else 503."""
        response: Any = super().get(request, **keys)
        if response.data["status"] == UP:
            return response
        return Response(problem(503), status=503, content_type=PROBLEM_TYPE)

    def answer(self, asked: ApiQuery, **keys: str) -> dict[str, str]:
        """Return the state of the database."""
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except DatabaseError:
            return {"status": DOWN}
        return {"status": UP}


class HitSerializer(OmitEmptySerializer):
    """A search result."""

    type = CodeField(HitType)
    typeLabel = serializers.CharField()
    slug = serializers.CharField()
    href = serializers.URLField()
    htmlUrl = serializers.URLField()
    title = serializers.CharField()
    snippet = serializers.CharField(required=False)
    path = serializers.CharField(required=False, help_text="Where it belongs, for names that are not unique.")
    periodEnded = serializers.BooleanField(
        required=False, help_text="True for a plan, policy or other edition whose period is over today."
    )


class Search(Collection):
    """All search results, by relevance; at most 300 in total.

    Matches inflected forms, parts of compounds, misspellings and synonyms.
    """

    operation = "getSearch"
    summary = "Search over everything"
    tag = TAG
    serializer = HitSerializer
    parameters = (
        SearchTerms(
            name="q",
            description="The question, as on the site.",
            required=True,
            longest=LONGEST_QUESTION,
            most_words=LONGEST_QUESTION // 2,
        ),
        Code(name="type", choices=HitType, description="Only this sort of thing."),
    )

    def rows(self, asked: ApiQuery) -> list[dict[str, Any]]:
        """Return the results."""
        hits = search_everything(asked.get("q"), MOST_HITS).hits
        types = asked.get("type") or HitType.values  # pages of text are not in the API
        return [_found(hit, asked.links) for hit in hits if hit.type in types]


def _found(hit: Hit, links: UrlBuilder) -> dict[str, Any]:
    """Return a result as the API represents it."""
    collection = HITS[hit.type].collection
    found = {"type": hit.type, "typeLabel": str(HITS[hit.type].label), "slug": hit.slug, "title": hit.title}
    found |= {"href": links.href(collection, hit.slug), "htmlUrl": links.page(hit.url)}
    return found | {"snippet": hit.snippet, "path": hit.path, "periodEnded": hit.has_ended or None}


class Nowhere(Resource):
    """Every unknown address."""

    schema = None  # type: ignore[assignment]  # not part of the description

    def get(self, request: Request, **keys: str) -> Response:
        """Raise NotFound for every request."""
        raise NotFound("path", request.path, _("Nothing has this address."))
