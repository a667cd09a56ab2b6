"""Hands over several messages at once: a far server's answers take longer than everything else."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from queue import SimpleQueue
from types import TracebackType
from typing import Final, Protocol, Self

from django.db import DatabaseError, InterfaceError

from campaigns.channels.handing import Carrier, Handed, Outbound, Outcome
from campaigns.delivery.claiming import Claimed

logger = logging.getLogger(__name__)

SWITCH_SECONDS: Final = 0.0002

Flight = tuple[Claimed, Outbound]


class Hands(Protocol):
    """Messages that are on their way."""

    at_once: int

    @property
    def count(self) -> int: ...

    def begin(self, flight: Flight) -> None:
        """While there are fewer than `at_once`."""

    def land(self, within: float | None = None) -> list[tuple[Claimed, Handed]]:
        """One at least, when its answer has come; none if it does not come `within` so many seconds."""


class OneHand:
    """One after the other, in this thread: also for carriers that use its database connection."""

    at_once = 1

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self._landed: list[tuple[Claimed, Handed]] = []

    @property
    def count(self) -> int:
        return len(self._landed)

    def begin(self, flight: Flight) -> None:
        self._landed.append((flight[0], _hand(self._carrier, flight[1])))

    def land(self, within: float | None = None) -> list[tuple[Claimed, Handed]]:
        landed, self._landed = self._landed, []
        return landed


class ManyHands:
    """Several carriers, each in a thread at a time."""

    def __init__(self, open_one: Callable[[], Carrier], *, at_once: int) -> None:
        self.at_once = at_once
        self._stack = ExitStack()
        self._free: SimpleQueue[Carrier] = SimpleQueue()
        self._open = open_one
        self._flying: dict[Future[Handed], Claimed] = {}

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            # Answers come in while messages are composed: threads must not wait for each other long.
            stack.callback(sys.setswitchinterval, sys.getswitchinterval())
            sys.setswitchinterval(SWITCH_SECONDS)
            for _ in range(self.at_once):
                self._free.put(stack.enter_context(self._open()))
            # Last, so that it ends first: no carrier is closed while it hands over.
            self._pool = stack.enter_context(ThreadPoolExecutor(self.at_once))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    @property
    def count(self) -> int:
        return len(self._flying)

    def begin(self, flight: Flight) -> None:
        self._flying[self._pool.submit(self._hand, flight[1])] = flight[0]

    def land(self, within: float | None = None) -> list[tuple[Claimed, Handed]]:
        found = wait(self._flying, timeout=within, return_when=FIRST_COMPLETED)
        done: Sequence[Future[Handed]] = list(found.done)
        return [(self._flying.pop(one), one.result()) for one in done]

    def _hand(self, message: Outbound) -> Handed:
        carrier = self._free.get()
        try:
            return _hand(carrier, message)
        finally:
            self._free.put(carrier)


def _hand(carrier: Carrier, message: Outbound) -> Handed:
    try:
        return carrier.hand(message)
    except (DatabaseError, InterfaceError):
        raise
    except Exception:
        # Whatever it is, it may have left.
        logger.exception("handing over %s", message.key)
        return Handed(Outcome.UNCLEAR, "The program failed while it handed this message over.")
