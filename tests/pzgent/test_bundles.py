"""Bundles: working copies published in one transaction, at once or at a moment, called off and undone as one."""

import datetime

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse
from django.utils import timezone

from organisation.models import Organogram, Term
from pzgent.kernel.versions.copies import publish_due, save_copy
from pzgent.kernel.versions.models import Bundle, WorkingCopy
from pzgent.kernel.versions.snapshots import take
from tests.browser import form_data
from tests.make import make_bundle, make_organogram, make_placement, make_term, make_topic

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)
EMPTY = "Er zitten geen werkversies in deze bundel"


def change(item, user, bundle=None, **fields):
    """Put a working copy with these values beside an object."""
    snapshot = take(item)
    snapshot["fields"] |= fields
    copy = save_copy(item, snapshot, user.pk)
    copy.bundle = bundle
    copy.save()
    return copy


def page_of(bundle):
    return reverse("admin:pzgent_bundle_release", args=[bundle.pk])


def act(client, bundle, name, **data):
    page = client.get(page_of(bundle))
    known = {"form_once": page.context["form_once"], "state": page.context["bundle"].state, name: "1"}
    return client.post(page_of(bundle), {**known, **data})


def schedule(client, bundle):
    moment = timezone.localtime() + HOUR
    return act(client, bundle, "schedule", publish_at_0=f"{moment:%d/%m/%Y}", publish_at_1=f"{moment:%H:%M}")


@pytest.fixture
def ten(admin_user):
    """A bundle of ten changes: an organogram to publish, a topic to withdraw, eight texts."""
    bundle = make_bundle()
    organogram = make_organogram(status="draft")
    make_placement(organogram)
    change(organogram, admin_user, bundle, status="published")
    change(make_topic(), admin_user, bundle, status="withdrawn")
    for _number in range(8):
        change(make_term(explanation="Nu"), admin_user, bundle, explanation="Later")
    return bundle


def state():
    organogram = Organogram.objects.get()
    return organogram.status, set(Term.objects.values_list("explanation", flat=True))


BEFORE, AFTER = ("draft", {"Nu"}), ("published", {"Later"})


def test_ten_changes_are_shown_published_and_undone_as_one(ten, admin_client):
    page = admin_client.get(page_of(ten))
    assert [len(member.lines) for member in page.context["members"]] == [1] * 10
    assert act(admin_client, ten, "publish").status_code == 302
    assert (state(), WorkingCopy.objects.count()) == (AFTER, 0)
    ten.refresh_from_db()
    link = reverse("admin:undo", args=[ten.batch])
    page = admin_client.get(page_of(ten)).content.decode()
    assert (link in page, EMPTY in page) == (True, False)
    page = admin_client.get(link)
    assert page.context["may_undo"], [step.problem for step in page.context["steps"]]
    admin_client.post(link, {"seen": page.context["seen"], "form_once": page.context["form_once"]})
    assert state() == BEFORE


def test_the_worker_publishes_it_at_its_moment_once(ten, admin_client):
    assert schedule(admin_client, ten).status_code == 302
    assert publish_due() == 0
    assert publish_due(timezone.now() + 2 * HOUR) == 1
    assert state() == AFTER
    assert publish_due(timezone.now() + 2 * HOUR) == 0


def test_one_that_cannot_be_published_stops_all(ten, admin_client):
    schedule(admin_client, ten)
    term = Term.objects.first()
    term.explanation = "Van een collega"
    term.save()
    assert publish_due(timezone.now() + 2 * HOUR) == 0
    ten.refresh_from_db()
    assert str(term) in ten.problem
    assert ten.publish_at is not None
    assert Organogram.objects.get().status == "draft"
    assert WorkingCopy.objects.count() == 10
    answer = act(admin_client, ten, "publish")
    assert answer.status_code == 409
    assert Organogram.objects.get().status == "draft"


def test_it_is_called_off(ten, admin_client):
    schedule(admin_client, ten)
    act(admin_client, ten, "call_off")
    assert publish_due(timezone.now() + 2 * HOUR) == 0
    assert state() == BEFORE


def test_a_copy_is_in_one_bundle_and_has_no_moment_of_its_own(admin_client, admin_user):
    term, first, second = make_term(explanation="Nu"), make_bundle(), make_bundle()
    copy = change(term, admin_user, first, explanation="Later")
    where = reverse("admin:organisation_term_working_copy", args=[term.pk])
    assert str(first) in admin_client.get(where).content.decode()
    assert admin_client.post(where, {"revision": copy.revision, "publish": "1"}).status_code == 403
    admin_client.post(where, {"revision": copy.revision, "put": "1", "bundle": second.pk})
    copy.refresh_from_db()
    assert copy.bundle == second
    admin_client.post(where, {"revision": copy.revision, "put": "1", "bundle": ""})
    copy.refresh_from_db()
    assert copy.bundle is None


def test_an_empty_bundle_is_not_published(admin_client):
    bundle = make_bundle()
    assert EMPTY in admin_client.get(page_of(bundle)).content.decode()
    assert act(admin_client, bundle, "publish").status_code == 409
    assert Bundle.objects.get().published_at is None


def test_who_may_not_change_all_of_it_publishes_none_of_it(ten, client):
    user = User.objects.create_user("redacteur", password="x", is_staff=True)
    codes = ["view_bundle", "change_bundle", "view_term", "change_term", "view_topic"]
    user.user_permissions.add(*Permission.objects.filter(codename__in=codes))
    client.force_login(user)
    page = client.get(page_of(ten))
    assert not page.context["may_publish"]
    assert "U mag dit niet bekijken" in page.content.decode()
    for name in ("publish", "schedule", "call_off"):
        assert client.post(page_of(ten), {name: "1"}).status_code == 403
    assert state() == BEFORE


