"""The workshop of an organogram: the tree, its steps, the last one undone, and colleagues at work in it too."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from organisation.copying import copy_organogram
from organisation.models import Organogram, Placement, StructureStep, Succession, Unit
from pzgent.kernel.trees import find_faults
from tests.browser import form_data
from tests.make import make_organogram, make_placement, make_unit, make_wide_organogram
from tests.outlines import BEFORE, at, make_draft, outline, turns

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    return make_draft()


def page_of(organogram, place=None, **more):
    query = "&".join(f"{key}={value}" for key, value in ({"at": place.pk} if place else {} | more).items())
    address = reverse("admin:organisation_organogram_workshop", args=[organogram.pk])
    return f"{address}?{query}" if query else address


def take(client, organogram, at_unit, code, /, **typed):
    """Take a step at a unit, as its form in the workshop does."""
    page = page_of(organogram, at(organogram, at_unit))
    values = {key if key in ("shift-direction",) else f"{code}-{key}": value for key, value in typed.items()}
    return client.post(page, form_data(client.get(page), f"{code}-form", **values))


def undo(client, organogram, answer=None):
    page = page_of(organogram)
    return client.post(page, form_data(answer or client.get(page), "undo-form", step="undo"))


def texts(answer):
    return [str(message) for message in answer.context["messages"]]


def steps_shown(client, organogram, name):
    page = client.get(page_of(organogram, at(organogram, name)))
    return [form.code for form in page.context["step_forms"]]


# --- The tree ---------------------------------------------------------------------------------------
def test_the_workshop_shows_the_tree_as_nested_lists_of_links(draft, admin_client):
    html = admin_client.get(page_of(draft)).content.decode()
    tree = html[html.index('<ul id="tree"') : html.index("</section>", html.index('<ul id="tree"'))]
    assert re.findall(r"<a [^>]+>([^<]+)</a>", tree) == [row.strip(".") for row in BEFORE]
    assert tree.count("<ul") == tree.count("</ul>")
    assert tree.count("<li") == tree.count("</li>") == len(BEFORE)


def test_the_banner_says_draft_or_live(draft, admin_client):
    live = Organogram.objects.get(status="published")
    assert "<strong>CONCEPT, geldt vanaf" in admin_client.get(page_of(draft)).content.decode()
    html = admin_client.get(page_of(live)).content.decode()
    assert "<strong>LIVE, van kracht sinds" in html
    assert "Elke wijziging staat meteen op de site." in html


def test_a_thousand_units_cost_ten_queries_and_less_than_three_hundred_kilobytes(admin_client):
    organogram = make_wide_organogram(1_000)
    for page in (page_of(organogram), page_of(organogram, organogram.placements.order_by("lft")[500])):
        admin_client.get(page)
        with CaptureQueriesContext(connection) as queries:
            answer = admin_client.get(page)
        assert len(queries) <= 10
        assert len(answer.content) <= 300_000


def test_a_unit_is_found_by_a_part_of_its_name(draft, admin_client):
    def find(text):
        return admin_client.get(page_of(draft), {"find": text})

    assert find("twee a")["Location"].endswith(f"?at={at(draft, 'Twee A').pk}#p-{at(draft, 'Twee A').pk}")
    assert find("een ")["Location"] == find("EEN")["Location"]
    assert [path for _row, path in find("ee a").context["found"]] == ["Een › Een A", "Twee › Twee A"]
    assert "Niets heet hier zo." in find("bestaat niet").content.decode()


def test_namesakes_are_told_apart_by_what_is_above_them(draft, admin_client):
    for parent in ("Een", "Twee"):
        make_placement(draft, at(draft, parent), name="Onthaal")
    take(admin_client, draft, "Drie", "move", target="Onthaal, in Twee")
    assert outline(draft)[-2:] == ["..Onthaal", "...Drie"]


def test_a_name_that_fits_several_is_refused_with_their_names(draft, admin_client):
    answer = take(admin_client, draft, "Drie", "move", target="een")
    assert answer.status_code == 302  # the full name of one of them
    answer = take(admin_client, draft, "Drie", "move", target="ee a")
    assert "Een A; Twee A" in answer.content.decode()
    answer = take(admin_client, draft, "Drie", "move", target="zzz")
    assert "Geen enkele eenheid hier heet" in answer.content.decode()


def test_an_empty_organogram_offers_its_top(admin_client):
    organogram = make_organogram(status="draft")
    assert (
        f"placement/add/?organogram={organogram.pk}" in admin_client.get(page_of(organogram)).content.decode()
    )


# --- The steps --------------------------------------------------------------------------------------
def test_each_step_stays_in_the_organogram_and_at_its_unit(draft, admin_client):
    answer = take(admin_client, draft, "Drie", "move", target="Een", position="before")
    assert answer["Location"] == f"{page_of(draft, at(draft, 'Drie'))}#p-{at(draft, 'Drie').pk}"
    (said,) = texts(admin_client.get(answer["Location"]))
    assert said.startswith("“Drie” verplaatst vóór “Een”")
    assert outline(draft)[1] == ".Drie"
    live = Organogram.objects.get(status="published")
    assert outline(live) == BEFORE


def test_order_rename_add_end_merge_and_split(draft, admin_client):
    take(admin_client, draft, "Een", "shift", **{"shift-direction": "down"})
    take(admin_client, draft, "Twee A", "rename", name="Twee Z", is_succession="on")
    take(admin_client, draft, "Twee", "add", name="Nieuw team", kind="team", position="under")
    take(admin_client, draft, "Een A", "end", outcome="abolished")
    take(admin_client, draft, "Twee", "merge", others="Drie\n", name="Samen", kind="dienst")
    take(admin_client, draft, "Een B", "split", parts="P\n\nQ\n", kind="cel")
    assert outline(draft) == ["Korps", ".Samen", "..Twee Z", "..Nieuw team", ".Een", "..P", "..Q"]
    assert turns(draft) == [
        ("Twee A", "renamed", "Twee A"),
        ("Een A", "abolished", None),
        ("Twee", "merged", "Samen"),
        ("Drie", "merged", "Samen"),
        ("Een B", "split", "P"),
        ("Een B", "split", "Q"),
    ]
    assert find_faults(Placement) == []


def test_a_refused_step_keeps_what_was_typed_and_says_why(draft, admin_client):
    answer = take(admin_client, draft, "Een", "move", target="Een A")
    assert answer.status_code == 200
    assert "onder zichzelf" in answer.content.decode() or "van zichzelf" in answer.content.decode()
    assert 'value="Een A"' in answer.content.decode()
    assert outline(draft) == BEFORE


def test_choices_that_need_a_name_ask_for_it(draft, admin_client):
    answer = take(admin_client, draft, "Een", "end", outcome="replaced", children="other")
    assert {"successor", "heir"} == set(answer.context["refused"].errors)
    answer = take(admin_client, draft, "Een", "merge", others="Twee", name="", kind="")
    assert {"name", "kind"} == set(answer.context["refused"].errors)


def test_units_end_merge_and_split_in_a_draft_only(draft, admin_client):
    live = Organogram.objects.get(status="published")
    assert steps_shown(admin_client, draft, "Een") == ["move", "add", "rename", "merge", "split", "end"]
    assert steps_shown(admin_client, live, "Een") == ["move", "add", "rename"]
    page = page_of(live, at(live, "Een"))
    state = admin_client.get(page).context["state"]
    sent = {"step": "end", "at": at(live, "Een").pk, "tree_state": state, "end-outcome": "abolished"}
    assert admin_client.post(page, sent).status_code == 403
    assert outline(live) == BEFORE


def test_a_step_asks_in_which_organograms_it_applies(draft, admin_client):
    live = Organogram.objects.get(status="published")
    page = admin_client.get(page_of(draft, at(draft, "Een")))
    assert form_data(page, "move-form")["move-applies_in"] == [str(draft.pk)]
    both = [str(draft.pk), str(live.pk)]
    take(admin_client, draft, "Een A", "move", target="Twee", applies_in=both)
    assert outline(live)[-3:] == outline(draft)[-3:] == ["..Twee A", "..Een A", ".Drie"]
    take(admin_client, draft, "Een B", "rename", name="Anders", applies_in=both)
    assert "..Anders" in outline(live)
    undo(admin_client, draft)
    undo(admin_client, draft)
    assert outline(live) == outline(draft) == BEFORE


def test_a_step_is_in_the_history_of_organogram_place_and_unit(draft, admin_client):
    take(admin_client, draft, "Een A", "move", target="Drie")
    place = at(draft, "Een A")
    logged = {entry.object_id: entry.change_message for entry in LogEntry.objects.all()}
    assert logged.keys() == {str(draft.pk), str(place.pk), str(place.unit_id)}
    assert set(logged.values()) == {"“Een A” verplaatst onder “Drie”"}


def test_the_page_offers_one_undo(draft, admin_client):
    take(admin_client, draft, "Drie", "rename", name="Vier")
    html = admin_client.get(page_of(draft)).content.decode()
    assert (html.count("Ongedaan maken"), html.count("Deze stap ongedaan maken")) == (0, 1)
    assert "/admin/undo/" not in html
    undo(admin_client, draft)
    assert "/admin/undo/" not in admin_client.get(page_of(draft)).content.decode()


def test_the_last_step_is_undone_with_one_button_and_then_the_one_before(draft, admin_client):
    take(admin_client, draft, "Twee", "merge", others="Drie", name="Samen", kind="dienst")
    take(admin_client, draft, "Een A", "move", target="Samen")
    assert "Een A” verplaatst" in admin_client.get(page_of(draft)).context["last"].text
    for _step in range(2):
        answer = undo(admin_client, draft)
        assert answer.status_code == 302
    assert outline(draft) == BEFORE
    assert not Unit.objects.filter(name="Samen").exists()
    assert not Succession.objects.exists()
    assert 'id="undo-form"' not in admin_client.get(page_of(draft)).content.decode()


def test_what_changes_the_tree_elsewhere_in_the_admin_is_undone_in_the_workshop_too(draft, admin_client):
    admin_client.post(
        reverse("admin:organisation_placement_move"),
        {"down": f"{at(draft, 'Een').pk}:{at(draft, 'Korps').pk}"},
    )
    page = reverse("admin:organisation_placement_change", args=[at(draft, "Een A").pk])
    admin_client.post(page, form_data(admin_client.get(page), parent=str(at(draft, "Drie").pk)))
    page = (
        f"{reverse('admin:organisation_unit_change', args=[at(draft, 'Twee').unit_id])}?organogram={draft.pk}"
    )
    admin_client.post(page, form_data(admin_client.get(page), name="Anders"))
    admin_client.post(
        reverse("admin:organisation_placement_delete", args=[at(draft, "Twee A").pk]), {"post": "yes"}
    )
    assert outline(draft) == ["Korps", ".Anders", ".Een", "..Een B", ".Drie", "..Een A"]
    said = list(StructureStep.objects.order_by("pk").values_list("text", flat=True))
    assert said[1:] == [
        "“Een A” verplaatst onder “Drie”",
        "“Twee” hernoemd tot “Anders”",
        "“Twee A” verwijderd",
    ]
    for _step in said:
        undo(admin_client, draft)
    assert outline(draft) == BEFORE


# --- Two at once ------------------------------------------------------------------------------------
def test_a_step_on_a_tree_that_changed_is_not_taken_and_says_who_changed_it(draft, admin_client):
    page = page_of(draft, at(draft, "Drie"))
    stale = form_data(admin_client.get(page), "move-form", **{"move-target": "Een"})
    colleague = Client()
    colleague.force_login(User.objects.create_superuser("ann", first_name="Ann"))
    take(colleague, draft, "Een A", "move", target="Twee")
    after = outline(draft)
    answer = admin_client.post(page, stale)
    assert answer.status_code == 409
    assert texts(answer)[0].startswith("Niet uitgevoerd: Ann wijzigde dit organogram om")
    assert outline(draft) == after
    again = form_data(answer, "move-form")
    assert again["move-target"] == ["Een"]
    assert admin_client.post(page, again).status_code == 302
    assert at(draft, "Drie").parent.name == "Een"


def test_a_change_outside_the_workshop_is_noticed_too(draft, admin_client):
    page = page_of(draft, at(draft, "Drie"))
    stale = form_data(admin_client.get(page), "move-form", **{"move-target": "Een"})
    at(draft, "Twee").move_to(at(draft, "Een"), "left")
    answer = admin_client.post(page, stale)
    assert (answer.status_code, at(draft, "Drie").parent.name) == (409, "Korps")


def test_a_draft_that_was_published_meanwhile_is_not_changed_unnoticed(draft, admin_client):
    page = page_of(draft, at(draft, "Drie"))
    stale = form_data(admin_client.get(page), "move-form", **{"move-target": "Een"})
    Organogram.objects.filter(pk=draft.pk).update(status="withdrawn")
    assert admin_client.post(page, stale).status_code == 409


def test_a_double_click_moves_one_step(draft, admin_client):
    page = page_of(draft, at(draft, "Een"))
    data = form_data(admin_client.get(page), "shift-form", **{"shift-direction": "down"})
    answers = [admin_client.post(page, data) for _click in range(2)]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert outline(draft)[1:] == [".Twee", "..Twee A", ".Een", "..Een A", "..Een B", ".Drie"]
    assert StructureStep.objects.count() == 1


def test_the_undo_of_an_old_page_does_not_undo_a_later_step(draft, admin_client):
    take(admin_client, draft, "Een", "shift", **{"shift-direction": "down"})
    old = admin_client.get(page_of(draft))
    take(admin_client, draft, "Drie", "move", target="Een")
    after = outline(draft)
    answer = undo(admin_client, draft, old)
    assert "Maak die eerst ongedaan." in texts(admin_client.get(answer["Location"]))[-1]
    assert outline(draft) == after


def test_a_unit_that_a_colleague_removed_gives_a_message_and_the_tree(draft, admin_client):
    page = page_of(draft, at(draft, "Drie"))
    data = form_data(admin_client.get(page), "move-form", **{"move-target": "Een"})
    at(draft, "Drie").delete()
    answer = admin_client.post(page, data)
    assert (answer.status_code, len(texts(answer))) == (409, 1)


def test_the_steps_of_a_unit_are_shown_only_beside_the_tree_they_belong_to(draft, admin_client):
    state = admin_client.get(page_of(draft)).context["state"]
    place = at(draft, "Een")
    ask = {"at": place.pk, "panel": "1", "tree_state": state}
    assert "move-form" in admin_client.get(page_of(draft), ask).content.decode()
    at(draft, "Twee").move_to(place, "left")
    answer = admin_client.get(page_of(draft), ask)
    assert (answer.status_code, "move-form" in answer.content.decode()) == (409, False)


@pytest.mark.parametrize(
    "sent",
    [{}, {"step": "nonsense"}, {"step": "undo", "step_id": "x"}, {"step": "undo", "step_id": "9" * 30}],
)
def test_nonsense_changes_nothing(sent, draft, admin_client):
    answer = admin_client.post(page_of(draft), sent, follow=True)
    assert answer.status_code in (200, 409)
    assert outline(draft) == BEFORE


# --- Rights -----------------------------------------------------------------------------------------
def client_with(*rights):
    account = User.objects.create_user("redacteur", is_staff=True)
    account.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client = Client()
    client.force_login(account)
    return client


LOOK = ("view_organogram", "view_placement")


@pytest.mark.parametrize(
    ("rights", "steps"),
    [
        ((), []),
        (("change_placement",), ["move", "rename"]),
        (("change_placement", "add_placement"), ["move", "rename"]),
        (("change_placement", "add_placement", "add_unit"), ["move", "add", "rename"]),
        (("change_placement", "delete_placement", "add_succession"), ["move", "rename", "end"]),
    ],
)
def test_only_the_steps_are_shown_that_one_may_take(rights, steps, draft):
    assert steps_shown(client_with(*LOOK, *rights), draft, "Een") == steps


def test_who_may_not_look_at_places_sees_no_workshop(draft):
    assert client_with("view_organogram").get(page_of(draft)).status_code == 403


def test_a_forged_step_and_a_forged_undo_are_refused(draft, admin_client):
    take(admin_client, draft, "Een", "shift", **{"shift-direction": "down"})
    client, after = client_with(*LOOK), outline(draft)
    state = client.get(page_of(draft)).context["state"]
    sent = {"step": "shift", "at": at(draft, "Een").pk, "tree_state": state, "shift-direction": "up"}
    assert client.post(page_of(draft), sent).status_code == 403
    sent = {"step": "undo", "step_id": StructureStep.objects.get().pk}
    assert client.post(page_of(draft), sent).status_code == 403
    assert outline(draft) == after


def test_names_are_text_and_never_markup(admin_client):
    organogram = make_organogram(status="draft", title="<b>titel</b>")
    root = make_placement(organogram, name="<script>alert(1)</script>")
    make_placement(organogram, root, name='"><img src=x>')
    html = admin_client.get(page_of(organogram, root)).content.decode()
    assert "<script>alert" not in html
    assert "<img src=x>" not in html
    assert "<b>titel" not in html


def test_a_copy_and_its_source_have_their_own_steps(draft, admin_client):
    other = copy_organogram(draft, draft.valid_from, "Tweede concept")
    take(admin_client, other, "Een", "shift", **{"shift-direction": "down"})
    assert admin_client.get(page_of(draft)).context["last"] is None
    assert make_unit().placements.count() == 0
