"""Uploaded files: what is accepted, who may read it, under which headers, and what stays on disk."""

import contextlib
import datetime
import importlib
import io
import os
import re
import threading
import time
import uuid

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from organisation.models import Document, Unit
from pzgent.kernel.files import DOCUMENTS, IMAGES, check
from pzgent.kernel.files.records import PublishedFile
from pzgent.kernel.versions.models import Version
from pzgent.worker import bring_up_to_date
from tests.browser import form_data
from tests.make import (
    make_document,
    make_hidden_place,
    make_organogram,
    make_placement,
    make_shown_unit,
    make_unit,
)
from tests.uploads import (
    CARRIERS,
    GOOD,
    HOSTILE,
    SCRIPT,
    SVG,
    image,
    jpeg_with_secrets,
    loading,
    office,
    pdf,
    wide_png,
)

HOUR = datetime.timedelta(hours=1)
NAME = re.compile(r"files/[0-9a-f]{32}\.[a-z]+")
POLICY = "sandbox; default-src 'none'"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    """Where uploads go in this test."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def on_disk(folder):
    """The names of all files on disk."""
    return lambda: sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def committing(django_capture_on_commit_callbacks):
    """Runs what waits for the end of a transaction."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def upload(content=GOOD["pdf"], name="bestand.pdf"):
    return SimpleUploadedFile(name, content)


def with_file(content=GOOD["pdf"], **changes):
    return make_document(file=upload(content), **changes)


def address(owner, field="file"):
    return reverse("file", args=[owner._meta.model_name, owner.pk, field])


def body(answer):
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def refusal_of(content, accepts=DOCUMENTS):
    with pytest.raises(ValidationError) as refusal:
        check(upload(content), accepts)
    return refusal.value


# --- What is accepted --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", GOOD)
@pytest.mark.parametrize("name", ["x", "x.exe", "x.html"])
def test_a_file_is_known_by_its_content_whatever_it_is_called(kind, name):
    assert check(upload(GOOD[kind], name), DOCUMENTS).kind.value == kind


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("name", ["plan.pdf", "logo.png"])
def test_a_hostile_file_is_refused_with_a_sentence(content, name):
    refusal = refusal_of(content)
    assert refusal.messages[0].endswith(".")
    assert len(refusal.messages[0]) > 30


@pytest.mark.parametrize("kind", sorted(set(GOOD) - {"png", "jpg", "webp"}))
def test_a_field_for_pictures_takes_nothing_else(kind):
    assert refusal_of(GOOD[kind], IMAGES).code == "not_accepted"


@pytest.mark.parametrize("kind", CARRIERS)
def test_of_a_picture_only_the_picture_is_kept(kind):
    kept = check(upload(CARRIERS[kind]), IMAGES).read()
    assert SCRIPT[-20:] not in kept
    assert b"PK\x03\x04" not in kept


def test_a_template_on_the_writers_own_disk_is_harmless():
    assert (
        check(upload(loading("attachedTemplate", "file:///C:\\Sjablonen\\brief.dotx")), DOCUMENTS).kind.value
        == "docx"
    )
    assert check(upload(loading("hyperlink", "https://gent.be")), DOCUMENTS).kind.value == "docx"


def test_a_picture_loses_its_metadata_and_stands_upright():
    kept = check(upload(jpeg_with_secrets()), IMAGES).read()
    assert b"SECRET" in jpeg_with_secrets()
    assert not any(word in kept for word in (b"SECRET", b"Exif", b"xmpmeta"))
    with Image.open(io.BytesIO(kept)) as picture:
        assert picture.size == (20, 60)
        assert set(picture.info) <= {
            "jfif",
            "jfif_version",
            "jfif_unit",
            "jfif_density",
            "progressive",
            "progression",
        }


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
def test_no_kind_of_picture_keeps_metadata(kind):
    exif, notes = Image.Exif(), PngInfo()
    exif[0x010F] = "SECRET maker"
    notes.add_text("note", "SECRET text")
    sent = image(kind, exif=exif, xmp=b"SECRET xmp", pnginfo=notes, comment=b"SECRET comment")
    assert b"SECRET" in sent
    assert b"SECRET" not in check(upload(sent), IMAGES).read()


