"""Collect the API responses that the API description shows as examples.

As a script it regenerates pzgent/data/api_examples.json, and the columns in docs/tables.md: `make examples`.
"""

import io
import json
import os
import re
import zipfile

SITE = "https://www.example.be"
AT = "at=2026-03-02T10:00:00%2B01:00"
JSON, LINKED, PROBLEM = "application/json", "application/ld+json", "application/problem+json"
# Values that differ between loads of the same content, and their replacements in the examples.
MOMENT = "2026-11-24T09:30:00+01:00"
# Values that are generated anew each time.
MADE_UP = {
    "instance": "urn:uuid:5c1d7c2a-3b7e-4a57-9c2f-0c9a6d1f8e24",
    "feed": "7c2f0e9ad4b14f6d8f3a5b0c1e2d3f40",
}
LONGEST_TEXT, LONGEST_LIST = 160, 1
CALLS = {
    "getIndex": "",
    "listUnits": "/units?kind=commissariaat&pageSize=1",
    "getUnit": "/units/wijkdienst",
    "getStructure": "/organogram?root=wijkdienst&depth=1",
    "listOrganograms": "/organograms?pageSize=1",
    "getOrganogram": "/organograms/organogram-2021",
    "listOrganogramChanges": "/organogramChanges?from=2021-05-01&to=2021-10-01&pageSize=2",
    "listStaffingTables": "/staffingTables?pageSize=1",
    "getStaffingTable": "/staffingTables/formatie-2021",
    "listPolicies": "/policies?pageSize=1",
    "getPolicy": "/policies/communicatiebeleid",
    "listPlans": "/plans?asOf=2021-09-01",
    "getPlan": "/plans/zvp-2020-2025",
    "listProjects": "/projects?kind=I&pageSize=1",
    "getProject": "/projects/i-1-bestuurlijke-handhaving",
    "listObjectives": "/objectives?kind=goal&pageSize=1",
    "getObjective": "/objectives/doel-1-vertrouwen",
    "listKeyFigures": "/keyFigures?pageSize=1",
    "getKeyFigure": "/keyFigures/overschot-rekening-2020",
    "listCorporatePlans": "/corporatePlans?pageSize=1",
    "getCorporatePlan": "/corporatePlans/bedrijfsplan-2021-2025",
    "listStatements": "/statements?kind=mission",
    "getStatement": "/statements/ambitie-nabije-politie",
    "listDocuments": "/documents?kind=plan&pageSize=1",
    "getDocument": "/documents/bedrijfsplan-2018",
    "listTerms": "/terms?pageSize=2",
    "getTerm": "/terms/afi",
    "listTopics": "/topics?pageSize=1",
    "getTopic": "/topics/dringende-hulp",
    "listChannels": f"/channels?kind=desk&pageSize=1&{AT}",
    "getChannel": f"/channels/{{desk}}?{AT}",
    "listOpeningHours": "/channels/{desk}/openingHours?from=2026-03-02&to=2026-03-03",
    "listLocations": "/locations?postalCode=9000&pageSize=1",
    "getLocation": "/locations/commissariaat-nieuw-gent",
    "listCareAreas": "/careAreas?pageSize=1",
    "getCareArea": "/careAreas/gent-andere-delen",
    "listNotices": "/notices",
    "getNotice": "/notices/voorbeeld",
    "listConsumers": "/consumers",
    "getConsumer": "/consumers/voorbeeld",
    "getChanges": "/changes?after=0&collection=terms&pageSize=1",
    "getHistory": "/changes/channels/{desk}",
    "getExportList": "/exports",
    "getJSONExport": "/exports/organisation.json",
    "getCSVExport": "/exports/terms.csv",
    "getZIPExport": "/exports/organisation.zip",
    "getSearch": "/search?q=fietsdiefstal&pageSize=1",
    "getCodeLists": "/refData",
    "getCodeList": "/refData/staffCategories",
    "getHealth": "/health",
}
FAULTS = {
    400: "/units?kind=vliegtuig&asOf=gisteren&kleur=blauw",
    404: "/units/bestaat-niet",
    405: "/units",
    406: "/units",
    414: f"/units?q={'x' * 5_000}",
}
# Statuses that no single request can cause; the examples are built by the same code that builds the real responses.
MADE = (410, 413, 429, 500, 503)


def collect(client):
    """Return the examples by operation name, and under `problems` by status. Needs the content of the plan."""
    from pzgent.worker import bring_up_to_date

    _make_notice()
    _make_consumer()
    bring_up_to_date()
    desk = client.get("/api/v1/channels?kind=desk&pageSize=1").json()["items"][0]["id"]
    found = {}
    for name, call in _calls(client).items():
        address = f"/api/v1{call.format(desk=desk)}"
        found[name] = {"call": address, **_answers(client, address)}
    return found | {"problems": _problems(client)}


