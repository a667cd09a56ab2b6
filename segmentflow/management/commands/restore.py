"""manage.py restore FILE: a backup back into place, with all campaigns paused."""

from __future__ import annotations

import io
import os
import shutil
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connection, connections

from segmentflow.audit.acting import COMMAND
from segmentflow.audit.recording import record
from segmentflow.database.archive import Damaged
from segmentflow.database.backing_up import KEYS
from segmentflow.database.identity import NoIdentity
from segmentflow.database.lock import Taken
from segmentflow.database.programs import NoProgram
from segmentflow.database.putting_back import Returning
from segmentflow.database.restoring import RestoreFailed, alone, restore
from segmentflow.database.server import ServerFailed
from segmentflow.database.sources import Source, TooNew, open_source
from segmentflow.secret_keys import take_over

REFUSALS = (
    Damaged,
    Error,
    NoIdentity,
    NoProgram,
    OSError,
    RestoreFailed,
    ServerFailed,
    Taken,
    TooNew,
)


class Command(BaseCommand):
    help = (
        "Restore a backup of `manage.py backup`, or a dump of pg_dump -Fc, in place of what is there, and"
        " pause all campaigns: a backup does not know what was sent after it was made."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="The backup.")
        parser.add_argument(
            "--check", action="store_true", help="Only look whether it is whole; change nothing."
        )

    def handle(self, *args: Any, file: Path, check: bool, **options: Any) -> None:
        if not file.is_file():
            raise CommandError(f"There is no file {file}.")
        try:
            source = open_source(file)
        except (Damaged, TooNew, OSError) as problem:
            raise CommandError(f"Nothing was restored from {file}. {problem}") from None
        self._tell(source)
        if check:
            return
        with ExitStack() as stack:
            try:
                if not os.environ.get("DATABASE_URL"):
                    _check_space(source)
                    stack.enter_context(alone(settings.DATA))
                    stack.callback(connections.close_all)  # before the server ends
                self._restore(source)
            except REFUSALS as problem:
                raise CommandError(f"Nothing was restored. {problem}") from None
            self._finish(file, source)
        self.stdout.write("Restored. Nothing is sent until you go on with a campaign.")

    def _tell(self, source: Source) -> None:
        if source.archive is None:
            self.stdout.write("A dump by itself: there is no checksum to check, and no secret key.")
            return
        manifest = source.manifest
        self.stdout.write(
            f"A whole backup of {manifest['at'][:19]} UTC by SegmentFlow {manifest['version']},"
            f" {sum(manifest['rows'].values()):,} rows."
        )

    def _restore(self, source: Source) -> None:
        """Until the database is changed, everything can be as before."""

        paused = io.StringIO()

        def pause() -> None:
            call_command("pause_campaigns", stdout=paused, is_recorded=False)

        archive = source.archive
        folders = {"imports": Path(settings.IMPORTS_DIR)}
        returning = Returning(archive, folders) if archive else None
        try:
            restore(source, before_it_counts=pause)
        except BaseException:
            if returning:
                returning.forget()
            raise
        self.stdout.write(paused.getvalue(), ending="")
        if archive and returning:
            returning.replace()
            keys = archive.text(KEYS).splitlines() if KEYS in archive.parts else []
            for line in take_over(keys):
                self.stdout.write(line)

    def _finish(self, file: Path, source: Source) -> None:
        """What the next start would do as well; and what is restored knows that it was."""
        call_command("migrate", interactive=False, verbosity=0)
        said = f"made at {source.manifest['at'][:19]} UTC" if source.archive else ""
        record(action="restored", kind="backup", name=file.name, said=said, actor=COMMAND)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _check_space(source: Source) -> None:
    """What is there stays until all of the backup is in."""
    needed = int(source.manifest.get("database_bytes", 0))
    place = settings.DATA.cluster if settings.DATA.cluster.exists() else settings.DATA.root
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if free < needed:
        raise RestoreFailed(
            f"The database takes about {needed / 1e9:,.2f} GB,"
            f" and {free / 1e9:,.2f} GB are free on the disc of {place}."
        )
