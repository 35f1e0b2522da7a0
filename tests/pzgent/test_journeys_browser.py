"""The journeys of an editor in a browser, from the home page of the admin, by mouse and by keyboard alone."""

import datetime

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from contact.models import Channel, Notice, ScheduleException, Topic
from organisation.models import Organogram, Placement, Responsibility, Term
from pzgent.admin import factors
from pzgent.admin.roles import make_roles
from pzgent.kernel.versions.copies import publish_due, save_copy
from pzgent.kernel.versions.models import WorkingCopy
from pzgent.kernel.versions.snapshots import take
from pzgent.models import Factor
from tests.editor import Keyboard, Mouse
from tests.make import (
    make_bundle,
    make_channel,
    make_location,
    make_organogram,
    make_placement,
    make_schedule,
    make_term,
    make_topic,
)
from tests.outlines import make_draft, outline, turns
from tests.sheets import xlsx_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "een lange zin met woorden"
TODAY = timezone.localdate()
LATER = TODAY + datetime.timedelta(days=60)
# The pages that open after the home page, the answer to the last step included; and as many as open for the like in
# Wagtail 8.0.1, counted in a browser on `tests/beside/wagtail_site` with its admin added. Of comparing, reverting and
# scheduling there, the last page follows from its menus. None: Wagtail has nothing like it.
PAGES = {
    "correct a phone": (3, 3),
    "add a team": (3, 3),
    "reorganise": (10, None),
    "compare a draft": (2, 3),
    "compare an organogram": (3, None),
    "schedule a text": (3, 3),
    "revert a text": (4, 4),
    "restore from the bin": (3, None),
    "import 200 channels": (10, None),
    "close eight desks": (3, None),
    "publish a notice": (2, 4),
    "translate a topic": (3, 5),
    "add to a bundle, and publish and undo it": (11, None),
    "edit one directorate": (3, 3),
    "recover from a lost phone": (3, None),
}


@pytest.fixture(params=[Mouse, Keyboard], ids=["mouse", "keyboard"])
def editor(request, chromium, live_server, admin_user):
    """Return an editor who has signed in; the site's policy and scripts may not complain."""
    yield from _editor(request.param, chromium, live_server, admin_user)


@pytest.fixture(params=[Mouse, Keyboard], ids=["mouse", "keyboard"])
def visitor(request, chromium, live_server):
    """Return an editor who has not signed in yet."""
    yield from _editor(request.param, chromium, live_server)


def _editor(kind, chromium, live_server, account=None):
    context = chromium.new_context(
        viewport={"width": 1280, "height": 900}, base_url=live_server.url, locale="nl"
    )
    if account is not None:
        client = Client()
        client.force_login(account)
        session = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": f"{live_server.url}/admin/"}])
    page, complaints = context.new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
    yield kind(page)
    assert complaints == []


def said(editor, text):
    """Wait for a message of the admin."""
    expect(editor.page.locator(".messagelist")).to_contain_text(text)


def search_for(editor, task, words):
    """Search from the box of a task on the home page."""
    box = editor.page.get_by_label(task, exact=True)
    editor.fill(box.get_by_role("searchbox"), words)
    editor.follow(box.get_by_role("button"))


def test_no_journey_opens_more_pages_than_in_wagtail():
    assert {name for name, (ours, theirs) in PAGES.items() if theirs is not None and ours > theirs} == set()


def test_a_phone_number_is_corrected(editor):
    channel = make_channel(label="Onthaal Noord", kind="phone", value="+3292666110", topic=make_topic())
    editor.start()
    search_for(editor, "Telefoonnummer wijzigen", "noord")
    editor.follow(editor.link("Onthaal Noord"))
    editor.fill(editor.page.get_by_label("Nummer of adres"), "09 266 61 11")
    editor.save()
    said(editor, "Gewijzigd:")
    channel.refresh_from_db()
    assert channel.value == "+3292666111"
    assert editor.pages == PAGES["correct a phone"][0]


# --- Organograms --------------------------------------------------------------------------------------


