"""Every address of the admin, asked and written to by everybody who may not: nothing changes and nothing is told.

The addresses come from the URL configuration. A new sort of view fails the first test until this file knows how to
write to it.
"""

import hashlib
import uuid

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import models, transaction
from django.test import Client
from django.urls import reverse

from contact.models import Channel, Schedule
from organisation.models import Placement, StructureStep, Unit
from pzgent.kernel.editing import ROWS
from pzgent.kernel.editing.version_admin import state_of
from pzgent.kernel.jobs import Job, JobLine
from pzgent.kernel.publishing import Publishable
from pzgent.kernel.versions.parts import has_versions
from pzgent.kernel.versions.snapshots import digest_of, take
from pzgent.models import (
    AccessibilityStatement,
    DataChange,
    FeedState,
    PreviewLink,
    PublishedChange,
    PublishedItem,
    SignInEvent,
    SynonymRing,
    UsedForm,
    Version,
    Watermark,
    WorkingCopy,
    Zone,
)
from tests import registry
from tests.browser import form_data
from tests.pages import body_of
from tests.planted import Base, Planted
from tests.thinning import share

pytestmark = [pytest.mark.django_db, pytest.mark.no_cover, pytest.mark.once]
# The views of the site itself, and those of a model by the last part of their name: what a forged form says there.
SITE_VIEWS = {
    "index", "login", "logout", "password_change", "password_change_done", "autocomplete", "jsi18n", "view_on_site",
    "app_list", "decide_proposals", "find_links", "jargon", "guide", "take_over_content",
    "totals_7", "totals_30", "totals_400", "erase", "retention", "undo", "bin",
    "working_copies", "subscription", "preview", "preview_page",
    "preview_links", "resume", "sign_in_code", "confirm", "back", "security", "add_app", "add_passkey",
    "recovery_codes", "remove_factor", "sign_out_elsewhere", "admin_password_reset", "password_reset_done",
    "password_reset_confirm", "password_reset_complete", "",
}  # fmt: skip
MODEL_VIEWS = {
    "changelist", "add", "history", "delete", "change", "move", "password_change", "redirect", "file",
    "version", "compare", "restore", "working_copy", "bin", "bin_restore", "release",
    "year", "channels", "together", "batch",
    "workshop", "duplicate", "changes", "withdraw", "quick", "end",
    "export", "import", "import_template", "import_job", "bulk",
}  # fmt: skip
# These are asked about a row of each model.
OF_ANY_ROW = {"preview", "preview_page", "preview_links"}
# Everybody may sign in and out, and change their own password and second step.
OPEN = {
    "login", "logout", "password_change", "password_change_done", "sign_in_code", "confirm", "add_app", "add_passkey",
    "recovery_codes", "remove_factor", "sign_out_elsewhere", "admin_password_reset", "password_reset_done",
    "password_reset_confirm", "password_reset_complete",
}  # fmt: skip
# What the portal keeps by itself whenever somebody writes, and what names and versions follow from.
UNCOUNTED = {
    Session,
    DataChange,
    FeedState,
    PublishedItem,
    PublishedChange,
    Job,
    JobLine,
    StructureStep,
    Watermark,
}
DERIVED = {"version", "modified", "last_login"}
NAMES = {
    Unit: {"name", "abbreviation"},
    Placement: {"name", "abbreviation", "lft", "rght", "tree_id", "level"},
}
REFUSED = {302, 403, 404, 405}

# Signed links for people without an account.
SIGNED = {"fact-check", "desk-calendar"}


def admin_routes():
    return [route for route in registry.routes() if route.is_admin and route.name not in SIGNED]


def page_of(route):
    """The model and the sort of view of an address; for one of the site itself no model."""
    name = route.name.removeprefix("admin:") or route.expression.replace("/", "_").removeprefix("admin_")
    for model in admin.site._registry:
        prefix = f"{model._meta.app_label}_{model._meta.model_name}_"
        if name.startswith(prefix):
            return model, name.removeprefix(prefix) if route.name else "redirect"
    return None, name if route.name else ""


