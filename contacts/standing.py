"""Consents as pages show them: what holds for each channel, and how it came about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils.formats import date_format
from django.utils.timezone import localtime

from contacts.consents import Held, consents_of
from contacts.decisions import state_of
from contacts.models import Channel, Consent, Contact

MOST = 20
"""Decisions shown beside what holds; the timeline has all of them."""


@dataclass(frozen=True, slots=True)
class Standing:
    channel: Channel
    held: Held | None

    @property
    def words(self) -> str:
        if self.held is None:
            return "Never asked"
        return state_of(subscribed=self.held.subscribed).capitalize()


@dataclass(frozen=True, slots=True)
class Told:
    """One decision, as it stands in the history."""

    channel: Channel
    at: datetime
    subscribed: bool
    source: str
    recorded_at: datetime

    @property
    def words(self) -> str:
        return f"{self.channel.label} {state_of(subscribed=self.subscribed)}"

    @property
    def id(self) -> str:
        """Tells it apart from others at the same time."""
        return f"consent {self.channel} {self.subscribed}"


def standings(contact: Contact) -> list[Standing]:
    held = consents_of([contact.pk]).get(contact.pk, {})
    return [Standing(channel, held.get(channel.value)) for channel in Channel]


Place = tuple[datetime, str]
"""A time, and what tells apart what happened at it."""


def history(
    contact: Contact,
    *,
    before: Place | None = None,
    after: Place | None = None,
    limit: int = MOST,
) -> list[Told]:
    """Decisions before a place, the newest first; or after one, the oldest first."""
    place, sign, order = (after, ">", "ASC") if after else (before, "<", "DESC")
    name = """(concat('consent ', channel, CASE WHEN subscribed THEN ' True' ELSE ' False' END)
        COLLATE "C")"""
    beyond = f"AND at {sign}= %(at)s AND (at, {name}) {sign} (%(at)s, %(id)s)" if place else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT channel, at, subscribed, source, recorded_at FROM contacts_consent
            WHERE contact_id = %(contact)s {beyond}
            ORDER BY at {order}, {name} {order}
            LIMIT %(limit)s
            """,
            {
                "contact": contact.pk,
                "limit": limit,
                "at": place and place[0],
                "id": place and place[1],
            },
        )
        return [Told(Channel(channel), *rest) for channel, *rest in cursor.fetchall()]


def decisions_told(contact: Contact) -> int:
    """How many there are in all."""
    return Consent.objects.filter(contact=contact).count()


def consents_foretold(keep: int, lose: int) -> Sequence[str]:
    """What will hold for the channels that the lost contact decided about."""
    held = consents_of([keep, lose])
    kept, lost = held.get(keep, {}), held.get(lose, {})
    return [
        _foretold(Channel(channel), kept.get(channel), other) for channel, other in lost.items()
    ]


def _foretold(channel: Channel, kept: Held | None, lost: Held) -> str:
    if kept is None:
        wins, why = lost, "as the other one decided"
    elif kept.subscribed == lost.subscribed:
        wins, why = max(kept, lost, key=lambda one: one.at), "as both decided"
    else:
        # Of two decisions at the same time the withdrawal holds.
        wins = max(kept, lost, key=lambda one: (one.at, not one.subscribed))
        is_tie = kept.at == lost.at
        why = "the withdrawal of two decisions at once" if is_tie else "the newer decision"
    day = date_format(localtime(wins.at), "j F Y")
    state = state_of(subscribed=wins.subscribed)
    return f"{channel.label} will be {state}: {why}, {day} ({wins.source}). Its history is kept."