def open_workshop(editor, title):
    """Open the workshop of an organogram from the home page."""
    editor.follow(editor.link("Reorganisatie voorbereiden"))
    row = editor.page.get_by_role("row").filter(has=editor.link(title))
    editor.follow(row.get_by_role("link", name="als boom tonen"))


def choose_unit(editor, name):
    """Choose a unit of the tree, and wait for its steps."""
    if isinstance(editor, Keyboard):
        editor.fill(editor.page.locator("#workshop-find"), name)
        editor.page.keyboard.press("Enter")
        expect(item(editor, name)).to_be_focused()
        editor.page.keyboard.press("Enter")
    else:
        item(editor, name).click()
    expect(editor.page.locator("#panel-title")).to_have_text(name)


def item(editor, name):
    return editor.page.get_by_role("treeitem", name=name, exact=True)


def open_step(editor, name):
    editor.activate(editor.page.locator(f"#step-{name} summary"))


def test_a_team_is_added(editor):
    draft = make_draft()
    editor.start()
    open_workshop(editor, draft.title)
    choose_unit(editor, "Twee")
    open_step(editor, "add")
    editor.fill(editor.page.locator("#id_add-name"), "Team Zon")
    editor.choose(editor.page.locator("#id_add-kind"), "team")
    editor.activate(editor.button("Toevoegen"))
    said(editor, "“Team Zon” toegevoegd")
    assert outline(draft)[4:7] == [".Twee", "..Twee A", "..Team Zon"]
    assert editor.pages <= PAGES["add a team"][0]


def test_a_reorganisation_is_prepared_previewed_and_published(editor):
    make_draft().delete()
    live = Organogram.objects.get()
    editor.start()
    open_workshop(editor, live.title)
    editor.follow(editor.link("Kopiëren naar een concept"))
    editor.fill(editor.page.get_by_label("Titel"), "Organogram van morgen")
    editor.fill(editor.page.get_by_label("Eerste dag"), f"{LATER:%d/%m/%Y}")
    editor.follow(editor.button("Het concept maken"))
    choose_unit(editor, "Een")
    open_step(editor, "merge")
    editor.fill(editor.page.locator("#id_merge-others"), "Drie")
    editor.fill(editor.page.locator("#id_merge-name"), "Samen")
    editor.activate(editor.button("Samenvoegen"))
    said(editor, "samengevoegd tot “Samen”")
    choose_unit(editor, "Twee")
    open_step(editor, "rename")
    editor.fill(editor.page.locator("#id_rename-name"), "Tweede")
    editor.activate(editor.button("Hernoemen"))
    said(editor, "“Twee” hernoemd tot “Tweede”")
    editor.follow(editor.link("Voorbeeld"))
    expect(editor.page.locator("main")).to_contain_text("Tweede")
    editor.follow(editor.link("Terug naar de werkplaats"))
    editor.follow(editor.link("Wat dit organogram verandert"))
    editor.fill(editor.page.locator("#id_decided_by"), "Politiecollege")
    editor.follow(editor.button("Dit organogram publiceren"))
    said(editor, "is gepubliceerd. Het geldt vanaf")
    new = Organogram.objects.get(title="Organogram van morgen")
    assert (new.status, new.decided_by) == ("published", "Politiecollege")
    merged = [(name, "merged", "Samen") for name in ("Een", "Drie")]
    assert turns(new) == [*merged, ("Tweede", "renamed", "Tweede")]
    assert editor.pages == PAGES["reorganise"][0]


def test_a_draft_organogram_is_compared_with_the_one_in_force(editor):
    draft = make_draft()
    Placement.objects.get(organogram=draft, name="Twee A").delete()
    editor.start()
    open_workshop(editor, draft.title)
    editor.follow(editor.link("Wat dit organogram verandert"))
    expect(editor.page.locator("#content")).to_contain_text("Twee A")
    assert editor.pages == PAGES["compare an organogram"][0]


# --- Texts and their versions -------------------------------------------------------------------------


def change(row, account, bundle=None, **fields):
    """Put a working copy with these values beside a row."""
    snapshot = take(row)
    snapshot["fields"] |= fields
    copy = save_copy(row, snapshot, account.pk)
    copy.bundle = bundle
    copy.save()


