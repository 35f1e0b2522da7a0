"""A period can be over: pages, lists, the search and the API say so, by one rule."""

import datetime

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from organisation.models import Organogram, Policy, StaffingTable
from projects.models import Plan
from tests.make import make, make_corporate_plan, make_plan, make_policy, make_project, make_staffing_table

LAST_DAY = datetime.date(2025, 12, 31)
OVER = "Deze periode is voorbij"
NOT_HERE = f"{OVER}; een nieuwer plan staat hier nog niet."
SIDES = [("2025-12-31 23:59", False), ("2026-01-01 00:00", True)]
pytestmark = pytest.mark.django_db


@pytest.fixture
def at(monkeypatch):
    """Sets the clock, in the time of Brussels."""

    def set_clock(text):
        moment = datetime.datetime.fromisoformat(text).replace(tzinfo=timezone.get_default_timezone())
        monkeypatch.setattr(timezone, "now", lambda: moment)

    return set_clock


@pytest.fixture
def plan_2020():
    return make_plan(
        title="Plan", slug="plan-2020", valid_from=datetime.date(2020, 1, 1), valid_until=LAST_DAY
    )


@pytest.fixture
def policy_2020():
    return make_policy(
        title="Milieubeleid", series="eco", valid_from=datetime.date(2020, 1, 1), valid_until=LAST_DAY
    )


@pytest.mark.parametrize("model", [Plan, Policy, StaffingTable, Organogram])
@given(
    last=st.none() | st.dates(datetime.date(2021, 1, 1), datetime.date(2021, 3, 1)),
    on=st.dates(datetime.date(2020, 12, 1), datetime.date(2021, 4, 1)),
)
@settings(max_examples=8, deadline=None)
def test_rows_and_querysets_agree_on_what_has_ended(model, last, on):
    edition = make(model, valid_from=datetime.date(2020, 1, 1), valid_until=last)
    assert edition.has_ended(on) == (last is not None and last < on)
    assert model.objects.all().ended(on).filter(pk=edition.pk).exists() == edition.has_ended(on)
    edition.delete()


@pytest.mark.parametrize(("moment", "is_over"), SIDES)
def test_pages_and_lists_say_that_the_period_is_over(client, at, plan_2020, policy_2020, moment, is_over):
    project = make_project(plan=plan_2020)
    at(moment)
    for path in ("/projecten", project.get_absolute_url(), "/beleid", policy_2020.get_absolute_url()):
        assert (NOT_HERE in client.get(path).content.decode()) is is_over, path


@pytest.mark.parametrize(("moment", "is_over"), SIDES)
def test_the_api_says_that_the_period_is_over(client, at, plan_2020, policy_2020, moment, is_over):
    at(moment)
    for collection, item in (("plans", plan_2020), ("policies", policy_2020)):
        assert client.get(f"/api/v1/{collection}/{item.slug}").json()["periodEnded"] is is_over
        listed = client.get(f"/api/v1/{collection}").json()["items"][0]
        assert (listed["validUntil"], listed["periodEnded"]) == ("2025-12-31", is_over)


def test_without_a_last_day_nothing_is_said(client):
    plan = make_plan()
    assert "periodEnded" not in client.get(f"/api/v1/plans/{plan.slug}").json()
    assert OVER not in client.get("/projecten").content.decode()


@pytest.mark.parametrize(("moment", "is_over"), SIDES)
def test_the_search_says_that_the_period_is_over(client, at, policy_2020, moment, is_over):
    at(moment)
    assert (OVER in client.get("/zoeken", {"q": "milieubeleid"}).content.decode()) is is_over
    hits = client.get("/api/v1/search", {"q": "milieubeleid"}).json()["items"]
    assert hits[0].get("periodEnded", False) is is_over


def test_a_newer_plan_that_is_in_force_is_not_missed(client, at, plan_2020, policy_2020):
    project = make_project(plan=plan_2020)
    make_plan(title="Later", valid_from=datetime.date(2026, 1, 1))
    make_policy(title="Later", series="eco", valid_from=datetime.date(2026, 1, 1))
    paths = (plan_2020.get_absolute_url(), project.get_absolute_url(), policy_2020.get_absolute_url())
    at("2026-01-01 00:00")
    for path in paths:
        html = client.get(path).content.decode()
        assert f"{OVER}." in html
        assert NOT_HERE not in html
    assert OVER not in client.get("/projecten").content.decode()


def test_a_newer_plan_that_is_still_to_come_is_not_here_yet(client, at, plan_2020):
    make_plan(title="Later", valid_from=datetime.date(2026, 7, 1))
    at("2026-01-01 00:00")
    assert NOT_HERE in client.get("/projecten").content.decode()
    assert not plan_2020.has_successor(Plan.objects.published())
    assert plan_2020.has_successor(Plan.objects.published(), datetime.date(2026, 7, 1))


def test_another_series_is_no_successor(policy_2020):
    make_policy(series="welfare", valid_from=datetime.date(2026, 1, 1))
    assert not policy_2020.has_successor(Policy.objects.published(), datetime.date(2026, 2, 1))


def test_other_editions_say_it_too(client):
    make_staffing_table(valid_from=datetime.date(2020, 1, 1), valid_until=datetime.date(2020, 12, 31))
    assert f"{OVER}." in client.get("/formatie").content.decode()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("", "Dit is het laatste organogram dat gepubliceerd is, van 1 september 2021."),
        ("/en", "This is the latest organogram that has been published, of 1 September 2021."),
        ("/fr", "Voici le dernier organigramme publié (1 septembre 2021)."),
        ("/de", "Dies ist das neueste veröffentlichte Organigramm (1. September 2021)."),
    ],
)
def test_the_organogram_does_not_call_itself_of_today(client, plan, language, words):
    text = " ".join(client.get(f"{language}/organogram").content.decode().split())
    assert words in text
    assert "van vandaag" not in text


def test_what_the_plan_printed_for_2020_to_2025_is_over(client, plan):
    policies = client.get("/api/v1/policies").json()["items"]
    ended = [policy["periodEnded"] for policy in policies if "validUntil" in policy]
    assert ended == [True] * 4


@pytest.mark.parametrize(("moment", "is_over"), SIDES)
def test_the_strategy_says_that_the_period_of_its_plan_is_over(client, at, moment, is_over):
    at(moment)
    make_corporate_plan(valid_until=LAST_DAY)
    assert (NOT_HERE in client.get("/strategie").content.decode()) is is_over
    make_corporate_plan(valid_from=datetime.date(2026, 1, 1))
    assert OVER not in client.get("/strategie").content.decode()
