"""Members as a file, streamed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.http import StreamingHttpResponse

from contacts.files.writing import csv_lines, download
from segments.auditing import note_taken_away
from segments.models import Segment
from segments.selectors import all_members

COLUMNS = ("id", "external_id", "email", "entered_at")


def members_csv(segment: Segment, *, now: datetime) -> StreamingHttpResponse:
    """The audit log tells who took them away."""
    note_taken_away(segment, "its members, as CSV", now=now)
    return download(csv_lines(COLUMNS, _rows(segment)), name=segment.key, kind="csv")


def _rows(segment: Segment) -> Iterator[list[Any]]:
    for member in all_members(segment=segment):
        member["entered_at"] = member["entered_at"].isoformat()
        yield [member[column] for column in COLUMNS]