def test_a_draft_is_compared_with_what_is_on_the_site(editor, admin_user):
    change(make_topic(title="Fiets kwijt", intro="Nu"), admin_user, intro="Straks")
    editor.start()
    editor.follow(editor.link("Werkversies"))
    editor.follow(editor.link("Fiets kwijt"))
    line = editor.page.locator(".differences tr", has_text="Straks")
    expect(line).to_contain_text("Nu")
    assert editor.pages == PAGES["compare a draft"][0]


def test_a_text_is_scheduled(editor):
    term = make_term(abbreviation="FIT", explanation="Nu")
    editor.start()
    editor.open_list("Organisatie", "Begrippen")
    editor.follow(editor.link("FIT"))
    editor.fill(editor.page.locator("#id_explanation"), "Vanaf dan")
    editor.fill(editor.page.get_by_label("Dag van publicatie"), f"{LATER:%d-%m-%Y}")
    editor.fill(editor.page.get_by_label("Uur van publicatie"), "9u")
    editor.follow(editor.button("Bewaren als werkversie"))
    said(editor, "De werkversie komt op de site op")
    assert Term.objects.get(pk=term.pk).explanation == "Nu"
    assert publish_due(timezone.now() + datetime.timedelta(days=61)) == 1
    assert Term.objects.get(pk=term.pk).explanation == "Vanaf dan"
    assert editor.pages == PAGES["schedule a text"][0]


def test_a_text_is_reverted(editor, admin_user):
    term = make_term(abbreviation="FIT", explanation="De juiste uitleg")
    change(term, admin_user, explanation="Een vergissing")
    copy = WorkingCopy.objects.get()
    copy.schedule(timezone.now(), admin_user)
    assert publish_due(timezone.now() + datetime.timedelta(minutes=1)) == 1
    editor.start()
    editor.follow(editor.page.locator(".desk-changes").get_by_role("link", name="FIT").first)
    editor.follow(editor.link("Geschiedenis"))
    editor.follow(editor.page.get_by_role("link", name="Terugzetten…").last)
    expect(editor.page.locator("main")).to_contain_text("De juiste uitleg")
    editor.follow(editor.button("Ja, deze versie terugzetten"))
    expect(editor.page.locator("#id_explanation")).to_have_value("De juiste uitleg")
    assert editor.pages == PAGES["revert a text"][0]


def test_what_was_deleted_comes_back_from_the_bin(editor):
    term = make_term(status="draft", abbreviation="PRUL")
    editor.start(f"/admin/organisation/term/{term.pk}/delete/")
    editor.follow(editor.button("Ja, ik weet het zeker"))
    editor.start()
    editor.follow(editor.link("Prullenmand"))
    editor.follow(editor.link("PRUL"))
    editor.follow(editor.button("Terughalen"))
    expect(editor.page.locator("#id_abbreviation")).to_have_value("PRUL")
    assert Term.objects.filter(pk=term.pk).exists()
    assert editor.pages == PAGES["restore from the bin"][0]


def test_a_topic_is_translated(editor):
    topic = make_topic(title="Fiets kwijt", intro="")
    editor.start()
    editor.follow(editor.link("Tekst vertalen"))
    editor.follow(editor.link("Fiets kwijt"))
    title = editor.page.locator("#id_translated_title_fr")
    editor.activate(editor.page.locator("details:has(#id_translated_title_fr) summary"))
    editor.fill(title, "Vélo perdu")
    editor.save()
    said(editor, "Gewijzigd:")
    assert Topic.objects.get(pk=topic.pk).translations["fr"]["title"]["text"] == "Vélo perdu"
    assert editor.pages == PAGES["translate a topic"][0]


# --- Many at once --------------------------------------------------------------------------------------


