"""Segments that a scenario makes for itself on a running installation, and takes away again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bench.speed.waiting import wait_until

if TYPE_CHECKING:
    from segments.models import Rebuild, Segment

Json = dict[str, Any]
LOOKS = 0.01
PREFIX = "bench-"
"""Of the keys of all segments that scenarios make for themselves."""
QUICK_SCALE = 0.01
"""Below it only correctness is asked for, and minutes are made short."""


def definition(*children: Json, match: str = "all") -> Json:
    return {"kind": "group", "match": match, "children": list(children)}


def event(key: str, **more: Any) -> Json:
    return {"kind": "event", "event": key, **more}


def last(amount: int, unit: str) -> Json:
    return {"kind": "last", "amount": amount, "unit": unit}


@contextmanager
def segments(wanted: dict[str, Json]) -> Iterator[list[Segment]]:
    """Live segments by key, built one after the other; forgotten at the end."""
    from segments.models import Segment

    _forget_left()
    _forget(list(wanted))
    try:
        for key, given in wanted.items():
            make(key, given)
        yield [Segment.objects.get(key=key) for key in wanted]
    finally:
        _forget(list(wanted))


def make(key: str, given: Json) -> Rebuild:
    """A live segment, built by the installation; answers its first rebuild."""
    from segmentflow.clock import current_time
    from segments.services import create_segment

    segment = create_segment(key=key, name=key, definition=given, author=None, now=current_time())
    return wait_for(segment.rebuilds.get())


def wait_for(rebuild: Rebuild) -> Rebuild:
    """The same, done."""
    from segments.models import Rebuild

    rows = Rebuild.objects.filter(pk=rebuild.pk)
    wait_until(
        lambda: not rows.filter(state=Rebuild.State.BUILDING).exists(),
        what="a rebuild",
        pause=LOOKS,
    )
    found = rows.get()
    if found.state != Rebuild.State.DONE:
        raise SystemExit(
            f"The rebuild of {found.segment.key} ended as {found.state}: {found.error}"
        )
    return found


def _forget_left() -> None:
    """What runs that were killed have left in a folder that is kept."""
    from segments.models import Segment

    left = Segment.objects.filter(key__startswith=PREFIX).order_by("pk")
    _forget([segment.key for segment in left])


def _forget(keys: Sequence[str]) -> None:
    from segments.models import Segment
    from segments.services import delete_segment

    for key in reversed(keys):  # those that refer to others first
        for segment in Segment.objects.filter(key=key):
            delete_segment(segment=segment)
