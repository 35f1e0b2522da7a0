"""The description of the API: complete, true, and as the rules of the Belgian government want it."""

import builtins
import copy
import io
import json
import keyword
import subprocess
from contextlib import redirect_stderr

import pytest
from django.conf import settings
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from jsonschema import Draft4Validator

from pzgent.api.docs import description_of, get_description, get_examples
from pzgent.kernel.rest.schema import OTHERS
from tests.examples import SITE, collect

TOOLS = settings.BASE_DIR / "tests" / "tools"
OF_JAVASCRIPT = {
    "array", "boolean", "const", "date", "default", "delete", "enum", "error", "export", "function", "import",
    "interface", "let", "map", "math", "module", "namespace", "new", "number", "object", "package", "promise", "proxy",
    "regexp", "request", "response", "set", "string", "switch", "symbol", "url", "var", "void",
}  # fmt: skip
# No example can be shown of an archive.
WITHOUT_EXAMPLE = {"getZIPExport"}


@pytest.fixture(scope="module")
def description():
    return get_description()


@pytest.fixture(scope="module")
def operations(description):
    return {address: methods["get"] for address, methods in description["paths"].items()}


def test_it_is_made_without_a_warning():
    with redirect_stderr(io.StringIO()) as told:
        SchemaGenerator().get_schema(request=None, public=True)
    assert not GENERATOR_STATS
    assert told.getvalue() == ""


def test_it_is_valid_openapi(description):
    validate_schema(description)
    assert description["openapi"] == "3.0.3"


def test_it_says_who_and_under_which_licence(client, licensed):
    body = client.get("/api/v1/openapi.json").json()
    assert body["servers"] == [{"url": "http://testserver", "description": "This site."}]
    assert body["info"]["contact"]["url"] == "http://testserver/over"
    assert body["externalDocs"]["url"] == "http://testserver/open-data"
    assert body["info"]["license"]["name"] == "CC0 1.0"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/over", "/open-data"])
def test_the_pages_it_leads_to_exist(client, address):
    assert client.get(address).status_code == 200


def test_operations_can_be_told_apart(operations):
    names = [operation["operationId"] for operation in operations.values()]
    assert len(names) == len(set(names))


def test_every_operation_explains_itself_and_its_tag(description, operations):
    tags = {tag["name"]: tag["description"] for tag in description["tags"]}
    for address, operation in operations.items():
        assert operation["summary"], address
        assert operation["description"], address
        assert [tags[tag] for tag in operation["tags"]], address


def test_every_operation_names_every_error_it_can_give(operations):
    usual = {"400", "404", "405", "406", "413", "414", "429", "500", "503"}
    for address, operation in operations.items():
        assert usual <= set(operation["responses"]), address
    items = [operation for address, operation in operations.items() if address.endswith("{slug}")]
    assert all({"301", "410"} <= set(operation["responses"]) for operation in items)


def test_every_error_has_the_one_shape(description):
    shapes = [
        description["components"]["responses"][told.name]["content"]["application/problem+json"]["schema"]
        for status, told in OTHERS.items()
        if status >= 400
    ]
    assert all(shape == {"$ref": "#/components/schemas/Problem"} for shape in shapes)


def test_any_other_error_is_a_problem_document_too(description, operations):
    assert {operation["responses"]["default"]["$ref"] for operation in operations.values()} == {
        "#/components/responses/OtherProblem"
    }
    content = description["components"]["responses"]["OtherProblem"]["content"]
    assert content["application/problem+json"]["schema"] == {"$ref": "#/components/schemas/Problem"}


def test_nobody_needs_a_key(description):
    assert description["security"] == []


def test_no_name_of_a_schema_is_taken_in_a_language_of_clients(description):
    """A generated class or file would hide what the language itself calls so."""
    taken = (
        {name.lower() for name in dir(builtins)}
        | set(keyword.kwlist)
        | OF_JAVASCRIPT
        | {"index", "client", "models"}
    )
    assert {name for name in description["components"]["schemas"] if name.lower() in taken} == set()


def test_a_parameter_is_repeated_for_each_further_value(operations):
    """The usual style of OpenAPI, which is also that of the Belgian guide; commas are understood too."""
    listed = [
        parameter
        for operation in operations.values()
        for parameter in operation.get("parameters", ())
        if parameter["schema"].get("type") == "array"
    ]
    assert listed
    assert all(parameter.get("explode", True) for parameter in listed)


def test_what_is_kept_by_caches_has_an_etag_and_can_be_unchanged(operations):
    listed = operations["/api/v1/units"]["responses"]
    assert "ETag" in listed["200"]["headers"]
    assert "304" in listed
    assert "304" not in operations["/api/v1/health"]["responses"]


def test_a_list_leads_to_its_items(operations):
    links = operations["/api/v1/units"]["responses"]["200"]["links"]
    assert links["getUnit"]["parameters"] == {"slug": "$response.body#/items/0/slug"}


def test_select_may_leave_out_every_field(description):
    unit = description["components"]["schemas"]["Unit"]
    assert "required" not in unit
    assert "slug" in unit["x-required-without-select"]


@pytest.mark.django_db
def test_what_is_said_to_be_always_there_is_so_without_select(client, plan, description):
    for name, shape in description["components"]["schemas"].items():
        address = f"/api/v1/{name[0].lower()}{name[1:]}s"
        if "x-required-without-select" in shape and address in description["paths"] and name != "Change":
            for item in client.get(f"{address}?pageSize=100").json()["items"]:
                assert set(shape["x-required-without-select"]) <= set(item), (name, item)


