"""What visitors read in other languages: complete where it must be, marked as Dutch where it is not translated."""

import re
from html.parser import HTMLParser

import polib
import pytest
import yaml
from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils import translation

from contact.models import CareArea, Channel, Location, Schedule, Topic
from organisation.models import Statement
from pzgent.kernel.translations import OTHER_LANGUAGES, Translated
from pzgent.search import search_everything

pytestmark = pytest.mark.django_db
# Home, emergency, contact, victims and find-your-commissariat show these.
KEY_CONTENT = [Topic, Channel, Location, CareArea, Schedule]
PAGES = [
    "/", "/contact", "/contact?q=fiets", "/contact/dringende-hulp", "/contact/slachtofferhulp", "/contact/scholen",
    "/contact/sociale-media", "/contact/aangifte-of-afspraak", "/commissariaten", "/commissariaten?postcode=9000",
    "/commissariaten?postcode=9030", "/commissariaten?postcode=1000", "/commissariaten/antenne-drongen",
    "/commissariaten/algemeen-politiecentrum-gent", "/toegankelijkheid", "/privacy", "/over", "/open-data",
    "/projecten", "/projecten/i-2-fietsdiefstal", "/strategie", "/beleid", "/beleid/welzijnsbeleid-2020-2025",
    "/organogram", "/organogram?datum=2021-09-01&vergelijk=2021-01-01", "/organogram?vorm=tabel",
    "/eenheden/wijkdienst", "/eenheden/drugscoordinator", "/eenheden/team-pluk", "/formatie",
    "/formatie?versie=formatie-2021&met=formatie-2017", "/cijfers", "/projecten?kind=I",
    "/insluiten/contact/scholen", "/insluiten/organogram",
    "/documenten", "/begrippen", "/zoeken", "/zoeken?q=fiets", "/zoeken?q=wijkdienst",
]  # fmt: skip
QUESTIONS = yaml.safe_load((settings.BASE_DIR / "tests/pzgent/search_questions_other.yaml").read_text())
# Shorter texts are codes and names that are the same in every language.
FEWEST_LETTERS = 8


def normal(text):
    return " ".join(text.split()).strip(" :.,()–·“”")


def is_long(text):
    return sum(letter.isalpha() for letter in text) >= FEWEST_LETTERS


class _Texts(HTMLParser):
    """The text nodes of the body, each with the language it is in as a browser would say."""

    def __init__(self, html):
        super().__init__()
        self.found, self.languages, self.inside = [], [], False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.inside = self.inside or tag == "body"
        if tag not in ("br", "hr", "img", "input", "link", "meta", "source", "wbr", "col"):
            parent = self.languages[-1][1] if self.languages else ""
            self.languages.append((tag, dict(attrs).get("lang") or parent))

    def handle_endtag(self, tag):
        while self.languages and self.languages.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if self.inside and (text := normal(data)):
            self.found.append((text, self.languages[-1][1]))


def texts_of(answer):
    return _Texts(answer.content.decode()).found


def phrases(text):
    """A text as the pages show it: whole, and line by line."""
    return {normal(text), *(normal(line) for line in text.splitlines())}


def dutch_phrases():
    """Everything that editors wrote and that a page may show."""
    found = set()
    for app in ("organisation", "projects", "contact"):
        for model in apps.get_app_config(app).get_models():
            fields = [
                field.name
                for field in model._meta.concrete_fields
                if isinstance(field, models.CharField | models.TextField)
                and not field.choices
                and not isinstance(field, models.SlugField)
                and field.name not in ("value", "abbreviation", "url", "synonyms", "editor_note")
            ]
            for row in model._base_manager.values_list(*fields) if fields else []:
                for text in row:
                    found |= phrases(re.sub("<[^>]+>", "\n", text))
    return {text for text in found if is_long(text)}


def translated_phrases(language):
    """Everything that is written in a language: translations of the editors' texts, and the interface."""
    found = set()
    for app in ("organisation", "contact"):
        for model in apps.get_app_config(app).get_models():
            if issubclass(model, Translated):
                for row in model._base_manager.all():
                    for name in model.translated_fields:
                        found |= phrases(row.translation_of(name, language))
    entries = polib.pofile(str(settings.BASE_DIR / "locale/nl/LC_MESSAGES/django.po"))
    with translation.override(language):
        for entry in entries:
            shown = translation.gettext(entry.msgid) if not entry.msgid_plural else ""
            found |= {normal(shown), normal(shown[:1].upper() + shown[1:])}
    return found - {""}


