"""Asking the cluster to look at alerts: once a minute is enough."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from segmentflow.turns import NowAndThen
from segmentflow.wakeups import ask_for

ALERT: Final = "alert"
BETWEEN: Final = timedelta(minutes=1)


def wake() -> None:
    ask_for(ALERT, "outbound.alerts.tasks.look_and_tell")


def is_work(now: datetime) -> bool:
    """Whether anybody wants to be told of anything, or a mail waits."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT EXISTS (
                SELECT FROM outbound_alertrule r JOIN outbound_alert a ON a.id = r.alert_id
                WHERE NOT a.is_paused
            ) OR EXISTS (
                SELECT FROM outbound_alertmail WHERE state = 'waiting' AND try_at <= %s
            )
            """,
            [now],
        )
        return bool(cursor.fetchone()[0])


def looks() -> NowAndThen:
    """For the watcher."""
    return NowAndThen(between=BETWEEN, is_due=is_work, wake=wake)
