"""Policies with their domains and actions."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from organisation.models.documents import Document
from organisation.querysets.policies import PolicyQuerySet
from pzgent.kernel import fields
from pzgent.kernel.editions import Edition
from pzgent.kernel.paths import path_of
from pzgent.kernel.rich_text import RichTextField


class Policy(Edition):
    """One edition of a policy, such as the welfare policy or the eco policy."""

    series_fields = ("series",)

    series = fields.SlugField(
        _("series"),
        max_length=60,
        help_text=_("The same word for each edition of one policy, for example “welzijn”."),
    )
    period = fields.CharField(
        _("period"), max_length=60, blank=True, help_text=_("As printed, for example “2020-2025”.")
    )
    summary = fields.TextField(_("summary"), blank=True, help_text=_("One or two plain sentences."))
    description = RichTextField(_("description"), blank=True)
    stated_actions = models.PositiveSmallIntegerField(
        _("number of actions stated"),
        null=True,
        blank=True,
        help_text=_("How many actions the source says there are, also when it does not print them."),
    )
    document = models.ForeignKey(
        Document,
        verbose_name=_("document"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="policies",
        help_text=_("The file of the policy itself, which visitors can open."),
    )

    objects = PolicyQuerySet.as_manager()

    class Meta(Edition.Meta):
        verbose_name = _("policy")
        verbose_name_plural = _("policies")
        ordering = ["title", "-valid_from"]
        constraints = [
            *Edition.Meta.constraints,
            models.UniqueConstraint(
                fields=["series", "valid_from"],
                condition=Q(status="published"),
                name="organisation_policy_one_edition_per_day",
                violation_error_message=_("Another published edition of this policy starts on the same day."),
            ),
        ]

    def get_absolute_url(self) -> str:
        """Return the path of the policy's own page."""
        return path_of("policy-detail", self.slug)


class PolicyDomain(models.Model):
    """Section of a policy that groups its actions."""

    policy = models.ForeignKey(
        Policy,
        verbose_name=_("policy"),
        on_delete=models.CASCADE,
        related_name="domains",
        help_text=_("The policy of which this is a part."),
    )
    slug = fields.SlugField(
        _("web address name"),
        max_length=80,
        help_text=_("The last part of its address, for example “sporten”. Keep it as it is."),
    )
    code = fields.CharField(
        _("code"), max_length=8, blank=True, help_text=_("The letter or number in the source.")
    )
    title = fields.CharField(_("title"), max_length=200, help_text=_("As the source calls this part."))
    summary = fields.TextField(
        _("summary"), blank=True, help_text=_("One or two plain sentences, for the public.")
    )
    position = models.PositiveSmallIntegerField(
        _("order"), default=0, help_text=_("The lowest number comes first.")
    )

    class Meta:
        verbose_name = _("policy domain")
        verbose_name_plural = _("policy domains")
        ordering = ["policy", "position", "slug"]
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "slug"],
                name="organisation_policydomain_slug_once",
                violation_error_message=_("This policy already has a domain with that address name."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.code}) {self.title}" if self.code else self.title


class PolicyAction(models.Model):
    """One commitment of the organisation within a domain."""

    domain = models.ForeignKey(
        PolicyDomain, verbose_name=_("domain"), on_delete=models.CASCADE, related_name="actions"
    )
    position = models.PositiveSmallIntegerField(
        _("order"), default=0, help_text=_("The lowest number comes first; each number once.")
    )
    title = fields.TextField(_("action"), help_text=_("What is promised, word for word as in the source."))

    class Meta:
        verbose_name = _("policy action")
        verbose_name_plural = _("policy actions")
        ordering = ["domain", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["domain", "position"],
                name="organisation_policyaction_position_once",
                violation_error_message=_("Two actions of one domain cannot have the same order number."),
            )
        ]

    def __str__(self) -> str:
        return self.title
