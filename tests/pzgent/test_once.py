"""An add form makes one object: a second click, Back and a corrected second try, two tabs, two processes."""

import datetime
import threading
import time

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.db import connection, connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contact.admin import NoticeAdmin
from contact.models import Notice, Schedule
from organisation.models import Organogram, Placement, Term
from pzgent.kernel.editing import PublishableAdmin
from pzgent.kernel.once import FIELD, digest_of
from pzgent.models import AccessibilityStatement, UsedForm
from tests.browser import form_data
from tests.make import make_organogram, make_placement, make_term, make_unit

pytestmark = pytest.mark.django_db
TERM = "admin:organisation_term_add"
NOTICE = "admin:contact_notice_add"


def open_form(client, page=TERM, **typed):
    return form_data(client.get(reverse(page)), **typed)


def notice(client, **typed):
    now = timezone.localtime()
    times = {}
    for name, moment in (("starts", now), ("ends", now + datetime.timedelta(hours=5))):
        times |= {f"{name}_0": f"{moment:%Y-%m-%d}", f"{name}_1": f"{moment:%H:%M:%S}"}
    values = {"title": "Brand", "text_nl": "Blijf binnen.", "level": "serious", "status": "published"}
    return open_form(client, NOTICE, **values, **times, **typed)


def said(answer):
    return " ".join(str(message) for message in answer.context["messages"])


# --- The same form twice --------------------------------------------------------------------------------
def test_two_identical_clicks_make_one_notice(admin_client):
    data = notice(admin_client)
    first = admin_client.post(reverse(NOTICE), data)
    second = admin_client.post(reverse(NOTICE), data, follow=True)
    made = Notice.objects.get()
    assert first.status_code == 302
    assert second.redirect_chain[0][0].startswith(reverse("admin:contact_notice_change", args=[made.pk]))
    assert "één keer" in said(second)
    assert LogEntry.objects.count() == 1


def test_another_button_of_the_same_form_is_the_same_form(admin_client):
    data = open_form(admin_client, abbreviation="FIT")
    admin_client.post(reverse(TERM), {**data, "_save": "1"})
    assert admin_client.post(reverse(TERM), {**data, "_continue": "1"}).status_code == 302
    assert Term.objects.count() == 1


def test_a_second_click_on_save_and_add_another_gives_a_fresh_form(admin_client):
    data = open_form(admin_client, abbreviation="FIT", _addanother="1")
    admin_client.post(reverse(TERM), data)
    answer = admin_client.post(reverse(TERM), data, follow=True)
    assert answer.redirect_chain[0][0].startswith(reverse(TERM))
    admin_client.post(reverse(TERM), form_data(answer, abbreviation="GIT"))
    assert Term.objects.count() == 2


def test_a_second_click_in_a_window_of_its_own_still_hands_over_the_object(admin_client):
    data = form_data(admin_client.get(reverse(TERM) + "?_popup=1"), abbreviation="FIT")
    admin_client.post(reverse(TERM), data)
    answer = admin_client.post(reverse(TERM), data)
    assert str(Term.objects.get().pk) in answer.context["popup_response_data"]


def test_a_statement_of_which_there_is_one_only_opens_after_a_second_click(admin_client):
    page = "admin:pzgent_accessibilitystatement_add"
    typed = {"conformance": "partial", "standard": "WCAG 2.2", "method": "self"}
    typed |= {"prepared_on": "2026-01-01", "reviewed_on": "2026-01-01"}
    data = open_form(admin_client, page, **typed)
    assert admin_client.post(reverse(page), data).status_code == 302
    answer = admin_client.post(reverse(page), data)
    assert str(AccessibilityStatement.objects.get().pk) in answer["Location"]


def test_two_forms_in_two_tabs_make_two(admin_client):
    forms = [open_form(admin_client, abbreviation="FIT") for _tab in range(2)]
    answers = [admin_client.post(reverse(TERM), form) for form in forms]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Term.objects.count() == 2


def test_a_form_that_was_refused_stays_good_for_one(admin_client):
    data = open_form(admin_client)
    refused = admin_client.post(reverse(TERM), data)
    again = form_data(refused, abbreviation="FIT")
    assert (refused.status_code, again[FIELD]) == (200, [data[FIELD][0]])
    assert [admin_client.post(reverse(TERM), again).status_code for _click in range(2)] == [302, 302]
    assert Term.objects.count() == 1


