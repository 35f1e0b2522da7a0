"""Signing in and out of the editors' desk, and what its pages fetch."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests.make import make_organogram, make_placement, make_project, make_unit


@pytest.fixture
def editor(db):
    return User.objects.create_superuser("redactie", password="een lange zin met woorden")


def sign_in(client):
    data = {"username": "redactie", "password": "een lange zin met woorden", "next": reverse("admin:index")}
    return client.post(reverse("admin:login"), data)


def test_signing_in_opens_the_desk_with_a_cookie_for_the_admin_only(editor, client):
    answer = sign_in(client)
    cookie = answer.cookies["sessionid"]
    assert (answer.status_code, cookie["path"], bool(cookie["httponly"])) == (302, "/admin", True)
    assert client.get(reverse("admin:index")).status_code == 200


@pytest.mark.parametrize(
    "asked",
    [
        "//evil.example", "https://evil.example/", "javascript:alert(1)", "/\\evil.example", "http://[", "//[::1",
        "http://testserver:99999999/", "http:///x", "x" * 3_000, "/" + "x" * 3_000, "\x00", "\u2028", "",
    ],
)  # fmt: skip
def test_who_is_sent_elsewhere_arrives_at_the_desk(editor, client, asked):
    answer = client.post(
        reverse("admin:login"),
        {"username": "redactie", "password": "een lange zin met woorden", "next": asked},
        follow=True,
    )
    assert answer.redirect_chain == [("/admin/", 302)]
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "asked", ["/admin/nope/", "/admin/logout/", "/admin/\x00", "/admin/\r\nX: y", "nope", "/%ff"]
)
def test_who_is_sent_to_what_is_no_page_of_ours_gets_an_error_page(editor, client, asked):
    data = {"username": "redactie", "password": "een lange zin met woorden", "next": asked}
    answer = client.post(reverse("admin:login"), data, follow=True)
    assert answer.status_code in (400, 404, 405)
    assert 'href="tel:101"' in answer.content.decode()


def test_a_wrong_password_is_refused(editor, client):
    answer = client.post(reverse("admin:login"), {"username": "redactie", "password": "mis"})
    assert (answer.status_code, "sessionid" in answer.cookies) == (200, False)


def test_signing_out_ends_the_session(editor, client):
    sign_in(client)
    assert client.post(reverse("admin:logout")).status_code == 200
    assert client.get(reverse("admin:index")).status_code == 302


def test_an_editor_can_choose_a_new_password(editor, client):
    sign_in(client)
    new = "nog een veel langere zin"
    data = {"old_password": "een lange zin met woorden", "new_password1": new, "new_password2": new}
    assert client.post(reverse("admin:password_change"), data).status_code == 302
    editor.refresh_from_db()
    assert editor.check_password(new)


def test_a_form_without_its_token_is_refused(editor):
    client = Client(enforce_csrf_checks=True)
    client.force_login(editor)
    assert client.post(reverse("admin:organisation_placement_move"), {"up": "x"}).status_code == 403


def test_the_script_catalogue_is_there(admin_client):
    answer = admin_client.get(reverse("admin:jsi18n"))
    assert (answer.status_code, answer["Content-Type"]) == (200, 'text/javascript; charset="utf-8"')


def test_the_policy_allows_nothing_inline(admin_client):
    policy = admin_client.get(reverse("admin:index"))["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy


def search(client, model, field, term, **more):
    app, name = model.split(".")
    data = {"app_label": app, "model_name": name, "field_name": field, "term": term, **more}
    return client.get(reverse("admin:autocomplete"), data)


def test_a_search_answers_with_the_path_of_namesakes(admin_client):
    organogram = make_organogram()
    root = make_placement(organogram, name="Korps")
    for name in ("Gent-West", "Gent-Zuid"):
        make_placement(organogram, make_placement(organogram, root, name=name), name="Gerechtelijk team")
    found = search(admin_client, "projects.projectunit", "unit", "gerechtelijk").json()["results"]
    assert {item["text"] for item in found} == {
        "Gent-West › Gerechtelijk team",
        "Gent-Zuid › Gerechtelijk team",
    }


def test_a_search_can_be_limited_to_one_organogram(admin_client):
    old, new = make_organogram(), make_organogram()
    for organogram in (old, new):
        make_placement(organogram, name="Korps")
    found = search(admin_client, "organisation.placement", "parent", "korps", organogram=str(new.pk)).json()[
        "results"
    ]
    assert [item["id"] for item in found] == [str(new.placements.get().pk)]


@pytest.mark.parametrize(
    ("model", "field"), [("projects.projectunit", "unit"), ("organisation.placement", "parent")]
)
@pytest.mark.parametrize("size", [2, 20])
def test_a_search_asks_as_many_questions_for_a_page_as_for_one(
    model, field, size, admin_client, django_assert_max_num_queries
):
    root = make_placement(make_organogram())
    for _number in range(size):
        make_placement(root.organogram, root, name="Team")
    with django_assert_max_num_queries(8):
        assert len(search(admin_client, model, field, "team").json()["results"]) == size


def test_a_search_by_who_may_not_look_is_refused(db, client):
    client.force_login(User.objects.create_user("x", is_staff=True))
    assert search(client, "projects.projectunit", "unit", "team").status_code == 403


def test_a_search_for_a_project_names_its_plan(admin_client):
    project = make_project(title="Meer blauw")
    found = search(admin_client, "projects.project", "continues", "blauw").json()["results"]
    assert found == [{"id": str(project.pk), "text": f"{project.plan}: {project}"}]


def test_a_unit_without_a_place_goes_by_its_name(admin_client):
    make_unit(name="Los", abbreviation="L")
    assert (
        search(admin_client, "projects.projectunit", "unit", "los").json()["results"][0]["text"] == "Los (L)"
    )
