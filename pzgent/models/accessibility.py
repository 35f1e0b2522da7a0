"""The accessibility statement of the site, and a system check of its yearly review."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.db import connections, models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from pzgent.kernel import fields


class Conformance(models.TextChoices):
    """How far the site meets the standard; the words of the EU's model statement."""

    FULL = "full", _("fully compliant")
    PARTIAL = "partial", _("partially compliant")
    NONE = "none", _("not compliant")


class TestMethod(models.TextChoices):
    """Who tested the site."""

    SELF = "self", _("self-assessment by the police zone")
    THIRD_PARTY = "third_party", _("assessment by a third party")


class AccessibilityStatement(models.Model):
    """The variable data of the accessibility statement, a single row. Its fixed sentences are interface strings.

    The sections are those of the model statement in Implementing Decision (EU) 2018/1523.
    """

    REVIEW_EVERY = datetime.timedelta(days=365)

    slug = fields.SlugField(_("name"), max_length=20, unique=True, default="site", editable=False)
    conformance = fields.CharField(
        _("conformance"),
        max_length=7,
        choices=Conformance,
        help_text=_("The result of the last test. The statement opens with it."),
    )
    standard = fields.CharField(
        _("standard"), max_length=80, help_text=_("With its version and level, for example “WCAG 2.2, AA”.")
    )
    law = fields.CharField(
        _("law"), max_length=200, blank=True, help_text=_("The law that applies. Empty: not published.")
    )
    method = fields.CharField(
        _("how it was tested"), max_length=11, choices=TestMethod, help_text=_("Who did that test.")
    )
    report_url = fields.URLField(
        _("address of the test report"),
        blank=True,
        help_text=_("Where the public can read the report. Empty: not published."),
    )
    prepared_on = models.DateField(
        _("written on"), help_text=_("The day on which the statement was first written.")
    )
    reviewed_on = models.DateField(
        _("last reviewed on"),
        help_text=_("The day somebody last held this statement against the site. At least once a year."),
    )
    contact_email = fields.EmailField(
        _("e-mail for feedback"), blank=True, help_text=_("Empty: the page refers to the page about contact.")
    )
    answer_days = models.PositiveSmallIntegerField(
        _("answer within (days)"), null=True, blank=True, help_text=_("Empty: not published.")
    )
    enforcement_body = fields.CharField(
        _("who handles a complaint"), max_length=200, blank=True, help_text=_("Empty: not published.")
    )
    enforcement_url = fields.URLField(
        _("web address for complaints"),
        blank=True,
        help_text=_("The page where somebody files a complaint. Empty: not published."),
    )

    class Meta:
        verbose_name = _("accessibility statement")
        verbose_name_plural = _("accessibility statement")
        constraints = [
            models.CheckConstraint(
                name="pzgent_accessibilitystatement_only_one",
                condition=Q(slug="site"),
                violation_error_message=_("There is one statement only."),
            ),
            models.CheckConstraint(
                name="pzgent_accessibilitystatement_reviewed_after_written",
                condition=Q(reviewed_on__gte=models.F("prepared_on")),
                violation_error_message=_("The review cannot be earlier than the statement."),
            ),
        ]

    def __str__(self) -> str:
        return gettext("accessibility statement")

    @property
    def review_by(self) -> datetime.date:
        """The last day for the next review."""
        return self.reviewed_on + self.REVIEW_EVERY

    def is_overdue(self, on: datetime.date) -> bool:
        """Return whether the last review is more than 365 days ago on a day."""
        return on > self.review_by


class GapKind(models.TextChoices):
    """Why a part of the site is not accessible; the three headings of the EU's model statement."""

    NON_COMPLIANCE = "non_compliance", _("does not meet the standard yet")
    BURDEN = "burden", _("would be a disproportionate burden")
    OUT_OF_SCOPE = "out_of_scope", _("falls outside the law")


class AccessibilityGap(models.Model):
    """Something that is not accessible, and its alternative."""

    statement = models.ForeignKey(
        AccessibilityStatement,
        verbose_name=_("accessibility statement"),
        on_delete=models.CASCADE,
        related_name="gaps",
        help_text=_("The statement that names this part."),
    )
    kind = fields.CharField(
        _("reason"),
        max_length=14,
        choices=GapKind,
        default=GapKind.NON_COMPLIANCE,
        help_text=_("The heading under which it stands in the statement."),
    )
    position = models.PositiveSmallIntegerField(
        _("order"),
        default=0,
        help_text=_("The lowest number comes first under its heading; each number once."),
    )
    text_nl = fields.TextField(_("text in Dutch"), help_text=_("What does not work, and for whom."))
    text_fr = fields.TextField(
        _("text in French"), blank=True, help_text=_("Empty: who reads French sees the Dutch text.")
    )
    text_en = fields.TextField(
        _("text in English"), blank=True, help_text=_("Empty: who reads English sees the Dutch text.")
    )
    text_de = fields.TextField(
        _("text in German"), blank=True, help_text=_("Empty: who reads German sees the Dutch text.")
    )
    instead_nl = fields.TextField(
        _("what to use instead, in Dutch"),
        blank=True,
        help_text=_("Another way to the same, for example a number to call."),
    )
    instead_fr = fields.TextField(
        _("what to use instead, in French"),
        blank=True,
        help_text=_("Empty: who reads French sees the Dutch text."),
    )
    instead_en = fields.TextField(
        _("what to use instead, in English"),
        blank=True,
        help_text=_("Empty: who reads English sees the Dutch text."),
    )
    instead_de = fields.TextField(
        _("what to use instead, in German"),
        blank=True,
        help_text=_("Empty: who reads German sees the Dutch text."),
    )

    class Meta:
        verbose_name = _("part that is not accessible")
        verbose_name_plural = _("parts that are not accessible")
        ordering = ["kind", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["statement", "kind", "position"],
                name="pzgent_accessibilitygap_order",
                violation_error_message=_("Another part of this sort has that place in the order."),
            ),
            models.CheckConstraint(
                name="pzgent_accessibilitygap_kind_known",
                condition=Q(kind__in=GapKind.values),
                violation_error_message=_("Choose one of the listed reasons."),
            ),
        ]

    def __str__(self) -> str:
        return self.text_nl

    @property
    def text(self) -> str:
        """What is not accessible, in the active language or else in Dutch."""
        return self._in_language("text")

    @property
    def instead(self) -> str:
        """What to use instead, in the active language or else in Dutch; empty if there is no alternative."""
        return self._in_language("instead")

    @property
    def is_translated(self) -> bool:
        """Whether the text is available in the active language."""
        return bool(getattr(self, f"text_{_language()}"))

    def _in_language(self, field: str) -> str:
        return getattr(self, f"{field}_{_language()}") or getattr(self, f"{field}_nl")


def _language() -> str:
    """Return the code of the active language."""
    return (get_language() or settings.LANGUAGE_CODE)[:2]


@checks.register(checks.Tags.database)
def check_review(
    app_configs: Sequence[AppConfig] | None = None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Warn if the last review of the statement is over a year ago (`manage.py check --database default`)."""
    table = AccessibilityStatement._meta.db_table
    for name in databases or ():
        if table not in connections[name].introspection.table_names():
            continue
        for statement in AccessibilityStatement.objects.using(name):
            if statement.is_overdue(timezone.localdate()):
                return [
                    checks.Warning(
                        f"The accessibility statement was last reviewed on {statement.reviewed_on}.",
                        hint="Hold it against the site, and change the day in the admin.",
                        id="pzgent.W001",
                    )
                ]
    return []
