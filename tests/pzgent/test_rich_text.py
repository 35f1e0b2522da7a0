"""Texts with formatting: cleaned on every way into the database, and never losing what somebody typed."""

import re
from html.parser import HTMLParser

import pytest
from django.apps import apps
from django.urls import reverse

from contact.models import Notice, Topic
from organisation.models import Policy, Unit
from pzgent.kernel.editing.rich_text import RichTextInput
from pzgent.kernel.rich_text import (
    ALLOWED_TAGS,
    RichTextField,
    clean_html,
    clean_rich_text,
    is_html,
    normalise,
    to_html,
    to_text,
)
from tests.browser import form_data
from tests.make import make, make_policy, make_shown_unit, make_topic, make_unit

# Vectors of the usual collections: handlers, schemes, parsers that disagree, and nesting that unwraps.
HOSTILE = [
    "<script>ran()</script>",
    "<p>x</p><script src=//x.example/x.js></script>",
    '<p onclick="ran()" style="x:expression(ran())">x</p>',
    "<img src=x onerror=ran()>",
    "<p>a</p><img src=x onerror=ran()>",
    "<svg onload=ran()><p>x</p></svg>",
    "<svg><style><p title='</style><img src onerror=ran()>'></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=ran()></style></mglyph></table></mtext></math>",
    '<a href="javascript:ran()">x</a>',
    '<a href="JaVa&#x0A;ScRiPt&colon;ran()">x</a>',
    '<a href="java&shy;script:ran()">x</a>',
    '<a href="data:text/html,<script>ran()</script>">x</a>',
    '<a href="vbscript:ran()">x</a>',
    '<a href="pzgent:topic/x&quot; onclick=&quot;ran()">x</a>',
    "<iframe srcdoc='<script>parent.ran()</script>'></iframe><p>x</p>",
    "<object data='javascript:ran()'></object><p>x</p>",
    "<form action=javascript:ran()><button>x</button></form>",
    "<p><noscript><p title='</noscript><img src=x onerror=ran()>'></noscript></p>",
    "<table><tr><td background='javascript:ran()'>x</td></tr></table>",
    "<th scope='\" onclick=\"ran()'>x</th>",
    "<scr<script>ipt>ran()</scr</script>ipt><p>x</p>",
    "<p>&lt;script&gt;ran()&lt;/script&gt;</p>",
    "<b/onmouseover=ran()>x</b>",
    "<div><div/style=x onclick=ran()>y</div></div>",
    "<base href='//x.example/'><p>x</p>",
    "<meta http-equiv=refresh content='0;url=javascript:ran()'><p>x</p>",
    "<textarea></p><script>ran()</script></textarea><p>x</p>",
    "<!--><script>ran()</script--><p>x</p>",
    "<![CDATA[><script>ran()</script>]]><p>x</p>",
    "<o:p onclick=ran()>x</o:p><p>x</p>",
]


