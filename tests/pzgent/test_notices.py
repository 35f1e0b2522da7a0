"""A notice is on every page that anybody gets: fresh, kept, stale or an error, whatever else is broken."""

import datetime
import os
import time
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.urls import reverse
from django.utils import timezone

from pzgent.page_cache import notices as module
from pzgent.page_cache.notices import URGENT, Message, Notices, urgent_notice
from tests.make import make_notice, make_topic
from tests.pages import faults_of
from tests.pzgent.test_page_cache import Site

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_connection")]
HOUR = datetime.timedelta(hours=1)
LANGUAGES = ("nl", "fr", "en", "de")


def notice(*words, **options):
    out = StringIO()
    call_command("notice", *words, stdout=out, **options)
    return out.getvalue()


def away():
    raise OperationalError("gone")


@pytest.fixture
def site(tmp_path, settings):
    settings.API_REQUESTS_PER_MINUTE = 0
    make_topic(slug="hulp")
    return Site(tmp_path / "pages")


@pytest.fixture
def darken(site, monkeypatch):
    """A function that takes the database away."""

    def darkened():
        site.watch.read = away
        site.watch.look()
        monkeypatch.setattr(connection, "cursor", away)

    return darkened


def path_in(language, path):
    return path if language == "nl" else f"/{language}{path}"


# --- The urgent notice ------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_urgent_notice_is_on_fresh_and_kept_pages_and_on_errors(site, language):
    kept = path_in(language, "/contact/hulp")
    before = site.get(kept)
    notice("Rook <b>in</b> de haven", link="/contact")
    notice("Smoke & fire", language="en")
    notice("Fumée", language="fr")
    site.notices.look()
    said = {"nl": "Rook &lt;b&gt;in&lt;/b&gt; de haven", "en": "Smoke &amp; fire", "fr": "Fumée"}
    words = said.get(language, said["nl"])
    for path, status in ((kept, 200), (path_in(language, "/over"), 200), (path_in(language, "/nope"), 404)):
        page = site.get(path)
        assert (page.status, words in page.text) == (status, True)
        assert faults_of(page.text) == []
        assert int(page.headers["Content-Length"]) == len(page.content)
    assert site.get(kept).headers["ETag"] != before.headers["ETag"]
    assert ('lang="nl"><strong>Rook' in site.get(kept).text) is (language == "de")
    notice(end=True)
    site.notices.look()
    assert site.get(kept).text == before.text
    assert "crisis" not in site.get(path_in(language, "/nope")).text


def test_a_browser_is_not_told_that_nothing_changed(site):
    tag = site.get("/contact/hulp").headers["ETag"]
    sent = {"HTTP_IF_NONE_MATCH": tag}
    assert site.get("/contact/hulp", **sent).status == 304
    notice("Rook")
    site.notices.look()
    page = site.get("/contact/hulp", **sent)
    assert (page.status, "Rook" in page.text) == (200, True)
    ranged = site.get(
        "/contact/hulp", HTTP_IF_UNMODIFIED_SINCE="nonsense", **sent
    )  # which the framework answers
    assert (ranged.status, "Rook" in ranged.text) == (200, True)
    sent["HTTP_IF_NONE_MATCH"] = page.headers["ETag"]
    assert site.get("/contact/hulp", **sent).status == 304
    assert "Rook" in site.get("/contact/hulp", HTTP_ACCEPT_ENCODING="gzip").text


def test_a_page_that_breaks_has_it_too(site, monkeypatch):
    notice("Rook")
    site.notices.look()
    monkeypatch.setattr("pzgent.pages.views.find_place_meant", None)
    page = site.get("/zoeken", "q=hulp")
    assert (page.status, "Rook" in page.text) == (500, True)
    monkeypatch.setattr("pzgent.pages.views.refuse", None)  # not even the usual page
    page = site.get("/zoeken", "q=hulp")
    assert (page.status, "Rook" in page.text, "tel:101" in page.text) == (500, True, True)


def test_stale_copies_and_503_have_it_in_every_language(site, darken):
    paths = [path_in(language, "/contact/hulp") for language in LANGUAGES]
    for path in paths:
        site.get(path)
    site.cache.own.clear()
    darken()
    notice("Rook")
    site.notices.look()
    for path in paths:
        page = site.get(path)
        assert (page.status, "Rook" in page.text, "Age" in page.headers) == (200, True, True)
    for language in LANGUAGES:
        page = site.get(path_in(language, "/projecten"))
        assert (page.status, "Rook" in page.text) == (503, True)
    assert "Rook" not in site.get("/api/v1/units").text


def test_data_files_and_the_admin_are_left_alone(site, settings):
    notice("Rook")
    site.notices.look()
    for path in ("/robots.txt", "/api/v1/terms", "/admin/login/"):
        page = site.get(path)
        assert (page.status, "Rook" in page.text) == (200, False)
    assert site.get("/admin/login/").headers["Set-Cookie"].strip().startswith("csrftoken=")


def test_it_ends_by_itself(site, monkeypatch):
    notice(
        "Rook", until="23:59:59.999" if timezone.localtime().hour < 23 else f"{timezone.localtime() + HOUR}"
    )
    site.notices.look()
    assert "Rook" in site.get().text
    monkeypatch.setattr(module.time, "time", lambda: datetime.datetime.now().timestamp() + 25 * 3600)
    site.notices.look()
    assert site.notices.shown.mark == ""
    assert urgent_notice() is None


