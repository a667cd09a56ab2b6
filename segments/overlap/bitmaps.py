"""Stored members as bitmaps: a whole number for each segment and block of contacts, a bit for each.

What several segments share is then one `&` and a count of bits, however many there are to
compare. All that is stored about a contact is read by one statement, so no contact is counted
as it never was; contacts of different blocks are read one after the other.
"""

from __future__ import annotations

import sys
import time
from array import array
from collections.abc import Collection, Iterator
from typing import Final

from django.db import connection

from segmentflow.citus.here import is_spread
from segmentflow.limits import TooSlow, within

BLOCK: Final = 1 << 16
"""Contact ids in a block: what a hundred segments hold of it fits into some 3 MB, and is read in
some tenths of a second, after which others have their turn."""
SPARSE: Final = 64
"""With less than one member among so many ids, single bits are set quicker than digits."""

Block = dict[int, int]
"""By segment: bit n stands for the n-th id of the block. Without members, it is missing."""


def read_blocks(
    segment_ids: Collection[int],
    *,
    limit_ms: int,
    size: int = BLOCK,
    every: int = 1,
) -> Iterator[Block]:
    """The members of these segments; of each `every` blocks only one. Raises TooSlow."""
    ends = time.monotonic() + limit_ms / 1000
    with within(limit_ms):
        numbers = _numbers(size)
    for number in numbers[every // 2 :: every]:
        left = int((ends - time.monotonic()) * 1000)
        if left <= 0:
            raise TooSlow
        with within(left):
            block = _read(segment_ids, number, size)
        if block:
            yield block


def _numbers(size: int) -> list[int]:
    """Of the blocks in which there are members; gaps between ids cost nothing."""
    with connection.cursor() as cursor:
        if is_spread():  # each machine looks through its own
            cursor.execute(
                "SELECT DISTINCT contact_id / %s FROM segments_membership ORDER BY 1", [size]
            )
            return [number for (number,) in cursor.fetchall()]
        cursor.execute(
            """
            WITH RECURSIVE place AS (
                SELECT (SELECT min(contact_id) FROM segments_membership) / %(size)s AS number
                UNION ALL
                SELECT (
                    SELECT min(contact_id) FROM segments_membership
                    WHERE contact_id >= (place.number + 1) * %(size)s
                ) / %(size)s
                FROM place WHERE place.number IS NOT NULL
            )
            SELECT number FROM place WHERE number IS NOT NULL
            """,
            {"size": size},
        )
        return [number for (number,) in cursor.fetchall()]


def _read(segment_ids: Collection[int], number: int, size: int) -> Block:
    first = number * size
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT segment_id, string_agg(int4send((contact_id - %(first)s)::int), ''::bytea)
            FROM segments_membership
            WHERE contact_id >= %(first)s AND contact_id < %(end)s
                AND segment_id = ANY(%(ids)s::bigint[])
            GROUP BY segment_id
            """,
            {"first": first, "end": first + size, "ids": list(segment_ids)},
        )
        return {segment_id: bitmap(places, size) for segment_id, places in cursor}


def bitmap(places: bytes, size: int) -> int:
    """From four bytes for each, as PostgreSQL sends numbers."""
    numbers = array("I")
    numbers.frombytes(places)
    if sys.byteorder == "little":
        numbers.byteswap()
    if len(numbers) * SPARSE < size:
        packed = bytearray(size // 8 + 1)
        for place in numbers:
            packed[place >> 3] |= 1 << (place & 7)
        return int.from_bytes(packed, "little")
    # Digits of a number that Python reads in one go: quicker than bit by bit.
    digits = bytearray(b"0") * size
    for place in numbers:
        digits[place] = 49
    digits.reverse()
    return int(digits, 2)