def test_the_content_of_the_key_pages_is_translated_whole(plan):
    waiting = [
        f"{model.__name__} {row.slug}: {name} ({language})"
        for model in KEY_CONTENT
        for row in model.objects.all()
        for language, name in row.missing_translations()
    ]
    mission = Statement.objects.published().of_kind("mission").first()
    assert waiting + list(mission.missing_translations()) == []


def test_the_translations_name_the_same_numbers(plan):
    wrong = []
    for model in KEY_CONTENT:
        for row in model.objects.all():
            for name in set(model.translated_fields) - {"synonyms"}:
                wanted = set(re.findall(r"\d+", getattr(row, name)))
                for language in OTHER_LANGUAGES:
                    if set(re.findall(r"\d+", row.translation_of(name, language))) != wanted:
                        wrong.append(f"{row.slug}: {name} ({language})")
    assert wrong == []


def test_every_list_has_as_many_needs_in_every_language(plan):
    for topic in Topic.objects.all():
        for language in OTHER_LANGUAGES:
            translated = topic.translation_of("other_needs", language)
            assert len(translated.splitlines()) == len(topic.other_needs.splitlines()), topic.slug


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
@pytest.mark.once
def test_dutch_is_marked_as_dutch_and_what_is_translated_is_not(client, plan, language):
    dutch, translated = dutch_phrases(), translated_phrases(language)
    unmarked, marked = [], []
    for page in PAGES:
        answer = client.get(f"/{language}{page}")
        assert answer.status_code == 200, page
        texts = texts_of(answer)
        unmarked += [(page, t) for t, lang in texts if lang != "nl" and t in dutch and t not in translated]
        marked += [(page, t) for t, lang in texts if lang == "nl" and t in translated - dutch and is_long(t)]
    assert unmarked == [], "\n".join(map(str, unmarked))
    assert marked == [], "\n".join(map(str, marked))


@pytest.mark.parametrize("language", ["fr", "de"])
@pytest.mark.once
def test_no_english_text_of_the_code_shows(client, plan, language):
    entries = polib.pofile(str(settings.BASE_DIR / f"locale/{language}/LC_MESSAGES/django.po"))
    english = {normal(entry.msgid) for entry in entries if " " in entry.msgid and entry.msgid != entry.msgstr}
    english -= translated_phrases(language) | dutch_phrases()
    leaks = [
        (page, text)
        for page in PAGES
        for text, _language in texts_of(client.get(f"/{language}{page}"))
        if text in english
    ]
    assert leaks == []


@pytest.mark.parametrize("page", ["/", "/contact/slachtofferhulp", "/commissariaten", "/organogram"])
def test_a_translated_page_says_at_its_start_that_dutch_is_official(client, plan, page):
    main = client.get(f"/fr{page}").content.decode().split("<main")[1]
    assert main.index('class="courtesy"') < main.index("<h1")
    assert 'class="courtesy"' not in client.get(page).content.decode()


@pytest.mark.parametrize("language", QUESTIONS)
def test_questions_in_other_languages_find_the_right_desk(plan, language):
    ranks = {}
    with translation.override(language):
        for question, answers in QUESTIONS[language].items():
            keys = [f"{hit.type}:{hit.slug}" for hit in search_everything(str(question)).hits]
            ranks[question] = next((place for place, key in enumerate(keys, 1) if key in answers), 0)
    late = [question for question, rank in ranks.items() if not 1 <= rank <= 3]
    assert len(ranks) >= 20
    assert len(late) <= 0.05 * len(ranks), late
    assert sum(1 / rank for rank in ranks.values() if rank) / len(ranks) >= 0.9, ranks


def test_a_hit_is_shown_in_the_language_of_the_page(client, plan):
    html = client.get("/fr/zoeken?q=vol+de+velo").content.decode()
    best = html.split('class="best-answer"')[1].split("</section>")[0]
    assert "Je veux déposer plainte ou prendre rendez-vous" in best
    assert 'lang="nl"' not in best