def test_a_form_of_before_signing_in_anew_still_makes_one(admin_client, admin_user):
    data = open_form(admin_client, abbreviation="FIT")
    client = Client()
    assert client.post(reverse(TERM), data).status_code == 302  # to the sign-in page
    assert not UsedForm.objects.exists()
    client.force_login(admin_user)
    assert [client.post(reverse(TERM), data).status_code for _click in range(2)] == [302, 302]
    assert Term.objects.count() == 1


def test_a_form_without_a_token_still_works(admin_client):
    data = open_form(admin_client, abbreviation="FIT")
    del data[FIELD]
    assert admin_client.post(reverse(TERM), data).status_code == 302


@pytest.mark.parametrize("token", ["x" * 2000, "é\u200b'\"", "x\x00"])
def test_an_odd_token_breaks_nothing(token, admin_client):
    data = open_form(admin_client, abbreviation="FIT", **{FIELD: token})
    assert admin_client.post(reverse(TERM), data).status_code < 500


def test_a_token_of_another_kind_of_form_makes_a_new_object(admin_client):
    data = open_form(admin_client, abbreviation="FIT")
    admin_client.post(reverse(TERM), data)
    other = open_form(admin_client, "admin:organisation_grade_add", **{FIELD: data[FIELD]})
    other |= {"code": "X", "name": "X", "category": "OPS", "rank": "9"}
    assert admin_client.post(reverse("admin:organisation_grade_add"), other).status_code == 302


def test_who_may_not_see_the_object_is_not_led_to_it(admin_client, client):
    data = open_form(admin_client, abbreviation="FIT")
    admin_client.post(reverse(TERM), data)
    user = User.objects.create_user("nieuw", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="add_term"))
    client.force_login(user)
    assert client.post(reverse(TERM), data).status_code == 403


def test_every_form_that_adds_something_carries_a_token(admin_client, rf, admin_user):
    request = rf.get("/admin/")
    request.user = admin_user
    added = [item.opts for item in admin.site._registry.values() if item.has_add_permission(request)]
    assert len(added) > 20
    pages = [f"admin:{opts.app_label}_{opts.model_name}_add" for opts in added]
    assert [page for page in pages if not open_form(admin_client, page).get(FIELD)] == []


ACCOUNT = {"username": "nieuw", "password1": "Een lang wachtwoord 7", "password2": "Een lang wachtwoord 7"}


@pytest.mark.parametrize(
    ("model", "typed", "corrected"),
    [
        (User, {**ACCOUNT, "usable_password": "true"}, {"username": "niuw"}),
        (Group, {"name": "redactie"}, {"name": "Redactie"}),
    ],
)
@pytest.mark.parametrize("is_corrected", [False, True])
def test_two_clicks_make_one_account_and_one_group(admin_client, model, typed, corrected, is_corrected):
    page, before = f"admin:auth_{model._meta.model_name}_add", model.objects.count()
    data = open_form(admin_client, page, **typed)
    assert admin_client.post(reverse(page), data).status_code == 302
    made = model.objects.latest("pk")
    second = admin_client.post(reverse(page), {**data, **(corrected if is_corrected else {})}, follow=True)
    change = reverse(f"admin:auth_{model._meta.model_name}_change", args=[made.pk])
    assert second.redirect_chain[0][0].startswith(change)
    assert "één keer" in said(second)
    assert model.objects.count() == before + 1


def test_no_password_is_in_the_digest_of_a_form(rf):
    one, other = (rf.post("/", {**ACCOUNT, "password1": text, "password2": text}) for text in ("a", "b"))
    assert digest_of(one) == digest_of(other) != digest_of(rf.post("/", {**ACCOUNT, "username": "x"}))


# --- Back, correct, Save --------------------------------------------------------------------------------
@pytest.fixture
def corrected(admin_client):
    """A term was made, then the editor went Back and sent the form again with a correction."""
    data = open_form(admin_client, abbreviation="FTI", explanation="fout", status="published")
    admin_client.post(reverse(TERM), data)
    return admin_client.post(reverse(TERM), {**data, "abbreviation": "FIT", "explanation": "goed"})


def test_a_correction_makes_no_second_object_and_loses_nothing(corrected):
    assert Term.objects.get().explanation == "fout"
    html = corrected.content.decode()
    assert "goed</textarea>" in html
    assert "Dit formulier is al gebruikt" in html


def test_a_correction_is_compared_with_what_was_made(corrected):
    stored = {str(value) for _label, value in corrected.context["adminform"].form.conflict}
    assert stored >= {"FTI", "fout"}
    assert "goed" not in stored


