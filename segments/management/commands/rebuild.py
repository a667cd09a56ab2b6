"""manage.py rebuild [--segment KEY]: have members computed from nothing."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from segmentflow.templatetags.ui import count
from segments.engine import locks
from segments.engine.publish import rebuild_live_segments
from segments.models import Segment


class Command(BaseCommand):
    help = (
        "Have the members of live segments computed from nothing, beside those that are stored; only what"
        " differs is changed then. The workers do it. For after check_memberships has found a difference."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--segment", metavar="KEY", help="only this segment")

    def handle(self, *_args: Any, segment: str | None = None, **_options: Any) -> None:
        if segment is not None and not Segment.objects.filter(key=segment).exists():
            raise CommandError(f"There is no segment {segment!r}.")
        with transaction.atomic():
            locks.hold_publishing()
            asked = rebuild_live_segments(cause={"kind": "repair"}, segment_key=segment)
        if segment is not None and not asked:
            raise CommandError(
                f"{segment} is not live and dynamic, so nothing computes its members."
            )
        self.stdout.write(f"Computing {count(asked, 'segment')} anew.")
