"""What every resource of the API shares: shape, paging, errors, caching, and who may read it."""

import datetime

import pytest
from django.utils import timezone, translation
from django.utils.http import http_date
from django.utils.translation import gettext

from tests.make import make_document, make_key_figure, make_organogram, make_placement, make_term
from tests.pages import body_of

pytestmark = pytest.mark.django_db
TERMS = "/api/v1/terms"


def names_of(answer):
    return [item["abbreviation"] for item in answer.json()["items"]]


def issues_of(answer):
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    return answer.json()["issues"]


@pytest.fixture
def terms():
    return [make_term(abbreviation=name, slug=name.lower()) for name in ("AIK", "CALOG", "HCP")]


def test_a_collection_answers_its_items_with_their_number_and_page(client, terms):
    body = client.get(TERMS).json()
    assert list(body) == ["self", "items", "total", "page", "pageSize"]
    assert (body["self"], body["total"], body["page"], body["pageSize"]) == (
        f"http://testserver{TERMS}",
        3,
        1,
        50,
    )


def test_an_item_says_what_it_is_and_where_it_stands(client):
    term = make_term(abbreviation="HCP", slug="hcp")
    item = client.get(f"{TERMS}/hcp").json()
    assert (item["id"], item["slug"], item["href"]) == (str(term.pk), "hcp", f"http://testserver{TERMS}/hcp")
    assert item["htmlUrl"] == "http://testserver/begrippen#hcp"
    assert "modified" in item


def test_what_is_not_known_is_left_out(client):
    make_term(abbreviation="HCP", slug="hcp", expansion="")
    item = client.get(f"{TERMS}/hcp").json()
    assert "expansion" not in item
    assert "source" not in item


def test_zero_is_a_value_and_not_left_out(client):
    make_key_figure(label="Boten", slug="boten", value=0)
    assert client.get("/api/v1/keyFigures/boten").json()["value"] == 0


def test_an_item_names_its_source_and_the_place_in_it(client):
    plan = make_document(title="Bedrijfsplan", slug="plan")
    make_term(slug="hcp", source=plan, source_place="tabel 1", verified_on="2026-01-02")
    source = client.get(f"{TERMS}/hcp").json()["source"]
    assert source == {
        "document": "plan",
        "title": "Bedrijfsplan",
        "href": "http://testserver/api/v1/documents/plan",
        "place": "tabel 1",
        "verifiedOn": "2026-01-02",
    }


def test_a_source_that_is_not_published_is_not_named(client):
    make_term(slug="hcp", source=make_document(status="draft"), source_place="tabel 1")
    assert client.get(f"{TERMS}/hcp").json()["source"] == {"place": "tabel 1"}


def test_drafts_are_in_neither_list_nor_item(client):
    make_term(slug="geheim", status="draft")
    assert client.get(TERMS).json()["total"] == 0
    assert client.get(f"{TERMS}/geheim").status_code == 404


def test_pages_point_to_their_neighbours_and_keep_the_question(client, terms):
    body = client.get(f"{TERMS}?pageSize=1&page=2&sort=abbreviation").json()
    assert names_of(client.get(f"{TERMS}?pageSize=1&page=2&sort=abbreviation")) == ["CALOG"]
    assert body["next"] == f"http://testserver{TERMS}?pageSize=1&page=3&sort=abbreviation"
    assert body["prev"] == f"http://testserver{TERMS}?pageSize=1&page=1&sort=abbreviation"


def test_the_last_page_has_no_next_and_the_first_no_previous(client, terms):
    assert "next" not in client.get(f"{TERMS}?pageSize=2&page=2").json()
    assert "prev" not in client.get(f"{TERMS}?pageSize=2").json()


def test_an_empty_collection_has_a_first_page(client):
    body = client.get(f"{TERMS}?page=1").json()
    assert (body["items"], body["total"]) == ([], 0)


def test_a_page_beyond_the_last_is_refused(client, terms):
    (issue,) = issues_of(client.get(f"{TERMS}?page=2"))
    assert (issue["in"], issue["name"], issue["value"]) == ("query", "page", "2")


def test_sorting_can_be_reversed(client, terms):
    assert names_of(client.get(f"{TERMS}?sort=-abbreviation")) == ["HCP", "CALOG", "AIK"]


def test_select_leaves_only_the_fields_named(client, terms):
    assert client.get(f"{TERMS}?select=slug,abbreviation").json()["items"][0] == {
        "slug": "aik",
        "abbreviation": "AIK",
    }
    assert client.get(f"{TERMS}/aik?select=slug").json() == {"slug": "aik"}


def test_all_words_of_the_question_must_occur(client):
    make_term(abbreviation="HCP", expansion="hoofdcommissaris van politie")
    make_term(abbreviation="CP", expansion="commissaris van politie")
    assert names_of(client.get(f"{TERMS}?q=POLITIE+hoofd")) == ["HCP"]


