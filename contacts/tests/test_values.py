"""Which values fields take."""

from __future__ import annotations

from decimal import Decimal

import pytest

from contacts.values import is_storable, wrong_value


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("text", ""),
        ("text", "  Gold "),
        ("text", "😀"),
        ("text", "x" * 10_000),
        ("number", 0),
        ("number", -(10**129)),
        ("number", 1.5),
        ("number", Decimal("0.10")),
        ("number", Decimal("1E+5")),
        ("boolean", False),
        ("date", "2024-02-29"),
        ("datetime", "2026-03-31"),
        ("datetime", "2026-03-31T09:00"),
        ("datetime", "2026-03-31 09:00:01.123456789+0530"),
        ("datetime", "2026-03-31T09:00:00Z"),
        ("list", []),
        ("list", ["a", "b"]),
    ],
)
def test_a_field_takes_values_of_its_type(type_, value):
    assert wrong_value(value, type_) is None


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("text", 1),
        ("text", None),
        ("text", "a\0b"),
        ("text", "\ud800"),
        ("text", "x" * 10_001),
        ("number", True),
        ("number", "1"),
        ("number", 10**130),
        ("number", 1e200),
        ("number", Decimal("1E+999999")),
        ("number", Decimal("1E-131")),
        ("number", Decimal("0E+999999")),
        ("number", float("inf")),
        ("number", Decimal("NaN")),
        ("boolean", "true"),
        ("boolean", 1),
        ("date", "2026-02-29"),
        ("date", "2026-3-1"),
        ("date", "99999-01-01"),
        ("date", "0000-01-01"),
        ("date", "2026-03-31T09:00:00Z"),
        ("date", "٢٠٢٦-03-31"),
        ("date", 20260331),
        ("datetime", "2026-02-30T09:00:00Z"),
        ("datetime", "2026-03-31T24:00:00Z"),
        ("datetime", "9999-12-31T23:59:59-14:00"),
        ("datetime", "0001-01-01T00:00:00+14:00"),
        ("datetime", "yesterday"),
        ("datetime", "2026-03-31T09:00:00+15:00"),
        ("datetime", 0),
        ("list", "a"),
        ("list", ["a", 1]),
        ("list", ["a\0"]),
        ("list", ["a"] * 1_001),
    ],
)
def test_a_field_refuses_what_is_not_of_its_type_with_a_sentence(type_, value):
    message = wrong_value(value, type_)

    assert message is not None
    assert message.endswith(".")
    assert is_storable(message)
