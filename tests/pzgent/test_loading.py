"""The starting content: complete, idempotent, all or nothing, and never over an editor's change."""

import re
import shutil

import pytest
import yaml
from django.conf import settings
from django.core.management import CommandError, call_command

from contact.models import Channel, Schedule, Topic, WeeklySlot
from organisation.models import Organogram, Placement, Policy, StaffingTable, Unit
from projects.models import Objective, Project
from pzgent.kernel.trees import find_faults
from pzgent.models import ContentProposal, PlanRecord
from pzgent.starting_content.content import CONTENT, YamlLoader
from pzgent.starting_content.takeover import take_over

pytestmark = pytest.mark.django_db


@pytest.fixture
def content(tmp_path):
    """A copy of all content files that a test may change."""
    for item in CONTENT:
        target = tmp_path / item.path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(settings.BASE_DIR / item.path, target)
    return tmp_path


def change(root, path, edit):
    """Rewrite one content file by a function on its entries."""
    file = root / path
    entries = yaml.load(file.read_text(), YamlLoader)  # noqa: S506  # a safe loader
    edit(entries)
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    file.write_text(yaml.dump(entries, Dumper=dumper, allow_unicode=True, sort_keys=False))


def load(root=None, capsys=None):
    call_command("load_plan", root=root)
    return capsys.readouterr().out if capsys else ""


def test_the_content_holds_the_whole_plan(plan):
    assert Placement.objects.filter(organogram__slug="organogram-2021-09").count() > 170
    assert Project.objects.filter(kind="I").count() == 32
    assert Project.objects.filter(kind="B").count() == 26
    assert sorted(Project.objects.values_list("number", flat=True)) == list(range(1, 59))
    assert Objective.objects.filter(kind="goal").count() == 4
    assert Objective.objects.filter(kind="key_agreement").count() == 7
    assert Objective.objects.filter(kind="action_theme").count() == 9
    assert Policy.objects.count() == 6


def test_the_formation_adds_up_to_the_stated_totals(plan):
    table = StaffingTable.objects.with_lines().get(slug="formatie-2021")
    table.check_whole()
    assert (table.total_ops, table.total_calog, table.grand_total) == (1181, 241, 1422)


def test_the_loaded_trees_are_sound(plan):
    assert find_faults(Placement) == []
    assert find_faults(Objective) == []
    assert Placement.objects.get_misplaced() == []


def test_the_second_organogram_adds_the_pluk_team(plan):
    assert set(
        Organogram.objects.filter(placements__unit__slug="team-pluk").values_list("slug", flat=True)
    ) == {"organogram-2021-09"}


def test_a_second_load_changes_nothing(plan, capsys):
    before = list(Unit.objects.order_by("pk").values())
    capsys.readouterr()
    assert "0 new, 0 updated" in load(capsys=capsys)
    assert list(Unit.objects.order_by("pk").values()) == before


def test_every_row_has_the_same_identity_on_every_installation(plan):
    """Other systems keep these; they follow from the key in the file."""
    assert str(Unit.objects.get(slug="wijkdienst").pk) == "db7f3a18-45fb-5457-80d6-1875498cec4a"


def test_an_editors_change_is_kept_when_the_file_changes_too(plan, content):
    unit = Unit.objects.get(slug="wijkdienst")
    unit.summary = "Van de redactie."
    unit.save()

    def edit(entries):
        node = find(entries, "wijkdienst")
        node["summary"] = "Uit het bestand."
        node["tasks"] = ["Nieuwe taak"]

    change(content, "organisation/data/units.yaml", edit)
    load(content)
    unit.refresh_from_db()
    assert (unit.summary, unit.tasks) == ("Van de redactie.", "Nieuwe taak")


def test_a_move_by_an_editor_is_kept(plan, content):
    place = Placement.objects.get(unit__slug="team-cameras", organogram__slug="organogram-2021-09")
    target = Placement.objects.get(unit__slug="dienst-ict", organogram__slug="organogram-2021-09")
    place.parent = target
    place.save()
    change(
        content,
        "organisation/data/units.yaml",
        lambda entries: find(entries, "team-cameras").update(kind="cel"),
    )
    load(content)
    place.refresh_from_db()
    assert (place.parent_id, place.kind) == (target.pk, "cel")
    assert find_faults(Placement) == []


def test_what_an_editor_deleted_stays_away(plan):
    # One that nothing refers to: neither another channel nor the identity of the zone.
    channel = Channel.objects.get(slug="klacht-via-burgemeester")
    channel.delete()
    load()
    assert not Channel.objects.filter(pk=channel.pk).exists()


def test_a_new_entry_in_a_file_is_added_to_a_tree_in_use(plan, content):
    new = {"slug": "nieuw-team", "name": "Nieuw team", "kind": "team"}
    change(
        content,
        "organisation/data/units.yaml",
        lambda entries: find(entries, "dienst-ict").setdefault("children", []).append(new),
    )
    load(content)
    assert Placement.objects.filter(unit__slug="nieuw-team", parent__unit__slug="dienst-ict").count() == 2
    assert find_faults(Placement) == []


