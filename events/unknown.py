"""Events of types that nobody has registered: whether they are refused, and which ones were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from events.models import EventType, IngestProblem
from segmentflow.models import Workspace

UNKNOWN_TYPE: Final = "unknown_event_type"
MOST_PROBLEMS: Final = 1_000
"""Kinds of problems that are kept."""


def are_refused() -> bool:
    """What admins have chosen, else what the environment says.

    Asked only when an unknown type arrives, so that others do not pay for it.
    """
    chosen = Workspace.objects.values_list("unknown_types", flat=True).first()
    if chosen:
        return chosen == Workspace.UnknownTypes.REFUSE
    return bool(settings.EVENT_TYPES_STRICT)


def refused_types() -> QuerySet[IngestProblem]:
    """Those that nobody has registered since, the latest first."""
    known = EventType.objects.filter(key=OuterRef("path"))
    return IngestProblem.objects.filter(~Exists(known), code=UNKNOWN_TYPE)


def note_problems(noted: Mapping[tuple[str, str], int], *, now: datetime) -> None:
    """Count them by path and code, in order, so that two requests cannot wait for each other."""
    if not noted:
        return
    rows = sorted(noted.items())
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO events_ingestproblem AS known (path, code, times, first_at, last_at)
            SELECT path, code, times, %(now)s, %(now)s
            FROM unnest(%(paths)s::text[], %(codes)s::text[], %(times)s::bigint[])
                AS sent (path, code, times)
            WHERE (SELECT count(*) FROM events_ingestproblem) < %(most)s
                OR EXISTS (
                    SELECT FROM events_ingestproblem old
                    WHERE old.path = sent.path AND old.code = sent.code
                )
            ON CONFLICT (path, code) DO UPDATE
            SET times = known.times + excluded.times, last_at = excluded.last_at
            """,
            {
                "now": now,
                "paths": [path for (path, _), _ in rows],
                "codes": [code for (_, code), _ in rows],
                "times": [times for _, times in rows],
                "most": MOST_PROBLEMS,
            },
        )


def note_refused(keys: Mapping[str, int], *, now: datetime) -> None:
    """How often events of each unknown type were refused just now."""
    note_problems(Counter({(key, UNKNOWN_TYPE): times for key, times in keys.items()}), now=now)