def test_every_sort_of_view_is_known():
    unknown = {
        route.name
        for route in admin_routes()
        for model, page in [page_of(route)]
        if page not in (MODEL_VIEWS if model else SITE_VIEWS)
    }
    assert unknown == set(), "say in tests/pzgent/test_admin_rights.py how to write to these views"


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker):
    """A row of each model, made once; each test undoes what it did."""
    with django_db_blocker.unblock(), transaction.atomic():
        base = Base()
        base.rows[User] = User.objects.create_user("iemand", "iemand@example.org", "x", first_name="Iemand")
        base.rows[Group] = Group.objects.create(name="Redacteurs")
        base.versions = {
            model: versions_of(row)
            for model, row in base.rows.items()
            if row is not None and has_versions(model) and model in admin.site._registry
        }
        # Of somebody else: work on many rows belongs to who began it.
        base.job = Job.objects.create(user=base.rows[User], model="organisation.term", kind="publish")
        yield base
        transaction.set_rollback(True)


def versions_of(row):
    """An old version of a row, its current one, and that of a deleted row; a working copy if it can have one."""
    now = take(row)
    texts = [
        name for name in ("name", "title", "label", "text", "abbreviation", "note") if name in now["fields"]
    ]
    old = {**now, "fields": {**now["fields"], **{name: f"{now['fields'][name]} toen"[:30] for name in texts}}}
    known = {"model": now["model"], "object_id": now["pk"], "label": str(row)[:200]}
    key = str(uuid.uuid4()) if isinstance(row.pk, uuid.UUID) else "987654"
    gone = {
        **old,
        "pk": key,
        "fields": {**old["fields"], **({"slug": "was-hier"} if "slug" in old["fields"] else {})},
    }
    found = {
        "old": Version.objects.create(kind="changed", snapshot=old, digest=digest_of(old), **known),
        "now": Version.objects.create(kind="changed", snapshot=now, digest=digest_of(now), **known),
        "gone": Version.objects.create(
            kind="deleted", snapshot=gone, digest=digest_of(gone), **{**known, "object_id": key}
        ),
    }
    if isinstance(row, Publishable):
        author = User.objects.filter(username="iemand").first()
        found["copy"] = WorkingCopy.objects.create(snapshot=old, base=now, author=author, **known)
    return found


@pytest.fixture(scope="module")
def forged(site, django_db_blocker):
    """Every form that may be sent to each address that writes, made once."""
    with django_db_blocker.unblock():
        return [
            (route, address, data)
            for route in admin_routes()
            if page_of(route)[1] not in OPEN or page_of(route)[0]
            for address in questions(route, site)
            for data in forms(route, site)
        ]


@pytest.fixture
def marked(site):
    """The rows with marks in their texts, slugs and names included."""
    planted = Planted()
    for model, row in site.rows.items():
        if row is not None and model in (Group, User):
            planted.plant(row, "row", ("username", "email", "first_name", "last_name", "name"))
        elif row is not None and model not in (Zone, SignInEvent):  # names that head every page, and no text
            planted.plant(row, "row", keep=("slug",) if model is AccessibilityStatement else ())
    return planted


def table_of(model, without=frozenset()):
    """A digest of all rows of a model, or of the columns that say something by themselves."""
    left_out = DERIVED | without
    names = [field.attname for field in model._meta.concrete_fields if field.attname not in left_out]
    rows = sorted(map(repr, model._base_manager.values_list(*names)))
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def tables(names_follow=False):
    """The state of every table, the log of the admin included."""
    counted = [model for model in apps.get_models(include_auto_created=True) if model not in UNCOUNTED]
    return {
        model: table_of(model, NAMES.get(model, set()) if names_follow else frozenset()) for model in counted
    }


