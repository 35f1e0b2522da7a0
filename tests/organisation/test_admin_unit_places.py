"""Where a new name, kind, “part of” or unit applies: today, from a later day, in a draft, or in several of them."""

import datetime
import itertools

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from organisation.copying import copy_organogram
from organisation.models import Organogram, Placement, Unit
from pzgent.kernel.trees import find_faults
from tests.browser import form_data
from tests.make import make_organogram, make_placement, make_unit

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)
PLACED = {"name": "Nieuw", "place_kind": "team"}


class Desk:
    """An editor, the organogram of today, a published one of later, and a draft; with the same units in each."""

    def __init__(self, client):
        self.client = client
        self.today = make_organogram(title="Vandaag")
        root = make_placement(self.today, name="Korps")
        for name in ("Operaties", "Personeel"):
            make_placement(self.today, root, name=name, kind="directie")
        make_placement(self.today, self.place("Operaties"), name="Wijk", abbreviation="W", kind="dienst")
        self.later = copy_organogram(self.today, timezone.localdate() + 30 * DAY)
        self.later.status = "published"
        self.later.save()
        self.draft = copy_organogram(self.today, timezone.localdate() + 90 * DAY)

    def place(self, name, organogram=None):
        unit = Unit.objects.filter(placements__name=name)[:1]
        return Placement.objects.get(organogram=organogram or self.today, unit__in=unit.values("pk"))

    def page(self, unit=None, shown=None):
        name = "admin:organisation_unit_" + ("change" if unit else "add")
        address = reverse(name, args=[unit.pk] if unit else [])
        return f"{address}?organogram={shown.pk}" if shown else address

    def save(self, unit=None, chosen=(), shown=None, **typed):
        page = self.page(unit, shown)
        if chosen is not None:
            typed["applies_in"] = [str(organogram.pk) for organogram in chosen]
        return self.client.post(page, form_data(self.client.get(page), **typed))

    def names(self, unit):
        rows = Placement.objects.filter(unit=unit).order_by("organogram__valid_from")
        return list(rows.values_list("name", flat=True))


@pytest.fixture
def desk(admin_client):
    return Desk(admin_client)


@pytest.fixture
def wijk(desk):
    return desk.place("Wijk").unit


def errors_of(answer):
    return set(answer.context["adminform"].form.errors)


# --- The question -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "typed",
    [{"name": "Wijkwerking"}, {"abbreviation": "WW"}, {"place_kind": "afdeling"}, {"part_of": "Personeel"}],
)
def test_a_change_must_say_where_it_applies(typed, desk, wijk):
    if "part_of" in typed:
        typed = {"part_of": str(desk.place("Personeel").pk)}
    assert errors_of(desk.save(wijk, **typed)) == {"applies_in"}
    assert desk.names(wijk) == ["Wijk"] * 3


def test_a_new_unit_must_say_where_it_applies(desk):
    answer = desk.save(part_of=str(desk.place("Wijk").pk), **PLACED)
    assert errors_of(answer) == {"applies_in"}
    assert not Unit.objects.filter(name="Nieuw").exists()


def test_nothing_is_asked_when_name_and_place_stay(desk, wijk):
    assert desk.save(wijk, summary="Doet veel.").status_code == 302
    assert desk.names(wijk) == ["Wijk"] * 3


def test_the_choices_say_today_later_and_draft(desk, wijk):
    labels = [
        label
        for _key, label in desk.client.get(desk.page(wijk))
        .context["adminform"]
        .form.fields["applies_in"]
        .choices
    ]
    assert [label.split()[0].strip(",") for label in labels] == ["LIVE", "GEPLAND", "CONCEPT"]


def test_nothing_is_ticked_beforehand_unless_the_editor_came_from_that_organogram(desk, wijk):
    assert "applies_in" not in form_data(desk.client.get(desk.page(wijk)))
    shown = form_data(desk.client.get(desk.page(wijk, desk.draft)))
    assert shown["applies_in"] == [str(desk.draft.pk)]


def test_with_one_organogram_in_play_nothing_is_asked(admin_client):
    root = make_placement(make_organogram(), name="Korps")
    page = reverse("admin:organisation_unit_change", args=[root.unit_id])
    assert "applies_in" not in admin_client.get(page).context["adminform"].form.fields


def test_past_and_withdrawn_organograms_are_not_in_play(desk):
    make_organogram(valid_from=datetime.date(1999, 1, 1))
    make_organogram(status="withdrawn")
    assert Organogram.objects.get_in_play() == [desk.today, desk.later, desk.draft]


def test_an_organogram_that_is_public_later_is_in_play(desk):
    desk.draft.delete()
    hidden = make_organogram(valid_from=timezone.localdate(), publish_from=timezone.now() + DAY)
    assert set(Organogram.objects.get_in_play()) == {desk.today, desk.later, hidden}


