"""The clock that goes back: deadlines only look ahead, so such a step costs rebuilds."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction

from segments.conditions.uses import uses
from segments.engine import locks
from segments.engine.dependants import newest_version
from segments.engine.facts import current_facts, load_definitions, resolver
from segments.engine.rebuild import start_rebuild
from segments.models import Rebuild, Segment

TOLERANCE = timedelta(seconds=5)
"""Clocks of machines differ, and are set by a little: what moves too early is right soon."""


def note_time(*, now: datetime, tolerance: timedelta = TOLERANCE) -> None:
    """Remember the latest instant evaluated at; rebuild what depends on it if `now` is earlier."""
    latest = latest_instant()
    if latest is None or now > latest + tolerance:
        _remember(now)
    elif now < latest - tolerance:
        _turn_back(now=now)


def is_turned_back(*, now: datetime) -> bool:
    """Whether the clock went back and nobody has evaluated anything since."""
    latest = latest_instant()
    return latest is not None and now < latest - TOLERANCE


def latest_instant() -> datetime | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT evaluated_at FROM segments_engineclock")
        row = cursor.fetchone()
        return row[0] if row else None


def _remember(now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO segments_engineclock (id, evaluated_at) VALUES (1, %s)
            ON CONFLICT (id) DO UPDATE SET evaluated_at = excluded.evaluated_at
            """,
            [now],
        )


@transaction.atomic
def _turn_back(*, now: datetime) -> None:
    locks.hold_publishing()
    latest = latest_instant()
    if latest is None or now >= latest:
        return  # somebody else has done it
    for segment in Segment.objects.filter(status=Segment.Status.LIVE, kind=Segment.Kind.DYNAMIC):
        version = newest_version(segment)
        if version is not None and (_is_building(segment) or _uses_clock(version.pk)):
            start_rebuild(segment=segment, version=version, cause={"kind": "time"})
    _remember(now)


def _is_building(segment: Segment) -> bool:
    return segment.rebuilds.filter(state=Rebuild.State.BUILDING).exists()


def _uses_clock(version_id: int) -> bool:
    group = load_definitions([version_id])[version_id].group
    return uses(group, resolver(current_facts([group]).segments).get).uses_clock
