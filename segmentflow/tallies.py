"""How many there are of something, and when: numbers that pages need without counting.

Whoever stores or removes something appends a fresh tally in the same transaction, so nobody
waits for anybody; `roll_up` adds them to what is kept. A reader sums both in one statement,
so a number is exact at every instant. Kept by quarters of an hour, of which the days of
every time zone are made.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import psycopg
from django.db import connection, transaction

from segmentflow.clock import workspace_zone
from segmentflow.models import TallySubject

Row = tuple[TallySubject, int, datetime, int]
"""What is counted, of which (`ref`), when, and how many more."""

QUARTER = timedelta(minutes=15)
SOME_QUARTER = datetime(2000, 1, 1, tzinfo=UTC)
"""The start of one, from which the others are counted."""
ROLLING = 5308
"""Number of the advisory lock: one process rolls up at a time."""


def add(subject: TallySubject, ref: int, counts: Mapping[datetime, int]) -> None:
    add_many((subject, ref, at, amount) for at, amount in counts.items())


def add_many(rows: Iterable[Row]) -> None:
    """In the caller's transaction; instants are any, amounts negative when something goes.

    Summed up here, and with a cursor that has the statement prepared: single events pay for it.
    """
    amounts: Counter[tuple[int, int, int]] = Counter()
    for subject, ref, at, amount in rows:
        amounts[int(subject), ref, (at - SOME_QUARTER) // QUARTER] += amount
    columns = list(zip(*((*key, amount) for key, amount in amounts.items() if amount), strict=True))
    if not columns:
        return
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.RawCursor(connection.connection) as cursor:
        cursor.execute(
            b"""
            INSERT INTO segmentflow_freshtally (subject, ref, at, amount)
            SELECT subject, ref, timestamptz '2000-01-01Z' + quarter * interval '15 minutes', amount
            FROM unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bigint[])
                AS row (subject, ref, quarter, amount)
            """,
            [list(column) for column in columns],
        )


def forget(subject: TallySubject, ref: int) -> None:
    """What was counted is gone for good; the caller sees to it that nobody counts on meanwhile."""
    with connection.cursor() as cursor:
        # Fresh ones first: what is being rolled up just now is found where it went.
        for table in ("freshtally", "tally", "total"):
            cursor.execute(
                f"DELETE FROM segmentflow_{table} WHERE subject = %s AND ref = %s", [subject, ref]
            )


def total(subject: TallySubject, ref: int = 0) -> int:
    return totals(subject).get(ref, 0)


def totals(subject: TallySubject) -> dict[int, int]:
    """By ref; those of which there are none any more may be missing."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT ref, sum(amount)::bigint
            FROM (
                SELECT ref, amount FROM segmentflow_total WHERE subject = %(subject)s
                UNION ALL
                SELECT ref, amount FROM segmentflow_freshtally WHERE subject = %(subject)s
            ) AS counted
            GROUP BY ref
            """,
            {"subject": subject},
        )
        return dict(cursor.fetchall())


def total_before(subject: TallySubject, ref: int, at: datetime) -> int:
    """How many there were before an instant at which a quarter begins."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT coalesce(sum(amount), 0)::bigint
            FROM (
                SELECT amount FROM segmentflow_tally
                WHERE subject = %(subject)s AND ref = %(ref)s AND at < %(at)s
                UNION ALL
                SELECT amount FROM segmentflow_freshtally
                WHERE subject = %(subject)s AND ref = %(ref)s AND at < %(at)s
            ) AS counted
            """,
            {"subject": int(subject), "ref": ref, "at": at},
        )
        amount: int = cursor.fetchone()[0]
        return amount


def oldest_of(subject: TallySubject, refs: Collection[int]) -> dict[int, datetime]:
    """By ref, the first quarter that has any; those without are missing.

    One that was emptied a moment ago may still be the first.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT wanted.ref, LEAST(kept.at, fresh.at)
            FROM unnest(%(refs)s::bigint[]) AS wanted (ref)
            LEFT JOIN LATERAL (
                SELECT at FROM segmentflow_tally
                WHERE subject = %(subject)s AND ref = wanted.ref AND amount > 0
                ORDER BY at
                LIMIT 1
            ) kept ON true
            LEFT JOIN (
                SELECT ref, min(at) AS at FROM segmentflow_freshtally
                WHERE subject = %(subject)s AND amount > 0
                GROUP BY ref
            ) fresh ON fresh.ref = wanted.ref
            WHERE LEAST(kept.at, fresh.at) IS NOT NULL
            """,
            {"subject": int(subject), "refs": list(refs)},
        )
        return dict(cursor.fetchall())


def drop_empty(subject: TallySubject, ref: int, *, before: datetime) -> None:
    """Forget the quarters in which there are none any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM segmentflow_tally
            WHERE subject = %s AND ref = %s AND at < %s AND amount = 0
            """,
            [subject, ref, before],
        )


def by_day(
    subject: TallySubject, *, first: date, last: date, ref: int | None = None
) -> dict[int, dict[date, int]]:
    """By ref and local day; days without any are missing."""
    zone = workspace_zone()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT ref, (at AT TIME ZONE %(zone)s)::date AS day, sum(amount)::bigint
            FROM (
                SELECT ref, at, amount
                FROM segmentflow_tally
                WHERE subject = %(subject)s AND at >= %(start)s AND at < %(end)s
                    AND (%(ref)s::bigint IS NULL OR ref = %(ref)s)
                UNION ALL
                SELECT ref, at, amount
                FROM segmentflow_freshtally
                WHERE subject = %(subject)s AND at >= %(start)s AND at < %(end)s
                    AND (%(ref)s::bigint IS NULL OR ref = %(ref)s)
            ) AS counted
            GROUP BY ref, day
            HAVING sum(amount) <> 0
            """,
            {
                "zone": zone.key,
                "subject": int(subject),
                "start": datetime.combine(first, time.min, tzinfo=zone),
                "end": datetime.combine(last + timedelta(days=1), time.min, tzinfo=zone),
                "ref": ref,
            },
        )
        found: dict[int, dict[date, int]] = {}
        for row_ref, day, amount in cursor.fetchall():
            found.setdefault(row_ref, {})[day] = amount
        return found


