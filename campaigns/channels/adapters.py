"""What an adapter is: who delivers messages of a channel, what it needs, and how it is opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import formataddr
from typing import Any, Literal

from campaigns.channels.handing import Carrier
from campaigns.channels.secrets import Unreadable, unseal
from contacts.problems import Problem

OUTBOX = "outbox"

Clock = Callable[[], datetime]
Kind = Literal["text", "url", "email", "phone", "number", "choice", "check", "multiline", "digits"]


@dataclass(frozen=True, slots=True)
class Field:
    """Something an adapter or a channel needs to know; in a form, one control."""

    key: str
    label: str
    kind: Kind = "text"
    is_secret: bool = False
    is_required: bool = False
    help: str = ""
    choices: Sequence[tuple[str, str]] = ()
    default: str = ""
    longest: int = 500


@dataclass(frozen=True, slots=True)
class WayFacts:
    """How messages of a channel leave now, as it is stored or as the environment has it."""

    channel: str
    adapter: str = OUTBOX
    config: Mapping[str, Any] = field(default_factory=dict)
    """Of the channel, and of the adapter (their fields' keys):
    email has sender_name, sender_address, reply_to and postal_address; SMS sender and country_code
    (digits, such as 48)."""
    sealed: str = field(default="", repr=False)
    per_second: int | None = None
    is_from_environment: bool = False
    given: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Secrets that are not stored, but come from the environment."""
    fault: str = ""
    """What is wrong with what the environment says."""
    patience: float | None = None
    """Seconds that the other side may take for any of its answers; None: as long as is usual."""

    @property
    def is_outbox(self) -> bool:
        return self.adapter == OUTBOX

    @property
    def secrets(self) -> dict[str, str]:
        """Decrypted now. Raises Unreadable when SECRET_KEY is another one than before."""
        return {**unseal(self.sealed), **self.given}

    @property
    def is_readable(self) -> bool:
        try:
            unseal(self.sealed)
        except Unreadable:
            return False
        return True

    def text(self, key: str, default: str = "") -> str:
        value = self.config.get(key)
        return default if value is None or value == "" else str(value)

    @property
    def country_code(self) -> str:
        return self.text("country_code")

    @property
    def sender(self) -> str:
        """As a message has it: `Name <address>` for email, a number or a name for SMS."""
        return sender_of(self.channel, self.config)


def sender_of(channel: str, config: Mapping[str, Any]) -> str:
    if channel != "email":
        return str(config.get("sender") or "")
    address = str(config.get("sender_address") or "")
    return formataddr((str(config.get("sender_name") or ""), address)) if address else ""


Open = Callable[[WayFacts, Clock], Carrier]


def _no_problems(_way: WayFacts) -> Sequence[Problem]:
    return ()


@dataclass(frozen=True, slots=True)
class Adapter:
    name: str
    label: str
    channel: str
    open: Open
    """Makes a carrier; it connects when it is entered, or with its first message."""
    fields: Sequence[Field] = ()
    about: str = ""
    """A sentence or two for admins."""
    problems: Callable[[WayFacts], Sequence[Problem]] = _no_problems
    """What is wrong besides the single fields; each problem's path is a field's key."""
    at_once: int = 1
    """How many carriers hand over at the same time, each in a thread of its own; with more than
    one, none may use the database."""

    @property
    def secret_keys(self) -> frozenset[str]:
        return frozenset(one.key for one in self.fields if one.is_secret)
