"""Files that people bring, spoiled in every way: imported, or refused with a sentence, in bounded time and room."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from collections.abc import Callable
from time import process_time
from typing import Any

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from contacts.imports.running import advance_imports
from contacts.imports.services import receive_import, try_import
from contacts.imports.storing import Received, make_folder
from contacts.models import ContactImport
from contacts.problems import Conflict, Refused
from segmentflow.clock import current_time
from tests.attacks.effort import IS_LONG, tried, tries
from tests.figures import count

pytestmark = pytest.mark.django_db

SECONDS = 6
MEGABYTES = 120
ENDED = ("ready", "failed")


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory):
    with override_settings(IMPORTS_DIR=tmp_path_factory.mktemp("imports")):
        yield


_names = iter(range(10**9))


MOST_TRIED = 1_000
"""Lines; with more of them, trying takes as long as honest files take."""


def bring(content: bytes, name: str) -> ContactImport | None:
    """Read as pages have it read, and tried; None when it was refused at once."""
    token = f"{next(_names):032x}"
    (make_folder(token) / "upload").write_bytes(content)
    received, now = Received(name, token, len(content)), current_time()
    one, refused = tried(lambda: receive_import(received=received, author=None, now=now), Refused)
    count("files brought")
    if refused or one is None:
        return None
    one.refresh_from_db()
    assert one.state in ENDED, one.state
    assert one.state == "ready" or one.error, "it says nothing"
    if one.state == "ready" and content.count(b"\n") < MOST_TRIED:
        _, conflict = tried(lambda: try_import(one=one, now=now), Conflict, Refused)
        while not conflict and advance_imports(now=now):
            pass
    return one


def workbook(*rows: Any) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def packed(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


BOOK = workbook(["external_id", "email", "city"], ["a", "a@example.com", "Łódź"], [1, 2.5, True])
PARTS = parts_of(BOOK)
SHEET = "xl/worksheets/sheet1.xml"
CSV = 'external_id,email,city,Joined on\na,a@example.com,"Łódź, ""x""",03/04/2026\nb,,=1+1,\n'
JSONL = (
    '{"external_id": "a", "city": "Łódź", "attributes": {"x": [1, null]}}\n{"external_id": "b"}\n'
)
PIECES = [
    *(b'"', b"'", b",", b";", b"\t", b"|", b"\n", b"\r", b"\r\n", b"\0", b"\xff", b"\xef\xbb\xbf"),
    *(b"\xff\xfe", b"\xfe\xff", b"{", b"}", b"[" * 300, b'{"a":' * 300, b"=cmd|' /C calc'!A0"),
    *(b"9" * 500, b"1e999", b"NaN", b"\\ud800", b"\\u0000", b"PK\x03\x04", b"\x1f\x8b", b"<html>"),
    *(b" " * 1_000, b"," * 1_200, b"x" * 200_000, b'"' * 1_001, b"id", b"email,email,email"),
]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "utf-32", "utf-7"]


def spoil(data: Any, content: bytes) -> bytes:
    spoiled = bytearray(content)
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(spoiled)))
        end = at + data.draw(st.sampled_from([0, 0, 1, 8]))
        spoiled[at:end] = data.draw(st.sampled_from(PIECES) | st.binary(max_size=4))
    return bytes(spoiled)


@tries(40)
@given(st.data(), st.sampled_from(ENCODINGS))
def test_spoiled_tables_are_read_or_refused(data, encoding):
    bring(spoil(data, CSV.encode(encoding, "replace")), "people.csv")


@tries(20)
@given(st.data(), st.sampled_from(ENCODINGS))
def test_spoiled_json_lines_are_read_or_refused(data, encoding):
    bring(spoil(data, JSONL.encode(encoding, "replace")), "people.jsonl")


@tries(25)
@given(st.data())
def test_spoiled_workbooks_are_read_or_refused(data):
    """The archive itself, or one of its parts."""
    if data.draw(st.booleans()):
        bring(spoil(data, BOOK), "people.xlsx")
        return
    name = data.draw(st.sampled_from(sorted(PARTS)))
    spoiled = {**PARTS, name: spoil(data, PARTS[name])}
    if data.draw(st.integers(0, 4)) == 0:
        del spoiled[name]
    bring(packed(spoiled), "people.xlsx")


@tries(20)
@given(st.binary(max_size=300), st.sampled_from(["a.csv", "a.jsonl", "a.xlsx", "a.svg", "..", ""]))
def test_any_bytes_are_read_or_refused(content, name):
    bring(content, name)


