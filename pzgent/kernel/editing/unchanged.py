"""Change forms that were sent as they were opened: nothing is saved, logged or counted as a new version."""

from typing import Any

from django.contrib import admin, messages
from django.forms.formsets import all_valid
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext


class _UnchangedError(Exception):
    """Breaks off a save that would change nothing."""

    def __init__(self, obj: Any) -> None:
        super().__init__()
        self.obj = obj


class UnchangedAdmin(admin.ModelAdmin):
    """An admin that does not save a form without changes."""

    def _create_formsets(self, request: HttpRequest, obj: Any, change: bool) -> Any:
        """Create the formsets, and remember those of the submitted form for `save_form`."""
        formsets, inlines = super()._create_formsets(request, obj, change)  # type: ignore[misc]  # missing from the stubs
        request.submitted_formsets = formsets  # type: ignore[attr-defined]  # read by `save_form`
        return formsets, inlines

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """Return the object to save; a form in which nothing changed is not saved."""
        formsets: list[Any] | None = getattr(request, "submitted_formsets", None)
        if formsets is None:  # written in another way than by the page of the form, such as an import
            return super().save_form(request, form, change)
        parts = [form, *formsets]
        if change and all_valid(formsets) and not any(part.has_changed() for part in parts):
            raise _UnchangedError(form.instance)
        return super().save_form(request, form, change)

    def message_user(self, request: HttpRequest, message: Any, *args: Any, **kwargs: Any) -> None:
        """Queue the message; of an unchanged form it says so instead of reporting a change."""
        if getattr(request, "is_unchanged", False):
            messages.info(request, gettext("You changed nothing, so there was nothing to save."))
            return
        super().message_user(request, message, *args, **kwargs)

    def _changeform_view(
        self, request: HttpRequest, object_id: str | None, form_url: str, extra_context: Any
    ) -> Any:
        """Respond to a form without changes as to one that was saved."""
        try:
            return super()._changeform_view(request, object_id, form_url, extra_context)  # type: ignore[misc]  # missing from the stubs
        except _UnchangedError as found:
            request.is_unchanged = True  # type: ignore[attr-defined]  # read by `message_user`
            response: HttpResponse = self.response_change(request, found.obj)
            return response
