"""Previews for editors: public pages as they will be, with nothing of it stored, cached or told to others."""

import datetime
import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from contact.models import Notice, Topic
from contact.shared import public_topics
from organisation.models import Unit
from pzgent.kernel.previews import preview_address
from pzgent.kernel.publishing import Publishable
from pzgent.kernel.validity import of_state
from pzgent.kernel.zone import get_zone
from pzgent.models import DataChange, Zone
from pzgent.preview.changes import Change
from pzgent.preview.rendering import Preview, show
from tests.make import (
    make,
    make_channel,
    make_corporate_plan,
    make_notice,
    make_organogram,
    make_placement,
    make_policy,
    make_project,
    make_schedule,
    make_statement,
    make_term,
    make_topic,
    make_unit,
)
from tests.pages import faults_of, text_of

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)
SHOWN = sorted(
    (
        model
        for model, model_admin in admin.site._registry.items()
        if issubclass(model, Publishable) and (model is Notice or hasattr(model, "get_absolute_url"))
    ),
    key=lambda model: model._meta.label,
)
WRITES = re.compile(r"INSERT|UPDATE|DELETE|SAVEPOINT|BEGIN", re.IGNORECASE)


def opened(client, item, **query):
    """The preview of an item as an editor opens it, or as of another day."""
    return client.get(preview_address(item), query, follow=True)


def reader_of(*codes, name="lezer"):
    """A signed-in browser of an account with these rights: `view_topic`."""
    account = User.objects.create_user(name, is_staff=True)
    account.user_permissions.set(Permission.objects.filter(codename__in=codes))
    client = Client()
    client.force_login(account)
    return client


def links_of(answer):
    """The addresses that the links and forms of a page lead to."""
    return re.findall(r'\s(?:href|action)="([^"]+)"', answer.content.decode())


def root_of(answer):
    """The address under which all pages of a preview are."""
    return re.match("(?:/[^/]+){5}/", answer.context["start"])[0]


def in_days(number):
    return timezone.now() + number * DAY


# --- What it shows --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("model", "status"),
    [*((model, "draft") for model in SHOWN), (Topic, "withdrawn")],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_what_is_not_public_is_shown_as_it_will_be(model, status, admin_client, client):
    item = make(model, status="published")
    if model is Unit:
        make_placement(make_organogram(), unit=item)
    model.objects.filter(pk=item.pk).update(status=status)
    name = getattr(item, "label", "") or str(model.objects.get(pk=item.pk))
    answer = opened(admin_client, item)
    assert (answer.status_code, faults_of(answer.content.decode())) == (200, [])
    banner, page = answer.content.decode().split("</nav>", 1)  # the first one is that of the banner
    assert name in strip_tags(page), "beside the banner"
    assert name in banner
    assert model.objects.get(pk=item.pk).status == status
    public = client.get(answer.context["page"] or "/")
    assert name not in public.content.decode()


def test_a_form_leads_to_the_preview_of_what_is_stored(admin_client):
    topic = make_topic(status="draft")
    page = admin_client.get(reverse("admin:contact_topic_change", args=[topic.pk]))
    assert preview_address(topic) in links_of(page)
    added = admin_client.get(reverse("admin:contact_topic_add"))
    assert "/admin/preview/" not in added.content.decode()
    schedule = make_schedule()
    without = admin_client.get(reverse("admin:contact_schedule_change", args=[schedule.pk]))
    assert "/admin/preview/" not in without.content.decode(), "hours have no page of their own"


def test_what_it_belongs_to_is_shown_too(admin_client):
    plan = make_corporate_plan(status="draft")
    statement = make_statement(plan=plan, status="draft", text="Wij helpen iedereen.")
    assert "Wij helpen iedereen." in text_of(opened(admin_client, statement))


def test_drafts_that_belong_to_it_are_shown_on_demand(admin_client):
    topic = make_topic(status="draft")
    make_channel(topic=topic, label="Bel het team", status="draft")
    assert "Bel het team" not in text_of(opened(admin_client, topic))
    today = timezone.localdate().isoformat()
    assert "Bel het team" in text_of(opened(admin_client, topic, dag=today, concepten="on"))


def test_a_new_unit_in_a_draft_organogram_has_its_page(admin_client):
    organogram = make_organogram(valid_from=datetime.date(2099, 1, 1), status="draft")
    top = make_placement(organogram)
    parent = make_placement(organogram, top, unit=make_unit(status="draft"))
    unit = make_placement(organogram, parent, unit=make_unit(status="draft", name="Cel Nieuw")).unit
    answer = opened(admin_client, unit)
    assert "/2099-01-01T1200/" in answer.context["start"]
    assert text_of(answer).count("Cel Nieuw") > 1


