"""manage.py settle [--now ISO]: catch up with everything, then exit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from segmentflow.clock import current_time, workspace_zone
from segments.conditions.calendar import instant_of
from segments.engine.settle import settle


class Command(BaseCommand):
    help = "Process every pending mark and every deadline due at an instant (default: now)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--now", help="an ISO 8601 instant, such as 2026-03-01T12:00:00Z")

    def handle(self, *_args: Any, now: str | None = None, **_options: Any) -> None:
        settle(now=read_instant(now) if now else current_time())


def read_instant(text: str) -> datetime:
    """An ISO 8601 instant; without an offset it is in the workspace time zone."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(
            f"{text!r} is no ISO 8601 instant such as 2026-03-01T12:00:00Z"
        ) from None
    return instant if instant.tzinfo else instant_of(instant, workspace_zone())
