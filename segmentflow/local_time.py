"""Pages tell times as they are in the workspace's time zone."""

from __future__ import annotations

from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from segmentflow.clock import workspace_zone


class LocalTimeMiddleware:
    """Not for programs, whose times carry their offset, nor where no times are shown."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(("/api/", "/t.js", "/m/", "/docs")):
            return self.get_response(request)
        try:
            zone = workspace_zone()
        except (OperationalError, InterfaceError):
            # The view says what is the matter, if it needs the database at all.
            return self.get_response(request)
        with timezone.override(zone):
            return self.get_response(request)
