"""Rich text is cleaned on every way into the database."""

import pytest

from organisation.models import Unit
from pzgent.kernel.rich_text import clean_html
from tests.make import make_unit


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("<p>Goed</p>", "<p>Goed</p>"),
        ("<script>alert(1)</script><p>x</p>", "<p>x</p>"),
        ('<p style="color:red" onclick="x()">x</p>', "<p>x</p>"),
        ('<a href="javascript:alert(1)">x</a>', "<a>x</a>"),
        ('<a href="https://politie.be">x</a>', '<a href="https://politie.be">x</a>'),
        ('<img src="x" onerror="alert(1)">', ""),
    ],
)
def test_only_the_safe_subset_stays(dirty, clean):
    assert clean_html(dirty) == clean


@pytest.mark.django_db
def test_saving_past_the_forms_cleans_too():
    make_unit(description="<p>ok</p><script>x</script>")
    Unit.objects.bulk_create([Unit(slug="bulk", name="bulk", description="<b onclick='x'>vet</b>")])
    assert set(Unit.objects.values_list("description", flat=True)) == {"<p>ok</p>", "vet"}
