"""Have members follow the environment's time zone; `manage.py up` runs it before anything else."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from segmentflow.templatetags.ui import count
from segments.zone import apply_zone


class Command(BaseCommand):
    help = "Compute all segments anew if TIME_ZONE is another one than at the last start."

    def handle(self, *args: Any, **options: Any) -> None:
        if rebuilt := apply_zone():
            self.stdout.write(
                f"The time zone is another one: computing {count(rebuilt, 'segment')} anew."
            )
