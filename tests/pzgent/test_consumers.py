"""Who uses the open data: kept by editors, shown on the page about open data and in the API."""

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from pzgent.models import Consumer
from pzgent.worker import bring_up_to_date
from tests.make import make_consumer
from tests.pages import count_queries, faults_of, text_of

pytestmark = pytest.mark.django_db
PAGE = "/open-data"


def test_the_page_says_that_nobody_is_in_the_list_yet_and_how_to_get_there(client):
    answer = client.get(PAGE)
    text = text_of(answer)
    assert "Er staat nog niemand in deze lijst." in text
    assert "Gebruik je de gegevens, en wil je in deze lijst staan?" in text
    assert '<a href="/contact">Hoe je ons bereikt</a>' in answer.content.decode()


def test_the_starting_content_invents_nobody(client, plan):
    assert client.get("/api/v1/consumers").json()["total"] == 0


def test_who_is_in_the_list_is_shown_with_what_they_do(client):
    user = make_consumer(name="Stad aan zee", url="https://stad.example/", since=datetime.date(2026, 3, 1))
    answer = client.get(PAGE)
    html, text = answer.content.decode(), text_of(answer)
    assert '<a href="https://stad.example/" rel="external nofollow">Stad aan zee</a>' in html
    assert f'id="user-{user.slug}"' in html
    assert "Sinds 1 maart 2026" in text
    assert user.purpose in text
    assert "Nog niemand" not in text
    assert faults_of(html) == []


def test_what_they_do_is_marked_as_dutch_elsewhere(client):
    user = make_consumer()
    assert f'<p lang="nl">{user.purpose}</p>' in client.get(f"/fr{PAGE}").content.decode()


@pytest.mark.parametrize("status", ["draft", "withdrawn"])
def test_only_who_is_published_is_shown(client, status):
    user = make_consumer(name="Nog niet")
    bring_up_to_date()
    type(user).objects.update(status=status)
    assert "Nog niet" not in text_of(client.get(PAGE))
    assert client.get("/api/v1/consumers").json()["items"] == []
    assert client.get(f"/api/v1/consumers/{user.slug}").status_code == (410 if status == "withdrawn" else 404)


def test_the_api_shows_the_same(client):
    user = make_consumer(name="Stad aan zee", url="https://stad.example/", since=datetime.date(2026, 3, 1))
    (item,) = client.get("/api/v1/consumers").json()["items"]
    assert item == client.get(f"/api/v1/consumers/{user.slug}").json()
    assert (item["name"], item["url"], item["since"]) == (
        "Stad aan zee",
        "https://stad.example/",
        "2026-03-01",
    )
    assert item["purpose"] == user.purpose
    assert item["htmlUrl"] == f"http://testserver/open-data#user-{user.slug}"
    assert client.get("/api/v1/consumers?q=zee").json()["total"] == 1
    assert client.get("/api/v1/consumers?q=berg").json()["total"] == 0


def test_what_is_not_known_is_absent(client):
    user = make_consumer()
    assert {"url", "since"}.isdisjoint(client.get(f"/api/v1/consumers/{user.slug}").json())
    assert "Sinds" not in text_of(client.get(PAGE)).split("Wie de gegevens gebruikt")[1]


def test_an_answer_that_was_kept_is_made_anew_after_an_edit(client):
    user = make_consumer(name="Een")
    client.get("/api/v1/consumers")
    Consumer.objects.filter(pk=user.pk).update(name="Twee")  # past all forms
    assert client.get("/api/v1/consumers").json()["items"][0]["name"] == "Twee"


@pytest.mark.parametrize(
    "changes", [{"name": "stad AAN zee"}, {"name": ""}, {"purpose": ""}, {"status": "zomaar"}]
)
def test_the_database_refuses_what_is_wrong(changes):
    make_consumer(name="Stad aan zee")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_consumer(**changes)


def test_an_editor_puts_somebody_in_the_list(client, admin_client):
    add = reverse("admin:pzgent_consumer_add")
    values = {"name": "Stad aan zee", "purpose": "Toont de balies.", "status": "published"}
    assert admin_client.post(add, values).status_code == 302
    assert "Stad aan zee" in text_of(client.get(PAGE))
    assert Consumer.objects.get().slug == "stad-aan-zee"


def test_the_page_takes_as_many_queries_for_many(client):
    make_consumer()
    few = count_queries(client, PAGE)
    for _number in range(20):
        make_consumer()
    assert count_queries(client, PAGE) == few
