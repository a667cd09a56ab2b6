"""Arrays for statements about thousands of rows, written ten times as fast as the driver does it."""

from __future__ import annotations

from collections.abc import Iterable


def texts(values: Iterable[str]) -> str:
    """For `%s::text[]` or `%s::jsonb[]`."""
    quoted = ['"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values]
    return "{" + ",".join(quoted) + "}"


def numbers(values: Iterable[int]) -> str:
    """For `%s::bigint[]` and the like."""
    return "{" + ",".join(map(str, values)) + "}"
