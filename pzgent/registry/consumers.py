"""API collection of the users of the open data who agreed to be named."""

from __future__ import annotations

from django.db.models import QuerySet
from rest_framework import serializers

from pzgent.kernel.rest.fields import HrefField, HtmlUrlField, ItemSerializer
from pzgent.kernel.rest.resources import ApiQuery, Collection
from pzgent.models import Consumer

TAG = "About"


class ConsumerSerializer(ItemSerializer):
    """Somebody who uses the data."""

    href = HrefField("consumers")
    htmlUrl = HtmlUrlField(help_text="Their place in the list for people.")
    name = serializers.CharField()
    url = serializers.URLField(required=False, help_text="Where people see what was made with the data.")
    purpose = serializers.CharField(help_text="What they use the data for.")
    since = serializers.DateField(required=False, help_text="The day since which they use them.")


class ConsumerCollection(Collection):
    """Who told us that they use the data, and wants to be named. Nobody has to: the API needs no key."""

    name = "Consumer"
    item_summary = "One user of the data"
    item_description = "One user of the data."
    summary = "Users of the data"
    tag = TAG
    serializer = ConsumerSerializer
    search_fields = ("name", "purpose")
    orders = {"name": "name", "since": "since"}

    columns = {"purpose": "doel", "since": "sinds"}
    affected_by = {Consumer: {"pk": "id"}}

    def rows(self, asked: ApiQuery) -> QuerySet:
        """Return the published consumers."""
        return Consumer.objects.published()
