"""What a draft must be, however incomplete: something that can be stored and completed."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from contacts.problems import Problem
from segmentflow.api.bodies import is_too_long, is_unstorable

DEEPEST = 100
"""Far more than a definition may have, and far less than breaks a parser."""


def draft_problem(draft: Any) -> Problem | None:
    if not isinstance(draft, dict):
        return Problem("", "wrong_type", "A definition is a JSON object.")
    for depth, value in _values(draft):
        if depth > DEEPEST:
            return Problem("", "too_deep", f"A draft is nested at most {DEEPEST} levels deep.")
        if isinstance(value, int | Decimal) and is_too_long(value):
            return Problem("", "number_too_long", "A number in the draft is too long.")
        if isinstance(value, str) and is_unstorable(value):
            return Problem("", "wrong_type", "A text in the draft holds a character of no script.")
    return None


def _values(draft: Any) -> Iterator[tuple[int, Any]]:
    """Everything in it, keys of objects included, with its depth; deep ones do not recurse."""
    waiting = [(0, draft)]
    while waiting:
        depth, value = waiting.pop()
        yield depth, value
        if isinstance(value, dict):
            waiting += [(depth + 1, key) for key in value]
            waiting += [(depth + 1, child) for child in value.values()]
        elif isinstance(value, list):
            waiting += [(depth + 1, child) for child in value]
