"""How far a campaign that has started has come: its messages by what became of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.db import connection

from campaigns.models import Campaign, Message
from campaigns.reasons import LABELS, Reason

State = Message.State

TO_COME: Final = (State.WAITING, State.CLAIMED, State.HANDING)
HANDED: Final = (State.SENT, State.UNCLEAR)
"""What may have arrived; only that can be opened."""


@dataclass(frozen=True, slots=True)
class Group:
    """Messages in one state, for one reason, and how many of them came further."""

    state: int
    reason: str
    count: int
    delivered: int
    opened: int
    clicked: int
    unsubscribed: int
    bounced: int
    complained: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    reason: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Progress:
    """Everything that a campaign targeted is in exactly one of: left out, to come, sent, failed,
    unclear, cancelled."""

    groups: tuple[Group, ...]
    erased: int
    """Contacts that were erased since; they are in none of the numbers."""

    @property
    def total(self) -> int:
        """All messages, and all that were left out."""
        return sum(group.count for group in self.groups)

    @property
    def to_send(self) -> int:
        """All that were or are to be sent."""
        return self.total - self._in(State.LEFT_OUT)

    @property
    def settled(self) -> int:
        """Those of them that nothing more happens to."""
        return self.to_send - self.to_come

    @property
    def to_come(self) -> int:
        return self._in(*TO_COME)

    @property
    def sent(self) -> int:
        return self._in(State.SENT)

    @property
    def failed(self) -> int:
        return self._in(State.FAILED)

    @property
    def unclear(self) -> int:
        return self._in(State.UNCLEAR)

    @property
    def cancelled(self) -> int:
        return self._in(State.CANCELLED)

    @property
    def delivered(self) -> int:
        return sum(group.delivered for group in self.groups)

    @property
    def opened(self) -> int:
        return sum(group.opened for group in self.groups)

    @property
    def clicked(self) -> int:
        return sum(group.clicked for group in self.groups)

    @property
    def unsubscribed(self) -> int:
        return sum(group.unsubscribed for group in self.groups)

    @property
    def bounced(self) -> int:
        return sum(group.bounced for group in self.groups)

    @property
    def complained(self) -> int:
        return sum(group.complained for group in self.groups)

    @property
    def left_out(self) -> list[LeftOut]:
        """By reason, in the order in which reasons are looked at."""
        return list(self._left_out())

    def _left_out(self) -> Iterator[LeftOut]:
        for reason in Reason:
            count = sum(
                group.count
                for group in self.groups
                if group.state == State.LEFT_OUT and group.reason == reason
            )
            if count:
                yield LeftOut(reason, LABELS[reason], count)

    def _in(self, *states: int) -> int:
        return sum(group.count for group in self.groups if group.state in states)


def progress_of(campaign: Campaign) -> Progress:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT state, reason, count(*), count(delivered_at), count(opened_at),
                count(clicked_at), count(unsubscribed_at), count(bounced_at),
                count(complained_at)
            FROM campaigns_message
            WHERE campaign_id = %s
            GROUP BY state, reason
            ORDER BY state, reason
            """,
            [campaign.pk],
        )
        groups = tuple(Group(*row) for row in cursor.fetchall())
    return Progress(groups, campaign.erased)
