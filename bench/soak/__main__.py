"""script/soak: a steady stream of events for an hour or longer; memory, files, queues and freshness have to stay flat.

script/soak                                      an hour at 500 events a second, 20,000 contacts, 101 live segments
script/soak --minutes 600 --rate 4000 --scale 1  the full size, at half of what it sustains on two cores
script/soak --keep /var/tmp/soak                 keep the installation, and use it again
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from bench.publishing import RESULTS

if TYPE_CHECKING:
    from bench.speed.stage import Site

SLICE_SECONDS = 60.0
A_SECOND = 4
"""Batches; each has one probe."""
CONNECTIONS = 2


def main() -> None:
    options = parsed()
    # So that what was started is stopped, and a temporary folder goes.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with ExitStack() as stack:
        folder = options.keep
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="soak-")))
        folder.mkdir(parents=True, exist_ok=True)
        is_flat = run(options, folder.absolute())
    if not is_flat:
        raise SystemExit("Something grew that should not, or is wrong.")


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="script/soak",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=float, default=500, help="events a second")
    parser.add_argument("--scale", type=float, default=0.02, help="1: 1,000,000 contacts")
    parser.add_argument("--keep", type=Path, help="keep the installation here, and use it again")
    parser.add_argument("--report", type=Path, default=RESULTS / "soak.json")
    parser.add_argument("--no-docs", action="store_true", help="leave docs/reliability.md alone")
    return parser.parse_args()


def run(options: argparse.Namespace, folder: Path) -> bool:
    from bench.soak import report
    from bench.soak.judging import lines
    from bench.soak.sampling import Sampler
    from bench.speed.checking import check
    from bench.speed.flat_out import warm_up
    from bench.speed.resources import events_size
    from bench.speed.stage import Stage
    from segmentflow.database.location import Location

    stage = Stage(options.scale, 1, folder)
    try:
        with stage.on("full") as site:
            warm_up(site)
            sampler = Sampler(site.installation, Location(site.installation.data).url)
            before = events_size()
            sampler.start()
            stream = Stream(site, rate=options.rate)
            stream.run(60 * options.minutes)
            sampler.stop()
            after = events_size()
            found = report.Found(
                lines=lines(sampler.samples, stream.waits),
                samples=sampler.samples,
                stream=stream,
                mistakes=check(site, contacts=stream.touched),
                bytes_an_event=(after.size - before.size) / max(1, after.events - before.events),
                contacts=site.contacts,
                events=site.events,
                segments=stage.segments + 1,
            )
    finally:
        stage.close()
    report.write(found, options)
    return found.is_flat


class Stream:
    """Events at a rate, a minute's worth at a time; drawing the next ones takes a second or two in between."""

    def __init__(self, site: Site, *, rate: float) -> None:
        self._site, self._rate = site, rate
        self._rng = random.Random(5)
        self.accepted = 0
        self.seconds = 0.0
        self.waits: list[tuple[float, float]] = []
        self.touched: set[int] = set()

    def run(self, seconds: float) -> None:
        from bench.speed.waiting import say

        begun = time.monotonic()
        while (at := time.monotonic() - begun) < seconds:
            self._slice(at, min(SLICE_SECONDS, seconds - at))
            took = [wait for _, wait in self.waits[-int(A_SECOND * SLICE_SECONDS) :]]
            say(
                f"{at / 60:5.1f} min: {self.accepted:,} events, latest: median "
                f"{1000 * sorted(took)[len(took) // 2] if took else 0:.0f} ms, longest {max(took, default=0):.2f} s"
            )
        self.seconds = time.monotonic() - begun

    def _slice(self, at: float, seconds: float) -> None:
        from bench.speed.drawing import batches, contacts_of
        from bench.speed.freshness import Freshness
        from bench.speed.sending import Sender

        size = max(2, round(self._rate / A_SECOND))
        count = max(CONNECTIONS, int(seconds * self._rate / size))
        made = batches(self._rng, self._site, count, size=size, probes=1)
        self.touched |= contacts_of(made)
        freshness = Freshness(self._site)
        outcome = Sender(
            self._site, made, rate=self._rate, connections=CONNECTIONS, freshness=freshness
        ).run()
        self.accepted += outcome.accepted
        if outcome.accepted < count * size:
            raise SystemExit(f"only {outcome.accepted:,} of {count * size:,} events were taken")
        self.waits += [(at, wait) for wait in freshness.from_sending]


if __name__ == "__main__":
    main()
