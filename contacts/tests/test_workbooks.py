"""XLSX: sheets become tables; what is no honest workbook is refused before it is unpacked."""

from __future__ import annotations

import zipfile
from datetime import datetime

import pytest
from openpyxl import Workbook

from contacts.files.excel import as_csv, sheets_of
from contacts.files.records import Unreadable


@pytest.fixture
def saved(tmp_path):
    def save(*rows, sheet="People"):
        book = Workbook()
        book.active.title = sheet
        for row in rows:
            book.active.append(row)
        path = tmp_path / "book.xlsx"
        book.save(path)
        return path

    return save


def text_of(path, sheet="People"):
    return b"".join(as_csv(path, sheet=sheet)).decode()


def test_cells_become_text_as_fields_read_it(saved):
    moment = datetime(2026, 3, 4, 5, 6)  # noqa: DTZ001 - cells have no zone
    path = saved(["a", "b", "c", "d", "e"], ["x,y", 1.0, 2.5, True, moment])

    assert text_of(path) == 'a,b,c,d,e\r\n"x,y",1,2.5,true,2026-03-04T05:06:00\r\n'


def test_a_formula_stays_as_it_is_written(saved):
    path = saved(["a"], ['=HYPERLINK("http://example.com")'])

    assert '=HYPERLINK(""http://example.com"")' in text_of(path)


def test_sheets_are_named(saved):
    assert sheets_of(saved(["a"], sheet="Löwen")) == ["Löwen"]


def test_a_sheet_that_is_not_there_is_said(saved):
    with pytest.raises(Unreadable, match="no such sheet"):
        text_of(saved(["a"]), sheet="Other")


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path, part):
    path = tmp_path / "bomb.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(part, "w") as out,
    ):
        for _ in range(200):
            out.write(b" " * 1024 * 1024)

    with pytest.raises(Unreadable, match="save"):
        sheets_of(path)


def test_texts_that_unfold_without_end_are_refused(saved, tmp_path):
    whole, path = saved(["a"]), tmp_path / "laughs.xlsx"
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 20))
    start = f'<!DOCTYPE worksheet [<!ENTITY a0 "ha">{entities}]><worksheet '.encode()
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if "sheet1" in name:
                part = part.replace(b"<worksheet ", start).replace(b">a<", b">&a19;<")
            new.writestr(name, part)

    with pytest.raises(Unreadable):
        text_of(path)


def test_half_a_workbook_is_refused(saved, tmp_path):
    path = tmp_path / "half.xlsx"
    path.write_bytes(saved(["a"]).read_bytes()[:1000])

    with pytest.raises(Unreadable, match="no XLSX"):
        sheets_of(path)


def test_a_damaged_sheet_is_refused(saved, tmp_path):
    whole, path = saved(["a"]), tmp_path / "damaged.xlsx"
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(name, b"<worksheet>" if "sheet1" in name else old.read(name))

    with pytest.raises(Unreadable):
        text_of(path)
