"""While the database is away or takes nothing more, say so: try again, instead of "our mistake"."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.db import Error, InterfaceError, OperationalError, connections
from django.http import HttpRequest, HttpResponse
from psycopg import errors

from segmentflow import views
from segmentflow.room import is_about_room, is_full

logger = logging.getLogger(__name__)

ENDED: Final = (errors.IdleInTransactionSessionTimeout, errors.IdleSessionTimeout)
"""The server has ended the session, and calls it a mistake of ours."""


@dataclass(frozen=True, slots=True)
class Outage:
    """What is told instead of an answer, and when to come again."""

    title: str
    detail: str
    retry_seconds: int


AWAY: Final = Outage(
    "The database does not answer",
    "It is probably being restarted. Please try again in a moment.",
    2,
)
FULL: Final = Outage(
    "The disk is full",
    "Nothing new can be stored until there is room again; what is stored stays. "
    "Tell whoever runs this installation, and try again later.",
    10,
)
READ_ONLY: Final = Outage(
    "The database takes no changes",
    "It is probably being replaced by another server. Please try again in a moment.",
    5,
)


class OutageMiddleware:
    """Answers 503 where a view lost its database. What was sent may or may not be stored."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        return _answer(request, problem)


def server_error(request: HttpRequest) -> HttpResponse:
    """Where no view failed but what is around it, such as the session that could not be stored."""
    return _answer(request, sys.exc_info()[1]) or views.server_error(request)


def outage_of(problem: BaseException | None) -> Outage | None:
    """None: it is a mistake of ours."""
    if is_about_room(problem):
        return FULL
    if not isinstance(problem, Error):
        return None
    cause = problem.__cause__
    if isinstance(cause, errors.DiskFull):
        return FULL
    if isinstance(cause, errors.ReadOnlySqlTransaction):
        return READ_ONLY
    if isinstance(problem, (OperationalError, InterfaceError)) or isinstance(cause, ENDED):
        # Without room PostgreSQL ends, and cannot begin again.
        return FULL if is_full() else AWAY
    return None


def _answer(request: HttpRequest, problem: BaseException | None) -> HttpResponse | None:
    outage = outage_of(problem)
    if outage is None:
        return None
    logger.warning("%s %s: %s", request.method, request.path, problem)
    connections.close_all()
    answer = views.unavailable(request, outage.title, outage.detail)
    answer["Retry-After"] = str(outage.retry_seconds)
    return answer
