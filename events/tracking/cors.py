"""Lets pages of allowed origins send to us and read the answer, and no other page."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers

from segmentflow.api.websites import is_any_allowed

PREFLIGHT_SECONDS: Final = 7_200
"""Browsers ask no more often; more than this the usual ones do not take."""


def preflight(request: HttpRequest) -> HttpResponse:
    """What a browser asks before it sends; it does not say with which key."""
    answer = HttpResponse(status=204, headers={"Allow": "POST, OPTIONS"})
    origin = request.headers.get("Origin", "")
    patch_vary_headers(answer, ["Origin"])
    if origin and is_any_allowed(origin):
        let_read(answer, origin)
        answer["Access-Control-Allow-Methods"] = "POST"
        answer["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
        answer["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)
    return answer


def let_read(answer: HttpResponseBase, origin: str) -> None:
    answer["Access-Control-Allow-Origin"] = origin
    patch_vary_headers(answer, ["Origin"])
