"""What the portal itself keeps: what it loaded and told others, words for the search, its own statement, its users."""

from __future__ import annotations

import datetime
import hashlib
import json
import uuid
from collections.abc import Iterable
from typing import Self

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from pzgent.kernel import fields
from pzgent.kernel.files.records import PublishedFile as PublishedFile  # a model of this app
from pzgent.kernel.once import (
    UsedForm as UsedForm,  # defined in the kernel, which uses it; a table of this app
)
from pzgent.kernel.publishing import Publishable, PublishableQuerySet
from pzgent.kernel.text_lines import lines_of
from pzgent.kernel.totals import PageTotal as PageTotal  # a table of this app
from pzgent.kernel.totals import SearchTotal as SearchTotal  # as above
from pzgent.kernel.watermarks import (
    Watermark as Watermark,
)  # defined in the kernel, which dates by it; a table of this app
from pzgent.kernel.zone import (
    Zone as Zone,  # defined in the kernel, which names the zone; a table of this app
)


class Installation(models.Model):
    """The one row that says which release used this database last, and since when editors keep the content."""

    release = fields.CharField(max_length=20)
    taken_over = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="pzgent_installation_once")]

    def __str__(self) -> str:
        return self.release


class PlanRecord(models.Model):
    """An entry of the starting content as it was last loaded.

    Comparing these values with the row tells what an editor changed since; that is never overwritten. Without an object
    it is a new entry that the editors refused.
    """

    model = fields.CharField(max_length=60)
    key = fields.CharField(max_length=400)
    object_id = fields.CharField(max_length=40)
    values = fields.JSONField(default=dict)

    class Meta:
        ordering = ["model", "key"]
        constraints = [models.UniqueConstraint(fields=["model", "key"], name="pzgent_planrecord_once")]

    def __str__(self) -> str:
        return f"{self.model} {self.key}"

    @property
    def content_model(self) -> type[models.Model] | None:
        """The model of the entry; None when this release has no such model."""
        return _model_named(self.model)


def _model_named(label: str) -> type[models.Model] | None:
    try:
        return apps.get_model(label)
    except LookupError:
        return None


class ContentProposalQuerySet(models.QuerySet):
    """What waits for the editors."""

    def replace(self, proposals: Iterable[ContentProposal]) -> None:
        """Keep exactly these proposals; one that says the same as before stays the same row."""
        new = {(proposal.model, proposal.key): proposal for proposal in proposals}
        stored: Iterable[ContentProposal] = ContentProposal.objects.all()
        known = {(proposal.model, proposal.key): proposal for proposal in stored}
        for identity, proposal in known.items():
            if identity not in new or new[identity].version_token != proposal.version_token:
                proposal.delete()
            elif (position := new.pop(identity).position) != proposal.position:
                self.filter(pk=proposal.pk).update(position=position)
        ContentProposal.objects.bulk_create(new.values())


class ContentProposal(models.Model):
    """A difference between the files of the release and the content: it waits until an editor decides.

    It is about some fields of a row, or about a new entry. With a reason it could not be loaded when it was last tried.
    """

    model = fields.CharField(max_length=60)
    key = fields.CharField(max_length=400)
    path = fields.CharField(max_length=200)
    position = models.PositiveIntegerField()
    is_new = models.BooleanField()
    object_id = fields.CharField(max_length=40, blank=True)
    entry = fields.JSONField(encoder=DjangoJSONEncoder)
    changes = fields.JSONField(encoder=DjangoJSONEncoder)
    reason = fields.TextField(blank=True)
    since = models.DateTimeField(default=timezone.now)

    objects = ContentProposalQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["model", "key"], name="pzgent_contentproposal_once")]

    def __str__(self) -> str:
        return f"{self.model} {self.key}"

    @property
    def content_model(self) -> type[models.Model] | None:
        """The model of the entry; None when this release has no such model."""
        return _model_named(self.model)

    @property
    def version_token(self) -> str:
        """A short text that changes with what is proposed."""
        parts = [self.is_new, self.entry, self.changes, self.reason]
        text = json.dumps(parts, cls=DjangoJSONEncoder, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:20]


