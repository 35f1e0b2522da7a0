"""Hooks for the API fuzzer, for facts that the description alone cannot express."""

import re

import schemathesis

# A value with a valid format may still refer to nothing, or to a missing day or page: the API then responds with 400.
ABOUT_CONTENT = ("invalidInput", "referencedResourceNotFound")
# Opening hours are only computed for this century, which OpenAPI can only express in prose.
IN_THIS_CENTURY = {"at", "from", "to"}
UNITS = ("korpschef", "wijkdienst", "team-pluk", "directie-beheer")
# Existing slugs of the plan, so that most requests are about existing objects.
KNOWN = {
    "ancestor": UNITS,
    "location": ("commissariaat-nieuw-gent", "algemeen-politiecentrum-gent"),
    "objective": ("doel-1-vertrouwen", "actiethema-2-noodhulp"),
    "parent": (*UNITS, "doel-1-vertrouwen"),
    "plan": ("zvp-2020-2025",),
    "root": UNITS,
    "topic": ("dringende-hulp", "klacht-of-bedanking", "sociale-media"),
    "unit": UNITS,
}
SLUG = re.compile(r"[-a-zA-Z0-9_]{1,120}")


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Remove the `default` response, which would make every status a documented one."""
    for methods in raw_schema["paths"].values():
        methods["get"]["responses"].pop("default", None)


@schemathesis.hook
def map_query(context, query):
    """Replace most unknown slugs in the query with existing ones; other values stay as they are."""
    return {name: _known(name, value) for name, value in query.items()} if query else query


def _known(name, value):
    if isinstance(value, list):
        return [_known(name, part) for part in value]
    slugs = KNOWN.get(name)
    if not slugs or not isinstance(value, str) or not SLUG.fullmatch(value):
        return value
    choice = sum(map(ord, value)) % (len(slugs) + 1)
    return slugs[choice] if choice < len(slugs) else value


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Keep a failure, unless a valid request was refused for what it refers to and every issue says so."""
    if type(failure).__name__ != "RejectedPositiveData" or response.status_code != 400:
        return True
    issues = response.json().get("issues", [])
    return not issues or not all(
        issue["type"].endswith(ABOUT_CONTENT) or issue["name"] in IN_THIS_CENTURY for issue in issues
    )
