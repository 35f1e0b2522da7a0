"""Whatever is sent to the admin, it answers with a page or a message: every model, every page, hostile values."""

import itertools

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.contrib.messages import get_messages
from django.db import transaction
from django.urls import reverse

from organisation.models import Organogram, Placement, Term, Unit
from tests.browser import form_data
from tests.make import (
    make_accessibility_statement,
    make_care_area,
    make_channel,
    make_exception,
    make_grade,
    make_location,
    make_missing,
    make_objective,
    make_organogram,
    make_placement,
    make_policy_action,
    make_project,
    make_schedule,
    make_staffing_table,
    make_succession,
)
from tests.thinning import share

pytestmark = pytest.mark.once
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
HUGE = "9" * 30
VALUES = ("x", HUGE, "1e999999", "0001-01-01", "9999-12-31 23:59", "a\x00b", "\u202e\ufffe[]'\"<>٣")
FIELD_VALUES = ("x", HUGE, "0001-01-01", "a\x00b", VALUES[-1])
UNREADABLE = "%ED%A0%80"  # half of a pair that UTF-16 needs


def by_model(test):
    """Ask about each model; in each run about every third, another third for each test."""
    number = len(test.__name__)
    some = share(MODELS, number, 6)
    return pytest.mark.parametrize("model", some, ids=lambda model: model._meta.label)(test)


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.fixture
def rows(admin_user):
    """A row of every model."""
    Group.objects.create(name="Redacteurs")
    organogram = make_organogram()
    unit = make_placement(organogram, make_placement(organogram)).unit
    make_succession(organogram)
    make_staffing_table(total_ops=3).lines.create(grade=make_grade(), count=3)
    make_policy_action()
    project = make_project()
    project.project_units.create(unit=unit)
    project.objectives.add(make_objective(parent=make_objective()))
    channel = make_channel(schedule=make_schedule((0, "09:00", "17:00")), location=make_location())
    make_exception(channel.schedule)
    make_care_area(certainty="named", location=channel.location)
    make_accessibility_statement().gaps.create(text_nl="Kaart")
    make_missing(MODELS)


@pytest.fixture
def faults(admin_client, rows):
    """Ask for addresses; gives those that break."""
    admin_client.raise_request_exception = False

    def ask(*requests):
        found = []
        for method, page, data in requests:
            # What the database refused in one request ends with it, as it does where each has its own transaction.
            with transaction.atomic():
                answer = getattr(admin_client, method)(page, data)
                transaction.set_rollback(True)
            if answer.status_code >= 500:
                found.append((method, page, data))
        return found

    return ask


def lookups(model):
    """Lookups as an address may name them, on columns of every sort that the model has."""
    date_hierarchy = admin.site._registry[model].date_hierarchy
    columns = {type(field): field for field in model._meta.concrete_fields}.values()
    for field in columns:
        yield from (f"{field.name}__exact", f"{field.name}__in")
        if field.is_relation:
            yield from (f"{field.name}__id__exact", f"{field.name}__slug")
    if date_hierarchy:
        yield from (f"{date_hierarchy}__{part}" for part in ("year", "month", "gte"))
    yield from ("pk", "nonsense__x", "__", "p", "o", "q", "_facets", "_popup", "_to_field")


@by_model
def test_a_list_takes_any_address(model, faults):
    page, values = address(model, "changelist"), itertools.cycle(VALUES)
    asked = [("get", page, {name: next(values)}) for name in lookups(model)]
    asked += [("get", page, {"pk": HUGE}), ("get", page, {"p": HUGE}), ("get", f"{page}?q={UNREADABLE}", {})]
    if day := admin.site._registry[model].date_hierarchy:
        asked += [("get", page, {f"{day}__year": year}) for year in ("0", "9999", HUGE)]
    assert faults(*asked) == []


@by_model
def test_a_new_form_takes_any_proposal(model, faults):
    page = address(model, "add")
    names = [field.name for field in (*model._meta.concrete_fields, *model._meta.many_to_many)]
    names += [
        "_popup",
        "_to_field",
        "_changelist_filters",
        "part_of",
        "place_kind",
        "languages",
        "form_stamp",
    ]
    assert (
        faults(*(("get", page, dict.fromkeys(names, value)) for value in ("x", HUGE, "9999-12-31", "[]")))
        == []
    )


@by_model
def test_an_object_takes_any_key(model, faults):
    keys = ("x", HUGE, "_0A", "é\u202e", "9" * 500)
    pages = [address(model, page, key) for page in ("change", "history", "delete") for key in keys[:2]]
    pages += [address(model, "change", key) for key in keys[2:]]
    assert faults(*((method, page, {}) for page in pages for method in ("get", "post"))) == []


@by_model
def test_an_action_takes_any_selection(model, faults):
    page, selections = address(model, "changelist"), itertools.cycle((["x"], [HUGE], ["a\x00b"], ["-1"]))
    actions = [*(admin.site._registry[model].actions or ()), "delete_selected", "delete_selected", "nonsense"]
    asked = [
        ("post", page, {"action": action, "_selected_action": next(selections), "index": index})
        for action, index in zip(actions, itertools.cycle(("0", "x", HUGE)))
    ]
    asked.append(("post", page, {"action": "delete_selected", "_selected_action": ["x"], "post": "yes"}))
    assert faults(*asked) == []


