"""Headers, malformed requests and sessions."""

import pytest

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
