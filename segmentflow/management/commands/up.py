"""Start everything: database, web server, task cluster, clock."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from segmentflow.database.identity import NoIdentity
from segmentflow.database.lock import Taken
from segmentflow.database.server import ServerFailed
from segmentflow.installation import Unsuitable
from segmentflow.processes.running import Options, PortTaken, run


class Command(BaseCommand):
    help = "Start SegmentFlow: the database (unless DATABASE_URL names one), web server and tasks."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--host", default="127.0.0.1", help="Address to listen on (0.0.0.0: every one)."
        )
        parser.add_argument("--port", type=int, default=8000, help="Port to listen on.")
        parser.add_argument(
            "--workers",
            type=int,
            default=int(os.environ.get("SEGMENTFLOW_WORKERS", "2")),
            help="Processes that keep the segments up to date.",
        )
        parser.add_argument(
            "--no-demo",
            action="store_true",
            help="Neither load demonstration data at the first start nor send its events.",
        )
        parser.add_argument(
            "--only",
            choices=("web", "workers"),
            help="One of several machines that share DATABASE_URL: answers requests, or does the work.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        only = options["only"]
        if only and not os.environ.get("DATABASE_URL"):
            raise CommandError("--only is for machines that share a database: set DATABASE_URL.")
        wanted = Options(
            host=options["host"],
            port=options["port"],
            workers=max(1, options["workers"]),
            demo=not options["no_demo"],
            serves=only != "workers",
            works=only != "web",
        )
        try:
            status = run(wanted)
        except (NoIdentity, PortTaken, ServerFailed, Taken, Unsuitable) as problem:
            raise CommandError(str(problem)) from None
        except OSError as problem:
            raise CommandError(f"Cannot start: {problem}") from problem
        sys.exit(status)