def test_two_hundred_channels_are_imported(editor):
    make_topic(slug="aangifte")
    headings = ["Onderwerp", "Soort", "Opschrift", "Nummer of adres"]
    rows = [["aangifte", "telefoon", f"Lijn {number}", f"09 266 {number:04d}"] for number in range(200)]
    sheet = {
        "name": "kanalen.xlsx",
        "mimeType": "application/octet-stream",
        "buffer": xlsx_of([headings, *rows]),
    }
    editor.start()
    editor.open_list("Contact", "Contactkanalen")
    editor.follow(editor.link("Importeren"))
    field = editor.page.locator("input[type=file]")
    editor.reach(field)
    field.set_input_files(sheet)
    editor.follow(editor.button("Bestand nakijken"))
    editor.page.locator("#job_form").wait_for(timeout=120_000)
    editor.activate(editor.button("200 rijen doorvoeren"))
    said(editor, "200 rijen zijn ingevoerd")
    assert Channel.objects.count() == 200
    assert editor.pages <= PAGES["import 200 channels"][0]  # those of its progress depend on the machine


def test_eight_desks_close_for_a_holiday(editor):
    place = make_location(name="Commissariaat Noord")
    for number in range(8):
        hours = make_schedule(*((day, "09:00", "17:00") for day in range(5)), title=f"Balie {number}")
        make_channel(schedule=hours, location=place, label="Onthaal")
    editor.start()
    editor.open_list("Contact", "Uitzonderingen")
    editor.follow(editor.link("Voor veel openingsuren tegelijk"))
    editor.fill(editor.page.locator("#id_first_day"), "22 juli 2027")
    editor.fill(editor.page.locator("#id_reason"), "Brugdag")
    editor.tick(editor.page.get_by_label("Commissariaat Noord"))
    editor.follow(editor.button("Bewaren voor alles wat aangevinkt is"))
    said(editor, "Toegevoegd bij 8 reeksen openingsuren.")
    closed = ScheduleException.objects.filter(first_day="2027-07-22", opens=None)
    assert closed.values("schedule").distinct().count() == 8
    assert editor.pages == PAGES["close eight desks"][0]


def test_a_notice_is_published_on_a_phone(editor):
    editor.page.set_viewport_size({"width": 360, "height": 740})
    editor.start()
    editor.follow(editor.link("Dringend bericht plaatsen"))
    editor.fill(editor.page.get_by_label("Titel (Nederlands)"), "Rook in de haven")
    editor.fill(editor.page.get_by_label("Tekst (Nederlands)"), "Blijf binnen.")
    editor.follow(editor.button("Nu op elke pagina zetten"))
    expect(editor.page.get_by_text("Deze lezers zien het in het Nederlands")).to_be_visible()
    assert Notice.objects.in_force().get().title == "Rook in de haven"
    assert editor.pages == PAGES["publish a notice"][0]
    editor.follow(editor.button("Nu stoppen"))
    assert not Notice.objects.in_force().exists()


@pytest.fixture
def bundle(admin_user):
    """Return a bundle of nine changes, an organogram that starts later among them; the editor adds one."""
    bundle = make_bundle(title="Reorganisatie")
    organogram = make_organogram(status="draft", title="Nieuw", valid_from=LATER)
    make_placement(organogram, name="Nieuw korps")
    change(organogram, admin_user, bundle, status="published")
    for _number in range(8):
        change(make_term(explanation="Nu"), admin_user, bundle, explanation="Straks")
    return bundle


