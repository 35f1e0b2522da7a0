"""Addresses of previews, which show public pages as they will be; they are neither cached nor counted."""

from __future__ import annotations

from django.db.models import Model
from django.urls import reverse

# Previews for editors, and those on a link for people without an account.
STAFF_ROOT, LINK_ROOT = "/admin/preview/", "/voorbeeld/"


def preview_address(item: Model) -> str:
    """Return the address of the preview of an item, for editors."""
    return reverse("admin:preview", args=[item._meta.label_lower, item.pk])
