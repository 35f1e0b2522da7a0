"""What the API answers when it cannot give what was asked: one shape, in the caller's language, for every layer."""

import datetime
from uuid import UUID

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from organisation.models import Unit
from pzgent.kernel.rest.parameters import MAX_VALUES
from pzgent.worker import bring_up_to_date
from tests.make import (
    make_channel,
    make_notice,
    make_organogram,
    make_placement,
    make_succession,
    make_term,
    make_unit,
    make_wide_organogram,
)

pytestmark = pytest.mark.django_db
TERMS, UNITS = "/api/v1/terms", "/api/v1/units"
BELGIF = "urn:problem-type:belgif"


def problem_of(answer, status):
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    body = answer.json()
    assert body["status"] == status
    return body


def types_of(answer):
    return {issue["name"]: issue["type"].rsplit(":", 1)[1] for issue in problem_of(answer, 400)["issues"]}


def past(**passed):
    return timezone.now() - datetime.timedelta(**passed)


def test_faults_have_the_types_of_the_belgian_guide(client):
    make_organogram()
    answer = client.get(f"{UNITS}?page=0&color=red&parent=nope&page=x")
    assert problem_of(answer, 400)["type"] == f"{BELGIF}:badRequest"
    assert types_of(answer) == {
        "page": "schemaViolation",
        "color": "unknownInput",
        "parent": "referencedResourceNotFound",
    }
    assert types_of(client.get(f"{TERMS}?page=9")) == {"page": "invalidInput"}


def test_an_unknown_address_has_the_type_of_the_belgian_guide(client):
    body = problem_of(client.get(f"{TERMS}/nope"), 404)
    assert body["type"] == f"{BELGIF}:resourceNotFound"
    assert body["href"].startswith("https://www.belgif.be/")


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v9", "/api/v1/terms/%00", "/api/v1/" + "x" * 2100])
@pytest.mark.parametrize(("language", "word"), [("fr", "adresse"), ("nl", "adres"), ("de", "Adresse")])
def test_errors_of_every_layer_speak_the_language_of_the_caller(client, path, language, word):
    answer = client.get(path, headers={"accept-language": language})
    body = problem_of(answer, answer.status_code)
    assert answer.headers["Content-Language"] == language
    assert body["status"] in (400, 404, 414)
    assert word in body["detail"] or body["status"] == 404


def test_a_title_is_english_and_a_detail_is_for_the_reader(client):
    for language, word in (("fr", "adresse"), ("nl", "adres"), ("en", "address")):
        body = problem_of(client.get(f"{TERMS}?page=0&lang={language}"), 400)
        assert body["title"] == "This address is not right"
        assert word in body["detail"]


def test_every_answer_has_a_trace_of_its_own_and_a_problem_is_named_after_it(client):
    answers = [client.get(TERMS), client.get(TERMS), client.get(f"{TERMS}/nope"), client.get("/api/nope")]
    traces = [answer.headers["BelGov-Trace-Id"] for answer in answers]
    assert len(set(traces)) == len(answers)
    for answer, trace in zip(answers[2:], traces[2:], strict=True):
        assert problem_of(answer, 404)["instance"] == f"urn:uuid:{UUID(trace)}"
    assert "BelGov-Trace-Id" in answers[0].headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize(
    ("sent", "told"), [("d9e35127-e9b1", "d9e35127-e9b1"), ("x" * 37, None), ("a b", None)]
)
def test_the_trace_of_a_request_is_told_beside_that_of_the_answer(client, sent, told):
    answer = client.get(TERMS, headers={"BelGov-Trace-Id": sent})
    assert answer.headers.get("BelGov-Related-Trace-Id") == told
    assert answer.headers["BelGov-Trace-Id"] != sent


def test_a_fault_of_ours_is_in_the_log_under_its_trace(client, monkeypatch, caplog):
    client.raise_request_exception = False
    monkeypatch.setattr("organisation.models.Term.objects.published", lambda: 1 / 0)
    assert client.get(TERMS).headers["BelGov-Trace-Id"] in caplog.text


