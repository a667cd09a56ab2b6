"""Who may be reached by which channel: decisions are added, and the newest one holds."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import connection

from contacts.changes import Change
from contacts.decisions import Decision
from contacts.models import Channel
from contacts.values import in_zone
from segmentflow.arrays import numbers, texts
from segmentflow.clock import workspace_zone

if TYPE_CHECKING:
    from contacts.rows import ContactRow

NEXT = timedelta(microseconds=1)
"""The shortest time that is stored."""

Key = tuple[int, str]
"""Contact id and channel."""


@dataclass(frozen=True, slots=True)
class Held:
    """The decision that holds now for a channel."""

    subscribed: bool
    at: datetime
    source: str


def follow_rows(
    rows: Sequence[ContactRow], contact_ids: Sequence[int | None], now: datetime
) -> None:
    """Store what the rows say about consents; the caller holds the contacts."""
    decided = [
        (contact_id, decision)
        for row, contact_id in zip(rows, contact_ids, strict=True)
        if row.consents and contact_id is not None
        for decision in row.consents
    ]
    if decided:
        set_consents(decisions=decided, now=now)


def set_consents(*, decisions: Iterable[tuple[int, Decision]], now: datetime) -> None:
    """Record what contacts decided; must run in a transaction that keeps them from being erased.

    A decision without a time of its own is recorded only if it changes something. One that
    is told late is kept and changes nothing; one from the future counts from now on.
    """
    told = list(decisions)
    # In order, so that two requests cannot wait for each other.
    rows = sorted(
        {
            (contact_id, one.channel, at, one.subscribed): one.source
            for contact_id, one, at in (*_timed(told, now), *_changing(told, now))
        }.items()
    )
    if not rows:
        return
    keys = [key for key, _ in rows]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO contacts_consent
                (contact_id, channel, at, subscribed, source, recorded_at)
            SELECT sent.*, %s
            FROM unnest(
                %s::bigint[], %s::text[], %s::timestamptz[], %s::boolean[], %s::text[]
            ) AS sent
            ON CONFLICT DO NOTHING
            """,
            [
                now,
                numbers(contact_id for contact_id, *_ in keys),
                texts(channel for _, channel, *_ in keys),
                [at for *_, at, _ in keys],
                [subscribed for *_, subscribed in keys],
                texts(source for _, source in rows),
            ],
        )


Dated = tuple[int, Decision, datetime]


def _timed(told: Iterable[tuple[int, Decision]], now: datetime) -> Iterator[Dated]:
    zone = None
    for contact_id, one in told:
        if one.at is None:
            continue
        at = one.at
        if at.tzinfo is None:
            zone = zone or workspace_zone()
            at = in_zone(at, zone)
        yield contact_id, one, min(at, now)


def _changing(told: Iterable[tuple[int, Decision]], now: datetime) -> Iterator[Dated]:
    """Of those without a time, the last about each that is not what holds already."""
    last = {(contact_id, one.channel): one for contact_id, one in told if one.at is None}
    held = consents_of({contact_id for contact_id, _ in last})
    for (contact_id, channel), one in last.items():
        before = held.get(contact_id, {}).get(channel)
        if before is None or before.subscribed != one.subscribed:
            # Whatever the clocks say, it was decided after what held until now.
            yield contact_id, one, max(now, before.at + NEXT) if before else now


def consents_of(contact_ids: Collection[int]) -> dict[int, dict[str, Held]]:
    """What holds now for each contact and channel; who was never asked has no entry."""
    if not contact_ids:
        return {}
    found: dict[int, dict[str, Held]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT ON (contact_id, channel) contact_id, channel, subscribed, at, source
            FROM contacts_consent
            WHERE contact_id = ANY(%s)
            ORDER BY contact_id, channel, at DESC, subscribed
            """,
            [list(contact_ids)],
        )
        for contact_id, channel, *held in cursor.fetchall():
            found.setdefault(contact_id, {})[channel] = Held(*held)
    order = list(Channel.values)
    return {
        contact_id: dict(sorted(held.items(), key=lambda one: order.index(one[0])))
        for contact_id, held in found.items()
    }


def erase_consents(contact_ids: Sequence[int]) -> None:
    """Runs in the transaction that erases the contacts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM contacts_consent WHERE contact_id = ANY(%s)", [list(contact_ids)]
        )


def merge_consents(keep: int, lose: int) -> Iterable[Change]:
    """Runs in the transaction that merges the contacts: every decision of both is kept.

    So the newest one of each channel holds, whoever it was told about.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO contacts_consent (contact_id, channel, at, subscribed, source, recorded_at)
            SELECT %s, channel, at, subscribed, source, recorded_at
            FROM contacts_consent WHERE contact_id = %s
            ON CONFLICT DO NOTHING
            """,
            [keep, lose],
        )
    erase_consents([lose])
    return []
