"""The accessibility statement: complete, as a page and as data, and reviewed every year."""

import datetime
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.checks import Tags, run_checks
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from pzgent.models import AccessibilityGap, AccessibilityStatement
from tests.make import make_accessibility_statement
from tests.pages import MOST_QUERIES, count_queries, faults_of, text_of

pytestmark = pytest.mark.django_db
YEAR = AccessibilityStatement.REVIEW_EVERY
DAY = datetime.timedelta(days=1)

PARTS = [
    "Waarover deze verklaring gaat", "Richtlijn (EU) 2016/2102", "De wet die hier geldt", "Hoe ver we staan",
    "gedeeltelijk in overeenstemming", "Wat nog niet aan de norm voldoet", "Wat een onevenredige last zou zijn",
    "Wat buiten de wet valt", "In de plaats:", "Opgesteld op", "Hoe er getest is", "Zelfevaluatie",
    "Laatst nagezien op", "Volgend nazicht", "Werkt iets niet voor jou?", "09 266 61 11",
    "Ben je niet tevreden met ons antwoord?", "Welke instantie dat is voor deze site",
]  # fmt: skip


def test_the_page_has_every_part_of_the_model(client, plan):
    answer = client.get("/toegankelijkheid")
    text = text_of(answer)
    assert [part for part in PARTS if part not in text] == []
    assert faults_of(answer.content.decode()) == []


def test_what_nobody_has_filled_in_is_called_not_published(client):
    make_accessibility_statement()
    assert text_of(client.get("/toegankelijkheid")).count("niet in onze bron") == 3


def test_what_is_filled_in_is_shown(client):
    make_accessibility_statement(
        law="Wet van toen", contact_email="x@example.be", answer_days=14, enforcement_body="De instantie",
        enforcement_url="https://instantie.example.be", report_url="https://rapport.example.be",
    )  # fmt: skip
    text = text_of(client.get("/toegankelijkheid"))
    assert "niet in onze bron" not in text
    assert "Je krijgt antwoord binnen 14 dagen." in text
    assert "De instantie" in text


def test_a_part_that_is_not_accessible_speaks_the_language_of_the_page(client):
    statement = make_accessibility_statement()
    AccessibilityGap.objects.create(statement=statement, text_nl="Kaart", text_fr="Carte", instead_nl="Lijst")
    assert "Carte" in text_of(client.get("/fr/toegankelijkheid"))
    html = client.get("/de/toegankelijkheid").content.decode()
    assert '<li lang="nl">Kaart' in html


def test_the_data_say_the_same(client, plan):
    data = client.get("/toegankelijkheid.json").json()
    assert {
        "model",
        "directive",
        "scope",
        "conformance",
        "standard",
        "notAccessible",
        "method",
        "preparedOn",
    } < set(data)
    assert {"reviewedOn", "reviewBy", "feedback", "htmlUrl"} < set(data)
    assert list(data["notAccessible"]) == ["nonCompliance", "burden", "outOfScope"]
    text = text_of(client.get("/toegankelijkheid"))
    for gaps in data["notAccessible"].values():
        for gap in gaps:
            assert gap["text"].replace("'", "&#x27;") in text
            assert gap["instead"] in text
    assert (
        'type="application/json" href="/toegankelijkheid.json"'
        in client.get("/toegankelijkheid").content.decode()
    )


def test_the_data_are_not_there_before_the_statement(client):
    assert client.get("/toegankelijkheid.json").status_code == 404


def test_there_is_one_statement():
    make_accessibility_statement()
    with pytest.raises(IntegrityError), transaction.atomic():
        make_accessibility_statement()
    with pytest.raises(IntegrityError), transaction.atomic():
        make_accessibility_statement(slug="tweede")


def test_a_review_is_not_before_the_statement():
    with pytest.raises(IntegrityError), transaction.atomic():
        make_accessibility_statement(reviewed_on=timezone.localdate() - 4 * YEAR)


@pytest.mark.parametrize(("ago", "is_late"), [(YEAR, False), (YEAR + DAY, True)])
def test_a_late_review_is_told_everywhere(client, admin_client, ago, is_late):
    make_accessibility_statement(reviewed_on=timezone.localdate() - ago)
    warnings = run_checks(tags=[Tags.database], databases=["default"])
    assert [warning.id for warning in warnings] == (["pzgent.W001"] if is_late else [])
    assert ("Dit nazicht is te laat." in text_of(client.get("/toegankelijkheid"))) is is_late
    assert ("moest nagezien zijn voor" in text_of(admin_client.get(reverse("admin:index")))) is is_late


def test_the_check_is_there_before_any_page_was_asked_for():
    code = (
        "import django; django.setup(); from django.core.checks.registry import registry; "
        "print([check.__name__ for check in registry.get_checks(include_deployment_checks=True)])"
    )
    command = [sys.executable, "-c", code]
    names = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True).stdout
    assert "check_review" in names


def test_editors_review_the_one_statement_and_cannot_add_another(admin_client):
    add = reverse("admin:pzgent_accessibilitystatement_add")
    assert admin_client.get(add).status_code == 200
    statement = make_accessibility_statement()
    assert admin_client.get(add).status_code == 403
    change = admin_client.get(reverse("admin:pzgent_accessibilitystatement_change", args=[statement.pk]))
    assert 'name="reviewed_on"' in change.content.decode()
    assert admin_client.get(reverse("admin:pzgent_accessibilitystatement_changelist")).status_code == 200


def test_few_queries_are_needed(client, plan):
    assert count_queries(client, "/toegankelijkheid") <= MOST_QUERIES
