"""The best that somebody who knows SQL can write for one definition: what a rebuild has to keep up with.

Each answer is asked in two shapes, grouped over all events and looked up for each contact, and
each shape is stored in two ways: in one statement, and by a temporary table, which PostgreSQL fills
with several processes. Whichever of them is fastest on the machine and data is the one to compare with.
Only what the definition and this data need is computed: no amount is negative, so a sum can fall
below its threshold by time, never rise above it, and only members have deadlines.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bench.speed.making import definition, event, last

Json = dict[str, Any]


@dataclass(frozen=True)
class Handwritten:
    name: str
    definition: Json
    queries: dict[str, str]
    """By shape: the members with the instant at which time may make them leave, NULL for never."""
    has_deadlines: bool = True


@dataclass(frozen=True)
class Way:
    """How the answer is asked and stored."""

    shape: str
    with_table: bool

    def __str__(self) -> str:
        return f"{self.shape}, {'temporary table' if self.with_table else 'one statement'}"


FIELD = Handwritten(
    "a field",
    definition({"kind": "field", "field": "Plan", "operator": "equals", "value": "pro"}),
    {
        "one scan": """
            SELECT id AS contact_id, NULL::timestamptz AS due_at
            FROM contacts_contact
            WHERE lower(attributes ->> 'Plan') = 'pro'
        """
    },
    has_deadlines=False,
)

COUNT = Handwritten(
    "3 purchases in 90 days and a status",
    definition(
        event("Purchase", window=last(90, "day"), operator="at_least", value=3),
        {
            "kind": "field",
            "field": "Status_VIP",
            "operator": "in",
            "value": ["Gold", "Platinum"],
        },
    ),
    {
        "grouped": """
            SELECT contact_id, bought.third + interval '90 days' AS due_at
            FROM (
                SELECT contact_id, (array_agg(occurred_at ORDER BY occurred_at DESC))[3] AS third
                FROM events_event
                WHERE type_id = %(purchase)s AND occurred_at <= %(now)s
                    AND occurred_at >= %(now)s::timestamptz - interval '90 days'
                GROUP BY contact_id
                HAVING count(*) >= 3
            ) bought
            JOIN contacts_contact c ON c.id = bought.contact_id
            WHERE lower(c.attributes ->> 'Status_VIP') IN ('gold', 'platinum')
        """,
        "for each contact": """
            SELECT c.id AS contact_id, third.occurred_at + interval '90 days' AS due_at
            FROM contacts_contact c
            CROSS JOIN LATERAL (
                SELECT occurred_at
                FROM events_event e
                WHERE e.contact_id = c.id AND type_id = %(purchase)s AND occurred_at <= %(now)s
                    AND occurred_at >= %(now)s::timestamptz - interval '90 days'
                ORDER BY occurred_at DESC
                OFFSET 2 LIMIT 1
            ) third
            WHERE lower(c.attributes ->> 'Status_VIP') IN ('gold', 'platinum')
        """,
    },
)

SUM = Handwritten(
    "a sum over 12 months",
    definition(
        event(
            "Purchase",
            window=last(12, "month"),
            measure={"of": "sum", "attribute": "amount"},
            operator="greater_than",
            value=500,
        )
    ),
    {
        "grouped": """
            SELECT contact_id, min(occurred_at) + interval '12 months' AS due_at
            FROM events_event
            WHERE type_id = %(purchase)s AND occurred_at <= %(now)s
                AND occurred_at >= %(now)s::timestamptz - interval '12 months'
            GROUP BY contact_id
            HAVING sum(value) > 500
        """,
        "for each contact": """
            SELECT c.id AS contact_id, bought.first + interval '12 months' AS due_at
            FROM contacts_contact c
            CROSS JOIN LATERAL (
                SELECT sum(value) AS total, min(occurred_at) AS first
                FROM events_event e
                WHERE e.contact_id = c.id AND type_id = %(purchase)s AND occurred_at <= %(now)s
                    AND occurred_at >= %(now)s::timestamptz - interval '12 months'
            ) bought
            WHERE bought.total > 500
        """,
    },
)

ALL = (FIELD, COUNT, SUM)

STORE_MEMBERS = """
INSERT INTO bench_membership (contact_id, segment_id, entered_at)
SELECT contact_id, %(segment)s, %(now)s FROM answer
"""
STORE_DEADLINES = """
INSERT INTO bench_deadline (contact_id, segment_id, due_at)
SELECT contact_id, %(segment)s, due_at FROM answer
"""


@contextmanager
def tables() -> Iterator[None]:
    """Empty ones of the same shape and with the same indexes as those of the product."""
    from django.db import connection

    drop = "DROP TABLE IF EXISTS bench_membership, bench_deadline"
    with connection.cursor() as cursor:
        cursor.execute(drop)
        for name in ("membership", "deadline"):
            cursor.execute(f"CREATE TABLE bench_{name} (LIKE segments_{name} INCLUDING ALL)")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(drop)


def ways(written: Handwritten) -> list[Way]:
    return [Way(shape, with_table) for shape in written.queries for with_table in (False, True)]


def compute(written: Handwritten, way: Way, *, segment: int, now: datetime) -> float:
    """Compute and store it; how many seconds that took, with the commit."""
    from django.db import connection, transaction

    from events.models import EventType

    params: dict[str, Any] = {
        "segment": segment,
        "now": now,
        "purchase": EventType.objects.values_list("pk", flat=True).get(key="Purchase"),
    }
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE bench_membership, bench_deadline")
    begun = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in _statements(written, way):
            cursor.execute(statement, params)
    return time.perf_counter() - begun


def _statements(written: Handwritten, way: Way) -> list[str]:
    query = written.queries[way.shape]
    stores = [STORE_MEMBERS, *([STORE_DEADLINES] if written.has_deadlines else [])]
    if way.with_table:
        return [f"CREATE TEMPORARY TABLE answer ON COMMIT DROP AS {query}", *stores]
    if len(stores) == 1:
        return [f"WITH answer AS ({query}) {STORE_MEMBERS}"]
    return [f"WITH answer AS MATERIALIZED ({query}), stored AS ({STORE_MEMBERS}) {STORE_DEADLINES}"]


def disagreements(segment: int, *, now: datetime) -> int:
    """Contacts that only one of the two has, the product's members being those of a little later.

    Whoever the product has moved since `now` is left out.
    """
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH ours AS (SELECT contact_id FROM segments_membership WHERE segment_id = %(segment)s)
            SELECT contact_id
            FROM ours FULL JOIN bench_membership theirs USING (contact_id)
            WHERE (ours.contact_id IS NULL OR theirs.contact_id IS NULL)
                AND NOT EXISTS (
                    SELECT FROM segments_transition t
                    WHERE t.contact_id = COALESCE(ours.contact_id, theirs.contact_id)
                        AND t.segment_id = %(segment)s AND t.at >= %(now)s
                )
            """,
            {"segment": segment, "now": now},
        )
        return len(cursor.fetchall())
