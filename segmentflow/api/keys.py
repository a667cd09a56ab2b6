"""Keys of programs that call the API: made here, checked here, never stored."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from segmentflow.audit.plain import differences
from segmentflow.audit.recording import record
from segmentflow.models import ApiKey, User
from segmentflow.templatetags.ui import count

PREFIX = "sf_"
SHOWN = 8
USE_NOTED_EVERY = timedelta(minutes=1)


@transaction.atomic
def create_key(
    *,
    name: str,
    scopes: Sequence[str],
    created_by: User | None = None,
    expires_at: datetime | None = None,
    requests_per_second: int | None = None,
    events_per_second: int | None = None,
    replaces: ApiKey | None = None,
) -> tuple[ApiKey, str]:
    """The stored row and the key itself, which nobody can find out afterwards.

    None: it never expires, and there is no limit to what is sent with it. Raises ValueError for a scope that does not exist.
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
        expires_at=expires_at,
        requests_per_second=requests_per_second,
        events_per_second=events_per_second,
        replaces=replaces,
    )
    _note("created", row, said=", ".join(row.scopes), changes=differences({}, _facts(row)))
    return row, key


def find_key(key: str) -> ApiKey | None:
    """The row of a key that was not revoked; whether it has expired, `is_expired` says.

    It is found by its digest: how long that takes tells nothing about keys.
    """
    digest = hashed(key)
    row = ApiKey.objects.filter(hash=digest, revoked_at=None).first()
    return row if row is not None and secrets.compare_digest(row.hash, digest) else None


def is_expired(key: ApiKey, *, now: datetime) -> bool:
    return key.expires_at is not None and key.expires_at <= now


@transaction.atomic
def change_key(
    *,
    key: ApiKey,
    expires_at: datetime | None,
    requests_per_second: int | None,
    events_per_second: int | None,
    now: datetime,
) -> ApiKey:
    """What may change of a key; processes heed it from the next request on."""
    held = ApiKey.objects.select_for_update().get(pk=key.pk)
    before = _facts(held)
    held.expires_at = expires_at
    held.requests_per_second = requests_per_second
    held.events_per_second = events_per_second
    held.save(update_fields=["expires_at", "requests_per_second", "events_per_second"])
    if changes := differences(before, _facts(held)):
        _note("changed", held, changes=changes, now=now)
    return held


@transaction.atomic
def rotate_key(
    *, key: ApiKey, days: int, created_by: User | None, now: datetime
) -> tuple[ApiKey, str]:
    """Another key for the same, with the same name; the old one expires in so many days.

    Of a key that expires, the new one lives as long as the old one was made for. Raises ValueError
    for one that was revoked.
    """
    old = ApiKey.objects.select_for_update().get(pk=key.pk)
    if old.revoked_at is not None:
        raise ValueError("the key is revoked")
    lives = old.expires_at - old.created_at if old.expires_at else None
    row, made = create_key(
        name=old.name,
        scopes=old.scopes,
        created_by=created_by,
        expires_at=now + lives if lives else None,
        requests_per_second=old.requests_per_second,
        events_per_second=old.events_per_second,
        replaces=old,
    )
    ends = now + timedelta(days=days)
    old.expires_at = min(old.expires_at, ends) if old.expires_at else ends
    old.save(update_fields=["expires_at"])
    _note("rotated", old, said=f"the old one expires in {count(days, 'day')}", now=now)
    return row, made


@transaction.atomic
def revoke_key(key: ApiKey, *, now: datetime) -> bool:
    """It works no more, from the next request on; False when it did not anyway."""
    is_revoked = bool(ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now))
    if is_revoked:
        _note("revoked", key, now=now)
    return is_revoked


def _facts(key: ApiKey) -> dict[str, Any]:
    names = ("expires_at", "requests_per_second", "events_per_second")
    return {name: getattr(key, name) for name in names}


def _note(action: str, key: ApiKey, **more: Any) -> None:
    record(action=action, kind="API key", key=key.pk, name=key.name, **more)


def note_use(key: ApiKey, *, now: datetime) -> None:
    """Remember that a key was used; at most once a minute, for every request uses one."""
    if key.last_used_at is None or now - key.last_used_at > USE_NOTED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)


def hashed(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
