"""Stores messages through the one way in: first who they are about, then what happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from contacts.problems import Problem, Refused
from events.rows import EventRow
from events.services import record_events
from events.tracking.messages import Message, read_message
from events.tracking.people import store_people

MOST_PROBLEMS = 1_000
"""Kinds of problems that are kept."""
LONGEST_PATH = 200


def receive(
    sent: Sequence[object], *, kind: str = "", around: dict[str, Any], now: datetime
) -> None:
    """Store what can be stored, and note what cannot. Raises Refused when nothing can."""
    noted: Counter[tuple[str, str]] = Counter()

    def note(message: Message, problem: Problem) -> None:
        noted[f"{message.kind} traits.{problem.path}"[:LONGEST_PATH], problem.code] += 1

    messages, refused = _read(sent, kind=kind, around=around, now=now)
    store_people(messages, now=now, note=note)
    refused += _record([message for message in messages if message.event], now=now)
    noted.update((problem.path[:LONGEST_PATH], problem.code) for problem in refused)
    _keep(noted, now=now)
    if refused and len(refused) == len(sent):
        raise Refused(refused)


def _read(
    sent: Sequence[object], *, kind: str, around: dict[str, Any], now: datetime
) -> tuple[list[Message], list[Problem]]:
    messages: list[Message] = []
    refused: list[Problem] = []
    for raw in sent:
        try:
            messages.append(read_message(raw, kind=kind, around=around, now=now))
        except Refused as problem:
            refused.append(problem.problems[0].below("message"))
    return messages, refused


def _record(messages: Sequence[Message], *, now: datetime) -> list[Problem]:
    if not messages:
        return []
    rows = [
        EventRow(one.contact, one.event, one.occurred_at, one.message_id, one.properties)
        for one in messages
    ]
    errors = record_events(rows=rows, now=now).errors
    return [problems[0] for problems in errors.values()]


def _keep(noted: Counter[tuple[str, str]], *, now: datetime) -> None:
    """Count them, in order, so that two requests cannot wait for each other."""
    if not noted:
        return
    rows = sorted(noted.items())
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO events_ingestproblem AS known (path, code, times, first_at, last_at)
            SELECT path, code, times, %(now)s, %(now)s
            FROM unnest(%(paths)s::text[], %(codes)s::text[], %(times)s::bigint[])
                AS sent (path, code, times)
            WHERE (SELECT count(*) FROM events_ingestproblem) < %(most)s
                OR EXISTS (
                    SELECT FROM events_ingestproblem old
                    WHERE old.path = sent.path AND old.code = sent.code
                )
            ON CONFLICT (path, code) DO UPDATE
            SET times = known.times + excluded.times, last_at = excluded.last_at
            """,
            {
                "now": now,
                "paths": [path for (path, _), _ in rows],
                "codes": [code for (_, code), _ in rows],
                "times": [times for _, times in rows],
                "most": MOST_PROBLEMS,
            },
        )
