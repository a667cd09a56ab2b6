"""How others do it, on the same data and with the same conditions, each as fast as it can be made.

All are flattered: they only evaluate and store, in two connections at a time, what has arrived
already; nobody sends them anything meanwhile, and a table with the members of the sample alone
takes what they store.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import psycopg

from bench.speed.contending import (
    Prepared,
    all_in_one,
    connected,
    keep_plans,
    prepared,
    statements,
)
from bench.speed.drawing import Batch, contacts_of
from bench.speed.freshness import settled
from bench.speed.sending import Sender
from bench.speed.stage import Site

CONNECTIONS = 2
QUEUE_BATCH = 100


@dataclass(frozen=True, slots=True)
class Sample:
    """Events that have arrived, and the members before they did."""

    site: Site
    contact_ids: tuple[int, ...]
    """Of each event, in their order."""


def arrived(site: Site, made: Sequence[Batch]) -> Sample:
    """Send the events, after the members before them were put aside."""
    with connected() as connection:
        connection.execute("DROP TABLE IF EXISTS bench_before, bench_membership")
        connection.execute(
            """
            CREATE TABLE bench_before AS
            SELECT contact_id, segment_id FROM segments_membership WHERE contact_id = ANY(%s)
            """,
            [sorted(contacts_of(made))],
        )
    Sender(site, made).run()
    settled(site)
    return Sample(site, tuple(contact_id for batch in made for contact_id in batch.of))


def _members_before() -> None:
    with connected() as connection:
        connection.execute("DROP TABLE IF EXISTS bench_membership")
        connection.execute(
            """
            CREATE TABLE bench_membership (
                contact_id bigint, segment_id bigint, entered_at timestamptz DEFAULT now(),
                PRIMARY KEY (contact_id, segment_id)
            )
            """
        )
        connection.execute(
            "INSERT INTO bench_membership (contact_id, segment_id) SELECT * FROM bench_before"
        )
        connection.execute("VACUUM (ANALYZE) bench_membership")


def clean_up() -> None:
    with connected() as connection:
        connection.execute("DROP TABLE IF EXISTS bench_before, bench_membership")


def one_by_one(sample: Sample, *, events: int) -> float:
    """Events a second of a simple program: after each event every segment is asked about its contact.

    A transaction for each event, a statement for each segment; only differences are stored.
    """
    _members_before()
    parts = statements(of_contacts=True)
    asked = [
        (part.segment_id, prepared(f"SELECT FROM ({part.sql}) r WHERE truth", part.params))
        for part in parts
    ]
    contact_ids = sample.contact_ids[:events]

    def follow(connection: psycopg.Connection[Any], contact_id: int) -> None:
        with connection.transaction(), psycopg.RawCursor(connection) as cursor:
            right = {key for key, one in asked if one.run(cursor, ids=[contact_id])}
            cursor.execute(
                b"SELECT segment_id FROM bench_membership WHERE contact_id = $1", [contact_id]
            )
            stored = {row[0] for row in cursor.fetchall()}
            _store(cursor, [(contact_id, key) for key in right - stored], is_in=True)
            _store(cursor, [(contact_id, key) for key in stored - right], is_in=False)

    warm = contact_ids[: 2 * CONNECTIONS]
    return len(contact_ids) / _timed(follow, contact_ids, warm=warm)


def queue(sample: Sample, *, events: int) -> float:
    """Events a second of a queue of contacts as it is published: a statement for each of them.

    Each contact waits in the queue once, however many events it had (Notifuse's way, without
    the 15 s that it waits first). A hundred contacts are a transaction; for each of them one
    statement, written for it and planned, asks all segments, and each gets an upsert.
    """
    _members_before()
    parts = statements(of_contacts=True)
    question = all_in_one(parts)
    segments = [part.segment_id for part in parts]

    def follow(connection: psycopg.Connection[Any], bite: tuple[int, ...]) -> None:
        with connection.transaction(), psycopg.RawCursor(connection) as cursor:
            for contact_id in bite:
                _follow_bite(cursor, question, segments, [contact_id], stays=False)

    some = sample.contact_ids[:events]
    bites = _bites(some)
    warm = [bite[:1] for bite in bites[:CONNECTIONS]]
    return len(some) / _timed(follow, bites, warm=warm, keeps_plans=False)


def quicker_queue(sample: Sample) -> float:
    """The same made as quick as we could: a hundred contacts in one statement that stays planned."""
    _members_before()
    parts = statements(of_contacts=True)
    question = all_in_one(parts)
    bites = _bites(sample.contact_ids)
    segments = [part.segment_id for part in parts]

    def follow(connection: psycopg.Connection[Any], bite: tuple[int, ...]) -> None:
        with connection.transaction(), psycopg.RawCursor(connection) as cursor:
            _follow_bite(cursor, question, segments, list(bite))

    return len(sample.contact_ids) / _timed(follow, bites, warm=bites[:CONNECTIONS])


def _bites(contact_ids: Sequence[int]) -> list[tuple[int, ...]]:
    queued = list(dict.fromkeys(contact_ids))
    return [
        tuple(queued[start : start + QUEUE_BATCH]) for start in range(0, len(queued), QUEUE_BATCH)
    ]


def _follow_bite(
    cursor: psycopg.RawCursor[Any],
    question: Prepared,
    segments: list[int],
    bite: list[int],
    *,
    stays: bool = True,
) -> None:
    right: dict[int, list[int]] = {segment_id: [] for segment_id in segments}
    for segment_id, contact_id in question.run(cursor, stays=stays, ids=bite):
        right[segment_id].append(contact_id)
    for segment_id, contact_ids in right.items():
        if contact_ids:
            cursor.execute(
                b"""
                INSERT INTO bench_membership (contact_id, segment_id)
                SELECT unnest($1::bigint[]), $2
                ON CONFLICT (contact_id, segment_id) DO UPDATE SET entered_at = bench_membership.entered_at
                """,
                [contact_ids, segment_id],
                prepare=True,
            )
    pairs = [(contact, segment) for segment, contacts in right.items() for contact in contacts]
    cursor.execute(
        b"""
        DELETE FROM bench_membership m
        WHERE contact_id = ANY($1::bigint[]) AND NOT EXISTS (
            SELECT FROM unnest($2::bigint[], $3::bigint[]) AS r (contact_id, segment_id)
            WHERE r.contact_id = m.contact_id AND r.segment_id = m.segment_id
        )
        """,
        [bite, [contact for contact, _ in pairs], [segment for _, segment in pairs]],
        prepare=True,
    )


def _store(
    cursor: psycopg.RawCursor[Any], pairs: Sequence[tuple[int, int]], *, is_in: bool
) -> None:
    if not pairs:
        return
    sql = (
        b"INSERT INTO bench_membership (contact_id, segment_id) "
        b"SELECT * FROM unnest($1::bigint[], $2::bigint[])"
        if is_in
        else b"DELETE FROM bench_membership m USING unnest($1::bigint[], $2::bigint[]) AS g (c, s) "
        b"WHERE m.contact_id = g.c AND m.segment_id = g.s"
    )
    cursor.execute(sql, [[one for one, _ in pairs], [one for _, one in pairs]], prepare=True)


def differs() -> int:
    """How many memberships of the sample are not as ours; time moves a few between the two."""
    with connected() as connection:
        row = connection.execute(
            """
            WITH mine AS (
                SELECT contact_id, segment_id FROM segments_membership
                WHERE contact_id IN (SELECT contact_id FROM bench_membership)
            ), theirs AS (SELECT contact_id, segment_id FROM bench_membership)
            SELECT (SELECT count(*) FROM (TABLE mine EXCEPT TABLE theirs) d)
                + (SELECT count(*) FROM (TABLE theirs EXCEPT TABLE mine) d)
            """
        ).fetchone()
    return int(row[0]) if row else 0


def rebuild_all() -> float:
    """Seconds until every segment was computed anew for everybody, and nothing stored (Mautic's way)."""
    asked = [
        prepared(f"SELECT count(*) FROM ({part.sql}) r WHERE truth", part.params)
        for part in statements(of_contacts=False)
    ]

    def follow(connection: psycopg.Connection[Any], one: Prepared) -> None:
        with psycopg.RawCursor(connection) as cursor:
            cursor.execute(one.sql, [one.params[name] for name in one.names])

    return _timed(follow, asked, keeps_plans=False)


def _timed(
    follow: Callable[[psycopg.Connection[Any], Any], None],
    work: Sequence[Any],
    *,
    warm: Sequence[Any] = (),
    keeps_plans: bool = True,
) -> float:
    """Seconds for all of it, by two connections that take what is next; warmed up before."""
    waiting = iter(work)
    with ThreadPoolExecutor(CONNECTIONS) as pool, connected() as first, connected() as second:
        for connection in (first, second):
            if keeps_plans:
                keep_plans(connection)
            for one in warm:
                follow(connection, one)

        def drain(connection: psycopg.Connection[Any]) -> None:
            # next() of one iterator is atomic.
            for one in waiting:
                follow(connection, one)

        begun = time.perf_counter()
        for done in [pool.submit(drain, connection) for connection in (first, second)]:
            done.result()
        return time.perf_counter() - begun
