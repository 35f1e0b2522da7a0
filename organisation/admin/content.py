"""Admin of documents, terms, figures and statements."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from organisation.models import CorporatePlan, Document, KeyFigure, Statement, Term
from pzgent.kernel.editing import ROWS, EditionAdmin, Fieldsets, PublishableAdmin, PublishableForm


class FigureForm(PublishableForm):
    """Key figure form that derives the slug from the label."""

    slug_source = "label"


class TermForm(PublishableForm):
    """Term form that derives the slug from the abbreviation."""

    slug_source = "abbreviation"


class StatementForm(PublishableForm):
    """Statement form that derives the slug from the text, because not every statement has a title."""

    slug_source = "text"


@admin.register(Document)
class DocumentAdmin(PublishableAdmin):
    """Admin of plans, laws, policies and reports."""

    list_display = ("title", "kind", "period", "issued_on", "access", "shown", "modified")
    list_filter = ("kind", "access")
    date_hierarchy = "issued_on"
    search_fields = ("title", "slug", "description", "issued_by", "editor_note")
    prepopulated_on_add: ClassVar[dict[str, Sequence[str]]] = {"slug": ("title",)}
    main_fieldsets: ClassVar[Fieldsets] = [
        (_("What it is"), {"fields": ["title", "slug", ("kind", "period"), "description"]}),
        (_("Where it can be read"), {"fields": ["url", "file", "access"]}),
        (_("Who issued it"), {"fields": [("issued_by", "issued_on")]}),
        (_("What is in it"), {"fields": ["sections"]}),
    ]


@admin.register(Term)
class TermAdmin(PublishableAdmin):
    """Admin of the glossary."""

    form = TermForm
    imported = ROWS
    list_display = ("abbreviation", "expansion", "shown", "modified")
    search_fields = ("abbreviation", "expansion", "explanation", "slug")
    prepopulated_on_add: ClassVar[dict[str, Sequence[str]]] = {"slug": ("abbreviation",)}
    main_fieldsets: ClassVar[Fieldsets] = [
        (_("What it means"), {"fields": [("abbreviation", "expansion"), "slug", "explanation"]})
    ]

    def get_jargon(self) -> list[str]:
        """Return the words of the glossary, which a text for the public must explain."""
        return list(Term.objects.published().order_by().values_list("abbreviation", flat=True))


@admin.register(KeyFigure)
class KeyFigureAdmin(PublishableAdmin):
    """Admin of the figures that the sources state."""

    form = FigureForm
    list_display = ("label", "group", "qualifier", "value", "value_max", "unit", "highlight", "shown")
    list_filter = ("group", "value_missing")
    search_fields = ("label", "unit", "note", "slug", "editor_note")
    prepopulated_on_add: ClassVar[dict[str, Sequence[str]]] = {"slug": ("label",)}
    main_fieldsets: ClassVar[Fieldsets] = [
        (
            _("What it says"),
            {
                "fields": [
                    "label",
                    "slug",
                    ("qualifier", "value", "value_max", "unit"),
                    "value_missing",
                    "note",
                ]
            },
        ),
        (_("What it is to become"), {"fields": [("target", "target_by", "target_precision")]}),
        (_("Which day it is about"), {"fields": [("reference_date", "reference_precision")]}),
        (_("Where it is shown"), {"fields": [("group", "position"), "highlight"]}),
    ]


@admin.register(CorporatePlan)
class CorporatePlanAdmin(EditionAdmin):
    """Admin of the editions of the corporate plan."""

    autocomplete_fields = ("document",)
    main_fieldsets: ClassVar[Fieldsets] = [(_("What it says"), {"fields": ["summary", "document"]})]

    def get_links(self, obj: Any) -> list[tuple[str, str]]:
        """Return the links to the objectives and statements of the plan."""
        return [
            (gettext("Its objectives"), f"{reverse('admin:projects_objective_changelist')}?plan={obj.pk}"),
            (
                gettext("Its statements"),
                f"{reverse('admin:organisation_statement_changelist')}?plan__id__exact={obj.pk}",
            ),
        ]


@admin.register(Statement)
class StatementAdmin(PublishableAdmin):
    """Admin of mission, vision, values and slogans, quoted verbatim."""

    form = StatementForm
    list_display = ("__str__", "plan", "kind", "position", "shown", "modified")
    list_filter = ("plan", "kind")
    list_select_related = ("plan",)
    autocomplete_fields = ("plan",)
    search_fields = ("title", "text", "slug")
    main_fieldsets: ClassVar[Fieldsets] = [
        (_("What it says"), {"fields": ["plan", ("kind", "position"), "title", "slug", "text"]})
    ]