def test_ten_changes_are_prepared_previewed_published_on_their_day_and_undone(editor, bundle):
    topic = make_topic(title="Fiets kwijt")
    make_channel(topic=topic)
    editor.start()
    editor.open_list("Contact", "Onderwerpen")
    editor.follow(editor.link("Fiets kwijt"))
    editor.fill(editor.page.locator("#id_need"), "Ik ben mijn fiets kwijt")
    editor.choose(editor.page.get_by_label("In de bundel"), "Reorganisatie")
    editor.follow(editor.button("Bewaren als werkversie"))
    said(editor, "De werkversie zit nu in de bundel “Reorganisatie”")
    editor.follow(editor.link("De bundel tonen"))
    expect(editor.page.locator(".differences")).to_have_count(10)
    editor.follow(editor.link("Voorbeeld van de hele site"))
    expect(editor.page.locator(".preview-banner")).to_contain_text(f"{LATER.day} ")
    expect(editor.page.locator("main")).to_be_visible()
    editor.follow(editor.link("Organogram"))
    expect(editor.page.locator("main")).to_contain_text("Nieuw korps")
    editor.follow(editor.link("Terug naar de bundel"))
    editor.fill(editor.page.get_by_label("Dag van publicatie"), f"{LATER:%d/%m/%Y}")
    editor.fill(editor.page.get_by_label("Uur van publicatie"), "6u")
    editor.follow(editor.button("Op dit moment publiceren"))
    said(editor, "De bundel komt op de site op")
    assert publish_due() == 0
    assert publish_due(timezone.now() + datetime.timedelta(days=61)) == 1
    assert _state() == ("published", {"Straks"}, {"Ik ben mijn fiets kwijt"})
    editor.page.reload()
    editor.follow(editor.link("Alles ongedaan maken"))
    editor.follow(editor.button("Ja, ongedaan maken"))
    assert _state() == ("draft", {"Nu"}, {""})
    assert editor.pages == PAGES["add to a bundle, and publish and undo it"][0]


def _state():
    """Return the status of the organogram, and the texts that the bundle changes."""
    terms = Term.objects.values_list("explanation", flat=True)
    topics = Topic.objects.values_list("need", flat=True)
    return Organogram.objects.get().status, set(terms), set(topics)


# --- Accounts -------------------------------------------------------------------------------------------


def sign_in(editor):
    """Sign in on the page that asks for it."""
    editor.fill(editor.page.locator("#id_username"), "redactie")
    editor.fill(editor.page.locator("#id_password"), PASSWORD)
    editor.follow(editor.button("Aanmelden"))


def test_an_editor_of_a_directorate_works_on_what_is_theirs(visitor):
    make_roles()
    organogram = make_organogram()
    root = make_placement(organogram)
    own, other = (make_placement(organogram, root, name=name) for name in ("Eigen", "Ander"))
    for place, label in ((own, "Balie eigen"), (other, "Balie ander")):
        make_channel(topic=make_topic(unit=place.unit), unit=place.unit, label=label)
    account = User.objects.create_user("redactie", password=PASSWORD, is_staff=True)
    account.groups.add(Group.objects.get(name="Redacteur"))
    Responsibility.objects.create(account=account, unit=own.unit)
    visitor.start()
    sign_in(visitor)
    visitor.pages = 0
    search_for(visitor, "Telefoonnummer wijzigen", "balie")
    expect(visitor.link("Balie ander")).to_have_count(0)
    visitor.follow(visitor.link("Balie eigen"))
    expect(visitor.page.get_by_label("Status")).to_have_count(0)
    visitor.fill(visitor.page.locator("#id_label"), "Loket eigen")
    visitor.save()
    said(visitor, "Gewijzigd:")
    assert set(Channel.objects.values_list("label", flat=True)) == {"Loket eigen", "Balie ander"}
    assert visitor.pages == PAGES["edit one directorate"][0]


def test_who_lost_a_phone_adds_a_new_one(visitor, settings):
    settings.SECOND_FACTOR = True
    account = User.objects.create_superuser("redactie", password=PASSWORD)
    key = factors.new_key()
    factors.add_app(account, key, factors.code_at(key))
    codes = factors.new_recovery_codes(account)
    visitor.start()
    sign_in(visitor)
    visitor.fill(visitor.page.locator("#id_code"), codes[0])
    visitor.follow(visitor.page.locator("#content [type=submit]").first)
    visitor.pages = 0
    visitor.follow(visitor.link("Aanmelden en beveiliging"))
    visitor.follow(visitor.link("Een authenticator-app toevoegen"))
    key = visitor.page.locator("code.key").inner_text().replace(" ", "")
    visitor.fill(visitor.page.locator("#id_code"), factors.code_at(key))
    visitor.follow(visitor.page.locator("#content [type=submit]").first)
    assert Factor.objects.filter(kind="totp").count() == 2
    assert visitor.pages == PAGES["recover from a lost phone"][0]
