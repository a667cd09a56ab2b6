"""A thousand live segments instead of a hundred, of which an event touches as many as before.

The others are the same definitions about events that never come. Their cost must be near nothing.
"""

from __future__ import annotations

import random
from typing import Any

from bench.speed.checking import check
from bench.speed.findings import Finding, Gathered, ratios
from bench.speed.flat_out import flat_out, warm_up
from bench.speed.stage import Stage
from bench.speed.waiting import wait_until_built, wait_until_settled
from bench.speed.world import TYPES, definitions

EVENTS = 60_000
COPIES = 9
CHECKED = 2_000
PREFIX = "other-"


def run(stage: Stage) -> list[Finding]:
    found = Gathered("many_segments")
    events = stage.amount(EVENTS, least=2_000)
    copies = stage.amount(COPIES)
    touched: set[int] = set()
    few, many = f"{stage.segments} segments", f"{stage.segments * (1 + copies)} segments"
    # Starting one more installation takes longer than all the rest where everything is quick.
    with stage.on("fewer" if stage.scale > 0.01 else "small") as site:
        warm_up(site)
        remove()  # what an earlier run that was broken off has left
        for name in (few, many):
            if name == many:
                add(copies, segments=stage.segments)
            for _ in range(stage.runs):
                one = flat_out(site, events=events)
                touched |= one.contact_ids
                found.add(
                    name,
                    one.rate,
                    "events/s",
                    note=f"{site.contacts:,} contacts, flat out until settled",
                )
        some = random.Random(1).sample(sorted(touched), min(CHECKED, len(touched)))
        mistakes = check(site, contacts=some)
        note = f"of {len(some):,} that events were sent for, in all segments"
        found.add("mistakes", mistakes, "", bar=0, better="less", note=note)
        remove()
    speeds = ratios(found.runs(many), found.runs(few))
    return [*found.findings(), Finding("many_segments", f"{many} against {few}", "×", speeds, 0.8)]


def add(copies: int, *, segments: int) -> None:
    from events.models import EventType
    from segmentflow.clock import current_time
    from segments.services import create_segment

    for copy in range(1, copies + 1):
        EventType.objects.bulk_create(
            [
                EventType(key=renamed(key, copy), value_attribute=value)
                for key, (value, _) in TYPES.items()
            ],
            ignore_conflicts=True,
        )
        for number, (key, definition) in enumerate(definitions(segments)):
            create_segment(
                key=f"{PREFIX}{copy}-{number}",
                name=f"{key} {copy}"[:100],
                definition=about_others(definition, copy),
                author=None,
                now=current_time(),
            )
    wait_until_built()
    wait_until_settled()


def remove() -> None:
    from segments.models import Segment
    from segments.services import delete_segment

    for segment in Segment.objects.filter(key__startswith=PREFIX):
        delete_segment(segment=segment)


def renamed(event: str, copy: int) -> str:
    return f"Other_{copy}_{event}"


def about_others(node: Any, copy: int) -> Any:
    """The definition with each event type replaced by one that no event has."""
    if isinstance(node, dict):
        return {
            key: renamed(value, copy)
            if key == "event" and isinstance(value, str)
            else about_others(value, copy)
            for key, value in node.items()
        }
    return [about_others(item, copy) for item in node] if isinstance(node, list) else node
