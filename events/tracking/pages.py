"""What web pages may send: anybody reads a website's key there, and may send with it.

Why each of these: docs/decisions/0013-what-a-public-key-may-do.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from contacts.problems import Problem, quoted
from events.models import EventType
from events.tracking.messages import SEEN, Message

KINDS: Final = ("identify", "track", "page")
MOST_MESSAGES: Final = 100
"""In one request."""
MOST_BYTES: Final = 128 * 1024
MOST_TYPES: Final = 200
"""Beyond so many, pages register no more of them."""
OF_PROGRAMS: Final = (
    "mailsend",
    "mailopen",
    "mailclick",
    "smsclick",
    "pushclick",
    "unsubscribe",
    "bounce",
)
"""Sorts of events that only the programs that send messages know of, in small letters."""


def split_allowed(messages: Iterable[Message]) -> tuple[list[Message], list[Problem]]:
    """Those that a page may send, and what is wrong with the others."""
    fine: list[Message] = []
    refused: list[Problem] = []
    types = _Types()
    for message in messages:
        if problem := _wrong_kind(message) or types.wrong(message.event):
            refused.append(problem)
        else:
            fine.append(message)
    return fine, refused


def _wrong_kind(message: Message) -> Problem | None:
    if message.kind in KINDS:
        return None
    said = f"The key of a website takes {', '.join(KINDS)}, and no {message.kind}."
    return Problem("message.type", "not_from_pages", said)


class _Types:
    """The types of events as they are, and how many may still be added."""

    def __init__(self) -> None:
        self._origins: dict[str, str] | None = None

    def wrong(self, event: str) -> Problem | None:
        if not event:
            return None
        if self._origins is None:
            self._origins = dict(EventType.objects.order_by().values_list("key", "origin"))
        if event.lower() in OF_PROGRAMS or self._origins.get(event) == EventType.Origin.SYSTEM:
            said = f"{quoted(event)} is reported by programs, not by web pages."
            return Problem("message.event", "not_from_pages", said)
        if event not in self._origins and event not in SEEN.values():
            if len(self._origins) >= MOST_TYPES:
                said = f"There is no event type {quoted(event)}, and pages add no more of them."
                return Problem("message.event", "too_many_event_types", said)
            self._origins[event] = EventType.Origin.CUSTOMER
        return None


def register_visits() -> EventType:
    """The type of the events that visits are, also where types have to be registered first."""
    values = {"label": "Page visit", "description": "A page of the website was seen."}
    return EventType.objects.get_or_create(key=SEEN["page"], defaults=values)[0]
