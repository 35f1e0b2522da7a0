"""The field for uploaded files: checks new files, gives them random names, and removes files no longer in use.

A new file is removed again when its transaction is rolled back, an old one once the transaction that replaced it is
committed. Rows deleted in bulk or by a cascade are only reached through signals. Files left behind by
`QuerySet.update()` or a crash are removed by `manage.py remove_unused_files`.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable, Collection, Iterator
from functools import partial
from os import PathLike
from typing import Any

from django import forms
from django.apps import apps
from django.core.checks import CheckMessage, Error
from django.core.files.base import File
from django.core.files.storage import Storage
from django.db import connections, models, router, transaction
from django.db.models.fields.files import FieldFile
from django.db.models.signals import post_save, pre_delete, pre_save
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString

from pzgent.kernel.files.checking import CheckedFile, check
from pzgent.kernel.files.kinds import DOCUMENTS, IMAGES, UNKNOWN_TYPE, FileKind
from pzgent.kernel.files.records import PublishedFile

FOLDER = "files"
# The extension of files stored before uploads were checked, and that would not be accepted now.
UNKNOWN = "bin"
STORED = re.compile(rf"{FOLDER}/[0-9a-f]{{32}}\.([a-z]+)")


def random_name(extension: str) -> str:
    """Return an unguessable name on disk."""
    return f"{FOLDER}/{secrets.token_hex(16)}.{extension}"


class StoredFile(FieldFile):
    """A file on disk, shown by the address of its owner, never by its name on disk."""

    field: CheckedFileField
    # Address at which staff read the file; set by the admin on the rows that it shows.
    admin_url = ""

    @property
    def url(self) -> str:
        """The address that checks permission: the public one, or in the admin the one for staff."""
        self._require_file()  # type: ignore[attr-defined]  # missing from the stubs
        owner = self.instance
        return self.admin_url or reverse("file", args=[owner._meta.model_name, owner.pk, self.field.name])

    @property
    def kind(self) -> FileKind | None:
        """The kind detected at upload; None for a file that was never checked."""
        found = STORED.fullmatch(self.name or "")
        return next((kind for kind in FileKind if found and kind.value == found[1]), None)

    @property
    def is_image(self) -> bool:
        """Whether a page can show it as an image."""
        return self.kind in IMAGES

    @property
    def is_inline(self) -> bool:
        """Whether a browser may show it; anything else is downloaded."""
        return self.kind is not None and self.kind.is_inline

    @property
    def content_type(self) -> str:
        """The content type under which it is served."""
        return self.kind.content_type if self.kind else UNKNOWN_TYPE

    @property
    def tag(self) -> str:
        """The ETag: a file never changes, a new one gets a new name. The name cannot be derived from it."""
        return hashlib.sha256(str(self.name).encode()).hexdigest()[:32]

    @property
    def download_name(self) -> str:
        """The file name for downloads, from the slug of its owner."""
        owner: Any = self.instance
        return f"{getattr(owner, 'slug', owner.pk)}.{self.kind.value if self.kind else UNKNOWN}"

    @property
    def description(self) -> str:
        """The file as shown to editors: its download name and its size."""
        try:
            return f"{self.download_name} ({filesizeformat(self.size)})"
        except OSError:
            return self.download_name

    def __html__(self) -> SafeString:
        """Return the description, for read-only fields in the admin."""
        return escape(self.description)

    def save(self, name: str | None, content: File, save: bool = True) -> None:
        """Check the content and store it under a random name. Raises ValidationError."""
        checked = self.field.check_content(content)
        super().save(random_name(checked.kind.value), checked, save=False)
        _Written.until_commit(self, router.db_for_write(type(self.instance), instance=self.instance))
        if save:
            self.instance.save()

    save.alters_data = True  # type: ignore[attr-defined]  # read by templates

    def delete(self, save: bool = True) -> None:
        """Detach the file; it is removed from disk once that is committed."""
        if not self:
            return
        self.close()
        setattr(self.instance, self.field.attname, "")
        if save:
            self.instance.save()

    delete.alters_data = True  # type: ignore[attr-defined]  # as above


class _Written:
    """A newly written file that is removed when its transaction is rolled back.

    Django keeps on-commit callbacks in a list, and drops those of a transaction or savepoint that is rolled back: that
    is how this object notices. After the commit the list may be dropped too, if another callback fails; by then the
    connection is in autocommit mode again, and the file stays.
    """

    def __init__(self, storage: Storage, name: str, using: str) -> None:
        self.storage, self.name, self.using, self.is_kept = storage, name, using, False

    @classmethod
    def until_commit(cls, file: StoredFile, using: str) -> None:
        """Watch a file until the end of the transaction."""
        transaction.on_commit(cls(file.storage, str(file.name), using).keep, using)

    def keep(self) -> None:
        """Keep the file, because the transaction is committed."""
        self.is_kept = True

    def __del__(self) -> None:
        if not self.is_kept and not connections[self.using].autocommit:
            self.storage.delete(self.name)


class CheckedFileField(models.FileField):
    """A file accepted by its content; see `pzgent.kernel.files`.

    `accepts` lists the kinds; images are scaled down to `longest_side` pixels. The manager of the model defines with
    `with_public_files()` whose files the public may read.
    """

    attr_class = StoredFile

    def __init__(
        self,
        verbose_name: Any = None,
        *,
        accepts: Collection[FileKind] = DOCUMENTS,
        longest_side: int | None = None,
        **options: Any,
    ) -> None:
        self.accepts, self.longest_side = accepts, longest_side
        super().__init__(verbose_name, **{**options, "upload_to": FOLDER})

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """Deconstruct the column alone: the accepted kinds are not part of it."""
        name, _path, args, kwargs = super().deconstruct()
        del kwargs["upload_to"]
        return name, "pzgent.kernel.files.CheckedFileField", args, kwargs

    def generate_filename(self, instance: models.Model | None, filename: str | PathLike[str]) -> str:
        """Return the name as given: it is generated here, never by the uploader."""
        return str(filename)

    def check_content(self, content: File) -> CheckedFile:
        """Return the content in the form that is stored. Raises ValidationError."""
        return check(content, self.accepts, self.longest_side)

    def contribute_to_class(
        self, cls: type[models.Model], name: str, private_only: bool = False, **known: Any
    ) -> None:
        """Watch the rows of the model: files that they no longer use are removed from disk."""
        super().contribute_to_class(cls, name)
        if not cls._meta.abstract and cls.__module__ != "__fake__":
            pre_save.connect(self._before_write, sender=cls)
            post_save.connect(self._after_write, sender=cls)
            pre_delete.connect(self._before_delete, sender=cls)

    def formfield(self, **kwargs: Any) -> Any:
        """Return a form field that rejects files with the same messages."""
        known = {"form_class": CheckedFormField, "accepts": self.accepts, "check_content": self.check_content}
        return super().formfield(**{**known, **kwargs, "max_length": None})

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        """Report an error if the manager lacks the methods that the view needs."""
        found = super().check(**kwargs)
        if not all(
            hasattr(self.model._default_manager, name) for name in ("with_public_files", "with_known_files")
        ):
            found.append(
                Error("The manager does not say whose files are public.", obj=self, id="pzgent.E001")
            )
        return found

    def _before_write(self, instance: Any, using: str, update_fields: Any = None, **_known: Any) -> None:
        """Check a new file before anything is written, and schedule the removal of the one it replaces."""
        if update_fields is not None and not {self.name, self.attname} & set(update_fields):
            return
        file = getattr(instance, self.attname)
        if file and not file._committed:
            file.file = self.check_content(file.file)
        name = "" if instance._state.adding else self._note_stored(instance, using)
        if name and (not file._committed or file.name != name):
            transaction.on_commit(partial(self._remove, name, using), using, robust=True)

    def _after_write(self, instance: Any, using: str, **_known: Any) -> None:
        if getattr(instance, self.attname):
            self._note_stored(instance, using)

    def _before_delete(self, instance: Any, using: str, **_known: Any) -> None:
        if name := self._note_stored(instance, using):
            transaction.on_commit(partial(self._remove, name, using), using, robust=True)

    def _note_stored(self, instance: Any, using: str) -> str:
        """Return the file name in the stored row, after recording whether the public can read that file."""
        model = type(instance)
        rows = model._base_manager.using(using).filter(pk=instance.pk)
        name: str = rows.values_list(self.attname, flat=True).first() or ""
        if name and self.is_public(instance.pk, using):
            PublishedFile.objects.note(self, instance.pk, using)
        return name

    def is_public(self, key: Any, using: str | None = None) -> bool:
        """Whether the public may read the file of this row now."""
        manager: Any = self.model._default_manager
        return bool(manager.using(using).with_public_files().filter(pk=key).exists())

    def _remove(self, name: str, using: str) -> None:
        """Remove a file from disk, unless another row (such as a copy) still refers to it."""
        if not is_used(name, using):
            self.storage.delete(name)


class CheckedFormField(forms.FileField):
    """Rejects a file with a sentence that says what to do, and returns content that is safe to store."""

    def __init__(self, *, accepts: Collection[FileKind], check_content: Any, **options: Any) -> None:
        self.accepts, self.check_content = accepts, check_content
        super().__init__(**options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Limit the kinds of file in the browser's file dialog."""
        return {
            **super().widget_attrs(widget),
            "accept": ",".join(sorted(f".{kind.value}" for kind in self.accepts)),
        }

    def to_python(self, data: Any) -> Any:
        """Return the checked file."""
        file = super().to_python(data)
        return self.check_content(file) if file else file


def checked_fields() -> Iterator[CheckedFileField]:
    """Yield every file field of every model."""
    for model in apps.get_models():
        yield from (field for field in model._meta.local_fields if isinstance(field, CheckedFileField))


def find_field(model_name: str, field_name: str) -> CheckedFileField | None:
    """Return the field that an address names; None if there is none."""
    names = (model_name, field_name)
    return next(
        (field for field in checked_fields() if (field.model._meta.model_name, field.name) == names), None
    )


_keepers: list[Callable[[str, str | None], bool]] = []


def keep_files_of(is_kept: Callable[[str, str | None], bool]) -> None:
    """Register a question about the name of a file, whose answer “yes” keeps the file on disk."""
    _keepers.append(is_kept)


def is_used(name: str, using: str | None = None) -> bool:
    """Return whether any row refers to this file, or a version of a row does."""
    return any(
        field.model._base_manager.using(using).filter(**{field.attname: name}).exists()
        for field in checked_fields()
    ) or any(is_kept(name, using) for is_kept in _keepers)
