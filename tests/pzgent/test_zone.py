"""The identity of the zone: one record that everything reads."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, OperationalError, transaction
from django.urls import reverse
from django.utils import timezone

from contact.models import Channel
from pzgent.kernel.zone import check_kbo_number, get_zone
from pzgent.models import AccessibilityStatement, Zone


def test_the_content_loads_the_identity(plan):
    zone = get_zone()
    assert zone.pk
    assert (zone.name, zone.number, zone.general.value) == ("Politiezone Gent", "5415", "+3292666111")
    assert zone.text_in("short_name", "fr") == "Police de Gand"


def test_there_is_one_row_only(plan):
    with pytest.raises(IntegrityError), transaction.atomic():
        Zone.objects.create(slug="other", name="A", short_name="B", city="C")
    with pytest.raises(IntegrityError), transaction.atomic():
        Zone.objects.create(name="A", short_name="B", city="C")


def test_without_a_row_the_content_file_is_shown(client, db):
    assert "tel:+3292666111" in client.get("/privacy").content.decode()


def test_channels_with_the_same_number_follow_it(plan):
    general = Channel.objects.get(slug="algemeen-nummer")
    copies = Channel.objects.filter(same_number_as=general)
    assert {copy.value for copy in copies} == {"+3292666111"}
    assert len(copies) == 6
    general.value = "+3221234567"
    general.save()
    assert set(copies.values_list("value", flat=True)) == {"+3221234567"}
    Channel.objects.filter(pk=general.pk).update(value="+3225550000")
    assert set(copies.values_list("value", flat=True)) == {"+3225550000"}
    assert get_zone().general.value == "+3225550000"


@pytest.mark.parametrize("address", ["/", "/fr/privacy", "/bestaat-niet", "/insluiten/organogram"])
def test_a_site_is_a_trial_until_it_is_declared_official(client, plan, request, address):
    answer = client.get(address)
    text = answer.content.decode()
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert 'class="trial"' in text
    assert "https://www.politie.be/5415" in text
    request.getfixturevalue("official")
    answer = client.get(address)
    assert "X-Robots-Tag" not in answer.headers
    assert 'class="trial"' not in answer.content.decode()


def test_the_database_refuses_an_official_site_with_an_incomplete_list(plan):
    with pytest.raises(IntegrityError), transaction.atomic():
        Zone.objects.update(declared_at=timezone.now(), declared_by="beheer")


def test_the_form_names_what_is_missing_and_notes_who_declares(admin_client, plan):
    zone = Zone.objects.get()
    address = reverse("admin:pzgent_zone_change", args=[zone.pk])
    form = admin_client.get(address).context["adminform"].form
    sent = {name: form[name].value() for name in form.fields}
    sent = {name: "" if value is None else value for name, value in sent.items()}
    refused = admin_client.post(address, {**sent, "is_official": "on"}).context["adminform"].form
    assert "uitgever" in str(refused.errors["is_official"])
    assert "toegankelijkheidsverklaring" in str(refused.errors["is_official"])
    AccessibilityStatement.objects.update(law="Bestuursdecreet", enforcement_body="Toezicht")
    whole = {
        "publisher": "PZ",
        "controller": "PZ",
        "dpo": "DPO",
        "licence": "CC0-1.0",
        "facts_confirmed_on": "2026-11-01",
    }
    del sent["is_official"]
    answer = admin_client.post(address, {**sent, **whole, "is_official": "on"})
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    zone.refresh_from_db()
    assert zone.is_official
    assert zone.declared_by == "admin"
    admin_client.post(address, {**sent, **whole, "is_official": "on"})  # an old form
    assert Zone.objects.get().declared_at == zone.declared_at


def test_the_last_known_zone_is_shown_when_the_database_is_away(client, plan, monkeypatch):
    Zone.objects.update(short_name="Politie Anders", translations={})
    assert "Politie Anders" in client.get("/privacy").content.decode()

    def away():
        raise OperationalError

    monkeypatch.setattr("pzgent.kernel.marks._read", away)
    assert "Politie Anders" in client.get("/privacy").content.decode()


def test_where_to_write_stands_in_the_identity(client, plan):
    Zone.objects.update(
        fault_email="fout@pz.example", security_email="lek@pz.example", privacy_email="dpo@pz.example"
    )
    assert "Contact: mailto:lek@pz.example" in client.get("/.well-known/security.txt").content.decode()
    about = client.get("/over", {"pagina": "/contact"}).content.decode()
    assert "mailto:fout@pz.example?subject=Fout%20op%20de%20site%3A%20%2Fcontact%20" in about
    assert "mailto:dpo@pz.example" in client.get("/privacy").content.decode()


def test_an_enterprise_number_is_checked():
    check_kbo_number("0207437468")
    for wrong in ("0207437469", "207437468", "0207.437.468"):
        with pytest.raises(ValidationError):
            check_kbo_number(wrong)
