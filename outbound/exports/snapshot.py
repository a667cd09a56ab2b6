"""The members of a segment as lines of a file: all as of one instant, few in memory at a time."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import IO, Any, Final

import msgspec
import psycopg
from django.db import connection, transaction

from contacts.columns import PREFIX
from contacts.exporting import TIMES, exportable, lines_of
from contacts.retyping.settling import readable
from contacts.rows import BUILT_IN
from outbound.exports.models import Export
from segmentflow.api.rendering import as_text
from segments.models import Segment

BITE: Final = 2_000
"""Rows that the server sends at once."""
ENTERED_AT: Final = "entered_at"
PLAIN: Final = ("id", *BUILT_IN, *TIMES)

_decode = msgspec.json.Decoder(float_hook=Decimal).decode


class NoMembers(Exception):
    """There is nothing to read yet; the words are for people."""


def columns_known() -> list[tuple[str, str]]:
    """What a file can have, with what people call it."""
    return [*exportable(), (ENTERED_AT, "Entered at")]


def write_members(export: Export, file: IO[bytes]) -> int:
    """Write the file; how many members it has."""
    if export.is_gzip:
        # Neither name nor time: the same members make the same file.
        with gzip.GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=0) as packed:
            return _write(export, packed)
    return _write(export, file)


def _write(export: Export, file: Any) -> int:
    count = 0

    def counted(members: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        nonlocal count
        for member in members:
            count += 1
            yield member

    with one_instant():
        _check(export)
        members = counted(_members(export.segment_id, export.columns))
        waiting: list[str] = []
        for line in lines_of(kind=export.kind, columns=export.columns, contacts=members):
            waiting.append(line)
            if len(waiting) == BITE:
                file.write("".join(waiting).encode())
                waiting.clear()
        file.write("".join(waiting).encode())
    return count


@contextmanager
def one_instant() -> Iterator[None]:
    """Every statement sees the same; inside of somebody's transaction, only each for itself."""
    with transaction.atomic():
        if not connection.savepoint_ids:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _check(export: Export) -> None:
    segment = Segment.objects.filter(pk=export.segment_id).first()
    if segment is None or segment.status == Segment.Status.ARCHIVED:
        raise NoMembers("The segment is in the archive.")
    if segment.built_at is None:
        raise NoMembers("The segment has no members yet: it was not published, or is being built.")


def _members(segment_id: int, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    """In the order of ids, with no more of each than was asked for."""
    plain = [column for column in PLAIN if column in columns]
    has_attributes = any(column.startswith(PREFIX) for column in columns)
    read = readable()
    names = [*plain, ENTERED_AT]
    times = [name for name in (*TIMES, ENTERED_AT) if name in names]
    for row in _rows(segment_id, plain, has_attributes=has_attributes):
        member = dict(zip(names, row, strict=False))
        for name in times:
            member[name] = as_text(member[name])
        member["attributes"] = read(_decode(row[-1])) if has_attributes else {}
        yield member


def _rows(
    segment_id: int, plain: Sequence[str], *, has_attributes: bool
) -> Iterator[tuple[Any, ...]]:
    chosen = [f"c.{name}" for name in plain] + ["m.entered_at"]
    if has_attributes:
        chosen.append("c.attributes::text")
    # A cursor of the server: psycopg would else read all rows at once.
    with (
        connection.wrap_database_errors,
        psycopg.ServerCursor(connection.connection, "outbound_export") as cursor,
    ):
        cursor.itersize = BITE
        cursor.execute(
            # Columns come from the constants above.
            f"""
            SELECT {", ".join(chosen)}
            FROM segments_membership m JOIN contacts_contact c ON c.id = m.contact_id
            WHERE m.segment_id = %s
            ORDER BY m.contact_id
            """.encode(),
            [segment_id],
        )
        yield from cursor
