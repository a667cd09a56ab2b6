"""manage.py fill_values: make sums quick again after a type got another value attribute."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from events.filling import Changed, fill_values
from events.models import EventType


class Command(BaseCommand):
    help = "Copy the value attribute of stored events to their column, where it has changed."

    def handle(self, *_args: Any, **_options: Any) -> None:
        for event_type in EventType.objects.filter(value_is_filled=False):
            done = [0]

            def show(seen: int, done: list[int] = done, key: str = event_type.key) -> None:
                done[0] += seen
                self.stdout.write(f"{key}: {done[0]:,} events")

            try:
                fill_values(event_type=event_type, progress=show)
            except Changed:
                said = f"{event_type.key} got yet another value attribute meanwhile; run this again"
                raise CommandError(said) from None
