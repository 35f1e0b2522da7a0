"""Any sequence of an editor's work keeps trees sound, versions readable and drafts hidden."""

import os
import random

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from organisation.models import Placement, Term
from pzgent.kernel.trees import find_faults
from pzgent.kernel.versions.models import Version, WorkingCopy
from pzgent.worker import bring_up_to_date
from tests.browser import form_data
from tests.make import make_organogram, make_placement, make_schedule, make_term

pytestmark = pytest.mark.django_db
STEPS = int(os.environ.get("STEPS", "500")) if os.environ.get("THOROUGH") else 12
SECRET = "NIETVOORHETPUBLIEK"


def address(item, page, *args):
    return reverse(f"admin:{item._meta.app_label}_{item._meta.model_name}_{page}", args=[item.pk, *args])


class Desk:
    """An editor who does something at random; each method is one kind of work."""

    def __init__(self, client, chance):
        self.client, self.chance = client, chance
        organogram = make_organogram(status="draft")
        top = make_placement(organogram)
        for _number in range(3):
            make_placement(organogram, make_placement(organogram, top))
        self.schedule = make_schedule()
        for _number in range(3):
            make_term()

    def pick(self, queryset):
        found = list(queryset.order_by("pk"))
        return self.chance.choice(found) if found else None

    def save(self, item, where="", **changes):
        page = self.client.get(address(item, "change") + where)
        if page.status_code == 200:
            self.client.post(address(item, "change") + where, form_data(page, **changes))

    def add(self):
        data = form_data(self.client.get(reverse("admin:organisation_term_add")))
        word = f"BEGRIP{self.chance.random()}"[:20]
        self.client.post(
            reverse("admin:organisation_term_add"),
            {**data, "abbreviation": word, "expansion": word, "explanation": SECRET, "status": "draft"},
        )

    def change(self):
        term = self.pick(Term.objects.all())
        if term:
            self.save(term, explanation=f"{SECRET if term.status == 'draft' else ''}{self.chance.random()}")

    def change_rows(self):
        rows = self.schedule.slots.count()
        new = {
            "slots-TOTAL_FORMS": str(rows + 1),
            f"slots-{rows}-weekday": str(self.chance.randrange(7)),
            f"slots-{rows}-opens": "09:00",
            f"slots-{rows}-closes": "12:00",
            f"slots-{rows}-schedule": str(self.schedule.pk),
        }
        self.save(
            self.schedule, **(new if self.chance.random() < 0.6 or not rows else {"slots-0-DELETE": "on"})
        )

    def move(self):
        place = self.pick(Placement.objects.exclude(parent=None))
        parent = self.pick(Placement.objects.exclude(pk=place.pk))
        self.save(place, parent=str(parent.pk))

    def reorder(self):
        place = self.pick(Placement.objects.exclude(parent=None))
        self.client.post(
            reverse("admin:organisation_placement_move"), {self.chance.choice(["up", "down"]): str(place.pk)}
        )

    def delete(self):
        item = self.pick(Term.objects.filter(status="draft"))
        if item:
            self.client.post(address(item, "delete"), {"post": "yes"})

    def restore(self):
        version = self.pick(Version.objects.exclude(kind="deleted"))
        if version:
            app, model = version.model.split(".")
            where = reverse(f"admin:{app}_{model}_restore", args=[version.object_id, version.pk])
            page = self.client.get(where)
            if page.status_code == 200:
                self.client.post(where, {"seen": page.context["seen"]})

    def undo(self):
        version = self.pick(Version.objects.all())
        if version:
            where = reverse("admin:undo", args=[version.batch])
            page = self.client.get(where)
            self.client.post(where, {"seen": page.context["seen"]})

    def bring_back(self):
        version = self.pick(Version.objects.filter(kind="deleted"))
        if version:
            app, model = version.model.split(".")
            self.client.post(reverse(f"admin:{app}_{model}_bin_restore", args=[version.pk]))

    def copy(self):
        term = self.pick(Term.objects.filter(status="published"))
        if term:
            has_copy = WorkingCopy.objects.filter(object_id=term.pk).exists()
            where = "?working_copy=1" if has_copy else ""
            self.save(term, where, explanation=f"{SECRET}{self.chance.random()}", _working_copy="1")

    def publish(self):
        copy = self.pick(WorkingCopy.objects.all())
        if copy:
            term = Term.objects.filter(pk=copy.object_id).first()
            self.save(term, "?working_copy=1", explanation=f"Openbaar {self.chance.random()}")
            copy.refresh_from_db()
            page = self.client.get(address(term, "working_copy"))
            data = {"revision": copy.revision, "publish": "1", "overwrite": page.context["seen"]}
            self.client.post(address(term, "working_copy"), data)


