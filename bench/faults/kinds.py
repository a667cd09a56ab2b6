"""The faults: each is a block during which something is broken, and what may be expected afterwards."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.faults import disk, elsewhere
from bench.faults.world import World, alive
from tests.system.installation import wait_until
from tests.system.killing import EVERYTHING, VICTIMS, Killer

Inject = Callable[[World, random.Random], str]
"""Breaks something and mends it, as far as the installation cannot; answers a note."""

BACK_WITHIN = 30.0
SILENCE_SECONDS = 20.0


@dataclass(frozen=True)
class Fault:
    kind: str
    inject: Inject
    within: float = BACK_WITHIN
    """Seconds until everything is there again."""
    tells: str = ""
    """What pages or answers must have said meanwhile, as a pattern."""
    quick: bool = False
    """Part of what continuous integration runs."""
    apart: bool = False
    """For an installation whose database is another machine's."""


def _kill(kind: str) -> Inject:
    def inject(world: World, chance: random.Random) -> str:
        Killer(world.installation, chance).kill(kind)
        return ""

    return inject


def _stop_database(number: signal.Signals) -> Inject:
    def inject(world: World, _: random.Random) -> str:
        before = world.installation.main_of("bin/postgres")
        os.kill(before, number)
        wait_until(lambda: not alive(before), what="the end of PostgreSQL")
        return ""

    return inject


def _cut_connections(world: World, chance: random.Random) -> str:
    """All at once, again and again."""
    times = chance.randint(1, 6)
    for _ in range(times):
        cut = world.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        time.sleep(chance.uniform(0, 0.4))
    return f"{times} times, {len(cut)} connections"


def _freeze(pids: list[int], seconds: float) -> int:
    """Stopped and continued; how many were still there."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
    time.sleep(seconds)
    found = 0
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
            found += 1
    return found


def _freeze_backends(world: World, chance: random.Random) -> str:
    seconds = chance.uniform(2, 8)
    return f"{_freeze(world.backends(), seconds)} sessions for {seconds:.0f} s"


def _freeze_worker(least: float, most: float) -> Inject:
    """Whoever works just now, in the middle of something if that can be had."""

    def inject(world: World, chance: random.Random) -> str:
        main = world.installation.main_of("processes.cluster")
        workers = [pid for pid in world.installation.below(main) if _is_worker(world, pid)]
        chosen, seconds = chance.choice(workers), chance.uniform(least, most)
        found = _freeze([chosen], seconds)
        return f"{seconds:.0f} s; then it {'went on' if found else 'had been replaced'}"

    return inject


def _is_worker(world: World, pid: int) -> bool:
    """Those at the bottom."""
    return not world.installation.below(pid)


def _freeze_web(world: World, chance: random.Random) -> str:
    main = world.installation.main_of("processes.web")
    seconds = chance.uniform(3, 12)
    chosen = chance.choice(world.installation.below(main))
    _freeze([chosen], seconds)
    return f"one of its workers for {seconds:.0f} s"


def _silence(world: World, _: random.Random) -> str:
    """Nobody works, and nobody notices: cluster and watcher stand still."""
    pids = world.pids("processes.cluster") + world.pids("manage.py watch")
    _freeze(pids, SILENCE_SECONDS)
    return f"{len(pids)} processes for {SILENCE_SECONDS:.0f} s"


def _freeze_cluster(world: World, _: random.Random) -> str:
    """The watcher has it replaced; what is continued then is nobody's."""
    pids = world.pids("processes.cluster")
    found = _freeze(pids, SILENCE_SECONDS)
    return f"{len(pids) - found} of {len(pids)} were replaced"


def _start_second(world: World, _: random.Random) -> str:
    """On the same data, at another port; it has to say whose it is and go."""
    first = world.installation.output
    world.installation.output = first.with_suffix(".second")
    try:
        status = world.installation.up("--port", "0").wait(60)
        said = world.installation.said()
    finally:
        world.installation.output = first
    if status != 1 or str(world.installation.pid) not in said:
        raise AssertionError(f"the second one ended with {status} and said {said[-300:]!r}")
    return "it said who has the directory, and ended"


def _cut_receivers(world: World, chance: random.Random) -> str:
    seconds = chance.uniform(2, 12)
    for way in (world.hook_way, world.mail_way):
        way.cut()
    time.sleep(seconds)
    for way in (world.hook_way, world.mail_way):
        way.mend()
    return f"{seconds:.0f} s"


def _silence_receivers(world: World, chance: random.Random) -> str:
    seconds = chance.uniform(4, 20)
    for way in (world.hook_way, world.mail_way):
        way.silence()
    time.sleep(seconds)
    for way in (world.hook_way, world.mail_way):
        way.mend()
    return f"nothing arrived for {seconds:.0f} s"


FAULTS = (
    *(Fault(f"kill: {kind}", _kill(kind)) for kind in (*VICTIMS, EVERYTHING)),
    Fault("database stopped fast", _stop_database(signal.SIGINT), quick=True),
    Fault("database stopped at once", _stop_database(signal.SIGQUIT)),
    Fault("connections cut", _cut_connections, quick=True),
    Fault("sessions frozen", _freeze_backends),
    Fault("worker frozen for seconds", _freeze_worker(3, 20)),
    Fault("worker frozen for minutes", _freeze_worker(70, 100)),
    Fault("web worker frozen", _freeze_web),
    Fault("cluster frozen", _freeze_cluster),
    Fault("cluster and watcher frozen", _silence, tells="Nothing is being processed|Catching up"),
    Fault("second start", _start_second),
    Fault("receivers cut", _cut_receivers),
    Fault("receivers silent", _silence_receivers),
    Fault("disk full", disk.fill_up, within=30.0, tells="The disk is full", quick=True),
    Fault("disk full while importing", disk.fill_up_importing, tells="The disk is full"),
    Fault("apart: slow", elsewhere.slow, apart=True),
    Fault("apart: cut", elsewhere.cut, tells="The database does not answer", apart=True),
    Fault("apart: silent", elsewhere.silent, apart=True),
    Fault("apart: restarted", elsewhere.restart, tells="The database does not answer", apart=True),
    Fault("apart: no writing", elsewhere.read_only, tells="takes no changes", apart=True),
    Fault("clock an hour forward", elsewhere.forward, apart=True),
    Fault("clock an hour back", elsewhere.back, apart=True),
    Fault("database's clock ahead", elsewhere.database_ahead, apart=True),
    Fault("database's clock behind", elsewhere.database_behind, apart=True),
)
