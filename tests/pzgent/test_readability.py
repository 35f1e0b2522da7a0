"""Texts of the help pages are easy to read, in every language: the content here, the pages in `test_html.py`."""

import pytest

from contact.models import CareArea, Channel, Guide, GuideStep, Location, Schedule, Topic
from contact.urgent_sheet import PARTS
from pzgent.kernel.rich_text import to_text
from tests.page_types import LANGUAGES
from tests.visible_words import length_of, main_of, sentences_of, split_sentences

LONGEST, LONGEST_MEAN = 20, 12
# Words for the search, which no page shows.
NOT_SHOWN = {"synonyms", "other_needs"}
MODELS = (Topic, Guide, GuideStep, Channel, Location, CareArea, Schedule)
SHEET = ("police", "ambulance", "app", "general", "say", "where", "what", "hurt", "stay")


def texts_in(language):
    """Yield the texts of the help pages in a language."""
    for model in MODELS:
        for row in model.objects.all():
            for name in set(model.translated_fields) - NOT_SHOWN:
                text = getattr(row, name) if language == "nl" else row.translation_of(name, language)
                yield to_text(text or "")
    for part in PARTS:
        if part.code == language:
            yield from (getattr(part, name) for name in SHEET)


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_of_help_are_short(plan, language):
    found = [
        part for text in texts_in(language) for line in text.splitlines() for part in split_sentences(line)
    ]
    lengths = {sentence: length_of(sentence) for sentence in found}
    assert len(lengths) > 500
    assert {sentence: length for sentence, length in lengths.items() if length > LONGEST} == {}
    # Headings and labels are short by nature: only whole sentences count.
    whole = [length for sentence, length in lengths.items() if sentence[-1] in ".!?"]
    assert sum(whole) / len(whole) <= LONGEST_MEAN


def test_sentences_end_at_a_stop_and_at_the_end_of_a_part():
    main = main_of(
        "<main><h1>Title</h1><p>Call <a href='/'>101</a>. Open from 9.30 <strong>at</strong> once?</p>"
        "<ul><li>One <span lang='nl'>Twee</span></li><li>Two · Three</li></ul></main>"
    )
    assert sentences_of(main, "en") == [
        "Title",
        "Call 101.",
        "Open from 9.30 at once?",
        "One",
        "Two",
        "Three",
    ]
