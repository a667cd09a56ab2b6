"""What is true now, and where that differs from what is stored. Reads only; see store.py."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from segmentflow.citus.here import is_spread
from segments.conditions.nodes import Group
from segments.conditions.sql.compiler import Compiled
from segments.conditions.sql.facts import Facts
from segments.conditions.sql.shortcut import compile_group
from segments.engine.noted import note_spent
from segments.engine.prepared import fetch_each
from segments.engine.statements import Asked, statement

MICROSECOND: Final = timedelta(microseconds=1)


class Difference(NamedTuple):
    """One contact and one segment whose stored membership or deadline has to change."""

    contact_id: int
    segment_id: int
    was_member: bool
    is_member: bool
    due_at: datetime | None
    """The deadline stored."""
    until: datetime | None
    """The deadline that is right."""


def compiled(group: Group, *, facts: Facts, now: datetime, many: bool = False) -> Compiled:
    """`many`: for a range of contacts, with the parameters `first` and `last`, and fit for many.

    On a cluster each is looked up: Citus refuses part of what is quicker for many.
    """
    return compile_group(group, facts=facts, now=now, many=many and not is_spread())


def differences(
    looks: Sequence[Asked], *, facts: Facts, now: datetime, longest_ms: int = 0
) -> list[Difference]:
    """Evaluate each segment for some contacts, against what is stored.

    A statement for each segment: its text stays the same, whoever is looked at, and with it the
    plan that PostgreSQL keeps. A stored deadline that is too early is no difference: it costs
    one look when it comes. The last row of each tells how long it took. `longest_ms`: for one
    segment, inside a transaction; 0 is any time.
    """
    answers = fetch_each(
        [statement(asked, facts=facts, now=now) for asked in looks], longest_ms=longest_ms
    )
    found, spent = [], Counter[int]()
    for asked, rows in zip(looks, answers, strict=True):
        segment_id = asked.definition.segment_id
        for row in rows:
            if row[0] is None:
                spent[segment_id] += (row[4] - row[3]) // MICROSECOND
            else:
                found.append(Difference(row[0], segment_id, *row[1:]))
    note_spent(spent)
    return found
