"""Sends what is due: all webhooks side by side, and one request of each at a time.

Requests are made in threads that know nothing of the database, so that a receiver that hangs keeps
nobody waiting but itself.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime
from typing import Final, Protocol

from campaigns.channels.secrets import Unreadable
from outbound.webhooks.batching import next_delivery
from outbound.webhooks.lane import lane
from outbound.webhooks.looking import look
from outbound.webhooks.models import Webhook, WebhookDelivery
from outbound.webhooks.outcome import record, record_empty
from outbound.webhooks.payload import body_of
from outbound.webhooks.posting import Answer, Post, Request
from outbound.webhooks.signing import secrets_of, signed_headers

logger = logging.getLogger(__name__)

AT_ONCE: Final = 8
LOOK_SECONDS: Final = 0.1
"""How often somebody looks for others that are due while requests are under way."""
UNREADABLE: Final = (
    "The secret cannot be read: it was stored under another SECRET_KEY. Make another secret."
)

GoesOn = Callable[[], bool]


class Clock(Protocol):
    def now(self) -> datetime: ...


def deliver(*, clock: Clock, post: Post, goes_on: GoesOn) -> int:
    """What is due, as long as `goes_on` says so; answers how many requests were made."""
    with lane() as is_mine:
        if not is_mine:
            return 0
        with ThreadPoolExecutor(AT_ONCE, "webhook") as pool:
            return _Run(clock, post, goes_on, pool).run()


class _Run:
    def __init__(self, clock: Clock, post: Post, goes_on: GoesOn, pool: ThreadPoolExecutor) -> None:
        self._clock, self._post, self._goes_on, self._pool = clock, post, goes_on, pool
        self._under_way: dict[Future[Answer], WebhookDelivery] = {}
        self._held: set[Future[Answer]] | None = None
        """What was under way when our turn was over: the worker is ours until that has an end."""
        self._made = 0

    def run(self) -> int:
        while True:
            if self._is_ours():
                self._begin()
            if not self._under_way:
                return self._made
            done, _ = wait(self._under_way, LOOK_SECONDS, FIRST_COMPLETED)
            for future in done:
                delivery = self._under_way.pop(future)
                record(delivery, _answer(future, delivery), now=self._clock.now())

    def _is_ours(self) -> bool:
        """While one receiver is waited for, the others are not."""
        if self._held is None and not self._goes_on():
            self._held = set(self._under_way)
        return self._held is None or not self._held.isdisjoint(self._under_way)

    def _begin(self) -> None:
        """Whoever is due and has no request under way."""
        now = self._clock.now()
        busy = {delivery.webhook_id for delivery in self._under_way.values()}
        due = sorted((one.at, one.webhook_id) for one in look(now) if one.at <= now)
        for _, webhook_id in due:
            if webhook_id in busy:
                continue
            if len(self._under_way) >= AT_ONCE:
                return
            self._send(webhook_id, now)

    def _send(self, webhook_id: int, now: datetime) -> None:
        found = next_delivery(webhook_id, now=now)
        if found is None:
            return
        webhook, delivery = found
        try:
            request = request_for(webhook, delivery, now=now)
        except Unreadable:
            record(delivery, Answer(None, error=UNREADABLE), now=now)
            return
        if request is None:
            record_empty(delivery, now=now)
            return
        self._made += 1
        self._under_way[self._pool.submit(self._post, request)] = delivery


def request_for(webhook: Webhook, delivery: WebhookDelivery, *, now: datetime) -> Request | None:
    """None: nothing is left to tell. Raises Unreadable."""
    body = body_of(delivery, webhook)
    if body is None:
        return None
    keys = secrets_of(webhook, now=now)
    signed = signed_headers(message_id=str(delivery), body=body, keys=keys, now=now)
    return Request(webhook.url, body, {"Content-Type": "application/json", **signed})


def _answer(future: Future[Answer], delivery: WebhookDelivery) -> Answer:
    """One receiver that makes our program fail must not keep others from being told."""
    try:
        return future.result()
    except Exception:  # whatever it is, it is about this one only
        logger.exception("sending %s", delivery)
        return Answer(None, error="The program failed while it sent this.")
