"""A client that openapi-generator makes in Python reads every operation; Java runs the generator, without a network."""

import importlib
import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import openapi_generator_cli
import pytest

from pzgent.api_docs import description_of, get_examples

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
    read = []
    with package.ApiClient(package.Configuration(host=live_server.url)) as client:
        for path, methods in description_of("")["paths"].items():
            operation = methods["get"]
            example = urlsplit(get_examples()[operation["operationId"]]["call"])
            parts = zip(path.split("/"), example.path.split("/"), strict=True)
            keys = [value.removesuffix(".csv") for name, value in parts if name.startswith("{")]
            if "voorbeeld" in keys or any(key.count("-") == 4 for key in keys):  # of the example alone
                continue
            call = getattr(
                getattr(package, f"{operation['tags'][0]}Api")(client), snake(operation["operationId"])
            )
            answer = call(*keys, **arguments_of(operation, example.query))
            assert answer is not None, path
            read.append(path)
    assert len(read) > len(description_of("")["paths"]) - 8


def arguments_of(operation, query):
    """The query as arguments of the generated method."""
    shapes = {parameter["name"]: parameter["schema"] for parameter in operation.get("parameters", ())}
    found = {}
    for name, value in parse_qsl(query):
        read = int(value) if shapes[name]["type"] == "integer" else value
        found[PYTHON_NAMES.get(name, snake(name))] = [read] if shapes[name]["type"] == "array" else read
    return found


def snake(name):
    """A name as the generator writes it: getCSVExport is get_csv_export."""
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)).lower()
