"""What an editor typed is never lost: a session that ends, a second tab, a form with mistakes."""

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from organisation.models import Term
from tests.browser import form_data
from tests.make import make_term

pytestmark = pytest.mark.django_db
ADD = reverse("admin:organisation_term_add")
PASSWORD = "een lange zin met woorden"
HERE = {"HTTP_ORIGIN": "http://testserver"}


@pytest.fixture
def editor():
    return User.objects.create_superuser("an", password=PASSWORD)


@pytest.fixture
def browser(editor):
    """A browser in which an editor signed in, with the protection against forged requests."""
    client = Client(enforce_csrf_checks=True)
    sign_in(client)
    client.get(reverse("admin:index"))
    return client


def sign_in(client, name="an", to=None):
    page = reverse("admin:login")
    token = form_data(client.get(page), "login-form")["csrfmiddlewaretoken"]
    data = {"username": name, "password": PASSWORD, "csrfmiddlewaretoken": token}
    return client.post(page, {**data, "next": to or reverse("admin:index")}, follow=True)


def filled_in(client, **typed):
    return form_data(client.get(ADD), abbreviation="FIT", expansion="voluit\r\ngetypt", **typed)


def words(answer):
    return [str(message) for message in answer.context["messages"]]


def way_on(answer):
    """Where the sign-in page leads."""
    return form_data(answer, "login-form")["next"][0]


def resumed(answer):
    return form_data(answer, "resume-form")


# --- The session ended ----------------------------------------------------------------------------
@pytest.fixture
def signed_out(browser):
    """A form that was sent after its session ended; gives the browser and the sign-in page it led to."""
    data = filled_in(browser)
    Session.objects.all().delete()
    return browser, browser.post(ADD, data, follow=True)


def test_a_form_sent_without_a_session_leads_to_signing_in(signed_out):
    _browser, answer = signed_out
    assert answer.status_code == 200
    assert "login-form" in answer.content.decode()
    assert words(answer) == ["U was afgemeld. Wat u typte, is bewaard: meld u aan, dan wordt het verstuurd."]
    assert not Term.objects.exists()


def test_after_signing_in_the_form_is_there_and_can_be_sent(signed_out):
    browser, answer = signed_out
    page = sign_in(browser, to=way_on(answer))
    data = resumed(page)
    assert "data-send-at-once" in page.content.decode()
    assert data["expansion"] == ["voluit\r\ngetypt"]
    assert browser.post(ADD, data).status_code == 302
    assert Term.objects.get().abbreviation == "FIT"


def test_somebody_else_who_signs_in_does_not_get_the_form(signed_out):
    browser, answer = signed_out
    User.objects.create_superuser("jan", password=PASSWORD)
    page = sign_in(browser, "jan", to=way_on(answer))
    assert "voluit" not in page.content.decode()
    assert "Iemand anders" in words(page)[0]


def test_a_form_of_a_browser_in_which_nobody_worked_is_not_kept(db):
    client = Client()
    assert client.post(ADD, {"abbreviation": "FIT"})["Location"] == f"{reverse('admin:login')}?next={ADD}"
    assert not Session.objects.exists()


def test_a_form_that_is_too_large_is_not_kept_and_says_so(browser):
    data = filled_in(browser, explanation="x" * 600_000)
    Session.objects.all().delete()
    answer = browser.post(ADD, data, follow=True)
    assert "kon niet bewaard worden" in words(answer)[0]


def test_at_most_three_forms_are_kept(browser):
    forms = [filled_in(browser) for _number in range(4)]
    Session.objects.all().delete()
    for form in forms:
        browser.post(ADD, form)
    assert len(browser.session["kept_forms"]) == 3


def test_passwords_are_never_kept(browser, editor):
    page = reverse("admin:password_change")
    token = browser.cookies["csrftoken"].value
    Session.objects.all().delete()
    browser.post(page, {"old_password": "geheim", "new_password1": "x", "csrfmiddlewaretoken": token})
    assert "geheim" not in str(dict(browser.session))