def test_a_photo_with_a_second_picture_inside_is_taken():
    output = io.BytesIO()
    first, second = (Image.new("RGB", (8, 8), colour) for colour in ("red", "blue"))
    first.save(output, "MPO", save_all=True, append_images=[second])
    kept = check(upload(output.getvalue()), IMAGES)
    with Image.open(kept) as picture:
        assert (kept.kind.value, picture.format, getattr(picture, "n_frames", 1)) == ("jpg", "JPEG", 1)


def test_the_colours_of_a_profile_are_kept_without_it():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    kept = check(upload(image(icc_profile=lab, pnginfo=None)), IMAGES).read()
    with Image.open(io.BytesIO(kept)) as picture:
        assert picture.info == {}
        assert picture.getpixel((0, 0)) == (10, 90, 200)


def test_a_broken_profile_does_not_matter():
    assert check(upload(image(icc_profile=b"geen profiel")), IMAGES).kind.value == "png"


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_pictures_of_every_mode_are_taken(mode):
    with Image.open(check(upload(image(mode=mode)), IMAGES)) as picture:
        assert picture.mode in ("L", "RGB", "RGBA")


def test_a_picture_in_the_colours_of_print_is_taken():
    with Image.open(check(upload(image("JPEG", mode="CMYK")), IMAGES)) as picture:
        assert picture.mode == "RGB"


def test_a_large_picture_is_made_smaller():
    with Image.open(check(upload(image(size=(3_000, 1_500))), IMAGES, 1_200)) as picture:
        assert picture.size == (1_200, 600)


def test_too_large_a_picture_is_refused_before_it_is_decoded(monkeypatch):
    monkeypatch.setattr(Image.Image, "load", lambda *_: pytest.fail("decoded"))
    refusal = refusal_of(wide_png(9_000, 9_000), IMAGES)
    assert (refusal.code, "40" in refusal.messages[0]) == ("too_many_pixels", True)


def test_too_large_a_file_is_refused(monkeypatch):
    monkeypatch.setattr("pzgent.kernel.files.checking.LARGEST_DOCUMENT", 100)
    monkeypatch.setattr("pzgent.kernel.files.checking.LARGEST_IMAGE", 50)
    assert {refusal_of(GOOD[kind]).code for kind in ("pdf", "docx", "png")} == {"too_large"}


def test_an_office_file_with_too_many_parts_is_refused(monkeypatch):
    monkeypatch.setattr("pzgent.kernel.files.office.MOST_PARTS", 3)
    assert (
        refusal_of(office(parts=[(f"word/{number}.xml", "x") for number in range(4)])).code
        == "too_large_unpacked"
    )


@settings(max_examples=150, deadline=None)
@given(data=st.data(), kind=st.sampled_from(sorted(GOOD)))
def test_a_damaged_file_is_taken_or_refused_but_breaks_nothing(data, kind):
    content = bytearray(GOOD[kind])
    for _change in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    with contextlib.suppress(ValidationError):
        assert check(upload(bytes(content)), DOCUMENTS).kind in DOCUMENTS


# --- The field ---------------------------------------------------------------------------------------


def test_a_name_on_disk_cannot_be_guessed(db, on_disk):
    first, second = with_file(slug="a"), with_file(slug="b")
    assert all(NAME.fullmatch(document.file.name) for document in (first, second))
    assert first.file.name != second.file.name
    assert on_disk() == sorted([first.file.name, second.file.name])


@pytest.mark.parametrize(
    "name", ["../../x.pdf", "/etc/passwd", "a\\b.pdf", "x" * 300 + ".pdf", "bidi\u202efdp.exe"]
)
def test_the_name_of_an_upload_does_not_matter(db, name, on_disk):
    document = make_document(file=ContentFile(GOOD["pdf"], name))
    assert on_disk() == [document.file.name]
    assert NAME.fullmatch(document.file.name)


def test_no_way_into_the_field_passes_the_check(db, on_disk):
    with pytest.raises(ValidationError):
        with_file(SVG)
    with pytest.raises(ValidationError):
        make_unit(logo=upload(GOOD["pdf"]), logo_alt="x")
    with pytest.raises(ValidationError):
        with_file().file.save("x.pdf", ContentFile(SCRIPT))
    with pytest.raises(ValidationError), transaction.atomic():
        Document.objects.bulk_create([Document(slug="x", title="x", file=upload(SVG))])
    assert len(on_disk()) == 1


