"""Pieces of SQL with two answers: the truth now, and until when it cannot change by time alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from segments.conditions.calendar import local_day

Params = dict[str, Any]
"""The named parameters of a statement, as the database driver takes them."""
SIMPLE = re.compile(r"\w+\.\w+")
INFINITY = "'infinity'::timestamptz"
LAST_INSTANT = "'9999-12-30 00:00:00+00'::timestamptz"


@dataclass(slots=True)
class Steady:
    """How long the text of a statement and most of its parameters stay the same while the clock goes on."""

    since: datetime
    zone: ZoneInfo
    until: datetime | None = None
    """Before it; None: for ever."""
    today: date | None = None
    """And on this local day alone, if there is one."""
    behind: dict[str, timedelta] = field(default_factory=dict)
    """The parameters that are times which go on with the clock: how far each is behind it."""

    def includes(self, now: datetime) -> bool:
        return (
            self.since <= now
            and (self.until is None or now < self.until)
            and self.today in (None, local_day(now, self.zone))
        )

    def params_at(self, now: datetime) -> Params:
        """Those that go on."""
        return {name: now - distance for name, distance in self.behind.items()}

    def end(self, at: datetime | None) -> None:
        if at is not None:
            self.until = at if self.until is None else min(at, self.until)


class Binder:
    """Collects the parameters of one statement; every value goes through here."""

    def __init__(self, now: datetime, zone: ZoneInfo) -> None:
        self.params: Params = {}
        self.steady = Steady(now, zone)
        self._names = count()
        self._shared: dict[tuple[str, object], str] = {}

    def add(self, value: object, cast: str) -> str:
        """Bind a value and answer its placeholder, cast to a type named in our own code."""
        name = f"p{len(self.params)}"
        self.params[name] = value
        return f"%({name})s::{cast}"

    def add_once(self, value: object, cast: str) -> str:
        """The same for what a statement needs in many places, such as the clock."""
        if (cast, value) not in self._shared:
            self._shared[cast, value] = self.add(value, cast)
        return self._shared[cast, value]

    def add_moving(self, time: datetime) -> str:
        """Bind a time that is as far from the clock for as long as the statement is steady."""
        placeholder = self.add(time, "timestamptz")
        self.steady.behind[f"p{len(self.params) - 1}"] = self.steady.since - time
        return placeholder

    def now(self) -> str:
        if ("now", None) not in self._shared:
            self._shared["now", None] = self.add_moving(self.steady.since)
        return self._shared["now", None]

    def new_alias(self) -> str:
        """A name that nothing else in the statement has."""
        return f"q{next(self._names)}"


@dataclass(frozen=True, slots=True)
class Fragment:
    """Two SQL expressions over one contact (or one event of it)."""

    truth: str
    """Boolean and never NULL."""
    until: str | None = None
    """A timestamptz, never NULL: the truth is the same at every instant from now up to
    just before it. None: time alone never changes it."""
    actual: str = "NULL::text"
    """What the contact has, as text, for people who ask why."""

    @property
    def is_static(self) -> bool:
        return self.until is None

    @property
    def until_or_never(self) -> str:
        return self.until or INFINITY

    @property
    def due(self) -> str:
        """The same for those who read it: no clock gets past what a calendar can say."""
        if self.until is None:
            return INFINITY
        return f"CASE WHEN {self.until} < {LAST_INSTANT} THEN {self.until} ELSE {INFINITY} END"


TRUE = Fragment("true")
FALSE = Fragment("false")


class Joins:
    """LATERAL items of one FROM, in the order they are needed.

    An expression that others use more than once gets an item of its own: a column is
    computed once, and statements stay short. OFFSET 0 keeps the planner from putting the
    expression back in every place.
    """

    def __init__(self, binder: Binder, *, is_spread: bool = False) -> None:
        self._binder = binder
        self._is_spread = is_spread
        self._items: list[str] = []

    def inside(self) -> Joins:
        """Of a query inside of this one."""
        return Joins(self._binder, is_spread=self._is_spread)

    @property
    def sql(self) -> str:
        return " ".join(self._items)

    def add(self, select: str) -> str:
        """Add a query of one row and answer its alias."""
        alias = self._binder.new_alias()
        self._items.append(f"CROSS JOIN LATERAL ({select}) {alias}")
        return alias

    @property
    def source(self) -> str:
        """On a cluster each item is a row where the contact lies, or Citus refuses what refers to it."""
        return " FROM contacts_contact own WHERE own.id = c.id" if self._is_spread else ""

    def once(self, expression: str) -> str:
        """A column for an expression; a column stays what it is."""
        if SIMPLE.fullmatch(expression):
            return expression
        return f"{self.add(f'SELECT {expression} AS v{self.source} OFFSET 0')}.v"

    def settled(self, fragment: Fragment) -> Fragment:
        """The same answer as two columns, where it moves with time."""
        if fragment.until is None or SIMPLE.fullmatch(fragment.until):
            return fragment
        columns = f"{fragment.truth} AS truth, {fragment.until} AS until"
        row = self.add(f"SELECT {columns}{self.source} OFFSET 0")
        return Fragment(f"{row}.truth", f"{row}.until", fragment.actual)


def negated(fragment: Fragment) -> Fragment:
    return Fragment(f"(NOT {fragment.truth})", fragment.until, fragment.actual)


def all_of(children: Sequence[Fragment]) -> Fragment:
    """True while every child is.

    It stays true as long as its shortest-lasting child, and false at least as long as its
    longest-lasting false child.
    """
    if not children:
        return TRUE
    if len(children) == 1:
        return children[0]
    truth = "(" + " AND ".join(child.truth for child in children) + ")"
    return Fragment(truth, _until(truth, children, lasting="NOT "))


def any_of(children: Sequence[Fragment]) -> Fragment:
    """True while at least one child is; lasts as `all_of` does, mirrored."""
    if len(children) == 1:
        return children[0]
    truth = "(" + " OR ".join(child.truth for child in children) + ")"
    return Fragment(truth, _until(f"NOT {truth}", children, lasting=""))


def none_of(children: Sequence[Fragment]) -> Fragment:
    return negated(any_of(children))


def _until(all_same: str, children: Sequence[Fragment], *, lasting: str) -> str | None:
    """`all_same`: every child has to stay as it is. Otherwise one of those for which
    `lasting` holds is enough, so the longest-lasting of them counts."""
    moving = [child for child in children if child.until is not None]
    if not moving:
        return None
    static = [child.truth for child in children if child.until is None]
    shortest = _function("LEAST", [child.until_or_never for child in moving])
    held = [f"CASE WHEN {lasting}{child.truth} THEN {child.until} END" for child in moving]
    longest = f"COALESCE({_function('GREATEST', held)}, {INFINITY})"
    fixed = "".join(f" WHEN {lasting}{truth} THEN {INFINITY}" for truth in static)
    return f"CASE WHEN {all_same} THEN {shortest}{fixed} ELSE {longest} END"


def _function(name: str, terms: Sequence[str]) -> str:
    return terms[0] if len(terms) == 1 else f"{name}({', '.join(terms)})"
