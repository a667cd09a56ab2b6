"""Members as a CSV file, streamed."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from django.http import StreamingHttpResponse

from segments.models import Segment
from segments.selectors import all_members

COLUMNS = ("id", "external_id", "email", "entered_at")

BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def members_csv(segment: Segment) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        _lines(segment),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{segment.key}.csv"'},
    )


def _lines(segment: Segment) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(COLUMNS)
    for member in all_members(segment=segment):
        yield writer.writerow(
            [
                member["id"],
                harmless(member["external_id"]),
                harmless(member["email"]),
                member["entered_at"].isoformat(),
            ]
        )


def harmless(text: str) -> str:
    """A spreadsheet would run a cell that begins like a formula; a quote keeps it text."""
    return f"'{text}" if text.startswith(BEGINS_A_FORMULA) else text