class Acting(HTMLParser):
    """Collects what the subset does not allow: other elements, handlers, and addresses that run."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        if tag not in {*ALLOWED_TAGS, "div"}:
            self.found.append(tag)
        for name, value in attrs:
            if name.startswith("on") or name in ("style", "src"):
                self.found.append(name)
            if name == "href" and not re.match(r"(https?|mailto|tel):|/|pzgent:", value or ""):
                self.found.append(value)


def acting_in(html):
    parser = Acting()
    parser.feed(html)
    return parser.found


def rich_fields():
    return [
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, RichTextField)
    ]


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("<p>Goed</p>", "<p>Goed</p>"),
        ("<script>alert(1)</script><p>x</p>", "<p>x</p>"),
        ('<p style="color:red" onclick="x()">x</p>', "<p>x</p>"),
        ('<a href="javascript:alert(1)">x</a>', "<a>x</a>"),
        ('<a href="https://politie.be">x</a>', '<a href="https://politie.be">x</a>'),
        ('<img src="x" onerror="alert(1)">', ""),
        ('<a href="pzgent:topic/x">x</a>', "<a>x</a>"),
    ],
)
def test_only_the_safe_subset_stays(dirty, clean):
    assert clean_html(dirty) == clean


@pytest.mark.parametrize(
    "typed",
    [
        "Eén zin.",
        "Eén.\n\nTwee.",
        "1.\n\n2.",
        "2021. Dat was",
        "- een\n- twee",
        "Beste <naam>, hallo",
        "a < b en 5 > 3 & meer",
        "Mail <a.peeters@voorbeeld.be>",
        "a <b en c> d",
        "**vet** en ### kop",
    ],
)
def test_plain_text_stays_as_it_was_typed(typed):
    assert clean_rich_text(typed) == typed
    assert to_text(typed) == typed
    shown = re.sub(r"<[^>]+>", "", to_html(typed).replace("<br>", "\n").replace("</p>\n\n<p>", "\n\n"))
    assert shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == typed


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("<b>x</b> <i>y</i>", "<p><strong>x</strong> <em>y</em></p>"),
        ("Hallo <b>jan</b>\n\nEn dan\nnog", "<p>Hallo <strong>jan</strong></p><p>En dan<br>nog</p>"),
        ("<ul><li>a</li></ul>\nEerst\n\nDaarna", "<ul><li>a</li></ul>\nEerst<br><br>Daarna"),
        ("<p>a\n  b</p>", "<p>a\n  b</p>"),
        ("<h1>x</h1><h2>y</h2><h6>z</h6>", "<h3>x</h3><h3>y</h3><h4>z</h4>"),
        ("<div>a</div><div>b</div>", "<p>a</p><p>b</p>"),
        ("<p>Beste <naam></p>", "<p>Beste &lt;naam&gt;</p>"),
        ("<p class=MsoNormal>a<o:p></o:p></p>", "<p>a</p>"),
        ("<p>a</p><p>&nbsp;</p><p></p><p>b</p>", "<p>a</p><p>b</p>"),
        (
            "<ul><li><p>a</p></li><li><p>b</p><p>c</p></li></ul>",
            "<ul><li>a</li><li><p>b</p><p>c</p></li></ul>",
        ),
        (
            "<ul><li><p>a</p><ul><li><p>b</p></li></ul></li></ul>",
            "<ul><li>a<ul><li>b</li></ul></li></ul>",
        ),
        ('<ol start="3"><li>c</li></ol>', '<ol start="3"><li>c</li></ol>'),
        ("<p>a</p> <ul> <li>b</li> </ul>", "<p>a</p> <ul> <li>b</li> </ul>"),
    ],
)
def test_html_is_stored_in_one_form(sent, stored):
    assert clean_rich_text(sent) == stored
    assert clean_rich_text(stored) == stored


def test_header_cells_of_a_table_say_what_they_head():
    html = (
        '<table style="min-width: 5px"><tbody><tr><th colspan="1"><p>A</p></th><th colspan="2"><p>B</p></th></tr>'
        "<tr><th><p>x</p></th><td><p>1</p></td><td><p></p></td></tr></tbody></table>"
    )
    assert clean_rich_text(html) == (
        '<table><tbody><tr><th scope="col">A</th><th colspan="2" scope="col">B</th></tr>'
        '<tr><th scope="row">x</th><td>1</td><td></td></tr></tbody></table>'
    )


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Een</p><p>twee</p>", "Een\n\ntwee"),
        (
            "<p>Dit:</p><ul><li>a</li><li>b</li></ul><p>Slot &amp; einde</p>",
            "Dit:\n\n- a\n- b\n\nSlot & einde",
        ),
        ("<p>a<br>b</p>", "a\nb"),
        ("<ul><li><p>a</p><p>b</p></li> <li>c</li></ul>", "- a\n\nb\n\n- c"),
        ("<table><tr><th>A</th><td>B</td></tr><tr><td>C</td></tr></table>", "A | B\nC"),
        ("<p>Beste &lt;naam&gt;</p>", "Beste <naam>"),
    ],
)
def test_a_text_without_its_formatting(html, text):
    assert to_text(html) == text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_hostile_acts_however_it_is_shown(hostile):
    stored = clean_rich_text(hostile)
    assert acting_in(to_html(stored)) == []
    assert clean_rich_text(stored) == stored


def test_long_and_deep_texts_are_cleaned_in_time():
    for text in (
        "<p> " * 20_000 + "</p>",
        "<blockquote>" * 3_000,
        "<" * 50_000 + "</p>",
        "<ul><li><p>" * 2_000,
    ):
        clean_rich_text(text)
        normalise(text)


@pytest.mark.django_db
def test_saving_past_the_forms_cleans_too():
    make_unit(description="<p>ok</p><script>x</script>")
    Unit.objects.bulk_create([Unit(slug="bulk", name="bulk", description="<b onclick='x'>vet</b>")])
    assert set(Unit.objects.values_list("description", flat=True)) == {
        "<p>ok</p>",
        "<p><strong>vet</strong></p>",
    }


@pytest.mark.django_db
def test_a_translation_is_cleaned_too():
    topic = make_topic(intro="Hallo")
    topic.translate("intro", "fr", "<p onclick=x>Bonjour</p><script>x</script>")
    topic.save()
    assert Topic.objects.get().translation_of("intro", "fr") == "<p>Bonjour</p>"


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "name"), rich_fields())
def test_no_field_stores_anything_hostile(model, name):
    row = make(model)
    for hostile in HOSTILE:
        model._base_manager.filter(pk=row.pk).update(**{name: hostile})
        row.refresh_from_db()
        assert acting_in(to_html(getattr(row, name))) == []


def test_showing_and_saving_changes_nothing_in_the_content_of_the_plan(plan):
    texts = [
        text
        for model, name in rich_fields()
        for text in model._base_manager.values_list(name, flat=True)
        if text
    ]
    assert len(texts) > 20
    assert [text for text in texts if clean_rich_text(text) != text] == []
    assert [
        text for text in Policy.objects.values_list("description", flat=True) if text and not is_html(text)
    ] == []


class TestForm:
    @pytest.mark.parametrize(
        ("stored", "sent"),
        [
            ("Een.\n\nTwee.", "Een.\r\n\r\nTwee."),
            ("<p>a</p> <ul><li>b</li></ul>", "<p>a</p><ul><li><p>b</p></li></ul>"),
            ("Een.", "<p>Een.</p>"),
            ("", ""),
        ],
    )
    def test_an_untouched_text_is_not_changed(self, stored, sent):
        field = RichTextInput(required=False)
        field.stored = stored
        assert not field.has_changed(stored, sent)
        assert field.clean(sent) == stored

    def test_a_changed_text_is(self):
        assert RichTextInput().has_changed("Een.", "Een!")
        assert RichTextInput().has_changed("Een", "<p><strong>Een</strong></p>")

    @pytest.mark.django_db
    def test_an_editor_without_script_types_text(self, admin_client):
        topic = make_topic(intro="")
        page = reverse("admin:contact_topic_change", args=[topic.pk])
        typed = "1.\r\n\r\n2.\r\n\r\n2021. Dat was <naam>"
        admin_client.post(page, form_data(admin_client.get(page), intro=typed))
        topic.refresh_from_db()
        assert topic.intro == "1.\n\n2.\n\n2021. Dat was <naam>"
        assert form_data(admin_client.get(page))["intro"] == [topic.intro]

    @pytest.mark.django_db
    def test_an_untouched_form_changes_nothing(self, admin_client):
        topic = make_topic(intro="<p>a</p> <ul> <li>b</li> </ul>")
        page = reverse("admin:contact_topic_change", args=[topic.pk])
        admin_client.post(page, form_data(admin_client.get(page)))
        assert Topic.objects.get().intro == topic.intro

    @pytest.mark.django_db
    def test_what_would_vanish_is_refused(self, admin_client):
        topic = make_topic(intro="Was")
        page = reverse("admin:contact_topic_change", args=[topic.pk])
        answer = admin_client.post(
            page, form_data(admin_client.get(page), intro="<style>p { color: red }</style>")
        )
        assert "intro" in answer.context["adminform"].form.errors
        assert Topic.objects.get().intro == "Was"

    @pytest.mark.django_db
    def test_a_colleagues_version_is_shown_as_text(self, admin_client):
        topic = make_topic(intro="Was")
        page = reverse("admin:contact_topic_change", args=[topic.pk])
        sent = form_data(admin_client.get(page), intro="Mijn versie")
        topic.intro = "<p>Hun <strong>versie</strong></p>"
        topic.save()
        form = admin_client.post(page, sent).context["adminform"].form
        assert form.conflict == [("Inleiding", "Hun versie")]

    @pytest.mark.django_db
    def test_translations_have_the_editor_too(self, admin_client):
        topic = make_topic(intro="Hallo")
        page = reverse("admin:contact_topic_change", args=[topic.pk])
        answer = admin_client.get(page)
        assert (
            answer.content.count(b"data-rich-text") == 3 * 4
        )  # three texts, in Dutch and three more languages
        sent = form_data(answer, translated_intro_fr="<p>Bonjour <b>à tous</b></p>")
        admin_client.post(page, sent)
        assert Topic.objects.get().translation_of("intro", "fr") == "<p>Bonjour <strong>à tous</strong></p>"


class TestShown:
    @pytest.mark.django_db
    def test_formatting_is_shown_on_the_page_and_plain_in_the_api(self, client):
        make_topic(slug="hulp", intro="<h3>Kop</h3><p>Een <strong>zin</strong>.</p>")
        page = client.get("/contact/hulp").content.decode()
        assert "<h3>Kop</h3><p>Een <strong>zin</strong>.</p>" in page
        assert 'content="Kop' in page
        assert client.get("/api/v1/topics/hulp").json()["intro"] == "Kop\n\nEen zin."

    @pytest.mark.django_db
    def test_a_table_scrolls_by_itself(self, client):
        make_shown_unit(slug="dienst", description="<table><tbody><tr><td>a</td></tr></tbody></table>")
        page = client.get("/eenheden/dienst").content.decode()
        assert '<div class="table-frame" tabindex="0" role="group" aria-label="Tabel"><table>' in page

    @pytest.mark.django_db
    def test_a_notice_is_shown_with_its_formatting(self, client):
        notice = make(
            Notice,
            title="Let op",
            text_nl="<p>Blijf <strong>binnen</strong></p><ul><li>sluit ramen</li></ul>",
        )
        answer = client.get(f"/api/v1/notices/{notice.slug}").json()
        assert answer["text"] == answer["texts"]["nl"] == "Blijf binnen\n\n- sluit ramen"

    @pytest.mark.django_db
    def test_search_results_hold_no_tags(self, client):
        make_topic(
            slug="zwaan", title="Zwaan", need="", intro="<p>Over de <em>zwaan</em></p><ul><li>wit</li></ul>"
        )
        make_policy(title="Zwanenbeleid", description="<p>Een <strong>zwaan</strong></p>")
        page = client.get("/zoeken?q=zwaan").content.decode()
        assert "&lt;" not in page.partition("<main")[2]
