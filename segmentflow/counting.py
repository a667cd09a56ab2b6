"""Counts of what happens too often to be stored each time: kept in memory, stored every few seconds.

They become tallies, so that whoever reads them sees those of all processes and machines. A process
that is killed takes its last few seconds with it: this is for looking on, never for what must be exact.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import DatabaseError, InterfaceError, connection, transaction

from segmentflow.models import TallySubject
from segmentflow.tallies import add_many

logger = logging.getLogger(__name__)

STORED_EVERY: Final = 5.0
KEPT: Final = timedelta(days=8)
"""So long it is known when something happened; that it did, for ever."""
HISTORY: Final = (
    TallySubject.REQUESTS,
    TallySubject.ANSWERING,
    TallySubject.MOVES,
    TallySubject.LATENCY,
    TallySubject.LATENESS,
    TallySubject.EVALUATIONS,
    TallySubject.EVALUATING,
)
"""Subjects with so many refs that their quarters of an hour are not kept for ever."""

Key = tuple[TallySubject, int]


class Steps:
    """The steps of a histogram, as refs: of each group a hundred, the last one for the sum."""

    WIDTH: Final = 100
    SUM: Final = 99
    """Its amount is in microseconds."""

    def __init__(self, *bounds: float) -> None:
        self.bounds = bounds
        """Upper ones, in seconds; whatever is longer has a step of its own."""

    def of(self, group: int, seconds: Iterable[float]) -> Counter[int]:
        found: Counter[int] = Counter()
        total = 0.0
        for one in seconds:
            one = max(0.0, one)
            total += one
            found[group * self.WIDTH + bisect_left(self.bounds, one)] += 1
        if total:
            found[group * self.WIDTH + self.SUM] += round(total * 1_000_000)
        return found


ANSWERING = Steps(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
WAITING = Steps(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)


class Counts:
    """Of one process."""

    def __init__(self) -> None:
        self.is_kept = False
        """Whether what is counted gets stored: not in tests, nor in commands that soon end."""
        self._lock = threading.Lock()
        self._amounts: Counter[Key] = Counter()
        self._stored_at = time.monotonic()

    def add(self, rows: Iterable[tuple[TallySubject, int, int]]) -> None:
        with self._lock:
            for subject, ref, amount in rows:
                self._amounts[subject, ref] += amount

    def taken(self) -> Counter[Key]:
        """What was counted since it was asked last."""
        with self._lock:
            amounts, self._amounts = self._amounts, Counter()
            self._stored_at = time.monotonic()
        return amounts

    def is_due(self) -> bool:
        return self.is_kept and time.monotonic() - self._stored_at >= STORED_EVERY

    def begin_anew(self) -> None:
        """In a process that was forked: what was counted before is the other one's."""
        self._lock = threading.Lock()
        self._amounts = Counter()


COUNTS: Final = Counts()
os.register_at_fork(after_in_child=COUNTS.begin_anew)


def keep() -> None:
    """From now on this process, and those it forks, store what they count."""
    COUNTS.is_kept = True


def count(subject: TallySubject, ref: int, amount: int = 1) -> None:
    COUNTS.add([(subject, ref, amount)])


def count_all(subject: TallySubject, amounts: Counter[int]) -> None:
    COUNTS.add([(subject, ref, amount) for ref, amount in amounts.items()])


def observe(
    subject: TallySubject, seconds: Sequence[float], *, steps: Steps, group: int = 0
) -> None:
    count_all(subject, steps.of(group, seconds))


def store_when_due(*, now: datetime) -> None:
    """Outside of any transaction whose end matters; never raises."""
    if COUNTS.is_due():
        store(now=now)


def store(*, now: datetime) -> None:
    amounts = COUNTS.taken()
    if not amounts:
        return
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            # Nobody waits for the disc because of this.
            cursor.execute("SET LOCAL synchronous_commit = off")
            add_many((subject, ref, now, amount) for (subject, ref), amount in amounts.items())
    except (DatabaseError, InterfaceError) as problem:
        logger.warning("counts are stored later: %s", problem)
        COUNTS.add((subject, ref, amount) for (subject, ref), amount in amounts.items())


def forget_old(*, now: datetime) -> None:
    """When it happened, where that is not kept for ever."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM segmentflow_tally WHERE subject = ANY(%s) AND at < %s",
            [[int(subject) for subject in HISTORY], now - KEPT],
        )
