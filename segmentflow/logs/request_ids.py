"""What a request is called in all that is logged because of it, also by the tasks it causes."""

from __future__ import annotations

import logging
import re
import secrets
from contextvars import ContextVar
from typing import Any, Final

HEADER: Final = "X-Request-ID"
SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
NONE: Final = ""

_current: ContextVar[str] = ContextVar("request_id", default=NONE)


def current_id() -> str:
    """Empty where there is no request."""
    return _current.get()


def begin(sent: str) -> str:
    """Take over what came from the proxy or the program before us, if it looks like one; else make one."""
    name = sent if SANE.fullmatch(sent) else secrets.token_hex(8)
    _current.set(name)
    return name


def end() -> None:
    _current.set(NONE)


def adopt(*, task: dict[str, Any], **_signal: Any) -> None:
    """A worker begins a task: whatever it logs belongs to the request that asked first."""
    _current.set(str(task.get("group") or NONE))


class RequestFilter(logging.Filter):
    """Puts the id into every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_id()
        return True
