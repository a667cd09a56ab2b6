"""Pause every campaign that sends or would begin to (campaigns/delivery/pausing.py)."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand
from django.db import ProgrammingError, transaction

from campaigns.delivery.pausing import Paused, pause_all
from segmentflow.audit.acting import COMMAND
from segmentflow.audit.recording import record


class Command(BaseCommand):
    help = "Pause every campaign that is scheduled, being sent or live, and say which."
    requires_migrations_checks = False
    # Not by `restore`: the log of a backup may be of an older version than the models.
    stealth_options = ("is_recorded",)

    def handle(self, *args: Any, is_recorded: bool = True, **options: Any) -> None:
        found = pause_all()
        if is_recorded:
            _record(found)
        for one in found:
            self.stdout.write(f"Paused: campaign {one.pk}, “{one.name}”, was {one.was}.")
        if not found:
            self.stdout.write("No campaign was scheduled, being sent or live.")


def _record(found: Iterable[Paused]) -> None:
    """What somebody restored by hand may be older than the log, and is paused all the same."""
    with suppress(ProgrammingError), transaction.atomic():
        for one in found:
            record(action="paused", kind="campaign", key=one.pk, name=one.name, actor=COMMAND)
