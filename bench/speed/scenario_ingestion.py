"""Events by HTTP in batches of 1,000, as fast as they are answered, against a plain COPY.

A 202 says that the events are stored for good and noted for every segment they may move; that is
what is measured here. The following itself is in scenario_sustained.py, and is held meanwhile.
"""

from __future__ import annotations

import random
import statistics

from bench.speed import copying
from bench.speed.checking import check
from bench.speed.drawing import batches, contacts_of
from bench.speed.findings import Finding, Gathered, ratios
from bench.speed.flat_out import warm_up
from bench.speed.freshness import settled
from bench.speed.pausing import nothing_followed
from bench.speed.resources import events_size
from bench.speed.sending import CONNECTIONS, Outcome, Sender
from bench.speed.stage import Site, Stage

EVENTS = 100_000


def run(stage: Stage) -> list[Finding]:
    found = Gathered("ingestion")
    events = stage.amount(EVENTS, least=2_000)
    touched: set[int] = set()
    with stage.on("small") as site:
        warm_up(site)
        for number in range(stage.runs):
            # Alternately first, so that neither always finds the other's caches.
            steps = (_by_http, _by_copy) if number % 2 == 0 else (_by_copy, _by_http)
            for step in steps:
                step(site, found, events, number, touched)
            settled(site)
        mistakes = check(site, contacts=touched)
        found.add("mistakes, contacts touched", mistakes, "", bar=0, better="less")
    http = found.runs(BY_HTTP)
    return [
        *found.findings(),
        *(
            Finding("ingestion", f"HTTP against {label}", "×", ratios(http, found.runs(label)), bar)
            for label, bar in ((BY_COPY.format(1), 0.4), (BY_COPY.format(2), None))
        ),
    ]


BY_HTTP, BY_COPY = "events by HTTP", "COPY, connections: {}"


def _by_http(site: Site, found: Gathered, events: int, number: int, touched: set[int]) -> None:
    made = batches(random.Random(number), site, events // 1_000, probes=0)
    touched |= contacts_of(made)
    before = events_size()
    with nothing_followed(site):
        outcome = Sender(site, made).run()
        after = events_size()
    _refuse_lost(outcome, events, after.events - before.events)
    note = f"{events:,} events in batches of 1,000 over {CONNECTIONS} connections"
    found.add(BY_HTTP, outcome.rate, "events/s", bar=15_000, note=note)
    latency = 1000 * statistics.median(outcome.latencies)
    found.add("batch answered, median", latency, "ms", better="less")
    if number == 0:
        # Later ones fill what the rows of COPY have left.
        grown = (after.size - before.size) / events
        found.add("the table of events grew by", grown, "bytes/event", bar=300, better="less")


def _refuse_lost(outcome: Outcome, sent: int, stored: int) -> None:
    if not sent == outcome.accepted == stored:
        raise SystemExit(f"{sent} events sent, {outcome.accepted} accepted, {stored} stored")


def _by_copy(site: Site, found: Gathered, events: int, number: int, touched: set[int]) -> None:
    made = copying.rows(random.Random(100 + number), site, events)
    for connections in (1, 2):
        rate = copying.copy(made, connections=connections)
        found.add(BY_COPY.format(connections), rate, "events/s", note="1,000 rows a commit")
