"""A definition as one SQL statement: the only evaluator there is.

Each distinct condition is computed once per contact in a LATERAL item of its own; groups
put the answers together. References to other segments are their definitions, in place, so
that one statement at one instant sees one state of the data.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from segments.conditions.extremes import by_events
from segments.conditions.nodes import (
    EventCondition,
    Everyone,
    FieldCondition,
    Group,
    MeasureOf,
    Node,
    Occurrence,
    Random,
    SegmentCondition,
    Sequence,
)
from segments.conditions.sql.at_once import AtOnce
from segments.conditions.sql.comparisons import compare
from segments.conditions.sql.counts import count_condition
from segments.conditions.sql.events import measured_condition
from segments.conditions.sql.facts import Facts
from segments.conditions.sql.fragment import TRUE, Fragment, Params, Steady, negated
from segments.conditions.sql.grouped import Passes, among
from segments.conditions.sql.moments import ALWAYS, Moment
from segments.conditions.sql.occurrence import occurrence
from segments.conditions.sql.sequence import sequence
from segments.conditions.sql.values import field_value
from segments.conditions.sql.where import COMBINED

Terms = tuple[str, ...]
JOINED = re.compile(r"\bq\d+\.")
"""A column of a join, by the names that the binder gives."""
MOST_TERMS = 6
"""Of those that say whether something is needed: the first, so that long groups stay short."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """The parts of a statement over `contacts_contact c`."""

    joins: str
    """Everything that the expressions below refer to."""
    answer: Fragment
    """Of those whom the prefilter lets through; the others are out for ever."""
    prefilter: str
    """What a contact must be for ever to be in, or ever get in; at least `true`."""
    params: Params
    steady: Steady
    """How long all this is right, and which of the parameters move meanwhile."""
    is_for_many: bool = False
    is_spread: bool = False

    @property
    def is_prefilter_alone(self) -> bool:
        """Whether it needs none of the joins."""
        return not JOINED.search(self.prefilter)

    @property
    def source(self) -> str:
        return f"FROM contacts_contact c {self.joins}"

    def holds(self, *, row: str) -> str:
        """Whether it is true for one contact, `row` in the statement around it.

        OFFSET 0 keeps the planner from evaluating everybody where a few are asked for.
        """
        if self.is_spread:
            return (
                f"EXISTS (SELECT {self.source} WHERE c.id = {row}.id"
                f" AND {self.prefilter} AND {self.answer.truth})"
            )
        return (
            f"EXISTS (SELECT FROM (SELECT {row}.*) c {self.joins}"
            f" WHERE {self.prefilter} AND {self.answer.truth} OFFSET 0)"
        )

    def rows(self, *, only: str = "true") -> str:
        """A query (contact_id, truth, until) of the contacts that are in or may get in by time.

        `only` says of whom, unless it was compiled for many: then of those from `first` to `last`.
        """
        if self.is_for_many:
            only = among("c.id")
        until = self.answer.due
        return f"""
            SELECT a.contact_id, a.truth, NULLIF(a.until, 'infinity') AS until
            FROM (
                SELECT c.id AS contact_id, {self.answer.truth} AS truth, {until} AS until
                {self.source}
                WHERE {only} AND {self.prefilter}
                OFFSET 0
            ) a
            WHERE a.truth OR a.until < 'infinity'"""


class Compiler:
    """Collects what the conditions of one statement need."""

    def __init__(
        self,
        *,
        facts: Facts,
        now: datetime,
        shows_actual: bool = False,
        many: bool = False,
        until: bool = True,
    ) -> None:
        """`many`: for a range of contacts, whose events are read in passes where that is possible.
        Without `until` only the truth is asked, and it is possible nearly always."""
        self._facts = facts
        self._moment = Moment.begin(
            now, facts.zone, shows_actual=shows_actual, is_spread=facts.is_spread
        )
        self._known: dict[Node, Fragment] = {}
        self._passes = Passes(self._moment) if many else None
        self._at_once = (
            AtOnce(self._passes, facts.event_types) if self._passes and not until else None
        )

    def compiled(self, answer: Fragment, *, prefilter: str = "true") -> Compiled:
        joins = self._moment.joins.sql
        if self._passes is not None:
            joins = f"{self._passes.sql} {joins}"
        return Compiled(
            joins,
            answer,
            prefilter,
            self._moment.binder.params,
            self._moment.binder.steady,
            is_for_many=self._passes is not None,
            is_spread=self._facts.is_spread,
        )

    def fragment(self, node: Node) -> Fragment:
        """The answer to a node, right by itself; equal ones share it."""
        return self._fragment(node, ())

    def _fragment(self, node: Node, needed: Terms) -> Fragment:
        """`needed`: SQL for when somebody reads it; nobody does where any of it is false."""
        if node not in self._known:
            self._known[node] = self._moment.joins.settled(self._translate(node, needed))
        return self._known[node]

    def _translate(self, node: Node, needed: Terms) -> Fragment:
        match node:
            case Group():
                return self._group(node, needed)
            case FieldCondition():
                value = field_value(self._moment, node.field, node.check.type)
                return compare(self._moment, node.check, value)
            case EventCondition() | Occurrence() | Sequence():
                told = self._at_once.translated(node) if self._at_once else None
                return told or self._about_events(node, needed)
            case SegmentCondition():
                return self._segment(node, needed)
            case Random():
                return self._random(node)
            case Everyone():
                return TRUE

    def _about_events(
        self, node: EventCondition | Occurrence | Sequence, needed: Terms
    ) -> Fragment:
        moment = self._moment.only_if(" AND ".join(needed[:MOST_TERMS]) or ALWAYS)
        event_types = self._facts.event_types
        # What others spare most contacts is looked up for those who are left.
        passes = None if needed else self._passes
        match node:
            case EventCondition() if node.measure.of == MeasureOf.COUNT:
                return count_condition(moment, node, event_types[node.event], passes)
            case EventCondition() if not moment.shows_actual and (told := by_events(node)):
                return self._fragment(told, needed)
            case EventCondition():
                return measured_condition(moment, node, event_types[node.event], passes)
            case Occurrence():
                return occurrence(moment, node, event_types[node.event])
            case Sequence():
                return sequence(moment, node, event_types)

    def _group(self, group: Group, needed: Terms) -> Fragment:
        return COMBINED[group.match]([self._fragment(child, needed) for child in group.children])

    def _segment(self, node: SegmentCondition, needed: Terms) -> Fragment:
        segment = self._facts.segments[node.segment]
        if isinstance(segment, int):
            listed = Fragment(
                "EXISTS (SELECT FROM segments_membership m"
                f" WHERE m.contact_id = c.id AND m.segment_id = {segment:d})"
            )
        else:
            listed = self._fragment(segment, needed)
        return listed if node.member else negated(listed)

    def _random(self, node: Random) -> Fragment:
        # The first 32 bits of the hash, compared without rounding.
        salt = self._moment.binder.add(node.salt, "text")
        digits = f"substr(md5({salt} || ':' || c.id::text), 1, 8)"
        number = f"('x' || {digits})::bit(32)::bigint::numeric"
        percent = self._moment.binder.add(node.percent, "numeric")
        return Fragment(f"({number} * 100 < {percent} * 4294967296)")