def test_the_command_says_what_runs_and_a_new_text_takes_the_place_of_the_old(settings):
    assert "No urgent notice runs" in notice()
    notice("Oud", language="fr", link="https://example.org/")
    assert "Nouveau" in notice("Nouveau", language="fr")
    assert urgent_notice().link == "https://example.org/"
    assert "Nouveau" not in notice("Nieuw")
    assert urgent_notice().titles == {"nl": "Nieuw"}
    assert "nl: Nieuw" in notice()
    assert oct((settings.NOTICES_FOLDER / URGENT).stat().st_mode)[-3:] == "600"


@pytest.mark.parametrize(
    ("words", "options", "complaint"),
    [
        (["  \u200b "], {}, "empty"),
        (["x" * 501], {}, "501 characters"),
        (["Rook"], {"until": "2020-01-01 10:00"}, "over already"),
        (["Rook"], {"until": "morgen"}, "not a moment"),
        (["Rook"], {"until": "25:99"}, "not a moment"),
        (["Rook"], {"until": "2999-01-01 10:00"}, "a year at most"),
        (["Rook"], {"link": "javascript:alert(1)"}, "not a link"),
        (["Rook"], {"link": "//evil.example"}, "not a link"),
        (["Rook"], {"link": "https://[x"}, "not a link"),
        ([], {"until": "18:00"}, "empty"),
        (["Rook"], {"end": True}, "--end takes no"),
    ],
)
def test_what_cannot_be_a_notice_is_refused(words, options, complaint):
    with pytest.raises(CommandError, match=complaint):
        notice(*words, **options)
    assert urgent_notice() is None


def test_a_folder_that_cannot_be_written_is_said_clearly(settings):
    settings.NOTICES_FOLDER.write_text("a file where the folder should be")
    with pytest.raises(CommandError, match="cannot be written"):
        notice("Rook")


def test_a_damaged_file_takes_nothing_down(site, settings, caplog):
    notice("Rook")
    (settings.NOTICES_FOLDER / URGENT).write_text('[{"nope": 1}]')
    site.notices.look()
    assert site.get().status == 200
    assert "cannot be read" in caplog.text


def test_the_file_of_an_administrator_belongs_to_the_portal(settings):
    if os.geteuid():
        pytest.skip("only an administrator can give files away")
    os.chown(settings.NOTICES_FOLDER.parent, 1234, 1234)
    notice("Rook")
    assert (settings.NOTICES_FOLDER / URGENT).stat().st_uid == 1234


def test_editors_are_told_that_one_runs_and_how_to_end_it(admin_client):
    assert "notice --end" not in admin_client.get(reverse("admin:index")).text
    notice("Rook <b>")
    for name in ("index", "contact_notice_changelist"):
        page = admin_client.get(reverse(f"admin:{name}")).text
        assert "Rook &lt;b&gt;" in page
        assert "manage.py notice --end" in page


# --- The notices of the editors ---------------------------------------------------------------------


def test_a_notice_of_an_editor_outlives_the_database(site, darken):
    site.get("/contact/hulp")
    now = timezone.now()
    make_notice(title="Overstroming", text_fr="Restez chez vous", starts=now - HOUR, ends=now + HOUR)
    site.watch.look()
    darken()
    assert "Overstroming" in site.get("/contact/hulp").text
    fresh = Site(site.cache.copies.folder)  # another process, which never saw the database
    fresh.watch.read = away
    fresh.watch.look()
    page = fresh.get("/fr/nope")
    assert (page.status, "Overstroming" in page.text, "Restez chez vous" in page.text) == (503, True, True)


def test_it_begins_and_ends_on_time_without_the_database(site, darken, monkeypatch):
    now = timezone.now()
    make_notice(title="Straks", starts=now + HOUR, ends=now + 3 * HOUR, publish_from=now + 2 * HOUR)
    site.watch.look()
    darken()
    seen = []
    for hours in (0, 1.5, 2.5, 3.5):
        monkeypatch.setattr(module.time, "time", lambda hours=hours: now.timestamp() + hours * 3600)
        site.notices.look()
        seen.append("Straks" in site.get("/nope").text)
    assert seen == [False, False, True, False]


def test_a_notice_that_is_not_published_is_never_shown(site):
    now = timezone.now()
    for number, changes in enumerate(({"status": "draft"}, {"publish_until": now - HOUR})):
        make_notice(title=f"Stil {number}", starts=now - HOUR, ends=now + HOUR, **changes)
    site.watch.look()
    assert site.notices.shown.mark == ""


def test_the_most_serious_stands_first(site):
    now = timezone.now()
    for level in ("info", "disaster", "serious"):
        make_notice(title=f"Bericht {level}", level=level, starts=now - HOUR, ends=now + HOUR)
    notice("Dringend")
    site.watch.look()
    text = site.get().text
    places = [
        text.index(word) for word in ("Dringend", "Bericht disaster", "Bericht serious", "Bericht info")
    ]
    assert places == sorted(places)


def test_a_full_disk_hides_no_notice(site, settings):
    settings.NOTICES_FOLDER.write_text("a file where the folder should be")
    now = timezone.now()
    make_notice(title="Overstroming", starts=now - HOUR, ends=now + HOUR)
    site.watch.look()
    assert "Overstroming" in site.get().text


def test_nothing_is_read_again_while_nothing_changes(tmp_path):
    asked = []
    known = Notices(tmp_path, lambda: asked.append(1) or [Message({"nl": "A"}, time.time() + 9)])
    for _time in range(3):
        known.learn("a")
    assert len(asked) == 1
    known.learn("b")
    assert len(asked) == 2
