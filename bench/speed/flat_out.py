"""Events as fast as they are taken, until the last membership is right: the honest throughput."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass

from bench.speed.drawing import batches, contacts_of
from bench.speed.effort import Effort
from bench.speed.freshness import Freshness, settled
from bench.speed.sending import Outcome, Sender
from bench.speed.stage import Site
from bench.speed.waiting import say


@dataclass(frozen=True, slots=True)
class FlatOut:
    outcome: Outcome
    seconds: float
    """From the first request until nothing waits to be followed."""
    contact_ids: set[int]

    @property
    def rate(self) -> float:
        return self.outcome.accepted / self.seconds


def flat_out(site: Site, *, events: int, among: int | None = None) -> FlatOut:
    """Of so many contacts only, with `among`.

    Other events each time: on an installation that is kept, the same ones would move nobody again.
    """
    warm_up(site)
    made = batches(
        random.Random(), site, max(2, events // 1000), among=among, size=min(1000, events // 2)
    )
    freshness = Freshness(site)
    settled(site)
    with Effort(site) as effort:
        outcome = Sender(site, made, freshness=freshness).run()
        settled(site)
        seconds = time.monotonic() - outcome.begun
    found = FlatOut(outcome, seconds, contacts_of(made))
    say(
        f"    {outcome.accepted:,} events: answered at {outcome.rate:,.0f}/s, "
        f"settled at {found.rate:,.0f}/s"
    )
    effort.say(events=outcome.accepted)
    return found


def warm_up(site: Site) -> None:
    """After a start: statements are prepared, caches are filled, as in a server that has run for a while."""
    if not site.is_warm:
        site.is_warm = True
        made = batches(random.Random(), site, 10, size=100, probes=0)
        Sender(site, made).run()
        settled(site)
