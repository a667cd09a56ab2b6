"""Lists in pages, by cursor: `{"results": [...], "next": url or null}`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from rest_framework.request import Request

from segmentflow.api.bodies import is_unstorable
from segmentflow.api.problems import ErrorAt, invalid

USUAL = 100
MOST = 1_000
LARGEST_ID = 2**63 - 1

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page:
    limit: int
    cursor: str
    """Where the page before ended; empty for the first."""

    @property
    def number(self) -> int:
        """The cursor of a list in the order of ids."""
        if not self.cursor:
            return 0
        if not (self.cursor.isascii() and self.cursor.isdecimal() and len(self.cursor) < 20):
            raise invalid(ErrorAt("cursor", "invalid", "This is no cursor of this list."))
        return min(int(self.cursor), LARGEST_ID)


def text_param(request: Request, name: str) -> str:
    value: str = request.query_params.get(name, "")
    if is_unstorable(value):
        raise invalid(ErrorAt(name, "invalid", "It holds a character that no text has."))
    return value


def in_utc(moment: datetime) -> datetime | None:
    """A time with an offset, as the database can compare it; None for one that no calendar has.

    PostgreSQL refuses offsets of 16 hours and more, which are as good as any here.
    """
    try:
        found = moment.astimezone(UTC)
    except OverflowError:
        return None
    return found if 1 < found.year < 9999 else None


def page_of(request: Request, *, most: int = MOST) -> Page:
    limit = text_param(request, "limit") or str(USUAL)
    if not (limit.isascii() and limit.isdecimal() and 1 <= int(limit[:9]) <= most):
        said = f"“limit” is a whole number from 1 to {most:,}."
        raise invalid(ErrorAt("limit", "invalid", said))
    return Page(int(limit), text_param(request, "cursor"))


def page_answer(
    request: Request,
    page: Page,
    rows: Sequence[Row],
    *,
    as_data: Callable[[Row], dict[str, Any]],
    cursor_of: Callable[[Row], object],
) -> dict[str, Any]:
    """`rows` holds one more than the page when there is a next one."""
    following = None
    if len(rows) > page.limit:
        cursor = cursor_of(rows[page.limit - 1])
        query = urlencode({**request.query_params.dict(), "cursor": str(cursor)})
        following = request.build_absolute_uri(f"{request.path}?{query}")
    return {"results": [as_data(row) for row in rows[: page.limit]], "next": following}
