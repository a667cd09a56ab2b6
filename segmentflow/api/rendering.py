"""Answers as JSON, with exact numbers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from rest_framework.renderers import BaseRenderer

from segmentflow.api.bodies import encode_json


class JsonRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else encode_json(data).encode()


def as_text(moment: date | datetime | None) -> str | None:
    """An ISO 8601 time in UTC, as every answer gives them."""
    if moment is None:
        return None
    return moment.isoformat().replace("+00:00", "Z")