def test_the_language_of_pages_and_messages_can_be_chosen(client):
    make_term(slug="hcp")
    answer = client.get(f"{TERMS}/hcp?lang=fr")
    assert answer.json()["htmlUrl"] == "http://testserver/fr/begrippen#hcp"


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [
        ("", None, "nl"),
        ("", "fr-BE,nl;q=0.5", "fr"),
        ("", "it, de-BE;q=0.8, en;q=0.9", "en"),
        ("", "it", "nl"),
        ("", "*", "nl"),
        ("", "fr;q=0, de;q=0.1", "de"),
        ("", "x" * 5000, "nl"),
        ("&lang=de", "fr", "de"),
        ("&lang=it", "fr", "fr"),
    ],
)
def test_messages_are_in_the_language_asked_for(client, query, accepted, language):
    with translation.override(language):
        detail = gettext("This address is not right")
    answer = client.get(f"{TERMS}?page=0{query}", headers={"accept-language": accepted} if accepted else {})
    assert (answer.json()["detail"], answer.headers["Content-Language"]) == (detail, language)
    assert {"Accept", "Accept-Language"} <= {name.strip() for name in answer.headers["Vary"].split(",")}


def test_only_one_language_can_be_asked_for(client):
    (issue,) = issues_of(client.get(f"{TERMS}?lang=nl,fr"))
    assert issue["name"] == "lang"


def test_every_fault_of_a_request_is_listed(client):
    issues = issues_of(client.get(f"{TERMS}?page=0&pageSize=101&sort=size&select=x&lang=it&color=red"))
    assert {issue["name"] for issue in issues} == {"page", "pageSize", "sort", "select", "lang", "color"}
    assert all(issue["in"] == "query" and issue["detail"] for issue in issues)


def test_a_parameter_that_counts_once_may_not_be_repeated(client):
    (issue,) = issues_of(client.get(f"{TERMS}?page=1&page=1"))
    assert issue["name"] == "page"


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/v1/", "/api/v2", "/api/v1/terms/", "/api/v1/terms/x/y"]
)
def test_an_address_that_does_not_exist_is_a_problem_document(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] in ("application/problem+json", "text/html; charset=utf-8")
    if path != "/api":
        assert answer.json()["status"] == 404