def address_of(route, site):
    """The address of a view, about the row of its model."""
    model, page = page_of(route)
    row = site.rows.get(model) if model else site.rows[Unit]
    key = getattr(row, "pk", 0)
    if "object_id" in route.keys or "id" in route.keys:
        about = (
            {"content_type_id": ContentType.objects.get_for_model(type(row)).pk}
            if page == "view_on_site"
            else {}
        )
        files = (
            [field.name for field in model._meta.fields if isinstance(field, models.FileField)]
            if model
            else []
        )
        number = site.versions[model]["old"].pk if model in site.versions else 0
        known = {"object_id": key, "id": key, "field": next(iter(files), ""), "number": number, **about}
        if not route.name:
            return f"/{route.expression.replace('<path:object_id>', str(key))}"
        return reverse(route.name, kwargs={name: known[name] for name in route.keys})
    if page in ("bulk", "import_job"):
        return reverse(route.name, args=[site.job.pk])
    if page == "export":
        return reverse(route.name, args=[ROWS, "csv"])
    if page == "bin_restore":
        return reverse(route.name, args=[site.versions[model]["gone"].pk])
    if page == "undo":
        return reverse(route.name, args=[site.versions[Unit]["now"].batch])
    if page == "app_list":
        return reverse(route.name, kwargs={"app_label": "organisation"})
    if not route.name or route.name == "admin:":
        return "/admin/bestaat-niet/"
    if page == "password_reset_confirm":
        return reverse(route.name, kwargs={"uidb64": "MQ", "token": "x-y"})
    return reverse(route.name)


def questions(route, site):
    """The addresses of a view: a search has one for each choice that it answers for, a redirect one for each model."""
    _model, page = page_of(route)
    if page == "autocomplete":
        for holder, holder_admin in admin.site._registry.items():
            fields = set(getattr(holder_admin, "autocomplete_fields", ())) | {
                field.name for field in holder._meta.fields if isinstance(field, models.ForeignKey)
            }
            for name in sorted(fields):
                opts = holder._meta
                query = f"app_label={opts.app_label}&model_name={opts.model_name}&field_name={name}"
                yield f"{reverse(route.name)}?{query}"
    elif page == "undo":
        for found in site.versions.values():
            yield reverse(route.name, args=[found["now"].batch])
    elif page in OF_ANY_ROW:
        for holder, row in site.rows.items():
            if row is not None and holder in admin.site._registry:
                known = {
                    "label": holder._meta.label_lower,
                    "key": row.pk,
                    "when": "2027-01-01T1200-concepten",
                }
                keys = {name: known.get(name, "organogram") for name in route.keys}
                yield reverse(route.name, kwargs=keys)
    elif page == "view_on_site":
        for holder, row in site.rows.items():
            if row is not None and holder in admin.site._registry:
                keys = [ContentType.objects.get_for_model(holder).pk, row.pk]
                yield reverse(route.name, args=keys)
    else:
        yield address_of(route, site)


