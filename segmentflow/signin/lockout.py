"""Who tried too often: by user name and address together, and by address alone.

django-axes counts, in rows that are gone when they no longer count. Nobody is kept out by what
others do elsewhere: a lock holds for one address, and for half an hour.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.db.models import Max, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from segmentflow.audit.acting import ITSELF
from segmentflow.audit.recording import record
from segmentflow.clock import current_time
from segmentflow.models import User
from segmentflow.visitors import network_of

PAGE = "registration/locked.html"
TOO_MANY: Final = 429
OF_ADDRESS: Final = 10
"""An address may fail so many times as often as a person: many people may sit behind one."""


class Handler(AxesDatabaseHandler):  # type: ignore[misc] # the library has no types
    """`settings.AXES_HANDLER`."""

    def get_failures(self, request: Any, credentials: dict[str, Any] | None = None) -> int:
        of_person: int = super().get_failures(request, credentials)
        return max(of_person, _failures_from(request.axes_ip_address) // OF_ADDRESS)

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any
    ) -> None:
        was_locked = bool(request is not None and request.axes_locked_out)
        super().user_login_failed(sender, credentials, request, **kwargs)
        if request is not None and not was_locked:
            _record_failure(str(credentials.get("username") or ""), request)


def _failures_from(address: str | None) -> int:
    counted = _valid().filter(ip_address=address).aggregate(Sum("failures_since_start"))
    return counted["failures_since_start__sum"] or 0


def _valid() -> Any:
    return AccessAttempt.objects.filter(
        attempt_time__gt=current_time() - settings.AXES_COOLOFF_TIME
    )


def _record_failure(name: str, request: Any) -> None:
    """What was typed as a name may be a password: only names of users are kept."""
    user = User.objects.filter(username=name).first()
    record(
        action="kept out" if request.axes_locked_out else "refused to sign in",
        kind="user",
        key=user.pk if user else "",
        name=name if user else "somebody unknown",
        said="too many wrong passwords or codes" if request.axes_locked_out else "",
        actor=ITSELF,
    )


def note_failure(request: HttpRequest, *, user: User) -> None:
    """A wrong second factor counts like a wrong password."""
    user_login_failed.send(
        sender=__name__, credentials={"username": user.get_username()}, request=request
    )


def is_locked(request: HttpRequest, *, user: User) -> bool:
    """Also has the middleware answer with the page below, if so."""
    allowed: bool = AxesProxyHandler.is_allowed(request, {"username": user.get_username()})
    if not allowed:
        request.axes_locked_out = True  # type: ignore[attr-defined] # as its backend does
        request.axes_credentials = {"username": user.get_username()}  # type: ignore[attr-defined]
    return not allowed


def locked_out(
    request: HttpRequest, response: HttpResponse | None, credentials: dict[str, Any] | None
) -> HttpResponse:
    """`settings.AXES_LOCKOUT_CALLABLE`: the same for names that nobody has."""
    now = current_time()
    name = str((credentials or {}).get("username") or "")
    until = _locked_until(name, network_of(request)) or now + settings.AXES_COOLOFF_TIME
    answer = render(request, PAGE, {"until": until}, status=TOO_MANY)
    answer.headers["Retry-After"] = str(max(1, int((until - now).total_seconds())))
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _locked_until(name: str, address: str | None) -> datetime | None:
    """When the last of the failures that lock no longer counts."""
    limit = settings.AXES_FAILURE_LIMIT
    until = []
    for rows, most in (
        (_valid().filter(ip_address=address, username=name), limit),
        (_valid().filter(ip_address=address), limit * OF_ADDRESS),
    ):
        found = rows.aggregate(count=Sum("failures_since_start"), last=Max("attempt_time"))
        if (found["count"] or 0) >= most:
            until.append(found["last"] + settings.AXES_COOLOFF_TIME)
    return max(until, default=None)


def locks_of(user: User) -> list[tuple[str, datetime]]:
    """Addresses from which this person cannot sign in now, and until when."""
    rows = (
        _valid()
        .filter(username=user.get_username())
        .values("ip_address")
        .annotate(count=Sum("failures_since_start"), last=Max("attempt_time"))
        .filter(count__gte=settings.AXES_FAILURE_LIMIT)
        .order_by("-last")
    )
    return [(row["ip_address"] or "", row["last"] + settings.AXES_COOLOFF_TIME) for row in rows]


def unlock(user: User) -> int:
    """From everywhere; an address that is kept out as a whole is let in, too."""
    addresses = [address for address, _ in locks_of(user)]
    count, _ = AccessAttempt.objects.filter(username=user.get_username()).delete()
    for address in addresses:
        if _failures_from(address) >= settings.AXES_FAILURE_LIMIT * OF_ADDRESS:
            AccessAttempt.objects.filter(ip_address=address).delete()
    return int(count)


def clear_old(*, now: datetime, kept: timedelta | None = None) -> None:
    """Addresses and browsers of whoever failed to sign in are personal, too."""
    kept = kept or settings.AXES_COOLOFF_TIME
    AccessAttempt.objects.filter(attempt_time__lte=now - kept).delete()
