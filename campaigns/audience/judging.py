"""Who receives a campaign's message and who does not, and why: counted, listed, or for some contacts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from campaigns.audience.statement import THESE, Moment, Question, question, targeted
from campaigns.models import Campaign
from campaigns.reasons import Reason
from segments.engine.near import together

FIRST_BITE: Final = 500
"""Targeted contacts that a list looks at first; for a rare reason it takes ever larger bites."""
GROWTH: Final = 4


@dataclass(frozen=True, slots=True)
class Audience:
    """The receiving and all that are left out are together the targeted."""

    targeted: int
    receiving: int
    left_out: dict[Reason, int]
    """Only reasons that somebody has, in their order."""


@dataclass(frozen=True, slots=True)
class Person:
    contact_id: int
    name: str
    """What the contact is called elsewhere: its name, else whatever there is."""
    address: str
    """Where the message goes or would go; empty for browsers, and when it is missing or not valid."""


@dataclass(frozen=True, slots=True)
class Verdict:
    reason: Reason | None
    """None: it gets the message."""
    address: str


def count_audience(*, campaign: Campaign, now: datetime) -> Audience:
    """Everybody that the campaign targets, each counted once."""
    asked = question(campaign=campaign, now=now)
    if not asked.params["includes"]:
        return Audience(0, 0, {})
    with together(connection), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT reason, count(*) FROM ({asked.near()}) judged GROUP BY reason", asked.params
        )
        counts: dict[str, int] = dict(cursor.fetchall())
    return Audience(
        targeted=sum(counts.values()),
        receiving=counts.get("", 0),
        left_out={reason: counts[reason] for reason in Reason if reason in counts},
    )


def people(
    *, campaign: Campaign, reason: Reason | None, now: datetime, after: int | None, limit: int
) -> list[Person]:
    """Some of those with the reason, or of those who receive; by id, those after `after`."""
    asked = question(campaign=campaign, now=now, only=THESE)
    found: list[Person] = []
    position, bite = after or 0, FIRST_BITE
    while len(found) < limit:
        ids = _next_targeted(asked, after=position, limit=bite)
        if not ids:
            break
        found += _among(ids, asked=asked, reason=reason, limit=limit - len(found))
        position, bite = ids[-1], bite * GROWTH
    return found


def judge(*, campaign: Campaign, contact_ids: Collection[int], now: datetime) -> dict[int, Verdict]:
    """The last look before sending, at contacts whose messages have been claimed.

    Whoever has been erased is missing. Not judged again is what was decided when a campaign's
    recipients were frozen: excluded segments, and the hold-out. For newcomers to a segment this is
    the first look, so both are judged, and whether they are still in a segment.
    """
    asked = question(campaign=campaign, now=now, moment=Moment.SENDING, only=THESE)
    ids = list(contact_ids)
    with together(connection), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT contact_id, reason, address FROM ({asked.near(ids=ids)}) judged",
            asked.params | {"ids": ids},
        )
        return {
            contact_id: Verdict(Reason(reason) if reason else None, address)
            for contact_id, reason, address in cursor.fetchall()
        }


def _next_targeted(asked: Question, *, after: int, limit: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT DISTINCT m.contact_id {targeted()} AND m.contact_id > %(after)s
            ORDER BY m.contact_id LIMIT %(limit)s
            """,
            asked.params | {"after": after, "limit": limit},
        )
        return [contact_id for (contact_id,) in cursor.fetchall()]


def _among(ids: list[int], *, asked: Question, reason: Reason | None, limit: int) -> list[Person]:
    with together(connection), connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT contact_id, address, first_name, last_name, email, external_id, phone
            FROM ({asked.near(ids=ids)}) judged
            WHERE reason = %(reason)s
            ORDER BY contact_id LIMIT %(limit)s
            """,
            asked.params | {"ids": ids, "reason": reason or "", "limit": limit},
        )
        return [_person(*row) for row in cursor.fetchall()]


def _person(contact_id: int, address: str, first: str, last: str, *others: Any) -> Person:
    name = f"{first} {last}".strip()
    return Person(contact_id, next(filter(None, (name, *others)), f"Contact {contact_id}"), address)
