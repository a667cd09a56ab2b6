"""A draft may be incomplete, but it must be possible to store it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from segments.drafts import DEEPEST, draft_problem


def nested(levels):
    draft: dict[str, object] = {}
    for _ in range(levels):
        draft = {"children": [draft]}
    return draft


@pytest.mark.parametrize("draft", [{}, {"kind": "group"}, {"a": [1, None, True, "é"]}, nested(40)])
def test_what_can_be_completed_is_kept(draft):
    assert draft_problem(draft) is None


@pytest.mark.parametrize(
    "draft",
    [
        [],
        "text",
        {"a": Decimal("inf")},
        {"a": Decimal("1e400")},
        {"a": 10**200},
        {"a": "x\0y"},
        {"a\0": 1},
        {"a": "\ud800"},
        nested(DEEPEST),
        nested(100_000),
    ],
)
def test_what_no_database_takes_is_refused(draft):
    assert draft_problem(draft) is not None
