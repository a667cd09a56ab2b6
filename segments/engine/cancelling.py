"""Counts that people can give up: each on a connection of its own, found by its name."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from segmentflow.limits import TooSlow, was_cancelled

LONGEST_MS = 30_000
"""Of an exact count; somebody waits for it."""
LONGEST_TOKEN = 40
READS_MUCH = "-c random_page_cost=4"
"""PostgreSQL's default. What is set for the few pages of a contact has it fetch millions of events by contact, one page
after the other, instead of in the order in which they lie."""
T = TypeVar("T")


class Cancelled(Exception):
    """Somebody asked for it to be given up."""


@contextmanager
def own_connection(token: str, *, longest_ms: int = LONGEST_MS) -> Iterator[BaseDatabaseWrapper]:
    """Of which nobody else knows, so that cancelling it cannot hit anything else.

    Raises Cancelled and TooSlow.
    """
    own = connection.copy()
    options = own.settings_dict["OPTIONS"] = dict(own.settings_dict["OPTIONS"])
    options.pop("pool", None)
    options["application_name"] = _name(token)
    limit = f"-c statement_timeout={longest_ms:d}"
    options["options"] = f"{options.get('options', '')} {limit} {READS_MUCH}".strip()
    begun = time.monotonic()
    try:
        yield own
    except OperationalError as error:
        if not was_cancelled(error):
            raise
        # The server says both in words of its language only.
        is_late = time.monotonic() - begun >= longest_ms / 1000
        raise (TooSlow if is_late else Cancelled) from error
    finally:
        own.close()


@contextmanager
def beside(
    own: BaseDatabaseWrapper, token: str, *, longest_ms: int = LONGEST_MS
) -> Iterator[Callable[[Callable[[BaseDatabaseWrapper], T]], Future[T]]]:
    """Has something done on another connection with this token at the same time.

    Both see one state of the data.
    """
    with own.cursor() as cursor, ThreadPoolExecutor(1) as helper:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        [snapshot] = cursor.fetchone()

        def run(do: Callable[[BaseDatabaseWrapper], T]) -> T:
            with own_connection(token, longest_ms=longest_ms) as other:
                with other.cursor() as theirs:
                    theirs.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
                    theirs.execute("SET TRANSACTION SNAPSHOT %s", [snapshot])
                return do(other)

        yield lambda do: helper.submit(run, do)


def cancel_counts(*, token: str) -> None:
    """Give up what runs under this token, if anything does."""
    with connection.cursor() as cursor:
        # A transaction keeps seeing the activity that it saw first.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            """
            SELECT pg_cancel_backend(pid)
            FROM pg_stat_activity
            WHERE application_name = %s AND datname = current_database()
                AND usename = current_user AND pid <> pg_backend_pid()
            """,
            [_name(token)],
        )


def _name(token: str) -> str:
    """As the server shows it: it keeps 63 characters, and ASCII alone."""
    return f"count {re.sub(r'[^A-Za-z0-9_.-]', '', token)[:LONGEST_TOKEN]}"
