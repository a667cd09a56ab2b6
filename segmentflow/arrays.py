"""Arrays for statements about thousands of rows, written many times as fast as the driver does it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.db import DataError

NUL: Final = "\0"
"""Between texts while they are quoted all at once: the one character that no text of PostgreSQL has."""


def texts(values: Iterable[str]) -> str:
    """For `%s::text[]` or `%s::jsonb[]`."""
    each = list(values)
    if not each:
        return "{}"
    joined = NUL.join(each)
    if joined.count(NUL) >= len(each):
        raise DataError("A text cannot hold the character NUL.")
    quoted = joined.replace("\\", "\\\\").replace('"', '\\"').replace(NUL, '","')
    return f'{{"{quoted}"}}'


def numbers(values: Iterable[int]) -> str:
    """For `%s::bigint[]` and the like."""
    return "{" + ",".join(map(str, values)) + "}"


def instants(values: Iterable[datetime | None]) -> str:
    """For `%s::timestamptz[]`."""
    return "{" + ",".join("NULL" if at is None else f'"{at.isoformat()}"' for at in values) + "}"
