"""Faults of a database on another machine, and of clocks."""

from __future__ import annotations

import random
import time

import psycopg

from bench.faults.clocks import Clock
from bench.faults.world import World

HOUR = 3600
SKEW_SECONDS = 15.0
"""Longer than it takes for a cluster to be taken for silent."""


def slow(world: World, chance: random.Random) -> str:
    seconds, delay = chance.uniform(4, 10), chance.uniform(0.01, 0.06)
    world.elsewhere.network.delay = delay
    time.sleep(seconds)
    world.elsewhere.network.mend()
    return f"{1000 * delay:.0f} ms more each way for {seconds:.0f} s"


def cut(world: World, chance: random.Random) -> str:
    seconds = chance.uniform(3, 12)
    world.elsewhere.network.cut()
    time.sleep(seconds)
    world.elsewhere.network.mend()
    return f"{seconds:.0f} s"


def silent(world: World, chance: random.Random) -> str:
    seconds = chance.uniform(3, 10)
    world.elsewhere.network.silence()
    time.sleep(seconds)
    world.elsewhere.network.mend()
    return f"nothing arrived for {seconds:.0f} s"


def restart(world: World, chance: random.Random) -> str:
    seconds = chance.uniform(2, 10)
    world.elsewhere.restart(down_seconds=seconds)
    return f"away for {seconds:.0f} s"


def read_only(world: World, chance: random.Random) -> str:
    """As a server that has become the standby of another one."""
    seconds = chance.uniform(3, 8)
    with psycopg.connect(world.url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET default_transaction_read_only = on")
        connection.execute("SELECT pg_reload_conf()")
        time.sleep(seconds)
        connection.execute("SET default_transaction_read_only = off")
        connection.execute("ALTER SYSTEM RESET default_transaction_read_only")
        connection.execute("SELECT pg_reload_conf()")
    return f"{seconds:.0f} s"


def forward(world: World, chance: random.Random) -> str:
    """Everybody's; from where an earlier fault has left it."""
    _set(world, world.ahead + HOUR)
    time.sleep(chance.uniform(1, 4))
    return f"{world.ahead // HOUR} h ahead now"


def back(world: World, chance: random.Random) -> str:
    """From an hour ahead, after some events were stored there."""
    if not world.ahead:
        forward(world, chance)
        time.sleep(chance.uniform(3, 8))
    _set(world, world.ahead - HOUR)
    return f"{world.ahead // HOUR} h ahead now"


def _set(world: World, seconds: int) -> None:
    world.ahead = seconds
    for clock in _clocks(world):
        clock.put(seconds)
    time.sleep(1)


def database_ahead(world: World, _: random.Random) -> str:
    return _skew(world, HOUR)


def database_behind(world: World, _: random.Random) -> str:
    return _skew(world, -HOUR)


def _skew(world: World, seconds: int) -> str:
    """Which of the two is right, nobody can say; nothing must stand still because of it."""
    before, (clock, _) = _silences(world), _clocks(world)
    clock.put(world.ahead + seconds)
    time.sleep(SKEW_SECONDS)
    clock.put(world.ahead)
    time.sleep(1)
    if found := _silences(world) - before:
        raise AssertionError(f"a cluster at work was taken for silent {found} times")
    return "the cluster was left alone"


def _clocks(world: World) -> tuple[Clock, Clock]:
    """The database's, and that of the installation; without a C compiler these faults are left out."""
    database, own = world.elsewhere.clock, world.clock
    if database is None or own is None:
        raise RuntimeError("This world has only the clock of the machine.")
    return database, own


def _silences(world: World) -> int:
    return world.installation.said().count("does no work; starting it anew")
