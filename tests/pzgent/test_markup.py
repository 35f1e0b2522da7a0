"""Rich text as editors type it."""

import pytest

from organisation.models import Policy
from pzgent.kernel.editing.markup import MarkupField, normalise, to_html, to_text
from tests.make import make_policy

PAIRS = [
    ("Eén zin.", "<p>Eén zin.</p>"),
    ("Eén.\n\nTwee.", "<p>Eén.</p><p>Twee.</p>"),
    ("Regel een\nregel twee", "<p>Regel een<br>regel twee</p>"),
    ("Dit:\n\n- een\n- twee\n\nSlot", "<p>Dit:</p><ul><li>een</li><li>twee</li></ul><p>Slot</p>"),
    ("1. een\n2. twee", "<ol><li>een</li><li>twee</li></ol>"),
    ("### Kop\n\nTekst", "<h3>Kop</h3><p>Tekst</p>"),
    ("Dit is **vet** en *schuin*.", "<p>Dit is <strong>vet</strong> en <em>schuin</em>.</p>"),
    ("Lees [meer](https://gent.be).", '<p>Lees <a href="https://gent.be">meer</a>.</p>'),
    ("3 < 5 & 5 > 3", "<p>3 &lt; 5 &amp; 5 &gt; 3</p>"),
    ("2 * 3 = 6", "<p>2 * 3 = 6</p>"),
]


@pytest.mark.parametrize(("text", "html"), PAIRS)
def test_typed_text_becomes_html(text, html):
    assert to_html(text) == html


@pytest.mark.parametrize(("text", "html"), PAIRS)
def test_stored_html_is_shown_as_text(text, html):
    assert to_text(html) == text


def test_line_breaks_and_spaces_in_stored_html_do_not_matter():
    assert to_text("<p>Een\n  lange <strong>zin</strong> hier.</p>\n <ul> <li>a</li>\n</ul>") == (
        "Een lange **zin** hier.\n\n- a"
    )


@pytest.mark.parametrize(
    "html", ["<ul><li>a<ul><li>b</li></ul></li></ul>", '<p lang="fr">Oui</p>', "<p>a **b** c</p>"]
)
def test_html_that_text_cannot_say_is_shown_as_it_is(html):
    assert to_text(html) == html


def test_html_that_an_editor_types_stays():
    assert to_html("<p>x</p>") == "<p>x</p>"


def test_showing_and_saving_changes_nothing_in_the_content_of_the_plan(plan):
    texts = [text for text in Policy.objects.values_list("description", flat=True) if text]
    assert [text for text in texts if normalise(to_html(to_text(text))) != normalise(text)] == []
    assert all("<" not in to_text(text) for text in texts)


def test_the_field_sees_no_change_in_text_that_was_only_shown():
    html = "<p>a</p> <ul><li>b</li></ul>"
    field = MarkupField(required=False)
    assert not field.has_changed(html, field.prepare_value(html))
    assert field.has_changed(html, "iets anders")


def test_a_script_that_is_typed_never_reaches_the_database(db):
    policy = make_policy(description=to_html("<p>Hoi<script>alert(1)</script></p>"))
    policy.refresh_from_db()
    assert policy.description == "<p>Hoi</p>"
