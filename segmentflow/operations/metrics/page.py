"""/metrics, and who may read it: programs with any key, and those whose addresses are listed."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Final

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client.exposition import choose_encoder
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from segmentflow.api.auth import HOW, KeyAuthentication
from segmentflow.api.problems import CONTENT_TYPE, ApiProblem
from segmentflow.client_address import client_address
from segmentflow.clock import current_time
from segmentflow.operations.metrics.collecting import Stored

FORWARDED: Final = (
    "Forwarded",
    "Via",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Real-Ip",
)
"""Whoever comes by a proxy has the proxy's address, and is somebody else."""


def metrics(request: HttpRequest) -> HttpResponse:
    try:
        refused = None if is_listed(request) else _refused(request)
    except (DatabaseError, InterfaceError):
        return _problem(503, "The database does not answer", "Keys cannot be checked just now.")
    if refused is not None:
        return refused
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return HttpResponse(encode(Stored(now=current_time())), content_type=content_type)


def is_listed(request: HttpRequest) -> bool:
    """Whether it comes straight from an address that METRICS_ALLOW names."""
    if any(name in request.headers for name in FORWARDED):
        return False
    came_from = client_address(request)
    return bool(came_from) and any(
        ip_address(came_from) in network for network in settings.METRICS_ALLOW
    )


def _refused(request: HttpRequest) -> HttpResponse | None:
    """The answer to those without a key that works."""
    try:
        if KeyAuthentication().authenticate(Request(request)) is not None:
            return None
    except ApiProblem as problem:
        return _problem(problem.status, problem.title, problem.detail, problem.headers)
    except APIException as problem:
        return _problem(problem.status_code, "Not allowed", str(problem.detail))
    return _problem(401, "Not allowed", HOW)


def _problem(
    status: int, title: str, detail: str, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    answer = JsonResponse(body, status=status, content_type=CONTENT_TYPE, headers=headers)
    if status == 401:
        answer["WWW-Authenticate"] = "Bearer"
    return answer
