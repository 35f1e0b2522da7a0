"""A client that a common generator makes from the description reads the whole API."""

import datetime
import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pzgent.api.docs import description_of
from pzgent.registry.collections import COLLECTIONS

pytestmark = pytest.mark.django_db(transaction=True)
PACKAGE = "generated_client"
# No formatter afterwards; an archive is only bytes.
CONFIG = {"post_hooks": [], "content_type_overrides": {"application/zip": "application/octet-stream"}}
REQUIRED = {"organogramChanges": {"from_": datetime.date(2021, 5, 1)}}
PAGE_SIZE = 40


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """The generated package, which no warning was given about."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "openapi.json").write_text(json.dumps(description_of("https://www.example.be")))
    (folder / "config.json").write_text(json.dumps(CONFIG))
    command = [str(Path(sys.executable).with_name("openapi-python-client")), "generate", "--meta", "none"]
    command += ["--path", "openapi.json", "--config", "config.json", "--output-path", PACKAGE]
    subprocess.run([*command, "--fail-on-warning"], cwd=folder, check=True, capture_output=True)
    sys.path.insert(0, str(folder))
    yield importlib.import_module(PACKAGE)
    sys.path.remove(str(folder))


@pytest.fixture
def call(package, live_server, plan):
    """A function that calls an operation by its name through the generated client."""
    client = package.Client(base_url=live_server.url, raise_on_unexpected_status=True)
    operations = {
        methods["get"]["operationId"]: methods["get"]["tags"][0].lower()
        for methods in description_of("")["paths"].values()
    }

    def call(name, *keys, **values):
        module = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
        operation = importlib.import_module(f"{PACKAGE}.api.{operations[name]}.{module}")
        return operation.sync(*keys, client=client, **values)

    yield call
    client.get_httpx_client().close()


def pages_of(call, name, **values):
    """Every page of a collection."""
    page = 1
    while True:
        found = call(name, page=page, page_size=PAGE_SIZE, **values)
        yield found
        if not found.next_:
            return
        page += 1


def names_of(collection):
    """The operations of a collection and of its items."""
    title = collection[0].upper() + collection[1:]
    one = title.removesuffix("ies") + "y" if title.endswith("ies") else title.removesuffix("s")
    return f"list{title}", f"get{one}"


@pytest.mark.once
def test_every_collection_and_one_item_of_each_is_read(call):
    read = {}
    for collection, item in COLLECTIONS.items():
        list_name, item_name = names_of(collection)
        pages = list(pages_of(call, list_name, **REQUIRED.get(collection, {})))
        items = [found for page in pages for found in page.items]
        assert len(items) == pages[0].total, collection
        read[collection] = len(items)
        if item.name and items:
            key = getattr(items[0], item.key)
            assert getattr(call(item_name, key), item.key) == key, collection
    assert [name for name, number in read.items() if not number] == ["notices", "consumers"]


def test_errors_are_read_as_problems(call):
    problem = call("getUnit", "bestaat-niet")
    assert (problem.status, problem.issues[0].name) == (404, "slug")
