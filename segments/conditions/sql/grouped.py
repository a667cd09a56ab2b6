"""The events of many contacts, read once: one pass for all conditions, grouped by contact."""

from __future__ import annotations

from collections.abc import Sequence
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


@dataclass(frozen=True, slots=True)
class Counting:
    """Events of one type that count."""

    event_type: EventTypeFacts
    bounds: str
    """SQL over the time that leaves out rows, beginning with AND."""
    filters: str
    """The rest: whether such an event has happened, and counts."""

    @property
    def found_by(self) -> str:
        return f"e.type_id = {self.event_type.id:d}{self.bounds}"

    @property
    def sql(self) -> str:
        return f"{self.found_by} AND {self.filters}"

    def only(self, check: str) -> Counting:
        return replace(self, filters=f"{self.filters} AND {check}")


class Passes:
    """LEFT JOINs with what there is to know about the events of each contact.

    Columns are NULL for contacts without such events, whatever the aggregate.
    """

    def __init__(self, moment: Moment) -> None:
        self.inner = replace(moment, joins=InPlace(moment.binder))
        self._shared = moment.binder.new_alias()
        self._columns: dict[tuple[str, Counting], str] = {}
        self._own: list[str] = []

    @property
    def sql(self) -> str:
        return " ".join([*([self._shared_sql] if self._columns else []), *self._own])

    def column(self, aggregate: str, counting: Counting) -> str:
        """Of all that count."""
        name = self._columns.setdefault((aggregate, counting), f"a{len(self._columns)}")
        return f"{self._shared}.{name}"

    def distinct(self, value: str, counting: Counting) -> str:
        """How many different values there are; they are told apart first."""
        rows = f"SELECT e.contact_id, {value} AS v FROM {rows_of([counting])} GROUP BY 1, 2"
        return f"{self.own('count(v) AS n', f'({rows}) e')}.n"

    def own(self, aggregates: str, rows: str) -> str:
        """The alias of a pass over other rows, `e`."""
        alias = self.inner.binder.new_alias()
        self._own.append(_joined(alias, aggregates, rows))
        return alias

    @property
    def _shared_sql(self) -> str:
        kinds = list(dict.fromkeys(counting for _, counting in self._columns))
        filters = {one: f" FILTER (WHERE {one.sql})" if len(kinds) > 1 else "" for one in kinds}
        aggregates = ", ".join(
            f"{aggregate}{filters[counting]} AS {name}"
            for (aggregate, counting), name in self._columns.items()
        )
        return _joined(self._shared, aggregates, rows_of(kinds))


def rows_of(kinds: Sequence[Counting]) -> str:
    """FROM and WHERE of the events that count as one of these; of several, those that may."""
    found = f"events_event e WHERE {among('e.contact_id')} AND "
    if len(kinds) == 1:
        return found + kinds[0].sql
    # Both the types and their times, so that either index is of use.
    types = ", ".join(str(number) for number in sorted({one.event_type.id for one in kinds}))
    each = " OR ".join(dict.fromkeys(f"({one.found_by})" for one in kinds))
    return f"{found}e.type_id IN ({types}) AND ({each})"


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
