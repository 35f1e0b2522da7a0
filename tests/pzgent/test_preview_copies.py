"""Previews of working copies."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from organisation.models import Unit
from pzgent.kernel.previews import preview_address
from pzgent.kernel.versions.copies import copy_of
from pzgent.kernel.versions.models import Version
from tests.browser import form_data
from tests.make import make_organogram, make_placement, make_preview_link, make_topic
from tests.pages import text_of

pytestmark = pytest.mark.django_db


def change_page(item):
    return reverse(f"admin:{item._meta.app_label}_{item._meta.model_name}_change", args=[item.pk])


def prepared(client, item, **changes):
    """The working copy of an item with other texts in it."""
    page = change_page(item)
    sent = form_data(client.get(page), _working_copy="1", **changes)
    assert client.post(page, sent).status_code == 302
    return copy_of(item)


def test_a_working_copy_is_shown_as_it_will_be(admin_client, client):
    topic = make_topic(title="Eerst")
    copy = prepared(admin_client, topic, title="Straks")
    answer = admin_client.get(preview_address(copy), follow=True)
    assert (answer.status_code, "<h1>Straks" in answer.content.decode()) == (200, True)
    topic.refresh_from_db()
    assert (topic.title, Version.objects.of(topic).count()) == ("Eerst", 0)
    assert "Eerst" in text_of(client.get(topic.get_absolute_url()))
    assert "<h1>Eerst" in admin_client.get(preview_address(topic), follow=True).content.decode()


def test_the_page_of_a_working_copy_leads_to_its_preview(admin_client):
    topic = make_topic()
    copy = prepared(admin_client, topic, title="Straks")
    page = admin_client.get(reverse("admin:contact_topic_working_copy", args=[topic.pk]))
    assert preview_address(copy) in page.content.decode()


def test_a_link_shows_the_working_copy_until_it_is_gone(admin_client):
    topic = make_topic(title="Eerst")
    copy = prepared(admin_client, topic, title="Straks")
    link = make_preview_link(topic, model="pzgent.workingcopy", key=str(copy.pk))
    assert "<h1>Straks" in Client().get(link.get_address(), follow=True).content.decode()
    copy.delete()
    assert Client().get(link.get_address(), follow=True).status_code == 410


def test_the_parts_of_a_unit_are_those_of_its_working_copy(admin_client):
    unit = make_placement(make_organogram(), name="Wijkdienst").unit
    copy = prepared(admin_client, unit, summary="Nieuwe samenvatting.")
    answer = admin_client.get(preview_address(copy), follow=True)
    assert "Nieuwe samenvatting." in text_of(answer)
    assert Unit.objects.get(pk=unit.pk).summary == ""


def test_who_may_not_view_the_item_sees_no_working_copy(admin_client):
    copy = prepared(admin_client, make_topic(), title="Straks")
    account = User.objects.create_user("lezer", is_staff=True)
    client = Client()
    client.force_login(account)
    assert client.get(preview_address(copy)).status_code == 404
    account.user_permissions.set(Permission.objects.filter(codename="view_topic"))
    assert client.get(preview_address(copy), follow=True).status_code == 200
    for key in ("0", "x", "-1"):
        assert client.get(f"/admin/preview/pzgent.workingcopy/{key}/").status_code == 404
