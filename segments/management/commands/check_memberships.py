"""manage.py check_memberships [--segment KEY]: recompute, compare, print every difference."""

from __future__ import annotations

import sys
import time
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contacts.models import PendingMark
from segmentflow.clock import current_time
from segments.engine.check import Mistake, check
from segments.management.commands.settle import read_instant
from segments.models import Deadline, Segment

MEANWHILE_SECONDS: Final = 1.0
"""After which changes have been followed."""
BEHIND: Final = "Not everything that happened has been followed: have SegmentFlow run, or “manage.py settle”, and look again."
WRONG: Final = "“manage.py rebuild” has members computed anew."


class Command(BaseCommand):
    help = "Recompute the members of live segments from nothing and compare; exits 1 if any differ."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--segment", metavar="KEY", help="only this segment")
        parser.add_argument("--now", help="an ISO 8601 instant (default: the clock)")

    def handle(
        self, *_args: Any, segment: str | None = None, now: str | None = None, **_options: Any
    ) -> None:
        if segment is not None and not Segment.objects.filter(key=segment).exists():
            raise CommandError(f"there is no segment {segment!r}")
        if now:
            mistakes = check(segment_key=segment, now=read_instant(now))
        elif mistakes := check(segment_key=segment, now=current_time()):
            # While events arrive, some are followed between the instant and the look. A mistake stays.
            time.sleep(MEANWHILE_SECONDS)
            again = set(check(segment_key=segment, now=current_time()))
            mistakes = [mistake for mistake in mistakes if mistake in again]
        for mistake in mistakes:
            self.stdout.write(_line(mistake))
        if mistakes:
            self.stderr.write(BEHIND if _is_behind() else WRONG)
            sys.exit(1)
        self.stdout.write("Every stored membership is right.")


def _is_behind() -> bool:
    due = Deadline.objects.filter(due_at__lte=current_time())
    return PendingMark.objects.exists() or due.exists()


def _line(mistake: Mistake) -> str:
    stored, right = _words(is_member=mistake.stored), _words(is_member=mistake.right)
    return f"{mistake.segment}: contact {mistake.contact_id} is stored {stored}, should be {right}"


def _words(*, is_member: bool) -> str:
    return "in" if is_member else "out"
