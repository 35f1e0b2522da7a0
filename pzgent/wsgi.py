"""The plain WSGI callable that the production server runs."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from pzgent.door import Door
from pzgent.private_files import UMASK, database_files, keep_private

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pzgent.settings")
os.umask(UMASK)
keep_private(settings.VAR_DIR, *database_files(settings.DATABASES["default"]))

application = Door(get_wsgi_application())