def test_a_host_that_is_not_ours_is_a_problem_document_too(client, settings):
    settings.ALLOWED_HOSTS = ["politie.example"]
    problem_of(client.get(TERMS, headers={"host": "evil.example"}), 400)


def test_a_method_that_is_not_there_names_those_that_are(client):
    strict = Client(enforce_csrf_checks=True)
    for path, allowed in ((TERMS, "GET, HEAD, OPTIONS"), ("/api/v1/docs", "GET, HEAD")):
        answer = strict.post(path, "x", content_type="text/plain")
        problem_of(answer, 405)
        assert answer.headers["Allow"] == allowed
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"x", "text/plain", 413),
        (b"a=b", "application/x-www-form-urlencoded", 413),
        (b"{}", "application/json", 413),
        (b"", "text/plain", 200),
        (b"", "application/xml", 200),
    ],
)
def test_a_question_with_content_is_refused(client, content, kind, status):
    answer = client.generic("GET", TERMS, content, content_type=kind)
    assert answer.status_code == status
    if status == 413:
        problem_of(answer, 413)


def test_a_fault_of_ours_tells_nothing_of_its_cause(client, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr("organisation.models.Term.objects.published", lambda: 1 / 0)
    body = problem_of(client.get(TERMS), 500)
    assert body["type"] == f"{BELGIF}:internalServerError"
    assert "division" not in str(body)


def test_a_database_that_does_not_answer_asks_for_patience(client, monkeypatch):
    def fail():
        raise OperationalError("server at 10.0.0.7 closed the connection")

    monkeypatch.setattr("organisation.models.Term.objects.published", fail)
    answer = client.get(TERMS)
    assert problem_of(answer, 503)["type"] == f"{BELGIF}:serviceUnavailable"
    assert int(answer.headers["Retry-After"]) > 0
    assert b"10.0.0.7" not in answer.content


@pytest.mark.parametrize("change", [{"status": "withdrawn"}, {"publish_until": past(days=1)}])
def test_what_was_published_and_is_no_longer_is_gone(client, change):
    term = make_term(slug="hcp")
    bring_up_to_date()
    type(term).objects.filter(pk=term.pk).update(**change)
    body = problem_of(client.get(f"{TERMS}/hcp"), 410)
    assert (body["type"], body["issues"][0]["value"]) == ("urn:problem-type:pzgent:resourceGone", "hcp")


@pytest.mark.parametrize(
    "change",
    [
        {"status": "draft"},
        {"publish_from": timezone.now() + datetime.timedelta(days=1)},
        {"status": "withdrawn", "publish_from": timezone.now() + datetime.timedelta(days=1)},
        {"status": "withdrawn"},
        {"publish_until": past(days=1)},
    ],
)
def test_what_was_never_published_is_as_unknown_as_what_does_not_exist(client, change):
    make_term(slug="hcp", **change)
    hidden, unknown = (problem_of(client.get(f"{TERMS}/{slug}"), 404) for slug in ("hcp", "xyz"))
    of_each = {"issues": [], "instance": ""}
    assert {**hidden, **of_each} == {**unknown, **of_each}
    assert hidden["issues"][0] == {**unknown["issues"][0], "value": "hcp"}


def test_what_was_deleted_is_gone_once_the_feed_had_told_of_it(client):
    term = make_term(slug="hcp")
    bring_up_to_date()
    term.delete()
    problem_of(client.get(f"{TERMS}/hcp"), 410)
    bring_up_to_date()
    problem_of(client.get(f"{TERMS}/hcp"), 410)


def test_a_deleted_draft_leaves_no_trace(client):
    term = make_term(slug="hcp", status="draft")
    bring_up_to_date()
    term.delete()
    problem_of(client.get(f"{TERMS}/hcp"), 404)


def test_a_channel_that_was_deleted_is_gone_by_its_id(client):
    channel = make_channel()
    address = f"/api/v1/channels/{channel.pk}"
    bring_up_to_date()
    channel.delete()
    problem_of(client.get(address), 410)


def test_a_notice_that_ended_is_gone(client):
    notice = make_notice(slug="storm", starts=past(days=2))
    bring_up_to_date()
    type(notice).objects.filter(pk=notice.pk).update(ends=past(days=1))
    problem_of(client.get("/api/v1/notices/storm"), 410)


@pytest.fixture
def reorganisation():
    """A team that becomes another one, under the same top; the feed told of both."""
    edition = make_organogram(valid_from=datetime.date(2022, 1, 1))
    top = make_placement(edition, unit=make_unit(slug="korps"))
    heir = make_placement(edition, top, unit=make_unit(slug="erfgenaam", name="Erfgenaam"))
    old = make_placement(edition, top, unit=make_unit(slug="team", name="Team")).unit
    make_succession(edition, from_unit=old, to_unit=heir.unit)
    bring_up_to_date()
    return old


def test_a_unit_that_is_gone_names_its_successors(client, reorganisation):
    Unit.objects.filter(slug="team").update(status="withdrawn")
    assert problem_of(client.get(f"{UNITS}/team"), 410)["successors"] == [
        {"slug": "erfgenaam", "name": "Erfgenaam", "href": f"http://testserver{UNITS}/erfgenaam"}
    ]


def test_a_unit_that_is_gone_does_not_name_a_hidden_successor(client, reorganisation):
    Unit.objects.filter(slug="team").update(status="withdrawn")
    Unit.objects.filter(slug="erfgenaam").update(publication_level="withheld")
    assert "successors" not in problem_of(client.get(f"{UNITS}/team"), 410)


def test_a_withheld_unit_is_unknown_also_when_it_was_withdrawn(client, reorganisation):
    Unit.objects.filter(slug="team").update(status="withdrawn", publication_level="withheld")
    problem_of(client.get(f"{UNITS}/team"), 404)


def test_a_unit_that_the_feed_told_of_and_that_is_withheld_now_is_unknown(client, reorganisation):
    bring_up_to_date()
    Unit.objects.filter(slug="erfgenaam").update(publication_level="withheld")
    bring_up_to_date()
    problem_of(client.get(f"{UNITS}/erfgenaam"), 404)


def test_a_former_slug_of_a_unit_that_is_gone_is_gone_too(client, reorganisation):
    reorganisation.slug = "ploeg"
    reorganisation.save()
    Unit.objects.filter(slug="ploeg").update(status="withdrawn")
    assert problem_of(client.get(f"{UNITS}/team"), 410)["successors"][0]["slug"] == "erfgenaam"


def test_a_parameter_can_be_repeated_only_so_often(client):
    query = "&".join(["kind=team"] * (MAX_VALUES + 1))
    assert types_of(client.get(f"{UNITS}?{query}")) == {"kind": "schemaViolation"}


def test_an_organogram_that_is_too_large_names_the_ways_to_get_it(client, settings):
    settings.API_LARGEST_ANSWER = 50_000
    make_wide_organogram(2000)
    body = problem_of(client.get("/api/v1/organogram?lang=en"), 400)
    assert body["type"] == "urn:problem-type:pzgent:answerTooLarge"
    assert "depth" in body["detail"]
    assert client.get("/api/v1/organogram?depth=1").status_code == 200
    answer = client.get("/api/v1/exports/organisation.json")
    assert len(b"".join(answer.streaming_content)) > 50_000


def test_five_million_bytes_are_the_most_that_a_page_holds(client):
    for number in range(60):
        make_term(slug=f"t-{number}", explanation="x" * 100_000)
    problem_of(client.get(f"{TERMS}?pageSize=60"), 400)
    assert client.get(f"{TERMS}?pageSize=40").status_code == 200