def test_a_reorganisation_is_shown_with_its_names(admin_client, client):
    today = timezone.localdate()
    current = make_organogram(valid_from=today - DAY)
    top = make_placement(current)
    team = make_placement(current, top, name="Oud team")
    coming = make_organogram(valid_from=today + 30 * DAY, status="draft")
    root = make_placement(coming, unit=top.unit)
    make_placement(coming, root, unit=team.unit, name="Nieuw team")
    answer = opened(admin_client, coming)
    assert "Nieuw team" in text_of(answer)
    assert text_of(answer).count("Nieuw team") > text_of(answer).count("Oud team") == 1, "as what it was"
    page = admin_client.get(root_of(answer) + f"eenheden/{team.unit.slug}")
    assert "<h1>Nieuw team" in page.content.decode()
    assert Unit.objects.get(pk=team.unit_id).name == "Oud team"
    assert "Oud team" in text_of(client.get("/organogram"))


def test_an_edition_takes_the_place_of_one_of_the_same_day(admin_client):
    first = make_policy(valid_from=datetime.date(2020, 1, 1), title="Eerste")
    rival = make_policy(valid_from=first.valid_from, series=first.series, title="Tweede", status="draft")
    answer = opened(admin_client, rival)
    assert answer.status_code == 200
    assert "Tweede" in text_of(answer)
    first.refresh_from_db()
    assert first.status == "published"


# --- The chosen day -------------------------------------------------------------------------------
def test_something_planned_is_shown_from_its_first_moment(admin_client):
    start = in_days(40).replace(second=0, microsecond=0)
    topic = make_topic(publish_from=start)
    answer = opened(admin_client, topic)
    assert f"/{timezone.localtime(start):%Y-%m-%dT%H%M}/" in answer.context["start"]
    assert topic.title in text_of(answer)


def test_what_is_open_is_that_of_the_chosen_moment(admin_client):
    channel = make_channel(schedule=make_schedule((0, "09:00", "17:00")))
    monday = {"dag": "2027-01-04", "uur": "10:00"}
    assert "state-open" in opened(admin_client, channel, **monday).content.decode()
    assert "state-open" not in opened(admin_client, channel, **monday | {"uur": "20:00"}).content.decode()


def test_links_stay_on_the_chosen_day(admin_client):
    answer = opened(admin_client, make_topic(status="draft"), dag="2027-03-01", uur="9u30")
    root = root_of(answer)
    assert "/2027-03-01T0930/" in root
    others = [
        link
        for link in links_of(answer)
        if link.startswith("/") and not link.startswith((root, "/static/", "/admin/"))
    ]
    assert others == []
    assert f"{root}fr/contact/" in answer.content.decode(), "in another language too"
    french = admin_client.get(f"{root}fr/contact")
    assert (french.status_code, french.headers["Content-Language"]) == (200, "fr")
    assert f'href="{root}fr/organogram"' in french.content.decode()


def test_another_day_keeps_the_page(admin_client):
    topic = make_topic(status="draft")
    page = opened(admin_client, topic, dag="2027-03-01", pagina="/organogram?vorm=tabel")
    assert page.redirect_chain[0][0].endswith("/2027-03-01T1200/organogram?vorm=tabel")
    for elsewhere in ("//example.com/x", "https://example.com", "\\\\example.com"):
        led = admin_client.get(preview_address(topic), {"dag": "2027-03-01", "pagina": elsewhere})
        assert led.headers["Location"].endswith(f"T1200{topic.get_absolute_url()}")


@pytest.mark.parametrize("day", ["", "gisteren", "2027-02-30", "0001-01-01", "9999-01-01"])
def test_a_day_that_cannot_be_shown_is_told(admin_client, day):
    answer = admin_client.get(preview_address(make_topic()), {"dag": day})
    assert answer.status_code == 200
    assert "<details open>" in answer.content.decode()
    assert "2027-01-01" in text_of(answer)


@pytest.mark.parametrize("when", ["2027-13-01T1200", "2027-01-01", "nu", "2027-1-1T1200", "0001-01-01T0000"])
def test_an_address_with_another_moment_leads_nowhere(admin_client, when):
    assert admin_client.get(f"{preview_address(make_topic())}{when}/").status_code == 404


