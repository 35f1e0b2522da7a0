"""First and last day of a channel or a location in the API."""

from typing import Any

from rest_framework import serializers


class FirstDayField(serializers.DateField):
    """First day on which the object can be used."""

    def __init__(self, **options: Any) -> None:
        text = "The first day on which it can be used; absent when always."
        super().__init__(**{"source": "valid_from", "required": False, "help_text": text, **options})


class LastDayField(serializers.DateField):
    """Last day on which the object can be used."""

    def __init__(self, **options: Any) -> None:
        text = "The last day on which it can be used."
        super().__init__(**{"source": "valid_until", "required": False, "help_text": text, **options})
