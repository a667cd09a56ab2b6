"""Reading records: bounded whatever the file holds, and going on from where each ended."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.files import records
from contacts.files.records import BadLine, Source, Unreadable, delimited_records, json_records

CELLS = st.text(alphabet='ab,;"\n é', max_size=4)


class Endless(io.BytesIO):
    """A line of many gigabytes, and another."""

    def __init__(self, size):
        super().__init__()
        self._left = size
        self.largest = 0

    def readline(self, size=-1):
        self.largest = max(self.largest, size)
        if not self._left:
            return b""
        bite = min(size, self._left)
        self._left -= bite
        return b"x" * (bite - 1) + (b"x" if self._left else b"\n")


def test_a_line_of_gigabytes_is_skipped_a_little_at_a_time():
    file = Endless(1_000_000_000)

    [record] = delimited_records(Source(file), separator=",")

    assert "over 1 MB" in str(record.content)
    assert record.end == 1_000_000_000
    assert file.largest <= records.LONGEST_LINE + 1


def test_a_row_of_many_lines_is_bounded_too():
    file = io.BytesIO(b'"' + b'a\n","' * 3_000_000)

    with pytest.raises(Unreadable, match="over 10 MB"):
        list(delimited_records(Source(file), separator=","))


def test_a_line_that_is_not_utf_8_spoils_itself_alone():
    file = io.BytesIO(b"a\n\xff\nb\n")

    found = [record.content for record in delimited_records(Source(file), separator=",")]

    assert isinstance(found[1], BadLine)
    assert found[::2] == [["a"], ["b"]]


def test_a_line_that_is_no_json_spoils_itself_alone():
    file = io.BytesIO(b'{"a": 1}\nnonsense\n\n{"a": 2}')

    found = [record.content for record in json_records(Source(file))]

    assert isinstance(found[1], BadLine)
    assert found[::2] == [{"a": 1}, {"a": 2}]


@given(rows=st.lists(st.lists(CELLS, min_size=2, max_size=3), min_size=1, max_size=6))
def test_reading_goes_on_where_any_record_ended(rows):
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    content = text.getvalue().encode()
    whole = list(delimited_records(Source(io.BytesIO(content)), separator=","))

    for number, record in enumerate(whole, 1):
        file = io.BytesIO(content)
        file.seek(record.end)
        source = Source(file, line=record.last_line, end=record.end)
        rest = list(delimited_records(source, separator=","))
        assert [(one.line, one.content, one.end) for one in rest] == [
            (one.line, one.content, one.end) for one in whole[number:]
        ]
