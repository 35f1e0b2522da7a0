"""One-time tokens: a form that makes something does so once, however often it is sent.

The token is claimed by inserting its row in the transaction that does the work. A second request with the same token
waits for that insert, in whichever process, and then finds what the first one made; when the first one fails, its
row is gone with the rest of its transaction and the second one proceeds.
"""

import datetime
import hashlib
import re
import secrets
from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils import timezone

from pzgent.kernel import fields

FIELD = "form_once"
KEPT_FOR = datetime.timedelta(days=30)
LONGEST = 64
# The same form sent by another button of its own is still the same.
NOT_COUNTED = frozenset({"csrfmiddlewaretoken", "_save", "_continue", "_addanother"})


class UsedForm(models.Model):
    """A form that was used: a digest of what it sent, the object it made, and where it led."""

    token = fields.CharField(max_length=LONGEST, primary_key=True)
    digest = fields.CharField(max_length=64, blank=True)
    model = fields.CharField(max_length=80, blank=True)
    object_id = fields.CharField(max_length=64, blank=True)
    location = fields.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        app_label = "pzgent"

    def __str__(self) -> str:
        return f"{self.token}: {self.model} {self.object_id}"

    def note(self, request: HttpRequest, made: models.Model | None = None, location: str = "") -> None:
        """Record what the form sent, what it made and where it led."""
        self.digest, self.location = digest_of(request), location
        if made is not None:
            self.model, self.object_id = made._meta.label_lower, str(made.pk)
        self.save()

    def is_repeat(self, request: HttpRequest) -> bool:
        """Whether a request sends exactly what the form sent when it was used."""
        return self.digest == digest_of(request)


def new_token() -> str:
    """A token for a fresh form."""
    return secrets.token_urlsafe(24)


def claim(request: HttpRequest) -> tuple[UsedForm | None, bool]:
    """The row of the form that a request sends, locked, and whether the form was used before.

    Must run inside a transaction. Waits for another request that is using the same form. None for a form without a
    token. Removes the rows of forms used too long ago to come back.
    """
    token = request.POST.get(FIELD, "")
    if not re.fullmatch(rf"[A-Za-z0-9_-]{{1,{LONGEST}}}", token):
        return None, False
    rows: Any = UsedForm.objects.select_for_update()
    row, is_new = rows.get_or_create(token=token)
    if is_new:
        UsedForm.objects.filter(at__lt=timezone.now() - KEPT_FOR).delete()
    return row, not is_new


def digest_of(request: HttpRequest) -> str:
    """A digest of everything a request sends, except what differs between two clicks on the same form, and passwords.

    From a digest that is so fast to make, a password could be guessed.
    """
    sent = {
        name: values
        for name, values in request.POST.lists()
        if name not in NOT_COUNTED and not name.startswith("password")
    }
    uploads: Any = request.FILES
    files = [(name, file.name, file.size) for name, file in uploads.items()]
    return hashlib.sha256(repr((sorted(sent.items()), sorted(files))).encode()).hexdigest()
