"""A steady stream with all segments live: how many events a second memberships keep up with.

Beside it, on the same data, how far others would come (contenders.py).
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field

from bench.speed import contenders
from bench.speed.checking import check
from bench.speed.drawing import batches, contacts_of
from bench.speed.effort import Effort
from bench.speed.findings import Finding, Gathered, ratios
from bench.speed.flat_out import flat_out, warm_up
from bench.speed.freshness import Freshness, settled
from bench.speed.resources import events_size, memory
from bench.speed.sending import Sender
from bench.speed.stage import Site, Stage
from bench.speed.waiting import say

SECONDS = 20
FIRST, STEP = 8_000.0, 1.15
"""Rates that are tried: this one, and so many times more or less."""
P99_SECONDS = 1.0
KEPT = 0.97
"""Of the rate asked for; a server that is slow to answer is sent less."""
SETTLED_SECONDS = 1.0
"""After the last answer; a backlog that grows takes longer."""
MOST_TRIALS = 6
FLAT_OUT = 100_000
ALONE, QUEUED, QUICKER = 200, 400, 4_000
"""Events of the contenders' sample: the one by one, the queue, the quicker one (all of it)."""


@dataclass
class Trials:
    """What is known about which rates hold."""

    site: Site
    seconds: float
    most: int
    rng: random.Random
    touched: set[int] = field(default_factory=set)
    accepted: int = 0
    best: tuple[float, Freshness] | None = None

    def search(self, start: float) -> tuple[float, Freshness | None]:
        """The highest rate that held, next to one that did not; looked for in growing steps downwards."""
        self.best, step, stride = None, 0, 1
        tried: dict[int, bool] = {}
        for _ in range(self.most):
            if step in tried:
                break
            tried[step] = self.holds(start * STEP**step)
            if not tried[step]:
                stride = 1 if any(tried.values()) else min(4, len(tried))
            step += 1 if tried[step] else -stride
        return self.best or (0.0, None)

    def holds(self, rate: float) -> bool:
        # Smaller batches where there are few of them, so that the stream is one.
        size = int(min(1_000, max(50, rate / 8)))
        made = batches(self.rng, self.site, max(2, int(rate * self.seconds / size)), size=size)
        self.touched |= contacts_of(made)
        freshness = Freshness(self.site)
        with Effort(self.site) as effort:
            outcome = Sender(self.site, made, rate=rate, freshness=freshness).run()
            settled(self.site)
            left = time.monotonic() - outcome.begun - outcome.seconds
        self.accepted += outcome.accepted
        span = outcome.seconds + size / rate  # the last batch stands for its own span too
        kept = outcome.accepted / span / rate
        is_fresh = not freshness.from_sending or freshness.p99 < P99_SECONDS
        holds = kept >= KEPT and is_fresh and left < SETTLED_SECONDS
        say(
            f"    {rate:,.0f}/s {'holds' if holds else 'is too much'}: {kept:.0%} of it taken, "
            f"settled {left:.2f} s after the last answer"
        )
        freshness.say()
        effort.say(events=outcome.accepted)
        if holds and (self.best is None or rate > self.best[0]):
            self.best = rate, freshness
        return holds


def run(stage: Stage) -> list[Finding]:
    # Where nothing is measured, once is enough.
    names = stage.sites if stage.scale > 0.01 else ("full",)
    return [finding for name in names for finding in _on(stage, name)]


def _on(stage: Stage, name: str) -> list[Finding]:
    found = Gathered("sustained")
    with stage.on(name) as site:
        warm_up(site)
        before = events_size()
        trials = Trials(
            site=site,
            seconds=stage.amount(SECONDS, least=2),
            most=MOST_TRIALS if stage.scale > 0.01 else 2,
            rng=random.Random(),
        )
        start = None
        for number in range(stage.runs):
            start = _one_run(stage, found, trials, number, start)
        if name == "full":
            after = events_size()
            stage.grown = (after.size - before.size) / max(1, after.events - before.events)
            stage.memory = memory(site)
        mistakes = check(site, contacts=trials.touched)
        found.add(f"{name}: mistakes, contacts touched", mistakes, "", bar=0, better="less")
    return [*found.findings(), *_ratios(found, name)]


def _one_run(
    stage: Stage, found: Gathered, trials: Trials, number: int, start: float | None
) -> float:
    """Answers the rate at which the next run begins."""
    site, name = trials.site, trials.site.name
    events = stage.amount(FLAT_OUT, least=2_000)
    whole = flat_out(site, events=events)
    trials.touched |= whole.contact_ids
    note = f"{events:,} events, until the last membership is right"
    found.add(f"{name}: flat out until settled", whole.rate, "events/s", note=note)
    best, freshness = trials.search(start or _rung(whole.rate))
    found.add(
        f"{name}: sustained, 99th percentile under 1 s",
        best,
        "events/s",
        bar=8_000,
        note=f"for {trials.seconds:g} s; tried in steps of {STEP - 1:.0%}",
    )
    if freshness is not None and freshness.from_sending:
        for part, value in (("median", freshness.median), ("99th", freshness.p99)):
            found.add(
                f"{name}: event to membership at that rate, {part}",
                1000 * value,
                "ms",
                better="less",
            )
    _contend(stage, site, found, trials, number)
    return best or FIRST


def _rung(rate: float) -> float:
    """The highest of the rates that are tried which is not above."""
    rung = FIRST
    while rung > rate:
        rung /= STEP
    while rung * STEP <= rate:
        rung *= STEP
    return rung


def _contend(stage: Stage, site: Site, found: Gathered, trials: Trials, number: int) -> None:
    name = site.name
    events = stage.amount(QUICKER, least=200)
    made = batches(
        random.Random(1000 + number), site, max(1, events // 1000), size=min(events, 1000), probes=0
    )
    trials.touched |= contacts_of(made)
    sample = contenders.arrived(site, made)
    alone = contenders.one_by_one(sample, events=stage.amount(ALONE, least=20))
    found.add(f"{name}: one by one", alone, "events/s", note="every segment after every event")
    queued = contenders.queue(sample, events=stage.amount(QUEUED, least=20))
    note = "100 contacts a transaction, for each of them all segments in one UNION ALL"
    found.add(f"{name}: queue", queued, "events/s", note=note)
    quicker = contenders.quicker_queue(sample)
    say(f"    the queue's members differ from ours in {contenders.differs()}")
    note = "100 contacts in one UNION ALL that stays planned"
    found.add(f"{name}: queue, made quicker", quicker, "events/s", note=note)
    contenders.clean_up()


def _ratios(found: Gathered, name: str) -> list[Finding]:
    ours = found.runs(f"{name}: sustained, 99th percentile under 1 s")
    return [
        Finding(
            "sustained",
            f"{name}: sustained against {label}",
            "×",
            ratios(ours, found.runs(f"{name}: {label}")),
            bar,
        )
        for label, bar in (("one by one", 50), ("queue", 50), ("queue, made quicker", None))
    ]
