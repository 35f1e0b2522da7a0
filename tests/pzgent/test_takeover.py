"""Once editors keep the content, a release proposes and they decide; what they made impossible never stops a start."""

import json
from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.urls import reverse

from contact.models import Channel, Schedule, SchoolYear, Topic
from organisation.models import FormerSlug, FunctionalLine, Grade, Placement, StaffingLine, Unit
from projects.models import Objective, Project
from pzgent.kernel.trees import find_faults
from pzgent.kernel.versions.models import Version
from pzgent.models import ContentProposal, Installation, PlanRecord, SynonymRing
from pzgent.starting_content.content import ContentEntry, read_content
from pzgent.starting_content.known_entries import KnownEntries
from pzgent.starting_content.rows import stored_values
from pzgent.starting_content.takeover import is_taken_over, take_over
from tests.make import MAKERS, make_unit
from tests.pzgent.test_loading import change, content, find, load

__all__ = ["content"]
pytestmark = pytest.mark.django_db
CHANNELS, UNITS = "contact/data/channels.yaml", "organisation/data/units.yaml"
HOME = "/admin/"
NUMBER = "+3290000000"


def phone(entries):
    """The first phone number among the channels."""
    return next(entry for entry in entries if entry["kind"] == "phone")


def give_number(root, number=NUMBER):
    change(root, CHANNELS, lambda entries: phone(entries).update(value=number))


def add_team(root, slug="nieuw-team", **values):
    new = {"slug": slug, "name": "Nieuw team", "kind": "team", **values}
    change(root, UNITS, lambda entries: find(entries, "dienst-ict").setdefault("children", []).append(new))


def decide(client, decision, *proposals, field=None):
    """Tick proposals, or one field of each, and press a button."""
    chosen = [
        f"{proposal.pk}:{proposal.version_token}:{name}"
        for proposal in proposals
        for name in ([""] if proposal.is_new else [field] if field else proposal.changes)
    ]
    answer = client.post(
        reverse("admin:decide_proposals"), {"chosen": chosen, "decision": decision}, follow=True
    )
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def taken(plan):
    """The plan, kept by editors."""
    take_over()


