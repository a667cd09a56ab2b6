"""Who is at it: the person or the program behind the request that runs here.

Services record what they change without being told by whom: whoever lets a request in says so here,
once. Without a request it is SegmentFlow itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Final

from django.http import HttpRequest, HttpResponseBase

from segmentflow.audit.models import AuditEntry
from segmentflow.client_address import client_address

Kind = AuditEntry.Actor


@dataclass(frozen=True, slots=True)
class Actor:
    kind: str
    id: int | None
    name: str


ITSELF: Final = Actor(Kind.SYSTEM, None, "SegmentFlow")
COMMAND: Final = Actor(Kind.SYSTEM, None, "Command line")
"""Somebody with access to the machine: manage.py."""


@dataclass(frozen=True, slots=True)
class Acting:
    actor: Callable[[], Actor]
    """Asked only when something is recorded: who signed in is looked up then."""
    address: str = ""
    request_id: str = ""


NOBODY: Final = Acting(lambda: ITSELF)
_acting: ContextVar[Acting] = ContextVar("acting", default=NOBODY)


def acting() -> Acting:
    return _acting.get()


@contextmanager
def acting_as(actor: Actor) -> Iterator[None]:
    """Have what is recorded inside be this one's."""
    token = _acting.set(replace(_acting.get(), actor=lambda: actor))
    try:
        yield
    finally:
        _acting.reset(token)


def note_key(*, key_id: int, name: str) -> None:
    """The request that runs here was sent with this key; it holds until the request ends."""
    now = _acting.get()
    if now is not NOBODY:  # where no request ends, nobody would take it back
        actor = Actor(Kind.KEY, key_id, name)
        _acting.set(replace(now, actor=lambda: actor))


class ActingMiddleware:
    """After the one that knows who signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        acting = Acting(
            lambda: actor_of(request),
            client_address(request),
            str(getattr(request, "request_id", "")),
        )
        token = _acting.set(acting)
        try:
            return self.get_response(request)
        finally:
            _acting.reset(token)


def actor_of(request: HttpRequest) -> Actor:
    """Whoever signed in; a visitor who did not is SegmentFlow's own doing."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return ITSELF
    return Actor(Kind.USER, user.pk, user.get_full_name() or user.get_username())
