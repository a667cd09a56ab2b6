"""Waits until the installation has caught up."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_SECONDS = 4 * 3600.0


def wait_until_built() -> None:
    from segments.models import Rebuild, Segment

    def is_built() -> bool:
        return (
            not Rebuild.objects.filter(state=Rebuild.State.BUILDING).exists()
            and not Segment.objects.filter(status="live", kind="dynamic", built_at=None).exists()
        )

    wait_until(is_built, what="segments to be built", pause=0.1)
    failed = Rebuild.objects.filter(state=Rebuild.State.FAILED).first()
    if failed is not None:
        raise SystemExit(f"{failed.segment.key} could not be built: {failed.error}")


def wait_until_settled(*, pause: float = 0.01) -> float:
    """Until no change waits to be followed; how many seconds that took."""
    begun = time.monotonic()
    wait_until(is_settled, what="all changes to be followed", pause=pause)
    return time.monotonic() - begun


def is_settled() -> bool:
    """No mark is left, no deadline is overdue: marks go in the transaction that moves contacts."""
    from segmentflow.clock import current_time
    from segments.engine.deadlines import next_due_at
    from segments.engine.pending import newest_mark

    if newest_mark() is not None:
        return False
    due_at = next_due_at()
    return due_at is None or due_at > current_time()


def wait_until(
    happened: Callable[[], bool], *, what: str, pause: float, seconds: float = PATIENCE_SECONDS
) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            raise SystemExit(f"waited {seconds:.0f} s for {what}")
        time.sleep(pause)


def say(text: str) -> None:
    print(text, flush=True)
