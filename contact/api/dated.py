"""The days on which a channel or a location can be used, in the API."""

from typing import Any

from rest_framework import serializers


class FirstDayField(serializers.DateField):
    """The first day on which something can be used."""

    def __init__(self, **options: Any) -> None:
        text = "The first day on which it can be used; absent when always."
        super().__init__(**{"source": "valid_from", "required": False, "help_text": text, **options})


class LastDayField(serializers.DateField):
    """The last day on which something can be used."""

    def __init__(self, **options: Any) -> None:
        text = "The last day on which it can be used."
        super().__init__(**{"source": "valid_until", "required": False, "help_text": text, **options})
