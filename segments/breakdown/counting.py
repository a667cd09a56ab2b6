"""How many members and contacts are in each group, and how many entered and left of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import connection

from contacts.models import FieldTypes
from segmentflow.limits import TooSlow, within
from segments.breakdown.fields import Asked
from segments.breakdown.grouping import Grouping, dates, fitting_length, grouping_of, numbers
from segments.engine.sampling import ask_some, everybody, scaled
from segments.models import Segment

MOST: Final = 20
"""Groups that are told apart; the rest are the others."""
MOST_MONTHS: Final = 2_000
SEEN: Final = 2_000
"""Members whose numbers are looked at for the ranges."""
SAMPLE: Final = 20_000
"""Members that stand for all when there are too many to look at each."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long each of the statements may take, in milliseconds."""

    members: int
    contacts: int
    moves: int


QUICK: Final = Limits(600, 400, 500)
"""Together below two seconds, with what is looked at when one of them is exceeded."""
PATIENT: Final = Limits(10_000, 5_000, 10_000)
SAMPLE_MS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Counted:
    """A group by its key; None: no value."""

    key: str | None
    value: str | None
    """As it is most often written."""
    count: int


@dataclass(frozen=True, slots=True)
class Members:
    grouping: Grouping
    groups: list[Counted]
    """The largest."""
    total: int
    is_exact: bool = True


@dataclass(frozen=True, slots=True)
class Everybody:
    counts: dict[str | None, int]
    total: int
    is_exact: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """Of a group, within a time."""

    entered: int = 0
    left: int = 0


def count_members(segment: Segment, asked: Asked, *, zone: str, limits: Limits = QUICK) -> Members:
    """Exactly when that is quick, else about, from some of them. Raises TooSlow."""
    try:
        with within(limits.members):
            return _by_type(segment, asked, zone=zone)
    except TooSlow:
        pass
    every = segment.member_count // SAMPLE + 1
    if every == 1 or limits is PATIENT:
        raise TooSlow
    with within(SAMPLE_MS):
        some = _by_type(segment, asked, zone=zone, every=every)
    return _for_all(some, segment.member_count)


def _by_type(segment: Segment, asked: Asked, *, zone: str, every: int = 1) -> Members:
    if asked.type == FieldTypes.NUMBER:
        return _members(segment, numbers(asked, _seen(segment, asked)), MOST, every)
    grouping = grouping_of(asked, zone=zone)
    if asked.type not in (FieldTypes.DATE, FieldTypes.DATETIME):
        return _members(segment, grouping, MOST, every)
    found = _members(segment, grouping, MOST_MONTHS, every)
    length = fitting_length([one.key for one in found.groups if one.key])
    return _coarser(found, dates(asked, zone=zone, length=length), length)


def _members(segment: Segment, grouping: Grouping, most: int, every: int) -> Members:
    """Of all members, or of one in so many, which has nothing to do with when they came."""
    rows = _grouped(
        f"""
        SELECT {grouping.value} AS v, count(*) AS n
        FROM segments_membership m JOIN contacts_contact c ON c.id = m.contact_id {grouping.join}
        WHERE m.segment_id = %(segment)s AND (%(every)s = 1 OR hashint8(m.contact_id) %% %(every)s = 0)
        GROUP BY v
        """,
        grouping,
        {"segment": segment.pk, "every": every, "limit": most + 1},
    )
    without = [row for row in rows if row[0] is None]
    shown = [*without, *[row for row in rows if row[0] is not None][:most]]
    groups = [Counted(key, value, count) for key, value, count, _ in shown]
    return Members(grouping, groups, rows[0][3] if rows else 0)


def _for_all(some: Members, total: int) -> Members:
    def about(count: int) -> int:
        return scaled(count, seen=some.total, total=total)

    groups = [Counted(one.key, one.value, about(one.count)) for one in some.groups]
    return Members(some.grouping, groups, total, is_exact=False)


