"""manage.py migrate: Django's, one at a time, and nobody waits long behind it (database/migrating.py)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db.migrations import Migration

from segmentflow.database import migrating
from segmentflow.database.at_once import AtOnce, can_be_kept, editor_at_once
from segmentflow.database.migrating import LOCK_SECONDS


class Command(migrate.Command):
    stealth_options = ("is_stopping",)
    """Of `manage.py up`: whether somebody wants it to end while it waits."""
    _editor: type[AtOnce]

    def handle(self, *args: Any, **options: Any) -> None:
        is_stopping = options.pop("is_stopping", lambda: False)
        if options["check_unapplied"] or options["plan"]:
            super().handle(*args, **options)
            return
        try:
            with migrating.one_at_a_time(self._say), editor_at_once() as self._editor:
                migrating.patiently(
                    lambda: super(Command, self).handle(*args, **options),
                    self._say,
                    is_stopping=is_stopping,
                )
                migrating.reset()
        except migrating.Impatient as problem:
            raise CommandError(str(problem)) from None

    def migration_progress_callback(
        self,
        action: str,
        migration: Migration | None = None,
        fake: bool = False,  # noqa: FBT001, FBT002 - as Django has it
    ) -> None:
        if action in ("apply_start", "unapply_start") and migration is not None:
            migrating.prepare(migration, backwards=action == "unapply_start", fake=fake)
            self._editor.lock_seconds = LOCK_SECONDS if can_be_kept(migration) else 0
        super().migration_progress_callback(action, migration, fake)

    def _say(self, text: str) -> None:
        self.stderr.write(text)
