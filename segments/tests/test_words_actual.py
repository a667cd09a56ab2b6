"""What a contact has of what is asked for, as people read it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from segments.conditions.nodes import Node
from segments.conditions.parse import parse
from segments.conditions.words_actual import actual_words
from segments.tests.language import (
    CATALOG,
    EVERYONE,
    LABELS,
    definition,
    event,
    field,
    occurrence,
    span,
)

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
BORN_AGO = field("birthday", "more_than_ago", span(1, "day"))


def node_of(condition: Any) -> Node:
    return parse(definition(condition), CATALOG).children[0]


@pytest.mark.parametrize(
    ("condition", "actual", "words"),
    [
        (field("tier", "is_set"), "Gold", "Status VIP: Gold"),
        (field("tier", "is_set"), None, "Status VIP is not set"),
        (field("spent", "at_least", 5), "2400.50", "Spent: 2,400.5"),
        (field("spent", "at_least", 5), "-1234", "Spent: -1,234"),
        (field("spent", "at_least", 5), "0.00004", "Spent: 0"),
        (event(), "3", "Purchase: 3 times"),
        (event(), "1", "Purchase: 1 time"),
        (event(), None, "Purchase: 0 times"),
        (
            event(measure={"of": "sum", "attribute": "amount"}, operator="at_least", value=1),
            "20000.123456",
            "The total amount of Purchase: 20,000.1235",
        ),
        (
            event(measure={"of": "maximum", "attribute": "amount"}, operator="at_least", value=1),
            None,
            "The highest amount of Purchase: none",
        ),
        (occurrence(), "2026-08-09T12:00:00+00:00", "Last Purchase: 9 Aug 2026, 103 days ago"),
        (occurrence(), "2026-11-20T11:00:00+00:00", "Last Purchase: 20 Nov 2026, 1 hour ago"),
        (occurrence(), "2026-11-20T11:59:30+00:00", "Last Purchase: 20 Nov 2026, just now"),
        (
            occurrence(which="first"),
            "2020-01-01T00:00:00+00:00",
            "First Purchase: 1 Jan 2020, 6 years ago",
        ),
        (occurrence(), None, "No such Purchase"),
        (BORN_AGO, "2026-11-08", "Birthday: 8 November 2026, 12 days ago"),
        (BORN_AGO, "2026-11-20", "Birthday: 20 November 2026, today"),
        (BORN_AGO, "2026-11-21", "Birthday: 21 November 2026, in 1 day"),
        (BORN_AGO, "1990-05-17", "Birthday: 17 May 1990, 36 years ago"),
        (
            field("created_at", "in_next", span(1, "day")),
            "2026-11-20T15:00:00+00:00",
            "Creation date: 20 November 2026 at 16:00, in 3 hours",
        ),
        (EVERYONE, None, ""),
    ],
)
def test_what_a_contact_has_is_said_in_words(condition: Any, actual: str | None, words: str):
    assert actual_words(node_of(condition), actual, labels=LABELS, now=NOW) == words
