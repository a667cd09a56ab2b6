"""Statements that may take only so long, inside whatever transaction there is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import OperationalError, connection, transaction


class TooSlow(Exception):
    """It was not done in the time given to it."""


@contextmanager
def within(milliseconds: int) -> Iterator[None]:
    """Raises TooSlow when a statement takes longer; what was done inside is undone then."""
    try:
        with transaction.atomic():
            before = _limit(str(milliseconds))
            yield
            _limit(before)
    except OperationalError as error:
        if was_cancelled(error):
            raise TooSlow from error
        raise


def was_cancelled(error: OperationalError) -> bool:
    """Whether the server gave up on a statement, out of time or asked to."""
    return isinstance(error.__cause__, psycopg.errors.QueryCanceled)


def _limit(timeout: str) -> str:
    """Set it for the rest of the transaction, and answer what it was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('statement_timeout'),"
            " set_config('statement_timeout', %s, true)",
            [timeout],
        )
        before: str = cursor.fetchone()[0]
        return before
