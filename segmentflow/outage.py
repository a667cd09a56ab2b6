"""While the database is away, say so: try again, instead of "our mistake"."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import InterfaceError, OperationalError, connections
from django.http import HttpRequest, HttpResponse

from segmentflow.views import unavailable

RETRY_SECONDS = 2

logger = logging.getLogger(__name__)


class OutageMiddleware:
    """Answers 503 where a view lost its database. What was sent may or may not be stored."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        if not isinstance(problem, (OperationalError, InterfaceError)):
            return None
        logger.warning("%s %s: %s", request.method, request.path, problem)
        connections.close_all()
        answer = unavailable(request)
        answer["Retry-After"] = str(RETRY_SECONDS)
        return answer
