"""What people do with messages becomes rows of reports and system events that move segments.

- An open counts at most once a minute for each message, however often its picture is fetched;
  the message keeps the time of the first one.
- A click counts at most once a minute for each link of a message; each is a row of Click.
- Whoever follows a link of an email has opened it: when no open was counted before, the click
  brings one along. Otherwise people whose mail program hides opens would never have any.
- What machines do (scanners.py) is no event. A click of theirs is a row that does not count, one
  for each link of a message; an open of theirs leaves nothing.

Repetitions are seen before anything is locked or written, and the ids of events follow from the
message and the minute, so the same link ten thousand times is one row and one event.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from django.db import connection

from campaigns.keys import MessageKey
from campaigns.models import Message
from campaigns.tracking.keys import current_key
from campaigns.tracking.scanners import AT_ONCE, is_too_soon
from campaigns.tracking.types import CLICKS, OPEN, Sort, register_sorts
from contacts.locks import Hold, hold_slots
from contacts.models import Channel
from contacts.retrying import in_transaction
from events.locks import share_types
from events.rows import ContactRef, EventRow
from events.services import record_events

AGAIN: Final = timedelta(minutes=1)
"""What is repeated sooner is the same."""


class Reaction(StrEnum):
    OPEN = "open"
    CLICK = "click"


@dataclass(frozen=True, slots=True)
class _Known:
    """A message, and what is known of this reaction to it."""

    campaign: str
    channel: str
    state: int
    handed_at: datetime | None
    opened_at: datetime | None
    is_repeated: bool
    """It counted less than a minute ago."""
    is_noted: bool
    """It did not count before, and there is a row that says so."""
    is_at_once: bool
    """Another link was followed at the same time."""
    is_in_outbox: bool


def record_reaction(
    *, key: MessageKey, kind: Reaction, now: datetime, url: str = "", is_counted: bool = True
) -> bool:
    """Store that a message was opened, or that its link to `url` was followed; whether it counts.

    `is_counted`: False for what the request gives away as a machine; haste is seen here. The
    event is that of the campaign's channel: MailOpen, MailClick, SmsClick, PushClick. Nothing is
    stored when the contact was erased or there is no such message.
    """
    for _ in range(2):  # a contact may be merged just now
        known = _look(key, kind, url, now)
        if known is None:
            moved = current_key(key)
            if moved is None or moved == key:
                return False
            key = moved
            continue
        counts = is_counted and _is_human(known, now)
        if _adds_nothing(known, kind, counts=counts):
            return counts
        stored = _store(key, kind, url, now, is_counted=is_counted)
        if stored is not None:
            return stored
    return False


@in_transaction
def _store(
    key: MessageKey, kind: Reaction, url: str, now: datetime, *, is_counted: bool
) -> bool | None:
    """Whether it counts; None when the message is gone, or another contact's."""
    share_types()  # before rows, as everybody does
    if not _hold(key) or (known := _look(key, kind, url, now)) is None:
        return None
    counts = is_counted and _is_human(known, now)
    if _adds_nothing(known, kind, counts=counts):
        return counts
    if kind is Reaction.CLICK:
        _insert_click(key, url, now, is_counted=counts)
    if counts:
        _mark(key, kind, known, now)
        sorts = dict(_events(known, kind))
        register_sorts(list(sorts.values()))
        rows = [_event(key, known, one, sort, url, now) for one, sort in sorts.items()]
        record_events(rows=rows, now=now)
    return counts


def _is_human(known: _Known, now: datetime) -> bool:
    hasty = is_too_soon(at=now, handed_at=known.handed_at) and not known.is_in_outbox
    return not hasty and not known.is_at_once


def _adds_nothing(known: _Known, kind: Reaction, *, counts: bool) -> bool:
    if counts:
        return known.is_repeated
    return kind is Reaction.OPEN or known.is_noted


def _events(known: _Known, kind: Reaction) -> Iterator[tuple[Reaction, Sort]]:
    is_email = known.channel == Channel.EMAIL
    if is_email and (kind is Reaction.OPEN or known.opened_at is None):
        yield Reaction.OPEN, OPEN
    if kind is Reaction.CLICK:
        yield Reaction.CLICK, CLICKS[known.channel]


def _event(
    key: MessageKey, known: _Known, kind: Reaction, sort: Sort, url: str, now: datetime
) -> EventRow:
    link = url if kind is Reaction.CLICK else ""
    return EventRow(
        ContactRef("id", key.contact_id),
        sort.key,
        now,
        event_id(key, kind, now, link),
        attributes_of(key, name=known.campaign, channel=known.channel, url=link),
    )