def test_every_operation_has_an_example(operations):
    missing = [
        operation["operationId"]
        for operation in operations.values()
        if "example" not in next(iter(operation["responses"]["200"]["content"].values()))
    ]
    assert set(missing) ^ WITHOUT_EXAMPLE == set(), "see CALLS in tests/examples.py, then run `make examples`"


def test_the_examples_have_the_shape_that_is_described(description, operations):
    for address, operation in operations.items():
        content = operation["responses"]["200"]["content"].get("application/json", {})
        if "example" in content:
            schema = {**content["schema"], "components": description["components"]}
            faults = [error.message for error in Draft4Validator(schema).iter_errors(content["example"])]
            assert faults == [], address


@pytest.mark.django_db
def test_the_examples_are_what_the_api_answers(client, plan):
    found, shown = collect(client), get_examples()
    changed = [name for name in found if found[name] != shown.get(name)]
    assert changed == [], "run `make examples`"


def test_the_examples_show_the_address_of_this_site(client):
    text = client.get("/api/v1/openapi.json").content.decode()
    assert SITE not in text
    assert "http://testserver/api/v1/units/" in text


def lint(folder, document):
    """What the linter finds, as texts."""
    path = folder / "openapi.json"
    path.write_text(json.dumps(document))
    command = [str(TOOLS / "node_modules/.bin/spectral"), "lint", str(path), "--ruleset", "belgif.mjs"]
    done = subprocess.run(
        [*command, "--fail-severity", "hint", "--format", "json", "--quiet"],
        cwd=TOOLS,
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode in (0, 1), done.stderr
    return [f"{fault['code']}: {fault['message']}" for fault in json.loads(done.stdout or "[]")]


@pytest.mark.browser
def test_the_linter_finds_nothing(tmp_path):
    document = copy.deepcopy(description_of(SITE))
    # The guide asks for a licence: once the zone has chosen one.
    document["info"]["license"] = {
        "name": "CC0 1.0",
        "url": "https://creativecommons.org/publicdomain/zero/1.0/",
    }
    assert lint(tmp_path, document) == []


# What each change breaks, by the rule that must say so.
BREAKS = {
    "uri-notat": lambda doc: doc["paths"].update({"/api/v1/Units/": doc["paths"]["/api/v1/units"]}),
    "col-name": lambda doc: doc["paths"].update({"/api/v1/unit": doc["paths"]["/api/v1/units"]}),
    "ctl-res": lambda doc: doc["paths"].update({"/api/v1/getUnits": doc["paths"]["/api/v1/units"]}),
    "uri-format": lambda doc: doc["paths"].update({"/units": doc["paths"]["/api/v1/units"]}),
    "meth-http": lambda doc: doc["paths"]["/api/v1/units"].update(post=doc["paths"]["/api/v1/units"]["get"]),
    "jsn-naming": lambda doc: doc["components"]["schemas"]["Term"]["properties"].update(
        full_name={"type": "string"}
    ),
    "jsn-null": lambda doc: doc["components"]["schemas"]["Term"]["properties"]["slug"].update(nullable=True),
    "col-repres": lambda doc: doc["components"]["schemas"]["UnitPage"]["properties"].pop("total"),
    "col-paging": lambda doc: _parameter(doc, "pageSize")["schema"].pop("maximum"),
    "qry-multi": lambda doc: _parameter(doc, "kind").update(explode=False),
    "err-problem": lambda doc: doc["components"]["responses"]["NotFound"].pop("content"),
    "prb-defaul": lambda doc: doc["paths"]["/api/v1/units"]["get"]["responses"].pop("429"),
    "oas-exampl": lambda doc: doc["paths"]["/api/v1/units"]["get"]["responses"]["200"]["content"][
        "application/json"
    ].pop("example"),
    "oas-descr": lambda doc: doc["paths"]["/api/v1/units"]["get"].pop("summary"),
    "oas-descr-parameter": lambda doc: _parameter(doc, "kind").pop("description"),
    "oas-tags": lambda doc: doc["paths"]["/api/v1/units"]["get"].update(tags=["Unheard of"]),
    "oas-contra": lambda doc: doc.update(openapi="3.0"),
    "api-version": lambda doc: doc["info"].update(version="one"),
    "hdr-case": lambda doc: doc["paths"]["/api/v1/units"]["get"]["responses"]["200"]["headers"].update(
        x_total={"schema": {"type": "string"}}
    ),
    "hlth-res": lambda doc: doc["paths"].pop("/api/v1/health"),
    "hyp-links": lambda doc: doc["paths"]["/api/v1/units"]["get"]["responses"]["200"]["links"][
        "getUnit"
    ].update(operationId="nowhere"),
    "oas3-valid-media-example": lambda doc: doc["paths"]["/api/v1/refData"]["get"]["responses"]["200"][
        "content"
    ]["application/json"].update(example={"total": "many"}),
}


def _parameter(document, name):
    parameters = document["paths"]["/api/v1/units"]["get"]["parameters"]
    return next(parameter for parameter in parameters if parameter["name"] == name)


@pytest.mark.browser
def test_the_linter_refuses_whatever_breaks_a_rule(tmp_path):
    broken = copy.deepcopy(description_of(SITE))
    for break_it in BREAKS.values():
        break_it(broken)
    found = {fault.partition(":")[0] for fault in lint(tmp_path, broken)}
    assert set(BREAKS) - found == set()
