"""The outermost layer of every request: its id, its line in the log, and how long it took."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from enum import IntEnum
from typing import Final

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import LazyObject

from segmentflow import counting
from segmentflow.clock import current_time
from segmentflow.logs import request_ids
from segmentflow.models import TallySubject
from segmentflow.sightings import Teller

logger = logging.getLogger("segmentflow.access")


class Area(IntEnum):
    """What a request is about, as metrics tell it; the numbers are stored."""

    EVENTS = 1
    CONTACTS = 2
    TRACKING = 3
    API = 4
    REACTIONS = 5
    PAGES = 6
    STATIC = 7
    PROBES = 8


PREFIXES: Final = (
    ("/api/v1/events", Area.EVENTS),
    ("/api/v1/contacts", Area.CONTACTS),
    ("/api/", Area.API),
    ("/v1/", Area.TRACKING),
    ("/m/", Area.REACTIONS),
    ("/s/", Area.REACTIONS),
    ("/static/", Area.STATIC),
    ("/docs/", Area.STATIC),
    ("/t.js", Area.STATIC),
    ("/push.js", Area.STATIC),
    ("/push-worker.js", Area.STATIC),
    ("/favicon.ico", Area.STATIC),
    ("/healthz", Area.PROBES),
    ("/readyz", Area.PROBES),
    ("/metrics", Area.PROBES),
)
QUIET: Final = (Area.STATIC, Area.PROBES)
"""They come by the thousand and tell nothing, unless they fail; nor may they need a database."""
WRITES: Final = ("POST", "PUT", "PATCH", "DELETE")


class AccessMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response
        self._teller = Teller()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        name = request_ids.begin(request.headers.get(request_ids.HEADER, ""))
        request.request_id = name  # type: ignore[attr-defined] # for those who keep it
        try:
            answer = self._get_response(request)
            answer.headers[request_ids.HEADER] = name
            self._note(request, answer, time.perf_counter() - began)
            return answer
        finally:
            request_ids.end()

    def _note(self, request: HttpRequest, answer: HttpResponseBase, seconds: float) -> None:
        area = area_of(request)
        counting.count(TallySubject.REQUESTS, area * 10 + answer.status_code // 100)
        counting.observe(
            TallySubject.ANSWERING, [seconds], steps=counting.ANSWERING, group=int(area)
        )
        if settings.ACCESS_LOG and (area not in QUIET or answer.status_code >= 400):
            _log(request, answer, seconds)
        if area not in QUIET and answer.status_code < 500 and counting.COUNTS.is_kept:
            self._tell()

    def _tell(self) -> None:
        try:
            counting.store_when_due(now=current_time())
            self._teller.tell_when_due()
        except (DatabaseError, InterfaceError) as problem:
            logger.warning("cannot tell how it goes: %s", problem)


def area_of(request: HttpRequest) -> Area:
    path = request.path
    for prefix, area in PREFIXES:
        if path.startswith(prefix):
            is_read = area in (Area.EVENTS, Area.CONTACTS) and request.method not in WRITES
            return Area.API if is_read else area
    return Area.PAGES


def _log(request: HttpRequest, answer: HttpResponseBase, seconds: float) -> None:
    milliseconds = round(seconds * 1000, 1)
    who = _who(request)
    logger.info(
        "%s %s %s %s ms%s",
        request.method,
        request.path[:500],
        answer.status_code,
        milliseconds,
        f" {who}" if who else "",
        extra={
            "method": request.method,
            "path": request.path[:500],
            "status": answer.status_code,
            "ms": milliseconds,
            "who": who,
        },
    )


def _who(request: HttpRequest) -> str:
    """The user, or the beginning of the key; nobody is asked for who was not needed."""
    user = getattr(request, "_cached_user", None) or vars(request).get("user")
    if isinstance(user, LazyObject):  # to look at it would be to ask
        return ""
    if key := getattr(user, "key", None):
        return f"key {key.prefix}"
    pk = getattr(user, "pk", None) if hasattr(user, "get_username") else None
    return f"user {pk}" if pk else ""
