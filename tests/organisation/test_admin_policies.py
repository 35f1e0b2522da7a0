"""Policies in the admin: domains on the policy's page, actions on the domain's page."""

import pytest
from django.urls import reverse

from organisation.models import PolicyAction, PolicyDomain
from tests.browser import form_data
from tests.make import make_policy, make_policy_action, make_policy_domain


@pytest.fixture
def domain(db):
    domain = make_policy_domain()
    for position in (1, 2, 3):
        make_policy_action(domain, position=position, title=f"Actie {position}")
    return domain


def page_of(item):
    return reverse(f"admin:organisation_{item._meta.model_name}_change", args=[item.pk])


def save(client, item, **changes):
    return client.post(page_of(item), form_data(client.get(page_of(item)), **changes))


def order(domain):
    return list(domain.actions.order_by("position").values_list("title", flat=True))


def test_a_domain_is_added_on_the_page_of_its_policy(admin_client):
    row = {"id": "", "position": "1", "code": "A", "title": "Preventie", "slug": "preventie", "summary": ""}
    rows = {f"domains-0-{name}": value for name, value in row.items()}
    save(admin_client, make_policy(), **{"domains-TOTAL_FORMS": "1"}, **rows)
    assert PolicyDomain.objects.get().title == "Preventie"


def test_the_page_of_a_policy_links_to_its_domains(domain, admin_client):
    assert page_of(domain) in admin_client.get(page_of(domain.policy)).content.decode()


def test_the_page_of_a_domain_links_to_its_policy(domain, admin_client):
    assert page_of(domain.policy) in admin_client.get(page_of(domain)).content.decode()


def test_two_actions_can_exchange_their_numbers(domain, admin_client):
    assert (
        save(admin_client, domain, **{"actions-0-position": "2", "actions-1-position": "1"}).status_code
        == 302
    )
    assert order(domain) == ["Actie 2", "Actie 1", "Actie 3"]
    assert list(domain.actions.values_list("position", flat=True)) == [1, 2, 3]


def test_actions_with_the_same_number_are_refused(domain, admin_client):
    answer = save(admin_client, domain, **{"actions-0-position": "2", "actions-0-title": "getypt"})
    assert len(answer.context["inline_admin_formsets"][0].formset.non_form_errors()) == 1
    assert "getypt" in answer.content.decode()
    assert order(domain) == ["Actie 1", "Actie 2", "Actie 3"]


def test_the_number_of_a_deleted_action_can_be_given_again(domain, admin_client):
    assert (
        save(admin_client, domain, **{"actions-0-DELETE": "on", "actions-1-position": "1"}).status_code == 302
    )
    assert order(domain) == ["Actie 2", "Actie 3"]


@pytest.mark.parametrize("number", ["10000", "99999999"])
def test_a_number_that_is_too_high_is_refused(number, domain, admin_client):
    assert save(admin_client, domain, **{"actions-0-position": number}).context["errors"]


def test_an_action_is_deleted_on_the_page_of_its_domain(domain, admin_client):
    save(admin_client, domain, **{"actions-2-DELETE": "on"})
    assert PolicyAction.objects.count() == 2
