"""An editor's morning on an older release: run by that release's code, in its folder, on the database in DATABASE_URL.

    python edit_old_release.py BROWSER

BROWSER is the present `tests/browser.py`. Prints the addresses of all that is public then, one a line.
"""

import importlib.util
import os
import sys

sys.path.insert(0, os.getcwd())  # noqa: PTH109  # the folder of the older release
os.environ["DJANGO_SETTINGS_MODULE"] = "pzgent.settings"

import django

django.setup()

from django.apps import apps
from django.contrib.auth.models import User
from django.test import Client
from django.test.utils import setup_test_environment
from django.urls import reverse

spec = importlib.util.spec_from_file_location("browser", sys.argv[1])
browser = importlib.util.module_from_spec(spec)
spec.loader.exec_module(browser)

PASSWORD = "een lange zin over fietsen 2026"
client = Client()


def send(page, **changes):
    """Open a form of the admin, type over some fields and save it."""
    shown = client.get(page)
    assert shown.status_code == 200, (page, shown.status_code)
    answer = client.post(page, browser.form_data(shown, **changes))
    assert answer.status_code == 302, (page, answer.context["adminform"].form.errors)


def page_of(label, kind, *keys):
    """The address of a page of the admin about one item, found by its address name."""
    model = apps.get_model(label)._meta
    pks = [apps.get_model(label).objects.get(slug=key).pk for key in keys]
    return reverse(f"admin:{model.app_label}_{model.model_name}_{kind}", args=pks)


def work():
    """Change, add, withdraw and delete something of each sort."""
    send(page_of("organisation.Unit", "change", "dienst-communicatie"), name="Dienst Communicatie en Pers")
    send(page_of("organisation.Unit", "change", "cops"), slug="cops-gent")
    send(page_of("contact.Channel", "change", "bas-telefoon"), value="09 266 99 99")
    send(page_of("projects.Project", "change", "b-34-wapens"), status="withdrawn")
    plan = str(apps.get_model("projects.Plan").objects.order_by("valid_from").last().pk)
    new = {"plan": plan, "kind": "I", "number": "97", "title": "Fietsen in de wijk"}
    send(page_of("projects.Project", "add"), slug="fietsen-in-de-wijk", status="published", **new)
    assert client.post(page_of("organisation.Term", "delete", "3p"), {"post": "yes"}).status_code == 302
    send(reverse("admin:auth_user_add"), username="redactie", password1=PASSWORD, password2=PASSWORD)
    account = User.objects.get(username="redactie")
    send(reverse("admin:auth_user_change", args=[account.pk]), is_staff="on", is_superuser="on")


def public_addresses():
    """The pages that the release has, by its own word."""
    for model in apps.get_models():
        if hasattr(model, "get_absolute_url") and hasattr(model.objects.all(), "published"):
            for item in model.objects.all().published():
                yield item.get_absolute_url().split("#")[0]


setup_test_environment()
User.objects.create_superuser("beheer", "beheer@example.be", PASSWORD)
client.force_login(User.objects.get(username="beheer"))
work()
print(*sorted(set(public_addresses())), sep="\n")
