"""Arrays for statements: whatever goes in, comes out of PostgreSQL the same."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import DataError, connection
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentflow.arrays import instants, numbers, texts

pytestmark = pytest.mark.django_db

storable = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
moments = st.datetimes(
    min_value=datetime(1, 1, 2),  # noqa: DTZ001 - hypothesis wants them so
    max_value=datetime(9999, 12, 30),  # noqa: DTZ001
    timezones=st.just(UTC),
)


def fetched(array, type_):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT %s::{type_}[]", [array])
        return cursor.fetchone()[0]


@settings(deadline=None)
@given(st.lists(storable))
def test_texts_come_out_as_they_went_in(values):
    assert fetched(texts(values), "text") == values


@pytest.mark.parametrize("values", [["a\0b"], ["a", "\0"], ["\0"]])
def test_a_nul_is_refused_and_makes_no_two_texts_of_one(values):
    with pytest.raises(DataError):
        texts(values)


@settings(deadline=None)
@given(st.lists(st.integers(-(2**63), 2**63 - 1)))
def test_numbers_come_out_as_they_went_in(values):
    assert fetched(numbers(values), "bigint") == values


@settings(deadline=None)
@given(st.lists(st.none() | moments))
def test_instants_come_out_as_they_went_in(values):
    assert fetched(instants(values), "timestamptz") == values