def test_files_are_not_readable_by_others_on_the_machine(db, folder):
    document = with_file()
    assert (folder / document.file.name).stat().st_mode & 0o777 == 0o640
    assert (folder / "files").stat().st_mode & 0o777 == 0o750


def test_a_replaced_file_goes_from_disk_after_the_commit(db, on_disk, committing):
    with committing():
        document = with_file()
    old = document.file.name
    with committing():
        document.file = upload(GOOD["png"])
        document.save()
        assert old in on_disk()
    assert on_disk() == [document.file.name]


def test_a_cleared_file_goes_from_disk(db, on_disk, committing):
    with committing():
        document = with_file()
    with committing():
        document.file = ""
        document.save()
    assert on_disk() == []


def test_a_detached_file_goes_from_disk(db, on_disk, committing):
    with committing():
        document = with_file()
    with committing():
        document.file.delete()
        assert len(on_disk()) == 1
    assert (on_disk(), Document.objects.get().file.name) == ([], "")


@pytest.mark.parametrize("delete", [lambda row: row.delete(), lambda _row: Document.objects.all().delete()])
def test_a_deleted_file_goes_from_disk(db, on_disk, committing, delete):
    with committing():
        document = with_file()
    with committing():
        delete(document)
        assert len(on_disk()) == 1
    assert on_disk() == []


def test_saving_other_fields_leaves_the_file(db, on_disk, committing):
    with committing():
        document = with_file()
    with committing():
        document.title = "Anders"
        document.save(update_fields=["title"])
        Document.objects.get().save()
    assert on_disk() == [document.file.name]


def test_a_file_that_another_row_names_stays(db, on_disk, committing):
    with committing():
        document = with_file()
        make_document(file=document.file.name)
    with committing():
        document.delete()
    assert len(on_disk()) == 1
    with committing():
        Document.objects.all().delete()
    assert on_disk() == []


class Undone(Exception):
    """Ends a transaction."""


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.django_db(transaction=True)
def test_an_undone_replacement_leaves_the_old_file_alone(on_disk, nested):
    document = with_file()
    old = document.file.name

    def replace():
        with transaction.atomic():
            document.file = upload(GOOD["png"])
            document.save()
            assert len(on_disk()) == 2
            raise Undone

    with transaction.atomic():
        if nested:
            with pytest.raises(Undone):
                replace()
    if not nested:
        with pytest.raises(Undone):
            replace()
    assert (on_disk(), Document.objects.get().file.name) == ([old], old)


@pytest.mark.django_db(transaction=True)
def test_a_file_stays_when_something_else_fails_after_the_commit(on_disk):
    def fail():
        raise Undone

    def store():
        with transaction.atomic():
            transaction.on_commit(fail)
            with_file()

    with pytest.raises(Undone):
        store()
    assert on_disk() == [Document.objects.get().file.name]


@pytest.mark.django_db(transaction=True)
def test_an_undone_deletion_leaves_the_file(on_disk):
    document = with_file()

    def delete():
        with transaction.atomic():
            document.delete()
            raise Undone

    with pytest.raises(Undone):
        delete()
    assert on_disk() == [Document.objects.get().file.name]


