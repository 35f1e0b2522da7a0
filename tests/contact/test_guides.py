"""Step-by-step guides: their pages, their place in topics, search and API, and what the database refuses."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from contact.models import GuideStep
from contact.models.topics import Topic
from pzgent.search import search_everything
from tests.make import make_channel, make_guide, make_topic
from tests.pages import MOST_QUERIES, count_queries, faults_of, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _dutch_addresses():
    """A page in English leaves its language behind; the next test starts in Dutch."""
    with translation.override("nl"):
        yield


@pytest.fixture
def guide():
    """A guide with two steps, of which the first leads to a number."""
    made = make_guide("Bel ons", "Kom langs", title="Fiets weg", slug="fiets-weg", summary="Zo gaat het.")
    channel = make_channel(topic=made.topic, value="+3292666756")
    made.steps.filter(position=1).update(channel=channel)
    made.action = channel
    made.save()
    return made


def page(client, guide, language=""):
    html = client.get(f"{language}/stappenplannen/{guide.slug}").content.decode()
    assert faults_of(html) == []
    return html


def test_the_page_shows_the_action_then_the_steps_in_order(client, guide):
    html = page(client, guide)
    places = [
        html.index(part) for part in ("</h1>", 'href="tel:+3292666756">Bel', "<h3>Bel ons", "<h3>Kom langs")
    ]
    assert places == sorted(places)


def test_the_list_and_the_topic_lead_to_the_guide(client, guide):
    for address in ("/stappenplannen", f"/contact/{guide.topic.slug}"):
        assert '<a href="/stappenplannen/fiets-weg">Fiets weg</a>' in client.get(address).content.decode()


def test_a_page_follows_its_language(client, guide):
    guide.translate("title", "en", "Bike gone")
    guide.save()
    step = guide.steps.get(position=1)
    step.translate("title", "en", "Call us")
    step.save()
    html = page(client, guide, "/en")
    assert "<h1>Bike gone</h1>" in html
    assert "<h3>Call us</h3>" in html
    assert '<h3 lang="nl">Kom langs</h3>' in html


def test_without_an_action_of_its_own_it_has_that_of_its_topic(client, guide):
    guide.action = None
    guide.save()
    assert 'class="button button-action" href="tel:+3292666756"' in page(client, guide)


@pytest.mark.parametrize("hidden", ["guide", "topic"])
def test_a_hidden_guide_or_topic_has_no_page(client, guide, hidden):
    row = guide if hidden == "guide" else guide.topic
    row.status = "withdrawn"
    row.save()
    assert client.get("/stappenplannen/fiets-weg").status_code == 404
    assert "Fiets weg" not in text_of(client.get("/stappenplannen"))


def test_a_hidden_channel_is_neither_button_nor_link(client, guide):
    guide.action.status = "withdrawn"
    guide.action.save()
    html = page(client, guide)
    assert "tel:+3292666756" not in html
    assert "<h3>Bel ons" in html


def test_a_sensitive_guide_can_be_left_at_once(client, guide):
    assert "data-leave" not in page(client, guide)
    Topic.objects.update(sensitive=True)
    assert "data-leave" in page(client, guide)


def test_the_pages_ask_few_questions(client, guide):
    for _number in range(5):
        make_guide("Een", "Twee", topic=guide.topic)
    for address in ("/stappenplannen", "/stappenplannen/fiets-weg", f"/contact/{guide.topic.slug}"):
        assert count_queries(client, address) <= MOST_QUERIES


def test_the_search_finds_a_guide_by_its_words(client, guide):
    guide.synonyms = "velo verdwenen"
    guide.save()
    assert ("guide", "fiets-weg") in [
        (hit.type, hit.slug) for hit in search_everything("velo verdwenen").hits
    ]


def test_the_api_gives_the_steps_in_order_with_their_channels(client, guide):
    made = client.get("/api/v1/guides/fiets-weg").json()
    assert [(step["position"], step["title"]) for step in made["steps"]] == [(1, "Bel ons"), (2, "Kom langs")]
    assert made["steps"][0]["channel"]["value"] == made["mainAction"]["value"] == "+3292666756"
    assert "channel" not in made["steps"][1]
    other = make_guide(topic=make_topic(slug="ander"))
    listed = client.get("/api/v1/guides?topic=ander").json()["items"]
    assert [item["slug"] for item in listed] == [other.slug]


def test_two_steps_cannot_have_one_place(guide):
    with pytest.raises(IntegrityError), transaction.atomic():
        GuideStep.objects.create(guide=guide, position=1, title="Nog een")