# --- The whole site with a bundle -------------------------------------------------------------------


def preview_of(bundle, page=""):
    return reverse("admin:preview", args=["pzgent.bundle", bundle.pk]) + (f"?pagina={page}" if page else "")


def test_the_preview_shows_the_whole_site_with_everything_in_it_and_stores_nothing(admin_client, admin_user):
    bundle, later = make_bundle(), timezone.localdate() + datetime.timedelta(days=60)
    organogram = make_organogram(status="draft", valid_from=later)
    make_placement(organogram, name="Nieuw korps")
    topic = make_topic(title="Fiets kwijt", need="Nu")
    change(organogram, admin_user, bundle, status="published")
    change(topic, admin_user, bundle, title="Fiets gestolen")
    page = admin_client.get(page_of(bundle)).content.decode()
    assert f'href="{preview_of(bundle)}"' in page
    assert f"?pagina={topic.get_absolute_url().replace('/', '%2F')}" in page
    shown = admin_client.get(preview_of(bundle, topic.get_absolute_url()), follow=True)
    assert f"{later:%Y-%m-%d}T1200" in shown.redirect_chain[0][0]
    assert "Fiets gestolen" in shown.content.decode()
    assert page_of(bundle) in shown.content.decode()
    assert "Nieuw korps" in admin_client.get(preview_of(bundle, "/organogram"), follow=True).content.decode()
    topic.refresh_from_db()
    assert (topic.title, Organogram.objects.get().status) == ("Fiets kwijt", "draft")


def test_the_preview_starts_at_the_moment_of_publication(ten, admin_client):
    schedule(admin_client, ten)
    ten.refresh_from_db()
    moment = timezone.localtime(ten.publish_at)
    assert f"/{moment:%Y-%m-%dT%H%M}/" in admin_client.get(preview_of(ten))["Location"]


def test_who_may_not_view_all_of_it_has_no_preview(ten, client):
    user = User.objects.create_user("redacteur", password="x", is_staff=True)
    user.user_permissions.add(*Permission.objects.filter(codename__in=["view_bundle", "view_term"]))
    client.force_login(user)
    assert preview_of(ten) not in client.get(page_of(ten)).content.decode()
    assert client.get(preview_of(ten)).status_code == 404


def test_an_empty_or_unknown_bundle_has_no_preview(admin_client):
    bundle = make_bundle()
    assert "/preview/" not in admin_client.get(page_of(bundle)).content.decode()
    assert admin_client.get(preview_of(bundle)).status_code == 404
    bundle.delete()
    assert admin_client.get("/admin/preview/pzgent.bundle/x/").status_code == 404


def test_a_wrong_moment_is_told_beside_what_was_typed(ten, admin_client):
    page = act(admin_client, ten, "schedule", publish_at_0="1/1/2020", publish_at_1="9:00").content.decode()
    assert "Dit moment is voorbij" in page
    assert 'value="1/1/2020"' in page


# --- When a new working copy goes live, in the form that makes it -----------------------------------


def plan(client, term, button, **data):
    address = reverse("admin:organisation_term_change", args=[term.pk])
    sent = form_data(client.get(address), explanation="Later", **data)
    return client.post(address, {**sent, button: "1"}, follow=True)


@pytest.mark.parametrize("button", ["_working_copy", "_save"])
def test_a_form_is_saved_for_later_whatever_button_sends_it(admin_client, button):
    term, moment = make_term(explanation="Nu"), timezone.localtime() + HOUR
    when = {"_copy-publish_at_0": f"{moment:%d/%m/%Y}", "_copy-publish_at_1": f"{moment:%H:%M}"}
    plan(admin_client, term, button, **when)
    term.refresh_from_db()
    assert (term.explanation, WorkingCopy.objects.get().publish_at) == (
        "Nu",
        moment.replace(second=0, microsecond=0),
    )


def test_a_form_is_saved_in_a_bundle(admin_client):
    bundle = make_bundle()
    plan(admin_client, make_term(explanation="Nu"), "_working_copy", **{"_copy-bundle": bundle.pk})
    assert WorkingCopy.objects.get().bundle == bundle


def test_a_plan_that_cannot_be_is_told_and_the_copy_kept(admin_client):
    both = {
        "_copy-bundle": make_bundle().pk,
        "_copy-publish_at_0": "1/1/2099",
        "_copy-publish_at_1": "9:00",
    }
    page = plan(admin_client, make_term(explanation="Nu"), "_working_copy", **both)
    assert "Kies een moment of een bundel" in page.content.decode()
    copy = WorkingCopy.objects.get()
    assert (copy.bundle, copy.publish_at) == (None, None)


def test_who_may_not_publish_plans_nothing(client):
    make_bundle()
    term = make_term(explanation="Nu")
    user = User.objects.create_user("redacteur", password="x", is_staff=True)
    user.user_permissions.add(*Permission.objects.filter(codename__in=["view_term", "change_term"]))
    client.force_login(user)
    page = client.get(reverse("admin:organisation_term_change", args=[term.pk])).content.decode()
    assert "_copy-" not in page
    plan(client, term, "_working_copy", **{"_copy-publish_at_0": "1/1/2030", "_copy-publish_at_1": "9:00"})
    assert WorkingCopy.objects.get().publish_at is None
