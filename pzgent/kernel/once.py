"""One-time tokens: a form that creates something does so once, however often it is submitted.

The token is claimed by inserting its row in the transaction that does the work. A second request with the same token
waits for that insert, in whichever process, and then finds what the first one created; if the first one fails, its row
is rolled back with the rest of its transaction, and the second one proceeds.
"""

import datetime
import hashlib
import re
import secrets
from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pzgent.kernel import fields

FIELD = "form_once"
KEPT_FOR = datetime.timedelta(days=30)
LONGEST = 64
# The same form submitted with another of its own buttons is still the same.
NOT_COUNTED = frozenset({"csrfmiddlewaretoken", "_save", "_continue", "_addanother"})


class UsedForm(models.Model):
    """A used form: a digest of the submitted data, the object it created, and where it redirected."""

    token = fields.CharField(max_length=LONGEST, primary_key=True)
    digest = fields.CharField(max_length=64, blank=True)
    model = fields.CharField(max_length=80, blank=True)
    object_id = fields.CharField(max_length=64, blank=True)
    location = fields.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        app_label = "pzgent"
        verbose_name = _("used form")
        verbose_name_plural = _("used forms")

    def __str__(self) -> str:
        return f"{self.token}: {self.model} {self.object_id}"

    def note(self, request: HttpRequest, made: models.Model | None = None, location: str = "") -> None:
        """Record what the form submitted, what it created and where it redirected."""
        self.digest, self.location = digest_of(request), location
        if made is not None:
            self.model, self.object_id = made._meta.label_lower, str(made.pk)
        self.save()

    def is_repeat(self, request: HttpRequest) -> bool:
        """Whether a request submits exactly the data that the form did when it was used."""
        return self.digest == digest_of(request)


def new_token() -> str:
    """Return a token for a new form."""
    return secrets.token_urlsafe(24)


def claim(request: HttpRequest) -> tuple[UsedForm | None, bool]:
    """Return the locked row of the form that a request submits, and whether the form was used before.

    Must run inside a transaction. Waits for another request that is using the same form. The row is None for a form
    without a token.
    """
    token = request.POST.get(FIELD, "")
    if not re.fullmatch(rf"[A-Za-z0-9_-]{{1,{LONGEST}}}", token):
        return None, False
    rows: Any = UsedForm.objects.select_for_update()
    row, is_new = rows.get_or_create(token=token)
    return row, not is_new


def digest_of(request: HttpRequest) -> str:
    """Return a digest of a request's data, except what differs between two clicks on the same form, and passwords.

    A password could be guessed from a digest that is this fast to compute.
    """
    sent = {
        name: values
        for name, values in request.POST.lists()
        if name not in NOT_COUNTED and not name.startswith("password")
    }
    uploads: Any = request.FILES
    files = [(name, file.name, file.size) for name, file in uploads.items()]
    return hashlib.sha256(repr((sorted(sent.items()), sorted(files))).encode()).hexdigest()
