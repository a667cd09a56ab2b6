"""How long the engine takes, counted for those who look from outside: once for each pass, not for each row."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.db import transaction

from segmentflow import counting
from segmentflow.models import TallySubject
from segments.engine.pending import Mark

TOLERANCE: Final = timedelta(seconds=5)
"""Clocks of machines differ a little."""
LIVE: Final = 0
BULK: Final = 1
"""Lanes of marks: those of imports wait for all others."""


def note_waits(marks: Sequence[Mark], *, is_bulk: bool, now: datetime, began: float) -> None:
    """Once this transaction is committed, how long changes have waited; `began`: by the steady clock."""
    waited = [
        (now - mark.created_at).total_seconds()
        for mark in marks
        # What is computed for an instant of the past, as demonstrations are, tells nothing.
        if mark.created_at and mark.created_at <= now + TOLERANCE
    ]
    if waited:
        transaction.on_commit(
            partial(_observe, TallySubject.LATENCY, waited, BULK if is_bulk else LIVE, began)
        )


def note_lateness(due: Sequence[datetime], *, now: datetime, began: float) -> None:
    """Likewise, how late deadlines were met."""
    late = [(now - at).total_seconds() for at in due]
    if late:
        transaction.on_commit(partial(_observe, TallySubject.LATENESS, late, 0, began))


def note_moves(entered: Collection[int], left: Collection[int]) -> None:
    """Likewise, who moved: the segment of each."""
    moves = Counter(segment * 2 + 1 for segment in entered)
    moves.update(segment * 2 for segment in left)
    note_many_moves(moves)


def note_many_moves(moves: Counter[int]) -> None:
    if moves:
        transaction.on_commit(partial(counting.count_all, TallySubject.MOVES, moves))


def note_spent(spent: Counter[int]) -> None:
    """Microseconds by segment: they are spent, whatever comes of it."""
    counting.count_all(TallySubject.EVALUATING, spent)
    counting.count_all(TallySubject.EVALUATIONS, Counter(dict.fromkeys(spent, 1)))


def _observe(subject: TallySubject, seconds: Sequence[float], group: int, began: float) -> None:
    passed = time.monotonic() - began
    counting.observe(
        subject, [one + passed for one in seconds], steps=counting.WAITING, group=group
    )
