"""Long work that lets others go first: its own connection, whose server process has a lower priority.

What follows changes keeps its connection meanwhile, with the plans it has prepared and its full
priority. A server on another machine, or one that somebody else runs, decides for itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

NICENESS = 10
"""Of 0 to 19: beside one process of the usual priority it gets about a tenth of a processor."""


class Yielding:
    """`with yielding.turn():` runs statements that yield to all others'.

    The connection is made when it is first used, and kept: a new process of the server has to
    find its way through the shared memory once more, which takes longer than a small rebuild.
    """

    def __init__(self) -> None:
        self._own: BaseDatabaseWrapper | None = None

    def close(self) -> None:
        if self._own is not None:
            self._own.close()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Until its end Django's connection is the one that yields; not inside a transaction."""
        if connection.in_atomic_block:
            # What this transaction has done would not be seen by another connection.
            yield
            return
        usual = connections[DEFAULT_DB_ALIAS]
        self._own = own = self._own or connections.create_connection(DEFAULT_DB_ALIAS)
        connections[DEFAULT_DB_ALIAS] = own
        try:
            own.close_if_unusable_or_obsolete()
            if own.connection is None:
                own.ensure_connection()
                _yield_to_others()
            yield
        finally:
            connections[DEFAULT_DB_ALIAS] = usual


class Beside:
    """A thread with a connection that yields, too: half of some work is done there.

    Both are kept from one time to the next, for the same reason.
    """

    def __init__(self) -> None:
        self._thread: ThreadPoolExecutor | None = None

    def both(self, here: Callable[[], None], there: Callable[[], None]) -> None:
        """Do the one here, and at the same time the other in the thread and a transaction of its own.

        Raises what either has raised, the first before the second, once both have ended. What was done there is
        undone if the one here fails.
        """
        self._thread = self._thread or ThreadPoolExecutor(1, thread_name_prefix="beside")
        is_done_here: Future[bool] = Future()
        other = self._thread.submit(_do_there, there, is_done_here)
        try:
            here()
            is_done_here.set_result(True)
        finally:
            if not is_done_here.done():
                is_done_here.set_result(False)
            wait([other])
        other.result()

    def close(self) -> None:
        if self._thread is not None:
            self._thread.submit(_close_there)
            self._thread.shutdown()


def _close_there() -> None:
    connection.close()


def _do_there(do: Callable[[], None], is_done_here: Future[bool]) -> None:
    """Django's connection is another one in each thread."""
    connection.close_if_unusable_or_obsolete()
    if connection.connection is None:
        connection.ensure_connection()
        _yield_to_others()
    with transaction.atomic():
        do()
        if not is_done_here.result():
            transaction.set_rollback(True)


def _yield_to_others() -> None:
    """Have the process at the other end of Django's connection do so."""
    options = connection.settings_dict.get("OPTIONS", {})
    if not str(options.get("host") or connection.settings_dict["HOST"]).startswith("/"):
        return  # through the network: the number may be that of any process here
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid: int = cursor.fetchone()[0]
    try:
        os.setpriority(os.PRIO_PROCESS, pid, NICENESS)
    except (PermissionError, ProcessLookupError):
        return