WORK = [name for name in vars(Desk) if not name.startswith("_") and name not in ("pick", "save")]


@pytest.mark.timeout(7200 if STEPS > 100 else 900)
def test_any_sequence_of_work_keeps_everything_sound(admin_client, client):
    chance = random.Random(timezone.localdate().toordinal() if STEPS > 100 else 3)
    desk = Desk(admin_client, chance)
    for step in range(STEPS):
        name = chance.choice(WORK)
        getattr(desk, name)()
        assert find_faults(Placement) == [], (step, name)
        desk.schedule.check_stored()
    shown = {item["id"] for item in terms(client)}
    assert shown == {str(key) for key in Term.objects.published().values_list("pk", flat=True)}
    assert [item for item in terms(client) if SECRET in str(item)] == []
    read_every_version(admin_client)
    restore_versions(
        admin_client, chance.sample(list(Version.objects.all()), min(Version.objects.count(), STEPS // 4))
    )


def terms(client):
    bring_up_to_date()
    return client.get("/api/v1/terms?pageSize=100").json()["items"]


def read_every_version(client):
    """Every version can be shown, and says what restoring it would do, or brings back what was deleted."""
    for version in Version.objects.all():
        app, model = version.model.split(".")
        if version.kind == "deleted":
            page = client.get(reverse(f"admin:{app}_{model}_bin_restore", args=[version.pk]))
            assert page.status_code == 200
            continue
        for view in ("version", "restore"):
            where = reverse(f"admin:{app}_{model}_{view}", args=[version.object_id, version.pk])
            assert client.get(where).status_code in (200, 404)


def restore_versions(client, versions):
    """Each version comes back as it was, in a transaction that is rolled back after it; or is refused with a reason."""
    for version in versions:
        app, model = version.model.split(".")
        name = "bin_restore" if version.kind == "deleted" else "restore"
        of_object = () if version.kind == "deleted" else (version.object_id,)
        where = reverse(f"admin:{app}_{model}_{name}", args=[*of_object, version.pk])
        page = client.get(where)
        if page.status_code == 404:  # the object is in the bin
            continue
        with transaction.atomic():
            answer = client.post(where, {"seen": page.context["seen"]} if of_object else {})
            assert answer.status_code == 302 or page_problems(answer), (where, answer.status_code)
            assert find_faults(Placement) == [], where
            transaction.set_rollback(True)


def page_problems(answer):
    """Return why nothing was restored, as the page says it."""
    return answer.context["problems"] or [str(message) for message in answer.context["messages"]]


def test_every_way_of_working_does_something(admin_client):
    """The walk above would be empty if a form changed and its posts no longer saved."""
    desk = Desk(admin_client, random.Random(1))
    for name in ("add", "change", "change_rows", "move", "reorder", "copy", "publish"):
        before = written()
        for _attempt in range(40):  # the first or last one cannot move further
            getattr(desk, name)()
            if written() != before:
                break
        else:
            pytest.fail(f"{name} changed nothing")


def written():
    """What tells that something was saved."""
    return Version.objects.count(), [copy.revision for copy in WorkingCopy.objects.all()]