@dataclass(slots=True)
class Development:
    """How a number came about: all of it, and what each day from one on added."""

    total: int = 0
    days: dict[date, int] = field(default_factory=dict)


def developments(
    subjects: Collection[TallySubject],
    *,
    first: date,
    ref: int | None = None,
    zone: ZoneInfo | None = None,
) -> dict[tuple[TallySubject, int], Development]:
    """By subject and ref, as of one instant; `days` begins with the local day `first`.

    `zone` spares those who asked for it already another query.
    """
    zone = zone or workspace_zone()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH fresh AS (
                SELECT subject, ref, at, amount
                FROM segmentflow_freshtally
                WHERE subject = ANY(%(subjects)s) AND (%(ref)s::bigint IS NULL OR ref = %(ref)s)
            )
            SELECT subject, ref, NULL::date AS day, sum(amount)::bigint
            FROM (
                SELECT subject, ref, amount FROM fresh
                UNION ALL
                SELECT subject, ref, amount
                FROM segmentflow_total
                WHERE subject = ANY(%(subjects)s) AND (%(ref)s::bigint IS NULL OR ref = %(ref)s)
            ) AS everything
            GROUP BY subject, ref
            UNION ALL
            SELECT subject, ref, (at AT TIME ZONE %(zone)s)::date AS day, sum(amount)::bigint
            FROM (
                SELECT subject, ref, at, amount FROM fresh WHERE at >= %(start)s
                UNION ALL
                SELECT subject, ref, at, amount
                FROM segmentflow_tally
                WHERE subject = ANY(%(subjects)s) AND at >= %(start)s
                    AND (%(ref)s::bigint IS NULL OR ref = %(ref)s)
            ) AS recent
            GROUP BY subject, ref, day
            """,
            {
                "subjects": [int(subject) for subject in subjects],
                "ref": ref,
                "zone": zone.key,
                "start": datetime.combine(first, time.min, tzinfo=zone),
            },
        )
        found: defaultdict[tuple[TallySubject, int], Development] = defaultdict(Development)
        for subject, row_ref, day, amount in cursor.fetchall():
            development = found[TallySubject(subject), row_ref]
            if day is None:
                development.total = amount
            else:
                development.days[day] = amount
        return dict(found)


@transaction.atomic
def roll_up() -> int:
    """Add the fresh tallies to the kept ones; how many there were."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ROLLING])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(
            """
            WITH moved AS (
                DELETE FROM segmentflow_freshtally RETURNING subject, ref, at, amount
            ), kept AS (
                INSERT INTO segmentflow_tally (subject, ref, at, amount)
                SELECT subject, ref, at, sum(amount) FROM moved GROUP BY subject, ref, at
                ON CONFLICT (subject, ref, at)
                    DO UPDATE SET amount = segmentflow_tally.amount + excluded.amount
            ), summed AS (
                INSERT INTO segmentflow_total (subject, ref, amount)
                SELECT subject, ref, sum(amount) FROM moved GROUP BY subject, ref
                ON CONFLICT (subject, ref)
                    DO UPDATE SET amount = segmentflow_total.amount + excluded.amount
            )
            SELECT count(*) FROM moved
            """
        )
        moved: int = cursor.fetchone()[0]
        return moved
