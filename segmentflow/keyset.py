"""Pages of long lists by where they begin, not by their number: the last costs what the first does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")

Read = Callable[[str | None, bool, int], list[Row]]
"""(cursor, backwards, limit): the rows after the cursor in the list's order; backwards, those
before it, nearest first. None is the beginning."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    rows: list[Row]
    previous: str | None
    """Cursor for the parameter `before`; None when this is the first page."""
    next: str | None
    """Cursor for the parameter `after`; None when this is the last page."""

    @property
    def is_first(self) -> bool:
        return self.previous is None

    @property
    def has_others(self) -> bool:
        return self.previous is not None or self.next is not None


def keyset_page(
    parameters: Mapping[str, str],
    *,
    read: Read[Row],
    cursor: Callable[[Row], str],
    size: int = 50,
) -> Page[Row]:
    """The page that the parameters `after` or `before` of a request ask for.

    A cursor that `read` cannot make sense of should be treated as None by it.
    """
    if before := parameters.get("before"):
        found = read(before, True, size + 1)  # noqa: FBT003 - as Read says
        if len(found) <= size:  # the first page is always whole
            return _first(read, cursor, size)
        rows = found[:size][::-1]
        return Page(rows, cursor(rows[0]), cursor(rows[-1]))
    after = parameters.get("after")
    if not after:
        return _first(read, cursor, size)
    rows, following = _forward(read, cursor, after, size)
    return (
        Page(rows, cursor(rows[0]) if rows else None, following)
        if rows
        else _first(read, cursor, size)
    )


def _first(read: Read[Row], cursor: Callable[[Row], str], size: int) -> Page[Row]:
    rows, following = _forward(read, cursor, None, size)
    return Page(rows, None, following)


def _forward(
    read: Read[Row], cursor: Callable[[Row], str], after: str | None, size: int
) -> tuple[list[Row], str | None]:
    found = read(after, False, size + 1)  # noqa: FBT003 - as Read says
    rows = found[:size]
    return rows, cursor(rows[-1]) if len(found) > size else None
