"""The members of a segment by the values of a field: how many, and how that compares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from contacts.models import FieldTypes
from segments.breakdown.counting import (
    QUICK,
    Everybody,
    Limits,
    Members,
    Moved,
    count_contacts,
    count_members,
    count_moves,
)
from segments.breakdown.fields import Asked
from segments.models import Segment

NO_VALUE: Final = "No value"
OTHERS: Final = "Others"


@dataclass(frozen=True, slots=True)
class Group:
    kind: str
    """value, range, others or none"""
    value: str
    """As it is stored; empty for ranges, others and none."""
    label: str
    members: int
    share: float
    """Percent of all members."""
    contacts: int
    contacts_share: float
    """Percent of all contacts."""
    entered: int | None
    left: int | None
    """None: not counted."""

    @property
    def lift(self) -> float | None:
        """How many times as frequent among members as among all contacts."""
        return round(self.share / self.contacts_share, 2) if self.contacts_share else None

    @property
    def growth(self) -> int | None:
        return None if self.entered is None or self.left is None else self.entered - self.left


@dataclass(frozen=True, slots=True)
class Breakdown:
    field: Asked
    groups: list[Group]
    members: int
    contacts: int
    is_exact: bool
    """Whether all members and all contacts were looked at, not only some of them."""
    has_moves: bool
    """Whether those who entered and left could be counted in time."""

    @property
    def overlaps(self) -> bool:
        """Whether a contact may be in several groups."""
        return self.field.type == FieldTypes.LIST

    @property
    def widest(self) -> float:
        shares = [max(group.share, group.contacts_share) for group in self.groups]
        return max(shares, default=0.0)


def break_down(
    segment: Segment, field: Asked, *, since: datetime, zone: str, limits: Limits = QUICK
) -> Breakdown:
    """Members now; of the moves, those since then. Raises TooSlow."""
    members = count_members(segment, field, zone=zone, limits=limits)
    keys = [one.key for one in members.groups]
    contacts = count_contacts(members.grouping, keys, limits=limits)
    moves = count_moves(segment, members.grouping, since=since, limits=limits)
    told = _Telling(field, members, contacts, moves, _total(segment, field, members))
    return Breakdown(
        field,
        told.groups(),
        told.total,
        contacts.total,
        is_exact=members.is_exact and contacts.is_exact,
        has_moves=moves is not None,
    )


def _total(segment: Segment, field: Asked, members: Members) -> int:
    """A contact with several values is in several groups."""
    return segment.member_count if field.type == FieldTypes.LIST else members.total


@dataclass(frozen=True, slots=True)
class _Telling:
    field: Asked
    members: Members
    contacts: Everybody
    moves: Mapping[str | None, Moved] | None
    total: int

    def groups(self) -> list[Group]:
        known = [one for one in self.members.groups if one.key is not None]
        if self.members.grouping.is_ordered:
            known.sort(key=lambda one: _place(one.key or "", self.field.type))
        rows = [self._group(one.key, one.value or "", one.count) for one in known]
        return [*rows, *self._others(), *self._none()]

    def _group(self, key: str | None, value: str, count: int) -> Group:
        is_range = self.members.grouping.is_ordered and value != self._words(value)
        kind = "range" if is_range or self.field.type in _TIMES else "value"
        stored = value if kind == "value" else ""
        moved = (self.moves or {}).get(key, Moved())
        return self._made(
            kind, stored, self._words(value), count, self.contacts.counts.get(key, 0), moved
        )

    def _others(self) -> list[Group]:
        """Values that are not shown: there are none where a contact may have several."""
        if self.field.type == FieldTypes.LIST:
            return []
        shown = {one.key for one in self.members.groups} | {None}
        count = max(0, self.total - sum(one.count for one in self.members.groups))
        contacts = self.contacts.total - sum(
            n for key, n in self.contacts.counts.items() if key in shown
        )
        moved = [one for key, one in (self.moves or {}).items() if key not in shown]
        sums = Moved(sum(one.entered for one in moved), sum(one.left for one in moved))
        if not count and not sums.entered and not sums.left:
            return []
        return [self._made("others", "", OTHERS, count, max(0, contacts), sums)]

    def _none(self) -> list[Group]:
        count = next((one.count for one in self.members.groups if one.key is None), 0)
        moved = (self.moves or {}).get(None, Moved())
        contacts = self.contacts.counts.get(None, 0)
        if not count and not moved.entered and not moved.left:
            return []
        return [self._made("none", "", NO_VALUE, count, contacts, moved)]

    def _words(self, value: str) -> str:
        return self.members.grouping.words(value)

    def _made(
        self, kind: str, value: str, label: str, count: int, contacts: int, moved: Moved
    ) -> Group:
        return Group(
            kind,
            value,
            label,
            count,
            _percent(count, self.total),
            contacts,
            _percent(contacts, self.contacts.total),
            moved.entered if self.moves is not None else None,
            moved.left if self.moves is not None else None,
        )


_TIMES: Final = (FieldTypes.DATE, FieldTypes.DATETIME)


def _place(key: str, type_: FieldTypes) -> Any:
    return float(key) if type_ == FieldTypes.NUMBER else key


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 2) if whole else 0.0
