"""`/t.js`: the script that pages of other sites load; and how scripts for them are served."""

from __future__ import annotations

import gzip
import hashlib
import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import condition, require_safe

SOURCE: Final = Path(__file__).with_name("t.js")
CACHING: Final = "public, max-age=3600, stale-while-revalidate=86400"
NOT_RUN = re.compile(r"^\s+(//.*\n)?", re.MULTILINE)


@cache
def read_script(source: Path) -> bytes:
    """Without what only readers need: indentation, and comments with a line of their own."""
    return NOT_RUN.sub("", source.read_text()).encode()


@lru_cache(maxsize=16)
def compressed(text: bytes) -> bytes:
    return gzip.compress(text, mtime=0)


def serve_script(request: HttpRequest, text: bytes) -> HttpResponseBase:
    """Any page may load it, also with `crossorigin` and `integrity`."""
    is_small = "gzip" in request.headers.get("Accept-Encoding", "")
    etag = f'"{hashlib.sha256(text).hexdigest()[:16]}{"-gzip" if is_small else ""}"'

    @condition(etag_func=lambda _request: etag)
    def answer(_request: HttpRequest) -> HttpResponse:
        found = HttpResponse(
            compressed(text) if is_small else text, content_type="text/javascript; charset=utf-8"
        )
        if is_small:
            found["Content-Encoding"] = "gzip"
        found["Cache-Control"] = CACHING
        found["Vary"] = "Accept-Encoding"
        found["Access-Control-Allow-Origin"] = "*"
        found["Cross-Origin-Resource-Policy"] = "cross-origin"
        return found

    return answer(request)


@require_safe
def tracking_script(request: HttpRequest) -> HttpResponseBase:
    return serve_script(request, read_script(SOURCE))
