"""Base classes of every admin page: safe saving, publication, editions and parts."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pzgent.kernel.editing.bin_admin import BinAdmin
from pzgent.kernel.editing.bulk.action_admin import BulkAction, BulkActionAdmin
from pzgent.kernel.editing.bulk.publishing import SOURCE_ACTIONS, STATUS_ACTIONS
from pzgent.kernel.editing.copies_list import mark_copies
from pzgent.kernel.editing.copy_admin import WorkingCopyAdmin
from pzgent.kernel.editing.deleting import DeletionGuard
from pzgent.kernel.editing.files import FilesAdmin
from pzgent.kernel.editing.filters import AttentionFilter, ReviewFilter
from pzgent.kernel.editing.forms import PublishableForm, SafeForm
from pzgent.kernel.editing.guarding import GuardedAdmin
from pzgent.kernel.editing.inlines import OVERRIDES, PathChoices, ReadOnlyInline
from pzgent.kernel.editing.labels import LabelledHistory
from pzgent.kernel.editing.links import added_links
from pzgent.kernel.editing.once_admin import OnceAdmin
from pzgent.kernel.editing.rights import log_parts, may_open, may_publish
from pzgent.kernel.editing.second_person import opens_copy, works_solo
from pzgent.kernel.editing.translating import TranslatingAdmin
from pzgent.kernel.editing.unchanged import UnchangedAdmin
from pzgent.kernel.editing.version_admin import VersionAdmin, offer_undo
from pzgent.kernel.once import claim, new_token
from pzgent.kernel.previews import preview_address
from pzgent.kernel.publishing import PublicationStatus, Publishable, Sourced

Fieldsets = list[tuple[Any, dict[str, Any]]]
# The fields that decide whether the public sees an item, and the days that decide it too once it was public.
PUBLIC_FIELDS = ("status", "publish_from", "publish_until")
PUBLIC_DAYS = ("valid_from", "valid_from_precision", "valid_until", "starts", "ends")


class PageChangeList(ChangeList):
    """A changelist that lets its admin load what all rows of the page need in one go."""

    def get_results(self, request: HttpRequest) -> None:
        """Fetch the page, then let the admin complete it."""
        super().get_results(request)
        self.result_list = list(self.result_list)
        if issubclass(self.model, Publishable):
            mark_copies(self.result_list)
        self.model_admin.complete_page(self.result_list)  # type: ignore[attr-defined]  # only EditingAdmin uses this list


class EditingAdmin(
    PathChoices,
    LabelledHistory,
    OnceAdmin,
    UnchangedAdmin,
    DeletionGuard,
    TranslatingAdmin,
    FilesAdmin,
    BulkActionAdmin,
    BinAdmin,
    VersionAdmin,
    GuardedAdmin,
):
    """A ModelAdmin whose forms are safe to save and whose changelists run a constant number of queries."""

    form: Any = SafeForm
    change_form_template = "admin/portal_change_form.html"
    change_list_template: ClassVar[Any] = "admin/portal_change_list.html"
    formfield_overrides = OVERRIDES
    list_per_page = 50
    # Counting every row as well, beside those found, is a query more.
    show_full_result_count = False
    save_on_top = True
    prepopulated_on_add: ClassVar[dict[str, Sequence[str]]] = {}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return the changelist class."""
        return PageChangeList

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        """Return the search fields with the lookup `holds`, which folds text as the public search does."""
        return [f"{name}__holds" for name in super().get_search_fields(request)]

    def get_ordering(self, request: HttpRequest) -> Any:
        """Return the ordering of the admin, else of the model, explicitly: annotating a count drops an implicit one."""
        return super().get_ordering(request) or self.opts.ordering

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """Return the filters of this model, and the checks of the home page if any are about it."""
        found = list(super().get_list_filter(request))
        return [*found, AttentionFilter] if self.admin_site.checks_of(self.model) else found

    def complete_page(self, rows: Sequence[Any]) -> None:
        """Add what the columns need to the rows of one page."""

    def get_labels(self, objects: Sequence[Any]) -> dict[Any, str]:
        """Return the label of each object in choices, by primary key."""
        return {item.pk: str(item) for item in objects}

    def get_links(self, obj: Any) -> list[tuple[str, str]]:
        """Return the links to show on the page of this object, as (text, address)."""
        return []

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """Return the inlines; read-only ones only for an existing object."""
        return [inline for inline in self.inlines if obj or not issubclass(inline, ReadOnlyInline)]

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Sequence[str]]:
        """Prepopulate slugs for new objects only."""
        return {} if obj else dict(self.prepopulated_on_add)

    @contextmanager
    def writing(self, request: HttpRequest, object_id: str | None) -> Iterator[None]:
        """Run everything that one request writes in one transaction."""
        with transaction.atomic():
            yield

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """Show or save the form."""
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        with self.writing(request, object_id):
            response = super().changeform_view(request, object_id, form_url, extra_context)
            offer_undo(request, response)
            return response

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the changelist or run an action on it."""
        bin_url = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_bin")
        own = {"title": capfirst(self.opts.verbose_name_plural), "form_once": new_token(), "bin_url": bin_url}
        extra_context = {**own, **(extra_context or {})}
        if request.method != "POST":
            return super().changelist_view(request, extra_context)
        with self.writing(request, None):
            return self.once(
                request, lambda: super(EditingAdmin, self).changelist_view(request, extra_context)
            )

    def once(self, request: HttpRequest, act: Callable[[], HttpResponse]) -> HttpResponse:
        """Run an action of the changelist; a second identical click only redirects to where the first one led."""
        used, was_used = claim(request)
        if used is not None and was_used and used.location and used.is_repeat(request):
            messages.info(request, gettext("This was done already; the second click changed nothing."))
            return HttpResponseRedirect(used.location)
        response = act()
        offer_undo(request, response)
        if used is not None and isinstance(response, HttpResponseRedirect):
            used.note(request, location=response.url)
        elif used is not None and not was_used:
            used.delete()
        return response

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Ask for confirmation, or delete."""
        if request.method != "POST":
            return super().delete_view(request, object_id, extra_context)
        with self.writing(request, object_id):
            response = super().delete_view(request, object_id, extra_context)
            offer_undo(request, response)
            return response

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the inlines, and log their changes in their own history too."""
        super().save_related(request, form, formsets, change)
        log_parts(self.admin_site, request, formsets)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Render the form with the links of the object."""
        obj = kwargs.get("obj")
        links = [*self.get_links(obj), *added_links(obj)] if obj else []
        context["portal_links"] = [
            (text, address) for text, address in links if may_open(self.admin_site, request, address)
        ]
        return super().render_change_form(request, context, *args, **kwargs)