def test_a_new_entry_below_a_broken_one_is_refused_with_it(plan, content):
    new = {"slug": "nieuw", "name": "Nieuw", "kind": "filiaal"}
    new["children"] = [{"slug": "nieuw-team", "name": "Nieuw team", "kind": "team"}]
    change(
        content,
        "organisation/data/units.yaml",
        lambda entries: find(entries, "dienst-ict").setdefault("children", []).append(new),
    )
    with pytest.raises(CommandError, match=r"units\.yaml.*nieuw.*kind"):
        load(content)
    assert not Unit.objects.filter(slug="nieuw-team").exists()


def find(entries, slug):
    """The node with this slug somewhere in a nested list."""
    for entry in entries:
        if entry["slug"] == slug:
            return entry
        if found := find(entry.get("children") or [], slug):
            return found
    return None


@pytest.mark.once
@pytest.mark.parametrize(
    ("path", "edit", "fault"),
    [
        (
            "organisation/data/documents.yaml",
            lambda entries: entries[0].update(kind="filiaal"),
            ["documents.yaml", "kind"],
        ),
        (
            "organisation/data/units.yaml",
            lambda entries: find(entries, "wijkdienst").pop("name"),
            ["units.yaml", "name"],
        ),
        (
            "organisation/data/documents.yaml",
            lambda entries: entries[0].update(colour="blue"),
            ["documents.yaml", "colour"],
        ),
        (
            "contact/data/channels.yaml",
            lambda entries: entries[0].update(topic="bestaat-niet"),
            ["channels.yaml", "topic", "bestaat-niet"],
        ),
        (
            "contact/data/channels.yaml",
            lambda entries: entries[0].update(kind="phone", value="negen"),
            ["channels.yaml", "value"],
        ),
        (
            "projects/data/projects.yaml",
            lambda entries: entries[0].update(objectives=["bestaat-niet"]),
            ["projects.yaml", "objectives", "bestaat-niet"],
        ),
        (
            "projects/data/projects.yaml",
            lambda entries: entries[1].update(number=entries[0]["number"]),
            ["projects.yaml", "refuses"],
        ),
        (
            "organisation/data/grades.yaml",
            lambda entries: entries.append(entries[0]),
            ["grades.yaml", "twice"],
        ),
        (
            "organisation/data/organograms.yaml",
            lambda entries: entries[0].update(valid_from="31/12/2020"),
            ["organograms.yaml", "valid_from"],
        ),
        (
            "organisation/data/staffing_tables.yaml",
            lambda entries: find(entries, "formatie-2021")["lines"][0].update(count=-1),
            ["staffing_tables.yaml", "formatie-2021/HCP", "negatief"],
        ),
    ],
)
def test_a_broken_file_loads_nothing_and_says_what_is_wrong(content, path, edit, fault):
    change(content, path, edit)
    with pytest.raises(CommandError) as error:
        load(content)
    assert all(word in str(error.value) for word in fault), str(error.value)
    assert not Unit.objects.exists()
    assert not PlanRecord.objects.exists()


BACKWARDS = {"valid_from": "2025-01-01", "valid_until": "2020-01-01"}


def test_every_entry_that_the_database_would_refuse_is_named(content):
    change(content, "contact/data/locations.yaml", lambda entries: entries[1].update(BACKWARDS))
    change(content, "contact/data/topics.yaml", lambda entries: entries[0].update(colour="blue"))
    change(content, "contact/data/channels.yaml", lambda entries: entries[2].update(BACKWARDS))
    with pytest.raises(CommandError) as error:
        load(content)
    assert str(error.value).count("De laatste dag mag niet voor de eerste vallen") == 2
    assert all(name in str(error.value) for name in ("locations.yaml", "topics.yaml", "channels.yaml"))
    assert not Unit.objects.exists()


def test_a_change_that_the_database_would_refuse_is_named_and_changes_nothing(plan, content):
    def edit(entries):
        entries[0].update(BACKWARDS)
        entries[1].update(label="Nieuw")

    change(content, "contact/data/channels.yaml", edit)
    with pytest.raises(CommandError, match=r"channels\.yaml.*De laatste dag mag niet voor de eerste"):
        load(content)
    assert not Channel.objects.filter(label="Nieuw").exists()


SCHEDULES, YEARS = "contact/data/schedules.yaml", "contact/data/school_years.yaml"
LATE = {"weekday": 6, "opens": "22:00", "closes": "04:00"}
EARLY = {"weekday": 0, "opens": "03:00", "closes": "05:00"}


def break_wholes(root):
    """Let parts that are right by themselves contradict each other, in each sort of whole."""

    def break_hours(entries):
        find(entries, "bas-schooldagen")["slots"] = [EARLY, LATE]
        find(entries, "dag-en-nacht")["slots"] = [EARLY]

    def break_year(entries):
        entries[0]["holidays"].append({**entries[0]["holidays"][0], "first_day": entries[0]["first_day"]})

    change(root, SCHEDULES, break_hours)
    change(root, YEARS, break_year)
    change(
        root,
        "organisation/data/staffing_tables.yaml",
        lambda entries: find(entries, "formatie-2021")["lines"][0].update(count=1),
    )


