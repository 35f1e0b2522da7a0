"""Static pages with the current emergency numbers, which the proxy serves when no process of the site answers."""

from __future__ import annotations

from pathlib import Path

import orjson
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.utils import translation

from pzgent.kernel.problems import problem, refuse
from pzgent.kernel.shared_files import write_whole
from pzgent.page_cache.crawl import environ_of

PROBLEM = "problem.json"


def write_pages() -> list[Path]:
    """Write the page in each language, and the problem document for the API; return the files. Raise OSError."""
    made = {f"{code}.html": _page(code) for code, _name in settings.LANGUAGES}
    body = problem(503)
    del body["instance"]  # identifies a single response, while this file is served many times
    made[PROBLEM] = orjson.dumps(body)
    settings.EMERGENCY_FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = {settings.EMERGENCY_FOLDER / name: content for name, content in made.items()}
    for path, content in files.items():
        write_whole(path, content)
    return list(files)


def _page(code: str) -> bytes:
    path = "/" if code == settings.LANGUAGE_CODE else f"/{code}/"
    with translation.override(code):
        return refuse(WSGIRequest(environ_of(path)), 503).content
