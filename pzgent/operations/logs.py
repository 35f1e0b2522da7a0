"""Logging as lines of JSON: when, where and why something failed, without personal data about the request."""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError

from pzgent.kernel.problems import trace_id

# Exceptions whose message is logged, because it tells the operator what to fix. Messages of others may contain input of
# visitors or editors.
OF_OPERATION = (OSError, OperationalError, InterfaceError, ImportError, ImproperlyConfigured)
MOST_FRAMES = 30
ROOT = Path(__file__).resolve().parent.parent.parent


class JsonFormatter(logging.Formatter):
    """Format each record as one line of JSON; `request` is the BelGov-Trace-Id of the response."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without the extra attributes of the record, such as the request."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if trace := trace_id.get(""):
            line["request"] = trace
        error = record.exc_info[1] if record.exc_info else None
        return json.dumps(line if error is None else line | _told(error), ensure_ascii=False)


def _told(error: BaseException) -> dict[str, Any]:
    """Return the type of an error, its traceback, and its message if that cannot contain user input."""
    kind = type(error)
    told: dict[str, Any] = {"error": f"{kind.__module__}.{kind.__qualname__}"}
    if isinstance(error, OF_OPERATION):
        told["reason"] = str(error).partition("\n")[0]
    frames = traceback.extract_tb(error.__traceback__)[-MOST_FRAMES:]
    told["frames"] = [f"{_place(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
    return told


def _place(name: str) -> str:
    path = Path(name)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else name
