"""The actions on items with a status, and on facts with a source."""

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pzgent.kernel.editing.bulk.action_admin import BulkAction
from pzgent.kernel.editing.rights import may, may_publish
from pzgent.kernel.publishing import PublicationStatus


def _set_status(status: PublicationStatus) -> Any:
    def change(item: Any, _value: Any) -> list[str]:
        if item.status == status:
            return []
        item.status = status
        return ["status"]

    return change


def _verify(item: Any, _value: Any) -> list[str]:
    today = timezone.localdate()
    if item.verified_on == today:
        return []
    item.verified_on, item.review_by = today, None
    return ["verified_on", "review_by"]


def _review(item: Any, value: Any) -> list[str]:
    day = datetime.date.fromisoformat(value)
    if item.review_by == day:
        return []
    item.review_by = day
    return ["review_by"]


def _set_source(item: Any, value: Any) -> list[str]:
    field = item._meta.get_field("source")
    if str(item.source_id) == value:
        return []
    item.source_id = value
    if not field.related_model._base_manager.filter(pk=value).exists():
        raise ValidationError(_("This choice does not exist any more. Choose another one."))
    return ["source"]


def _may_change(request: HttpRequest, model: Any) -> bool:
    return may(request, "change", model)


STATUS_ACTIONS = {
    "publish": BulkAction(
        _("Publish %(count)d %(name)s? The public sees them at once, or from their own moment."),
        _("%(count)d %(name)s now with the status “published”."),
        _set_status(PublicationStatus.PUBLISHED),
        may_publish,
    ),
    "back_to_draft": BulkAction(
        _("Make %(count)d %(name)s a draft again? The public does not see them any more."),
        _("%(count)d %(name)s now with the status “draft”."),
        _set_status(PublicationStatus.DRAFT),
        may_publish,
    ),
    "withdraw": BulkAction(
        _(
            "Withdraw %(count)d %(name)s? The public does not see them any more, and reads that they are gone."
        ),
        _("%(count)d %(name)s now with the status “withdrawn”."),
        _set_status(PublicationStatus.WITHDRAWN),
        may_publish,
    ),
}
SOURCE_ACTIONS = {
    "verified_today": BulkAction(
        _(
            "Did somebody check %(count)d %(name)s against reality today? The day of the next check follows from it."
        ),
        _("%(count)d %(name)s now with today as the day of the last check."),
        _verify,
        _may_change,
    ),
    "set_review": BulkAction(
        _("By which day must %(count)d %(name)s be checked again?"),
        _("%(count)d %(name)s now with that day for the next check."),
        _review,
        _may_change,
        asks="review_by",
    ),
    "set_source": BulkAction(
        _("Which document states %(count)d %(name)s?"),
        _("%(count)d %(name)s now with that source document."),
        _set_source,
        _may_change,
        asks="source",
    ),
}
