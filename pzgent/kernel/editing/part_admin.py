"""The admin of parts that have a page of their own, such as the holidays of a school year."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from pzgent.kernel.editing.admin import EditingAdmin
from pzgent.kernel.editing.choices import labels_of
from pzgent.kernel.editing.forms import SafeForm, version_token_of
from pzgent.kernel.editing.rights import log_change
from pzgent.kernel.versions.recording import recorder_of


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

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Take the state of the owners, then save the part."""
        owners = {obj.serializable_value(self.owner), form.initial.get(self.owner)}
        self._remember_owners(request, owners)
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the inlines of the part, then count the change."""
        super().save_related(request, form, formsets, change)
        self._count_change(request, {form.instance.serializable_value(self.owner)})

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete the part and count the change."""
        self._remember_owners(request, {obj.serializable_value(self.owner)})
        super().delete_model(request, obj)
        self._count_change(request, {obj.serializable_value(self.owner)})

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Delete the parts and count a change of each of their owners."""
        keys = set(queryset.order_by().values_list(self.owner, flat=True))
        self._remember_owners(request, keys)
        super().delete_queryset(request, queryset)
        self._count_change(request, keys)

    def restore(self, request: HttpRequest, obj: Any, snapshot: Any, names: set[str]) -> None:
        """Take the state of the owner, then restore the part."""
        self._remember_owners(request, {obj.serializable_value(self.owner)})
        super().restore(request, obj, snapshot, names)

    def after_restoring(self, request: HttpRequest, obj: Any, names: set[str]) -> None:
        """Count the change of the owner."""
        self._count_change(request, {obj.serializable_value(self.owner)})

    def _remember_owners(self, request: HttpRequest, keys: set[Any]) -> None:
        field: Any = self.opts.get_field(self.owner)
        recorder_of(request).remember(field.related_model._base_manager.filter(pk__in=keys))

    def _count_change(self, request: HttpRequest, keys: set[Any]) -> None:
        """Give the owners a new version, so that forms opened earlier are recognised as outdated."""
        field: Any = self.opts.get_field(self.owner)
        wholes = field.related_model._base_manager.filter(pk__in=keys)
        for whole in wholes.select_for_update(no_key=True):
            whole.save(update_fields=["modified"])
            log_change(request, [whole], str(self.opts.verbose_name))
