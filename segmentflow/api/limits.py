"""How much may be sent: by key, and by address where a key is public or wrong."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from threading import Lock
from typing import Final

from segmentflow.api.leases import BURST_SECONDS, LEASES, Bucket, Taken
from segmentflow.api.problems import ApiProblem
from segmentflow.api.use import USES
from segmentflow.models import ApiKey

TOO_MANY: Final = 429
REQUESTS: Final = "requests"
EVENTS: Final = "events"
USUAL_REQUESTS: Final = 500
USUAL_EVENTS: Final = 20_000
"""A second, proposed for new keys."""
MOST: Final = 1_000_000
ADDRESSES: Final = 10_000
"""Remembered at a time, the latest ones."""


@dataclass(frozen=True, slots=True)
class Charge:
    """What a request was charged with, for the headers of its answer."""

    what: str
    bucket: Bucket
    taken: Taken


def charge_request(key: ApiKey, *, now: datetime) -> list[Charge]:
    """Raises ApiProblem (429) when there were too many; use is counted in any case."""
    return _charge(key, REQUESTS, key.requests_per_second, 1, now=now)


def charge_events(key: ApiKey, number: int, *, now: datetime) -> list[Charge]:
    """Events or contacts, before they are stored; all of them, or 429 and none."""
    return _charge(key, EVENTS, key.events_per_second, number, now=now)


def _charge(
    key: ApiKey, what: str, per_second: int | None, number: int, *, now: datetime
) -> list[Charge]:
    charges = []
    if per_second and number:
        bucket = Bucket(f"{what} {key.pk}", per_second)
        charges = [Charge(what, bucket, LEASES.take(bucket, number, now=now))]
    is_refused = any(not one.taken.is_allowed for one in charges)
    counts = {what: number} if what == REQUESTS or not is_refused else {}
    USES.note(key.pk, **counts, refused=int(is_refused), now=now)
    if is_refused:
        said = f"This key may send {per_second:,} {what} a second."
        raise too_many(said, charges[0].taken.seconds, charges)
    return charges


def too_many(said: str, seconds: float, charges: Sequence[Charge] = ()) -> ApiProblem:
    wait = max(1, ceil(seconds))
    when = "in a second" if wait == 1 else f"in {wait} seconds"
    headers = {"Retry-After": str(wait), **headers_of(charges)}
    return ApiProblem(TOO_MANY, "Too many", f"{said} Try again {when}.", headers=headers)


def headers_of(charges: Sequence[Charge]) -> dict[str, str]:
    """As draft-ietf-httpapi-ratelimit-headers has them."""
    if not charges:
        return {}
    policies = [f'"{one.what}";q={one.bucket.size};w={BURST_SECONDS}' for one in charges]
    standing = [f'"{one.what}";r={one.taken.left};t={ceil(one.taken.seconds)}' for one in charges]
    return {"RateLimit-Policy": ", ".join(policies), "RateLimit": ", ".join(standing)}


class ByAddress:
    """Buckets of addresses in the memory of this process: nobody writes to the database by
    sending what is refused. Several processes let pass as often as much."""

    def __init__(self, *, size: int, per_second: float) -> None:
        self._size, self._per_second = float(size), per_second
        self._held: OrderedDict[tuple[str, int], tuple[float, datetime]] = OrderedDict()
        self._lock = Lock()

    def wait(self, address: str, *, now: datetime, about: int = 0) -> float:
        """Seconds until the next may come; 0: at once."""
        with self._lock:
            tokens = self._tokens((_network(address), about), now)
        return max(0.0, 1.0 - tokens) / self._per_second

    def take(self, address: str, *, now: datetime, about: int = 0) -> float:
        """The same, and one less is left if it is at once."""
        place = (_network(address), about)
        with self._lock:
            tokens = self._tokens(place, now)
            if tokens < 1.0:
                return (1.0 - tokens) / self._per_second
            self._held[place] = (tokens - 1.0, now)
            self._held.move_to_end(place)
            if len(self._held) > ADDRESSES:
                self._held.popitem(last=False)
        return 0.0

    def _tokens(self, place: tuple[str, int], now: datetime) -> float:
        if place not in self._held:
            return self._size
        tokens, at = self._held[place]
        since = abs((now - at).total_seconds())  # a clock that was put back lets nobody wait for it
        return min(self._size, tokens + since * self._per_second)

    def forget(self) -> None:
        with self._lock:
            self._held.clear()


def _network(address: str) -> str:
    """Whoever has one IPv6 address has a whole network of them."""
    if ":" not in address:
        return address
    try:
        return str(ipaddress.ip_network(f"{address}/64", strict=False))
    except ValueError:
        return address


PAGES: Final = ByAddress(size=250, per_second=50.0)
"""Requests of pages, by website and address: behind one there may be a whole office."""
WRONG_KEYS: Final = ByAddress(size=30, per_second=0.5)


def forget_all() -> None:
    """As a process that has just begun."""
    for one in (LEASES, USES, PAGES, WRONG_KEYS):
        one.forget()
    known_keys.clear()


known_keys: Final[OrderedDict[str, datetime]] = OrderedDict()
"""Digests of keys that worked here lately: they go on working from an address that sends wrong ones."""
