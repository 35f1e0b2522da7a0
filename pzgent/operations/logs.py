"""Logs as lines of JSON: when, where and why something broke, and nothing about who asked for what."""

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

# The text of these tells an operator what to mend. That of any other may hold what a visitor or editor typed.
OF_OPERATION = (OSError, OperationalError, InterfaceError, ImportError, ImproperlyConfigured)
MOST_FRAMES = 30
ROOT = Path(__file__).resolve().parent.parent.parent


class JsonFormatter(logging.Formatter):
    """One line of JSON for each record; `request` is the BelGov-Trace-Id of the answer."""

    def format(self, record: logging.LogRecord) -> str:
        """The line. What a record carries beside its message, such as the request itself, is left out."""
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
    """Return the type of an error, its traceback, and its message where that cannot hold anything a visitor typed."""
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
