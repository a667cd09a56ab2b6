"""manage.py backup PLACE: everything in one file, while it runs."""

from __future__ import annotations

import contextlib
import signal
import sys
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error

from segmentflow.audit.acting import COMMAND
from segmentflow.audit.recording import record
from segmentflow.citus.here import is_spread
from segmentflow.clock import current_time
from segmentflow.database.backing_up import BackupFailed, Contents, Made, back_up
from segmentflow.database.files import drop_older, name_at
from segmentflow.database.last_backup import FailedBackup, LastBackup, note_failure, note_success
from segmentflow.database.programs import NoProgram
from segmentflow.secret_keys import known_keys

NOT_TIDIED = 3
NOT_ONE_MOMENT = (
    "Contacts are spread over machines, and each was read at a moment of its own. If anything was written"
    " meanwhile, run “manage.py rebuild” after restoring it, or stop SegmentFlow for a backup."
)


class Command(BaseCommand):
    help = (
        "Back up everything into one file, as it is now, while it runs: the database, files of"
        " imports under way, and THE SECRET KEY, with which whoever has the file can read the passwords in it."
        " Exit status: 0 it is there and whole, 1 there is none, 3 it is there but older ones could not be deleted."
    )
    requires_system_checks: list[str] = []

    def run_from_argv(self, argv: list[str]) -> None:
        # What is half done is tidied up.
        signal.signal(signal.SIGTERM, _leave)
        super().run_from_argv(argv)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "place",
            type=Path,
            help="a folder, in which it is called segmentflow-DATE.tar, or a file, which is replaced",
        )
        parser.add_argument(
            "--keep", type=int, metavar="N", help="in a folder: delete all but the newest N"
        )
        parser.add_argument(
            "--without-secret-key",
            action="store_true",
            help="leave the secret key out; restoring needs it, so keep it elsewhere",
        )
        parser.add_argument("--quiet", action="store_true", help="say nothing when all went well")

    def handle(
        self,
        *_args: Any,
        place: Path,
        keep: int | None,
        without_secret_key: bool,
        quiet: bool,
        **_options: Any,
    ) -> None:
        place = place.expanduser().absolute()
        try:
            _check(place, keep)
        except OSError as problem:
            raise CommandError(f"No backup was made. {problem}") from None
        now = current_time()
        path = place / name_at(now) if place.is_dir() else place
        keys = () if without_secret_key else known_keys()
        contents = Contents(keys, {"imports": Path(settings.IMPORTS_DIR)})
        try:
            made = back_up(path, contents=contents, now=now)
        except (BackupFailed, NoProgram, OSError, Error) as problem:
            self._fail(problem, now)
        note_success(LastBackup(at=now, path=str(path), size=made.size, seconds=made.seconds))
        # A backup that is whole is not called a failure for this.
        with contextlib.suppress(Error):
            said = f"{made.size / 1e6:,.1f} MB"
            record(action="created", kind="backup", name=path.name, said=said, actor=COMMAND)
        if not quiet:
            self.stdout.write(_told(made, wanted_keys=not without_secret_key))
            if is_spread():
                self.stdout.write(NOT_ONE_MOMENT)
        if keep is not None:
            try:
                drop_older(place, keep=keep)
            except OSError as problem:
                said = f"The backup is made, but older ones are not deleted: {problem}"
                raise CommandError(said, returncode=NOT_TIDIED) from None

    def _fail(self, problem: Exception, now: datetime) -> None:
        why = str(problem).strip()
        with contextlib.suppress(OSError):  # the disc may be full
            note_failure(FailedBackup(at=now, why=why))
        raise CommandError(f"No backup was made. {why}") from None


def _check(place: Path, keep: int | None) -> None:
    if not place.is_dir() and not place.parent.is_dir():
        raise CommandError(f"There is no folder {place.parent}.")
    if keep is not None and not place.is_dir():
        raise CommandError("--keep goes with a folder.")
    if keep is not None and keep < 1:
        raise CommandError("--keep is 1 or more.")


def _told(made: Made, *, wanted_keys: bool) -> str:
    files = f", {made.files} files of imports" if made.files else ""
    lines = [
        f"{made.path}: {made.size / 1e6:,.1f} MB in {made.seconds:,.1f} s, {made.rows:,} rows{files}."
    ]
    if made.has_keys:
        lines.append("The secret key is in it: whoever has the file can read all that is in it.")
    elif wanted_keys:
        lines.append("There is no secret key yet, so none is in it.")
    else:
        lines.append("The secret key is not in it; without it stored passwords cannot be read.")
    return "\n".join(lines)


def _leave(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)