@by_model
def test_a_form_takes_any_value(model, rows, admin_client):
    """In all fields at once, then in those that take it: that one is saved."""
    where = address(model, "change", model.objects.first().pk)
    typed = form_data(admin_client.get(where))
    admin_client.raise_request_exception = False
    own = [name for name in typed if "-" not in name and not name.startswith(("csrf", "form_"))]
    statuses = []
    for value in FIELD_VALUES:
        answer = admin_client.post(where, {**typed, **dict.fromkeys(own, value)})
        statuses.append(answer.status_code)
        if answer.status_code == 200:
            form = answer.context["adminform"].form
            taken = [name for name in own if not name.startswith(tuple(form.errors))]
            typed["form_stamp"] = getattr(form, "current_version_token", "")
            statuses.append(admin_client.post(where, {**typed, **dict.fromkeys(taken, value)}).status_code)
    assert max(statuses) < 500


@by_model
def test_a_form_takes_any_number_of_parts(model, faults, admin_client):
    where = address(model, "change", model.objects.first().pk)
    typed = form_data(admin_client.get(where))
    prefixes = [name.removesuffix("-TOTAL_FORMS") for name in typed if name.endswith("-TOTAL_FORMS")]
    wrong = (("TOTAL_FORMS", "x"), ("INITIAL_FORMS", "7"), ("0-id", HUGE))
    asked = [
        ("post", where, {**typed, f"{prefix}-{end}": value}) for prefix in prefixes for end, value in wrong
    ]
    extra = {"_popup": "1", "_source_model": "x", "_to_field": "id"}
    assert faults(*asked, ("post", where, {**typed, **extra})) == []


@pytest.mark.parametrize("model", ["x", "organisation.unit", "auth.user", "", "a.b"])
def test_a_search_in_a_choice_takes_anything(model, faults):
    app, _dot, name = model.partition(".")
    page = reverse("admin:autocomplete")
    asked = [
        (
            "get",
            page,
            {"app_label": app, "model_name": name, "field_name": field, "term": term, "page": number},
        )
        for field in ("source", "groups", "x", "")
        for term in ("x", "a b " * 700, "9" * 50)
        for number in ("1", "x", HUGE)
    ]
    assert faults(*asked) == []


def test_other_addresses_of_the_admin_take_anything(faults):
    asked = [
        *(
            ("get", f"/admin/r/{kind}/{key}/", {})
            for kind in ("x", "1", HUGE, "0")
            for key in ("x", "1", HUGE)
        ),
        *(("post", address(model, "move"), {"up": key}) for model in (Placement,) for key in ("x", HUGE, "")),
        *(("get", f"/admin/auth/user/{key}/password/", {}) for key in ("x", HUGE, "-1")),
        *(
            ("post", "/admin/login/", {"username": value, "password": value, "next": value})
            for value in VALUES
        ),
        ("post", "/admin/password_change/", {"old_password": "a\x00b", "new_password1": "x" * 9_000}),
        *(
            ("get", f"/admin/{name}/", {})
            for name in ("x", "organisation", "organisation/x", "jsi18n", "autocomplete")
        ),
    ]
    assert faults(*asked) == []


def told(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


def test_a_long_search_says_how_many_words_it_takes(admin_client):
    answer = admin_client.get(address(Unit, "changelist"), {"q": "a " * 1_500}, follow=True)
    assert (answer.status_code, "30" in answer.content.decode()) == (200, True)


def test_a_selection_that_cannot_be_leads_back_with_a_message(admin_client):
    page = address(Unit, "changelist")
    answer = admin_client.post(page, {"action": "publish", "_selected_action": ["x"]})
    assert (answer.status_code, answer["Location"], len(told(answer))) == (302, page, 1)


def test_a_proposal_that_cannot_be_is_left_out_and_the_others_stay(admin_client):
    answer = admin_client.get(address(Term, "add"), {"publish_from": "x", "expansion": "Wijkteam"})
    assert answer.context["adminform"].form.initial.get("expansion") == "Wijkteam"


def test_a_part_that_a_colleague_deleted_meanwhile_leaves_the_form_as_it_was_typed(admin_client):
    schedule = make_schedule((0, "09:00", "17:00"), (1, "09:00", "17:00"))
    page = address(type(schedule), "change", schedule.pk)
    sent = form_data(admin_client.get(page), title="Van mij")
    schedule.slots.first().delete()
    answer = admin_client.post(page, sent)
    assert (answer.status_code, "Van mij" in answer.content.decode()) == (200, True)


# --- Two editors at once --------------------------------------------------------------------------
@pytest.fixture
def rival(monkeypatch):
    """A colleague's organogram, published for a day after the next check found that day free."""
    check, done = Organogram.validate_constraints, []

    def checked(self, *args, **kwargs):
        if done:
            check(self, *args, **kwargs)
        done.append(True)

    monkeypatch.setattr(Organogram, "validate_constraints", checked)
    return make_organogram(title="Van Jan")


def test_a_day_that_a_colleague_took_meanwhile_is_an_error_in_the_form(admin_client, rival):
    draft = make_organogram(status="draft", title="Oud", valid_from=rival.valid_from)
    page = address(Organogram, "change", draft.pk)
    sent = form_data(admin_client.get(page), title="Van mij", status="published")
    answer = admin_client.post(page, sent)
    html = answer.content.decode()
    draft.refresh_from_db()
    assert (answer.status_code, draft.status, "Van mij" in html) == (200, "draft", True)
    assert "dezelfde dag" in html


def test_a_day_that_a_colleague_took_meanwhile_is_a_message_of_the_action(admin_client, rival):
    draft = make_organogram(status="draft", valid_from=rival.valid_from)
    data = {"action": "publish", "_selected_action": [draft.pk]}
    asked = admin_client.post(address(Organogram, "changelist"), data)
    answer = admin_client.post(asked["Location"], {"start": "1"})
    draft.refresh_from_db()
    assert (answer.status_code, draft.status) == (302, "draft")
    assert "dezelfde dag" in " ".join(told(answer))