# --- One rule for every value, in every choice ----------------------------------------------------------
CHOICES = [
    choice for size in (1, 2, 3) for choice in itertools.combinations(("today", "later", "draft"), size)
]


@pytest.mark.parametrize("choice", CHOICES, ids="+".join)
def test_all_values_are_written_to_what_was_chosen_and_nothing_else(choice, desk, wijk):
    chosen = [getattr(desk, name) for name in choice]
    typed = {"name": "Buurt", "abbreviation": "B", "place_kind": "afdeling"}
    answer = desk.save(wijk, chosen, part_of=str(desk.place("Personeel").pk), **typed)
    assert answer.status_code == 302
    for name in ("today", "later", "draft"):
        place = Placement.objects.get(organogram=getattr(desk, name), unit=wijk)
        found = (place.name, place.abbreviation, place.kind, place.parent.name)
        after = ("Buurt", "B", "afdeling", "Personeel")
        assert found == (after if name in choice else ("Wijk", "W", "dienst", "Operaties"))
    wijk.refresh_from_db()
    assert wijk.name == ("Buurt" if "later" in choice else "Wijk")
    assert find_faults(Placement) == []


@pytest.mark.parametrize("choice", CHOICES, ids="+".join)
def test_a_new_unit_is_placed_in_what_was_chosen_and_nothing_else(choice, desk):
    chosen = [getattr(desk, name) for name in choice]
    answer = desk.save(None, chosen, part_of=str(desk.place("Wijk").pk), **PLACED)
    assert answer.status_code == 302
    unit = Unit.objects.get(name="Nieuw")
    assert set(unit.placements.values_list("organogram", flat=True)) == {item.pk for item in chosen}
    assert {place.parent.organogram_id for place in unit.placements.all()} == {item.pk for item in chosen}
    assert {place.parent.name for place in unit.placements.all()} == {"Wijk"}


def test_only_what_was_changed_is_written(desk, wijk):
    """A rename for both leaves the other place that the unit has in the later organogram."""
    place = desk.place("Wijk", desk.later)
    place.parent = desk.place("Personeel", desk.later)
    place.save()
    assert desk.save(wijk, [desk.today, desk.later], name="Buurt").status_code == 302
    parents = Placement.objects.filter(unit=wijk).order_by("organogram__valid_from")
    assert [item.parent.name for item in parents] == ["Operaties", "Personeel", "Operaties"]
    assert desk.names(wijk) == ["Buurt", "Buurt", "Wijk"]


def test_the_form_shows_the_name_of_the_organogram_in_its_heading(desk, wijk):
    desk.save(wijk, [desk.later], name="Straks")
    wijk.refresh_from_db()
    assert wijk.name == "Straks"
    pages = {shown: form_data(desk.client.get(desk.page(wijk, shown))) for shown in (None, desk.later)}
    assert [pages[shown]["name"] for shown in pages] == [["Wijk"], ["Straks"]]


def test_saving_something_else_does_not_bring_an_old_name_back(desk, wijk):
    desk.save(wijk, [desk.later], name="Straks")
    assert desk.save(wijk, summary="Doet veel.").status_code == 302
    wijk.refresh_from_db()
    assert (wijk.name, wijk.summary, desk.names(wijk)) == ("Straks", "Doet veel.", ["Wijk", "Straks", "Wijk"])


def test_a_form_without_any_choice_left_acts_on_the_one_in_its_heading(admin_client):
    today = make_placement(make_organogram(title="Vandaag"), name="Korps")
    make_organogram(status="draft")
    page = reverse("admin:organisation_unit_change", args=[today.unit_id])
    html = admin_client.get(page).content.decode()
    assert "LIVE, van kracht sinds" in html
    assert admin_client.post(page, form_data(admin_client.get(page), name="Zone")).status_code == 302
    today.refresh_from_db()
    assert today.name == "Zone"


# --- What cannot be -----------------------------------------------------------------------------------
def test_a_parent_that_does_not_stand_in_one_of_the_chosen_is_an_error_that_names_it(desk, wijk):
    desk.place("Personeel", desk.later).delete()
    answer = desk.save(wijk, [desk.today, desk.later], part_of=str(desk.place("Personeel").pk))
    assert errors_of(answer) == {"part_of"}
    assert desk.later.title in str(answer.context["errors"])
    assert {place.parent.name for place in Placement.objects.filter(unit=wijk)} == {"Operaties"}


