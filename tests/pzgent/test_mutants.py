"""`make mutants` knows where the rules and their tests are."""

import ast

from django.conf import settings

TOOL = settings.BASE_DIR / "tests/tools/mutants.py"


def guards():
    """The table in the tool, which cannot be imported here: it runs in an environment of its own."""
    for node in ast.parse(TOOL.read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "GUARDS":
            return ast.literal_eval(node.value)
    raise AssertionError(f"{TOOL} has no GUARDS")


def test_each_module_of_rules_and_each_of_its_tests_is_there():
    files = [
        *guards(),
        *(
            "tests/{}/test_{}.py".format(*name.split("/"))
            for tests in guards().values()
            for name in tests.split()
        ),
    ]
    gone = {name for name in files if not (settings.BASE_DIR / name).exists()}
    assert gone == set(), "GUARDS in tests/tools/mutants.py names what moved"
