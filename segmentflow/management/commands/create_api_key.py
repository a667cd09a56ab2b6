"""manage.py create_api_key NAME --scopes ingest,read,write: make a key and print it once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from segmentflow.api.keys import create_key
from segmentflow.models import ApiKey


class Command(BaseCommand):
    help = "Make an API key and print it; only its hash is stored."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what or who uses it")
        parser.add_argument(
            "--scopes",
            default=ApiKey.Scope.INGEST.value,
            help=f"comma-separated, of {', '.join(ApiKey.Scope.values)} (default: ingest)",
        )

    def handle(self, *_args: Any, name: str, scopes: str, **_options: Any) -> None:
        if not name.strip() or len(name) > 100:
            raise CommandError("a name has 1 to 100 characters")
        try:
            _, key = create_key(name=name, scopes=[scope.strip() for scope in scopes.split(",")])
        except ValueError as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(key)
