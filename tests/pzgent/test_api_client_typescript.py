"""Clients that common generators make in TypeScript compile, and read the whole API."""

import json
import subprocess

import pytest
from django.conf import settings

from pzgent.api.docs import description_of
from tests.api_calls import calls_of, make_what_examples_name

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]
TOOLS = settings.BASE_DIR / "tests" / "tools" / "node_modules" / ".bin"
OPTIONS = {
    "strict": True,
    "target": "es2022",
    "module": "es2022",
    "moduleResolution": "bundler",
    "lib": ["es2022", "dom"],
    "outDir": "out",
    "types": [],
}
# The client takes every answer for JSON; a program that wants these files follows their address.
FILES = {"getCSVExport", "getZIPExport"}
# Calls every function of the client and prints the statuses and the kinds of data.
CALLER = """
import * as client from "./out/client.js";
const [site, calls] = [process.argv[2], JSON.parse(process.argv[3])];
const fetchAnywhere = fetch;
globalThis.fetch = (address, options) => fetchAnywhere(new URL(address, site), options);
const found = {};
for (const [name, keys, query] of calls) {
  const answer = await client[name](...keys, query);
  found[name] = [answer.status, typeof answer.data];
}
console.log(JSON.stringify(found));
"""


def run(folder, program, *arguments):
    """The output of one of the tools; fails with what it says."""
    done = subprocess.run([program, *arguments], cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def compiled(folder, *files):
    """The folder after the compiler went over these files without a fault."""
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": OPTIONS, "files": list(files)}))
    (folder / "package.json").write_text('{"type": "module"}')
    run(folder, TOOLS / "tsc", "-p", "tsconfig.json")
    return folder


def operations_of(description):
    """Each operation with its path and its shape."""
    return [(path, methods["get"]) for path, methods in description["paths"].items()]


def test_a_client_of_orval_reads_every_operation(tmp_path, live_server, plan):
    description = description_of(live_server.url)
    (tmp_path / "openapi.json").write_text(json.dumps(description))
    run(tmp_path, TOOLS / "orval", "--input", "openapi.json", "--output", "client.ts", "--client", "fetch")
    compiled(tmp_path, "client.ts")
    (tmp_path / "call.mjs").write_text(CALLER)
    make_what_examples_name()
    calls = [
        (call.operation, call.keys, call.query)
        for call in calls_of(description)
        if call.operation not in FILES
    ]
    found = json.loads(run(tmp_path, "node", "call.mjs", live_server.url, json.dumps(calls)))
    assert {name: status for name, (status, _kind) in found.items() if status != 200} == {}
    assert {kind for _status, kind in found.values()} == {"object"}
    assert len(found) == len(description["paths"]) - len(FILES)


def test_the_types_of_openapi_typescript_fit_every_answer(tmp_path):
    """Each example is a constant of the type that the answer has."""
    description = description_of("https://www.example.be")
    (tmp_path / "openapi.json").write_text(json.dumps(description))
    run(tmp_path, TOOLS / "openapi-typescript", "openapi.json", "-o", "types.ts")
    lines = ['import type { paths } from "./types";']
    for number, (path, operation) in enumerate(operations_of(description)):
        kind, content = next(iter(operation["responses"]["200"]["content"].items()))
        answer = f'paths["{path}"]["get"]["responses"][200]["content"]["{kind}"]'
        if "example" in content:
            lines.append(f"export const answer{number}: {answer} = {json.dumps(content['example'])};")
        problem = f'paths["{path}"]["get"]["responses"]["default"]["content"]["application/problem+json"]'
        lines.append(f"export const title{number} = (problem: {problem}): string => problem.title;")
    (tmp_path / "answers.ts").write_text("\n".join(lines))
    compiled(tmp_path, "types.ts", "answers.ts")
    (tmp_path / "answers.ts").write_text("\n".join(lines).replace('"total": ', '"total": "x" + '))
    with pytest.raises(AssertionError, match="not assignable to type 'number'"):
        compiled(tmp_path, "types.ts", "answers.ts")
