"""What the portal itself keeps: which entries of the starting content it has loaded, and words for the search."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _


class PlanRecord(models.Model):
    """An entry of the starting content as it was last loaded.

    Comparing these values with the row tells what an editor changed since; that is never overwritten.
    """

    model = models.CharField(max_length=60)
    key = models.CharField(max_length=400)
    object_id = models.CharField(max_length=40)
    values = models.JSONField(default=dict)

    class Meta:
        ordering = ["model", "key"]
        constraints = [models.UniqueConstraint(fields=["model", "key"], name="pzgent_planrecord_once")]

    def __str__(self) -> str:
        return f"{self.model} {self.key}"


class SynonymRing(models.Model):
    """Words that mean the same to the search."""

    slug = models.SlugField(
        _("name"), max_length=60, unique=True, help_text=_("A short name, for you alone.")
    )
    words = models.TextField(
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
        return [line.strip() for line in self.words.splitlines() if line.strip()]

    def clean(self) -> None:
        """Raise ValidationError when there are not at least two words."""
        if len({word.casefold() for word in self.word_list}) < 2:
            raise ValidationError({"words": _("Give at least two words, each on a line of its own.")})


class DataChange(models.Model):
    """A mark that the database itself sets when it changes something the public may see; see `pzgent.triggers`.

    Rows are only added, so that writers never wait for each other, until somebody replaces them by one new mark.
    Which rows a reader sees tells which changes it sees: a number in sequence could not, because transactions commit
    in another order than that in which they take their numbers.
    """

    mark = models.BigIntegerField(primary_key=True)

    def __str__(self) -> str:
        return str(self.mark)


class FeedState(models.Model):
    """The one row that whoever brings the change feed up to date must lock; says for which data that was last done."""

    fingerprint = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return self.fingerprint


class PublishedItem(models.Model):
    """An item of the API as the change feed last told it; a removed one stays, so that copies can be told."""

    collection = models.CharField(max_length=40)
    key = models.UUIDField()
    number = models.BigIntegerField(unique=True)
    body = models.BinaryField()
    is_removed = models.BooleanField(default=False)
    at = models.DateTimeField()
    slug = models.CharField(max_length=120, null=True, editable=False)  # noqa: DJ001  # added to a live table

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["collection", "key"], name="pzgent_publisheditem_once")
        ]
        indexes = [models.Index(fields=["collection", "slug"], name="pzgent_publisheditem_slug")]

    def __str__(self) -> str:
        return f"{self.number}: {self.collection} {self.key}"
