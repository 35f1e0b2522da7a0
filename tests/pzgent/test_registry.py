"""The tables that tests walk are complete: what is new is named here until it is in them."""

import ast
import inspect

import pytest
from django.conf import settings

from pzgent.kernel.publishing import Sourced
from pzgent.kernel.rest.tables import DUTCH
from pzgent.registry.citations import CITATIONS
from pzgent.registry.collections import EXPORTED
from pzgent.registry.pages import FIXED_PAGES, ROW_PAGES
from pzgent.registry.searchables import SEARCHABLE
from tests import registry
from tests.make import MAKERS

# What the portal keeps for itself; nobody types it.
OWN = {
    "ContentProposal", "DataChange", "DeskSubscription", "Factor", "FeedState", "Installation", "Job", "JobLine",
    "PageTotal", "PlanRecord", "PublishedChange", "PublishedFile", "PublishedItem", "Role", "SearchTotal", "SignIn",
    "StructureStep", "UsedForm", "Version", "Watermark", "WorkingCopy",
}  # fmt: skip


def test_every_model_has_a_constructor():
    missing = {model.__name__ for model in registry.project_models() if model not in MAKERS} - OWN
    assert missing == set(), f"add to MAKERS in tests/make.py: {missing}"


def test_every_page_that_is_registered_has_an_address():
    names = {route.name for route in registry.public_routes()}
    assert {*FIXED_PAGES, *ROW_PAGES} - names == set(), "see pages.py of the app"


def test_what_is_found_in_the_api_belongs_to_a_collection():
    wrong = [
        sort.kind
        for sort in SEARCHABLE.values()
        if bool(sort.singular) != bool(sort.collection) or (sort.collection or "terms") not in EXPORTED
    ]
    assert wrong == [], "see search.py of the app"


def test_every_fact_with_a_source_is_listed_on_the_page_of_that_source():
    sourced = {model for model in registry.project_models() if issubclass(model, Sourced)}
    listed = {rows.model for rows in CITATIONS}
    assert sourced == listed, "see citations.py of the app"


def test_a_column_has_one_dutch_name():
    told = [*DUTCH.items(), *(item for kind in EXPORTED.values() for item in kind.columns.items())]
    twice = {name for name, _dutch in told if len({dutch for other, dutch in told if other == name}) > 1}
    assert twice == set(), "see `columns` of the collections and pzgent/kernel/rest/tables.py"


def test_every_address_with_keys_is_asked_with_all_of_them():
    names = {route.name for route in registry.public_routes() if route.keys and route.name}
    missing = names - registry.KEYS.keys()
    assert missing == set(), f"add to KEYS in tests/registry.py: {missing}"
    assert registry.KEYS.keys() - names == set(), "no address has these names (KEYS in tests/registry.py)"


def test_every_address_without_a_name_is_known():
    found = {
        route.expression.removeprefix("api/")
        for route in registry.public_routes()
        if (not route.name or route.name == "api:nowhere") and not route.expression.startswith("^media/")
    }
    assert found == registry.UNNAMED.keys(), "see UNNAMED in tests/registry.py"


class _Asked(ast.NodeVisitor):
    """Collects the literal names that code reads from `request.GET`."""

    def __init__(self):
        self.names = set()

    def visit_Call(self, node):
        if _is_query(getattr(node.func, "value", None)) and node.args:
            self._add(node.args[0])
        self.generic_visit(node)

    def visit_Subscript(self, node):
        if _is_query(node.value):
            self._add(node.slice)
        self.generic_visit(node)

    def _add(self, node):
        if isinstance(node, ast.Constant):
            self.names.add(node.value)


def _is_query(node):
    return isinstance(node, ast.Attribute) and node.attr == "GET"


@pytest.mark.parametrize("app", registry.APPS)
def test_every_parameter_that_a_page_reads_is_known(app):
    known = {name for names in registry.PARAMETERS.values() for name in names} | {"lang"}
    pages = (
        path
        for path in (settings.BASE_DIR / app).rglob("*.py")
        if not {"admin", "editing"} & set(path.with_suffix("").parts)
    )
    for path in pages:
        asked = _Asked()
        asked.visit(ast.parse(path.read_text()))
        missing = asked.names - known
        assert missing == set(), f"{path}: add to PARAMETERS in tests/registry.py: {missing}"


def test_the_parameters_stand_at_addresses_that_are_there():
    names = {route.name for route in registry.public_routes()}
    assert registry.PARAMETERS.keys() | registry.REQUIRED.keys() <= names, inspect.getfile(registry)
