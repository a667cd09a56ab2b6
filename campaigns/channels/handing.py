"""What all ways of sending have in common: the message that is handed over, and the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self

from campaigns.keys import MessageKey


@dataclass(frozen=True, slots=True)
class Email:
    key: MessageKey | None
    """None: a test, which counts nowhere."""
    to: str
    sender: str
    """`Name <address>`, as RFC 5322 writes it."""
    reply_to: str
    subject: str
    html: str
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sms:
    key: MessageKey | None
    to: str
    """+ and digits (E.164)."""
    sender: str
    text: str


@dataclass(frozen=True, slots=True)
class Browser:
    """Where a push message goes: campaigns.push.models.PushAddress."""

    digest: str
    endpoint: str
    p256dh: str
    auth: str


@dataclass(frozen=True, slots=True)
class Push:
    key: MessageKey | None
    to: str
    """For gateways, the contact's external id."""
    browsers: tuple[Browser, ...]
    title: str
    body: str
    url: str
    icon: str = ""
    image: str = ""


Outbound = Email | Sms | Push


class Outcome(StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"
    """For good: trying again would change nothing."""
    LATER = "later"
    """Nothing was taken, and it may be tried again."""
    UNCLEAR = "unclear"
    """It may have been taken, and there is no way to know."""


@dataclass(frozen=True, slots=True)
class Handed:
    """What the other side said."""

    outcome: Outcome
    error: str = ""
    """For people, without the recipient's address."""
    provider_id: str = ""
    wait_seconds: float | None = None
    """After LATER, how long the other side asked us to wait."""
    is_everybody: bool = False
    """After LATER, whether it concerns all messages: no connection, wrong password, too many."""
    is_bad_address: bool = False
    """After REFUSED, whether the address is why: it is suppressed from now on."""
    is_unsubscribed: bool = False
    """After REFUSED, whether the recipient unsubscribed there: the consent is withdrawn."""
    gone: tuple[str, ...] = ()
    """Digests of browsers that are no more: they are forgotten."""


class Carrier(Protocol):
    """Hands over messages of one channel, one after the other; open from `with` to its end."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def hand(self, message: Outbound) -> Handed:
        """Never raises for what the other side says or does not say."""
        ...
