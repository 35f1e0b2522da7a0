"""The page about the open data, and the examples on it, run as a visitor would copy them."""

import re
import subprocess
from html import unescape

import pytest
from django.conf import settings

from pzgent.pages.open_data import LANGUAGES, LOCAL_SITE, TASKS, get_changelog
from tests.make import make_channel, make_schedule

PROGRAMS = {"curl": ["sh"], "Python": ["python3"], "R": ["Rscript"], "JavaScript": ["node"]}
ENDS = {language: end for end, language in LANGUAGES.items()}
# What each task must tell about the content of the plan, in every language.
TOLD = {
    "organogram": ["Wijkdienst", "Team PLUK"],
    "open-now": ["Balie die nooit sluit"],
    "difference": ["created", "Team PLUK"],
}
EXAMPLE = re.compile(r'<pre [^>]*aria-label="[^"]*: (\w+)"><code>(.*?)</code></pre>', re.DOTALL)


def examples_on(html):
    """The examples of each task on the page, by language."""
    sections = re.findall(r'<section aria-labelledby="([^"]+)">(.*?)</section>', html, re.DOTALL)
    return {
        task: {language: unescape(code) for language, code in EXAMPLE.findall(section)}
        for task, section in sections
    }


@pytest.mark.django_db
def test_each_task_has_an_example_in_each_language_that_asks_this_site(client):
    found = examples_on(client.get("/open-data").content.decode())
    assert set(found) == set(TASKS)
    for examples in found.values():
        assert set(examples) == set(PROGRAMS)
        assert all("http://testserver/api/v1/" in code for code in examples.values())
        assert all(LOCAL_SITE not in code for code in examples.values())


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", PROGRAMS)
@pytest.mark.parametrize("task", TOLD)
def test_the_examples_work_as_they_stand_on_the_page(client, live_server, plan, tmp_path, task, language):
    always = make_schedule(always_open=True)
    make_channel(kind="desk", label="Balie die nooit sluit", schedule=always)
    make_channel(kind="desk", label="Balie die onbekend is", schedule=None)
    page = client.get("/open-data", headers={"host": live_server.url.removeprefix("http://")})
    path = tmp_path / f"example.{ENDS[language]}"
    path.write_text(examples_on(page.content.decode())[task][language])
    done = subprocess.run(
        [*PROGRAMS[language], str(path)], capture_output=True, text=True, check=True, timeout=60
    )
    assert [text for text in TOLD[task] if text not in done.stdout] == [], done.stdout
    if task == "open-now" and language != "curl":
        assert "onbekend" not in done.stdout


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", [language for language in PROGRAMS if language != "curl"])
def test_the_examples_say_so_when_no_desk_is_open(client, live_server, tmp_path, language):
    page = client.get("/open-data", headers={"host": live_server.url.removeprefix("http://")})
    path = tmp_path / f"example.{ENDS[language]}"
    path.write_text(examples_on(page.content.decode())["open-now"][language])
    done = subprocess.run([*PROGRAMS[language], str(path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "No desk is open now."


@pytest.mark.django_db
def test_the_page_shows_the_promise_the_licence_and_what_changed(client, licensed):
    html = client.get("/en/open-data").content.decode()
    assert "at least 12 months" in html
    assert "creativecommons.org/publicdomain/zero/1.0/" in html
    assert f"<h3>{settings.SPECTACULAR_SETTINGS['VERSION']}</h3>" in html


def test_the_changelog_begins_with_this_version_and_says_what_changed():
    newest = get_changelog()[0]
    assert newest["number"] == settings.SPECTACULAR_SETTINGS["VERSION"]
    assert newest["changes"][0]