def forms(route, site):
    """What a forged form sends to a view: for a list each of its actions."""
    model, page = page_of(route)
    row = site.rows.get(model)
    if page == "changelist":
        names = [
            "delete_selected",
            *(getattr(action, "__name__", action) for action in admin.site._registry[model].actions or ()),
        ]
        return [{"action": name, "_selected_action": [row.pk], "post": "yes", "index": "0"} for name in names]
    if page == "preview_links":
        link = PreviewLink.objects.first()
        made = {"make": "", "dag": "2027-01-01", "dagen": "7", "form_once": "x" * 20}
        return [made, {"withdraw": link.pk if link else ""}]
    if page == "move":
        return [{"up": row.pk}, {"down": row.pk}]
    if page == "delete":
        return [{"post": "yes"}]
    if page == "restore":
        return [{"seen": state_of(take(row))}]
    if page == "undo":
        return [
            {"seen": digest_of({"fields": [state_of(take(site.rows[holder]))]})} for holder in site.versions
        ]
    if page == "working_copy":
        moment = {"publish_at_0": "2099-01-01", "publish_at_1": "10:00"}
        return [
            {"revision": "1", name: "1", **moment} for name in ("publish", "schedule", "call_off", "discard")
        ]
    if page == "channels":
        return [{"channels": [f"{site.rows[Channel].pk}@{site.rows[Channel].version}"]}]
    if page == "batch":
        return [{"_remove": "1", "confirmed": "1"}]
    if page == "together":
        days = {"first_day": "2031-05-05", "reason": "anders", "schedules": [site.rows[Schedule].pk]}
        address = reverse("admin:contact_scheduleexception_together")
        return [{**filled_in(address, "together_form"), **days}]
    if page == "workshop":
        return workshop_forms(row)
    if page == "duplicate":
        return [{"title": "Kopie", "valid_from": "2031-01-01"}]
    if page in ("changes", "withdraw"):
        state = asked(reverse("admin:organisation_organogram_workshop", args=[row.pk])).context["state"]
        return [
            {"tree_state": state, "valid_from": "2031-01-01", "outcome": "withdrawn", "publish_units": "on"}
        ]
    if page in ("bulk", "import_job"):
        return [{"start": "1", "apply": "1"}]
    if page == "quick":
        said = {"title_nl": "Anders", "text_nl": "Anders", "until": "two_hours", "level": "info"}
        return [{**said, "publish": "1"}]
    if page in ("add", "change") and model:
        return [
            changed(
                filled_in(
                    reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row.pk])
                )
            )
        ]
    if model is User and page == "password_change":
        return [{"password1": "Gent-9000-geheim", "password2": "Gent-9000-geheim", "usable_password": "true"}]
    return [{"post": "yes"}]


def workshop_forms(organogram):
    """Each step of the workshop, at a unit of its tree, and the undoing of one."""
    place = Placement.objects.filter(organogram=organogram).order_by("-lft").first()
    page = asked(reverse("admin:organisation_organogram_workshop", args=[organogram.pk]))
    sent = {"at": place.pk if place else "", "tree_state": page.context["state"]}
    step = StructureStep.objects.first()
    steps = [
        {"step": "shift", "shift-direction": "up"},
        {"step": "move", "move-target": "x", "move-position": "under"},
        {"step": "rename", "rename-name": "Anders", "rename-kind": "team"},
        {"step": "add", "add-name": "Nieuw", "add-kind": "team", "add-position": "under"},
        {"step": "end", "end-outcome": "abolished", "end-children": "up"},
        {"step": "merge", "merge-others": "x", "merge-name": "Nieuw", "merge-kind": "team"},
        {"step": "split", "split-parts": "A\nB", "split-kind": "team"},
        {"step": "undo", "step_id": step.pk if step else ""},
    ]
    return [sent | values for values in steps]


def asked(address):
    """The answer of an address to somebody with all rights."""
    return filled_client().get(address)


def filled_client():
    superuser = User.objects.filter(is_superuser=True).first() or User.objects.create_superuser(
        "alle", "", "x"
    )
    client = Client()
    client.force_login(superuser)
    return client


def filled_in(address, form_id=None):
    """The form of an address as somebody with all rights gets it."""
    answer = asked(address)
    assert answer.status_code == 200, address
    return form_data(answer, form_id)


def changed(data):
    """The form with another text in it, and other choices of what it belongs to."""
    texts = [
        name
        for name in data
        if name in ("name", "title", "label", "text", "words", "abbreviation", "username")
    ]
    return {**data, **{name: f"{data[name][0]} anders" for name in texts}, "_save": "1"}


def staff(name, *, is_staff=True, models_of=(), kinds=()):
    """A signed-in browser of an account with these kinds of rights on these models."""
    user = User.objects.create_user(name, password="x", is_staff=is_staff)
    for model in models_of:
        codes = [f"{kind}_{model._meta.model_name}" for kind in kinds]
        content = ContentType.objects.get_for_model(model)
        user.user_permissions.add(*Permission.objects.filter(content_type=content, codename__in=codes))
    client = Client()
    client.force_login(user)
    return client