def attributes_of(key: MessageKey, *, name: str, channel: str, url: str = "") -> dict[str, Any]:
    about: dict[str, Any] = {
        "campaign": name,
        "campaign_id": key.campaign_id,
        "channel": channel,
    }
    return about | {"url": url} if url else about


def event_id(key: MessageKey, kind: Reaction, now: datetime, url: str = "") -> str:
    """The same for all that counts as one."""
    minute = int(now.timestamp() // AGAIN.total_seconds())
    link = f"-{hashlib.sha256(url.encode()).hexdigest()[:16]}" if url else ""
    return f"campaign-{key.campaign_id}-{key.occasion}-{kind}{link}-{minute}"


def _hold(key: MessageKey) -> bool:
    """The contact is not erased until the commit, and reactions to the message take turns."""
    hold_slots([key.contact_id], Hold.EXISTING)  # the contact first, as erasing does
    return Message.objects.select_for_update(no_key=True).filter(pk=tuple(key)).exists()


def _look(key: MessageKey, kind: Reaction, url: str, now: datetime) -> _Known | None:
    """One statement, by primary keys alone."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH same AS MATERIALIZED (
                SELECT 1 FROM events_event
                WHERE contact_id = %(contact)s AND message_id = %(event)s
            )
            SELECT c.name, c.channel, m.state, coalesce(m.sent_at, m.claimed_at), m.opened_at,
                CASE WHEN %(click)s THEN coalesce(k.is_repeated, false) ELSE EXISTS (
                    SELECT FROM same
                ) END,
                coalesce(k.is_noted, false),
                coalesce(k.is_at_once, false),
                EXISTS (
                    SELECT FROM campaigns_outboxmessage o
                    WHERE o.contact_id = m.contact_id AND o.campaign_id = m.campaign_id
                        AND o.occasion = m.occasion
                )
            FROM campaigns_message m
            JOIN campaigns_campaign c ON c.id = m.campaign_id
            LEFT JOIN LATERAL (
                SELECT bool_or(k.url = %(url)s AND k.is_counted AND k.at > %(ago)s) AS is_repeated,
                    bool_or(k.url = %(url)s AND NOT k.is_counted) AS is_noted,
                    bool_or(k.url <> %(url)s AND k.at > %(at_once)s) AS is_at_once
                FROM campaigns_click k
                WHERE %(click)s AND k.contact_id = m.contact_id
                    AND k.campaign_id = m.campaign_id AND k.occasion = m.occasion
            ) k ON true
            WHERE m.contact_id = %(contact)s AND m.campaign_id = %(campaign)s
                AND m.occasion = %(occasion)s
            """,
            {
                "click": kind is Reaction.CLICK,
                "event": event_id(key, kind, now),
                "url": url,
                "ago": now - AGAIN,
                "at_once": now - AT_ONCE,
                "contact": key.contact_id,
                "campaign": key.campaign_id,
                "occasion": key.occasion,
            },
        )
        row = cursor.fetchone()
        return None if row is None else _Known(*row)


def _insert_click(key: MessageKey, url: str, now: datetime, *, is_counted: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO campaigns_click (contact_id, campaign_id, occasion, url, at, is_counted)
            VALUES (%s, %s, %s, %s, %s, %s)
            """,
            [*key, url, now, is_counted],
        )


def _mark(key: MessageKey, kind: Reaction, known: _Known, now: datetime) -> None:
    """The first time of each is kept; a message of which we did not know has evidently arrived."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE campaigns_message SET
                opened_at = CASE WHEN %(email)s THEN coalesce(opened_at, %(now)s) ELSE opened_at END,
                clicked_at = CASE WHEN %(click)s THEN coalesce(clicked_at, %(now)s)
                    ELSE clicked_at END,
                sent_at = CASE WHEN state = %(unclear)s THEN coalesce(sent_at, claimed_at, %(now)s)
                    ELSE sent_at END,
                error = CASE WHEN state = %(unclear)s THEN '' ELSE error END,
                state = CASE WHEN state = %(unclear)s THEN %(sent)s ELSE state END
            WHERE contact_id = %(contact)s AND campaign_id = %(campaign)s
                AND occasion = %(occasion)s
                AND (state = %(unclear)s OR (%(email)s AND opened_at IS NULL)
                    OR (%(click)s AND clicked_at IS NULL))
            """,
            {
                "email": known.channel == Channel.EMAIL,
                "click": kind is Reaction.CLICK,
                "now": now,
                "unclear": Message.State.UNCLEAR,
                "sent": Message.State.SENT,
                "contact": key.contact_id,
                "campaign": key.campaign_id,
                "occasion": key.occasion,
            },
        )
