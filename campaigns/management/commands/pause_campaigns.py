"""Pause every campaign that sends or would begin to (campaigns/delivery/pausing.py)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from campaigns.delivery.pausing import pause_all


class Command(BaseCommand):
    help = "Pause every campaign that is scheduled, being sent or live, and say which."
    requires_migrations_checks = False

    def handle(self, *args: Any, **options: Any) -> None:
        found = pause_all()
        for one in found:
            self.stdout.write(f"Paused: campaign {one.pk}, “{one.name}”, was {one.was}.")
        if not found:
            self.stdout.write("No campaign was scheduled, being sent or live.")