@pytest.mark.once
@pytest.mark.django_db(transaction=True)
def test_two_who_replace_a_file_at_once_leave_one(on_disk):
    key, start = with_file().pk, threading.Barrier(2)

    def replace(content):
        document = Document.objects.get(pk=key)
        start.wait(10)
        document.file = upload(content)
        document.save()
        connection.close()

    threads = [threading.Thread(target=replace, args=[GOOD[kind]]) for kind in ("png", "docx")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    # Both replaced the same old file; what the first of them wrote, nobody names: the sweep finds it.
    assert Document.objects.get().file.name in on_disk()
    for name in set(on_disk()) - {Document.objects.get().file.name}:
        age(Document.objects.get().file.storage.path(name))
    call_command("remove_unused_files", verbosity=0, stdout=io.StringIO())
    assert on_disk() == [Document.objects.get().file.name]


def age(path):
    """Make a file look two days old."""
    os.utime(path, (time.time() - 2 * 86_400,) * 2)


def test_the_sweep_removes_only_what_is_old_and_unused(db, folder, on_disk):
    document = with_file()
    for name in ("documents/oud.pdf", "logos/oud.svg", "files/0.pdf", "files/nieuw.pdf"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"x")
    for name in ("documents/oud.pdf", "logos/oud.svg", "files/0.pdf", document.file.name):
        age(folder / name)
    output = io.StringIO()
    call_command("remove_unused_files", stdout=output)
    assert on_disk() == sorted([document.file.name, "files/nieuw.pdf"])
    assert "3" in output.getvalue()


# --- Who may read it ---------------------------------------------------------------------------------

LATER, EARLIER = timezone.now() + HOUR, timezone.now() - HOUR
HIDDEN = {
    "draft": {"status": "draft"},
    "withdrawn": {"status": "withdrawn"},
    "later": {"publish_from": LATER},
    "over": {"publish_until": EARLIER},
    "staff": {"access": "internal"},
}


def test_a_published_file_is_there(db, client):
    document = with_file(slug="zonaal-veiligheidsplan")
    answer = client.get(address(document))
    assert (answer.status_code, body(answer)) == (200, GOOD["pdf"])
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'inline; filename="zonaal-veiligheidsplan.pdf"'


@pytest.mark.parametrize("changes", HIDDEN.values(), ids=HIDDEN)
@pytest.mark.parametrize("method", ["get", "head"])
def test_what_never_was_public_does_not_exist(db, client, changes, method):
    answer = getattr(client, method)(address(with_file(**changes)))
    assert answer.status_code == 404
    assert GOOD["pdf"][:20] not in answer.content


@pytest.mark.parametrize("changes", HIDDEN.values(), ids=HIDDEN)
def test_no_trick_gets_a_byte_of_what_is_hidden(db, client, changes):
    document = with_file(slug="geheim", **changes)
    name = document.file.name
    paths = [
        address(document),
        f"/fr{address(document)}",
        f"{address(document)}/",
        f"{address(document)}?lang=nl",
    ]
    paths += [
        f"{root}{name}"
        for root in ("/", "/media/", "/static/", "/_files/", "/static/../media/", "/bestanden/")
    ]
    paths += [staff_address(document), "/bestanden/document/geheim/file", "/documenten/geheim", "/documenten"]
    tricks = [{}, {"Range": "bytes=0-"}, {"If-None-Match": "*"}, {"X-Accel-Redirect": f"/_files/{name}"}]
    for path in paths:
        for trick in tricks:
            answer = client.get(path, headers=trick)
            assert b"%PDF" not in body(answer)
            assert answer.headers.get("Content-Type", "text/html").startswith("text/html")


@pytest.mark.parametrize("changes", HIDDEN.values(), ids=HIDDEN)
def test_what_was_public_is_gone(db, client, changes):
    document = with_file()
    for name, value in changes.items():
        setattr(document, name, value)
    document.save()
    answer = client.get(address(document))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (410, "no-store")


def test_a_deleted_file_that_was_public_is_gone_and_another_is_not(db, client):
    shown, draft = with_file(), with_file(status="draft")
    addresses = [address(shown), address(draft)]
    Document.objects.all().delete()
    assert [client.get(item).status_code for item in addresses] == [410, 404]


def test_a_cleared_file_that_was_public_is_gone(db, client):
    document = with_file()
    document.file = ""
    document.save()
    assert client.get(address(document)).status_code == 410


def test_what_was_read_before_the_end_of_its_time_is_gone_after_it(db, client):
    document = make_document(status="draft", file=upload())
    Document.objects.update(status="published")
    assert client.get(address(document)).status_code == 200
    Document.objects.update(publish_until=EARLIER)
    assert client.get(address(document)).status_code == 410


@pytest.mark.parametrize(
    "path",
    [
        "/bestanden/document/00000000-0000-0000-0000-000000000000/file",
        "/bestanden/document/x/file",
        "/bestanden/user/00000000-0000-0000-0000-000000000000/password",
        "/bestanden/document/00000000-0000-0000-0000-000000000000/title",
        "/media/documents/a.pdf",
        "/files/a.pdf",
    ],
)
def test_nothing_else_has_an_address(db, client, path):
    assert client.get(path).status_code == 404


def test_neither_old_names_nor_names_on_disk_are_served(db, client):
    document = with_file()
    assert {
        client.get(f"{root}{document.file.name}").status_code for root in ("/", "/media/", "/bestanden/")
    } == {404}


def test_a_file_missing_from_disk_is_not_found(db, client, folder, caplog):
    document = with_file()
    (folder / document.file.name).unlink()
    assert client.get(address(document)).status_code == 404
    assert "missing" in caplog.text


def test_files_cannot_be_written_to(db, client):
    assert client.post(address(with_file())).status_code == 405


def with_logo(**changes):
    return {"logo": upload(GOOD["png"]), "logo_alt": "een ster", **changes}


def test_a_logo_shows_with_its_unit(db, client):
    unit = make_shown_unit(**with_logo())
    html = client.get(unit.get_absolute_url()).content.decode()
    assert f'<img class="logo" src="{address(unit, "logo")}" alt="een ster">' in html
    assert client.get(address(unit, "logo")).headers["Content-Type"] == "image/png"


@pytest.mark.parametrize("level", ["listed", "withheld"])
def test_a_logo_of_a_unit_without_a_page_does_not_exist(db, client, level):
    unit = make_shown_unit(**with_logo(publication_level=level))
    assert client.get(address(unit, "logo")).status_code == 404


def test_of_a_unit_that_is_withheld_now_nothing_is_told(db, client):
    unit = make_shown_unit(**with_logo())
    unit.publication_level = "withheld"
    unit.save()
    assert PublishedFile.objects.count() == 1
    assert client.get(address(unit, "logo")).status_code == 404


def test_a_logo_below_a_withheld_unit_does_not_exist(db, client):
    place = make_hidden_place(unit=make_unit(status="draft", **with_logo()))
    Unit.objects.filter(pk=place.unit.pk).update(status="published")
    assert client.get(address(place.unit, "logo")).status_code == 404


def test_of_a_unit_that_something_above_hides_now_nothing_is_told(db, client):
    top = make_placement(make_organogram())
    middle = make_placement(top.organogram, top)
    unit = make_placement(top.organogram, middle, unit=make_unit(**with_logo())).unit
    assert client.get(address(unit, "logo")).status_code == 200
    Unit.objects.filter(pk=middle.unit.pk).update(publication_level="withheld")
    assert client.get(address(unit, "logo")).status_code == 404


def test_a_withdrawn_unit_whose_logo_was_public_is_gone(db, client):
    unit = make_shown_unit(**with_logo())
    unit.status = "withdrawn"
    unit.save()
    assert client.get(address(unit, "logo")).status_code == 410


# --- Under which headers -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", GOOD)
def test_each_kind_has_its_headers(db, client, kind):
    answer = client.get(address(with_file(GOOD[kind], slug="x")))
    shown = "inline" if kind in ("pdf", "png", "jpg", "webp") else "attachment"
    assert answer.headers["Content-Disposition"] == f'{shown}; filename="x.{kind}"'
    assert answer.headers["Content-Type"].startswith(("application/pdf", "application/vnd.o", "image/"))
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "Set-Cookie" not in answer.headers
    assert int(answer.headers["Content-Length"]) == len(body(answer))


@pytest.mark.parametrize(
    "name", ["documents/e.js", "documents/x.html", "documents/x.pdf", "logos/x.svg", "files/x.pdf"]
)
def test_what_never_was_checked_is_only_downloaded(db, client, folder, name):
    (folder / name).parent.mkdir()
    (folder / name).write_bytes(SCRIPT)
    answer = client.get(address(make_document(slug="x", file=name)))
    assert (answer.headers["Content-Type"], body(answer)) == ("application/octet-stream", SCRIPT)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="x.bin"'
    assert answer.headers["Content-Security-Policy"] == POLICY


def test_a_name_on_disk_stands_in_no_header(db, client):
    document = with_file()
    token = document.file.name.split("/")[1].split(".")[0]
    assert token not in str(client.get(address(document)).headers)


def test_an_unchanged_file_is_not_sent_again(db, client):
    document = with_file()
    first = client.get(address(document))
    body(first)
    again = client.get(address(document), headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    # A browser replaces the headers that it kept by those of the 304.
    assert again.headers["Content-Security-Policy"] == POLICY
    assert (
        again.headers["Cache-Control"]
        == first.headers["Cache-Control"]
        == "public, max-age=60, must-revalidate"
    )


def test_a_withdrawn_file_is_not_confirmed(db, client):
    document = with_file()
    tag = client.get(address(document)).headers["ETag"]
    document.status = "withdrawn"
    document.save()
    assert client.get(address(document), headers={"If-None-Match": tag}).status_code == 410


def test_a_replaced_file_has_another_tag(db, client):
    document = with_file()
    tag = client.get(address(document)).headers["ETag"]
    document.file = upload(GOOD["png"])
    document.save()
    answer = client.get(address(document), headers={"If-None-Match": tag})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")


def test_head_tells_the_same_without_the_bytes(db, client):
    document = with_file()
    got, told = client.get(address(document)), client.head(address(document))
    body(got)
    assert (told.status_code, body(told)) == (200, b"")
    for name in ("Content-Type", "Content-Length", "ETag", "Content-Disposition", "Content-Security-Policy"):
        assert told.headers[name] == got.headers[name]


def test_a_file_is_not_compressed_on_its_way(db, client):
    large = pdf(lambda writer: [writer.add_blank_page(200, 200) for _ in range(20)])
    answer = client.get(address(with_file(large)), headers={"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in answer.headers
    assert body(answer) == large


def test_the_proxy_sends_the_bytes_when_it_is_told_to(db, client, settings):
    settings.FILES_ACCEL_ROOT = "/_files"
    document, draft = with_file(slug="x"), with_file(status="draft")
    answer = client.get(address(document))
    assert answer.headers["X-Accel-Redirect"] == f"/_files/{document.file.name}"
    assert (answer.content, answer.headers["Content-Type"]) == (b"", "application/pdf")
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert "X-Accel-Redirect" not in client.get(address(draft)).headers


# --- No other output leads past the view -------------------------------------------------------------


def test_no_output_names_a_file_on_disk(db, client):
    document, unit = with_file(slug="d"), make_shown_unit(**with_logo())
    tokens = [name.split("/")[1].split(".")[0] for name in (document.file.name, unit.logo.name)]
    paths = [
        "/documenten", unit.get_absolute_url(),
        "/api/v1/documents", "/api/v1/documents/d", f"/api/v1/units/{unit.slug}",
        "/api/v1/changes?after=0", "/api/v1/exports/organisation.json", "/api/v1/exports/documents.csv",
        "/sitemap-eenheden.xml", "/feeds/wijzigingen.atom", "/open-data/catalog.jsonld", f"/zoeken?q={document.title}",
    ]  # fmt: skip
    bring_up_to_date()
    for path in paths:
        text = body(client.get(path)).decode()
        assert not any(token in text for token in (*tokens, "/media/")), path
    assert client.get("/api/v1/documents/d").json()["fileUrl"] == f"http://testserver{address(document)}"
    assert f'href="{address(document)}"' in client.get("/documenten").content.decode()


# --- The admin ---------------------------------------------------------------------------------------


@pytest.fixture
def editor(client, django_user_model):
    """Logs in somebody with these rights only."""

    def log_in(*rights):
        user = django_user_model.objects.create_user(f"user-{User.objects.count()}", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=rights))
        client.force_login(user)
        return client

    return log_in


def page_of(row):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def staff_address(row, field="file"):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_file", args=[row.pk, field])


def save(client, row, **changes):
    return client.post(page_of(row), form_data(client.get(page_of(row)), **changes))


def test_staff_read_a_draft_in_the_admin_only(db, editor):
    document = with_file(status="draft", slug="geheim")
    client = editor("view_document")
    answer = client.get(staff_address(document))
    assert (answer.status_code, body(answer)) == (200, GOOD["pdf"])
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert {"private", "no-store"} <= set(answer.headers["Cache-Control"].split(", "))
    assert client.get(address(document)).status_code == 404
    assert "Cookie" not in client.get(address(document)).headers.get("Vary", "")


def test_rights_on_something_else_do_not_open_a_file(db, editor, client):
    document = with_file()
    client.logout()
    assert client.get(staff_address(document)).status_code == 302
    assert editor("view_unit", "add_document").get(staff_address(document)).status_code == 403


@pytest.mark.parametrize("field", ["title", "slug", "x", "objects"])
def test_only_files_have_an_address_in_the_admin(db, admin_client, field):
    assert admin_client.get(staff_address(with_file(), field)).status_code == 404


def test_no_file_has_no_address_in_the_admin(db, admin_client):
    assert admin_client.get(staff_address(make_document())).status_code == 404
    unknown = make_document(pk=uuid.uuid4())
    path = staff_address(unknown)
    unknown.delete()
    assert admin_client.get(path).status_code in (403, 404)


@pytest.mark.parametrize("right", ["view_document", "change_document"])
def test_the_form_leads_to_the_file_for_staff(db, editor, right):
    document = with_file(status="draft", slug="plan")
    html = editor(right).get(page_of(document)).content.decode()
    assert f'<a href="{staff_address(document)}">plan.pdf (' in html
    assert document.file.name not in html
    assert address(document) not in html


@pytest.mark.parametrize(
    "content", [SCRIPT, SVG, HOSTILE["docm"], HOSTILE["pdf with a script"], HOSTILE["wide png"]]
)
def test_the_form_refuses_with_a_sentence_in_dutch(db, editor, content, on_disk):
    document = make_document(status="draft")
    answer = save(editor("change_document"), document, file=upload(content))
    (sentence,) = answer.context["adminform"].form.errors["file"]
    assert answer.status_code == 200
    assert re.search(r"\b(bestand|afbeelding|pdf)\b", sentence, re.I)
    assert on_disk() == []


def test_the_form_takes_replaces_and_clears_a_file(db, editor, on_disk, committing):
    document, client = make_document(status="draft"), editor("change_document")
    names = []
    for kind in ("docx", "png"):
        with committing():
            assert save(client, document, file=upload(GOOD[kind], "raar.html")).status_code == 302
        document.refresh_from_db()
        names.append(document.file.name)
        assert document.file.kind.value == kind
    with committing():
        save(client, document, **{"file-clear": "on"})
    document.refresh_from_db()
    assert (document.file.name, on_disk()) == ("", sorted(names)), "the versions need their files"


def test_deleting_in_bulk_in_the_admin_keeps_the_files_while_the_bin_needs_them(
    db, admin_client, on_disk, committing, monkeypatch
):
    with committing():
        rows = [with_file(status="draft"), with_file(GOOD["png"], status="draft")]
    names = sorted(row.file.name for row in rows)
    data = {"action": "delete_selected", "_selected_action": [str(row.pk) for row in rows], "post": "yes"}
    with committing():
        admin_client.post(reverse("admin:organisation_document_changelist"), data)
    assert (Document.objects.count(), on_disk()) == (0, names)
    assert LogEntry.objects.count() == 2
    monkeypatch.setattr("pzgent.management.commands.remove_unused_files.GRACE", -datetime.timedelta(hours=1))
    call_command("remove_unused_files", stdout=io.StringIO())
    assert on_disk() == names
    Version.objects.all().delete()
    call_command("remove_unused_files", stdout=io.StringIO())
    assert on_disk() == []


# --- Files from before -------------------------------------------------------------------------------


def bring_over():
    step = importlib.import_module("organisation.migrations.0005_checked_files")
    with connection.schema_editor() as editor:
        step.check_stored(apps, editor)


@pytest.mark.django_db(transaction=True)
def test_files_from_before_get_names_that_cannot_be_guessed(client, folder, on_disk, caplog):
    old = {"documents/plan.pdf": GOOD["pdf"], "documents/e.js": b"alert(1)", "logos/ster.svg": SVG}
    for name, content in old.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    plan = make_document(slug="plan", file="documents/plan.pdf")
    script = make_document(slug="e", file="documents/e.js")
    missing = make_document(slug="weg", file="documents/weg.pdf")
    unit = make_shown_unit(slug="ster", logo="logos/ster.svg", logo_alt="een ster")
    kept = with_file()
    bring_over()
    for row in (plan, script, missing, unit):
        row.refresh_from_db()
    assert [bool(NAME.fullmatch(name)) for name in on_disk()] == [True] * 4
    assert (missing.file.name, kept.file.name in on_disk()) == ("documents/weg.pdf", True)
    assert body(client.get(address(plan))) == GOOD["pdf"]
    for row, field in ((script, "file"), (unit, "logo")):
        answer = client.get(address(row, field))
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment")
        body(answer)
    assert (
        "<img"
        not in client.get(unit.get_absolute_url()).content.decode().split("<main")[1].split("</h1>")[1][:300]
    )
    assert client.get("/media/documents/plan.pdf").status_code == 404
    before = on_disk()
    bring_over()
    assert on_disk() == before
