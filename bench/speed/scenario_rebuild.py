"""One segment computed from nothing, against the best hand-written SQL with the same result."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bench.speed import handwritten
from bench.speed.findings import Finding, Gathered
from bench.speed.handwritten import Handwritten, Way
from bench.speed.making import segments, wait_for
from bench.speed.stage import Stage
from bench.speed.waiting import wait_until_settled

if TYPE_CHECKING:
    from segments.models import Segment

BAR = 1.3
KEY = "bench-rebuild"


def run(stage: Stage) -> list[Finding]:
    gathered = Gathered("rebuild")
    with stage.on("full"), handwritten.tables():
        for written in handwritten.ALL:
            with segments({KEY: written.definition}) as [segment]:
                _compare(gathered, written, segment, runs=stage.runs)
        wait_until_settled()
    return gathered.findings()


def _compare(gathered: Gathered, written: Handwritten, segment: Segment, *, runs: int) -> None:
    way = _fastest(written, segment)
    gathered.add(
        f"mistakes, {written.name}",
        float(_disagreements(written, way, segment)),
        "",
        bar=0,
        better="less",
        note="members of which the product and the SQL disagree",
    )
    for _ in range(runs):
        ours = _rebuilt(segment)
        theirs = _computed(written, way, segment)
        gathered.add(f"{written.name}: rebuild", ours, "s", better="less")
        gathered.add(f"{written.name}: SQL", theirs, "s", better="less", note=str(way))
        name = f"{written.name}: rebuild against SQL"
        gathered.add(name, ours / theirs, "×", bar=BAR, better="less")


def _fastest(written: Handwritten, segment: Segment) -> Way:
    """After one try of each, for the caches."""
    ways = handwritten.ways(written)
    for way in ways:
        _computed(written, way, segment)
    return min(ways, key=lambda way: _computed(written, way, segment))


def _computed(written: Handwritten, way: Way, segment: Segment) -> float:
    from segmentflow.clock import current_time

    return handwritten.compute(written, way, segment=segment.pk, now=current_time())


def _disagreements(written: Handwritten, way: Way, segment: Segment) -> int:
    from segmentflow.clock import current_time

    now = current_time()
    handwritten.compute(written, way, segment=segment.pk, now=now)
    wait_until_settled()
    return handwritten.disagreements(segment.pk, now=now)


def _rebuilt(segment: Segment) -> float:
    """By the running installation, from the wish to the new members."""
    from segments.engine.publish import rebuild_segment

    begun = time.perf_counter()
    wait_for(rebuild_segment(segment=segment))
    return time.perf_counter() - begun