@pytest.mark.parametrize("is_kept_by_editors", [False, True])
def test_parts_that_contradict_each_other_load_nothing_and_are_named(plan, content, is_kept_by_editors):
    if is_kept_by_editors:
        take_over()
    before = list(PlanRecord.objects.order_by("pk").values())
    break_wholes(content)
    with pytest.raises(CommandError) as error:
        load(content)
    assert re.findall(r"(?m)^.*data/(\w+)\.yaml: “([\w-]+)”", str(error.value)) == [
        ("staffing_tables", "formatie-2021"),
        ("schedules", "dag-en-nacht"),
        ("schedules", "bas-schooldagen"),
        ("school_years", "schooljaar-2021-2022"),
    ]
    assert list(PlanRecord.objects.order_by("pk").values()) == before
    assert not ContentProposal.objects.exists()


def test_new_parts_that_contradict_stored_ones_load_nothing(plan, content):
    WeeklySlot.objects.create(
        schedule=Schedule.objects.get(slug="bas-schooldagen"), weekday=6, opens="22:00", closes="04:00"
    )
    change(content, SCHEDULES, lambda entries: find(entries, "bas-schooldagen")["slots"].append(EARLY))
    with pytest.raises(CommandError, match=r"schedules\.yaml: “bas-schooldagen/0/03:00”: .*overlappen"):
        load(content)
    assert not WeeklySlot.objects.filter(opens="03:00").exists()


def test_school_years_that_overlap_load_nothing(plan, content):
    def edit(entries):
        entries.append({**entries[0], "slug": "dubbel", "first_day": entries[0]["last_day"], "holidays": []})

    change(content, YEARS, edit)
    with pytest.raises(CommandError, match=r"school_years\.yaml: “dubbel”: .*overlappen"):
        load(content)


def test_a_slot_that_opens_at_another_hour_takes_the_place_of_the_old_one(plan, content):
    slots = Schedule.objects.get(slug="bas-schooldagen").slots
    slots.filter(weekday=1).update(closes="12:00")
    move = {"opens": "09:00"}
    change(
        content,
        SCHEDULES,
        lambda entries: [slot.update(move) for slot in find(entries, "bas-schooldagen")["slots"][::4]],
    )
    load(content)
    hours = [(slot.weekday, f"{slot.opens:%H:%M}") for slot in slots.all()]
    assert hours == [(0, "09:00"), (1, "08:30"), (2, "08:30"), (3, "08:30"), (4, "09:00")]
    load(content)
    assert slots.count() == 5


@pytest.mark.parametrize("text", ["- slug: [", "slug: x", "\xff\xfe", "- 3"])
def test_a_file_that_is_no_list_of_entries_is_refused(content, text):
    (content / "contact/data/topics.yaml").write_text(text, encoding="latin-1")
    with pytest.raises(CommandError, match=r"topics\.yaml"):
        load(content)


def test_a_missing_file_is_refused(content):
    (content / "contact/data/topics.yaml").unlink()
    with pytest.raises(CommandError, match=r"topics\.yaml"):
        load(content)


def test_check_tree_reports_sound_trees_and_fails_on_a_fault(plan, capsys):
    call_command("check_tree")
    assert "Sound" in capsys.readouterr().out
    Placement.objects.filter(unit__slug="wijkdienst").update(tree_id=99)
    with pytest.raises(CommandError, match="tree number"):
        call_command("check_tree")


def test_shared_opening_hours_are_loaded_with_their_slots(plan):
    assert Schedule.objects.with_parts().get(slug="jobs-werkdagen").slots.count() == 10


def test_what_a_file_holds_is_cleaned_and_not_taken_for_an_edit(plan, content):
    def dirty(entries):
        entry = next(entry for entry in entries if entry["slug"] == "pers")
        entry.update(title="\ufeffPers\u200b te\n", intro="Re\u0301gel\u2028twee")

    shutil.copytree(settings.BASE_DIR / "contact/data", content / "contact/data", dirs_exist_ok=True)
    change(content, "contact/data/topics.yaml", dirty)
    change(
        content, "contact/data/fr/topics.yaml", lambda texts: texts["pers"].update(title="Pre\u0301sse\u00ad")
    )
    load(content)
    topic = Topic.objects.get(slug="pers")
    assert (topic.title, topic.intro) == ("Pers te", "Régel\ntwee")
    assert topic.translation_of("title", "fr") == "Présse"
    assert ("fr", "title") not in list(topic.old_translations())
    change(
        content, "contact/data/topics.yaml", lambda entries: find(entries, "pers").update(title="Pers\u200b")
    )
    load(content)
    assert Topic.objects.get(slug="pers").title == "Pers"
