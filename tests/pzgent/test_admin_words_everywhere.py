"""No English on any page of the admin, those of no model included."""

import pytest
from django.contrib.auth.models import User

from tests.pzgent import test_admin_rights as rights
from tests.pzgent import test_admin_words as words

pytestmark = pytest.mark.django_db
# They answer with a file, with JSON or with a script, or show the site itself.
NO_PAGES = {
    "export", "import_template", "file", "autocomplete", "find_links", "jargon", "jsi18n", "preview", "preview_page",
    "view_on_site",
}  # fmt: skip
every_row, dutch = rights.site, words.dutch


def test_no_other_page_says_anything_in_english(every_row, client, dutch):
    client.force_login(User.objects.create_superuser("baas", "", "x"))
    found, seen = {}, 0
    for route in rights.admin_routes():
        if rights.page_of(route)[1] in NO_PAGES:
            continue
        answer = client.get(next(iter(rights.questions(route, every_row))))
        if answer.status_code == 200:
            seen += 1
            found[route.name] = words.english_on(answer.content.decode(), dutch)
    assert {name: texts for name, texts in found.items() if texts} == {}
    assert seen > 100
