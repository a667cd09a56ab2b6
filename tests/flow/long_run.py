"""Thousands of random histories: `python -m tests.flow.long_run --pairs 10000 --seed 1`.

A pair is one definition living through one history. A failing seed is printed; with
`--seed S --only` just that history is played again, with the same `--zone`.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

import django

SEGMENTS = 12
STEPS = 8


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="store_true", help="play this one seed")
    parser.add_argument("--zone", type=ZoneInfo, help="instead of a random one")
    parser.add_argument("--steps", type=int, default=STEPS)
    return parser.parse_args()


@contextmanager
def scratch_database() -> Iterator[None]:
    """A test database of our own, gone afterwards."""
    from django.db import connection

    # Several runs may go on at once.
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def play(seed: int, *, zone: ZoneInfo | None, steps: int) -> str | None:
    """Play a history, undo it in the database, and answer what went wrong."""
    from django.db import transaction

    from tests.flow.history import History

    with transaction.atomic():
        try:
            wrong = History(seed, segments=SEGMENTS, zone=zone).play(steps=steps)
        finally:
            transaction.set_rollback(True)
    return f"step {wrong.step}: {wrong.said}" if wrong else None


def shortest(seed: int, *, zone: ZoneInfo | None, most: int) -> int:
    """The number of steps after which it goes wrong."""
    return next((steps for steps in range(1, most) if play(seed, zone=zone, steps=steps)), most)


def run(options: argparse.Namespace) -> int:
    histories = 1 if options.only else -(-options.pairs // SEGMENTS)
    failed, begun = [], time.monotonic()
    for number, seed in enumerate(range(options.seed, options.seed + histories), start=1):
        if said := play(seed, zone=options.zone, steps=options.steps):
            failed.append(seed)
            steps = shortest(seed, zone=options.zone, most=options.steps)
            say(f"\nseed {seed} fails (replay: --seed {seed} --only --steps {steps})\n{said}")
        rate = number * SEGMENTS / (time.monotonic() - begun)
        say(f"\r{number * SEGMENTS:,} pairs, {len(failed)} failed histories, {rate:.0f}/s  ")
    say("\n" + (f"failing seeds: {failed}\n" if failed else "all right\n"))
    return 1 if failed else 0


def say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "segmentflow.settings")
    os.environ.setdefault("TEST_DATABASE_NAME", f"test_long_run_{os.getpid()}")
    options = arguments()
    django.setup()
    logging.disable(logging.INFO)
    with scratch_database():
        return run(options)


if __name__ == "__main__":
    sys.exit(main())
