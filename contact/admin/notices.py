"""Admin of notices."""

from collections.abc import Sequence
from typing import ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from contact.models import (
    Notice,
)
from pzgent.kernel.editing import (
    Fieldsets,
    PublishableAdmin,
)


@admin.register(Notice)
class NoticeAdmin(PublishableAdmin):
    """Admin of the messages that every page shows for a limited time."""

    list_display = ("title", "level", "starts", "ends", "shown")
    list_filter = ("level",)
    date_hierarchy = "starts"
    search_fields = ("title", "text_nl", "slug")
    prepopulated_on_add: ClassVar[dict[str, Sequence[str]]] = {"slug": ("title",)}
    main_fieldsets: ClassVar[Fieldsets] = [
        (
            _("What it says"),
            {"fields": [("level", "title"), "slug", "text_nl", "text_fr", "text_en", "text_de"]},
        ),
        (_("When it is on every page"), {"fields": [("starts", "ends")]}),
    ]
