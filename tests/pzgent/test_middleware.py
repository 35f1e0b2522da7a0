"""Headers, malformed requests and sessions."""

import pytest

from pzgent.kernel.door.middleware import OneAddressMiddleware
from tests.make import make_channel, make_schedule

pytestmark = pytest.mark.django_db


def test_every_answer_carries_the_security_policy(client):
    headers = client.get("/contact").headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    "address",
    ["/eenheden/a%00b", "/zoeken?q=%00", "/eenheden/%ff", "/zoeken?q=%ff%fe", "/api/v1/units/a%00b", "/%00"],
)
def test_what_no_page_can_mean_is_a_bad_request(client, address):
    assert client.get(address).status_code in (400, 404)


@pytest.mark.parametrize("address", ["/" + "x" * 8_000, "/zoeken?q=" + "x" * 8_000, "/api/v1/" + "x" * 8_000])
def test_an_address_of_eight_kilobytes_is_refused(client, address):
    assert client.get(address).status_code == 414


def test_a_refusal_speaks_the_language_of_its_own_address(client):
    client.get("/fr/contact")
    assert '<html lang="nl">' in client.get("/contact?x=%00").content.decode()
    assert '<html lang="fr">' in client.get("/fr/contact?x=%00").content.decode()


def test_a_refusal_under_the_api_is_a_problem_document(client):
    response = client.get("/api/v1/units/a%00b")
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.json()["status"] == 400


def test_public_pages_set_no_cookie_and_do_not_vary_by_one(client):
    response = client.get("/contact")
    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")


def test_the_admin_has_a_session(client, admin_user):
    client.force_login(admin_user)
    assert client.get("/admin/").status_code == 200


def test_the_session_cookie_stays_in_the_admin(client, admin_user):
    admin_user.set_password("geheim-genoeg-123")
    admin_user.save()
    response = client.post(
        "/admin/login/", {"username": "admin", "password": "geheim-genoeg-123", "next": "/admin/"}
    )
    assert response.cookies["sessionid"]["path"] == "/admin"


@pytest.mark.parametrize(
    "address",
    [
        "/robots.txt",
        "/sitemap.xml",
        "/feeds/projecten.atom",
        "/contact/sluitingen.ics",
        "/.well-known/security.txt",
        "/contact/{0}/{1}.ics",
        "/contact/{0}",
    ],
)
def test_addresses_are_those_of_the_site_by_whatever_name_it_is_asked(client, settings, address):
    settings.BASE_URL = "https://politie.example"
    settings.ALLOWED_HOSTS = ["politie.example", "intern.example"]
    schedule = make_schedule((0, "09:00", "12:00"), closed_on_public_holidays=True)
    channel = make_channel(schedule=schedule)
    asked = address.format(channel.topic.slug, channel.slug)
    text = client.get(asked, secure=True, headers={"host": "intern.example"}).content.decode()
    assert "https://politie.example/" in text.replace("\r\n ", "")
    assert "intern.example" not in text


def test_a_name_that_is_not_ours_is_refused(client, settings):
    settings.BASE_URL = "https://politie.example"
    assert client.get("/contact", headers={"host": "elders.example"}).status_code == 400


def test_a_form_keeps_the_name_it_was_sent_to(settings, rf):
    settings.BASE_URL = "https://politie.example"
    settings.ALLOWED_HOSTS = ["politie.example", "testserver"]
    found = {}
    answer = OneAddressMiddleware(lambda request: found.setdefault(request.method, request.get_host()))
    answer(rf.get("/admin/"))
    answer(rf.post("/admin/"))
    assert found == {"GET": "politie.example", "POST": "testserver"}