def editor(*codenames):
    user = User.objects.create_user("redactie", password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return user


def test_before_anybody_takes_over_a_release_changes_content(plan, content):
    give_number(content)
    load(content)
    assert Channel.objects.filter(value=NUMBER).exists()
    assert not ContentProposal.objects.exists()
    assert not is_taken_over()


def test_one_click_of_an_administrator_takes_over(plan, content, admin_client):
    assert "De inhoud overnemen" in admin_client.get(HOME).content.decode()
    admin_client.post(reverse("admin:take_over_content"))
    assert "De inhoud overnemen" not in admin_client.get(HOME).content.decode()
    give_number(content)
    load(content)
    assert not Channel.objects.filter(value=NUMBER).exists()


def test_only_an_administrator_takes_over_by_a_click(plan, client):
    client.force_login(editor("change_channel"))
    assert "De inhoud overnemen" not in client.get(HOME).content.decode()
    assert client.post(reverse("admin:take_over_content")).status_code == 403
    assert client.get(reverse("admin:take_over_content")).status_code in (403, 405)
    assert not is_taken_over()


@pytest.mark.parametrize("what", ["change", "add", "delete"])
def test_the_first_change_of_an_editor_takes_over(plan, content, admin_client, what):
    if what == "add":
        answer = admin_client.post(
            reverse("admin:pzgent_synonymring_add"), {"slug": "nieuw", "words": "een\ntwee"}
        )
    else:
        ring = MAKERS[SynonymRing]()
        answer = admin_client.post(
            reverse(f"admin:pzgent_synonymring_{what}", args=[ring.pk]),
            {
                "slug": "nieuw",
                "words": "een\ntwee",
                "post": "yes",
                "form_overwrite": "",
                "form_stamp": token_of(admin_client, ring),
            },
        )
    assert answer.status_code == 302
    give_number(content)
    load(content)
    assert not Channel.objects.filter(value=NUMBER).exists()
    assert Installation.objects.get().taken_over == LogEntry.objects.get().action_time


def token_of(client, ring):
    return (
        client.get(reverse("admin:pzgent_synonymring_change", args=[ring.pk]))
        .context["adminform"]
        .form["form_stamp"]
        .initial
    )


def test_accounts_are_no_content(plan, admin_client):
    admin_client.post(reverse("admin:auth_group_add"), {"name": "redactie", "permissions": []})
    assert LogEntry.objects.exists()
    assert not is_taken_over()


def test_a_changed_value_waits_with_old_and_new_and_is_accepted(taken, content, admin_client, admin_user):
    give_number(content)
    before = {row["pk"]: row for row in Channel.objects.values("pk", "value", "version")}
    load(content)
    assert {row["pk"]: row for row in Channel.objects.values("pk", "value", "version")} == before
    proposal = ContentProposal.objects.get()
    assert (proposal.model, list(proposal.changes)) == ("contact.channel", ["value"])
    channel = Channel.objects.get(pk=proposal.object_id)
    page = admin_client.get(HOME).content.decode()
    for text in (channel.value, NUMBER, proposal.key, CHANNELS):
        assert text in page
    assert reverse("admin:contact_channel_change", args=[channel.pk]) in page
    assert "1 voorstel overgenomen" in decide(admin_client, "accept", proposal)
    channel.refresh_from_db()
    assert channel.value == NUMBER
    assert channel.version == before[channel.pk]["version"] + 1
    entry = LogEntry.objects.get(object_id=str(channel.pk))
    assert (entry.user, entry.is_change()) == (admin_user, True)
    after, stored = Version.objects.of(channel)
    assert (
        stored.snapshot["fields"]["value"] == before[channel.pk]["value"] != after.snapshot["fields"]["value"]
    )
    load(content)
    assert not ContentProposal.objects.exists()


def test_a_refused_value_is_proposed_again_only_when_the_file_changes(taken, content, admin_client):
    give_number(content)
    load(content)
    decide(admin_client, "refuse", ContentProposal.objects.get())
    load(content)
    assert not ContentProposal.objects.exists()
    assert not Channel.objects.filter(value=NUMBER).exists()
    give_number(content, "+3290000001")
    load(content)
    assert ContentProposal.objects.get().changes["value"]["new"] == "+3290000001"


def test_each_field_is_decided_by_itself(taken, content, admin_client):
    change(content, CHANNELS, lambda entries: phone(entries).update(value=NUMBER, label="Nieuw label"))
    load(content)
    decide(admin_client, "accept", ContentProposal.objects.get(), field="value")
    assert not Channel.objects.filter(label="Nieuw label").exists()
    decide(admin_client, "refuse", ContentProposal.objects.get(), field="label")
    load(content)
    assert Channel.objects.filter(value=NUMBER).count() == 1
    assert not ContentProposal.objects.exists()


def test_a_value_that_an_editor_changed_too_is_proposed_and_not_overwritten(taken, content):
    give_number(content)
    load(content)
    channel = Channel.objects.get(pk=ContentProposal.objects.get().object_id)
    channel.value = "+3299999999"
    channel.save()
    load(content)
    assert ContentProposal.objects.get().changes["value"]["old"] == "+3299999999"
    channel.value = NUMBER
    channel.save()
    load(content)
    assert not ContentProposal.objects.exists()
    load(content)
    assert not ContentProposal.objects.exists()


def test_a_proposal_that_no_longer_shows_what_is_stored_is_not_accepted(taken, content, admin_client):
    give_number(content)
    load(content)
    proposal = ContentProposal.objects.get()
    Channel.objects.filter(pk=proposal.object_id).update(value="+3299999999")
    assert "ondertussen" in decide(admin_client, "accept", proposal)
    assert not Channel.objects.filter(value=NUMBER).exists()
    assert ContentProposal.objects.exists()


def test_a_second_click_changes_nothing(taken, content, admin_client):
    give_number(content)
    load(content)
    proposal = ContentProposal.objects.get()
    decide(admin_client, "accept", proposal)
    assert "al beslist" in decide(admin_client, "refuse", proposal)
    assert LogEntry.objects.count() == 1


def test_new_entries_wait_and_are_accepted_with_what_hangs_below_them(taken, content, admin_client):
    add_team(content)
    units = Unit.objects.count()
    load(content)
    assert Unit.objects.count() == units
    unit, *places = ContentProposal.objects.all()
    assert [item.model for item in places] == ["organisation.placement"] * 2
    assert "Nieuw team" in admin_client.get(HOME).content.decode()
    # A part cannot come before what it belongs to.
    assert "nieuw-team" in decide(admin_client, "accept", places[0])
    assert not Placement.objects.filter(unit__slug="nieuw-team").exists()
    decide(admin_client, "accept", *places, unit)
    new = Unit.objects.get(slug="nieuw-team")
    assert new.placements.count() == 2
    assert LogEntry.objects.filter(object_id=str(new.pk), action_flag=1).count() == 1
    assert find_faults(Placement) == []
    load(content)
    assert not ContentProposal.objects.exists()


def test_a_refused_new_entry_comes_back_only_when_the_file_changes(taken, content, admin_client):
    ring = {"slug": "nieuw", "words": ["een", "twee"]}
    change(content, "pzgent/data/synonyms.yaml", lambda entries: entries.append(ring))
    load(content)
    decide(admin_client, "refuse", ContentProposal.objects.get())
    load(content)
    assert not ContentProposal.objects.exists()
    change(content, "pzgent/data/synonyms.yaml", lambda entries: entries[-1].update(words=["een", "drie"]))
    load(content)
    decide(admin_client, "accept", ContentProposal.objects.get())
    assert SynonymRing.objects.get(slug="nieuw").words == "een\ndrie"
    load(content)
    assert not ContentProposal.objects.exists()


def test_parts_are_accepted_as_a_change_of_their_whole(taken, content, admin_client):
    def edit(entries):
        lines = find(entries, "formatie-2021")["lines"]
        lines[0]["count"] += 1
        lines[1]["count"] -= 1

    change(content, "organisation/data/staffing_tables.yaml", edit)
    load(content)
    one, other = ContentProposal.objects.all()
    line = StaffingLine.objects.get(pk=one.object_id)
    # Alone it would break the stated total.
    if not line.table.lines.filter(count=None).exists():
        assert "Niets werd overgenomen" in decide(admin_client, "accept", one)
    version = line.table.version
    decide(admin_client, "accept", *ContentProposal.objects.all())
    line.refresh_from_db()
    line.table.refresh_from_db()
    assert line.count == Decimal(one.changes["count"]["new"])
    assert line.table.version > version
    assert LogEntry.objects.filter(object_id=str(line.table_id)).exists()
    assert other.model == "organisation.staffingline"


def test_links_and_translations_are_proposed_too(taken, content, admin_client):
    def edit(entries):
        entry = next(entry for entry in entries if len(entry.get("objectives", [])) > 0)
        entry["objectives"] = entry["objectives"][:-1]

    change(content, "projects/data/projects.yaml", edit)
    change(
        content,
        "contact/data/topics.yaml",
        lambda entries: find(entries, "pers").update(translations={"fr": {"title": "Médias"}}),
    )
    load(content)
    links, words = ContentProposal.objects.order_by("-model")
    assert "Médias" in admin_client.get(HOME).content.decode()
    decide(admin_client, "accept", links, words)
    assert Topic.objects.get(slug="pers").translation_of("title", "fr") == "Médias"
    project = Project.objects.get(pk=links.object_id)
    assert project.objectives.count() == len(links.changes["objectives"]["new"])
    load(content)
    assert not ContentProposal.objects.exists()


def test_rights_decide_who_sees_and_who_decides(taken, content, client):
    give_number(content)
    load(content)
    proposal = ContentProposal.objects.get()
    client.force_login(editor("change_topic"))
    assert NUMBER not in client.get(HOME).content.decode()
    decide(client, "accept", proposal)
    decide(client, "refuse", proposal)
    assert ContentProposal.objects.exists()
    User.objects.all().delete()
    client.force_login(editor("view_channel"))
    page = client.get(HOME).content.decode()
    assert NUMBER in page
    assert 'name="chosen"' not in page
    decide(client, "accept", proposal)
    assert not Channel.objects.filter(value=NUMBER).exists()
    User.objects.all().delete()
    client.force_login(editor("change_channel", "publish_solo"))
    decide(client, "accept", proposal)
    assert Channel.objects.filter(value=NUMBER).exists()


@pytest.mark.parametrize("chosen", ["", "x", "1:2:3", "::", "9" * 40 + "::value"])
def test_anything_else_that_is_sent_decides_nothing(taken, content, admin_client, chosen):
    give_number(content)
    load(content)
    answer = admin_client.post(reverse("admin:decide_proposals"), {"chosen": chosen, "decision": "accept"})
    assert answer.status_code == 302
    assert ContentProposal.objects.count() == 1


def test_the_first_page_asks_a_fixed_number_of_questions(
    taken, content, admin_client, django_assert_max_num_queries
):
    def edit(entries):
        for entry in entries:
            entry["label"] = f"{entry['label'][:80]} nieuw"

    change(content, CHANNELS, edit)
    load(content)
    Channel.objects.update(review_by="2020-01-01")
    FunctionalLine.objects.update(review_by="2020-01-01")
    Unit.objects.update(review_by="2020-01-01")
    with django_assert_max_num_queries(46):
        page = admin_client.get(HOME).content.decode()
    assert "U ziet de eerste 50" in page or ContentProposal.objects.count() <= 50


def test_a_broken_file_is_refused_after_the_take_over_too(taken, content):
    change(content, CHANNELS, lambda entries: phone(entries).update(value="negen"))
    with pytest.raises(CommandError, match=r"channels\.yaml.*value"):
        load(content)
    assert not ContentProposal.objects.exists()


def test_content_of_a_kind_that_a_release_brings_is_loaded(taken):
    """A new table is empty on a site in use; pages that need its rows would have nothing to show."""
    StaffingLine.objects.all().delete()
    PlanRecord.objects.filter(model="organisation.staffingline").delete()
    load()
    assert StaffingLine.objects.exists()
    assert PlanRecord.objects.filter(model="organisation.staffingline").exists()
    assert not ContentProposal.objects.exists()


@pytest.fixture
def new_kind(taken, content):
    """A table that a release brings, whose rows name a document that the release brings too."""
    SchoolYear.objects.all().delete()
    PlanRecord.objects.filter(model__in=["contact.schoolyear", "contact.schoolholiday"]).delete()
    document = {"slug": "schoolkalender", "title": "Schoolkalender", "kind": "other"}
    change(content, "organisation/data/documents.yaml", lambda entries: entries.append(document))
    change(
        content, "contact/data/school_years.yaml", lambda entries: entries[0].update(source="schoolkalender")
    )
    return content


def test_content_of_a_new_kind_comes_with_the_new_document_that_it_names(new_kind):
    load(new_kind)
    connection.check_constraints()
    assert SchoolYear.objects.filter(source__slug="schoolkalender").exists()
    assert not ContentProposal.objects.exists()


def test_content_of_a_new_kind_waits_for_a_document_that_editors_refused(new_kind):
    PlanRecord.objects.create(model="organisation.document", key="schoolkalender", object_id="", values={})
    load(new_kind)
    connection.check_constraints()
    assert SchoolYear.objects.exists()
    assert not SchoolYear.objects.filter(source__slug="schoolkalender").exists()
    assert ContentProposal.objects.filter(model="contact.schoolyear").get().reason


# What editors made impossible.


def skipped(root, capsys):
    capsys.readouterr()
    text = load(root, capsys)
    return [line for line in text.splitlines() if line.startswith("Left out")]


def remove(slug):
    """Take a unit out of every organogram, from the bottom up."""
    for place in Placement.objects.filter(unit__slug=slug):
        place.get_descendants(include_self=True).delete()


def test_a_new_entry_below_what_an_editor_removed_is_left_out_and_named(plan, content, admin_client, capsys):
    remove("dienst-ict")
    add_team(content)
    give_number(content)
    lines = skipped(content, capsys)
    assert len(lines) == 2
    assert all("units.yaml" in line and "nieuw-team" in line and "dienst-ict" in line for line in lines)
    assert not Placement.objects.filter(unit__slug="nieuw-team").exists()
    assert Channel.objects.filter(value=NUMBER).exists()
    assert "dienst-ict" in admin_client.get(HOME).content.decode()
    assert len(skipped(content, capsys)) == 2
    decide(admin_client, "refuse", *ContentProposal.objects.all())
    assert skipped(content, capsys) == []


def test_a_slug_that_an_editor_took_leaves_out_the_entry_and_its_parts(plan, content, capsys):
    make_unit(slug="nieuw-team", name="Van de redactie")
    add_team(content, children=[{"slug": "cel", "name": "Cel", "kind": "cel"}])
    lines = skipped(content, capsys)
    assert {line.split("“")[1].split("”")[0] for line in lines} >= {"nieuw-team"}
    assert "bestaat al" in lines[0]
    assert Unit.objects.get(slug="nieuw-team").name == "Van de redactie"
    assert Unit.objects.filter(slug="cel").exists()
    assert find_faults(Placement) == []
    Unit.objects.filter(slug="nieuw-team").delete()
    assert skipped(content, capsys) == []
    assert Placement.objects.filter(unit__slug="cel").count() == 2


def test_a_former_slug_of_an_editors_unit_is_taken_too(plan, content, capsys):
    FormerSlug.objects.create(slug="nieuw-team", unit=make_unit())
    add_team(content)
    assert any("nieuw-team" in line for line in skipped(content, capsys))


def test_an_entry_that_did_not_change_never_stops_a_start(plan, content, capsys):
    """A line beside the tree whose unit left the organogram: its check would fail today."""
    line = FunctionalLine.objects.select_related("unit").first()
    remove(line.unit.slug)
    give_number(content)
    assert skipped(content, capsys) == []


def test_a_changed_value_that_an_editor_made_impossible_is_left_out_alone(plan, content, capsys):
    one, other = Project.objects.order_by("number")[:2]
    taken = Project.objects.count() + 100
    Project.objects.filter(pk=other.pk).update(number=taken)

    def edit(entries):
        find(entries, one.slug).update(number=taken, title="Nieuwe titel")

    change(content, "projects/data/projects.yaml", edit)
    (line,) = skipped(content, capsys)
    assert one.slug in line
    one.refresh_from_db()
    assert (one.number, one.title) == (1, "Nieuwe titel")


def test_a_value_that_contradicts_an_editors_one_is_left_out(plan, content, capsys):
    slug = []

    def edit(entries):
        entries[0].update(valid_from="2030-01-01")
        slug.append(entries[0]["slug"])

    change(content, CHANNELS, edit)
    Channel.objects.filter(slug=slug[0]).update(valid_until="2029-01-01")
    (line,) = skipped(content, capsys)
    assert slug[0] in line
    assert Channel.objects.get(slug=slug[0]).valid_from is None


def test_a_list_leaves_out_what_an_editor_deleted(plan, content, capsys):
    """The database checks links when everything is written: too late to name the entry."""
    lost, kept = Objective.objects.filter(children=None, projects=None)[:2]
    new = {"slug": "nieuw", "objectives": [lost.slug, kept.slug], "number": 900}
    lost.delete()
    change(
        content,
        "projects/data/projects.yaml",
        lambda entries: entries.append({**bare(entries[0]), **new}),
    )
    assert skipped(content, capsys) == []
    assert list(Project.objects.get(slug="nieuw").objectives.all()) == [kept]


def test_files_that_contradict_each_other_are_a_fault_also_on_a_site_in_use(plan, content):
    make_unit()
    change(
        content,
        "organisation/data/grades.yaml",
        lambda entries: entries.extend([{**entries[0], "code": "N1"}, {**entries[0], "code": "N2"}]),
    )
    change(
        content,
        "projects/data/projects.yaml",
        lambda entries: entries.extend(
            [{**bare(entries[0]), "slug": slug, "number": 900} for slug in ("een", "twee")]
        ),
    )
    with pytest.raises(CommandError, match=r"projects\.yaml"):
        load(content)
    assert not Grade.objects.filter(code="N1").exists()


def test_a_change_that_two_entries_claim_is_a_fault(plan, content):
    make_unit()
    change(
        content,
        "projects/data/projects.yaml",
        lambda entries: entries[1].update(number=entries[0]["number"]),
    )
    with pytest.raises(CommandError, match=r"projects\.yaml.*refuses"):
        load(content)


def bare(entry):
    return {name: value for name, value in entry.items() if name not in ("units", "slug")}


def test_after_the_take_over_the_reason_stands_with_the_proposal(taken, content, admin_client, capsys):
    remove("dienst-ict")
    add_team(content)
    assert len(skipped(content, capsys)) == 2
    unit, place, _other = ContentProposal.objects.all()
    assert (unit.reason, bool(place.reason)) == ("", True)
    assert "Weggelaten" in admin_client.get(HOME).content.decode()
    assert "dienst-ict" in decide(admin_client, "accept", unit, place)
    assert Unit.objects.filter(slug="nieuw-team").exists()
    assert not Placement.objects.filter(unit__slug="nieuw-team").exists()


def test_hours_that_overlap_an_editors_hours_are_not_accepted(taken, content, admin_client):
    slots = Schedule.objects.get(slug="jobs-werkdagen").slots
    slots.create(weekday=6, opens="22:00", closes="04:00")
    slot = {"weekday": 0, "opens": "03:00", "closes": "05:00"}
    change(
        content,
        "contact/data/schedules.yaml",
        lambda items: find(items, "jobs-werkdagen")["slots"].append(slot),
    )
    load(content)
    assert "Niets werd overgenomen" in decide(admin_client, "accept", ContentProposal.objects.get())
    assert not slots.filter(opens="03:00").exists()
    assert not LogEntry.objects.exists()


def test_every_entry_means_the_same_after_it_was_kept_as_a_proposal(plan):
    loader = KnownEntries.from_records()
    records = {(record.model, record.key): record.values for record in PlanRecord.objects.all()}
    for entry in read_content():
        kept = json.loads(json.dumps([entry.values, entry.links], cls=DjangoJSONEncoder))
        again = ContentEntry(entry.model, entry.path, entry.key, *kept)
        assert (
            loader.values_of(again, loader.instance(again))
            == records[entry.model._meta.label_lower, entry.key]
        )


def test_what_was_loaded_is_recognised_in_the_rows(plan):
    """Else a load takes its own rows for an editor's, and never changes them again."""
    for record in PlanRecord.objects.all():
        row = record.content_model._base_manager.get(pk=record.object_id)
        assert stored_values(row, record.values) == record.values


def test_a_number_that_the_file_changed_is_loaded_before_the_take_over(plan, content):
    def edit(entries):
        table = find(entries, "formatie-2021")
        table["total_ops"] += 999 - table["lines"][0]["count"]
        table["lines"][0].update(count=999)

    change(content, "organisation/data/staffing_tables.yaml", edit)
    load(content)
    assert StaffingLine.objects.filter(count=999).exists()


def test_the_command_starts_again_and_again(taken, content):
    add_team(content)
    load(content)
    before = list(ContentProposal.objects.values())
    call_command("load_plan", root=content)
    assert list(ContentProposal.objects.values()) == before