def browser(role):
    if role == "anonymous":
        return Client()
    if role == "viewer":
        return staff(role, models_of=admin.site._registry, kinds=["view"])
    if role == "viewer of one":
        return staff(role, models_of=[SynonymRing], kinds=["view"])
    return staff(role, is_staff=role != "not staff")


ROLES = ["anonymous", "not staff", "without rights", "viewer of one", "viewer"]


@pytest.mark.parametrize("role", ROLES)
def test_who_may_not_write_changes_nothing(role, forged):
    client = browser(role)
    before, written = tables(), []
    for _route, address, data in share(forged, ROLES.index(role), 2 * len(ROLES)):
        answer = client.post(address, data)
        assert answer.status_code < 500, address
        if answer.status_code != 403 and not answer.headers.get("Location", "").startswith("/admin/login"):
            now = tables()
            written += [(address, data.get("action"))] if now != before else []
            before = now
    assert written == []
    assert tables() == before


@pytest.mark.parametrize("role", ROLES)
def test_who_may_not_look_sees_nothing(role, site, marked):
    client, told = browser(role), []
    for number, route in enumerate(admin_routes()):
        model, _page = page_of(route)
        for address in share(questions(route, site), number + ROLES.index(role), 6):
            answer = client.get(address)
            assert answer.status_code < 500, address
            own = role == "viewer" or (role == "viewer of one" and model is SynonymRing)
            if model and not own:
                assert answer.status_code in REFUSED, address
            body = body_of(answer) if answer.streaming else answer.content
            text = body.decode("utf-8", "replace") + str(answer.headers)
            found = marked.found_in(text)
            allowed = role == "viewer" or (
                role == "viewer of one" and all("SynonymRing" in it for it in found)
            )
            told += [] if allowed or not found else [(address, found[:3])]
    assert told == []


def test_somebody_with_all_rights_gets_an_answer_everywhere(site, admin_client):
    for route in admin_routes():
        for address in share(questions(route, site), 0, of=4):
            status = admin_client.get(address).status_code
            assert status in (200, 302, 403, 404, 405), address


EDITED = sorted(
    (model for model in admin.site._registry if model not in (User, Group)),
    key=lambda model: model._meta.label,
)


@pytest.mark.parametrize("model", EDITED, ids=lambda model: model._meta.label)
def test_rights_on_one_model_write_no_other(model, site, forged):
    """Forms and actions that also write elsewhere ask for the rights on that."""
    client = staff("redacteur", models_of=[model], kinds=["view", "add", "change", "delete"])
    other = [sent for sent in forged if page_of(sent[0])[0] is model]
    before, written = tables(names_follow=True), []
    for route, address, data in share(other, EDITED.index(model), 4):
        with transaction.atomic():
            answer = client.post(address, elsewhere(data, site))
            assert answer.status_code < 500, address
            now = tables(names_follow=True)
            transaction.set_rollback(True)
        written += [
            (page_of(route)[1], data.get("action", ""), table._meta.label)
            for table in now
            if now[table] != before[table] and not goes_with(table, model)
        ]
    assert written == []


def goes_with(table, model):
    """Whether rows of a table have no rights of their own beside those of a model: links, the log, parts."""
    own = {model, LogEntry, *(field.remote_field.through for field in model._meta.local_many_to_many)}
    parts = {
        holder
        for whole in (model, *(field.related_model for field in model._meta.related_objects))
        for holder, _field in registry.foreign_keys_to(whole)
        if holder not in admin.site._registry
    }
    return table in own | parts | {Version, WorkingCopy, UsedForm}


def elsewhere(data, site):
    """The form with another place in the organogram, where it asks for one."""
    other = site.other_unit.placements.get()
    return {**data, **{name: str(other.pk) for name in data if name == "part_of"}}
