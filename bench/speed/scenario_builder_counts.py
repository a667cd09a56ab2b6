"""How long people who build a segment wait for its number, for all shared cases.

The first answer is what the page shows at once, exact or about; the exact one comes after it. Asked
as the page asks it, from the definition on; without the page around it, which takes a few milliseconds.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterable
from typing import Any

from bench.speed.checking import check
from bench.speed.findings import Finding, Gathered, quantile
from bench.speed.making import QUICK_SCALE, segments
from bench.speed.stage import Stage

EXACT_CASES = 20
"""So many of all, drawn once for ever: to count all of them takes long on a large database."""
QUICK_BAR_MS, EXACT_BAR_MS = 500, 3_000


def run(stage: Stage) -> list[Finding]:
    from tests.cases import CASES

    gathered = Gathered("builder_counts")
    some = random.Random(11).sample(CASES, EXACT_CASES)
    asked = CASES if stage.scale >= QUICK_SCALE else some
    with stage.on("full") as site, segments(_referred()):
        for _ in range(stage.runs):
            first, exactly_at_once, _ = _asked(asked, "quickly")
            _add(gathered, "first answer", first, QUICK_BAR_MS, f"{len(first)} definitions")
            gathered.add("first answers that are exact", 100 * exactly_at_once / len(first), "%")
            exact, _, too_slow = _asked(some, "exactly")
            _add(gathered, "exact", exact, EXACT_BAR_MS, f"{len(exact)} definitions")
            gathered.add("exact counts given up after 30 s", float(too_slow), "", better="less")
        few = range(site.first_contact_id, site.first_contact_id + 1_000)
        mistakes = float(check(site, contacts=list(few)))
        note = "of 1,000 contacts; nothing is written here"
        gathered.add("mistakes", mistakes, "", bar=0, better="less", note=note)
    return gathered.findings()


def _referred() -> dict[str, Any]:
    """The segments that cases refer to."""
    from bench.speed.world import moved
    from segmentflow.clock import current_time
    from tests.cases import WORLDS

    now = current_time()
    return {
        key: moved(given, now - world.now)
        for world in WORLDS
        for key, given in world.segments.items()
    }


def _asked(cases: Iterable[Any], how: str) -> tuple[list[float], int, int]:
    """Milliseconds of each case; how many of them were counted to the end, and how many given up."""
    from django.test import override_settings

    from bench.builder import counting
    from segmentflow.limits import TooSlow

    took, exact, given_up = [], 0, 0
    for case in cases:
        with override_settings(TIME_ZONE=case.world.zone):
            begun = time.perf_counter()
            try:
                counted = counting(case, how)()
            except TooSlow:
                counted = None
            took.append(1000 * (time.perf_counter() - begun))
        if counted is None:
            given_up += 1
        else:
            exact += counted.is_exact
    return took, exact, given_up


def _add(gathered: Gathered, name: str, took: list[float], bar: float, note: str) -> None:
    gathered.add(f"{name}, median", quantile(took, 0.5), "ms", better="less", note=note)
    gathered.add(
        f"{name}, 95th percentile", quantile(took, 0.95), "ms", bar=bar, better="less", note=note
    )
    gathered.add(f"{name}, longest", max(took), "ms", better="less", note=note)
