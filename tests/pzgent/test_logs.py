"""Lines of JSON in the log: enough to find a fault, nothing about who met it."""

import json
import logging

import pytest
from django.db import IntegrityError, OperationalError
from django.test import RequestFactory

from pzgent.kernel.problems import trace_id
from pzgent.kernel.rest.headers import OpenToAllMiddleware
from pzgent.operations.logs import JsonFormatter

VISITOR = "203.0.113.7"


def line_of(error=None, message="%s broke", **extra):
    """What is written of a record, read back."""
    record = logging.LogRecord("pzgent", logging.ERROR, __file__, 1, message, ("/contact",), error)
    record.__dict__.update(extra)
    text = JsonFormatter().format(record)
    assert "\n" not in text
    return json.loads(text)


def raised(error):
    try:
        raise error
    except type(error) as caught:
        return type(caught), caught, caught.__traceback__


def test_a_line_says_when_where_and_what():
    line = line_of()
    assert line.items() >= {"level": "ERROR", "logger": "pzgent", "message": "/contact broke"}.items()
    assert line["time"].endswith("+00:00")


def test_the_request_of_a_record_is_left_out():
    request = RequestFactory().get(
        "/zoeken", {"q": "mijn buurman"}, REMOTE_ADDR=VISITOR, HTTP_USER_AGENT="Telefoon/1"
    )
    text = json.dumps(line_of(request=request, status_code=500))
    assert not [word for word in ("buurman", VISITOR, "Telefoon") if word in text]


def test_an_error_is_told_by_its_sort_and_its_places_in_the_code():
    line = line_of(raised(IntegrityError("Key (username)=(jan.peeters) already exists.")))
    assert line["error"] == "django.db.utils.IntegrityError"
    assert line["frames"][-1].startswith("tests/pzgent/test_logs.py:")
    assert "jan.peeters" not in json.dumps(line)


@pytest.mark.parametrize(
    "error", [OperationalError("the database is away\nDETAIL: x"), OSError(28, "No space left on device")]
)
def test_what_an_operator_can_mend_is_told_in_full(error):
    assert line_of(raised(error))["reason"] in ("the database is away", "[Errno 28] No space left on device")


@pytest.mark.parametrize(("path", "is_named"), [("/api/v1/units", True), ("/contact", False)])
def test_the_lines_of_a_request_carry_the_id_that_the_answer_gives(path, is_named):
    from django.http import HttpResponse

    seen = []

    def answer(request):
        seen.append(line_of()["request"])
        return HttpResponse()

    response = OpenToAllMiddleware(answer)(RequestFactory().get(path))
    assert len(seen[0]) == 36
    assert ("BelGov-Trace-Id" in response.headers, trace_id.get("")) == (is_named, "")
    if is_named:
        assert response.headers["BelGov-Trace-Id"] == seen[0]


def test_nothing_outside_a_request_has_an_id():
    assert "request" not in line_of()
