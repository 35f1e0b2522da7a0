"""The WSGI callable that the production server runs."""

import gc
import os
import sys

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.template.loader import get_template
from django.urls import reverse
from django.utils import translation

from pzgent.kernel.door import Door
from pzgent.kernel.private_files import UMASK, database_files, keep_private

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pzgent.settings")
os.umask(UMASK)
keep_private(settings.VAR_DIR, *database_files(settings.DATABASES["default"]))
# A cached page takes a tenth of a millisecond: it must not wait fifty times as long for a thread that is computing.
sys.setswitchinterval(0.0005)
framework = get_wsgi_application()

from pzgent.change_feed.sources import recorded  # noqa: E402  # needs the framework
from pzgent.change_feed.state import SettledState  # noqa: E402  # as above
from pzgent.kernel.validity import Reading  # noqa: E402  # as above
from pzgent.operations.emergency import write_pages  # noqa: E402  # as above
from pzgent.operations.probes import Probes  # noqa: E402  # as above
from pzgent.operations.release import code_digest  # noqa: E402  # as above
from pzgent.page_cache import PageCache  # noqa: E402  # as above
from pzgent.page_cache.copies import Copies  # noqa: E402  # as above
from pzgent.page_cache.crawl import Crawler  # noqa: E402  # as above
from pzgent.page_cache.notices import Notices, planned_notices  # noqa: E402  # as above
from pzgent.page_cache.public_addresses import public_addresses  # noqa: E402  # as above
from pzgent.page_cache.watch import Watch  # noqa: E402  # as above
from pzgent.worker import Worker  # noqa: E402  # as above

notices = Notices(settings.NOTICES_FOLDER, planned_notices)
settled = SettledState()


def state_with_notices() -> Reading:
    """Return the state of the data, after loading the notices that belong to it."""
    reading = settled.read()
    notices.learn(reading.state)
    return reading


cache = PageCache(
    framework, Watch(state_with_notices), Copies(settings.PAGES_FOLDER, code_digest()), notices, recorded
)


def start_work() -> None:
    """Start the background work of this process."""
    cache.totals.start()
    Worker().start()
    if settings.COPIES_AHEAD:
        Crawler(cache, public_addresses, write_pages).start()


cache.on_begin = start_work
application = Door(Probes(cache))
# Loaded before the first request, and in memory that the workers share: templates, translations and addresses.
for path in sorted((settings.BASE_DIR / "templates").rglob("*.html")):
    get_template(str(path.relative_to(settings.BASE_DIR / "templates")))
for language, _name in settings.LANGUAGES:
    with translation.override(language):
        reverse("home")
# Imported objects stay: the garbage collector need not scan them again, which takes a tenth of a second each time.
gc.collect()
gc.freeze()
