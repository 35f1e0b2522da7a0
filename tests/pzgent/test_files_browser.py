"""Uploads of somebody with few rights, opened in a browser by somebody with all of them; and behind a real nginx."""

import os
import shutil
import subprocess
import urllib.error
import urllib.request

import pytest
from django.conf import settings as configured
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from organisation.models import Document
from tests.browser import form_data
from tests.front import free_port, wait_for_port
from tests.make import make_document, make_shown_unit
from tests.uploads import CARRIERS, GOOD, HOSTILE, SCRIPT, image, office, pdf

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
POLICY = "sandbox; default-src 'none'"
# Each is tried as an upload; some are accepted, and none may run.
TRIED = {
    **HOSTILE,
    **CARRIERS,
    **GOOD,
    "docx with a picture that is a page": office(parts=[("word/media/i.png", SCRIPT)]),
}
# What the field never accepts, as it may lie on disk since before.
PLANTED = {"documents/x.html": SCRIPT, "documents/e.js": b"window.ran = 1", "documents/x.svg": HOSTILE["svg"]}


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def add_as_editor(django_user_model, contents):
    """What somebody who may only add documents gets past the form."""
    user = django_user_model.objects.create_user("beperkt", is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(codename__in=["add_document", "view_document", "publish", "publish_solo"])
    )
    client, page = Client(), reverse("admin:organisation_document_add")
    client.force_login(user)
    for name, content in contents.items():
        blank, file = form_data(client.get(page)), ContentFile(content, "plan.pdf")
        client.post(page, {**blank, "title": name, "status": "published", "access": "public", "file": file})
    return list(Document.objects.exclude(file=""))


def test_no_upload_runs_a_script_for_a_superuser(
    chromium, live_server, admin_client, django_user_model, folder
):
    documents = add_as_editor(django_user_model, TRIED)
    assert {document.title for document in documents} == {
        *CARRIERS, *GOOD, "docx with a picture that is a page",
    }  # fmt: skip
    for name, content in PLANTED.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
        documents.append(make_document(file=name))
    context = chromium.new_context(accept_downloads=True)
    session = admin_client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": f"{live_server.url}/admin"}])
    asked = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    addresses = [
        address
        for document in documents
        for address in (
            reverse("file", args=["document", document.pk, "file"]),
            reverse("admin:organisation_document_file", args=[document.pk, "file"]),
        )
    ]
    assert {ask(live_server.url + address)[0] for address in addresses[::2]} == {200}
    for address in addresses:
        _open(page, live_server.url + address)
        assert page.evaluate("[window.name, window.ran ?? '']") == ["", ""], address
    # Named as a script by another page of the site, each is refused.
    page.goto(f"{live_server.url}/over")
    loaded = page.evaluate(
        "addresses => Promise.all(addresses.map(address => new Promise(done => {"
        "const tag = document.createElement('script'); tag.src = address;"
        "tag.onload = () => done(address); tag.onerror = () => done(''); document.head.append(tag); })))",
        addresses[::2],
    )
    assert not any(loaded)
    assert not [url for url in asked if url.endswith("/e.js")]


def _open(page, address):
    """Go to an address; what is downloaded leaves the page where it was."""
    try:
        page.goto(address)
    except Exception as error:
        if "download" not in str(error).lower() and "ERR_ABORTED" not in str(error):
            raise


def test_a_logo_is_shown_on_the_page(chromium, live_server):
    unit = make_shown_unit(logo=ContentFile(image(size=(90, 30)), "x.png"), logo_alt="een ster")
    page = chromium.new_page()
    page.goto(live_server.url + unit.get_absolute_url())
    assert page.eval_on_selector("img.logo", "image => [image.complete, image.naturalWidth]") == [True, 90]


# --- nginx -------------------------------------------------------------------------------------------


@pytest.fixture
def nginx(live_server, settings, folder, tmp_path_factory):
    """The address of nginx in front of the site, with the locations of `deploy/`."""
    settings.FILES_ACCEL_ROOT = "/_files"
    home, port = tmp_path_factory.mktemp("nginx"), free_port()
    locations = (configured.BASE_DIR / "deploy" / "nginx-locations.conf").read_text()
    places = {"/var/lib/pzgent/media": str(folder), "/srv/pzgent/current": str(configured.BASE_DIR)}
    for old, new in places.items():
        locations = locations.replace(old, new)
    upstream = (
        f"limit_req_zone $server_name zone=asking:1m rate=999r/s; map $uri $emergency_page {{ default nl.html; }}\n"
        f"upstream pzgent {{ server {live_server.url.removeprefix('http://')}; }}"
    )
    user = "user root root;" if os.geteuid() == 0 else ""
    temporary = " ".join(
        f"{name}_temp_path {home / name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (home / "nginx.conf").write_text(
        f"{user} daemon off; worker_processes 1; pid {home / 'pid'}; error_log {home / 'error.log'};\n"
        f"events {{}}\nhttp {{ access_log off; {temporary}\n{upstream}\n"
        f"server {{ listen 127.0.0.1:{port};\n{locations}\n}} }}\n"
    )
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    server = subprocess.Popen([program, "-p", home, "-c", home / "nginx.conf", "-e", home / "error.log"])
    try:
        wait_for_port(port, server, home / "error.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)


def ask(url, **headers):
    """The status, the headers and the body of an answer."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def test_nginx_sends_only_what_the_site_permits(nginx):
    document = make_document(slug="plan", file=ContentFile(pdf(), "x"))
    draft = make_document(status="draft", file=ContentFile(GOOD["docx"], "x"))
    address = nginx + reverse("file", args=["document", document.pk, "file"])
    status, headers, content = ask(address)
    assert (status, content) == (200, pdf())
    assert headers["Content-Type"] == "application/pdf"
    assert headers["Content-Disposition"] == 'inline; filename="plan.pdf"'
    assert headers.get_all("Content-Security-Policy") == [POLICY]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "public, max-age=60, must-revalidate"
    assert "X-Accel-Redirect" not in headers
    assert ask(address, **{"If-None-Match": headers["ETag"]})[0] == 304
    assert ask(address, Range="bytes=0-4")[::2] == (206, b"%PDF-")
    assert ask(nginx + reverse("file", args=["document", draft.pk, "file"]))[0] == 404
    for name in (document.file.name, draft.file.name):
        assert {
            ask(f"{nginx}{root}{name}")[0] for root in ("/_files/", "/media/", "/", "/_files/../_files/")
        } == {404}
    document.status = "withdrawn"
    document.save()
    assert ask(address, **{"If-None-Match": headers["ETag"]})[0] == 410