def with_sheet(sheet: bytes) -> bytes:
    return packed({**PARTS, SHEET: sheet})


ROW = b'<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c></row>'
HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = b"</sheetData></worksheet>"
LAUGHS = b"<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>" + b"".join(
    f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>".encode() for n in range(12)
)
HARMFUL: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a million columns": ("a.csv", lambda: b"external_id" + b",x" * 1_000_000 + b"\na" + b",1" * 1_000_000),
    "a million columns in a row": ("a.csv", lambda: b"external_id\n" + b"a,1" * 1_000_000),
    "a million empty columns": ("a.csv", lambda: b"external_id" + b"," * 1_000_000 + b"\na\n"),
    "a million rows": ("a.csv", lambda: b"external_id\n" + b"a\n" * 1_000_000),
    "a quotation mark never closed": ("a.csv", lambda: b'external_id,city\na,"' + b"x\n" * 3_000_000),
    "one line": ("a.csv", lambda: b"x" * 15_000_000),
    "a quoted cell of a line": ("a.csv", lambda: b'external_id\n"' + b"x" * 900_000 + b'"\n'),
    "nothing but quotation marks": ("a.csv", lambda: b'"' * 5_000_000),
    "nothing but line breaks": ("a.csv", lambda: b"\n" * 10_000_000),
    "nothing but empty cells": ("a.csv", lambda: b",\n" * 5_000_000),
    "nothing but NULs": ("a.csv", lambda: b"\0" * 10_000_000),
    "JSON that is deep": ("a.jsonl", lambda: b"[" * 900_000 + b"\n" + b'{"a":' * 150_000),
    "JSON of a million keys": ("a.jsonl", lambda: b"{" + b",".join(b'"k%d":1' % n for n in range(80_000)) + b"}"),
    "JSON with new keys in each line": ("a.jsonl", lambda: b"".join(b'{"k%d":1}\n' % n for n in range(200_000))),
    "XML that unfolds": ("a.xlsx", lambda: with_sheet(b"<?xml version='1.0'?>" + LAUGHS + b"]>" + HEAD + b"<row><c><v>&m;</v></c></row>" + TAIL)),
    "XML of another file": ("a.xlsx", lambda: with_sheet(b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>" + HEAD + b'<row r="1"><c r="A1" t="inlineStr"><is><t>&a;</t></is></c></row>' + TAIL)),
    "a sheet of zeros": ("a.xlsx", lambda: with_sheet(HEAD + ROW + b" " * 60_000_000 + TAIL)),
    "texts of zeros": ("a.xlsx", lambda: packed({**PARTS, "xl/sharedStrings.xml": b" " * 60_000_000})),
    "a cell far away": ("a.xlsx", lambda: with_sheet(HEAD + ROW + b'<row r="2"><c r="XFD2"><v>1</v></c></row>' * 2_000 + TAIL)),
    "elements that are deep": ("a.xlsx", lambda: with_sheet(HEAD + b"<row>" * 50_000 + TAIL)),
    "a workbook of workbooks": ("a.xlsx", lambda: packed({f"xl/worksheets/sheet{n}.xml": b"x" for n in range(4_000)})),
    "paths out of the archive": ("a.xlsx", lambda: packed({**PARTS, "../../../../tmp/evil": b"x"})),
    "an archive with another after it": ("a.xlsx", lambda: BOOK + BOOK),
    "an archive cut off": ("a.xlsx", lambda: BOOK[:-30]),
}  # fmt: skip

if IS_LONG:  # a million rows that are not there are counted all the same
    HARMFUL |= {
        "a row far away": (
            "a.xlsx",
            lambda: with_sheet(
                HEAD + ROW + b'<row r="1048577"><c r="A1048577"><v>1</v></c></row>' + TAIL
            ),
        ),
    }


@pytest.mark.parametrize(("name", "made"), HARMFUL.values(), ids=HARMFUL.keys())
def test_harmful_files_take_neither_long_nor_much_room(name, made):
    content = made()
    tracemalloc.start()
    begun = process_time()
    try:
        bring(content, name)
    finally:
        spent, (_, peak) = process_time() - begun, tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert spent < SECONDS * 4  # being traced takes some times as long
    assert peak < MEGABYTES * 1024 * 1024


def test_what_another_file_holds_comes_in_with_none():
    one = bring(HARMFUL["XML of another file"][1](), "a.xlsx")

    assert one is not None
    assert "root:" not in str(one.columns)
