"""The limit for ingestion: psycopg's COPY of the same rows into the same table, a commit a batch."""

from __future__ import annotations

import json
import multiprocessing
import random
import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

import psycopg

from bench.speed.drawing import ATTRIBUTES, SIZE
from bench.speed.waiting import wait_until_settled
from bench.speed.world import TYPES, drawn

if TYPE_CHECKING:
    from bench.speed.stage import Site

Row = tuple[Any, ...]
COPY = """
COPY events_event
    (contact_id, message_id, type_id, occurred_at, received_at, attributes, value)
FROM STDIN
"""


def rows(rng: random.Random, site: Site, count: int) -> list[Row]:
    """As they are stored in the end: contacts and types resolved, attributes as JSON."""
    from events.models import EventType

    ids = dict(EventType.objects.values_list("key", "id"))
    types = list(TYPES)
    made: list[Row] = []
    for _ in range(count):
        key = types[int(len(types) * rng.random() ** 2)]
        attributes = ATTRIBUTES[key](rng)
        now = datetime.now(UTC)
        made.append(
            (
                site.first_contact_id + drawn(site.contacts, rng.random()) - 1,
                str(uuid.uuid4()),
                ids[key],
                now - timedelta(seconds=60 * rng.random()),
                now,
                json.dumps(attributes),
                attributes.get(TYPES[key][0]),
            )
        )
    return made


def copy(made: Sequence[Row], *, connections: int) -> float:
    """Events a second, by processes with a connection each. The rows are taken out again."""
    context = multiprocessing.get_context("spawn")
    started = []
    for first in range(connections):
        ours, theirs = context.Pipe()
        part = made[first::connections]
        process = context.Process(target=copy_all, args=(_conninfo(), part, theirs), daemon=True)
        process.start()
        theirs.close()
        started.append((process, ours))
    for _, pipe in started:
        pipe.recv()  # it has connected
    begun = time.monotonic()
    for _, pipe in started:
        pipe.send("go")
    ended: float = max(pipe.recv() for _, pipe in started)
    for process, _ in started:
        process.join(10)
    _take_out(made)
    return len(made) / (ended - begun)


def copy_all(conninfo: str, made: Sequence[Row], parent: Connection) -> None:
    """What a process does."""
    with psycopg.connect(conninfo) as connection:
        parent.send("ready")
        parent.recv()
        for start in range(0, len(made), SIZE):
            with connection.cursor() as cursor, cursor.copy(COPY) as copying:
                for row in made[start : start + SIZE]:
                    copying.write_row(row)
            connection.commit()
        parent.send(time.monotonic())


def _conninfo() -> str:
    from django.db import connections

    settings = connections.settings["default"]
    return psycopg.conninfo.make_conninfo(
        dbname=settings["NAME"], user=settings["USER"], host=settings["OPTIONS"]["host"]
    )


def _take_out(made: Sequence[Row]) -> None:
    """As erasing does: who was evaluated meanwhile, by time, saw them and is looked at again."""
    from django.db import connection, transaction

    from contacts.changes import Change, Kind, record_changes
    from events.models import EventType

    keys = dict(EventType.objects.values_list("id", "key"))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM events_event e USING unnest(%s::bigint[], %s::text[]) AS g (contact_id, message_id)
            WHERE e.contact_id = g.contact_id AND e.message_id = g.message_id
            """,
            [[row[0] for row in made], [row[1] for row in made]],
        )
        if cursor.rowcount != len(made):
            raise SystemExit(f"{cursor.rowcount} of {len(made)} copied rows were there")
        record_changes(Change(row[0], Kind.ERASED, keys[row[2]], row[3]) for row in made)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM events_event")
    wait_until_settled()
