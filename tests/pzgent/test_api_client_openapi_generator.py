"""A client that openapi-generator makes in Python reads every operation; Java runs the generator, without a network."""

import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

import openapi_generator_cli
import pytest

from pzgent.api.docs import description_of
from tests.api_calls import calls_of, make_what_examples_name

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]
PACKAGE = "client_of_openapi_generator"
JAR = Path(openapi_generator_cli.__file__).with_name("openapi-generator.jar")
# In Python these are words of the language, or names that the generated methods use themselves.
PYTHON_NAMES = {"from": "var_from"}


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """The generated package."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "openapi.json").write_text(json.dumps(description_of("https://www.example.be")))
    command = ["java", "-jar", str(JAR), "generate", "-g", "python", "-i", "openapi.json", "-o", "."]
    command += ["--package-name", PACKAGE, "--global-property", "apis,models,supportingFiles"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=300)
    sys.path.insert(0, str(folder))
    yield importlib.import_module(PACKAGE)
    sys.path.remove(str(folder))


def test_every_operation_is_read(package, live_server, plan):
    make_what_examples_name()
    with package.ApiClient(package.Configuration(host=live_server.url)) as client:
        for call in calls_of(description_of("")):
            ask = getattr(getattr(package, f"{call.tag}Api")(client), snake(call.operation))
            query = {PYTHON_NAMES.get(name, snake(name)): value for name, value in call.query.items()}
            assert ask(*call.keys, **query) is not None, call.operation


def snake(name):
    """A name as the generator writes it: getCSVExport is get_csv_export."""
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)).lower()