def test_a_correction_can_be_saved_onto_what_was_made(corrected, admin_client):
    form = corrected.context["adminform"].form
    page = corrected.context["form_url"]
    assert page.startswith(reverse("admin:organisation_term_change", args=[Term.objects.get().pk]))
    answer = admin_client.post(page, form_data(corrected, form_overwrite=form.current_version_token))
    assert answer.status_code == 302
    assert Term.objects.values_list("abbreviation", "explanation").get() == ("FIT", "goed")


def test_a_corrected_name_keeps_the_address_that_was_given(admin_client):
    """Script proposes an address for the corrected name, which may be taken by now."""
    make_term(slug="fit")
    data = open_form(admin_client, abbreviation="FTI", slug="fti")
    admin_client.post(reverse(TERM), data)
    answer = admin_client.post(reverse(TERM), {**data, "abbreviation": "FIT", "slug": "fit"})
    assert form_data(answer)["slug"] == ["fti"]


def test_back_finds_the_form_as_it_was(admin_client):
    """Neither no-store nor no-cache, and sent to another address than its own: browsers would forget the page."""
    page = admin_client.get(reverse(TERM) + "?_popup=1")
    assert page["Cache-Control"] == "private, max-age=0"
    assert page.context["form_url"] == "?_popup=1&_sent=1"
    assert "no-store" in admin_client.get(reverse("admin:organisation_term_changelist"))["Cache-Control"]


def test_that_a_form_was_sent_is_no_part_of_the_way_on(admin_client):
    data = open_form(admin_client, abbreviation="FIT", _continue="1")
    assert "_sent" not in admin_client.post(reverse(TERM) + "?_sent=1", data)["Location"]


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_back_correct_save_in_a_browser_makes_one(chromium, live_server, admin_client):
    page = chromium.new_context(base_url=live_server.url).new_page()
    page.context.add_cookies(
        [
            {
                "name": "sessionid",
                "value": admin_client.cookies["sessionid"].value,
                "url": f"{live_server.url}/admin",
            }
        ]
    )
    page.goto(reverse("admin:index"))  # as after signing in: all cookies are there
    page.goto(reverse(TERM))
    page.fill("#id_abbreviation", "FTI")
    page.locator("[name=_save]").first.click()
    page.wait_for_url("**/term/")
    page.go_back()
    page.fill("#id_abbreviation", "FIT")
    page.locator("[name=_save]").first.click()
    page.check("#id_form_overwrite")
    page.locator("[name=_save]").first.click()
    page.wait_for_url("**/term/")
    assert Term.objects.get().abbreviation == "FIT"


def test_a_correction_of_what_a_colleague_changed_is_still_compared(corrected, admin_client):
    token = corrected.context["adminform"].form.current_version_token
    term = Term.objects.get()
    term.explanation = "van Jan"
    term.save()
    answer = admin_client.post(corrected.context["form_url"], form_data(corrected, form_overwrite=token))
    assert answer.context["adminform"].form.is_conflict


