"""Spreadsheets for tests: made, uploaded to an import, and read back."""

import csv
import io
import zipfile

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from pzgent.kernel.jobs import Job


def xlsx_of(rows, **parts):
    """Return a workbook with these rows; `parts` replace or add files in it, by name."""
    book = Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    target = io.BytesIO()
    book.save(target)
    return with_parts(target.getvalue(), parts) if parts else target.getvalue()


def with_parts(content, parts):
    """Return the archive with some files replaced or added; a value may be a function of the old content."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            value = parts.get(name, old.read(name))
            new.writestr(name, value(old.read(name)) if callable(value) else value)
        for name in parts.keys() - set(old.namelist()):
            new.writestr(name, parts[name])
    return target.getvalue()


def csv_of(rows, delimiter=";", encoding="utf-8"):
    """Return a CSV file with these rows."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


def rows_of(answer):
    """Return the rows of a downloaded spreadsheet as lists of values, headings first."""
    content = b"".join(answer.streaming_content)
    if content.startswith(b"PK"):
        sheet = load_workbook(io.BytesIO(content)).worksheets[0]
        return [list(row) for row in sheet.iter_rows(values_only=True)]
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def page_of(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def download(client, model, form="csv", name="rows", **query):
    return client.get(page_of(model, "export", name, form), query)


def upload(client, model, content, name="invoer.xlsx", **options):
    """Upload a file and follow its dry run to the report; the upload form if it was refused."""
    data = {"file": SimpleUploadedFile(name, content), **options}
    answer = client.post(page_of(model, "import"), data)
    while answer.status_code == 302 or answer.headers.get("Refresh"):
        answer = client.get(answer["Location"] if answer.status_code == 302 else answer.request["PATH_INFO"])
    return answer


def upload_rows(client, model, rows, **options):
    """Upload rows of texts as an XLSX file."""
    return upload(client, model, xlsx_of(rows), **options)


def carry_out(client, answer):
    """Press the button below a report."""
    return client.post(answer.request["PATH_INFO"], {"apply": "1"}, follow=True)


def counts_of(answer):
    """Return the numbers of a report by state, without zeros."""
    assert "form" not in answer.context, answer.context["form"].errors
    return {str(state): count for state, _label, count in answer.context["tabs"] if count}


def problems_of(answer):
    """Return the problems of a report as (row, column, text)."""
    return [
        (row["number"], heading, text)
        for row in answer.context["rows"]
        for heading, _cell, text in row["problems"]
    ]


def last_job():
    return Job.objects.order_by("created").last()
