"""Stores messages through the one way in: first who they are about, then what happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from contacts.problems import Problem, Refused
from events.rows import EventRow
from events.services import record_events
from events.sources import Source, note_refused
from events.tracking.messages import Message, read_message
from events.tracking.pages import split_allowed
from events.tracking.people import store_people
from events.unknown import UNKNOWN_TYPE, note_problems
from segmentflow.models import Website

LONGEST_PATH = 200


def receive(
    sent: Sequence[object],
    *,
    kind: str = "",
    around: dict[str, Any],
    now: datetime,
    website: Website | None = None,
) -> None:
    """Store what can be stored, and note what cannot. Raises Refused when nothing can.

    `website`: whose pages sent it, so that it may be anybody's.
    """
    noted: Counter[tuple[str, str]] = Counter()

    def note(message: Message, problem: Problem) -> None:
        noted[f"{message.kind} traits.{problem.path}"[:LONGEST_PATH], problem.code] += 1

    messages, refused = _read(sent, kind=kind, around=around, now=now)
    if website:
        messages, not_allowed = split_allowed(messages)
        refused += not_allowed
    only_fields = website.fields if website else None
    store_people(messages, now=now, note=note, only_fields=only_fields)
    source = Source.WEBSITE if website else Source.LIBRARY
    refused += _record([one for one in messages if one.event], now=now, source=source)
    note_refused(source, len(refused))
    # Unknown types are counted where events of all ways in are refused.
    noted.update(
        (problem.path[:LONGEST_PATH], problem.code)
        for problem in refused
        if problem.code != UNKNOWN_TYPE
    )
    note_problems(noted, now=now)
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


def _record(messages: Sequence[Message], *, now: datetime, source: Source) -> list[Problem]:
    if not messages:
        return []
    rows = [
        EventRow(one.contact, one.event, one.occurred_at, one.message_id, one.properties)
        for one in messages
    ]
    errors = record_events(rows=rows, now=now, source=source).errors
    return [problems[0] for problems in errors.values()]
