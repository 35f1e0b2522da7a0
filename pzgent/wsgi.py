"""The plain WSGI callable that the production server runs."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pzgent.settings")

from pzgent.door import Door  # settings first

application = Door(get_wsgi_application())
