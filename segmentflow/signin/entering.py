"""From a right password to being signed in; between them, whoever has one shows a second factor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.auth import login
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django_otp import login as note_device

from segmentflow.audit.recording import record
from segmentflow.models import User
from segmentflow.signin import lockout, sessions

BACKEND: Final = "django.contrib.auth.backends.ModelBackend"
WAITING: Final = "signing_in"
PATIENCE: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody whose password was right."""

    user: User
    to: str
    """Where they wanted to go."""


def begin(request: HttpRequest, *, user: User, to: str, now: datetime) -> None:
    """The session is nobody's yet: it only knows who has to show a second factor."""
    request.session.cycle_key()
    request.session[WAITING] = {
        "user": user.pk,
        "hash": user.get_session_auth_hash(),
        "until": (now + PATIENCE).timestamp(),
        "to": to,
    }


def waiting(request: HttpRequest, *, now: datetime) -> Waiting | None:
    """None: nobody is, or for too long, or what they showed no longer holds."""
    kept: dict[str, Any] | None = request.session.get(WAITING)
    if kept is None or kept["until"] < now.timestamp():
        return None
    user = User.objects.filter(pk=kept["user"], is_active=True).first()
    if user is None or not constant_time_compare(kept["hash"], user.get_session_auth_hash()):
        return None
    return Waiting(user, kept["to"])


def enter(request: HttpRequest, *, user: User, how: str, device: Any, now: datetime) -> None:
    """Sign in, in a session with a new key. `device`: which showed the second factor, or None."""
    request.session.pop(WAITING, None)
    login(request, user, backend=BACKEND)
    if device is not None:
        note_device(request, device)
    sessions.note_beginning(request, how=how, now=now)
    sessions.clear_expired(now=now)
    lockout.clear_old(now=now)
    record(action="signed in", kind="session", said=sessions.IN_WORDS[how].lower(), now=now)
