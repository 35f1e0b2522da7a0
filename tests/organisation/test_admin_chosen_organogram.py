"""Every page, link, form and redirect of the tree stays in its organogram and says which one that is."""

import datetime
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone

from organisation.admin.headings import heading_of
from organisation.copying import copy_organogram
from organisation.models import Organogram, Placement
from tests.browser import form_data
from tests.make import make_organogram, make_placement, make_unit

pytestmark = pytest.mark.django_db
LIST = "admin:organisation_placement_changelist"
LATER = timezone.localdate() + datetime.timedelta(days=40)


@pytest.fixture
def live():
    organogram = make_organogram(title="Vandaag")
    root = make_placement(organogram, name="Korps")
    for name in ("Een", "Twee"):
        make_placement(organogram, root, name=name)
    return organogram


@pytest.fixture
def draft(live):
    return copy_organogram(live, LATER)


def place(organogram, name):
    return Placement.objects.get(organogram=organogram, name=name)


def list_of(organogram):
    return f"{reverse(LIST)}?organogram={organogram.pk}"


def link(answer, text):
    """The address of the first link with that text."""
    found = re.search(rf'<a[^>]*href="([^"]+)"[^>]*>\s*{re.escape(text)}', answer.content.decode())
    assert found, f"there is no link “{text}”"
    return found[1].replace("&amp;", "&")


def row_link(answer, item, text):
    """The address of a link in the row of a place."""
    row = next(
        row for row in re.findall(r"<tr>.*?</tr>", answer.content.decode(), re.S) if str(item.pk) in row
    )
    return re.search(rf'<a href="([^"]+)">{re.escape(text)}', row)[1].replace("&amp;", "&").split("#")[0]


def shown_by(client, address):
    """The organogram of the list or the workshop that an address leads to."""
    context = client.get(address, follow=True).context
    return context["cl"].organogram if "cl" in context else context["original"]


def save(client, page, **typed):
    return client.post(page, form_data(client.get(page), **typed))


# --- The two accidents that were reported ---------------------------------------------------------------
def test_moving_in_a_draft_leads_back_to_the_draft(draft, admin_client):
    page = row_link(admin_client.get(list_of(draft)), place(draft, "Een"), "verplaatsen naar…")
    answer = save(admin_client, page, parent=str(place(draft, "Twee").pk))
    assert answer.status_code == 302
    assert place(draft, "Een").parent == place(draft, "Twee")
    assert shown_by(admin_client, answer["Location"]) == draft


def test_adding_below_in_a_draft_leads_back_to_the_draft(draft, live, admin_client):
    page = row_link(admin_client.get(list_of(draft)), place(draft, "Een"), "eronder toevoegen")
    answer = save(admin_client, page, unit=str(make_unit(name="Nieuw").pk), kind="team")
    assert answer.status_code == 302
    assert place(draft, "Nieuw").parent == place(draft, "Een")
    assert not Placement.objects.filter(organogram=live, name="Nieuw").exists()
    assert shown_by(admin_client, answer["Location"]) == draft


# --- Every other way on ---------------------------------------------------------------------------------
@pytest.mark.parametrize("button", ["_save", "_continue", "_addanother"])
def test_each_save_button_stays_in_the_draft(button, draft, admin_client):
    page = row_link(admin_client.get(list_of(draft)), place(draft, "Een"), "eronder toevoegen")
    answer = save(admin_client, page, unit=str(make_unit(name="Nieuw").pk), kind="team", **{button: "1"})
    after = admin_client.get(answer["Location"])
    assert after.context["edition_heading"].title == draft.title


def test_add_another_still_adds_to_the_draft(draft, admin_client):
    page = row_link(admin_client.get(list_of(draft)), place(draft, "Een"), "eronder toevoegen")
    answer = save(admin_client, page, unit=str(make_unit(name="A").pk), kind="team", _addanother="1")
    save(admin_client, answer["Location"], unit=str(make_unit(name="B").pk), kind="team")
    assert place(draft, "B").parent == place(draft, "Een")


def test_the_button_above_the_tree_adds_to_the_organogram_shown(draft, admin_client):
    html = admin_client.get(list_of(draft)).content.decode()
    page = re.search(r'<a href="([^"]+)" class="addlink">', html)[1].replace("&amp;", "&")
    data = form_data(admin_client.get(page))
    assert data["organogram"] == [str(draft.pk)]


def test_changing_after_a_search_and_a_filter_leads_back_to_both_in_the_draft(draft, admin_client):
    listed = admin_client.get(list_of(draft) + "&kind=dienst&q=een")
    page = link(listed, "<span")
    answer = save(admin_client, page, name="Eerste")
    query = parse_qs(urlsplit(answer["Location"]).query)
    assert query == {"organogram": [str(draft.pk)], "kind": ["dienst"], "q": ["een"]}


