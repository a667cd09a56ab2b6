"""manage.py restore FILE: a dump back into the database, with all campaigns paused."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from segmentflow.database.identity import NoIdentity
from segmentflow.database.lock import Taken
from segmentflow.database.restoring import RestoreFailed, alone, restore
from segmentflow.database.server import ServerFailed


class Command(BaseCommand):
    help = (
        "Restore a dump of pg_dump -Fc in place of what the database has, and pause all campaigns:"
        " a backup does not know what was sent after it was made."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dump", type=Path, help="The file that pg_dump -Fc wrote.")

    def handle(self, *args: Any, dump: Path, **options: Any) -> None:
        if not dump.is_file():
            raise CommandError(f"There is no file {dump}.")
        own = os.environ.get("DATABASE_URL")
        with ExitStack() as stack:
            try:
                if not own:
                    stack.enter_context(alone(settings.DATA))
                    stack.callback(connections.close_all)  # before the server ends
                restore(dump, url=own or settings.DATA.url)
            except (NoIdentity, ServerFailed, Taken) as problem:
                raise CommandError(f"Nothing was restored. {problem}") from None
            except RestoreFailed as problem:
                raise CommandError(f"Nothing was restored: {problem}") from None
            call_command("pause_campaigns", stdout=self.stdout)
        self.stdout.write("Restored. Nothing is sent until you go on with a campaign.")
