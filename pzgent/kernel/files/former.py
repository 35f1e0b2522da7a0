"""Files from before uploads were checked: for the migrations that convert them."""

from __future__ import annotations

import logging
from collections.abc import Collection
from functools import partial

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models, transaction

from pzgent.kernel.files.checking import check
from pzgent.kernel.files.fields import FOLDER, UNKNOWN, random_name
from pzgent.kernel.files.kinds import FileKind

logger = logging.getLogger(__name__)


def bring_over(
    rows: models.QuerySet, field: str, accepts: Collection[FileKind], longest_side: int | None = None
) -> None:
    """Check the files of these rows and give them random names; files that fail become download-only.

    The old files, whose names could be guessed, are deleted once all of this is committed.
    """
    found = rows.exclude(**{field: ""}).exclude(**{f"{field}__startswith": f"{FOLDER}/"})
    for key, name in list(found.values_list("pk", field)):
        if not default_storage.exists(name):
            logger.warning("%s %s: its file is not on disk", rows.model._meta.verbose_name, key)
            continue
        with default_storage.open(name) as file:
            try:
                kept: ContentFile = check(file, accepts, longest_side)
                extension = str(kept.name).rpartition(".")[2]
            except ValidationError as error:
                logger.warning("%s %s: %s", rows.model._meta.verbose_name, key, " ".join(error.messages))
                file.seek(0)
                kept, extension = ContentFile(file.read()), UNKNOWN
        new = default_storage.save(random_name(extension), kept)
        rows.filter(pk=key).update(**{field: new})
        transaction.on_commit(partial(default_storage.delete, name), rows.db)