def test_after_what_was_made_is_deleted_the_form_makes_it_anew(admin_client):
    data = open_form(admin_client, abbreviation="FTI")
    admin_client.post(reverse(TERM), data)
    Term.objects.get().delete()
    answers = [admin_client.post(reverse(TERM), {**data, "abbreviation": "FIT"}) for _click in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Term.objects.get().abbreviation == "FIT"


def test_rows_that_were_corrected_are_changed_and_not_made_again(admin_client):
    page = reverse("admin:contact_schedule_add")
    rows = {
        f"slots-{day}-{name}": hour
        for day in (0, 2)
        for name, hour in (("opens", "09:00"), ("closes", "17:00"))
    }
    data = form_data(admin_client.get(page), title="Balie", **rows)
    assert admin_client.post(page, data).status_code == 302
    typed = {"slots-0-opens": "10:00", "slots-2-opens": "", "slots-2-closes": "", "slots-2-weekday": "2"}
    answer = admin_client.post(page, {**data, **typed})
    form = answer.context["adminform"].form
    saved = admin_client.post(
        answer.context["form_url"],
        form_data(answer, form_overwrite=form.current_version_token, **{"slots-1-DELETE": "on"}),
    )
    assert saved.status_code == 302, saved.context["errors"]
    slots = Schedule.objects.get().slots
    assert [(slot.weekday, slot.opens.hour) for slot in slots.all()] == [(0, 10)]


def test_what_can_no_longer_be_corrected_is_named(admin_client):
    root = make_placement(make_organogram(status="draft"))
    page = f"{reverse('admin:organisation_placement_add')}?parent={root.pk}"
    data = form_data(admin_client.get(page), unit=str(make_unit(name="Fout").pk), kind="team")
    admin_client.post(page, data)
    answer = admin_client.post(page, {**data, "unit": str(make_unit(name="Goed").pk)})
    assert "Eenheid" in said(answer)
    assert Placement.objects.count() == 2


def test_a_change_form_carries_no_token(admin_client):
    page = reverse("admin:organisation_term_change", args=[make_term().pk])
    assert FIELD not in form_data(admin_client.get(page))


# --- Buttons of lists -----------------------------------------------------------------------------------
def test_two_clicks_on_copy_make_one_draft(admin_client):
    page = reverse("admin:organisation_organogram_duplicate", args=[make_organogram().pk])
    data = form_data(admin_client.get(page), "copy-form")
    answers = [admin_client.post(page, data) for _click in range(2)]
    assert Organogram.objects.count() == 2
    assert answers[0]["Location"] == answers[1]["Location"]


def test_two_clicks_on_a_move_move_once(admin_client):
    root = make_placement(make_organogram(), name="Korps")
    places = [make_placement(root.organogram, root, name=name) for name in "ABC"]
    page = reverse("admin:organisation_placement_changelist")
    data = form_data(admin_client.get(page), "tree-moves", down=f"{places[0].pk}:{root.pk}")
    answers = [admin_client.post(reverse("admin:organisation_placement_move"), data) for _click in range(2)]
    assert list(
        Placement.objects.exclude(parent=None).order_by("lft").values_list("name", flat=True)
    ) == list("BAC")
    assert answers[0]["Location"] == answers[1]["Location"]


def test_another_move_from_the_same_page_still_works(admin_client):
    root = make_placement(make_organogram(), name="Korps")
    places = [make_placement(root.organogram, root, name=name) for name in "ABC"]
    page = reverse("admin:organisation_placement_changelist")
    data = form_data(admin_client.get(page), "tree-moves")
    for place in (places[0], places[2]):
        direction = "down" if place == places[0] else "up"
        admin_client.post(reverse("admin:organisation_placement_move"), {**data, direction: str(place.pk)})
    names = Placement.objects.exclude(parent=None).order_by("lft").values_list("name", flat=True)
    assert list(names) == list("BCA")


def test_asking_twice_what_would_be_deleted_asks_twice(admin_client):
    page = reverse("admin:organisation_term_changelist")
    term = make_term(status="draft")
    data = form_data(admin_client.get(page), "changelist-form")
    data |= {"action": "delete_selected", "_selected_action": [str(term.pk)], "index": "0"}
    assert [admin_client.post(page, data).status_code for _click in range(2)] == [200, 200]


# --- Two connections ------------------------------------------------------------------------------------
@pytest.mark.once
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("correct", [False, True], ids=["identical", "corrected"])
def test_two_clicks_80_ms_apart_on_two_connections_make_one_notice(
    correct, admin_client, admin_user, monkeypatch
):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite in memory has one connection; writers there take turns from the start")
    save_model = NoticeAdmin.save_model

    def save_slowly(self, *args):
        save_model(self, *args)
        time.sleep(0.4)

    monkeypatch.setattr(NoticeAdmin, "save_model", save_slowly)
    data = notice(admin_client)
    answers = {}

    def click(number, wait, form):
        client = Client()
        client.force_login(admin_user)
        time.sleep(wait)
        try:
            answers[number] = client.post(reverse(NOTICE), form)
        finally:
            connections.close_all()

    second = {**data, "title": "Brand aan de haven"} if correct else data
    clicks = [
        threading.Thread(target=click, args=arguments) for arguments in ((1, 0, data), (2, 0.08, second))
    ]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join(30)
    made = Notice.objects.get()
    assert answers[1].status_code == 302
    assert answers[2].status_code == (200 if correct else 302)
    if not correct:
        assert str(made.pk) in answers[2]["Location"]


@pytest.mark.django_db(transaction=True)
def test_a_first_click_that_fails_leaves_the_second_one_free(admin_client, monkeypatch):
    data = open_form(admin_client, abbreviation="FIT")
    with monkeypatch.context() as broken:
        broken.setattr(PublishableAdmin, "log_addition", lambda *_args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            admin_client.post(reverse(TERM), data)
    assert not UsedForm.objects.exists()
    assert admin_client.post(reverse(TERM), data).status_code == 302
    assert Term.objects.count() == 1
