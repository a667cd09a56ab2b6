"""The events of many contacts, read once: one pass for all conditions, grouped by contact."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from segments.conditions.nodes import AttributeCondition, FieldValue, Range, Where
from segments.conditions.sql.facts import EventTypeFacts
from segments.conditions.sql.fragment import Fragment, Joins
from segments.conditions.sql.moments import Moment


def among(contact_id: str) -> str:
    """SQL: it is one of the contacts in question, all or a range of them. Whoever runs the statement
    gives `first` and `last`."""
    return f"{contact_id} BETWEEN %(first)s::bigint AND %(last)s::bigint"


class InPlace(Joins):
    """Expressions stay where they are: only those of them are computed that an event comes to."""

    def add(self, select: str) -> str:
        raise AssertionError(f"no query of its own for each event: {select}")

    def once(self, expression: str) -> str:
        return f"({expression})"

    def settled(self, fragment: Fragment) -> Fragment:
        return fragment


Column = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Counting:
    """Events of one type that count."""

    event_type: EventTypeFacts
    bounds: str
    """SQL over the time that leaves out rows, beginning with AND."""
    when: str
    """Whether an event within the bounds has happened, and lies in the window; or else when it has to be."""
    where: str = "true"
    """What is asked of its attributes."""
    value: str = ""
    """What is taken of each."""

    @property
    def found_by(self) -> str:
        return f"e.type_id = {self.event_type.id:d}{self.bounds}"

    @property
    def sql(self) -> str:
        return f"{self.found_by} AND {self.when} AND {self.where}"

    def only(self, check: str) -> Counting:
        return replace(self, where=f"{self.where} AND {check}")

    @property
    def reads_attributes(self) -> bool:
        return "e.attributes" in self.where + self.value


Columns = dict[tuple[str, Counting], str]


class Passes:
    """LEFT JOINs with what there is to know about the events of each contact.

    Whatever the index of the times tells is one pass, for it is gone through as a whole; where
    attributes are asked, each type is one, of which that index or another finds the events.
    Columns are NULL for contacts without such events, whatever the aggregate.
    """

    def __init__(self, moment: Moment) -> None:
        self.inner = replace(moment, joins=InPlace(moment.binder))
        self._shared: dict[int | None, tuple[str, Columns]] = {}
        """By type, None for all: the alias, and its columns by their SQL."""
        self._own: list[str] = []

    @property
    def sql(self) -> str:
        shared = [_shared_sql(alias, columns) for alias, columns in self._shared.values()]
        return " ".join([*shared, *self._own])

    def column(self, aggregate: str, counting: Counting) -> str:
        """Of all that count."""
        key = counting.event_type.id if counting.reads_attributes else None
        if key not in self._shared:
            self._shared[key] = (self.inner.binder.new_alias(), {})
        alias, columns = self._shared[key]
        return f"{alias}.{columns.setdefault((aggregate, counting), f'a{len(columns)}')}"

    def distinct(self, value: str, counting: Counting) -> str:
        """How many different values there are; they are told apart first."""
        rows = f"SELECT e.contact_id, {value} AS v FROM {rows_of([counting])} GROUP BY 1, 2"
        alias = self.inner.binder.new_alias()
        self._own.append(_joined(alias, "count(v) AS n", f"({rows}) e"))
        return f"{alias}.n"

    def columns(self, counting: Counting) -> tuple[Column, Column]:
        """From an aggregate to its column, and from a value to that with the number of different ones."""
        return (
            lambda aggregate: self.column(aggregate, counting),
            lambda value: self.distinct(value, counting),
        )


def _shared_sql(alias: str, columns: Columns) -> str:
    rows, filters = _told_apart(list(dict.fromkeys(counting for _, counting in columns)))
    aggregates = ", ".join(
        f"{aggregate}{filters[counting]} AS {name}"
        for (aggregate, counting), name in columns.items()
    )
    return _joined(alias, aggregates, rows)


def rows_of(kinds: Sequence[Counting]) -> str:
    """FROM and WHERE of the events that count as one of these; of several, those that may."""
    return _told_apart(kinds)[0]


def _told_apart(kinds: Sequence[Counting]) -> tuple[str, dict[Counting, str]]:
    """FROM and WHERE, and for each kind the FILTER that it needs besides."""
    rows = f"events_event e WHERE {among('e.contact_id')} AND "
    if len(kinds) == 1:
        return rows + kinds[0].sql, {kinds[0]: ""}
    if len({(one.found_by, one.where) for one in kinds}) == 1:
        # Attributes are looked at once, and not for each kind.
        rows += f"{kinds[0].found_by} AND {kinds[0].where}"
        return rows, {one: f" FILTER (WHERE {one.when})" for one in kinds}
    # Both the types and their times, so that either index is of use.
    types = ", ".join(str(number) for number in sorted({one.event_type.id for one in kinds}))
    each = " OR ".join(dict.fromkeys(f"({one.found_by})" for one in kinds))
    rows += f"e.type_id IN ({types}) AND ({each})"
    return rows, {one: f" FILTER (WHERE {one.sql})" for one in kinds}


def _joined(alias: str, aggregates: str, rows: str) -> str:
    grouped = f"SELECT e.contact_id, {aggregates} FROM {rows} GROUP BY e.contact_id"
    return f"LEFT JOIN ({grouped}) {alias} ON {alias}.contact_id = c.id"


def asks_contact(where: Where | AttributeCondition | None) -> bool:
    """Whether events are compared with something of the contact's, which is not known in a pass."""
    if where is None:
        return False
    if isinstance(where, Where):
        return any(asks_contact(child) for child in where.children)
    value = where.check.value
    ends = (value.start, value.end) if isinstance(value, Range) else (value,)
    return any(isinstance(end, FieldValue) for end in ends)
