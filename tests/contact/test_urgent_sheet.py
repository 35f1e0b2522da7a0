"""The urgent sheet: every language complete and marked, its numbers from the channels, and found in each language."""

import re
from dataclasses import asdict

import pytest
from django.utils import translation

from contact.models import Channel
from contact.urgent_sheet import PARTS
from pzgent.kernel.zone import get_zone
from pzgent.search import search_everything
from tests.pages import MOST_QUERIES, count_queries, faults_of

pytestmark = pytest.mark.django_db

ADDRESS = "/dringend-in-vele-talen"
FEWEST = 12
FROM_THE_RIGHT = {"ar", "fa"}
SENTENCES = {"name", "police", "ambulance", "app", "general", "say", "where", "what", "hurt", "stay"}
WAYS = 4
# The words for police and help by which the sheet must be found.
ASKED = (
    "polis", "yardım", "imdat", "شرطة", "الشرطة", "النجدة", "policja", "pomocy", "ratunku", "полиция", "помогите",
    "поліція", "допоможіть", "помощ", "policía", "socorro", "poliția", "ajutor", "polícia", "پلیس", "کمک",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _dutch_addresses():
    """A page in English leaves its language behind; the next test starts in Dutch."""
    with translation.override("nl"):
        yield


def page(client, language=""):
    html = client.get(f"{language}{ADDRESS}").content.decode()
    assert faults_of(html) == []
    return html


def section_of(html, code):
    return re.search(rf'(?s)<section class="sheet-part" lang="{code}".*?</section>', html)[0]


def test_every_language_has_every_sentence_and_no_number_of_its_own():
    assert len(PARTS) >= FEWEST
    for part in PARTS:
        texts = {name: text for name, text in asdict(part).items() if name in SENTENCES}
        assert texts.keys() == SENTENCES
        assert all(texts.values()), part.code
        assert not [text for text in texts.values() if re.search(r"\d", text)], part.code
        assert part.search, part.code


@pytest.mark.parametrize("language", ["", "/fr", "/en", "/de"])
def test_the_page_marks_the_language_and_direction_of_every_part(client, plan, language):
    html = page(client, language)
    for part in PARTS:
        way = "rtl" if part.code in FROM_THE_RIGHT else "ltr"
        section = section_of(html, part.code)
        assert section.startswith(f'<section class="sheet-part" lang="{part.code}" dir="{way}"')
        assert f'<li lang="{part.code}" dir="{way}"><a href="#{part.code}"' in html
        for name in SENTENCES:
            assert getattr(part, name) in section, (part.code, name)
        assert re.search(r"<(li|p|h2|strong)[^>]*>\s*</", section) is None


def test_the_numbers_are_those_of_the_channels(client, plan):
    zone = get_zone()
    app = Channel.objects.get(slug="app-112")
    links = [f"tel:{zone.urgent_number}", f"tel:{zone.ambulance_number}", app.link, zone.general_channel.link]
    for part in PARTS:
        assert re.findall(r'<a href="([^"]+)" dir="ltr"', section_of(page(client), part.code)) == links


def test_a_changed_number_changes_every_part(client, plan):
    zone = get_zone()
    Channel.objects.filter(pk=zone.general.pk).update(value="+3292666112")
    html = page(client)
    assert html.count('<a href="tel:+3292666112" dir="ltr">09 266 61 12</a>') == len(PARTS)


def test_a_hidden_app_and_number_are_left_out_with_their_sentences(client, plan):
    Channel.objects.filter(slug="app-112").update(status="withdrawn")
    Channel.objects.filter(pk=get_zone().general.pk).update(status="withdrawn")
    section = section_of(page(client), "tr")
    assert section.count('dir="ltr"') == WAYS // 2 + 1  # the part itself, and two numbers
    assert "Bu uygulamada" not in section
    assert "acil değilse" not in section


def test_the_urgent_page_leads_to_the_sheet_in_each_script(client, plan):
    html = client.get("/contact/dringende-hulp").content.decode()
    assert faults_of(html) == []
    assert f'href="{ADDRESS}"' in html
    assert f'<li lang="ar" dir="rtl"><a href="{ADDRESS}#ar" hreflang="ar">العربية</a>' in html
    assert all(f'href="{ADDRESS}#{part.code}"' in html for part in PARTS)


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("question", ASKED)
def test_the_search_finds_the_sheet_by_the_words_of_its_languages(plan, question, language):
    with translation.override(language):
        assert [hit.slug for hit in search_everything(question).first if hit.type == "page"] == [
            "urgent-sheet"
        ]


@pytest.mark.parametrize("question", ["politie", "help", "dringende hulp", "police secours", "urgent help"])
def test_the_words_of_the_site_itself_still_lead_to_urgent_help(plan, question):
    first = search_everything(question).hits[0]
    assert first.slug != "urgent-sheet"


def test_the_page_asks_few_questions(client, plan):
    assert count_queries(client, ADDRESS) <= MOST_QUERIES


def test_no_dutch_word_is_taken_for_a_typing_error_of_a_foreign_one(db):
    assert [hit.slug for hit in search_everything("straż").hits] == ["urgent-sheet"]
    assert search_everything("straks").hits == []