def test_signing_out_without_a_session_is_not_sent_again(browser):
    token = browser.cookies["csrftoken"].value
    Session.objects.all().delete()
    answer = browser.post(reverse("admin:logout"), {"csrfmiddlewaretoken": token})
    assert answer["Location"] == reverse("admin:login")
    assert "kept_forms" not in browser.session


def test_an_address_that_is_no_longer_kept_leads_to_the_desk(browser):
    answer = browser.get(reverse("admin:resume"), {"form": "weg"}, follow=True)
    assert answer.redirect_chain == [(reverse("admin:index"), 302)]
    assert "niet meer bewaard" in words(answer)[0]


# --- Signing in from a second tab --------------------------------------------------------------------
def test_a_form_from_before_signing_in_elsewhere_is_offered_again(browser):
    data = filled_in(browser)
    sign_in_again(browser)
    page = browser.post(ADD, data, **HERE)
    assert page.status_code == 403
    assert "aangemeld als “an”" in page.content.decode()
    assert "data-send-at-once" not in page.content.decode()
    assert not Term.objects.exists()
    assert browser.post(ADD, resumed(page)).status_code == 302
    assert Term.objects.get().abbreviation == "FIT"


def sign_in_again(browser):
    """As a second tab does: signing in gives a new token."""
    browser.post(reverse("admin:logout"), {"csrfmiddlewaretoken": browser.cookies["csrftoken"].value})
    sign_in(browser)


@pytest.mark.parametrize("sender", [{}, {"HTTP_ORIGIN": "https://evil.example"}, {"HTTP_ORIGIN": "null"}])
def test_what_another_site_sends_is_never_offered(browser, sender):
    data = filled_in(browser)
    sign_in_again(browser)
    page = browser.post(ADD, data, **sender)
    assert page.status_code == 403
    assert "voluit" not in page.content.decode()


def test_signing_in_on_an_old_sign_in_page_leads_on(browser):
    data = {"username": "an", "password": PASSWORD, "csrfmiddlewaretoken": "x" * 64}
    answer = browser.post(reverse("admin:login"), data, **HERE, follow=True)
    assert answer.redirect_chain[-1] == (reverse("admin:index"), 302)
    assert answer.status_code == 200


def test_an_outdated_form_without_a_session_is_sent_only_after_a_look(browser):
    data = {**filled_in(browser), "csrfmiddlewaretoken": "x" * 64}
    Session.objects.all().delete()
    answer = browser.post(ADD, data, **HERE, follow=True)
    page = sign_in(browser, to=way_on(answer))
    assert resumed(page)["abbreviation"] == ["FIT"]
    assert "data-send-at-once" not in page.content.decode()


# --- Mistakes -----------------------------------------------------------------------------------
def test_mistakes_are_listed_on_top_with_links_to_their_fields(admin_client):
    data = form_data(admin_client.get(ADD), review_by="morgen")
    html = admin_client.post(ADD, data).content.decode()
    assert '<a href="#id_abbreviation">Afkorting of woord: Dit mag niet leeg blijven: vul het in.</a>' in html
    assert '<a href="#id_review_by">' in html
    assert "Schrijf ze als 31/12/2027" in html
    assert html.index('id="problems"') < html.index('id="id_abbreviation"')


def test_a_mistake_in_a_row_is_named_by_its_row(admin_client):
    page = reverse("admin:contact_schoolyear_add")
    data = form_data(admin_client.get(page), title="2031", first_day="1/9/2031", last_day="31/8/2032")
    row = {"holidays-TOTAL_FORMS": "1", "holidays-0-name": "Herfst", "holidays-0-first_day": "x"}
    html = admin_client.post(page, {**data, **row}).content.decode()
    assert '<a href="#id_holidays-0-first_day">Schoolvakantie 1: Eerste dag: ' in html


def test_a_conflict_is_listed_too(admin_client):
    term = make_term()
    page = reverse("admin:organisation_term_change", args=[term.pk])
    data = {**form_data(admin_client.get(page)), "form_stamp": "oud"}
    answer = admin_client.post(page, data)
    assert [problem.anchor for problem in answer.context["problems"]] == [""]
