"""A campaign whose messages are due, and what its sending needs from outside, each as a test wants it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

from django.db import connection

from campaigns.channels.handing import Carrier, Email, Handed, Outbound, Outcome
from campaigns.composing import CannotCompose
from campaigns.delivery.claiming import Claimed
from campaigns.delivery.outside import Outside
from campaigns.keys import MessageKey
from campaigns.models import Campaign, Message
from campaigns.reasons import Reason
from contacts.models import Contact

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

State, Status = Message.State, Campaign.Status
ACCEPTED = Handed(Outcome.ACCEPTED)


@dataclass(frozen=True)
class Said:
    reason: Reason | None
    address: str


class Server:
    """Takes what is handed over and answers as it was told; ours, not a copy of anybody's."""

    def __init__(self, answer: Callable[[Outbound], Handed] = lambda _: ACCEPTED) -> None:
        self.answer = answer
        self.taken: list[str] = []
        self.keys: list[MessageKey] = []
        self.at: list[datetime] = []
        self.clock: Callable[[], datetime] = lambda: NOW

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        pass

    def hand(self, message: Outbound) -> Handed:
        handed = self.answer(message)
        if handed.outcome is Outcome.ACCEPTED:
            self.taken.append(message.to)
            assert message.key is not None
            self.keys.append(message.key)
            self.at.append(self.clock())
        return handed


def composer(_: Campaign, __: datetime) -> Callable[[Sequence[Claimed]], list[Outbound]]:
    def compose(claimed: Sequence[Claimed]) -> list[Outbound]:
        return [
            Email(one.key, one.address, "we@example.com", "", "Hello", "<p>Hello</p>", "Hello")
            for one in claimed
        ]

    return compose


def judge_all(campaign: Campaign, contact_ids: Collection[int], now: datetime) -> dict[int, Said]:
    emails = Contact.objects.filter(pk__in=contact_ids).values_list("pk", "email")
    return {pk: Said(None, email) for pk, email in emails}


def begin(campaign: Campaign, now: datetime) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(status=Status.SENDING, started_at=now)
    make_messages(campaign, Contact.objects.values_list("pk", flat=True), due_at=now)


def outside(server: Carrier, **others: Any) -> Outside:
    def carrier(_: str, clock: Callable[[], datetime]) -> Carrier:
        if isinstance(server, Server):
            server.clock = clock
        return server

    usual = Outside(
        judge=judge_all,
        allowed_at=lambda _, contact_ids, now: dict.fromkeys(contact_ids, now),
        composer=composer,
        carrier=carrier,
        per_second=lambda _: None,
        at_once=lambda _: 1,
        begin=begin,
    )
    return replace(usual, **others)


def make_contacts(count: int) -> list[int]:
    """`u1@example.com` and so on."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO contacts_contact (external_id, email)
            SELECT 'u' || n, 'u' || n || '@example.com' FROM generate_series(1, %s) n
            RETURNING id
            """,
            [count],
        )
        return sorted(pk for (pk,) in cursor.fetchall())


def make_messages(campaign: Campaign, contact_ids: Iterable[int], *, due_at: datetime) -> None:
    Message.objects.bulk_create(
        Message(contact_id=pk, campaign_id=campaign.pk, due_at=due_at) for pk in contact_ids
    )


def make_campaign(
    count: int | None = 3, *, contact_ids: Iterable[int] = (), due_at: datetime = NOW, **values: Any
) -> Campaign:
    """Being sent to so many new contacts, or to those that are given."""
    usual = {"name": "Autumn", "channel": "email", "status": Status.SENDING, "started_at": NOW}
    campaign = Campaign.objects.create(**usual | values)
    ids = list(contact_ids) or make_contacts(count or 0)
    make_messages(campaign, ids, due_at=due_at)
    return campaign


def states(campaign: Campaign) -> list[Message.State]:
    """By contact."""
    found = Message.objects.filter(campaign_id=campaign.pk).order_by("contact_id", "occasion")
    return [State(state) for state in found.values_list("state", flat=True)]


def message_of(campaign: Campaign) -> Message:
    return Message.objects.filter(campaign_id=campaign.pk).order_by("contact_id")[0]


def key_of(message: Message) -> MessageKey:
    return MessageKey(message.contact_id, message.campaign_id, message.occasion)


def broken(why: str) -> Callable[[Campaign, datetime], Any]:
    """A composer for content that is broken for everybody."""

    def composer(_: Campaign, __: datetime) -> Any:
        raise CannotCompose(why)

    return composer
