"""Who reaches which address of the admin: role × address × method × object, from the URL configuration.

What each role may is written down here apart from the code. Rows of other models than these, and a new sort of view,
fail `test_every_sort_of_view_is_known` of `test_admin_rights` first.
"""

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.db import models
from django.test import Client

from contact.models import Channel, Schedule, ScheduleException
from organisation.models import Responsibility
from pzgent.admin.roles import make_roles
from pzgent.kernel.translations import Translated
from pzgent.models import (
    AccessibilityStatement,
    Bundle,
    Consumer,
    FactAnswer,
    PreviewLink,
    SignInEvent,
    SynonymRing,
    Zone,
)
from tests.make import make_topic, make_unit
from tests.pzgent.test_admin_rights import (
    OPEN,
    admin_routes,
    forged,  # noqa: F401  # a fixture
    page_of,
    questions,
    site,  # noqa: F401  # a fixture
    tables,
)
from tests.thinning import share

pytestmark = [pytest.mark.django_db, pytest.mark.no_cover, pytest.mark.once]
APPS = ("organisation", "projects", "contact")
EDITED = {model for model in admin.site._registry if model._meta.app_label in APPS} | {SynonymRing, Bundle}
PUBLISHED = EDITED | {Consumer, AccessibilityStatement}
CONTENT = PUBLISHED | {Zone}
ALL = set(admin.site._registry)
OF_UNITS = {model for model in EDITED if hasattr(model, "in_area")}
# What nobody does: there is one of each, or the portal keeps it by itself.
NEVER = (
    {(Zone, "add"), (Zone, "delete"), (AccessibilityStatement, "add")}
    | {(SignInEvent, kind) for kind in ("add", "change", "delete")}
    | {(PreviewLink, "add"), (PreviewLink, "delete"), (FactAnswer, "add")}
)
GROUPS = {
    "reader": "Lezer", "translator": "Vertaler", "editor": "Redacteur", "directorate": "Redacteur",
    "publisher": "Uitgever", "manager": "Beheerder", "supervised": "Uitgever onder toezicht",
}  # fmt: skip
ROLES = ("anonymous", *GROUPS)
SEEN = dict.fromkeys(GROUPS, CONTENT) | {"anonymous": set(), "manager": ALL}
WRITTEN = {
    "anonymous": set(), "reader": set(), "translator": set(), "editor": EDITED, "directorate": OF_UNITS,
    "publisher": PUBLISHED, "supervised": PUBLISHED, "manager": ALL,
}  # fmt: skip
PUBLISHERS = ("publisher", "manager")
IMPORTERS = (*PUBLISHERS, "supervised")
# The right that a page asks for, and that an action does; “never” for what only redirects, takes a POST, or belongs to
# who began it.
KINDS = {
    "changelist": "view", "change": "view", "history": "view", "file": "view", "redirect": "view", "add": "add",
    "delete": "delete", "password_change": "change", "move": "change", "version": "view", "compare": "never",
    "restore": "change", "working_copy": "view", "bin": "view", "bin_restore": "view", "release": "view",
    "year": "view", "channels": "change", "together": "add", "batch": "change", "workshop": "view",
    "duplicate": "add", "changes": "view", "withdraw": "publish", "quick": "publish", "end": "never", "export": "view",
    "import": "import", "import_template": "import", "import_job": "never", "bulk": "never",
}  # fmt: skip
ACTIONS = {"delete_selected": "delete", "copy_to_draft": "add"}
PUBLISHING = {"publish", "withdraw", "back_to_draft"}


@pytest.fixture
def role_client(site):  # noqa: F811  # the fixture
    """Return a function that gives a signed-in browser of a role; that of a directorate owns none of the rows."""
    make_roles()
    # Publishes what somebody else wrote, and nothing of their own.
    supervised = Group.objects.create(name=GROUPS["supervised"])
    supervised.permissions.set(
        Group.objects.get(name="Uitgever").permissions.exclude(codename="publish_solo")
    )
    Channel.objects.update(schedule=site.rows[Schedule], unit=site.rows[Channel].unit or make_unit())
    if not Channel.objects.filter(schedule=site.rows[Schedule]).exists():
        site.rows[Channel].topic = make_topic(unit=make_unit())

    def client_of(role):
        client = Client()
        if role != "anonymous":
            account = User.objects.create_user(f"rol-{role}", is_staff=True)
            account.groups.add(Group.objects.get(name=GROUPS[role]))
            if role == "directorate":
                Responsibility.objects.create(account=account, unit=make_unit())
            client.force_login(account)
        return client

    return client_of