def test_a_place_opened_by_its_bare_address_leads_back_to_its_own_tree(draft, admin_client):
    page = reverse("admin:organisation_placement_change", args=[place(draft, "Een").pk])
    assert shown_by(admin_client, save(admin_client, page)["Location"]) == draft


def test_a_filter_of_another_organogram_does_not_lead_away(draft, live, admin_client):
    page = reverse("admin:organisation_placement_change", args=[place(draft, "Een").pk])
    page += f"?_changelist_filters=organogram%3D{live.pk}"
    assert shown_by(admin_client, save(admin_client, page)["Location"]) == draft


def test_deleting_leads_back_to_the_draft(draft, admin_client):
    page = admin_client.get(reverse("admin:organisation_placement_change", args=[place(draft, "Een").pk]))
    question = link(page, "Verwijderen")
    asked = admin_client.get(question)
    assert asked.context["edition_heading"].title == draft.title
    answer = admin_client.post(question, {"post": "yes"})
    assert shown_by(admin_client, answer["Location"]) == draft


@pytest.mark.parametrize("page", ["change", "delete", "history"])
def test_the_breadcrumbs_lead_back_to_the_draft(page, draft, admin_client):
    item = place(draft, "Een")
    answer = admin_client.get(reverse(f"admin:organisation_placement_{page}", args=[item.pk]))
    assert shown_by(admin_client, link(answer, "Plaatsen in het organogram")) == draft


def test_the_breadcrumbs_of_a_new_place_lead_back_to_the_draft(draft, admin_client):
    page = row_link(admin_client.get(list_of(draft)), place(draft, "Een"), "eronder toevoegen")
    assert shown_by(admin_client, link(admin_client.get(page), "Plaatsen in het organogram")) == draft


def test_every_link_of_the_draft_tree_stays_there(draft, live, admin_client):
    """Filters, sorting, clearing and showing all keep the organogram; only the choice of another one leaves it."""
    answer = admin_client.get(list_of(draft) + "&kind=dienst&q=e")
    queries = re.findall(r'href="(\?[^"]*)"', answer.content.decode())
    assert queries
    elsewhere = [query for query in queries if f"organogram={draft.pk}" not in query]
    assert {f"organogram={live.pk}" in query for query in elsewhere} == {True}


def test_a_search_in_the_draft_tree_stays_there(draft, admin_client):
    data = form_data(admin_client.get(reverse(LIST), {"organogram": draft.pk}), "changelist-search")
    assert data["organogram"] == [str(draft.pk)]


def test_the_tree_of_today_also_names_itself_in_its_links(live, draft, admin_client):
    """At midnight another organogram may come into force; what is open stays where it was."""
    answer = admin_client.get(reverse(LIST))
    assert f"organogram={live.pk}" in row_link(answer, place(live, "Een"), "verplaatsen naar…")
    assert form_data(answer, "changelist-search")["organogram"] == [str(live.pk)]


def test_a_move_by_button_leads_back_to_the_draft(draft, admin_client):
    data = {"up": str(place(draft, "Twee").pk), "query": ""}
    answer = admin_client.post(reverse("admin:organisation_placement_move"), data)
    assert shown_by(admin_client, answer["Location"].split("#")[0]) == draft


def test_the_unit_of_a_draft_row_opens_on_its_place_in_the_draft(draft, admin_client):
    page = row_link(admin_client.get(list_of(draft)), place(draft, "Een"), "eenheid")
    assert f"organogram={draft.pk}" in page


# --- Choosing what it is part of ------------------------------------------------------------------------
def test_the_search_for_a_part_of_stays_in_the_organogram_also_after_an_error(draft, admin_client):
    page = row_link(admin_client.get(list_of(draft)), place(draft, "Een"), "eronder toevoegen")
    refused = save(admin_client, page, unit="", kind="team")
    assert refused.status_code == 200
    for answer in (admin_client.get(page), refused):
        assert f"autocomplete/?organogram={draft.pk}" in answer.content.decode()


def test_a_part_of_has_no_windows_of_its_own(draft, admin_client):
    page = reverse("admin:organisation_placement_change", args=[place(draft, "Een").pk])
    html = admin_client.get(page).content.decode()
    assert 'id="add_id_parent"' not in html
    assert 'id="change_id_parent"' not in html


def test_the_organogram_is_not_chosen_in_the_form(live, admin_client):
    html = admin_client.get(reverse("admin:organisation_placement_add")).content.decode()
    assert re.search(r'<input type="hidden" name="organogram"[^>]*>', html)


