"""The built-in outbox: every message can be read there, and none leaves the house."""

from __future__ import annotations

from datetime import datetime
from types import TracebackType
from typing import Self

import msgspec
from django.db import connection

from campaigns.channels.adapters import OUTBOX, Adapter, Clock, WayFacts
from campaigns.channels.handing import Email, Handed, Outbound, Outcome, Push, Sms
from contacts.models import Channel

ABOUT = "Keeps messages here, to be read, opened and clicked. Nobody receives anything."


class OutboxCarrier:
    """Stores each message once, however often it is handed over; safe to try again any time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

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
        store_message(message, now=self._clock())
        return Handed(Outcome.ACCEPTED)


def store_message(message: Outbound, *, now: datetime) -> None:
    """A second one with the same key changes nothing; those without one are tests."""
    key = message.key
    columns = [text.replace("\0", "") for text in _columns(message)]
    headers = _headers(message) if isinstance(message, Email) else {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO campaigns_outboxmessage
                (contact_id, campaign_id, occasion, channel, is_test, at, address, sender, subject,
                 html, text, url, headers)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb)
            ON CONFLICT (contact_id, campaign_id, occasion) WHERE NOT is_test DO NOTHING
            """,
            [
                *(key or (None, None, None)),
                _channel(message),
                key is None,
                now,
                *columns,
                msgspec.json.encode(headers).decode(),
            ],
        )


def _headers(message: Email) -> dict[str, str]:
    answers = {"Reply-To": message.reply_to} if message.reply_to else {}
    return {
        name.replace("\0", ""): value.replace("\0", "")
        for name, value in {**message.headers, **answers}.items()
    }


def _channel(message: Outbound) -> str:
    match message:
        case Email():
            return Channel.EMAIL.value
        case Sms():
            return Channel.SMS.value
        case Push():
            return Channel.PUSH.value


def _columns(message: Outbound) -> tuple[str, str, str, str, str, str]:
    """Address, sender, subject, html, text, url."""
    match message:
        case Email():
            return message.to, message.sender, message.subject, message.html, message.text, ""
        case Sms():
            return message.to, message.sender, "", "", message.text, ""
        case Push():
            return message.to, "", message.title, "", message.body, message.url


def _open(_way: WayFacts, clock: Clock) -> OutboxCarrier:
    return OutboxCarrier(clock)


ADAPTERS = tuple(
    Adapter(name=OUTBOX, label="Built-in outbox", channel=channel, open=_open, about=ABOUT)
    for channel in Channel.values
)
