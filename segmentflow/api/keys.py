"""Keys of programs that call the API: made here, checked here, never stored."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from segmentflow.models import ApiKey, User

PREFIX = "sf_"
SHOWN = 8
USE_NOTED_EVERY = timedelta(minutes=1)


def create_key(
    *, name: str, scopes: Sequence[str], created_by: User | None = None
) -> tuple[ApiKey, str]:
    """The stored row and the key itself, which nobody can find out afterwards.

    Raises ValueError for a scope that does not exist.
    """
    unknown = set(scopes) - set(ApiKey.Scope.values)
    if unknown or not scopes:
        raise ValueError(f"scopes are {', '.join(ApiKey.Scope.values)}")
    key = PREFIX + secrets.token_urlsafe(32)
    row = ApiKey.objects.create(
        name=name,
        prefix=key[:SHOWN],
        hash=hashed(key),
        scopes=sorted(set(scopes)),
        created_by=created_by,
    )
    return row, key


def find_key(key: str) -> ApiKey | None:
    """The row of a key that is valid now."""
    return ApiKey.objects.filter(hash=hashed(key), revoked_at=None).first()


def revoke_key(key: ApiKey, *, now: datetime) -> bool:
    """It works no more, from the next request on; False when it did not anyway."""
    return bool(ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now))


def note_use(key: ApiKey, *, now: datetime) -> None:
    """Remember that a key was used; at most once a minute, for every request uses one."""
    if key.last_used_at is None or now - key.last_used_at > USE_NOTED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)


def hashed(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