def visibility_of(item: Publishable) -> tuple[str, str]:
    """Return whether and when the public sees an item, as a CSS class and a text."""
    now = timezone.now()
    if item.status != PublicationStatus.PUBLISHED:
        return str(item.status), str(PublicationStatus(item.status).label)
    if item.publish_from and item.publish_from > now:
        return "planned", gettext("planned")
    if item.publish_until and item.publish_until <= now:
        return "ended", gettext("ended")
    if not item.is_published:
        return "ended", gettext("not today")
    return "published", str(PublicationStatus.PUBLISHED.label)


class PublishableAdmin(WorkingCopyAdmin, EditingAdmin):
    """The admin of something with a status: publication first, then the content, then its source."""

    form: Any = PublishableForm
    actions: Any = (*STATUS_ACTIONS, *SOURCE_ACTIONS)
    bulk_actions: ClassVar[dict[str, BulkAction]] = {**STATUS_ACTIONS, **SOURCE_ACTIONS}
    readonly_fields: ClassVar[Any] = ("id", "version", "created", "modified")
    main_fieldsets: ClassVar[Fieldsets] = []

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fieldsets in the order of an editor's work."""
        when = {"fields": [("status", "publish_from", "publish_until"), *self.get_publication_fields()]}
        fieldsets: Fieldsets = [
            (_("Publication"), when),
            *self.get_main_fieldsets(request, obj),
            *self.get_translation_fieldsets(request, obj),
        ]
        if issubclass(self.model, Sourced):
            where_from = [
                ("source", "source_place"),
                ("basis", "source_note"),
                ("verified_on", "review_by"),
            ]
            fieldsets.append((_("Where this comes from"), {"fields": where_from}))
        fieldsets.append((_("Note for editors"), {"fields": ["editor_note"]}))
        if obj:
            record = {"fields": ["id", ("version", "created", "modified")], "classes": ["collapse"]}
            fieldsets.append((_("Record"), record))
        return fieldsets

    def get_main_fieldsets(self, request: HttpRequest, obj: Any = None) -> Fieldsets:
        """Return the fieldsets of the content."""
        return list(self.main_fieldsets)

    def get_publication_fields(self) -> list[str]:
        """Return the other fields that decide whether the public sees it."""
        return []

    def get_list_display(self, request: HttpRequest) -> Any:
        """Return the columns, first whether the public sees the item; moments in short."""
        columns = [name for name in super().get_list_display(request) if name != "shown"]
        return ("shown", *("last_change" if name == "modified" else name for name in columns))

    def get_list_display_links(self, request: HttpRequest, list_display: Sequence[Any]) -> Any:
        """Return the column that links to the item: the first that tells items apart."""
        return self.list_display_links or [name for name in list_display if name != "shown"][:1]

    def has_publish_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the user may decide what the public sees of this model or object."""
        return may_publish(request) and self.has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Let only who may publish change the fields that decide what the public sees, and when.

        In a working copy everybody can: it changes nothing until somebody who may publish releases it.
        """
        found = list(super().get_readonly_fields(request, obj))
        if may_publish(request) or opens_copy(request):
            return found
        since_public = PUBLIC_DAYS if obj is not None and obj.is_kept else ()
        columns = {field.name for field in self.opts.concrete_fields}
        deciding = (*PUBLIC_FIELDS, *self.get_publication_fields(), *since_public)
        return [*found, *(name for name in deciding if name in columns)]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """Return the filters: status first, then those of this model, then the checks."""
        checks = [ReviewFilter] if issubclass(self.model, Sourced) else []
        return ["status", *super().get_list_filter(request), *checks]

    def get_autocomplete_fields(self, request: HttpRequest) -> list[str]:
        """Return the autocomplete fields of the model, plus its source."""
        source = ["source"] if issubclass(self.model, Sourced) else []
        return [*self.autocomplete_fields, *source]

    def view_on_site(self, obj: Any) -> str | None:
        """Return the public page if the public can see the object there."""
        if not obj.is_published or not hasattr(obj, "get_absolute_url"):
            return None
        address: str = obj.get_absolute_url()
        return address

    def get_page(self, obj: Any) -> str:
        """Return the public page that shows the object once it is published; empty if it has none."""
        return str(obj.get_absolute_url()) if hasattr(obj, "get_absolute_url") else ""

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Render the form with the address of the preview."""
        obj = kwargs.get("obj")
        context["preview_address"] = preview_address(obj) if obj and self.get_page(obj) else ""
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("modified"), ordering="modified")
    def last_change(self, obj: Any) -> str:
        """Return when the item was changed last."""
        return date_format(timezone.localtime(obj.modified), "SHORT_DATETIME_FORMAT")

    @admin.display(description=_("on the site"), ordering="status")
    def shown(self, obj: Any) -> SafeString:
        """Show whether the public sees it now."""
        code, words = visibility_of(obj)
        return format_html('<span class="state state-{}">{}</span>{}', code, words, self.get_copy_badge(obj))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Return the actions that the user may run; those on facts only where the items are facts."""
        found = super().get_actions(request)
        is_allowed = {
            name: works_solo(request) and action.may(request, self.model)
            for name, action in self.bulk_actions.items()
        }
        if not issubclass(self.model, Sourced):
            is_allowed |= dict.fromkeys(SOURCE_ACTIONS, False)
        return {name: action for name, action in found.items() if is_allowed.get(name, True)}

    @admin.action(description=_("Publish"), permissions=["publish"])
    def publish(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse:
        """Publish the selected items."""
        return self.ask(request, queryset, "publish")

    @admin.action(description=_("Back to draft"), permissions=["publish"])
    def back_to_draft(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse:
        """Take the selected items off the site to work on them."""
        return self.ask(request, queryset, "back_to_draft")

    @admin.action(description=_("Withdraw"), permissions=["publish"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse:
        """Take the selected items off the site permanently."""
        return self.ask(request, queryset, "withdraw")

    @admin.action(description=_("Verified today"), permissions=["change"])
    def verified_today(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse:
        """Note that somebody checked the selected facts today."""
        return self.ask(request, queryset, "verified_today")

    @admin.action(description=_("Set the day of the next check"), permissions=["change"])
    def set_review(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse:
        """Set the day by which the selected facts must be checked again."""
        return self.ask(request, queryset, "set_review")

    @admin.action(description=_("Set the source document"), permissions=["change"])
    def set_source(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse:
        """Set the document that states the selected facts."""
        return self.ask(request, queryset, "set_source")


class EditionAdmin(PublishableAdmin):
    """The admin of dated editions: which one is in force, who decided on it and when."""

    date_hierarchy: ClassVar[Any] = "valid_from"
    list_display: Any = ("title", "valid_from", "in_force", "shown", "modified")
    search_fields: ClassVar[Any] = ("title", "slug", "decided_by", "editor_note")
    prepopulated_on_add: ClassVar[dict[str, Sequence[str]]] = {"slug": ("title",)}
    what_fields: ClassVar[list[Any]] = ["title", "slug"]

    def get_main_fieldsets(self, request: HttpRequest, obj: Any = None) -> Fieldsets:
        """Return the fieldsets: what it is, when it applies, and who decided on it."""
        when = [("valid_from", "valid_from_precision"), "valid_until"]
        decision = [("decided_by", "decided_on"), ("ratified_by", "ratified_on")]
        return [
            (_("What it is"), {"fields": list(self.what_fields)}),
            (_("From when it applies"), {"fields": when}),
            (_("Who decided it"), {"fields": decision}),
            *super().get_main_fieldsets(request, obj),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the editions, each with whether it is in force today."""
        editions: Any = super().get_queryset(request)
        in_force: QuerySet = editions.with_in_force()
        return in_force

    @admin.display(description=_("in force today"), boolean=True)
    def in_force(self, obj: Any) -> bool:
        """Whether the edition applies today."""
        return bool(obj.is_in_force)
