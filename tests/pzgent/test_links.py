"""Links from texts to rows of the site: chosen by name, followed when renamed, and never broken unseen."""

import uuid

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from contact.models import Notice, Topic
from pzgent.kernel.editing.linking import fault_of
from pzgent.kernel.links import linked_models, page_html, permanent_html, reference_to
from pzgent.page_cache.notices import planned_notices, render
from tests.browser import form_data
from tests.make import make, make_project, make_shown_unit, make_topic, make_unit

pytestmark = pytest.mark.django_db
NOBODY = uuid.UUID(int=7)


def link_to(row, words="hier"):
    return f'<p>Zie <a href="{reference_to(row)}">{words}</a>.</p>'


class TestOnPages:
    def test_a_link_follows_a_new_address(self, client):
        unit = make_shown_unit(slug="oud")
        make_topic(slug="hulp", intro=link_to(unit))
        assert '<a href="/eenheden/oud">hier</a>' in client.get("/contact/hulp").content.decode()
        unit.slug = "nieuw"
        unit.save()
        assert '<a href="/eenheden/nieuw">hier</a>' in client.get("/contact/hulp").content.decode()

    def test_a_page_in_another_language_links_to_that_language(self, client):
        make_topic(slug="hulp", intro=link_to(make_topic(slug="doel")))
        assert '<a href="/fr/contact/doel">hier</a>' in client.get("/fr/contact/hulp").content.decode()

    @pytest.mark.parametrize("status", ["draft", "withdrawn"])
    def test_a_link_to_what_is_not_public_is_only_words(self, status):
        assert page_html(link_to(make_topic(status=status))) == "<p>Zie hier.</p>"

    def test_a_link_to_a_hidden_unit_is_only_words(self):
        hidden = make_unit(publication_level="withheld")
        assert page_html(link_to(hidden, "<strong>hier</strong>")) == "<p>Zie <strong>hier</strong>.</p>"

    def test_a_link_to_nothing_is_only_words(self):
        for link in (f"pzgent:topic/{NOBODY}", f"pzgent:nothing/{NOBODY}", f"pzgent:user/{NOBODY}"):
            assert page_html(f'<p><a href="{link}">x</a></p>') == "<p>x</p>"

    def test_links_to_rows_of_one_kind_take_one_query(self):
        text = "".join(link_to(make_topic()) for _number in range(6))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert page_html(text).count("href") == 6
        assert len(queries) == 1

    def test_a_text_without_such_links_takes_no_query(self, django_assert_num_queries):
        with django_assert_num_queries(0):
            page_html('<p><a href="https://gent.be">x</a></p>')

    def test_every_model_with_a_page_can_be_linked_to(self):
        assert {"topic", "unit", "project", "policy", "document", "location", "term"} <= set(linked_models())
        for kind, model in linked_models().items():
            model.objects.with_address().first()
            assert page_html(f'<a href="pzgent:{kind}/{NOBODY}">x</a>') == "x"


class TestElsewhere:
    def test_the_api_gives_an_address_that_stays(self, client):
        unit = make_shown_unit(slug="oud", description=link_to(make_topic(slug="doel")))
        topic = Topic.objects.get()
        address = f"http://testserver/naar/topic/{topic.pk}"
        assert client.get(f"/api/v1/units/{unit.slug}").json()["description"] == (
            f'<p>Zie <a href="{address}">hier</a>.</p>'
        )
        topic.slug = "elders"
        topic.save()
        assert client.get(address).headers["Location"] == "/contact/elders"

    def test_addresses_of_this_site_are_absolute_elsewhere(self):
        html = permanent_html('<p><a href="/contact">x</a></p>', "https://politie.example")
        assert html == '<p><a href="https://politie.example/contact">x</a></p>'

    @pytest.mark.parametrize("kind", ["topic", "nothing", "user"])
    def test_a_permanent_address_of_nothing_is_not_found(self, client, kind):
        assert client.get(f"/naar/{kind}/{NOBODY}").status_code == 404

    def test_a_permanent_address_of_a_draft_is_not_found(self, client):
        topic = make_topic(status="draft")
        assert client.get(f"/naar/topic/{topic.pk}").status_code == 404

    def test_the_feed_of_projects_has_absolute_links(self, client):
        project = make_project()
        project.updates.create(date=timezone.localdate(), text=link_to(make_topic()))
        feed = client.get("/feeds/projecten.atom").content.decode()
        assert f"http://testserver/naar/topic/{Topic.objects.get().pk}" in feed

    def test_a_notice_is_rendered_without_the_database(self, django_assert_num_queries):
        topic = make_topic()
        make(Notice, text_nl=link_to(topic))
        planned = planned_notices()
        with django_assert_num_queries(0):
            parts = render(planned).parts
        assert f'<a href="/naar/topic/{topic.pk}">hier</a>'.encode() in parts["nl"]
        assert f'<a href="/fr/naar/topic/{topic.pk}">hier</a>'.encode() in parts["fr"]


