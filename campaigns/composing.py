"""A campaign's content and a contact become the message that is handed over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from campaigns.channels.handing import Browser, Outbound
from campaigns.keys import MessageKey
from campaigns.models import Campaign


class CannotCompose(Exception):
    """The message cannot be made, for this contact or for anybody: why, as a sentence."""


class WayLike(Protocol):
    """What composing reads of campaigns.channels.ways.WayFacts."""

    @property
    def config(self) -> Mapping[str, Any]: ...


class Links(Protocol):
    """Where the links of a message lead (campaigns/tracking/links.py)."""

    def click(self, key: MessageKey, url: str) -> str:
        """An address of ours that leads to `url` and tells that it was followed."""
        ...

    def pixel(self, key: MessageKey) -> str: ...

    def unsubscribe(self, key: MessageKey) -> str:
        """The page to unsubscribe, and for preferences; for people."""
        ...

    def one_click(self, key: MessageKey) -> str:
        """What mail programs post to (RFC 8058)."""
        ...

    def short(
        self, pairs: Sequence[tuple[MessageKey, str]]
    ) -> Mapping[tuple[MessageKey, str], str]:
        """Short addresses for text messages, all at once."""
        ...


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What a message may say about a contact."""

    contact_id: int
    external_id: str
    email: str
    phone: str
    fields: Mapping[str, Any]
    """What `{{ contact.… }}` can name: built-in and additional fields, by key, with typed values."""
    browsers: tuple[Browser, ...] = ()
    """Only when they were asked for."""


class Order(NamedTuple):
    """A message that is wanted."""

    person: PersonFacts
    key: MessageKey | None
    """None: a test or a preview, which counts nowhere: links lead where they lead."""
    context: Mapping[str, Any] | None = None
    """Of the triggering event: {"type", "occurred_at", "attributes"}."""
    address: str = ""
    """Where it goes; empty: the contact's own."""


def people_facts(contact_ids: Sequence[int], *, channel: str = "") -> dict[int, PersonFacts]:
    """Facts of those that still exist, in a few queries; with browsers for the channel push."""
    raise NotImplementedError


class Composer:
    """Makes the messages of one campaign: compiled once, then composed for each contact.

    Raises CannotCompose at once when the content is broken for everybody.
    """

    def __init__(
        self,
        *,
        campaign: Campaign,
        content: Mapping[str, Any],
        way: WayLike,
        now: datetime,
        links: Links,
    ) -> None:
        raise NotImplementedError

    def compose(
        self,
        person: PersonFacts,
        key: MessageKey | None,
        context: Mapping[str, Any] | None = None,
        *,
        address: str = "",
    ) -> Outbound:
        """Raises CannotCompose when it cannot be made for this contact."""
        raise NotImplementedError

    def compose_many(self, orders: Sequence[Order]) -> list[Outbound | CannotCompose]:
        """The same for many, in their order; short links are made for all at once."""
        raise NotImplementedError
