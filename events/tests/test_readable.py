"""Attributes as people read them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from events.readable import LONGEST, MOST, readable


def pairs(attributes, **options) -> list[tuple[str, str]]:
    return [(path, text) for path, text in readable(attributes, **options)[0]]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("shoes", "shoes"),
        ("", "“”"),
        ("<b>bold</b>", "<b>bold</b>"),
        (12, "12"),
        (Decimal("12.50"), "12.50"),
        (10**40, "1" + "0" * 40),
        (True, "yes"),
        (False, "no"),
        (None, "–"),
        ([], "–"),
        ({}, "{}"),
        (["a", 1, None, True], "a, 1, –, yes"),
        ([{"sku": "x-1"}], '[{"sku":"x-1"}]'),
    ],
)
def test_a_value_is_a_short_text(value, text):
    assert pairs({"it": value}) == [("it", text)]


def test_objects_are_resolved_in_their_order():
    sent = {"product": {"name": "Boot", "maker": {"country": "IT"}}, "amount": 3}

    assert pairs(sent) == [
        ("product.name", "Boot"),
        ("product.maker.country", "IT"),
        ("amount", "3"),
    ]


def test_the_deepest_object_is_read():
    sent: dict = {"end": 1}
    for _ in range(190):
        sent = {"a": sent}

    assert [text for _, text in pairs(sent)] == ["1"]


def test_long_names_and_values_are_cut():
    [(path, text)] = pairs({"n" * 5_000: "v" * 5_000})

    assert len(path) == len(text) == LONGEST
    assert text.endswith("v…")


def test_too_many_are_counted():
    found, more = readable({f"a{number}": number for number in range(200)})

    assert len(found) == MOST
    assert more == 200 - MOST


def test_one_can_be_left_out():
    assert pairs({"amount": 1, "to": {"amount": 2}}, without="amount") == [("to.amount", "2")]


def test_no_attributes_are_none():
    assert readable({}) == ([], 0)


def test_what_tells_most_comes_first_and_the_rest_stays_in_its_order():
    visit = {"url": "/a", "path": "/a", "title": "A", "search": ""}

    shown, _ = readable(visit, first=("title", "name", "url"))

    assert [one.path for one in shown] == ["title", "url", "path", "search"]
