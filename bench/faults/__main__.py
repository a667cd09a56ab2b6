"""script/faults: breaks an installation again and again, and looks whether anything was lost or doubled.

script/faults                              ten minutes, all kinds of faults in a random order
script/faults --minutes 30 --seed 7
script/faults --only "disk full,kill"      kinds that begin with one of these
script/faults --quick                      one of a few kinds each: what continuous integration runs
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bench.faults import disk
from bench.faults.report import Report
from bench.publishing import RESULTS

if TYPE_CHECKING:
    from bench.faults.kinds import Fault
    from bench.faults.world import World


def main() -> None:
    options = parsed()
    disk.see_mounts_alone()
    # So that what was started is stopped, and a temporary folder goes.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    report = Report(options)
    with tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True) as folder:
        try:
            run(options, Path(folder), report)
        finally:
            report.write()
    if report.is_wrong:
        raise SystemExit("Something was lost, doubled, wrong, or did not come back.")


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="script/faults",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--only", default="", help="kinds that begin with one of these")
    parser.add_argument("--rate", type=float, default=100, help="events a second")
    parser.add_argument("--people", type=int, default=6_000, help="contacts to begin with")
    parser.add_argument(
        "--like", type=Path, help="begin with a copy of this data directory; nothing may run there"
    )
    parser.add_argument("--quick", action="store_true", help="a few, each once")
    parser.add_argument("--report", type=Path, default=RESULTS / "faults.json")
    parser.add_argument("--no-docs", action="store_true", help="leave docs/reliability.md alone")
    parser.add_argument("--add", action="store_true", help="to what the report has already")
    options = parser.parse_args()
    options.only = [part.strip() for part in options.only.split(",") if part.strip()]
    return options


def run(options: argparse.Namespace, folder: Path, report: Report) -> None:
    """First the installation that has everything on one machine, then one whose database is elsewhere."""
    from bench.faults.kinds import FAULTS

    wanted = [
        fault
        for fault in FAULTS
        if (fault.quick or not options.quick)
        and (not options.only or any(fault.kind.startswith(part) for part in options.only))
    ]
    if not wanted:
        raise SystemExit("There is no such fault.")
    seconds = 60 * options.minutes
    for is_apart in (False, True):
        some = [fault for fault in wanted if fault.apart == is_apart]
        if some:
            share = seconds * len(some) / len(wanted)
            run_in_one(options, folder / ("apart" if is_apart else "one"), some, share, report)


def run_in_one(
    options: argparse.Namespace,
    folder: Path,
    faults: Sequence[Fault],
    seconds: float,
    report: Report,
) -> None:
    from bench.faults.clocks import Clock
    from bench.faults.world import World

    folder.mkdir()
    is_apart = faults[0].apart
    can_fill = not is_apart and disk.make_small(folder / "data")
    possible = [
        fault
        for fault in faults
        if (can_fill or not fault.kind.startswith("disk"))
        and (Clock.is_possible() or "clock" not in fault.kind)
    ]
    report.left_out += [fault.kind for fault in faults if fault not in possible]
    world = World(
        folder,
        seed=options.seed,
        rate=options.rate,
        people=options.people,
        apart=is_apart,
        like=options.like,
    )
    chance = random.Random(f"{options.seed} {is_apart}")
    try:
        world.start()
        until = time.monotonic() + seconds
        for fault in possible if options.quick else without_end(possible, chance):
            if not options.quick and time.monotonic() > until:
                break
            one(world, fault, chance, report)
        report.note_world(world)
    finally:
        world.close()
        report.keep_words(world)


def without_end(faults: Sequence[Fault], chance: random.Random) -> Iterator[Fault]:
    """All kinds in a random order, then all in another one."""
    while True:
        yield from chance.sample(faults, len(faults))


def one(world: World, fault: Fault, chance: random.Random, report: Report) -> None:
    from bench.faults.judging import Verdict, judge

    world.stream.go_on()
    time.sleep(chance.uniform(0.5, 2.5))
    world.prober.seen()
    world.stream.seen()
    begun = time.monotonic()
    verdict = Verdict(fault.kind, 0)
    try:
        verdict.notes = fault.inject(world, chance)
    except AssertionError as problem:
        verdict.wrong.append(str(problem)[:500])
    verdict.seconds = time.monotonic() - begun
    judge(world, verdict, within=fault.within, tells=fault.tells)
    report.note(verdict)


if __name__ == "__main__":
    main()
