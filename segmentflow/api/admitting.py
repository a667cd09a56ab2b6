"""Letting in whoever sent a key: found, not expired, not from where only wrong ones come."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from segmentflow.api.keys import find_key, hashed, is_expired, note_use
from segmentflow.api.limits import WRONG_KEYS, known_keys, too_many
from segmentflow.api.problems import ApiProblem
from segmentflow.models import ApiKey

KNOWN_FOR: Final = timedelta(minutes=10)
MOST_KNOWN: Final = 1_000
UNAUTHORIZED: Final = 401
_lock = Lock()


def admitted(sent: str, *, address: str, now: datetime) -> ApiKey | None:
    """The key that was sent; None: there is no such one, or it was revoked.

    Raises ApiProblem when it has expired, or when too many wrong ones came from there lately; a key
    that worked a short time ago is looked for all the same, for it may share the address.
    """
    digest = hashed(sent)
    if not _is_known(digest, now) and (wait := WRONG_KEYS.wait(address, now=now)):
        raise too_many("Too many wrong keys were sent from this address.", wait)
    key = find_key(sent)
    if key is None:
        WRONG_KEYS.take(address, now=now)
        return None
    if is_expired(key, now=now):
        raise expired(key)
    _remember(digest, now)
    note_use(key, now=now)
    return key


def expired(key: ApiKey) -> ApiProblem:
    at = key.expires_at
    when = f" on {at.day} {at:%B %Y}" if at else ""
    said = f"This key expired{when}. An admin can give it more time, or make another."
    return ApiProblem(UNAUTHORIZED, "Expired", said, headers={"WWW-Authenticate": "Bearer"})


def _is_known(digest: str, now: datetime) -> bool:
    with _lock:
        until = known_keys.get(digest)
    return until is not None and now < until


def _remember(digest: str, now: datetime) -> None:
    with _lock:
        known_keys[digest] = now + KNOWN_FOR
        known_keys.move_to_end(digest)
        while len(known_keys) > MOST_KNOWN:
            known_keys.popitem(last=False)
