"""How lines of the log look: for people, or as JSON for programs (LOG_FORMAT)."""

from __future__ import annotations

import json
import logging
import os
from datetime import UTC, datetime
from typing import Any, Final

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

from segmentflow.logs.masking import mask

LEVELS: Final = {"LOG": "INFO", "FATAL": "CRITICAL", "PANIC": "CRITICAL"}
"""PostgreSQL's words for what all others call otherwise."""
KNOWN: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def is_json() -> bool:
    return os.environ.get("LOG_FORMAT", "").strip().lower() == "json"


class TextLines(logging.Formatter):
    """`LEVEL logger: message [request]`; the supervisor puts time and process before it."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        name = getattr(record, "request_id", "")
        said = f"{record.levelname} {record.name}: {record.message}"
        return f"{said} [{name}]" if name else said


class JsonLines(JsonFormatter):
    """An object for each record: time, level, logger, message, request_id, and what was added to it."""

    def __init__(self, **_options: Any) -> None:
        super().__init__(
            ["levelname", "name", "message"],
            rename_fields={"levelname": "level", "name": "logger"},
            # A request of Django's would be written with all that its address has.
            reserved_attrs=[*RESERVED_ATTRS, "request", "taskName", "server_time"],
            timestamp="time",
            json_ensure_ascii=False,
        )

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in log_data.items() if value not in ("", None)}


def as_line(line: str, *, name: str, at: datetime) -> str:
    """A line of a process, as the supervisor passes it on."""
    if not is_json():
        return f"{at:%H:%M:%S} {name:<8} | {mask(line)}"
    if line.startswith("{") and line.endswith("}"):
        return f'{{"process": {json.dumps(name)}, {line[1:]}'
    level, colon, _ = line.partition(":")
    level = level.rpartition(" ")[2]
    level = LEVELS.get(level, level) if colon else ""
    return json.dumps(
        {
            "process": name,
            "time": at.astimezone(UTC).isoformat(),
            "level": level if level in KNOWN else "INFO",
            "message": mask(line),
        },
        ensure_ascii=False,
    )