def may(role, model, kind):
    """Whether a role reaches a page of a model that asks for a right, of a row that is not its own."""
    if (model, kind) in NEVER:
        return False
    if kind == "view":
        return model in SEEN[role]
    if kind in ("publish", "import"):
        return role in (PUBLISHERS if kind == "publish" else IMPORTERS) and model in WRITTEN[role]
    if kind == "never":
        return False
    return model in WRITTEN[role]


# Pages without a row: they show only what an account may reach.
LISTS = ("changelist", "add", "move", "redirect", "bin", "export", "year", "together")


def is_theirs(role, model, page):
    """Whether the row of a page belongs to others."""
    is_others = model in OF_UNITS and page not in LISTS
    return role == "directorate" and (is_others or page == "bin_restore")


@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_what_it_may_and_nothing_else(role, site, role_client):  # noqa: F811
    client, wrong = role_client(role), []
    for route in share(admin_routes(), ROLES.index(role), 3):
        model, page = page_of(route)
        if model is None or page in ("move", "redirect"):
            continue
        address = next(iter(questions(route, site)))
        expected = may(role, model, KINDS[page]) and not is_theirs(role, model, page)
        answer = client.get(address)
        opened = answer.status_code == 200
        if opened != expected and (opened or page != "file"):
            wrong.append((address, answer.status_code))
    assert wrong == []


def test_no_other_page_of_the_site_opens_without_signing_in(site, role_client):  # noqa: F811
    client = role_client("anonymous")
    for route in admin_routes():
        model, page = page_of(route)
        if model is None and page not in OPEN:
            for address in share(questions(route, site), 0, 4):
                assert client.get(address).status_code in (302, 403, 404, 405), address


def asked_of(model, page, data):
    """The right that a forged form needs."""
    if page == "changelist":
        name = data.get("action", "")
        return "publish" if name in PUBLISHING else ACTIONS.get(name, "change")
    return "change" if page == "change" else KINDS[page]


def is_on_the_site(row):
    """Whether the public sees a row, or the whole that it is deleted with."""
    if hasattr(row, "status"):
        return row.status != "draft"
    owners = [field.name for field in row._meta.fields if field.many_to_one]
    wholes = [name for name in owners if row._meta.get_field(name).remote_field.on_delete is models.CASCADE]
    return any(is_on_the_site(owner) for name in wholes if (owner := getattr(row, name)) is not None)


def is_allowed(role, model, page, data, row):
    kind = asked_of(model, page, data)
    if role == "supervised" and kind in ("change", "delete") and is_on_the_site(row):
        return False
    if role in ("translator", "publisher") and page == "change" and issubclass(model, Translated):
        return True
    if role == "directorate" and page in ("add", "move") and model in (Schedule, ScheduleException):
        return True  # hours that no channel uses belong to nobody
    if role == "directorate":
        return False  # none of the rows is its own
    if kind == "publish":
        return role in PUBLISHERS and may(role, model, "change")
    return may(role, model, kind)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_writes_nothing_that_it_may_not(role, site, forged, role_client):  # noqa: F811
    client = role_client(role)
    before = tables()
    tried = [
        (address, data)
        for route, address, data in forged
        for model, page in [page_of(route)]
        if model is not None
        and page not in ("history", "file", "redirect")
        and not is_allowed(role, model, page, data, site.rows[model])
    ]
    for address, data in share(tried, ROLES.index(role), 4):
        answer = client.post(address, data)
        assert answer.status_code < 500, address
    now = tables()
    assert [model._meta.label for model in apps.get_models() if before.get(model) != now.get(model)] == []
