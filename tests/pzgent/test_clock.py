"""The clock of the public pages, and who may ask another one."""

import ast
import datetime

from django.utils import timezone

from pzgent.kernel import clock
from tests.tools.rooms import ROOT, modules_of

MOMENT = datetime.datetime(2027, 1, 1, 8, 0, tzinfo=datetime.UTC)
# On the way to a public page: these ask the clock.
PUBLIC = (
    "organisation", "projects", "contact", "pzgent/api", "pzgent/kernel", "pzgent/pages", "pzgent/registry",
    "pzgent/search", "pzgent/syndication", "pzgent/templatetags",
)  # fmt: skip
# What editors do, and when something was changed, happens now.
ABOUT_NOW = {
    "organisation/querysets/units.py",  # when a row was changed
    "pzgent/api/exports.py",  # when a file was made
    "pzgent/kernel/clock.py",  # it asks for all others
    "pzgent/kernel/publishing.py",  # when something first became public, and when it was checked
    "pzgent/kernel/totals.py",  # when a page was read
    "pzgent/kernel/rest/throttling.py",  # when a client asked
    "pzgent/kernel/watermarks.py",  # when something changed
}
EDITING = (
    "/admin/", "/admin.py", "/editing/", "/versions/", "organisation/draft_checks.py", "organisation/steps.py",
    "kernel/jobs.py", "kernel/sessions.py",
)  # fmt: skip
NAMES = {"now", "localdate", "localtime", "today", "utcnow", "time"}
OWNERS = {"timezone", "datetime", "date", "time"}


def questions(path):
    """Return how often a module asks the real clock."""
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    return sum(
        isinstance(call.func, ast.Attribute)
        and call.func.attr in NAMES
        and not call.args
        and not call.keywords
        and ast.unparse(call.func.value).split(".")[-1] in OWNERS
        and ast.unparse(call.func) != "datetime.time"
        for call in calls
    )


def test_what_makes_a_public_page_asks_the_clock():
    modules = {str(path.relative_to(ROOT)) for room in PUBLIC for path in modules_of(room) if questions(path)}
    found = {module for module in modules if not any(part in module for part in EDITING)}
    assert found == ABOUT_NOW, "ask pzgent.kernel.clock, or say here why not"


def test_the_clock_tells_the_present(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: MOMENT)
    assert (clock.now(), clock.today()) == (MOMENT, datetime.date(2027, 1, 1))


def test_the_clock_can_be_set_for_a_while():
    late = datetime.datetime(2027, 1, 1, 23, 30, tzinfo=datetime.UTC)
    with clock.set_to(late):
        assert clock.now() == late
        assert clock.today() == datetime.date(2027, 1, 2), "the day in Brussels"
        with clock.set_to(MOMENT):
            assert clock.now() == MOMENT
        assert clock.now() == late
    assert clock.now() != late
