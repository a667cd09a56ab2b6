"""The counts that only grow, read at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from django.db import connection
from prometheus_client.core import HistogramMetricFamily

from segmentflow.counting import Steps
from segmentflow.models import TallySubject

Totals = Mapping[TallySubject, Mapping[int, int]]
"""By subject and ref."""

SUBJECTS: Final = (
    TallySubject.ACCEPTED,
    TallySubject.REPEATED,
    TallySubject.REFUSED,
    TallySubject.REQUESTS,
    TallySubject.ANSWERING,
    TallySubject.MOVES,
    TallySubject.LATENCY,
    TallySubject.LATENESS,
    TallySubject.EVALUATIONS,
    TallySubject.EVALUATING,
    TallySubject.HANDED,
)


def read_totals(subjects: Collection[TallySubject] = SUBJECTS) -> Totals:
    found: dict[TallySubject, dict[int, int]] = {subject: {} for subject in subjects}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT subject, ref, sum(amount)::bigint
            FROM (
                SELECT subject, ref, amount FROM segmentflow_total WHERE subject = ANY(%(subjects)s)
                UNION ALL
                SELECT subject, ref, amount FROM segmentflow_freshtally
                WHERE subject = ANY(%(subjects)s)
            ) AS counted
            GROUP BY subject, ref
            """,
            {"subjects": [int(subject) for subject in subjects]},
        )
        for subject, ref, amount in cursor.fetchall():
            found[TallySubject(subject)][ref] = amount
    return found


def histogram(
    name: str,
    help_text: str,
    counted: Mapping[int, int],
    *,
    steps: Steps,
    label: str = "",
    groups: Iterable[tuple[int, str]] = ((0, ""),),
) -> HistogramMetricFamily:
    """Of groups, each with its value of the label; one without a label is the only one."""
    family = HistogramMetricFamily(name, help_text, labels=[label] if label else [])
    for group, value in groups:
        first = group * steps.WIDTH
        so_far, buckets = 0, []
        for number, bound in enumerate([*steps.bounds, float("inf")]):
            so_far += counted.get(first + number, 0)
            buckets.append(("+Inf" if bound == float("inf") else str(float(bound)), so_far))
        seconds = counted.get(first + steps.SUM, 0) / 1_000_000
        family.add_metric([value] if label else [], buckets, seconds)
    return family
