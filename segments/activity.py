"""Who entered and left segments: narrowed, a page at a time, and with the cause in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from django.db import connection

from contacts.models import Contact
from segmentflow import tallies
from segmentflow.citus.here import is_spread
from segmentflow.clock import workspace_zone
from segmentflow.limits import within
from segmentflow.models import TallySubject
from segments.causes import in_words as causes_in_words
from segments.causing import Cause
from segments.models import Segment, Transition
from segments.searching import few_found, found_as_sql

FIRST_DAY = date(1970, 1, 1)
LAST_DAY = date(9000, 12, 31)
"""Beyond these nothing happened, and calendars of time zones end."""
LIMIT_MS: Final = 3_000
BITE: Final = 1_000
"""Moves read at once when all of them are wanted."""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What somebody wants to see of the activity; everything by default."""

    entered: bool | None = None
    first: date | None = None
    last: date | None = None
    words: str = ""
    cause: Cause | None = None

    @property
    def has_days(self) -> bool:
        return self.first is not None or self.last is not None

    @property
    def is_empty(self) -> bool:
        return self == Narrowing()


@dataclass(frozen=True, slots=True)
class Entry:
    seq: int
    contact: Contact
    segment: Segment
    entered: bool
    at: datetime
    why: str
    cause: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Counted:
    entered: int
    left: int


def newest_transitions(
    *,
    segments: Sequence[Segment],
    narrowing: Narrowing,
    before: int | None = None,
    after: int | None = None,
    limit: int,
    limit_ms: int = LIMIT_MS,
) -> list[Transition]:
    """Those recorded before a number, the newest first; or after one, the oldest first.

    Raises TooSlow.
    """
    # Without anything to look for, a page is read where it begins.
    with nullcontext() if narrowing.is_empty else within(limit_ms):
        keys = _keys([one.pk for one in segments], narrowing, before, after, limit)
    found = Transition.objects.filter(
        contact__in=[contact for contact, _ in keys], seq__in=[seq for _, seq in keys]
    ).select_related("contact")
    known = {one.pk: one for one in segments}
    rows = {row.seq: row for row in found}
    for row in rows.values():
        row.segment = known[row.segment_id]
    return [rows[seq] for _, seq in keys if seq in rows]


def _keys(
    segment_ids: list[int],
    narrowing: Narrowing,
    before: int | None,
    after: int | None,
    limit: int,
) -> list[tuple[int, int]]:
    """Contact and number of each move, in the order wanted."""
    conditions, params = _conditions(narrowing)
    if before is not None:
        conditions, params = [*conditions, "t.seq < %s"], [*params, before]
    if after is not None:
        conditions, params = [*conditions, "t.seq > %s"], [*params, after]
    order = "seq" if after is not None else "seq DESC"
    few = few_found(narrowing.words) if narrowing.words else None
    if few is not None or is_spread():
        if few is not None:
            conditions, params = [*conditions, "t.contact_id = ANY(%s)"], [*params, few]
        elif narrowing.words:
            found, own = found_as_sql(narrowing.words)
            conditions, params = [*conditions, f"t.contact_id IN ({found})"], [*params, *own]
        where = " AND ".join([*conditions, "t.segment_id = ANY(%s)"])
        sql = f"SELECT t.contact_id, t.seq FROM segments_transition t WHERE {where}"
        params = [*params, segment_ids]
    else:
        if narrowing.words:
            found, own = found_as_sql(narrowing.words)
            # Not a plain condition, so that the database makes no join of it.
            conditions, params = (
                [*conditions, f"(t.contact_id IN ({found})) IS TRUE"],
                [
                    *params,
                    *own,
                ],
            )
        where = " AND ".join(["t.segment_id = s.id", *conditions])
        # The newest of each segment by the index, of which the newest are taken.
        sql = f"""
            SELECT newest.contact_id, newest.seq
            FROM unnest(%s::bigint[]) AS s (id)
            CROSS JOIN LATERAL (
                SELECT t.contact_id, t.seq FROM segments_transition t
                WHERE {where}
                ORDER BY t.{order}
                LIMIT %s
            ) newest
        """
        params = [segment_ids, *params, limit]
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} ORDER BY {order} LIMIT %s", [*params, limit])
        return list(cursor.fetchall())


def _conditions(narrowing: Narrowing) -> tuple[list[str], list[Any]]:
    conditions: list[str] = ["true"]
    params: list[Any] = []
    if narrowing.entered is not None:
        conditions.append("t.entered = %s")
        params.append(narrowing.entered)
    if narrowing.first:
        conditions.append("t.at >= %s")
        params.append(_start_of(narrowing.first))
    if narrowing.last:
        conditions.append("t.at < %s")
        params.append(_start_of(narrowing.last + timedelta(days=1)))
    if narrowing.cause:
        conditions.append("t.cause @> %s::jsonb")
        params.append(narrowing.cause.as_json)
    return conditions, params


def entries(transitions: Sequence[Transition]) -> list[Entry]:
    """Transitions with the contact and the cause in words."""
    causes = causes_in_words(transitions)
    return [
        Entry(row.seq, row.contact, row.segment, row.entered, row.at, cause, row.cause)
        for row, cause in zip(transitions, causes, strict=True)
    ]


def all_entries(*, segments: Sequence[Segment], narrowing: Narrowing) -> Iterator[Entry]:
    """Segment by segment, the newest first, read in bites: many moves need little memory."""
    for segment in segments:
        before: int | None = None
        while bite := newest_transitions(
            segments=[segment], narrowing=narrowing, before=before, limit=BITE, limit_ms=0
        ):
            before = bite[-1].seq
            yield from entries(bite)


def counted(*, segments: Sequence[Segment], narrowing: Narrowing) -> Counted | None:
    """How many entered and left, from stored numbers; None when a search would have to count."""
    if narrowing.words or narrowing.cause:
        return None
    first, last = narrowing.first or FIRST_DAY, narrowing.last or LAST_DAY
    ids = {segment.pk for segment in segments}
    ref = next(iter(ids)) if len(ids) == 1 else None
    sums = []
    for subject in (TallySubject.ENTERED, TallySubject.LEFT):
        if narrowing.has_days:
            found = tallies.by_day(subject, first=first, last=last, ref=ref)
            by_segment = {one: sum(days.values()) for one, days in found.items()}
        else:
            by_segment = tallies.totals(subject)
        sums.append(sum(count for one, count in by_segment.items() if one in ids))
    return Counted(*sums)


def _start_of(day: date) -> datetime:
    """In UTC, from which every time zone is reached."""
    return datetime.combine(day, time.min, tzinfo=workspace_zone()).astimezone(UTC)
