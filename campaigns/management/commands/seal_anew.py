"""Encrypt stored passwords with the present SECRET_KEY (campaigns/channels/sealing.py)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from campaigns.channels.sealing import seal_anew
from segmentflow.audit.acting import COMMAND
from segmentflow.audit.recording import record
from segmentflow.templatetags.ui import count


class Command(BaseCommand):
    help = (
        "Encrypt stored passwords and keys with SECRET_KEY instead of one of SECRET_KEY_FALLBACKS."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            told = seal_anew()
            if told.anew:
                said = f"{count(told.anew, 'password')} encrypted with the present secret key"
                record(action="changed", kind="workspace", said=said, actor=COMMAND)
        self.stdout.write(
            f"{count(told.anew, 'secret')} encrypted with the present SECRET_KEY;"
            f" {told.already} were already."
        )
        if told.unreadable:
            raise CommandError(
                f"{count(told.unreadable, 'secret')} can be read with none of the keys."
            )
