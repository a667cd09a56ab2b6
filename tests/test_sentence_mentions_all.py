"""The sentence of every shared case names each field, event, attribute, segment and value in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from segments.conditions import calendar
from segments.conditions.operators import PERIODS
from segments.conditions.parse import parse
from segments.conditions.parse_values import INSTANT
from segments.conditions.sentence import sentence
from segments.conditions.words import amount_words, number_words
from tests.cases import CASES, Case
from tests.test_builder_round_trip import vocabulary_of

NAMES = ("field", "event", "attribute", "segment", "salt")
MOST_LISTED = 9
"""Of a longer list only the beginning is told."""


def told(value: Any, case: Case) -> Iterator[tuple[str, ...]]:
    """What has to be in the sentence, each in one of several ways."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in NAMES and isinstance(inner, str):
                yield (inner,)
            elif key in ("value", "from", "to", "at", "amount", "percent") and is_plain(inner):
                if not is_once_or_never(value, key):
                    yield ways_of(inner, case)
            elif key == "value" and isinstance(inner, list):
                yield from (ways_of(item, case) for item in inner[:MOST_LISTED])
            else:
                yield from told(inner, case)
    elif isinstance(value, list):
        for inner in value:
            yield from told(inner, case)


def is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float | Decimal)


def is_once_or_never(node: dict[str, Any], key: str) -> bool:
    """ "has performed", "has not performed", "once" and "today" say their number without it."""
    if key == "amount":
        return bool(node["amount"] == 0)
    return node.get("kind") == "event" and node.get(key) in (0, 1)


def ways_of(value: Any, case: Case) -> tuple[str, ...]:
    if not isinstance(value, str):
        exact = Decimal(str(value))
        return number_words(exact), amount_words(exact)
    try:
        day = date.fromisoformat(value)
    except ValueError:
        day = None
    if day is None and INSTANT.fullmatch(value):
        instant = datetime.fromisoformat(value)
        zone = vocabulary_of(case).catalog.zone
        day = (calendar.local_time(instant, zone) if instant.tzinfo else instant).date()
    return (f"{day.day} {day:%B} {day.year}",) if day else (value, PERIODS.get(value, value))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_sentence_mentions_all_there_is(case: Case):
    vocabulary = vocabulary_of(case)
    said = sentence(parse(case.definition, vocabulary.catalog), vocabulary.labels)

    labels = {"city": "City", "country": "Country", "email": "Email", "created_at": "Creation date"}
    for ways in told(case.definition, case):
        assert any(labels.get(way, way) in said for way in ways), (ways, said)
