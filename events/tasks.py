"""What django-q runs for events: work on stored ones, a second at a time, behind live ones."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Final

from contacts.imports.running import is_crowded
from events.erasing import advance_erasing, is_erasing_due
from events.filling import advance_filling
from events.models import ValueFilling
from events.wakes import STORED, wake
from segmentflow.clock import current_time
from segmentflow.wakeups import at_work

SECONDS: Final = 1.0
"""After so long a task ends and asks for the next, behind whatever waits by then."""


def tend_stored() -> None:
    """Some bites of what waits. When segments fall behind, the watcher asks again later."""
    with at_work(STORED):
        until = time.monotonic() + SECONDS
        while _advance():
            if time.monotonic() > until:
                break
        else:
            return
    wake()


def is_work(*, now: datetime) -> bool:
    """Whether values are to be copied, or events to be erased."""
    return ValueFilling.objects.exists() or is_erasing_due(now=now)


def _advance() -> bool:
    if advance_filling():
        return True
    # It leaves marks; live events come first, so it waits until segments have kept up.
    return not is_crowded() and advance_erasing(now=current_time())
