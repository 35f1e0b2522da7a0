"""Base classes of every admin page: safe saving, publication, editions and parts."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.utils import model_ngettext
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from pzgent.kernel.editing.choices import labels_of
from pzgent.kernel.editing.deleting import DeletionGuard
from pzgent.kernel.editing.files import FilesAdmin
from pzgent.kernel.editing.filters import ReviewFilter
from pzgent.kernel.editing.forms import PublishableForm, SafeForm, version_token_of
from pzgent.kernel.editing.guarding import GuardedAdmin
from pzgent.kernel.editing.inlines import OVERRIDES, PathChoices, ReadOnlyInline
from pzgent.kernel.editing.once_admin import OnceAdmin
from pzgent.kernel.editing.rights import log_change, log_parts, may_open
from pzgent.kernel.editing.translating import TranslatingAdmin
from pzgent.kernel.once import claim, new_token
from pzgent.kernel.publishing import PublicationStatus, Publishable, Sourced

Fieldsets = list[tuple[Any, dict[str, Any]]]


class PageChangeList(ChangeList):
    """A changelist that lets its admin load what all rows of the page need in one go."""

    def get_results(self, request: HttpRequest) -> None:
        """Fetch the page, then let the admin complete it."""
        super().get_results(request)
        self.result_list = list(self.result_list)
        self.model_admin.complete_page(self.result_list)  # type: ignore[attr-defined]  # only EditingAdmin uses this list


class EditingAdmin(PathChoices, OnceAdmin, DeletionGuard, TranslatingAdmin, FilesAdmin, GuardedAdmin):
    """A ModelAdmin whose forms are safe to save and whose changelists run a constant number of queries."""

    form: Any = SafeForm
    change_form_template = "admin/portal_change_form.html"
    change_list_template: ClassVar[Any] = "admin/portal_change_list.html"
    formfield_overrides = OVERRIDES
    list_per_page = 50
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
            return super().changeform_view(request, object_id, form_url, extra_context)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the changelist or run an action on it."""
        extra_context = {**(extra_context or {}), "form_once": new_token()}
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
            return super().delete_view(request, object_id, extra_context)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the inlines, and log their changes in their own history too."""
        super().save_related(request, form, formsets, change)
        log_parts(self.admin_site, request, formsets)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return the object, locked while a submitted form is checked against it."""
        if request.method == "POST" and transaction.get_connection().in_atomic_block:
            try:
                key = self.model._meta.pk.to_python(object_id)
            except ValidationError:
                return None
            locked = self.model._base_manager.select_for_update(no_key=True).filter(pk=key)
            locked.order_by().values_list("pk").first()
        return super().get_object(request, object_id, from_field)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Render the form with the links of the object."""
        obj = kwargs.get("obj")
        links = self.get_links(obj) if obj else []
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


class PublishableAdmin(EditingAdmin):
    """The admin of something with a status: publication first, then the content, then its source."""

    form: Any = PublishableForm
    actions: Any = ("publish", "back_to_draft", "withdraw")
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

    @admin.display(description=_("on the site"), ordering="status")
    def shown(self, obj: Any) -> SafeString:
        """Show whether the public sees it now."""
        code, words = visibility_of(obj)
        return format_html('<span class="state state-{}">{}</span>', code, words)

    @admin.action(description=_("Publish"), permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Publish the selected items."""
        self._set_status(request, queryset, PublicationStatus.PUBLISHED)

    @admin.action(description=_("Back to draft"), permissions=["change"])
    def back_to_draft(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Take the selected items off the site to work on them."""
        self._set_status(request, queryset, PublicationStatus.DRAFT)

    @admin.action(description=_("Withdraw"), permissions=["change"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Take the selected items off the site permanently."""
        self._set_status(request, queryset, PublicationStatus.WITHDRAWN)

    def _set_status(self, request: HttpRequest, queryset: QuerySet, status: PublicationStatus) -> None:
        """Set the status of each item with its own save(); report how many changed and which could not."""
        changed = 0
        for key in list(queryset.order_by().values_list("pk", flat=True)):
            item = self.model._base_manager.select_for_update(no_key=True).get(pk=key)
            if item.status == status:
                continue
            item.status = status
            try:
                item.validate_constraints()
            except ValidationError as error:
                reasons = " ".join(error.messages)
                messages.error(
                    request,
                    gettext("“%(item)s” was not changed. %(reasons)s") % {"item": item, "reasons": reasons},
                )
                continue
            item.save(update_fields=["status"])
            self.log_change(request, item, [{"changed": {"fields": [gettext("status")]}}])
            changed += 1
        text = ngettext(
            "%(count)d %(name)s now has the status “%(status)s”.",
            "%(count)d %(name)s now have the status “%(status)s”.",
            changed,
        )
        values = {"count": changed, "name": model_ngettext(self.opts, changed), "status": status.label}
        messages.success(request, text % values)


class EditionAdmin(PublishableAdmin):
    """The admin of dated editions: which one is in force, who decided on it and when."""

    date_hierarchy = "valid_from"
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

    def complete_page(self, rows: Sequence[Any]) -> None:
        """Mark the editions that are in force today."""
        super().complete_page(rows)
        today = set(self.model.objects.in_force().values_list("pk", flat=True))
        for row in rows:
            row.is_in_force = row.pk in today

    @admin.display(description=_("in force today"), boolean=True)
    def in_force(self, obj: Any) -> bool:
        """Whether the edition applies today."""
        return bool(obj.is_in_force)


class PartForm(SafeForm):
    """The form of a part that shares the version of its owner, the object in the field `owner`."""

    owner: ClassVar[str] = ""

    def get_version_token(self) -> str:
        """Return the version token of the owner, or the part's own if it has no owner."""
        return version_token_of(getattr(self.instance, self.owner) or self.instance)


class PartAdmin(EditingAdmin):
    """The admin of a part with a page of its own; each change counts as a change of its owner."""

    form: Any = PartForm
    owner: ClassVar[str] = ""

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form class, with the name of the owner field set."""
        form = super().get_form(request, obj, change, **kwargs)
        form.owner = self.owner
        return form

    def get_links(self, obj: Any) -> list[tuple[str, str]]:
        """Add a link to the owner."""
        whole = getattr(obj, self.owner)
        if whole is None:
            return super().get_links(obj)
        name = reverse(f"admin:{whole._meta.app_label}_{whole._meta.model_name}_change", args=[whole.pk])
        label = labels_of(self.admin_site, [whole])[whole.pk]
        return [*super().get_links(obj), (gettext("Part of: %(whole)s") % {"whole": label}, name)]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the inlines of the part, then count the change."""
        super().save_related(request, form, formsets, change)
        self._count_change(request, {form.instance.serializable_value(self.owner)})

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete the part and count the change."""
        super().delete_model(request, obj)
        self._count_change(request, {obj.serializable_value(self.owner)})

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Delete the parts and count a change of each of their owners."""
        keys = set(queryset.order_by().values_list(self.owner, flat=True))
        super().delete_queryset(request, queryset)
        self._count_change(request, keys)

    def _count_change(self, request: HttpRequest, keys: set[Any]) -> None:
        """Give the owners a new version, so that forms opened earlier are recognised as outdated."""
        field: Any = self.opts.get_field(self.owner)
        wholes = field.related_model._base_manager.filter(pk__in=keys)
        for whole in wholes.select_for_update(no_key=True):
            whole.save(update_fields=["modified"])
            log_change(request, [whole], str(self.opts.verbose_name))
