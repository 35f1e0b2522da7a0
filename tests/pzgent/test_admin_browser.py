"""The admin in a browser: two schemes and widths without a fault for axe, and journeys by mouse and by keyboard."""

import datetime

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contact.models import Channel, Notice
from tests.make import make_channel, make_missing, make_notice, make_topic
from tests.pzgent.test_accessibility import AXE, TAGS, load
from tests.pzgent.test_admin_pages import MODELS, ONE_ONLY, _make_rows
from tests.thinning import THOROUGH, share

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LOOKS = (
    {"width": 360, "scheme": "light"},
    {"width": 1280, "scheme": "dark"},
    {"width": 1280, "scheme": "light"},
    {"width": 360, "scheme": "dark"},
)
OTHER_PAGES = (
    "/admin/",
    "/admin/password_change/",
    "/admin/totals/7/",
    "/admin/guide/",
    "/admin/contact/notice/quick/",
)


@pytest.fixture
def signed_in(chromium, live_server):
    """A function that opens a page of an administrator, and notes what the policy of the site refuses."""

    def open_page(**options):
        user = User.objects.create_superuser("baas", "a@b.be", "x")
        client = Client()
        client.force_login(user)
        context = chromium.new_context(base_url=live_server.url, **options)
        context.add_cookies(
            [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
        )
        page = context.new_page()
        page.refused = []
        page.on(
            "console",
            lambda message: page.refused.append(message.text) if "Content Security" in message.text else None,
        )
        return page

    return open_page


def addresses():
    """Every list and form; of some models in turn the pages that are alike for all; and the pages of no model."""
    for number, model in enumerate(MODELS):
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        row = model._default_manager.order_by("pk").first()
        yield reverse(f"{name}_changelist")
        if row is None:
            continue
        pages = ["history", *([] if model in ONE_ONLY else ["delete"])]
        for page in ("change", *share(pages, number, of=4)):
            yield reverse(f"{name}_{page}", args=[row.pk])
        if (model not in ONE_ONLY and number % 2) or THOROUGH:
            yield reverse(f"{name}_add")
    yield from OTHER_PAGES


def violations_on(page):
    """What axe finds wrong, by the same rules as on the public pages."""
    return page.evaluate(
        """async (tags) => {
            const options = {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']};
            const found = await axe.run(document, options);
            return found.violations.map((fault) => `${fault.id}: ${fault.nodes[0].html.slice(0, 200)}`);
        }""",
        TAGS,
    )


def test_axe_finds_nothing_on_any_page(signed_in):
    _make_rows()
    make_missing(MODELS)
    make_notice(title="Brug dicht")
    page = signed_in(bypass_csp=True)
    faults = {}
    for number, address in enumerate(addresses()):
        for look in share(LOOKS, number, of=4):
            # Before the page opens: colours that fade into each other cannot be judged.
            page.set_viewport_size({"width": look["width"], "height": 800})
            page.emulate_media(color_scheme=look["scheme"])
            page.goto(address)
            page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
            load(page, AXE)
            if found := violations_on(page):
                faults[address, *look.values()] = found
            if page.evaluate("document.documentElement.scrollWidth") > look["width"]:
                faults[address, look["width"]] = "wider than the screen"
    assert faults == {}


def test_no_page_does_what_the_policy_refuses(signed_in):
    make_channel(topic=make_topic())
    page = signed_in()
    for address in (
        *OTHER_PAGES,
        reverse("admin:contact_channel_changelist"),
        reverse("admin:contact_channel_add"),
    ):
        page.goto(address)
    assert page.refused == []


@pytest.mark.parametrize("way", ["mouse", "keyboard", "without script"])
def test_a_notice_is_published_and_ended_on_a_phone(signed_in, way):
    page = signed_in(viewport={"width": 360, "height": 740}, java_script_enabled=way != "without script")
    page.goto("/admin/")
    page.get_by_role("link", name="Dringend bericht plaatsen").press("Enter")
    publish = page.get_by_role("button", name="Nu op elke pagina zetten")
    box = publish.bounding_box()
    assert box["y"] + box["height"] <= 740
    page.get_by_label("Titel (Nederlands)").fill("Rook in de haven")
    page.get_by_label("Tekst (Nederlands)").fill("Blijf binnen.")
    if way == "keyboard":
        page.get_by_label("2 uur").press("ArrowRight")
        publish.press("Enter")
    else:
        page.get_by_text("vanavond 22 u.").click()
        publish.click()
    page.get_by_text("Deze lezers zien het in het Nederlands").wait_for()
    notice = Notice.objects.in_force().get()
    assert timezone.localtime(notice.ends).time() == datetime.time(22)
    stop = page.get_by_role("button", name="Nu stoppen")
    stop.press("Enter") if way == "keyboard" else stop.click()
    page.get_by_text("staat op geen enkele pagina meer").wait_for()
    assert not Notice.objects.in_force().exists()


def test_a_choice_that_searches_is_named_and_shows_the_whole_path(signed_in):
    topic = make_topic(
        title="Een onderwerp met een naam die veel langer is dan het vak waarin ze gekozen wordt"
    )
    channel = make_channel(topic=topic)
    page = signed_in(viewport={"width": 360, "height": 740})
    page.goto(reverse("admin:contact_channel_change", args=[channel.pk]))
    choice = page.get_by_role("combobox", name="Onderwerp")
    choice.wait_for()
    shown = page.locator("#select2-id_topic-container")
    assert shown.evaluate("(part) => part.scrollWidth <= part.clientWidth")
    assert Channel.objects.get().topic == topic
    assert admin.site.is_registered(Channel)


def test_a_refused_form_opens_at_its_first_wrong_field(signed_in):
    topic = make_topic(need="Ik wil aangifte doen")
    page = signed_in(viewport={"width": 1280, "height": 500})
    page.goto(reverse("admin:contact_topic_change", args=[topic.pk]))
    page.locator("#id_need").fill("Ik wil een aangifte doen")
    page.locator("[name=_working_copy]").click()
    page.locator("[name=schedule]").click()
    wrong = page.locator("[name=publish_at_0]")
    assert wrong.evaluate("(field) => field === document.activeElement")
    assert 0 <= wrong.bounding_box()["y"] <= 500


def test_lists_and_what_one_compares_fit_the_narrowest_phone(signed_in):
    topic = make_topic(need="Ik zoek een spreker over veiligheid voor onze seniorenvereniging")
    page = signed_in(viewport={"width": 320, "height": 700})
    page.goto(reverse("admin:contact_topic_change", args=[topic.pk]))
    page.locator("#id_need").fill("Verantwoordelijkheidsverklaring en ondervraging")
    page.locator("[name=_working_copy]").click()
    page.locator(".differences").wait_for()
    for address in (page.url, "/admin/account/security/", reverse("admin:contact_topic_changelist")):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