def test_a_notice_is_shown_at_its_moment(admin_client):
    start = in_days(3)
    notice = make_notice(title="Water in de kelder", starts=start, ends=start + DAY, status="draft")
    assert "Water in de kelder" in text_of(opened(admin_client, notice)).split("101", 1)[1]
    root = root_of(opened(admin_client, make_topic()))
    assert "Water in de kelder" not in text_of(admin_client.get(root))


def test_a_page_that_is_not_there_on_that_day_says_so(admin_client):
    topic = make_topic(status="draft", publish_from=in_days(-3), publish_until=in_days(-2))
    root = root_of(opened(admin_client, topic))
    answer = admin_client.get(f"{root}contact/bestaat-niet")
    assert (answer.status_code, faults_of(answer.content.decode())) == (404, [])
    assert 'class="in-preview"' in answer.content.decode()


# --- A preview, and nothing else ------------------------------------------------------------------
def test_nobody_may_keep_index_or_tell_it(admin_client):
    answer = opened(admin_client, make_topic(status="draft"))
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    html = answer.content.decode()
    assert '<meta name="robots" content="noindex, nofollow">' in html
    for told in ("og:title", "ld+json", 'rel="canonical"', 'rel="alternate"', 'rel="manifest"'):
        assert told not in html


def test_forms_of_the_page_do_nothing(admin_client):
    answer = opened(admin_client, make_organogram(status="draft"))
    forms = re.findall(r"<form[^>]*>", answer.content.decode())
    own = [form for form in forms if "inert" not in form]
    assert ["/admin/preview/organisation.organogram/" in form for form in own] == [True], "for another day"
    assert len(forms) > 1


@pytest.mark.parametrize(
    "path",
    [
        "zoeken?q=x",
        "organogram.pdf",
        "organogram.csv",
        "api/v1/units",
        "feeds/projecten.atom",
        "niets",
        "admin/",
    ],
)
def test_only_pages_are_in_it(admin_client, path):
    root = root_of(opened(admin_client, make_topic()))
    assert admin_client.get(root + path).status_code == 404


def test_a_question_is_not_searched_for(admin_client, monkeypatch):
    monkeypatch.setattr("pzgent.search.index.SearchIndex.search", None)
    root = root_of(opened(admin_client, make_topic()))
    assert admin_client.get(f"{root}contact?q=fiets").status_code == 200


def test_a_former_address_leads_on_within_the_preview(admin_client):
    unit = make_placement(make_organogram()).unit
    unit.former_slugs.create(slug="vroeger")
    root = root_of(opened(admin_client, unit))
    answer = admin_client.get(f"{root}eenheden/vroeger")
    assert (answer.status_code, answer.headers["Location"]) == (301, f"{root}eenheden/{unit.slug}")


def test_it_is_only_read(admin_client):
    topic = make_topic()
    assert admin_client.post(preview_address(topic)).status_code == 405
    root = opened(admin_client, topic).context["start"]
    assert admin_client.post(root).status_code == 405
    assert admin_client.head(root).status_code == 200


def test_notes_for_editors_are_never_shown(admin_client):
    topic = make_topic(status="draft", editor_note="Geheime twijfel")
    assert "Geheime twijfel" not in opened(admin_client, topic).content.decode()


# --- Nothing is stored or cached ------------------------------------------------------------------
def test_nothing_is_stored(admin_client):
    topic = make_topic(status="draft", publish_from=in_days(3))
    make_channel(topic=topic, status="draft")
    before, marks = dict(_rows(topic)), set(DataChange.objects.values_list("mark", flat=True))
    assert opened(admin_client, topic, dag="2027-05-01", concepten="on").status_code == 200
    assert dict(_rows(topic)) == before
    assert set(DataChange.objects.values_list("mark", flat=True)) == marks


def _rows(topic):
    for model in (type(topic), *{relation.related_model for relation in topic._meta.related_objects}):
        yield model, sorted(map(repr, model._base_manager.values_list()))


def test_another_day_alone_takes_no_lock(admin_client):
    topic = make_topic()
    root = opened(admin_client, topic, dag="2027-05-01").context["start"]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert admin_client.get(root).status_code == 200
    assert [query["sql"] for query in queries if WRITES.match(query["sql"])] == []


def test_what_pages_share_is_not_filled_by_a_preview(admin_client):
    topic = make_topic(status="draft")
    with of_state("before the preview"):
        public_topics()
        assert topic.title in text_of(opened(admin_client, topic))
        assert topic.slug not in public_topics()
    with of_state("after the preview"):
        assert topic.slug not in public_topics()


