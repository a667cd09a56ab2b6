"""Encrypt stored passwords with the present SECRET_KEY (campaigns/channels/sealing.py)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from campaigns.channels.sealing import seal_anew
from segmentflow.templatetags.ui import count


class Command(BaseCommand):
    help = (
        "Encrypt stored passwords and keys with SECRET_KEY instead of one of SECRET_KEY_FALLBACKS."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        told = seal_anew()
        self.stdout.write(
            f"{count(told.anew, 'secret')} encrypted with the present SECRET_KEY;"
            f" {told.already} were already."
        )
        if told.unreadable:
            raise CommandError(
                f"{count(told.unreadable, 'secret')} can be read with none of the keys."
            )
