"""Moves the times of events, so that a history of long ago ends now."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from events.files import Line
from events.rows import EventRow, read_event

DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})", re.ASCII
)


def newest_event(rows: Iterable[Line], *, zone: ZoneInfo, now: datetime) -> datetime | None:
    """The latest time in a file; lines that hold no event do not count."""
    newest = None
    for line in rows:
        row = read_event(line.content, zone=lambda: zone, now=now)
        has_time = isinstance(line.content, dict) and line.content.get("occurred_at")
        if isinstance(row, EventRow) and has_time and (newest is None or row.occurred_at > newest):
            newest = row.occurred_at
    return newest


def shifted(row: EventRow, distance: timedelta) -> EventRow:
    """The event that much later, with the dates and times among its attributes."""
    return EventRow(
        row.contact,
        row.type,
        row.occurred_at + distance,
        row.message_id,
        {key: _shifted_value(value, distance) for key, value in row.attributes.items()},
    )


def _shifted_value(value: Any, distance: timedelta) -> Any:
    """Days move by whole days, instants by the distance itself; anything else stays."""
    if not isinstance(value, str):
        return value
    try:
        if DAY.fullmatch(value):
            return (date.fromisoformat(value) + timedelta(days=round(distance.days))).isoformat()
        if INSTANT.fullmatch(value):
            moved = datetime.fromisoformat(value).astimezone(UTC) + distance
            return moved.isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError):
        pass
    return value
