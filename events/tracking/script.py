"""`/t.js`: the script that pages of other sites load."""

from __future__ import annotations

import gzip
import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import condition, require_safe

SOURCE: Final = Path(__file__).with_name("t.js")
CACHING: Final = "public, max-age=3600, stale-while-revalidate=86400"
NOT_RUN = re.compile(r"^\s+(//.*\n)?", re.MULTILINE)


@cache
def text() -> bytes:
    """Without what only readers need: indentation, and comments with a line of their own."""
    return NOT_RUN.sub("", SOURCE.read_text()).encode()


@cache
def compressed() -> bytes:
    return gzip.compress(text(), mtime=0)


def _takes_gzip(request: HttpRequest) -> bool:
    return "gzip" in request.headers.get("Accept-Encoding", "")


def _etag(request: HttpRequest) -> str:
    form = "-gzip" if _takes_gzip(request) else ""
    return f'"{hashlib.sha256(text()).hexdigest()[:16]}{form}"'


@require_safe
@condition(etag_func=_etag)
def tracking_script(request: HttpRequest) -> HttpResponse:
    """Any page may load it, also with `crossorigin` and `integrity`."""
    is_small = _takes_gzip(request)
    answer = HttpResponse(
        compressed() if is_small else text(), content_type="text/javascript; charset=utf-8"
    )
    if is_small:
        answer["Content-Encoding"] = "gzip"
    answer["Cache-Control"] = CACHING
    answer["Vary"] = "Accept-Encoding"
    answer["Access-Control-Allow-Origin"] = "*"
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer
