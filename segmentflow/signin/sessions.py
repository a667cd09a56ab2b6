"""Where somebody is signed in: noted, listed, ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.http import HttpRequest

from segmentflow.client_address import client_address
from segmentflow.models import Session, User
from segmentflow.signin.store import ADDRESS, AGENT, BEGAN, HOW, REF, SEEN
from segmentflow.visitors import agent_of, browser_in

SEEN_AGAIN: Final = timedelta(minutes=5)
"""How exact "last seen" is: each time costs a write."""
PASSWORD, WITH_CODE, WITH_RECOVERY, PASSKEY, WITH_PASSKEY = (
    "password",
    "code",
    "recovery",
    "passkey",
    "password+passkey",
)
IN_WORDS: Final = {
    PASSWORD: "Password",
    WITH_CODE: "Password and code",
    WITH_RECOVERY: "Password and recovery code",
    PASSKEY: "Passkey",
    WITH_PASSKEY: "Password and passkey",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A session, for people."""

    ref: UUID
    browser: str
    address: str
    how: str
    signed_in_at: datetime | None
    seen_at: datetime | None
    is_this: bool


def note_beginning(request: HttpRequest, *, how: str, now: datetime) -> None:
    """After somebody has signed in with it."""
    for name in (BEGAN, SEEN, REF):
        request.session.pop(name, None)  # the store makes them anew
    request.session[HOW] = how
    note_seen(request, now=now)


def note_seen(request: HttpRequest, *, now: datetime) -> None:
    """That this browser was here, and from where; what is as it was a moment ago is not written."""
    session, stamp = request.session, int(now.timestamp())
    if BEGAN in session and stamp - session[SEEN] < SEEN_AGAIN.total_seconds():
        return
    if BEGAN in session:
        session[SEEN] = stamp
    session[ADDRESS], session[AGENT] = client_address(request) or None, agent_of(request)


def places_of(user: User, *, now: datetime, this: str | None = None) -> list[Place]:
    """Those that still hold, this one first; `this` is the key of the session that asks."""
    rows = Session.objects.filter(user=user, expire_date__gt=now).order_by("-seen_at", "ref")
    places = [
        Place(
            ref=row.ref,
            browser=browser_in(row.user_agent),
            address=row.address or "",
            how=IN_WORDS.get(row.how, ""),
            signed_in_at=row.signed_in_at,
            seen_at=row.seen_at,
            is_this=row.session_key == this,
        )
        for row in rows
    ]
    return sorted(places, key=lambda place: not place.is_this)


def end_session(*, user: User, ref: UUID) -> bool:
    """Whether there was such a one."""
    count, _ = Session.objects.filter(user=user, ref=ref).delete()
    return bool(count)


def end_sessions(*, user: User, keep: str | None = None) -> int:
    """All of this person, but the one with the key `keep`; how many there were."""
    count, _ = Session.objects.filter(user=user).exclude(session_key=keep or "").delete()
    return count


def clear_expired(*, now: datetime) -> None:
    Session.objects.filter(expire_date__lte=now).delete()
