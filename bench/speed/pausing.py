"""Holds the processes that follow changes, to measure what is in front of them alone."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.speed.stage import Site
from bench.speed.waiting import wait_until_settled

CLUSTER, WATCHER = "segmentflow.processes.cluster", "manage.py watch"
TRIES = 50


@contextmanager
def nothing_followed(site: Site) -> Iterator[None]:
    """Until the end of the block, changes are only noted.

    The processes are stopped between two transactions, so that nobody waits for their locks.
    """
    watcher = _with_all_below(site, WATCHER)
    cluster = _with_all_below(site, CLUSTER)
    _signal(watcher, signal.SIGSTOP)
    try:
        _stop_between(cluster)
        yield
    finally:
        # The cluster first: the watcher must find it alive.
        _signal(cluster, signal.SIGCONT)
        wait_until_settled()
        _signal(watcher, signal.SIGCONT)


def _with_all_below(site: Site, part: str) -> list[int]:
    main = site.installation.main_of(part)
    return [main, *site.installation.below(main)]


def _stop_between(pids: list[int]) -> None:
    for _ in range(TRIES):
        wait_until_settled()
        _signal(pids, signal.SIGSTOP)
        time.sleep(0.05)
        if not _are_in_transaction():
            return
        _signal(pids, signal.SIGCONT)
        time.sleep(0.1)
    raise SystemExit("The cluster is never between two transactions.")


def _are_in_transaction() -> bool:
    """Whether anybody but us holds something; the web server has nothing to do just now."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT EXISTS (
                SELECT FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()
                    AND backend_type = 'client backend' AND state <> 'idle'
            )
            """
        )
        return bool(cursor.fetchone()[0])


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        os.kill(pid, number)
