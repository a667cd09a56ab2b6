"""manage.py create_api_key NAME --scopes ingest,read,write: make a key and print it once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from segmentflow.api.keys import create_key
from segmentflow.api.limits import MOST
from segmentflow.audit.acting import COMMAND, acting_as
from segmentflow.clock import current_time
from segmentflow.models import ApiKey

MOST_DAYS = 36_500


class Command(BaseCommand):
    help = "Make an API key and print it; only its hash is stored."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what or who uses it")
        parser.add_argument(
            "--scopes",
            default=ApiKey.Scope.INGEST.value,
            help=f"comma-separated, of {', '.join(ApiKey.Scope.values)} (default: ingest)",
        )
        parser.add_argument("--expires-in-days", type=int, help="default: never")
        parser.add_argument("--requests-per-second", type=int, help="default: no limit")
        parser.add_argument("--events-per-second", type=int, help="default: no limit")

    def handle(
        self,
        *_args: Any,
        name: str,
        scopes: str,
        expires_in_days: int | None,
        requests_per_second: int | None,
        events_per_second: int | None,
        **_options: Any,
    ) -> None:
        if not name.strip() or len(name) > 100:
            raise CommandError("a name has 1 to 100 characters")
        _check("--expires-in-days", expires_in_days, MOST_DAYS)
        _check("--requests-per-second", requests_per_second, MOST)
        _check("--events-per-second", events_per_second, MOST)
        lives = timedelta(days=expires_in_days) if expires_in_days else None
        try:
            with acting_as(COMMAND):
                _, key = create_key(
                    name=name,
                    scopes=[scope.strip() for scope in scopes.split(",")],
                    expires_at=current_time() + lives if lives else None,
                    requests_per_second=requests_per_second,
                    events_per_second=events_per_second,
                )
        except ValueError as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(key)


def _check(name: str, number: int | None, most: int) -> None:
    if number is not None and not 1 <= number <= most:
        raise CommandError(f"{name} is a number from 1 to {most:,}")
