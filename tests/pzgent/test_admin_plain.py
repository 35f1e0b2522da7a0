"""The admin for somebody who never saw Django: plain titles, words in Dutch, and messages that say what to do."""

import datetime
import json

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext

from organisation.admin.draft_forms import CopyForm
from organisation.models import Term
from pzgent.admin.erasing import EraseForm
from pzgent.admin.script_words import WORDS
from pzgent.desk.erasing import find
from pzgent.kernel.editing.approvals import SendBackForm
from pzgent.kernel.editing.scheduling import ScheduleForm
from tests.browser import form_data
from tests.make import make_exception, make_schedule, make_term, make_unit
from tests.sheets import upload_rows

pytestmark = pytest.mark.django_db


def test_a_list_is_called_what_it_lists_and_says_when_it_is_empty(admin_client):
    address = reverse("admin:organisation_term_changelist")
    page = admin_client.get(address)
    assert page.context["title"] == "Begrippen"
    text = page.content.decode()
    assert gettext("There is nothing here yet.") in text
    assert 'name="action"' not in text
    make_term(abbreviation="GBO")
    text = admin_client.get(address).content.decode()
    assert gettext("There is nothing here yet.") not in text
    assert f'value="0">{gettext("Run the action")}</button>' in text
    for query in ("q=bestaatniet", "status__exact=draft"):
        text = admin_client.get(f"{address}?{query}").content.decode()
        assert f'<a href="?">{gettext("Clear the search and the filters")}</a>' in text


def test_a_choice_offers_what_is_called_so_before_what_only_mentions_it(admin_client):
    make_unit(name="Adjunct-directeur", summary="Werkt voor de Directie Beheer.")
    make_unit(name="Archief van de Directie Beheer")
    make_unit(name="Directie Beheer")
    asked = {
        "app_label": "contact", "model_name": "topic", "field_name": "unit", "term": "directie beheer",
    }  # fmt: skip
    found = admin_client.get(reverse("admin:autocomplete"), asked).json()["results"]
    names = [row["text"].split(" › ")[-1] for row in found]
    assert names == ["Directie Beheer", "Archief van de Directie Beheer", "Adjunct-directeur"]


def test_the_scripts_of_the_admin_have_every_word_in_dutch(admin_client):
    catalog = admin_client.get(reverse("admin:jsi18n")).content.decode()
    for word in WORDS:
        assert json.dumps(word)[1:-1] in catalog


def test_the_page_to_sign_in_says_plainly_that_the_password_is_wrong(client):
    page = client.post("/admin/login/", {"username": "baas", "password": "fout"}).content.decode()
    assert (
        escape(gettext("This user name and this password do not go together. Mind upper and lower case."))
        in page
    )


@pytest.mark.parametrize("form", [CopyForm, EraseForm, ScheduleForm, SendBackForm])
def test_each_form_says_what_to_do_about_an_empty_field(form):
    errors = [text for texts in form({}).errors.values() for text in texts]
    assert set(errors) == {"Dit mag niet leeg blijven: vul het in."}


def test_a_file_that_is_no_spreadsheet_of_this_list_gets_one_remark(admin_client):
    page = upload_rows(admin_client, Term, [["Dit is geen rekenblad", "Ook niet"]])
    text = gettext(
        "No heading in the first row is one of this list. Download the empty spreadsheet, and fill that in."
    )
    assert page.context["form"].errors == {"file": [text]}


def test_an_exception_is_called_by_its_day_in_words():
    day = datetime.date(2026, 12, 24)
    exception = make_exception(make_schedule(), first_day=day, last_day=day, reason="Kerstavond")
    assert str(exception) == "24 december 2026: Kerstavond"


def test_the_places_of_a_text_have_names_that_editors_know(admin_client):
    term = make_term(abbreviation="GBO")
    address = reverse("admin:organisation_term_change", args=[term.pk])
    admin_client.post(address, form_data(admin_client.get(address), expansion="Jan Peeters"))
    found = {(type(place.row).__name__, place.title, place.label) for place in find("Jan Peeters")}
    assert ("Version", str(Term.objects.get()), gettext("what was stored")) in found
    assert ("LogEntry", str(LogEntry.objects.get()), gettext("name")) in found


def test_the_accounts_have_a_plain_name_at_home(admin_client):
    home = admin_client.get("/admin/").content.decode()
    assert f"<summary>{gettext('Accounts and rights')}</summary>" in home


def test_the_home_page_leads_a_newcomer_to_the_guide(admin_client):
    link = f'<a href="{reverse("admin:guide")}">{gettext("New here? Begin with the guide.")}</a>'
    assert link in admin_client.get("/admin/").content.decode()
