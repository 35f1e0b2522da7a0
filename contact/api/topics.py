"""Topics in the API, each with its channels."""

from __future__ import annotations

from django.db.models import QuerySet
from rest_framework import serializers

from contact.api import TAG
from contact.api.channels import ChannelBriefSerializer, ChannelCollection
from contact.models import Channel, Topic
from contact.models.kinds import Audience
from organisation.api.units import UnitCollection
from organisation.models import Document, Organogram, Unit
from pzgent.kernel.rest.answering import ApiQuery
from pzgent.kernel.rest.embedding import Embeds
from pzgent.kernel.rest.fields import (
    CodeField,
    HrefField,
    LabelField,
    ReferenceField,
    SourcedSerializer,
    TranslatedField,
    TranslatedPlainTextField,
)
from pzgent.kernel.rest.parameters import Code
from pzgent.kernel.rest.resources import Collection

TOPIC_EMBEDS: Embeds = {"unit": lambda: UnitCollection, "channels": lambda: ChannelCollection}


class TopicSerializer(SourcedSerializer):
    """Reason for which people contact the police."""

    href = HrefField("topics")
    title = TranslatedField("title")
    need = TranslatedField("need", required=False, help_text="As a visitor would say it.")
    otherNeeds = serializers.ListField(
        child=serializers.CharField(),
        source="other_need_list",
        required=False,
        help_text="Other things visitors come for with this, in their words.",
    )
    audience = CodeField(Audience)
    audienceLabel = LabelField(Audience, source="audience")
    intro = TranslatedPlainTextField("intro", required=False)
    prepare = TranslatedPlainTextField("prepare", required=False, help_text="What to have ready.")
    whatFollows = TranslatedPlainTextField("outcome", required=False, help_text="What happens next.")
    synonyms = serializers.ListField(child=serializers.CharField(), source="synonym_list", required=False)
    sensitive = serializers.BooleanField()
    unit = ReferenceField("units", shown_if="unit_shown")
    channels = ChannelBriefSerializer(many=True, required=False)


class TopicCollection(Collection):
    """Reasons for which people contact the police, each with its channels."""

    name = "Topic"
    item_summary = "One topic"
    item_description = "One topic with its channels, the most urgent first."
    summary = "Topics"
    tag = TAG
    serializer = TopicSerializer
    embeds = TOPIC_EMBEDS
    search_fields = ("title", "need", "other_needs", "intro", "synonyms")
    orders = {"title": "title"}
    parameters = (Code(name="audience", choices=Audience, lookup="audience__in", description="For whom."),)

    columns = {
        "audienceLabel": "doelgroep",
        "channels": "contactkanalen",
        "intro": "inleiding",
        "need": "vraag",
        "otherNeeds": "andere vragen",
        "prepare": "wat je klaarlegt",
        "sensitive": "gevoelig",
        "synonyms": "synoniemen",
        "whatFollows": "wat er daarna gebeurt",
    }
    affected_by = {
        Topic: {"pk": "id"},
        Channel: {"pk": "topic_id"},
        Unit: {"unit": "id"},
        Organogram: None,
        Document: {"source": "id"},
    }

    def rows(self, asked: ApiQuery) -> QuerySet:
        """Return the published topics."""
        return Topic.objects.published().with_public_channels()
