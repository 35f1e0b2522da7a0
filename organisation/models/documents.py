"""Source documents, and the glossary."""

import re

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from organisation.querysets.documents import DocumentQuerySet
from pzgent.kernel import fields
from pzgent.kernel.files import CheckedFileField
from pzgent.kernel.paths import path_of
from pzgent.kernel.publishing import Publishable, PublishableQuerySet, Sourced
from pzgent.kernel.text_lines import lines_of

NUMBERED_TITLE = re.compile(r"(?P<number>\d+(?:\.\d+)*(?: [a-z](?= ))?)\.? +(?P<title>\S.*)")


class DocumentKind(models.TextChoices):
    """What sort of document it is."""

    PLAN = "plan", _("plan")
    POLICY = "policy", _("policy")
    LAW = "law", _("law or decree")
    CIRCULAR = "circular", _("circular")
    AGREEMENT = "agreement", _("agreement")
    REPORT = "report", _("report")
    FORM = "form", _("form")
    WEBSITE = "website", _("web page")
    OTHER = "other", _("other")


class DocumentAccess(models.TextChoices):
    """Who can open the document."""

    PUBLIC = "public", _("public")
    INTERNAL = "internal", _("staff only")


class Document(Publishable, Sourced):
    """Plan, law, policy or report that the organisation works with or cites."""

    title = fields.CharField(_("title"), max_length=250, help_text=_("As printed on the document."))
    kind = fields.CharField(
        _("kind"),
        max_length=12,
        choices=DocumentKind,
        default=DocumentKind.OTHER,
        help_text=_("It decides under which heading the document stands."),
    )
    period = fields.CharField(
        _("period"), max_length=60, blank=True, help_text=_("As printed, for example “2020-2025”.")
    )
    description = fields.TextField(
        _("description"), blank=True, help_text=_("What it is for, in plain words.")
    )
    url = fields.URLField(
        _("web address"), max_length=500, blank=True, help_text=_("Where it can be read, if known.")
    )
    file = CheckedFileField(
        _("file"),
        blank=True,
        help_text=_(
            "PDF, office file (docx, xlsx, pptx, odt, ods, odp) or picture. Readable while this is published."
        ),
    )
    access = fields.CharField(
        _("access"),
        max_length=8,
        choices=DocumentAccess,
        default=DocumentAccess.PUBLIC,
        help_text=_("The address of a document for staff only is not shown as a link."),
    )
    issued_by = fields.CharField(
        _("issued by"),
        max_length=200,
        blank=True,
        help_text=_("Who made or decided it, for example “Politieraad”."),
    )
    issued_on = models.DateField(
        _("issued on"), null=True, blank=True, help_text=_("The date on the document. Empty: not known.")
    )

    sections = fields.TextField(
        _("titles of its parts"),
        blank=True,
        help_text=_(
            "One per line, with its number in front, for example “13.5.2 Stafdienst”. The page of the document shows "
            "them above the facts that come from there."
        ),
    )

    objects = DocumentQuerySet.as_manager()

    class Meta(Publishable.Meta):
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["title"]
        constraints = [*Publishable.Meta.constraints, *Sourced.Meta.constraints]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """Raise ValidationError for a line of the sections without a number or a title, or a number that comes back."""
        super().clean()
        titles = titles_of(self.sections)
        lines = self.section_lines
        wrong = next((line for line in lines if not NUMBERED_TITLE.fullmatch(line)), "")
        if wrong:
            text = _("“%(line)s” does not start with a number, such as “13.5.2 Stafdienst”.")
            raise ValidationError({"sections": ValidationError(text, params={"line": wrong[:60]})})
        if len(titles) < len(lines):
            raise ValidationError({"sections": _("A number stands there twice. Keep one of the two lines.")})

    @property
    def section_lines(self) -> list[str]:
        """Return the sections, each with its number and its title."""
        return lines_of(self.sections)

    @cached_property
    def section_titles(self) -> dict[str, str]:
        """Return the title of each section by its number, in order."""
        return titles_of(self.sections)

    @property
    def has_page(self) -> bool:
        """True if it has its own page once it is published: it is not for staff only."""
        return self.access == DocumentAccess.PUBLIC

    def get_absolute_url(self) -> str:
        """Return the path of the document's own page, or of its entry in the list if it is for staff only."""
        return (
            path_of("document-detail", self.slug) if self.has_page else f"{path_of('documents')}#{self.slug}"
        )


def titles_of(text: str) -> dict[str, str]:
    """Return the titles by number of lines such as “13.5.2 Stafdienst”; other lines are left out."""
    found = (NUMBERED_TITLE.fullmatch(line) for line in lines_of(text))
    return {line["number"]: line["title"] for line in found if line}


class Term(Publishable, Sourced):
    """Abbreviation or word that the site explains."""

    review_months = 24

    abbreviation = fields.CharField(
        _("abbreviation or word"), max_length=80, help_text=_("As it stands in texts, for example “GBO”.")
    )
    expansion = fields.CharField(
        _("in full"),
        max_length=200,
        blank=True,
        help_text=_("The full words. Visitors see them where the abbreviation stands."),
    )
    explanation = fields.TextField(
        _("explanation"), blank=True, help_text=_("In one or two plain sentences.")
    )

    objects = PublishableQuerySet.as_manager()

    class Meta(Publishable.Meta):
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        permissions = [("import_term", "Can import terms")]
        ordering = ["abbreviation", "slug"]
        constraints = [
            *Publishable.Meta.constraints,
            *Sourced.Meta.constraints,
            models.CheckConstraint(
                name="organisation_term_says_something",
                condition=~Q(abbreviation=""),
                violation_error_message=_("Give the abbreviation or the word."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.abbreviation} ({self.expansion})" if self.expansion else self.abbreviation

    def get_absolute_url(self) -> str:
        """Return the path of the term's entry in the glossary."""
        return f"{path_of('terms')}#{self.slug}"
