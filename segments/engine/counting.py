"""How many contacts a definition matches now, as a whole and at each of its nodes.

Exact where that is quick. Else people who build a segment get an estimate from some of the
contacts first, and the exact numbers when they ask for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from segmentflow.limits import TooSlow, within
from segments.conditions.nodes import Group
from segments.conditions.sql.grouped import among as in_range
from segments.engine.cancelling import (
    LONGEST_MS,
    Cancelled,
    beside,
    cancel_counts,
    own_connection,
)
from segments.engine.count_statement import CountStatement, count_statement
from segments.engine.near import near, together
from segments.engine.sampling import SAMPLE, Everybody, ask_some, everybody, scaled

__all__ = [
    "Cancelled",
    "Counted",
    "NodeCount",
    "TooSlow",
    "cancel_counts",
    "count_all",
    "count_exactly",
    "count_quickly",
]

FIRST = 5
"""How many of those who match are named."""
QUICK_MS = 300
MANY = 20_000
"""Ids from which on contacts are counted by halves, side by side."""
LAST = 2**63 - 1
EVERYBODY = {"first": 1, "last": LAST}


@dataclass(frozen=True, slots=True)
class NodeCount:
    path: str
    """Such as `children[0].children[1]`; the root's is empty."""
    alone: int
    """Contacts for which the node itself is true."""
    reaching: int
    """Those whom its group lets through with its children up to and including this one."""


@dataclass(frozen=True, slots=True)
class Counted:
    count: int
    total: int
    """All contacts there are."""
    is_exact: bool
    nodes: list[NodeCount]
    sample: list[int]
    """The first few who match, by id; of an estimate, the first few found."""

    def with_higher(self, other: Counted) -> Counted:
        """Of these contacts, and others with higher ids."""
        nodes = [
            NodeCount(one.path, one.alone + two.alone, one.reaching + two.reaching)
            for one, two in zip(self.nodes, other.nodes, strict=True)
        ]
        count, total = self.count + other.count, self.total + other.total
        sample = [*self.sample, *other.sample][:FIRST]
        return Counted(count, total, self.is_exact, nodes, sample)


@dataclass(frozen=True, slots=True)
class _Answer:
    counted: Counted
    seconds_for_all: float

    def scaled(self, total: int) -> _Answer:
        """What an answer for some contacts means for all."""
        some = self.counted

        def about(found: int) -> int:
            return scaled(found, seen=some.total, total=total)

        nodes = [
            NodeCount(node.path, about(node.alone), about(node.reaching)) for node in some.nodes
        ]
        counted = Counted(about(some.count), total, is_exact=False, nodes=nodes, sample=some.sample)
        return _Answer(counted, self.seconds_for_all * total / max(1, some.total))


def count_all(group: Group, *, now: datetime, sample: int = FIRST) -> Counted:
    """Exactly, however long it takes."""
    asked = count_statement(group, now=now, many=True)
    return _ask(connection, asked, sample=sample).counted


def count_exactly(group: Group, *, now: datetime, token: str) -> Counted:
    """Exactly, on connections of its own, so that `cancel_counts` can end it.

    Raises Cancelled, and TooSlow after half a minute.
    """
    asked = count_statement(group, now=now, many=True)
    with own_connection(token, longest_ms=LONGEST_MS) as own:
        middle = _middle(own)
        if middle is None:
            return _ask(own, asked).counted
        lower, upper = {"first": 1, "last": middle}, {"first": middle + 1, "last": LAST}
        with beside(own, token, longest_ms=LONGEST_MS) as elsewhere:
            other = elsewhere(lambda database: _ask(database, asked, among=upper))
            return _ask(own, asked, among=lower).counted.with_higher(other.result().counted)


def _middle(database: BaseDatabaseWrapper) -> int | None:
    """The contact up to which to count on one connection, if two are worth while."""
    with database.cursor() as cursor:
        cursor.execute("SELECT min(id), max(id) FROM contacts_contact")
        first, last = cursor.fetchone()
    if first is None or last - first < MANY:
        return None
    return int(first + last) // 2


def count_quickly(group: Group, *, now: datetime, limit_ms: int = QUICK_MS) -> Counted:
    """Exactly when that takes no longer than the limit, else about.

    Raises TooSlow for definitions by which not even a few contacts can be looked at.
    """
    contacts = everybody()
    of_all = count_statement(group, now=now, many=True)
    of_some = count_statement(group, now=now)
    if contacts.total <= 2 * SAMPLE:
        # Looking at some of them first would take as long.
        return _exact_within(of_all, limit_ms) or _estimate(of_some, contacts).counted
    about = _estimate(of_some, contacts)
    if 1000 * about.seconds_for_all > limit_ms:
        return about.counted
    return _exact_within(of_all, limit_ms) or about.counted


def _exact_within(asked: CountStatement, limit_ms: int) -> Counted | None:
    if limit_ms <= 0:
        return None
    try:
        with within(limit_ms):
            return _ask(connection, asked).counted
    except TooSlow:
        return None


def _estimate(asked: CountStatement, contacts: Everybody) -> _Answer:
    found = ask_some(contacts, lambda ids: _ask(connection, asked, ids=ids))
    return found.scaled(contacts.total)


def _ask(
    database: BaseDatabaseWrapper,
    asked: CountStatement,
    *,
    ids: list[int] | None = None,
    among: Mapping[str, int] = EVERYBODY,
    sample: int = FIRST,
) -> _Answer:
    """Of these contacts, or of those in a range of ids, if the statement is for many."""
    only = in_range("c.id") if asked.many else "c.id = ANY(%(ids)s::bigint[])"
    params = {**asked.params, **among, "ids": ids, "size": sample}
    with together(database), database.cursor() as cursor:
        cursor.execute(
            near(asked.sql(only=only), only=only, params=params, database=database), params
        )
        total, numbers, first, seconds = cursor.fetchone()
    pairs = zip(asked.paths, numbers[::2], numbers[1::2], strict=True)
    nodes = [NodeCount(path, alone, reaching) for path, alone, reaching in pairs]
    return _Answer(Counted(nodes[0].alone, total, asked.many, nodes, first), seconds)
