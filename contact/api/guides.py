"""Step-by-step guides in the API, each with its steps."""

from __future__ import annotations

from django.db.models import QuerySet
from rest_framework import serializers

from contact.api import TAG
from contact.api.channels import ChannelBriefSerializer, ChannelCollection
from contact.api.topics import TopicCollection
from contact.models import Channel, Guide, GuideStep, Topic
from organisation.models import Document
from pzgent.kernel.rest.answering import ApiQuery
from pzgent.kernel.rest.embedding import Embeds
from pzgent.kernel.rest.fields import (
    HrefField,
    OmitEmptySerializer,
    ReferenceField,
    SourcedSerializer,
    TranslatedField,
    TranslatedPlainTextField,
)
from pzgent.kernel.rest.parameters import Reference
from pzgent.kernel.rest.resources import Collection
from pzgent.kernel.rest.tables import LongTable, columns_of, parts_of

GUIDE_EMBEDS: Embeds = {"topic": lambda: TopicCollection, "mainAction": lambda: ChannelCollection}


class GuideStepSerializer(OmitEmptySerializer):
    """One step of a guide."""

    position = serializers.IntegerField()
    title = TranslatedField("title")
    text = TranslatedPlainTextField("text", required=False)
    channel = ChannelBriefSerializer(required=False, help_text="Where the step leads to.")


class GuideSerializer(SourcedSerializer):
    """Ordered steps for one common need."""

    href = HrefField("guides")
    title = TranslatedField("title")
    topic = ReferenceField("topics", label="translated.title", required=True)
    summary = TranslatedField("summary", required=False)
    mainAction = ChannelBriefSerializer(
        source="action", required=False, help_text="Absent: that of the topic."
    )
    prepare = TranslatedPlainTextField("prepare", required=False, help_text="What to have ready.")
    whatFollows = TranslatedPlainTextField("outcome", required=False, help_text="What happens next.")
    synonyms = serializers.ListField(child=serializers.CharField(), source="synonym_list", required=False)
    steps = GuideStepSerializer(many=True, source="steps.all", required=False)


class GuideCollection(Collection):
    """Step-by-step guides for common needs, in the editors' order."""

    name = "Guide"
    item_summary = "One guide"
    item_description = "One guide with its steps."
    summary = "Guides"
    tag = TAG
    serializer = GuideSerializer
    embeds = GUIDE_EMBEDS
    search_fields = ("title", "summary", "synonyms")
    orders = {"title": "title"}
    parameters = (
        Reference(
            name="topic",
            lookup="topic__slug__in",
            description="Slug of the topic.",
            known=lambda: Topic.objects.published(),
        ),
    )

    long_tables = {
        "guideSteps": LongTable(
            parts_of("steps", "guide", "step"),
            (
                *columns_of("guide", "id", "slug", "title"),
                *columns_of("step", "position", "title", "text"),
                *columns_of("channel", "id", "label"),
            ),
            replaces=("steps",),
        ),
    }
    columns = {
        "channel": "kanaal",
        "guide": "stappenplan",
        "step": "stap",
        "mainAction": "belangrijkste actie",
        "position": "volgorde",
        "prepare": "wat je klaarlegt",
        "steps": "stappen",
        "synonyms": "synoniemen",
        "text": "tekst",
        "topic": "onderwerp",
        "whatFollows": "wat er daarna gebeurt",
    }
    affected_by = {
        Guide: {"pk": "id"},
        GuideStep: {"pk": "guide_id"},
        Topic: {"topic": "id", "action__topic": "id", "steps__channel__topic": "id"},
        Channel: {"action": "id", "steps__channel": "id"},
        Document: {"source": "id"},
    }

    def rows(self, asked: ApiQuery) -> QuerySet:
        """Return the published guides with their steps."""
        return Guide.objects.published().with_steps()