def _coarser(found: Members, grouping: Grouping, length: int) -> Members:
    """Months added up; the latest groups where there are too many all the same."""
    sums: dict[str | None, int] = {}
    for one in found.groups:
        key = one.key[:length] if one.key else None
        sums[key] = sums.get(key, 0) + one.count
    kept = sorted((key for key in sums if key), reverse=True)[:MOST]
    groups = [Counted(key, key, sums[key]) for key in [*kept, None] if key in sums]
    return Members(grouping, groups, found.total)


def _seen(segment: Segment, asked: Asked) -> list[Decimal]:
    """Numbers of some members, who stand for all."""
    every = segment.member_count // SEEN + 1
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT json_number(c.attributes -> %(key)s)
            FROM segments_membership m JOIN contacts_contact c ON c.id = m.contact_id
            WHERE m.segment_id = %(segment)s AND hashint8(m.contact_id) %% %(every)s = 0
            """,
            {"key": asked.key, "segment": segment.pk, "every": every},
        )
        return [number for (number,) in cursor.fetchall() if number is not None]


def count_contacts(
    grouping: Grouping, keys: Sequence[str | None], *, limits: Limits = QUICK
) -> Everybody:
    """Exactly when that is quick, else about, from some of them. Raises TooSlow."""
    contacts = everybody()
    try:
        with within(limits.contacts):
            return Everybody(_contacts(grouping, keys), contacts.total, is_exact=True)
    except TooSlow:
        pass

    def ask(ids: list[int]) -> tuple[dict[str | None, int], int]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM contacts_contact WHERE id = ANY(%s)", [ids])
            return _contacts(grouping, keys, ids), cursor.fetchone()[0]

    some, seen = ask_some(contacts, ask)
    about = {key: scaled(n, seen=seen, total=contacts.total) for key, n in some.items()}
    return Everybody(about, contacts.total, is_exact=False)


def _contacts(
    grouping: Grouping, keys: Sequence[str | None], ids: list[int] | None = None
) -> dict[str | None, int]:
    among = "true" if ids is None else "c.id = ANY(%(ids)s::bigint[])"
    rows = _grouped(
        f"""
        SELECT {grouping.value} AS v, count(*) AS n
        FROM contacts_contact c {grouping.join}
        WHERE {among}
        GROUP BY v
        """,
        grouping,
        {"ids": ids, "keys": list(keys), "limit": len(keys) + 1},
        having="lower(v) IS NULL OR lower(v) = ANY(%(keys)s::text[])",
    )
    return {key: count for key, _, count, _ in rows}


def _grouped(
    values: str, grouping: Grouping, params: dict[str, Any], *, having: str = "true"
) -> list[tuple[str | None, str | None, int, int]]:
    """Key, commonest spelling, count, and the count of all groups; no value first, then the largest.

    Conditions take no notice of case, so spellings are one group.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT lower(v), (array_agg(v ORDER BY n DESC, v))[1], sum(n)::bigint AS many,
                sum(sum(n)) OVER ()::bigint
            FROM ({values}) AS counted
            GROUP BY lower(v)
            HAVING {having}
            ORDER BY lower(v) IS NULL DESC, many DESC, lower(v)
            LIMIT %(limit)s
            """,
            grouping.params | params,
        )
        return list(cursor.fetchall())


def count_moves(
    segment: Segment, grouping: Grouping, *, since: datetime, limits: Limits = QUICK
) -> dict[str | None, Moved] | None:
    """By what contacts' values are now. None: it would take too long."""
    try:
        with within(limits.moves), connection.cursor() as cursor:
            cursor.execute(
                f"""
                SELECT lower(v), sum(entered)::bigint, sum("left")::bigint
                FROM (
                    SELECT {grouping.value} AS v, count(*) FILTER (WHERE t.entered) AS entered,
                        count(*) FILTER (WHERE NOT t.entered) AS "left"
                    FROM segments_transition t JOIN contacts_contact c ON c.id = t.contact_id
                        {grouping.join}
                    WHERE t.segment_id = %(segment)s AND t.at >= %(since)s
                    GROUP BY v
                ) AS moved
                GROUP BY lower(v)
                """,
                grouping.params | {"segment": segment.pk, "since": since},
            )
            return {key: Moved(entered, left) for key, entered, left in cursor.fetchall()}
    except TooSlow:
        return None
