"""Django's setting LOGGING."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from segmentflow.logs.lines import is_json


def logging_settings(*, secrets: Iterable[str]) -> dict[str, Any]:
    """`secrets`: hidden wherever they stand."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "request": {"()": "segmentflow.logs.request_ids.RequestFilter"},
            "masking": {
                "()": "segmentflow.logs.masking.MaskingFilter",
                "known": [secret for secret in secrets if secret],
            },
        },
        "formatters": {
            "line": {"()": f"segmentflow.logs.lines.{'JsonLines' if is_json() else 'TextLines'}"}
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "filters": ["masking", "request"],
            }
        },
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            # Django's own would write past the filters, and mail whole requests.
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.server": {"handlers": [], "level": "INFO", "propagate": True},
            # What it says of 4xx stands in the line that each request has (access.py).
            "django.request": {"level": "ERROR"},
            # A line for each task would bury everything else.
            "django-q": {"level": "WARNING"},
            "axes": {"level": "WARNING"},
        },
    }
