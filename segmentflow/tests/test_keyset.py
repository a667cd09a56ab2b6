"""Pages by where they begin."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentflow.keyset import keyset_page


def reader(rows):
    """Reads sorted numbers as a view would read the database."""

    def read(cursor, backwards, limit):
        place = int(cursor) if cursor and cursor.isdecimal() else None
        if backwards:
            return [row for row in reversed(rows) if place is None or row < place][:limit]
        return [row for row in rows if place is None or row > place][:limit]

    return read


def page(rows, size=3, **parameters):
    return keyset_page(parameters, read=reader(rows), cursor=str, size=size)


@given(st.lists(st.integers(0, 999), unique=True).map(sorted), st.integers(1, 7))
def test_walking_forward_and_back_meets_every_row_once(rows, size):
    pages = [page(rows, size)]
    while pages[-1].next:
        pages.append(page(rows, size, after=pages[-1].next))

    assert [row for one in pages for row in one.rows] == rows
    assert all(len(one.rows) == size for one in pages[:-1])
    assert pages[0].is_first
    back = [pages[-1]]
    while back[-1].previous:
        back.append(page(rows, size, before=back[-1].previous))
    assert back[-1].is_first
    assert {row for one in back for row in one.rows} == set(rows)


@pytest.mark.parametrize("parameters", [{"before": "0"}, {"after": "99"}, {"after": ""}])
def test_a_cursor_that_leads_nowhere_shows_the_first_page(parameters):
    found = page([1, 2, 3, 4], **parameters)

    assert found.rows == [1, 2, 3]
    assert found.is_first


def test_a_single_page_has_no_others():
    assert not page([1, 2]).has_others