def test_a_parent_alone_tells_the_organogram(draft, admin_client):
    page = reverse("admin:organisation_placement_add") + f"?parent={place(draft, 'Een').pk}"
    assert admin_client.get(page).context["edition_heading"].title == draft.title


# --- Stale forms ----------------------------------------------------------------------------------------
def publish(organogram, **changes):
    for name, value in {"status": "published", **changes}.items():
        setattr(organogram, name, value)
    organogram.save()


def test_a_form_opened_in_a_draft_is_refused_once_that_is_in_force(draft, admin_client):
    page = reverse("admin:organisation_placement_change", args=[place(draft, "Een").pk])
    data = form_data(admin_client.get(page), name="Te laat")
    publish(draft, valid_from=timezone.localdate())
    answer = admin_client.post(page, data)
    assert answer.context["adminform"].form.is_conflict
    assert answer.context["edition_heading"].code == "in-force"
    assert not Placement.objects.filter(name="Te laat").exists()


def test_a_new_place_opened_in_a_draft_asks_again_once_that_is_in_force(draft, admin_client):
    page = row_link(admin_client.get(list_of(draft)), place(draft, "Een"), "eronder toevoegen")
    data = form_data(admin_client.get(page), unit=str(make_unit(name="Laat").pk), kind="team")
    publish(draft, valid_from=timezone.localdate())
    answer = admin_client.post(page, data)
    assert (answer.status_code, answer.context["edition_heading"].code) == (200, "in-force")
    assert admin_client.post(page, form_data(answer)).status_code == 302


def test_a_new_place_in_an_organogram_that_is_gone_is_refused_in_words(draft, admin_client):
    page = row_link(admin_client.get(list_of(draft)), place(draft, "Een"), "eronder toevoegen")
    data = form_data(admin_client.get(page), unit=str(make_unit().pk), kind="team")
    draft.delete()
    answer = admin_client.post(page, data)
    assert "bestaat niet meer" in str(answer.context["errors"])


def test_a_button_of_a_place_that_was_moved_elsewhere_moves_nothing(draft, admin_client):
    stale = f"{place(draft, 'Twee').pk}:{place(draft, 'Korps').pk}"
    item = place(draft, "Twee")
    item.parent = place(draft, "Een")
    item.save()
    other = make_placement(draft, place(draft, "Een"), name="Erbij")
    answer = admin_client.post(reverse("admin:organisation_placement_move"), {"down": stale}, follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["error"]
    item.refresh_from_db()
    assert item.lft < Placement.objects.get(pk=other.pk).lft


# --- The heading ----------------------------------------------------------------------------------------
def test_the_heading_says_which_organogram_and_in_what_state(live, draft):
    planned = make_organogram(valid_from=LATER, title="Straks")
    past = make_organogram(valid_from=datetime.date(1999, 1, 1))
    withdrawn = make_organogram(status="withdrawn")
    hidden = make_organogram(
        valid_from=timezone.localdate(), publish_from=timezone.now() + datetime.timedelta(days=1)
    )
    found = [heading_of(item) for item in (live, draft, planned, past, withdrawn, hidden)]
    assert [heading.code for heading in found] == [
        "in-force", "draft", "planned", "past", "withdrawn", "planned",
    ]  # fmt: skip
    words = [heading.words.split()[0].strip(",") for heading in found]
    assert words == ["LIVE", "CONCEPT", "GEPLAND", "VROEGER", "INGETROKKEN", "GEPLAND"]
    assert "40" not in found[1].words
    assert [bool(heading.page) for heading in found] == [True, False, True, True, False, False]


@pytest.mark.parametrize("page", ["change", "delete", "history"])
def test_every_page_of_a_place_has_the_heading(page, draft, admin_client):
    address = reverse(f"admin:organisation_placement_{page}", args=[place(draft, "Een").pk])
    html = admin_client.get(address).content.decode()
    assert re.search(r'id="edition-heading">\s*<span><strong>CONCEPT, geldt vanaf', html)


def test_the_list_and_the_organogram_itself_have_the_heading(draft, live, admin_client):
    pages = [list_of(draft), reverse("admin:organisation_organogram_change", args=[draft.pk])]
    assert all("<strong>CONCEPT, geldt vanaf" in admin_client.get(page).content.decode() for page in pages)
    assert "<strong>LIVE, van kracht sinds" in admin_client.get(reverse(LIST)).content.decode()


def test_pages_without_any_organogram_open(admin_client):
    assert Organogram.objects.count() == 0
    pages = [reverse(LIST), reverse("admin:organisation_placement_add")]
    assert [admin_client.get(page).status_code for page in pages] == [200, 200]
