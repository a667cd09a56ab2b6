"""One looks at all alerts, one sends their mails; the locks end with their session or transaction."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Final

from django.db import connection

from segmentflow.session_locks import alone

ALERTS: Final = 5332
LOOKING: Final = (ALERTS, 0)
SENDING: Final = (ALERTS, 1)


def try_looking() -> bool:
    """Until the commit; False: somebody else does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", LOOKING)
        return bool(cursor.fetchone()[0])


def hold_looking() -> None:
    """Nobody looks at alerts until the commit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", LOOKING)


def sending_alone() -> AbstractContextManager[int | None]:
    """None: somebody else sends."""
    return alone(SENDING)
