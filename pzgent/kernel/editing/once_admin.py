"""Add forms that create one object however often they are sent: by a double click, Back, or a corrected retry."""

from functools import wraps
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.forms.formsets import DELETION_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import URLPattern, reverse
from django.utils.text import slugify
from django.utils.translation import gettext

from pzgent.kernel.editing.forms import SafeForm
from pzgent.kernel.once import FIELD, UsedForm, claim, new_token

SENT = "_sent"


class OnceAdmin(admin.ModelAdmin):
    """An admin whose add form creates one object; resubmitted with corrections, it acts as the change form of that
    object.

    A form that cannot compare itself with the stored object, such as that of accounts, redirects to the object.
    """

    @property
    def takes_corrections(self) -> bool:
        """Whether the form can show the differences between the created object and the resubmitted form."""
        return issubclass(self.form, SafeForm)

    def get_urls(self) -> list[URLPattern]:
        """Return the usual URL patterns; on Back, browsers show an add form as it was, with its original token."""
        patterns = super().get_urls()
        for pattern in patterns if self.takes_corrections else ():
            if pattern.name == f"{self.opts.app_label}_{self.opts.model_name}_add":
                pattern.callback = _kept_for_back(pattern.callback)
        return patterns

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form class, with a flag for an add form that was used before."""
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.is_reused = getattr(request, "form_was_used", False)
        return form

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Render the form; an add form carries a token, which stays the same while the form is refused.

        Browsers discard a page from their cache when a form is submitted to its address: an add form is submitted to a
        different address, so that Back shows it as it was.
        """
        context["form_once"] = ""
        if kwargs.get("add"):
            context["form_once"] = request.POST.get(FIELD) or new_token()
        if kwargs.get("add") and self.takes_corrections:
            query = request.GET.copy()
            query[SENT] = "1"
            kwargs["form_url"] = kwargs.get("form_url") or f"?{query.urlencode()}"
        return super().render_change_form(request, context, *args, **kwargs)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> Any:
        """Respond to an add form that created an object, and remember that object."""
        request.made = obj  # type: ignore[attr-defined]  # read right after
        return super().response_add(request, obj, post_url_continue)

    def _changeform_view(
        self, request: HttpRequest, object_id: str | None, form_url: str, extra_context: Any
    ) -> Any:
        """Claim the token of an add form before anything is created; Django calls this inside a transaction."""
        view: Any = super()._changeform_view  # type: ignore[misc]  # missing from the stubs
        if request.method != "POST" or object_id is not None:
            return view(request, object_id, form_url, extra_context)
        used, was_used = claim(request)
        made = self._made_by(used) if used and was_used else None
        if used is not None and made is not None:
            if not self.has_view_or_change_permission(request, made):
                raise PermissionDenied
            may_correct = self.takes_corrections and self.has_change_permission(request, made)
            if used.is_repeat(request) or not may_correct:
                return self._respond_again(request, made)
            self._prepare_correction(request, made)
            return view(request, quote(str(made.pk)), self._page_of(request, made), extra_context)
        request.made = None  # type: ignore[attr-defined]  # set by response_add
        response = view(request, object_id, form_url, extra_context)
        if used is not None and request.made is not None:  # type: ignore[attr-defined]
            used.note(request, request.made)  # type: ignore[attr-defined]
        elif used is not None:
            used.delete()
        return response

    def _made_by(self, used: UsedForm) -> Any:
        """Return the object that the form created; None if it no longer exists."""
        if used.model != self.opts.label_lower:
            return None
        return self.model._base_manager.filter(pk=used.object_id).first()

    def _get_preserved_qsl(self, request: HttpRequest, preserved_filters: str) -> list[tuple[str, str]]:
        """Return the query parameters to preserve, without the one that marks a submitted form."""
        kept = super()._get_preserved_qsl(request, preserved_filters)  # type: ignore[misc]  # missing from the stubs
        return [(name, value) for name, value in kept if name != SENT]

    def _page_of(self, request: HttpRequest, made: models.Model) -> str:
        """Return the address of the object's change page, with the query of the form and the filters of the list."""
        address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[quote(made.pk)])
        filters = self.get_preserved_filters(request)
        query = self._get_preserved_qsl(request, filters)
        context: Any = {"preserved_filters": filters, "preserved_qsl": query, "opts": self.opts}
        page: str = add_preserved_filters(context, address)
        return page

    def _respond_again(self, request: HttpRequest, made: Any) -> HttpResponse:
        """Respond to the second of two identical clicks: with the object that the first one created."""
        if IS_POPUP_VAR in request.POST or "_addanother" in request.POST:
            response: HttpResponse = self.response_add(request, made)
            return response
        text = gettext("This form was sent more than once. “%(item)s” was made once: here it is.")
        messages.info(request, text % {"item": made})
        return HttpResponseRedirect(self._page_of(request, made))

    def _prepare_correction(self, request: HttpRequest, made: Any) -> None:
        """Turn the submitted data into a change of the created object; the missing version token causes a conflict."""
        new = self.get_form(request)(request.POST)
        stored = self.get_form(request, made, change=True)(instance=made)
        columns = {field.name: field for field in self.opts.fields}
        fixed = [
            str(field.label)
            for name, field in new.fields.items()
            if name in columns
            and name not in stored.fields
            and field.has_changed(columns[name].value_from_object(made), new[name].data)
        ]
        if fixed:
            text = gettext(
                "These cannot be changed any more: %(fields)s. Is one of them wrong? Delete “%(item)s” and add it anew."
            )
            messages.warning(request, text % {"fields": ", ".join(fixed), "item": made})
        data = self._with_stored_rows(request, made)
        proposed = {
            name: slugify(" ".join(data.get(source, "") for source in sources))
            for name, sources in self.get_prepopulated_fields(request).items()
        }
        for name, field in stored.fields.items():
            # The add form fills these in by itself; keep the value it derived then.
            is_optional = name in new.fields and not new.fields[name].required
            if field.required and is_optional and data.get(name, "") in ("", proposed.get(name, "")):
                data[name] = stored.get_initial_for_field(field, name)
        request.POST = data  # type: ignore[assignment]  # a QueryDict as before
        request.form_was_used = True  # type: ignore[attr-defined]  # read by get_form

    def _with_stored_rows(self, request: HttpRequest, made: Any) -> QueryDict:
        """Return the submitted data with each typed row mapped to a stored row, so that rows are changed, not added."""
        data = request.POST.copy()
        formsets, _inlines = self._create_formsets(request, self.model(), change=False)  # type: ignore[attr-defined]  # missing from the stubs
        typed = {formset.prefix: _typed_rows(request, formset) for formset in formsets}
        for name in [name for name in data if name.startswith(tuple(f"{prefix}-" for prefix in typed))]:
            del data[name]
        # A change form also shows inlines that an add form leaves out.
        for formset, inline in self.get_formsets_with_inlines(request, made):
            prefix = formset.get_default_prefix()
            stored = list(inline.get_queryset(request).filter(**{formset.fk.name: made}).order_by("pk"))
            rows = list(typed.get(prefix, [{}] * len(stored)))
            rows += [{DELETION_FIELD_NAME: ["on"]}] * (len(stored) - len(rows))
            data[f"{prefix}-TOTAL_FORMS"] = str(len(rows))
            data[f"{prefix}-INITIAL_FORMS"] = str(len(stored))
            for number, row in enumerate(rows):
                key = str(stored[number].pk) if number < len(stored) else ""
                ids = {formset.model._meta.pk.name: [key], formset.fk.name: [str(made.pk)]}
                for name, values in (row | ids).items():
                    data.setlist(f"{prefix}-{number}-{name}", values)
        return data


def _kept_for_back(view: Any) -> Any:
    """Wrap the view so that the browser may show its page again on Back, but neither shares nor otherwise reuses it.

    On Back, browsers reload a page with no-store, and over HTTPS also one with no-cache.
    """

    @wraps(view)
    def kept(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = view(request, *args, **kwargs)
        if request.method == "GET" and response.status_code == 200:
            response["Cache-Control"] = "private, max-age=0"
            del response["Expires"]
        return response

    return kept


def _typed_rows(request: HttpRequest, formset: Any) -> list[dict[str, list[str]]]:
    """Return the rows that were filled in, each as a mapping of field to submitted values."""
    forms = [form for form in formset.forms if form.has_changed() and not _is_deleted(form)]
    return [{name: request.POST.getlist(f"{form.prefix}-{name}") for name in form.fields} for form in forms]


def _is_deleted(form: Any) -> bool:
    """Whether the row was marked for deletion."""
    try:
        return bool(form.fields[DELETION_FIELD_NAME].clean(form[DELETION_FIELD_NAME].data))
    except (KeyError, ValidationError):
        return False
