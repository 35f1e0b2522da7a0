"""A new corporate plan and a new safety plan take over on the first of January, prepared in the admin."""

import datetime
import importlib
from types import SimpleNamespace
from uuid import uuid5

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.urls import reverse
from django.utils import timezone

from organisation.models import CorporatePlan, KeyFigure
from projects.models import Objective, Plan, Project
from pzgent.kernel.trees import find_faults
from pzgent.models import PlanRecord
from pzgent.search import search_everything
from pzgent.starting_content.known_entries import NAMESPACE
from tests.browser import form_data
from tests.make import (
    make_corporate_plan,
    make_document,
    make_key_figure,
    make_objective,
    make_plan,
    make_project,
    make_statement,
)
from tests.pages import body_of, count_queries, text_of

BRUSSELS = datetime.timezone(datetime.timedelta(hours=1))
LAST_DAY = datetime.datetime(2025, 12, 31, 23, 59, 30, tzinfo=BRUSSELS)
FIRST_DAY = datetime.datetime(2026, 1, 1, 0, 0, 30, tzinfo=BRUSSELS)


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still; call it to set it."""

    def set_to(moment):
        monkeypatch.setattr(timezone, "now", lambda: moment)

    set_to(LAST_DAY)
    return set_to


@pytest.fixture
def old(db, clock):
    """What applies until the end of 2025: a corporate plan and a safety plan."""
    corporate = make_corporate_plan(slug="bedrijfsplan-oud", title="Bedrijfsplan oud")
    goal = make_objective(plan=corporate, slug="oud-doel", title="Oud doel", code="1")
    make_objective(parent=goal, slug="oud-deel", title="Oud deel", kind="subgoal")
    make_statement(plan=corporate, slug="oude-missie", text="Oude missie van de politie")
    plan = make_plan(slug="zvp-oud", title="Veiligheidsplan oud")
    project = make_project(plan=plan, slug="fiets-oud", title="Fietsdiefstal oud", number=1)
    project.objectives.add(goal)
    return corporate


def add(client, name, **values):
    """Fill in the form of the admin for something new."""
    page = reverse(f"admin:{name}_add")
    answer = client.post(page, form_data(client.get(page), **values))
    assert answer.status_code == 302, answer.context["adminform"].form.errors


@pytest.fixture
def new(old, admin_client):
    """What applies from 2026 on, as an editor makes it in 2025; everything is published but the two plans."""
    start = {"valid_from": "2026-01-01", "valid_from_precision": "day", "status": "draft"}
    add(
        admin_client,
        "organisation_corporateplan",
        title="Bedrijfsplan nieuw",
        slug="bedrijfsplan-nieuw",
        **start,
    )
    corporate = CorporatePlan.objects.get(slug="bedrijfsplan-nieuw")
    common = {"plan": str(corporate.pk), "status": "published"}
    goal = {"slug": "nieuw-doel", "title": "Nieuw doel", "kind": "goal", "code": "1"}
    add(admin_client, "projects_objective", **goal, **common)
    parent = str(Objective.objects.get(slug="nieuw-doel").pk)
    part = {"slug": "nieuw-deel", "title": "Nieuw deel", "kind": "subgoal", "parent": parent}
    add(admin_client, "projects_objective", **part, **common)
    mission = {"slug": "nieuwe-missie", "text": "Nieuwe missie van de politie", "kind": "mission"}
    add(admin_client, "organisation_statement", **mission, **common)
    add(admin_client, "projects_plan", title="Veiligheidsplan nieuw", slug="zvp-nieuw", **start)
    project = {
        "plan": str(Plan.objects.get(slug="zvp-nieuw").pk), "title": "Fietsdiefstal nieuw", "slug": "fiets-nieuw",
        "kind": "B", "number": "1", "objectives": [parent], "status": "published",
        "continues": str(Project.objects.get(slug="fiets-oud").pk),
    }  # fmt: skip
    add(admin_client, "projects_project", **project)
    return corporate


def publish(client):
    """Publish both plans, in the admin."""
    for plan in (*CorporatePlan.objects.filter(status="draft"), *Plan.objects.filter(status="draft")):
        page = reverse(f"admin:{plan._meta.app_label}_{plan._meta.model_name}_change", args=[plan.pk])
        assert client.post(page, form_data(client.get(page), status="published")).status_code == 302


def slugs(client, path):
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.json()
    return {item["slug"] for item in answer.json()["items"]}


def everything_public(client):
    pages = ("/", "/strategie", "/projecten", "/zoeken?q=nieuw", "/cijfers", "/sitemap-strategies.xml")
    api = ("objectives", "statements", "corporatePlans", "plans", "projects", "search?q=nieuw", "changes")
    found = [client.get(path) for path in (*pages, *(f"/api/v1/{name}" for name in api))]
    return " ".join(answer.content.decode() for answer in found).replace("q=nieuw", "").replace('"nieuw"', "")


def test_nothing_of_a_plan_is_public_before_that_plan_is_published(new, client):
    for word in (
        "Nieuw doel",
        "Nieuw deel",
        "Nieuwe missie",
        "nieuwe-missie",
        "nieuw-doel",
        "Bedrijfsplan nieuw",
    ):
        assert word not in everything_public(client)
    for path in ("strategie/bedrijfsplan-nieuw", "projecten/fiets-nieuw", "api/v1/objectives/nieuw-doel"):
        assert client.get(f"/{path}").status_code == 404
    assert client.get("/api/v1/objectives?plan=bedrijfsplan-nieuw").status_code == 400


def test_until_the_last_day_the_old_plan_is_in_force(new, admin_client, client, clock):
    publish(admin_client)
    text = text_of(client.get("/strategie"))
    assert "Oud doel" in text
    assert "Nieuw doel" not in text
    assert "Oude missie" in text_of(client.get("/"))
    assert "Nieuwe missie" not in text_of(client.get("/"))
    assert "Fietsdiefstal oud" in text_of(client.get("/projecten"))
    assert slugs(client, "objectives?asOf=2025-12-31") == {"oud-doel", "oud-deel"}
    assert slugs(client, "statements?asOf=2025-12-31") == {"oude-missie"}
    assert "Dit plan komt nog" in text_of(client.get("/strategie/bedrijfsplan-nieuw"))


def test_on_the_first_day_the_new_plan_takes_over_by_itself(new, admin_client, client, clock):
    publish(admin_client)
    clock(FIRST_DAY)
    text = text_of(client.get("/strategie"))
    assert "Nieuw doel" in text
    assert "Nieuw deel" in text
    assert "Nieuwe missie" in text
    assert "Oud doel" not in text
    assert "Oude missie" not in text
    assert "Nieuwe missie" in text_of(client.get("/"))
    assert "Oude missie" not in text_of(client.get("/"))
    text = text_of(client.get("/projecten"))
    assert "Fietsdiefstal nieuw" in text
    assert "Fietsdiefstal oud" not in text
    assert slugs(client, "corporatePlans?asOf=2026-01-01") == {"bedrijfsplan-nieuw"}
    assert slugs(client, "objectives?asOf=2026-01-01") == {"nieuw-doel", "nieuw-deel"}
    assert slugs(client, "statements?asOf=2026-01-01") == {"nieuwe-missie"}
    assert slugs(client, "projects?asOf=2026-01-01") == {"fiets-nieuw"}


def test_the_old_plan_stays_readable_and_says_that_it_is_old(new, admin_client, client, clock):
    publish(admin_client)
    clock(FIRST_DAY)
    html = client.get("/strategie").content.decode()
    assert 'href="/strategie/bedrijfsplan-oud"' in html
    answer = client.get("/strategie/bedrijfsplan-oud")
    assert "Oud doel" in text_of(answer)
    assert "Dit is een vroeger plan" in text_of(answer)
    assert 'id="oud-doel"' in answer.content.decode()
    assert "Dit is een vroeger plan" in text_of(client.get("/projecten?plan=zvp-oud"))
    old = text_of(client.get("/projecten/fiets-oud"))
    assert "een vroeger plan" in old
    assert "een vroeger plan" not in text_of(client.get("/projecten/fiets-nieuw"))
    assert "Fietsdiefstal nieuw" in old
    assert "Bedrijfsplan oud" in old
    assert "Fietsdiefstal oud" in text_of(client.get("/projecten/fiets-nieuw"))


def test_the_api_names_the_plan_of_everything(new, admin_client, client, clock):
    publish(admin_client)
    clock(FIRST_DAY)
    assert slugs(client, "objectives?plan=bedrijfsplan-oud") == {"oud-doel", "oud-deel"}
    assert slugs(client, "statements?plan=bedrijfsplan-oud") == {"oude-missie"}
    assert slugs(client, "objectives") == {"oud-doel", "oud-deel", "nieuw-doel", "nieuw-deel"}
    goal = client.get("/api/v1/objectives/oud-doel").json()
    assert goal["plan"]["slug"] == "bedrijfsplan-oud"
    assert goal["htmlUrl"].endswith("/strategie/bedrijfsplan-oud#oud-doel")
    assert client.get("/api/v1/statements/nieuwe-missie").json()["plan"]["name"] == "Bedrijfsplan nieuw"
    embedded = client.get("/api/v1/objectives?plan=bedrijfsplan-oud&embed=plan").json()["embedded"]
    assert [item["slug"] for item in embedded.values()] == ["bedrijfsplan-oud"]
    assert "bedrijfsplan-oud" in client.get("/sitemap-strategies.xml").content.decode()


def test_the_search_prefers_what_is_in_force(new, admin_client, clock):
    publish(admin_client)
    clock(FIRST_DAY)
    hits = [hit for hit in search_everything("missie van de politie", 300).hits if hit.type == "statement"]
    assert [hit.slug for hit in hits] == ["nieuwe-missie", "oude-missie"]


def test_the_admin_shows_one_plan_at_a_time(new, admin_client):
    page = reverse("admin:projects_objective_changelist")

    def shown(query=""):
        return [goal.slug for goal in admin_client.get(f"{page}{query}").context["cl"].result_list]

    assert shown() == ["oud-doel", "oud-deel"]
    assert shown(f"?plan={new.pk}") == ["nieuw-doel", "nieuw-deel"]
    form = admin_client.get(f"{reverse('admin:projects_objective_add')}?_changelist_filters=plan%3D{new.pk}")
    assert form.context["adminform"].form.initial["plan"] == new.pk


def test_goals_move_among_those_of_their_own_plan(old, admin_client):
    later = make_corporate_plan(valid_from=datetime.date(2026, 1, 1))
    for plan in (later, old, later):
        make_objective(plan=plan)
    move = reverse("admin:projects_objective_move")
    before = list(Objective.objects.filter(plan=later).order_by("tree_id"))
    admin_client.post(move, {"up": str(before[1].pk)})
    assert list(Objective.objects.filter(plan=later).order_by("tree_id")) == before[::-1]
    answer = admin_client.post(move, {"up": str(before[1].pk)}, follow=True)
    assert "kan niet verder" in answer.content.decode()
    assert find_faults(Objective) == []


def test_an_objective_is_never_part_of_one_of_another_plan(old, admin_client):
    goal = Objective.objects.get(slug="oud-doel")
    other = make_objective(plan=make_corporate_plan(valid_from=datetime.date(2026, 1, 1)))
    with pytest.raises(ValidationError):
        make_objective(plan=other.plan, parent=goal)
    goal.plan = other.plan
    with pytest.raises(ValidationError):
        goal.save()
    page = reverse("admin:projects_objective_change", args=[other.pk])
    answer = admin_client.post(page, form_data(admin_client.get(page), parent=str(goal.pk)))
    assert answer.context["adminform"].form.has_error("parent")
    other.refresh_from_db()
    assert other.parent is None


def test_a_plan_with_objectives_or_statements_is_not_deleted(old):
    with pytest.raises(ProtectedError):
        old.delete()


@pytest.mark.parametrize(
    ("make", "change"),
    [
        (make_key_figure, {"target": -1}),
        (make_key_figure, {"target_by": "2030-01-01"}),
        (make_project, {"outcome_date": "2025-06-30"}),
        (make_statement, {"plan": None}),
        (make_objective, {"plan": None}),
    ],
)
@pytest.mark.django_db
def test_the_database_refuses_what_the_forms_would(make, change):
    row = make()
    with pytest.raises(IntegrityError), transaction.atomic():
        type(row).objects.filter(pk=row.pk).update(**change)


def test_two_published_plans_do_not_start_on_one_day(old):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_corporate_plan(valid_from=old.valid_from)
    assert make_corporate_plan(valid_from=old.valid_from, status="draft")


def test_an_older_database_gets_the_plan_that_the_starting_content_has(db):
    migration = importlib.import_module("organisation.migrations.0008_statements_of_plan")
    editor = SimpleNamespace(connection=connection)
    migration.fill(apps, editor)
    assert not CorporatePlan.objects.exists()
    mission = make_statement(plan=make_corporate_plan(status="draft"))
    migration.fill(apps, editor)
    mission.refresh_from_db()
    assert mission.plan.pk == uuid5(NAMESPACE, "organisation.corporateplan:bedrijfsplan-2021-2025")
    assert mission.plan.is_published
    assert mission.version == 1
    assert PlanRecord.objects.get().object_id == str(mission.plan.pk)


# --- outcomes and targets ---


@pytest.fixture
def done(db):
    """A project that is done, with what came of it in Dutch and English."""
    report = make_document(title="Eindverslag", slug="eindverslag")
    project = make_project(
        slug="klaar",
        outcome="Er zijn minder gestolen fietsen.",
        outcome_date="2025-06-30",
        outcome_document=report,
    )
    project.translate("outcome", "en", "Fewer bicycles are stolen.")
    project.save()
    return project


def test_a_project_says_what_came_of_it(done, client):
    text = text_of(client.get("/projecten/klaar"))
    for words in ("Wat het opleverde", "30 juni 2025", "minder gestolen fietsen", "Eindverslag"):
        assert words in text
    assert "Fewer bicycles are stolen." in text_of(client.get("/en/projecten/klaar"))
    found = client.get("/api/v1/projects/klaar").json()
    assert found["outcomeDate"] == "2025-06-30"
    assert found["outcomeDocument"]["slug"] == "eindverslag"
    assert client.get("/api/v1/projects/klaar?lang=en").json()["outcome"] == "Fewer bicycles are stolen."
    assert "minder gestolen fietsen" in body_of(client.get("/api/v1/exports/projects.csv")).decode()
    assert [hit.slug for hit in search_everything("gestolen fietsen", 9).hits] == ["klaar"]


def test_a_project_without_an_outcome_says_nothing_of_one(client, db):
    project = make_project(slug="open")
    assert "Wat het opleverde" not in text_of(client.get(project.get_absolute_url()))
    assert (
        not {"outcome", "outcomeDate", "outcomeDocument"} & client.get("/api/v1/projects/open").json().keys()
    )


def test_a_document_that_is_not_public_is_not_named_as_outcome(done, client):
    done.outcome_document.status = "draft"
    done.outcome_document.save()
    assert "Eindverslag" not in text_of(client.get("/projecten/klaar"))
    assert "outcomeDocument" not in client.get("/api/v1/projects/klaar").json()


@pytest.fixture
def measured(db):
    """A goal with a figure that measures it, and what that figure is to become."""
    target = {"target": 95, "target_by": datetime.date(2025, 1, 1), "target_precision": "year"}
    figure = make_key_figure(slug="tijdig", label="Tijdig ter plaatse", value=88, unit="%", **target)
    goal = make_objective(slug="doel", title="Snel helpen")
    goal.figures.add(figure)
    return goal


def test_a_figure_says_its_target_and_what_it_measures(measured, client):
    text = text_of(client.get("/cijfers"))
    assert "Streefwaarde: 95 % , tegen 2025" in text.replace("%,", "% ,")
    assert "Meet: Snel helpen" in text
    figure = client.get("/api/v1/keyFigures/tijdig").json()
    assert (figure["target"], figure["targetBy"]) == (95, "2025")
    assert [goal["slug"] for goal in figure["objectives"]] == ["doel"]
    assert [goal["slug"] for goal in client.get("/api/v1/keyFigures").json()["items"][0]["objectives"]] == [
        "doel"
    ]


def test_an_objective_says_which_figures_measure_it(measured, client):
    text = text_of(client.get("/strategie"))
    assert "Tijdig ter plaatse" in text
    assert "95" in text
    assert [found["slug"] for found in client.get("/api/v1/objectives/doel").json()["figures"]] == ["tijdig"]


def test_what_is_not_published_is_named_on_neither_side(measured, client):
    KeyFigure.objects.update(status="draft")
    assert "figures" not in client.get("/api/v1/objectives/doel").json()
    assert "Tijdig" not in text_of(client.get("/strategie"))
    KeyFigure.objects.update(status="published")
    Objective.objects.update(status="draft")
    assert "objectives" not in client.get("/api/v1/keyFigures/tijdig").json()
    assert "Snel helpen" not in text_of(client.get("/cijfers"))


def test_a_figure_without_a_target_says_nothing_of_one(client, db):
    make_key_figure(slug="kaal")
    text = text_of(client.get("/cijfers"))
    assert "Streefwaarde" not in text
    assert "Meet:" not in text
    assert not {"target", "targetBy", "objectives"} & client.get("/api/v1/keyFigures/kaal").json().keys()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/strategie", "/cijfers", "/api/v1/objectives?lang=fr", "/api/v1/keyFigures?lang=fr"]
)
def test_two_and_twelve_take_as_many_queries(client, path):
    def fill(count):
        for _number in range(count):
            goal = make_objective()
            goal.figures.add(make_key_figure(target=1))
            make_project().objectives.add(goal)
            make_statement()

    fill(2)
    few = count_queries(client, path)
    fill(10)
    assert count_queries(client, path) == few