class SynonymRing(models.Model):
    """Words that mean the same to the search."""

    slug = fields.SlugField(
        _("name"), max_length=60, unique=True, help_text=_("A short name, for you alone.")
    )
    words = fields.TextField(
        _("words that mean the same"),
        help_text=_(
            "One word or phrase per line, at least two. Whoever types one of them also finds the others."
        ),
    )
    modified = models.DateTimeField(_("modified"), auto_now=True)

    class Meta:
        verbose_name = _("synonyms")
        verbose_name_plural = _("synonyms")
        ordering = ["slug"]

    def __str__(self) -> str:
        return ", ".join(self.word_list)

    @property
    def word_list(self) -> list[str]:
        """The words, one by one."""
        return lines_of(self.words)

    def clean(self) -> None:
        """Raise ValidationError when there are not at least two words."""
        if len({word.casefold() for word in self.word_list}) < 2:
            raise ValidationError({"words": _("Give at least two words, each on a line of its own.")})


class DataChange(models.Model):
    """A mark that the database itself sets when it changes something the public may see (`change_feed/triggers.py`).

    Rows are only added, so that writers never wait for each other, until somebody replaces them by one new mark.
    Which rows a reader sees tells which changes it sees: a number in sequence could not, because transactions commit
    in another order than that in which they take their numbers.
    """

    mark = models.BigIntegerField(primary_key=True)
    # Which table changed, and the keys of the rows; nothing where all may have changed.
    table_name = fields.CharField(max_length=63, null=True, editable=False)  # added to a live table
    row_keys = fields.JSONField(null=True, editable=False)

    def __str__(self) -> str:
        return str(self.mark)


def new_feed_identity() -> str:
    """Return a name that no other feed has."""
    return uuid.uuid4().hex


class FeedState(models.Model):
    """The one row that whoever brings the change feed up to date must lock: the feed, its newest number and its data.

    The identity changes when numbers may mean something else: after a restore of the database, or a reset of the feed.
    """

    fingerprint = fields.CharField(max_length=64, blank=True)
    identity = fields.CharField(max_length=32, default=new_feed_identity)
    number = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.fingerprint


class PublishedItemQuerySet(models.QuerySet):
    """Questions about what the change feed told of last."""

    def after(self, number: int) -> Self:
        """Items that changed after the change with this number, in the order of their changes."""
        return self.filter(number__gt=number).order_by("number")

    def newest_before(self, number: int | None = None) -> Self:
        """Items that changed before the change with this number, or all without one; the newest first."""
        rows = self if number is None else self.filter(number__lt=number)
        return rows.order_by("-number")


class PublishedItem(models.Model):
    """An item of the API as the change feed last told it, in JSON; a removed one stays, so that copies can be told."""

    collection = fields.CharField(max_length=40)
    key = models.UUIDField()
    number = models.BigIntegerField(unique=True)
    body = models.BinaryField()
    is_removed = models.BooleanField(default=False)
    at = models.DateTimeField()
    slug = fields.CharField(max_length=120, null=True, editable=False)  # added to a live table

    objects = PublishedItemQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["collection", "key"], name="pzgent_publisheditem_once")
        ]
        indexes = [models.Index(fields=["collection", "slug"], name="pzgent_publisheditem_slug")]

    def __str__(self) -> str:
        return f"{self.number}: {self.collection} {self.key}"


class HistoryKind(models.TextChoices):
    """What happened to an object in the eyes of the public."""

    APPEARED = "appeared", _("appeared")
    CHANGED = "changed", _("changed")
    DISAPPEARED = "disappeared", _("disappeared")


class PublishedChange(models.Model):
    """One change that the change feed told, under the same number; only ever added.

    It says when, and which fields changed, but neither the values nor who did it: that is in the history of the admin.
    """

    number = models.BigIntegerField(primary_key=True)
    collection = fields.CharField(max_length=40)
    key = models.UUIDField()
    at = models.DateTimeField()
    kind = fields.CharField(max_length=11, choices=HistoryKind)
    changed_fields = fields.JSONField(default=list)

    class Meta:
        ordering = ["number"]
        indexes = [models.Index(fields=["collection", "key", "number"], name="pzgent_publishedchange_of")]

    def __str__(self) -> str:
        return f"{self.number}: {self.collection} {self.key} {self.kind}"


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
    """The facts of the accessibility statement; one row. Its fixed sentences are interface texts.

    The parts are those of the model in Implementing Decision (EU) 2018/1523.
    """

    REVIEW_EVERY = datetime.timedelta(days=365)

    slug = fields.SlugField(_("name"), max_length=20, unique=True, default="site", editable=False)
    conformance = fields.CharField(_("conformance"), max_length=7, choices=Conformance)
    standard = fields.CharField(
        _("standard"), max_length=80, help_text=_("With its version and level, for example “WCAG 2.2, AA”.")
    )
    law = fields.CharField(
        _("law"), max_length=200, blank=True, help_text=_("The law that applies. Empty: not published.")
    )
    method = fields.CharField(_("how it was tested"), max_length=11, choices=TestMethod)
    report_url = fields.URLField(_("address of the test report"), blank=True)
    prepared_on = models.DateField(_("written on"))
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
    enforcement_url = fields.URLField(_("web address for complaints"), blank=True)

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
        """Whether the last review is more than a year ago on a day."""
        return on > self.review_by