def test_an_unknown_item_is_a_problem_document(client):
    answer = client.get(f"{TERMS}/nope")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["issues"][0] | {"detail": ""} == {
        "in": "path",
        "name": "slug",
        "value": "nope",
        "detail": "",
    }


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_written(client, method):
    answer = getattr(client, method)(TERMS)
    assert (answer.status_code, answer.headers["Content-Type"]) == (405, "application/problem+json")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_a_format_that_is_not_offered_is_refused(client):
    answer = client.get(TERMS, headers={"accept": "text/csv"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (406, "application/problem+json")


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html,*/*;q=0.1", "application/*", ""])
def test_a_client_that_accepts_json_gets_json(client, accept):
    assert client.get(TERMS, headers={"accept": accept}).headers["Content-Type"] == "application/json"


def test_answers_carry_a_strong_etag_and_may_be_kept_a_minute(client, terms):
    headers = client.get(TERMS).headers
    assert headers["Cache-Control"] == "public, max-age=60"
    assert headers["ETag"].startswith('"')


def test_an_unchanged_answer_is_not_sent_again(client, terms):
    etag = client.get(TERMS).headers["ETag"]
    answer = client.get(TERMS, headers={"if-none-match": etag})
    assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", etag)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_changed_answer_has_another_etag(client, terms):
    etag = client.get(TERMS).headers["ETag"]
    make_term()
    assert client.get(TERMS, headers={"if-none-match": etag}).status_code == 200


def test_head_answers_as_get_does_without_the_body(client, terms):
    got, head = client.get(TERMS), client.head(TERMS)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["ETag"] == got.headers["ETag"]


@pytest.mark.parametrize(
    "path", [TERMS, f"{TERMS}?page=0", f"{TERMS}/nope", "/api/v1/nope", "/api/v1/health"]
)
def test_every_site_may_read_every_answer(client, path):
    answer = client.get(path)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_a_browser_may_ask_before_it_reads(client):
    answer = client.options(TERMS, headers={"origin": "https://example.org"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"


def test_errors_are_not_kept(client):
    assert client.get(f"{TERMS}?page=0").headers["Cache-Control"] == "no-store"


def test_no_answer_sets_a_cookie_or_depends_on_one(client, terms):
    answer = client.get(TERMS)
    assert not answer.cookies
    assert "Cookie" not in answer.headers.get("Vary", "")


def test_addresses_follow_the_configured_base(client, settings):
    settings.BASE_URL = "https://politie.example"
    settings.ALLOWED_HOSTS = ["politie.example", "testserver"]
    make_term(slug="hcp")
    assert client.get(f"{TERMS}/hcp").json()["href"] == "https://politie.example/api/v1/terms/hcp"


def test_a_filter_that_names_something_unknown_is_refused_in_one_query(client, django_assert_num_queries):
    make_placement(make_organogram(), name="Korps")
    client.get("/api/v1/units")
    with django_assert_num_queries(1):
        issues = issues_of(client.get("/api/v1/units?parent=nope&ancestor=neither&ancestor=nor"))
    assert [issue["value"] for issue in issues] == ["nope", "neither", "nor"]


def aged(term, **passed):
    """The term as if it was edited some time ago."""
    type(term).objects.filter(pk=term.pk).update(modified=timezone.now() - datetime.timedelta(**passed))
    return term


def test_an_item_tells_when_it_was_edited_last_and_a_list_does_not(client):
    term = aged(make_term(slug="hcp"), hours=1)
    term.refresh_from_db()
    assert client.get(f"{TERMS}/hcp").headers["Last-Modified"] == http_date(term.modified.timestamp())
    assert "Last-Modified" not in client.get(TERMS).headers


def test_a_date_is_enough_where_it_tells_of_every_change(client):
    aged(make_term(slug="hcp"), hours=1)
    date = client.get(f"{TERMS}/hcp").headers["Last-Modified"]
    answer = client.get(f"{TERMS}/hcp", headers={"if-modified-since": date})
    assert (answer.status_code, answer.content) == (304, b"")


def test_a_date_counts_for_nothing_beside_an_etag(client):
    aged(make_term(slug="hcp"), hours=1)
    headers = {"if-modified-since": http_date(timezone.now().timestamp()), "if-none-match": '"other"'}
    assert client.get(f"{TERMS}/hcp", headers=headers).status_code == 200


def test_a_date_tells_of_an_edit_of_the_source_too(client):
    source = aged(make_document(slug="plan", title="Plan"), hours=2)
    aged(make_term(slug="hcp", source=source), hours=3)
    date = client.get(f"{TERMS}/hcp").headers["Last-Modified"]
    aged(source, hours=1)
    assert client.get(f"{TERMS}/hcp", headers={"if-modified-since": date}).status_code == 200


def test_a_date_is_not_enough_for_what_shows_parts_of_others(client):
    unit = make_placement(make_organogram(), name="Korps").unit
    aged(unit, hours=1)
    answer = client.get(f"/api/v1/units/{unit.slug}")
    headers = {"if-modified-since": answer.headers["Last-Modified"]}
    assert client.get(f"/api/v1/units/{unit.slug}", headers=headers).status_code == 200


def test_what_was_edited_just_now_has_no_date_yet(client):
    make_term(slug="hcp")
    assert "Last-Modified" not in client.get(f"{TERMS}/hcp").headers


@pytest.mark.parametrize("path", [TERMS, f"{TERMS}/nope", "/api", "/api/v1/docs", "/api/v1/openapi.json"])
def test_every_answer_names_the_version_of_the_api(client, settings, path):
    answer = client.get(path)
    assert answer.headers["API-Version"] == settings.SPECTACULAR_SETTINGS["VERSION"]
    for name in ("ETag", "API-Version", "RateLimit", "Retry-After", "Last-Modified"):
        assert name in answer.headers["Access-Control-Expose-Headers"]


def test_names_may_stand_together_or_apart(client, terms):
    together = client.get(f"{TERMS}?select=slug,abbreviation&sort=-abbreviation").json()["items"]
    assert (
        client.get(f"{TERMS}?select=slug&select=abbreviation&sort=-abbreviation").json()["items"] == together
    )


@pytest.mark.parametrize(
    ("address", "accept", "media_type"),
    [
        ("/api/v1/terms", "application/json; charset=utf-8", "application/json"),
        ("/api/v1/terms", "application/json;charset=UTF-8, */*;q=0.1", "application/json"),
        ("/api/v1/terms", 'application/json; profile="a, b; q=0"', "application/json"),
        ("/api/v1/terms", "application/problem+json", "application/json"),
        ("/api/v1/terms", "application/*;version=1", "application/json"),
        ("/api/v1/units", 'application/ld+json; profile="http://example.org/a"', "application/ld+json"),
        ("/api/v1/units", "application/json;Q=0.1, application/ld+json;q=0.9", "application/ld+json"),
        ("/api/v1/exports/terms.csv", "application/problem+json", "text/csv"),
        ("/api/v1/exports/terms.csv", "application/problem+json, text/csv;header=present", "text/csv"),
        ("/api/v1/exports/organisation.zip", "application/problem+json", "application/zip"),
        ("/api/v1/terms", "text/html", "application/problem+json"),
        ("/api/v1/terms", "application/json;q=0", "application/problem+json"),
        ("/api/v1/terms", "text/html, application/problem+json", "application/problem+json"),
    ],
)
def test_parameters_and_the_type_of_errors_refuse_nothing(client, address, accept, media_type):
    answer = client.get(address, headers={"accept": accept})
    if answer.streaming:
        assert body_of(answer)
    assert answer.headers["Content-Type"].split(";")[0] == media_type
    assert answer.status_code == (406 if media_type == "application/problem+json" else 200)
