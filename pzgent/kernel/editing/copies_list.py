"""The list of all working copies, and their marks in other lists."""

from typing import Any

from django.contrib.admin.sites import AdminSite
from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext

from pzgent.kernel.editing.approvals import words_about
from pzgent.kernel.editing.copy_admin import WorkingCopyAdmin
from pzgent.kernel.editing.version_admin import PER_PAGE
from pzgent.kernel.versions.copies import copies_of, stored_object
from pzgent.kernel.versions.models import WorkingCopy


def copies_page(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """Render the list of the working copies that the editor may view, first what goes live first."""
    admins = {
        model._meta.label_lower: model_admin
        for model, model_admin in site._registry.items()
        if isinstance(model_admin, WorkingCopyAdmin) and model_admin.has_view_permission(request)
    }
    found = WorkingCopy.objects.filter(model__in=admins).select_related(
        "author", "asked_by", "asked_of", "answered_by"
    )
    page = Paginator(found.order_by(F("publish_at").asc(nulls_last=True), "-pk"), PER_PAGE).get_page(
        request.GET.get("p", 1)
    )
    rows = [
        (
            copy,
            admins[copy.model].opts.verbose_name,
            admins[copy.model].get_copy_address(copy.object_id),
            words_about(copy),
        )
        for copy in page.object_list
        if admins[copy.model].has_view_permission(request, stored_object(copy))
    ]
    context = {**site.each_context(request), "title": gettext("Working copies"), "page": page, "rows": rows}
    return TemplateResponse(request, "admin/versions/working_copies.html", context)


def mark_copies(rows: list[Any]) -> None:
    """Attach its working copy to each row of a list. One query."""
    copies = copies_of(rows)
    for row in rows:
        row.working_copy = copies.get(str(row.pk))
