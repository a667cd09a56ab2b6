"""Only 0 to 9 make a number or a date, also under locales that know more digits."""

from __future__ import annotations

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db

OTHER_DIGITS = ("٣", "１", "-٣.5", "٢٠٢٦-٠٥-٠١", "２０２６-05-01T10:00")
GENEROUS = ("pg_unicode_fast", "und-x-icu")
"""Collations under which every digit of Unicode is one; a server may have none of them."""


@pytest.fixture
def generous() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT collname FROM pg_collation WHERE collname = ANY(%s)", [[*GENEROUS]])
        row = cursor.fetchone()
    if row is None:
        pytest.skip("this server has no such collation")
    return str(row[0])


@pytest.mark.parametrize("text", OTHER_DIGITS)
def test_digits_of_other_scripts_are_no_number_and_no_date(generous, text):
    given = f'(%(text)s::text COLLATE "{generous}")'
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT {given} ~ '\\d', text_number({given}), text_date({given}, 'UTC'),
                text_instant({given}, 'UTC')
            """,
            {"text": text},
        )
        row = cursor.fetchone()

    assert row == (True, None, None, None)