def _calls(client):
    """The questions by their operations; a collection that CALLS does not name shows the first object it has."""
    from pzgent.registry.collections import EXPORTED

    found = dict(CALLS)
    for name, collection in EXPORTED.items():
        listed = found.setdefault(f"list{name[0].upper()}{name[1:]}", f"/{name}?pageSize=1")
        if f"get{collection.name}" not in found:
            item = client.get(f"/api/v1{listed}").json()["items"][0]
            found[f"get{collection.name}"] = f"/{name}/{item[collection.key]}"
    return found


def columns(client):
    """Return the columns of the files, as documented in the archive of all files."""
    answer = client.get("/api/v1/exports/organisation.zip?headers=nl")
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    return archive.read("README.txt").decode().replace("\r\n", "\n").partition("\n\n")[2].strip()


def _make_notice():
    """Create a notice, which the plan lacks; its text says that it is an example."""
    import datetime

    from contact.models import Notice

    day = datetime.datetime(2026, 11, 24, tzinfo=datetime.UTC)
    Notice.objects.create(
        id="5f0c6e0e-8d0b-5a4e-9d53-0f4a4a8c1d11",
        slug="voorbeeld",
        level="info",
        title="Voorbeeld",
        text_nl="Zo ziet een bericht eruit.",
        starts=day,
        ends=day + datetime.timedelta(days=3650),
        status="published",
    )


def _make_consumer():
    """Create an entry in the empty list of consumers; its text says that it is an example."""
    from pzgent.models import Consumer

    Consumer.objects.create(
        id="0b7d3a52-3c0e-5d1c-8a4b-6f1de0a7c2f4",
        slug="voorbeeld",
        name="Voorbeeld",
        url="https://www.example.be/",
        purpose="Zo ziet een gebruiker in de lijst eruit.",
        status="published",
    )


def _answers(client, address):
    """Return the responses at an address, in each of its formats except archives."""
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    kind = answer.headers["Content-Type"].split(";")[0]
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if kind == "text/csv":
        lines = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+[+-]\d\d:\d\d", MOMENT, content.decode()).splitlines()
        return {kind: "\r\n".join(lines[:3]).replace("http://testserver", SITE) + "\r\n"}
    if kind != JSON:
        return {}
    found = {kind: _short(json.loads(content))}
    linked = client.get(address, headers={"accept": LINKED})
    if linked.headers["Content-Type"] == LINKED:
        found[LINKED] = _short(linked.json())
    return found


def _problems(client):
    """Return one error of each type."""
    from pzgent.kernel.problems import problem

    found = {}
    for status, call in FAULTS.items():
        headers = {"accept": "text/plain"} if status == 406 else {}
        answer = (client.post if status == 405 else client.get)(f"/api/v1{call}", headers=headers)
        assert answer.status_code == status, (call, answer.status_code)
        found[str(status)] = _short(answer.json())
    for status in MADE:
        found[str(status)] = _short(problem(status))
    return dict(sorted(found.items()))


def _short(value, name=""):
    """Return the value with truncated texts and lists, and with the site and time of the examples."""
    if isinstance(value, dict):
        if name.endswith("modified"):
            return {**value, "@value": MOMENT}
        if name == "collections":  # in the file with all collections
            return {key: _short(part) for key, part in list(value.items())[:LONGEST_LIST]}
        return {key: _short(part, key) for key, part in value.items()}
    if isinstance(value, list):
        return [_short(part) for part in value[:LONGEST_LIST]]
    if name in ("modified", "at", "generated"):
        return MOMENT
    if name in MADE_UP:
        return MADE_UP[name]
    if name in ("number", "last") and isinstance(value, int):
        return 1
    if isinstance(value, str):
        value = value.replace("http://testserver", SITE)
        value = re.sub(r"after=[1-9]\d*", "after=1", value)
        value = re.sub(r"feed=\w+", f"feed={MADE_UP['feed']}", value)
        return value if len(value) <= LONGEST_TEXT else f"{value[:LONGEST_TEXT].rsplit(' ', 1)[0]} …"
    return value


def main():
    """Write both files."""
    os.environ |= {"DATABASE_URL": "sqlite://:memory:", "SECRET_KEY": "examples", "BASE_URL": ""}
    os.environ["DJANGO_SETTINGS_MODULE"] = "pzgent.settings"
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client
    from django.test.utils import setup_test_environment

    from pzgent.api.docs import EXAMPLES
    from pzgent.worker import bring_up_to_date

    setup_test_environment()
    call_command("migrate", verbosity=0)
    call_command("load_plan", verbosity=0)
    bring_up_to_date()  # as in the tests, so that the same objects get the same numbers
    path, tables = settings.CONTENT_ROOT / EXAMPLES, settings.BASE_DIR / "docs" / "tables.md"
    path.write_text(json.dumps(collect(Client()), ensure_ascii=False, indent=1) + "\n")
    tables.write_text(f"{tables.read_text().partition('## ')[0]}{columns(Client())}\n")
    print(f"Written: {path}, {tables}")


if __name__ == "__main__":
    main()