class GapKind(models.TextChoices):
    """Why a part of the site is not accessible; the three headings of the EU's model statement."""

    NON_COMPLIANCE = "non_compliance", _("does not meet the standard yet")
    BURDEN = "burden", _("would be a disproportionate burden")
    OUT_OF_SCOPE = "out_of_scope", _("falls outside the law")


class AccessibilityGap(models.Model):
    """Something that is not accessible, and what a visitor can do instead."""

    statement = models.ForeignKey(
        AccessibilityStatement,
        verbose_name=_("accessibility statement"),
        on_delete=models.CASCADE,
        related_name="gaps",
    )
    kind = fields.CharField(_("reason"), max_length=14, choices=GapKind, default=GapKind.NON_COMPLIANCE)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    text_nl = fields.TextField(_("text in Dutch"))
    text_fr = fields.TextField(_("text in French"), blank=True)
    text_en = fields.TextField(_("text in English"), blank=True)
    text_de = fields.TextField(_("text in German"), blank=True)
    instead_nl = fields.TextField(_("what to use instead, in Dutch"), blank=True)
    instead_fr = fields.TextField(_("what to use instead, in French"), blank=True)
    instead_en = fields.TextField(_("what to use instead, in English"), blank=True)
    instead_de = fields.TextField(_("what to use instead, in German"), blank=True)

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
        """What is not accessible, in the language of the page or else in Dutch."""
        return self._in_language("text")

    @property
    def instead(self) -> str:
        """What to use instead, in the language of the page or else in Dutch; empty when there is nothing."""
        return self._in_language("instead")

    @property
    def is_translated(self) -> bool:
        """Whether the text is in the language of the page."""
        return bool(getattr(self, f"text_{_language()}"))

    def _in_language(self, field: str) -> str:
        return getattr(self, f"{field}_{_language()}") or getattr(self, f"{field}_nl")


def _language() -> str:
    """The code of the page's language."""
    return (get_language() or settings.LANGUAGE_CODE)[:2]


class SignIn(models.Model):
    """An attempt to sign in that failed, or the last one of an account from an address that succeeded.

    Names and addresses are kept under a keyed hash only; see `pzgent.admin.sign_in`, which also deletes them.
    """

    account = fields.CharField(max_length=64)
    address = fields.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)
    succeeded = models.BooleanField(default=False)

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["account", "at"], name="pzgent_signin_account"),
            models.Index(fields=["address", "at"], name="pzgent_signin_address"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S}"


class Consumer(Publishable):
    """Somebody who told us that they use the open data, and who wants to be named."""

    name = fields.CharField(
        _("name"),
        max_length=160,
        help_text=_("Of the organisation or the app. Name a person only when that person asked for it."),
    )
    url = fields.URLField(
        _("web address"),
        blank=True,
        help_text=_("Where people see what was made with the data. Empty: not published."),
    )
    purpose = fields.CharField(
        _("what for"),
        max_length=300,
        help_text=_("In one or two plain sentences: what they do with the data."),
    )
    since = models.DateField(
        _("since"),
        null=True,
        blank=True,
        help_text=_("The day since which they use them. Empty: not published."),
    )

    objects = PublishableQuerySet.as_manager()

    class Meta(Publishable.Meta):
        verbose_name = _("user of the open data")
        verbose_name_plural = _("users of the open data")
        ordering = ["name", "slug"]
        constraints = [
            *Publishable.Meta.constraints,
            models.UniqueConstraint(
                Lower("name"),
                name="pzgent_consumer_named_once",
                violation_error_message=_("Somebody with this name is in the list already."),
            ),
            models.CheckConstraint(
                name="pzgent_consumer_says_what_for",
                condition=~Q(name="") & ~Q(purpose=""),
                violation_error_message=_("Give a name, and say what they use the data for."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Their place in the list on the page about open data."""
        return f"{reverse('open-data')}#user-{self.slug}"
