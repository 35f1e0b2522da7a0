"""Forms for when a working copy or a bundle is published."""

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pzgent.kernel.editing.moments import DayTimeField
from pzgent.kernel.editing.problems import ExplainingForm
from pzgent.kernel.editing.rights import may
from pzgent.kernel.versions.models import Bundle


class ScheduleForm(ExplainingForm):
    """The moment at which a working copy is published."""

    publish_at = DayTimeField(label=_("publish at"), widget=AdminSplitDateTime)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        day, hour = self.fields["publish_at"].widget.widgets
        day.attrs["aria-label"] = gettext("Day of publication")
        hour.attrs["aria-label"] = gettext("Hour of publication")

    def clean_publish_at(self) -> Any:
        """Refuse a moment in the past."""
        moment = self.cleaned_data["publish_at"]
        if moment is not None and moment <= timezone.now():
            raise ValidationError(gettext("This moment is in the past. Choose a later one, or publish now."))
        return moment


def writable_bundles(request: HttpRequest) -> QuerySet[Bundle]:
    """Return the bundles that are not published yet, if the user may view and change bundles."""
    is_allowed = may(request, "view", Bundle) and may(request, "change", Bundle)
    return Bundle.objects.filter(published_at=None) if is_allowed else Bundle.objects.none()


class PlanForm(ScheduleForm):
    """When a new working copy is published: at a moment or with a bundle, if at all.

    It stands beside the button that saves a form as a working copy.
    """

    prefix = "_copy"
    bundle = forms.ModelChoiceField(
        label=_("in the bundle"),
        queryset=Bundle.objects.none(),
        required=False,
        empty_label=_("in no bundle"),
    )

    def __init__(self, request: HttpRequest, *args: Any, may_publish: bool, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        moment = self.fields["publish_at"]
        moment.required, moment.label = False, _("on the site from")
        bundles = writable_bundles(request)
        self.fields["bundle"].queryset = bundles  # type: ignore[attr-defined]  # of ModelChoiceField
        if not may_publish:
            del self.fields["publish_at"]
        if not bundles.exists():
            del self.fields["bundle"]

    @classmethod
    def is_used(cls, request: HttpRequest) -> bool:
        """Return whether something was filled in."""
        return any(value and name.startswith(f"{cls.prefix}-") for name, value in request.POST.items())

    def clean(self) -> dict[str, Any]:
        """Refuse a moment for what is in a bundle, which has a moment of its own."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("bundle") and cleaned.get("publish_at"):
            raise ValidationError(gettext("Choose a moment or a bundle: a bundle has a moment of its own."))
        return cleaned