def test_the_zone_of_a_preview_stays_in_it(rf, zone):
    with transaction.atomic():
        change = Change("", lambda: Zone.objects.update(short_name="Politie Proef"))
        answer = show(
            rf.get("/"), Preview(timezone.now(), [change], "/x/", {"title": "", "start": "/x/"}), "/"
        )
    assert "Politie Proef" in answer.content.decode()
    assert get_zone().short_name == zone.short_name
    assert Zone.objects.get().short_name == zone.short_name


@pytest.fixture
def zone():
    return Zone.objects.create(name="Politiezone Gent", short_name="Politie Gent", city="Gent")


def test_a_change_that_fails_leaves_nothing_behind(rf):
    topic = make_topic(status="draft")

    def fail():
        type(topic).objects.update(title="Anders")
        raise ValueError

    with pytest.raises(ValueError), transaction.atomic():  # noqa: PT011
        show(rf.get("/"), Preview(timezone.now(), [Change("", fail)], "/x/", {}), "/")
    topic.refresh_from_db()
    assert topic.title != "Anders"


# --- Who may see it -------------------------------------------------------------------------------
def test_anonymous_visitors_have_to_sign_in(client):
    topic = make_topic(status="draft")
    for address in (preview_address(topic), f"{preview_address(topic)}2027-01-01T1200/contact/{topic.slug}"):
        answer = client.get(address)
        assert (answer.status_code, topic.title in answer.content.decode()) == (302, False)
        assert answer.headers["Location"].startswith(reverse("admin:login"))


@pytest.mark.parametrize("right", ["view_topic", "change_topic"])
def test_who_may_view_it_sees_its_preview(right):
    assert opened(reader_of(right), make_topic(status="draft")).status_code == 200


@pytest.mark.parametrize("rights", [(), ("view_term",), ("add_topic",), ("delete_topic",)])
def test_who_may_not_view_it_sees_nothing(rights):
    client, topic = reader_of(*rights), make_topic(status="draft")
    for address in (preview_address(topic), f"{preview_address(topic)}2027-01-01T1200/contact/{topic.slug}"):
        assert client.get(address).status_code == 404


def test_an_account_that_is_no_editor_sees_nothing():
    account = User.objects.create_user("bezoeker")
    account.user_permissions.set(Permission.objects.filter(codename="view_topic"))
    client = Client()
    client.force_login(account)
    assert client.get(preview_address(make_topic(status="draft"))).status_code == 302


@pytest.mark.parametrize(
    "about",
    ["contact.topic/1", "contact.topic/x", "auth.user/1", "niets.niets/1", "contact/1", "contact.schedule/1"],
)
def test_a_guessed_address_leads_nowhere(admin_client, about):
    assert admin_client.get(f"/admin/preview/{about}/").status_code == 404


def test_a_preview_does_not_reveal_what_the_viewer_may_not_view():
    term = make_term(abbreviation="GEHEIM", status="published", publish_from=in_days(3))
    client, topic = reader_of("view_topic"), make_topic(status="draft")
    later = {"dag": in_days(9).date().isoformat()}
    hidden = opened(client, topic, **later, pagina="/begrippen")
    assert (hidden.status_code, term.abbreviation in text_of(hidden)) == (200, False)
    other = reader_of("view_topic", "view_term", name="andere")
    assert term.abbreviation in text_of(opened(other, topic, **later, pagina="/begrippen"))


def test_a_preview_does_not_reveal_drafts_of_others(admin_client):
    make_term(abbreviation="GEHEIM", status="draft")
    later = {"dag": in_days(9).date().isoformat(), "concepten": "on"}
    assert "GEHEIM" not in text_of(
        opened(admin_client, make_topic(status="draft"), **later, pagina="/begrippen")
    )


def test_owners_that_the_viewer_may_not_view_stay_hidden():
    project = make_project(status="draft")
    type(project.plan).objects.update(status="draft")
    assert opened(reader_of("view_project"), project).status_code == 404
    both = reader_of("view_project", "view_plan", name="andere")
    assert opened(both, project).status_code == 200


def test_many_drafts_ask_no_more_than_a_few(admin_client):
    organogram = make_organogram(status="draft")
    top = make_placement(organogram)
    root = root_of(opened(admin_client, organogram)).rstrip("/") + "-concepten/"
    counts = []
    for _number in range(2):
        for _unit in range(4):
            make_placement(organogram, top, unit=make_unit(status="draft"))
        with CaptureQueriesContext(connection) as queries:
            assert admin_client.get(f"{root}beleid").status_code == 200
        counts.append(len([query for query in queries if query["sql"].startswith("SELECT")]))
    assert counts[0] == counts[1]