class TestChoosing:
    def choices(self, client, words):
        return client.get(reverse("admin:find_links"), {"words": words}).json()["results"]

    def test_rows_of_all_kinds_are_found_by_name(self, admin_client):
        unit, topic = make_shown_unit(name="Zwanendienst"), make_topic(title="Zwanen melden")
        found = self.choices(admin_client, "zwanen")
        assert {choice["href"] for choice in found} == {str(reference_to(unit)), str(reference_to(topic))}

    def test_the_name_of_a_chosen_row_is_known(self, admin_client):
        topic = make_topic(title="Zwanen melden")
        assert [choice["text"] for choice in self.choices(admin_client, str(reference_to(topic)))] == [
            str(topic)
        ]

    def test_what_is_not_public_is_marked(self, admin_client):
        make_topic(title="Zwanen melden", status="draft")
        assert [choice["kind"] for choice in self.choices(admin_client, "zwanen")] == [
            "onderwerp, nu niet op de site"
        ]

    def test_an_editor_finds_only_what_the_account_may_view(self, client, django_user_model):
        user = django_user_model.objects.create_user("beperkt", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename="view_topic"))
        client.force_login(user)
        unit, topic = make_shown_unit(name="Zwanendienst"), make_topic(title="Zwanen melden")
        assert [choice["href"] for choice in self.choices(client, "zwanen")] == [str(reference_to(topic))]
        assert self.choices(client, str(reference_to(unit))) == []

    def test_a_visitor_finds_nothing(self, client):
        assert client.get(reverse("admin:find_links"), {"words": "zwanen"}).status_code == 302

    @pytest.mark.parametrize("words", ["", "z", "zz " * 40, "pzgent:topic/x", "pzgent:user/" + str(NOBODY)])
    def test_odd_questions_find_nothing(self, admin_client, words):
        assert self.choices(admin_client, words) == []

    def test_the_words_of_the_glossary_are_jargon(self, admin_client):
        from organisation.models import Term

        make(Term, abbreviation="APO")
        assert "APO" in admin_client.get(reverse("admin:jargon")).json()["words"]


class TestOnSave:
    @pytest.mark.parametrize(
        "link",
        [
            "contact/hulp", "www.gent.be", "#boven", "/bestaat-niet", "https://", "http://intern", "mailto:jan",
            "tel:bel ons", "ftp", "http://[::1", f"pzgent:topic/{NOBODY}",
        ],
    )  # fmt: skip
    def test_a_link_that_leads_nowhere_is_refused(self, admin_client, link):
        topic = make_topic(intro="Was")
        page = reverse("admin:contact_topic_change", args=[topic.pk])
        sent = form_data(admin_client.get(page), intro=f'<p><a href="{link}">x</a></p>')
        answer = admin_client.post(page, sent)
        assert answer.status_code == 200
        assert len(answer.context["adminform"].form.errors["intro"]) == 1
        assert "href=&quot;" in answer.content.decode()

    @pytest.mark.parametrize(
        "link",
        [
            "https://stad.gent/nl?a=b&c=d",
            "mailto:a@b.be",
            "mailto:a@b.be?subject=x",
            "tel:+3292666111",
            "/contact",
            "/fr/contact",
        ],
    )
    def test_a_good_link_is_kept(self, link):
        assert fault_of(link) == ""

    def test_a_link_that_was_there_already_does_not_block_saving(self, admin_client):
        topic = make_topic(intro='<p><a href="oud.html">x</a></p>')
        page = reverse("admin:contact_topic_change", args=[topic.pk])
        sent = form_data(admin_client.get(page), title="Nieuw", intro=f"{topic.intro}<p>Meer</p>")
        assert admin_client.post(page, sent).status_code == 302
        topic.refresh_from_db()
        assert (topic.title, topic.intro) == ("Nieuw", '<p><a href="oud.html">x</a></p><p>Meer</p>')

    @pytest.mark.parametrize("address", ["/contact/doel", "/fr/contact/doel", "{base}/contact/doel"])
    def test_the_address_of_a_page_becomes_a_link_that_follows(self, admin_client, settings, address):
        topic, target = make_topic(intro=""), make_topic(slug="doel")
        page = reverse("admin:contact_topic_change", args=[topic.pk])
        link = address.format(base=settings.BASE_URL)
        admin_client.post(page, form_data(admin_client.get(page), intro=f'<p><a href="{link}">x</a></p>'))
        topic.refresh_from_db()
        assert topic.intro == f'<p><a href="{reference_to(target)}">x</a></p>'


class TestTask:
    def broken(self, client):
        return client.get(reverse("admin:index")).context["broken_links"]

    def test_a_broken_link_is_a_task(self, admin_client):
        target = make_topic(title="Doel", status="withdrawn")
        topic = make_topic(title="Bron", intro=link_to(target))
        (link,) = self.broken(admin_client)
        assert (link.text, link.target) == ("Bron", "Doel")
        assert link.address == reverse("admin:contact_topic_change", args=[topic.pk])

    def test_broken_links_in_translations_and_parts_are_found_too(self, admin_client):
        topic, project = make_topic(), make_project()
        gone = f'<p><a href="pzgent:topic/{NOBODY}">x</a></p>'
        topic.translate("intro", "fr", gone)
        topic.intro = "x"
        topic.save()
        project.updates.create(date=timezone.localdate(), text=gone)
        assert {link.address for link in self.broken(admin_client)} == {
            reverse("admin:contact_topic_change", args=[topic.pk]),
            reverse("admin:projects_project_change", args=[project.pk]),
        }

    def test_a_good_link_is_no_task_and_a_draft_may_link_to_a_draft(self, admin_client):
        make_topic(intro=link_to(make_topic()))
        make_topic(status="draft", intro=link_to(make_topic(status="draft")))
        assert self.broken(admin_client) == []

    def test_an_editor_sees_only_tasks_that_the_account_may_do(self, client, django_user_model):
        make_topic(intro=link_to(make_topic(status="draft")))
        client.force_login(django_user_model.objects.create_user("beperkt", is_staff=True))
        assert self.broken(client) == []
