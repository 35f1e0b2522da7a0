"""Forms around a draft organogram: copying one, publishing it with its decision, and taking it back."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from organisation.models import Document, Organogram
from pzgent.kernel.editing import SafeForm
from pzgent.kernel.editing.moments import DayField, DayTimeField
from pzgent.kernel.editing.problems import ExplainingForm
from pzgent.kernel.publishing import PublicationStatus

WIDE = {"class": "vTextField"}


class CopyForm(ExplainingForm):
    """Title and first day of a copy; its web address follows from the title."""

    title = forms.CharField(
        label=_("Title"),
        max_length=200,
        widget=forms.TextInput(attrs=WIDE),
        help_text=_("For example “Organogram 2027”. The web address follows from it, and stays the same."),
    )
    valid_from = DayField(
        label=_("First day"),
        help_text=_("The first day on which it applies. You can still change it until you publish it."),
    )

    @staticmethod
    def proposal(source: Organogram, today: datetime.date) -> dict[str, Any]:
        """Return the initial values: the first of January after the source starts, at the earliest next year."""
        year = max(today.year, source.valid_from.year) + 1
        return {
            "title": gettext("Organogram %(year)d") % {"year": year},
            "valid_from": datetime.date(year, 1, 1),
        }


class PublishForm(SafeForm):
    """Publish an organogram from a day, with the decision that it rests on."""

    publish_units = forms.BooleanField(
        label=_("Publish its new units too"),
        required=False,
        initial=True,
        help_text=_(
            "Otherwise the public does not see the units that are still a draft, nor what is below them."
        ),
    )

    class Meta:
        model = Organogram
        fields = (
            "valid_from",
            "publish_from",
            "decided_by",
            "decided_on",
            "ratified_by",
            "ratified_on",
            "source",
            "source_place",
        )
        field_classes = {
            "valid_from": DayField,
            "publish_from": DayTimeField,
            "decided_on": DayField,
            "ratified_on": DayField,
        }
        widgets = {"publish_from": AdminSplitDateTime}

    def __init__(self, *args: Any, units: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        day, time = self.fields["publish_from"].widget.widgets
        day.attrs["aria-label"] = gettext("publish from: day")
        time.attrs["aria-label"] = gettext("publish from: time")
        documents: Any = self.fields["source"]
        documents.queryset = Document.objects.order_by("title")
        documents.help_text = ""
        documents.label = gettext("Document of the decision")
        self.fields["publish_from"].help_text = gettext(
            "Empty: everybody may see at once what changes on the first day. Fill it in to keep it quiet until then."
        )
        if not units:
            del self.fields["publish_units"]

    def clean(self) -> dict[str, Any]:
        """Mark the organogram as published, so that the constraints on published ones are checked."""
        cleaned = super().clean()
        self.instance.status = PublicationStatus.PUBLISHED
        return cleaned

    def clean_decided_on(self) -> datetime.date | None:
        """Refuse a decision in the future."""
        day: datetime.date | None = self.cleaned_data["decided_on"]
        if day is not None and day > timezone.localdate():
            raise forms.ValidationError(gettext("A decision of a later day is not taken yet."))
        return day


class WithdrawForm(SafeForm):
    """Take a published organogram back: to a draft to work on, or for good."""

    outcome = forms.ChoiceField(
        label=_("What do you want"),
        choices=[
            ("draft", _("Back to draft: I go on working on it")),
            ("withdrawn", _("Withdraw: it does not apply")),
        ],
        initial="draft",
        widget=forms.RadioSelect,
    )

    class Meta:
        model = Organogram
        fields = ()

    def clean(self) -> dict[str, Any]:
        """Give the organogram the status that was chosen."""
        cleaned = super().clean()
        self.instance.status = cleaned.get("outcome", self.instance.status)
        return cleaned
