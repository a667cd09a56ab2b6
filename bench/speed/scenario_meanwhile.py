"""What live events feel while a segment that nearly everybody is in is computed anew."""

from __future__ import annotations

import math
import random
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING

from bench.speed.checking import check
from bench.speed.drawing import batches, contacts_of
from bench.speed.findings import Finding, Gathered, quantile
from bench.speed.flat_out import warm_up
from bench.speed.freshness import Freshness
from bench.speed.making import QUICK_SCALE, definition, event, segments, wait_for
from bench.speed.sending import Outcome, Sender
from bench.speed.stage import Site, Stage

if TYPE_CHECKING:
    from segments.models import Segment

RATE = 2_000
SIZE = 100
"""Events in a request: twenty requests a second, with a probe in each."""
BAR = 1.0
KEY = "bench-meanwhile"
CHECKED = 10_000
SLOWER = 8
"""How many times as long as alone a rebuild is expected to take at most; events are made for so long."""


def run(stage: Stage) -> list[Finding]:
    gathered = Gathered("meanwhile")
    # Everybody: an event of each contact has to be looked for, and no one has one.
    never = {
        "kind": "group",
        "match": "all",
        "children": [
            {
                "kind": "attribute",
                "attribute": "channel",
                "type": "text",
                "operator": "equals",
                "value": "carrier pigeon",
            }
        ],
    }
    given = definition(event("Unsubscribe", where=never, operator="equals", value=0))
    least = 10.0 if stage.scale >= QUICK_SCALE else 1.0
    with stage.on("full") as site, segments({KEY: given}) as [segment]:
        warm_up(site)
        for _ in range(stage.runs):
            _add_run(gathered, site, segment, least=least)
    return gathered.findings()


def _add_run(gathered: Gathered, site: Site, segment: Segment, *, least: float) -> None:
    alone = _rebuilt(segment)
    seconds = 3 * least + SLOWER * alone
    made = batches(random.Random(), site, math.ceil(seconds * RATE / SIZE), size=SIZE, probes=1)
    freshness = Freshness(site)
    sender = Sender(site, made, rate=RATE, freshness=freshness)
    sending = sender.in_background()
    before = _shown_in(sending, freshness, seconds=least / 2)
    first = len(freshness.from_sending)
    took = _rebuilt_while(sending, segment, least=least)
    is_whole = not sending.done()
    if is_whole:
        sender.stop()
    outcome = sending.result()
    during = freshness.from_sending[first:]  # with those that were on their way at its end
    gathered.add("rebuild, alone", alone, "s", better="less")
    gathered.add("rebuild, while events arrive", quantile(took, 0.5), "s", better="less")
    gathered.add("events", outcome.rate, "events/s", note=f"{RATE:,} asked for")
    note = f"of a segment of {_size(segment):,}; {len(during)} probes"
    if not is_whole:
        note += "; the events ended before the rebuild"
    gathered.add("without a rebuild, 99th percentile", quantile(before, 0.99), "s", better="less")
    gathered.add("event to membership, median", 1000 * quantile(during, 0.5), "ms", better="less")
    late = quantile(during, 0.99)
    gathered.add(
        "event to membership, 99th percentile", late, "s", bar=BAR, better="less", note=note
    )
    gathered.add("event to membership, longest", quantile(during, 1), "s", better="less")
    _add_mistakes(gathered, site, sorted(contacts_of(made)))


def _shown_in(sending: Future[Outcome], freshness: Freshness, *, seconds: float) -> list[float]:
    """How long the probes took that showed in so many seconds, from the first on."""
    while not freshness.from_sending:
        if sending.done():
            sending.result()
            raise SystemExit("Nothing that was sent was seen.")
        time.sleep(0.01)
    time.sleep(seconds)
    return list(freshness.from_sending)


def _rebuilt_while(sending: Future[Outcome], segment: Segment, *, least: float) -> list[float]:
    """One rebuild, or as many as fill `least` seconds: how long each took."""
    begun = time.monotonic()
    took: list[float] = []
    while time.monotonic() - begun < least or not took:
        took.append(_rebuilt(segment))
        if sending.done():
            break
    return took


def _rebuilt(segment: Segment) -> float:
    from segments.engine.publish import rebuild_segment

    begun = time.perf_counter()
    wait_for(rebuild_segment(segment=segment))
    return time.perf_counter() - begun


def _size(segment: Segment) -> int:
    segment.refresh_from_db()
    return segment.member_count


def _add_mistakes(gathered: Gathered, site: Site, touched: list[int]) -> None:
    some = random.Random(1).sample(touched, min(CHECKED, len(touched)))
    note = f"of {len(some):,} contacts of those that events were sent for"
    mistakes = float(check(site, contacts=some))
    gathered.add("mistakes", mistakes, "", bar=0, better="less", note=note)
