"""The admin of what the portal itself keeps."""

from django.contrib import admin
from django.http import HttpRequest

from pzgent.models import SynonymRing


@admin.register(SynonymRing)
class SynonymRingAdmin(admin.ModelAdmin):
    """Words that mean the same to the search."""

    list_display = ("slug", "__str__", "modified")
    list_display_links = ("slug",)
    search_fields = ("slug", "words")

    def get_readonly_fields(self, request: HttpRequest, obj: SynonymRing | None = None) -> tuple[str, ...]:
        """When it was last changed is shown, never typed."""
        return ("modified",)
