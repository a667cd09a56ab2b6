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
NO_REASON: Final = "No reason is known"


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
class Share:
    """Those to whom it was not sent for one reason."""

    state: str
    """As lists of recipients call it (campaigns/recipients.py)."""
    reason: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Progress:
    """All whom a campaign targeted are in exactly one of: sent, failed, unclear, to come, cancelled,
    left out, erased."""

    groups: tuple[Group, ...]
    erased: int
    """Messages of contacts that were erased since, or merged with one that had it too."""

    @property
    def targeted(self) -> int:
        return self.total + self.erased

    @property
    def total(self) -> int:
        """Those of whom there is a message, or the reason why there is none."""
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
    def left_out(self) -> list[Share]:
        """By reason, in the order in which reasons are looked at."""
        return list(self._shares("left-out", State.LEFT_OUT))

    @property
    def left_out_count(self) -> int:
        return self._in(State.LEFT_OUT)

    @property
    def called_off(self) -> list[Share]:
        """The cancelled ones, by reason."""
        return list(self._shares("cancelled", State.CANCELLED))

    def _shares(self, name: str, state: int) -> Iterator[Share]:
        counts = {group.reason: group.count for group in self.groups if group.state == state}
        for reason in Reason:
            if count := counts.pop(reason, 0):
                yield Share(name, reason, LABELS[reason], count)
        if rest := sum(counts.values()):
            yield Share(name, "", NO_REASON, rest)

    def _in(self, *states: int) -> int:
        return sum(group.count for group in self.groups if group.state in states)


def progress_of(campaign: Campaign) -> Progress:
    """As of one instant."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.erased, g.*
            FROM campaigns_campaign c
            LEFT JOIN (
                SELECT state, reason, count(*), count(delivered_at), count(opened_at),
                    count(clicked_at), count(unsubscribed_at), count(bounced_at),
                    count(complained_at)
                FROM campaigns_message
                WHERE campaign_id = %(id)s
                GROUP BY state, reason
            ) g ON true
            WHERE c.id = %(id)s
            ORDER BY g.state, g.reason
            """,
            {"id": campaign.pk},
        )
        rows = cursor.fetchall()
    groups = tuple(Group(*row) for _, *row in rows if row[0] is not None)
    return Progress(groups, rows[0][0] if rows else 0)
