"""Tallies summed up between given instants, such as the hours of a local day."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from segmentflow.models import TallySubject


@dataclass(slots=True)
class Spanned:
    """How a number came about: what there was before the first span, and what each added."""

    before: int
    amounts: list[int]


def by_span(
    subjects: Collection[TallySubject], refs: Collection[int], *, edges: Sequence[datetime]
) -> dict[tuple[TallySubject, int], Spanned]:
    """By subject and ref, as of one instant; those of which there never were any are missing.

    A span lasts from one edge until before the next; what came after the last edge is in none.
    Edges are at quarters of an hour, which tallies are kept by.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH fresh AS (
                SELECT subject, ref, at, amount FROM segmentflow_freshtally
                WHERE subject = ANY(%(subjects)s) AND ref = ANY(%(refs)s)
            )
            SELECT subject, ref, NULL::int AS place, sum(amount)::bigint
            FROM (
                SELECT subject, ref, amount FROM fresh
                UNION ALL
                SELECT subject, ref, amount FROM segmentflow_total
                WHERE subject = ANY(%(subjects)s) AND ref = ANY(%(refs)s)
            ) AS everything
            GROUP BY subject, ref
            UNION ALL
            SELECT subject, ref, width_bucket(at, %(edges)s::timestamptz[]) AS place,
                sum(amount)::bigint
            FROM (
                SELECT subject, ref, at, amount FROM fresh WHERE at >= %(start)s
                UNION ALL
                SELECT subject, ref, at, amount FROM segmentflow_tally
                WHERE subject = ANY(%(subjects)s) AND ref = ANY(%(refs)s) AND at >= %(start)s
            ) AS recent
            GROUP BY subject, ref, place
            """,
            {
                "subjects": [int(subject) for subject in subjects],
                "refs": list(refs),
                "edges": list(edges),
                "start": edges[0],
            },
        )
        return _spanned(cursor.fetchall(), spans=len(edges) - 1)


def _spanned(
    rows: Sequence[tuple[int, int, int | None, int]], *, spans: int
) -> dict[tuple[TallySubject, int], Spanned]:
    found = {
        (TallySubject(subject), ref): Spanned(total, [0] * spans)
        for subject, ref, place, total in rows
        if place is None
    }
    for subject, ref, place, amount in rows:
        if place is None:
            continue
        one = found[TallySubject(subject), ref]
        one.before -= amount  # of all there is, less what came since
        if place <= spans:
            one.amounts[place - 1] += amount
    return found
