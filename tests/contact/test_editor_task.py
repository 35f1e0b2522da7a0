"""An editor's whole task through the admin's own forms, judged on the public pages."""

import datetime
import re

import pytest
from django.urls import reverse

from contact.models import Channel, Notice, Schedule, Topic
from contact.opening_hours import BRUSSELS
from tests.browser import form_data
from tests.pages import text_of
from tests.pzgent.test_page_cache import Site

pytestmark = pytest.mark.django_db


@pytest.fixture
def add(admin_client):
    """Fills in an add form of the admin as a browser would; gives the row that came of it."""

    def fill_in(model, query="", **typed):
        name = model._meta.model_name
        page = reverse(f"admin:contact_{name}_add") + query
        answer = admin_client.post(page, form_data(admin_client.get(page), **typed))
        assert answer.status_code == 302, answer.context["errors"]
        return model.objects.get(slug=typed["slug"])

    return fill_in


@pytest.fixture
def site(tmp_path, one_connection):
    """The pages as the public gets them."""
    return Site(tmp_path / "pages")


@pytest.fixture
def at(monkeypatch):
    """Sets the clock of the pages."""

    def set_clock(text):
        moment = datetime.datetime.fromisoformat(text).replace(tzinfo=BRUSSELS)
        for module in ("views", "availability"):
            monkeypatch.setattr(f"contact.{module}.now_in_brussels", lambda: moment)

    return set_clock


@pytest.fixture
def desk(add):
    """A new topic with a phone line, office hours, and shorter hours on Christmas Day."""
    topic = add(
        Topic, title="Fietsen", slug="fietsen", need="Mijn fiets is weg", sensitive="on", status="published"
    )
    hours = {}
    for number in range(5):
        hours |= {f"slots-{number}-opens": "09:00", f"slots-{number}-closes": "17:00"}
    christmas = {"first_day": "2026-12-25", "last_day": "2026-12-25", "opens": "10:00", "closes": "12:00"}
    christmas |= {"id": "", "schedule": "", "reason": "Kerstdag"}
    schedule = add(
        Schedule,
        title="Fietsenbalie",
        slug="fietsenbalie",
        status="published",
        closed_on_public_holidays="on",
        **hours,
        **{f"exceptions-0-{name}": value for name, value in christmas.items()},
        **{"exceptions-TOTAL_FORMS": "1"},
    )
    general = add(
        Channel, topic=str(topic.pk), kind="phone", label="Altijd", slug="altijd", value="09 266 61 11",
        status="published", position="2",
    )  # fmt: skip
    add(
        Channel, f"?topic={topic.pk}", kind="phone", label="Fietslijn", slug="fietslijn", value="09/266.67.99",
        schedule=str(schedule.pk), fallback=str(general.pk), status="published", position="1",
    )  # fmt: skip
    return topic


def said_by(page):
    """The words of a page with the marks inside a sentence left out."""
    return re.sub("<[^>]+>", "", page.content.decode())


@pytest.mark.parametrize(
    ("moment", "sentence"),
    [
        ("2026-12-24 10:00", "Open now until 17.00."),
        ("2026-12-24 18:00", "Closed now. Opens tomorrow at 10.00."),
        ("2026-12-25 10:30", "Open now until 12.00 (Kerstdag)."),
        ("2026-12-25 12:00", "Closed now: Kerstdag. Opens Monday at 9.00."),
        ("2026-01-01 10:00", "Closed now: public holiday. Opens tomorrow at 9.00."),
    ],
)
def test_a_channel_with_hours_and_a_holiday_exception_is_on_the_site(client, desk, at, moment, sentence):
    at(moment)
    page = client.get("/en/contact/fietsen")
    text = text_of(page)
    assert sentence in said_by(page)
    assert "09 266 67 99" in text
    assert ("Now use: 09 266 61 11" in text) is sentence.startswith("Closed")
    assert "data-leave" in page.content.decode()
    assert sentence in said_by(client.get("/en/contact"))


def test_a_crisis_notice_is_on_every_page_while_it_runs(add, site):
    typed = {"title": "Rook in de haven", "text_nl": "Blijf binnen.", "text_en": "Stay inside."}
    typed |= {"slug": "rook", "level": "disaster", "status": "published"}
    now = datetime.datetime.now(BRUSSELS)
    day = datetime.timedelta(days=1)
    for part, moment in (("starts", now - day), ("ends", now + day)):
        typed |= {f"{part}_0": f"{moment:%Y-%m-%d}", f"{part}_1": f"{moment:%H:%M}"}
    notice = add(Notice, **typed)
    for address in ("/", "/contact", "/commissariaten", "/bestaat-niet"):
        assert "Rook in de haven Blijf binnen." in text_of(site.get(address))
    assert "Stay inside." in text_of(site.get("/en/contact"))
    notice.ends = now - datetime.timedelta(minutes=1)
    notice.save()
    site.notices.learn("the state after that")
    assert "Rook in de haven" not in text_of(site.get("/contact"))