def test_a_circle_in_one_of_the_chosen_is_an_error(desk, wijk):
    above = desk.place("Operaties", desk.later)
    above.parent = desk.place("Personeel", desk.later)
    above.save()
    unit = desk.place("Personeel").unit
    answer = desk.save(unit, [desk.today, desk.later], part_of=str(desk.place("Operaties").pk))
    assert answer.context["adminform"].form.has_error("part_of", "cycle")
    assert find_faults(Placement) == []


def test_a_parent_is_looked_for_in_the_organogram_shown(desk, wijk):
    html = desk.client.get(desk.page(wijk, desk.later)).content.decode()
    assert f"autocomplete/?organogram={desk.later.pk}" in html
    target = desk.place("Personeel", desk.later)
    assert desk.save(wijk, [desk.later], desk.later, part_of=str(target.pk)).status_code == 302
    assert desk.place("Wijk", desk.later).parent == target
    assert desk.place("Wijk").parent.name == "Operaties"


# --- Units that stand in some of them -------------------------------------------------------------------
def test_only_organograms_with_the_unit_can_be_chosen(desk, wijk):
    desk.place("Wijk", desk.later).delete()
    field = desk.client.get(desk.page(wijk)).context["adminform"].form.fields["applies_in"]
    assert [key for key, _label in field.choices] == [str(desk.today.pk), str(desk.draft.pk)]


def test_a_unit_can_be_given_a_place_in_an_organogram_without_it(desk, wijk):
    desk.place("Wijk", desk.later).delete()
    typed = {"part_of": str(desk.place("Personeel", desk.later).pk), "place_kind": "team"}
    assert desk.save(wijk, [desk.later], desk.later, **typed).status_code == 302
    assert desk.place("Wijk", desk.later).parent.name == "Personeel"
    assert desk.place("Wijk").parent.name == "Operaties"


def test_a_unit_of_a_draft_alone_keeps_its_name_apart_from_public_ones(desk):
    desk.save(None, [desk.draft], part_of=str(desk.place("Wijk").pk), **PLACED)
    unit = Unit.objects.get(name="Nieuw")
    assert desk.save(unit, chosen=None, name="Anders").status_code == 302
    unit.refresh_from_db()
    assert (unit.name, desk.names(unit)) == ("Anders", ["Anders"])


def test_the_name_of_a_unit_that_only_stood_in_the_past_can_be_mended(desk):
    past = make_placement(make_organogram(valid_from=datetime.date(1999, 1, 1)), name="Rijkswahct")
    assert desk.save(past.unit, name="Rijkswacht").status_code == 302
    past.refresh_from_db()
    assert past.name == Unit.objects.get(pk=past.unit_id).name == "Rijkswacht"


def test_a_unit_that_stands_nowhere_may_wait_or_be_placed(desk):
    unit = make_unit(name="Los")
    assert desk.save(unit, name="Losser").status_code == 302
    typed = {"part_of": str(desk.place("Wijk").pk), "place_kind": "team"}
    assert desk.save(unit, [desk.today, desk.draft], **typed).status_code == 302
    assert desk.names(unit) == ["Losser", "Losser"]


# --- Ways in and out ----------------------------------------------------------------------------------
def test_a_form_opened_from_a_tree_leads_back_to_it(desk, wijk):
    answer = desk.save(wijk, [desk.draft], desk.draft, name="Concept")
    assert (
        f"organogram/{desk.draft.pk}/workshop/?at={desk.place('Concept', desk.draft).pk}"
        in answer["Location"]
    )
    assert desk.names(wijk) == ["Wijk", "Wijk", "Concept"]


def test_a_colleagues_move_in_a_draft_is_a_conflict(desk, wijk):
    page = desk.page(wijk)
    data = form_data(desk.client.get(page), summary="van mij")
    place = desk.place("Wijk", desk.draft)
    place.parent = desk.place("Personeel", desk.draft)
    place.save()
    assert desk.client.post(page, data).context["adminform"].form.is_conflict


def test_a_draft_that_was_published_meanwhile_is_a_conflict(desk, wijk):
    page = desk.page(wijk)
    data = form_data(desk.client.get(page), name="Te laat", applies_in=[str(desk.draft.pk)])
    desk.draft.status = "published"
    desk.draft.save()
    assert desk.client.post(page, data).context["adminform"].form.is_conflict


def test_a_choice_that_is_gone_is_an_error(desk):
    page = desk.page()
    data = form_data(desk.client.get(page), part_of=str(desk.place("Wijk").pk), **PLACED)
    data["applies_in"] = [str(desk.draft.pk)]
    desk.draft.delete()
    assert errors_of(desk.client.post(page, data)) == {"applies_in"}


def test_who_may_only_look_sees_the_page(desk, wijk, client, django_user_model):
    viewer = django_user_model.objects.create_user("lezer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_unit"))
    client.force_login(viewer)
    assert client.get(desk.page(wijk)).status_code == 200
