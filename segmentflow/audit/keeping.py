"""For how long the log is kept, and forgetting what is older: the only thing that takes away of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction

from segmentflow.audit.models import AuditEntry
from segmentflow.audit.recording import record
from segmentflow.clock import workspace_zone
from segmentflow.months import kept_from
from segmentflow.turns import NowAndThen
from segmentflow.wakeups import ask_for
from segmentflow.workspace import current_workspace, update_workspace

FORGET: Final = "forget audit"
BITE: Final = 1_000
BETWEEN: Final = timedelta(hours=1)
"""Two looks at whether something is old enough; it becomes so at midnight."""


def months_kept() -> int | None:
    """None: for ever."""
    return current_workspace().audit_months


@transaction.atomic
def keep_entries_for(*, months: int | None, now: datetime) -> None:
    """The caller has looked at the number; that it was changed is told by the log itself."""
    before = months_kept()
    update_workspace(audit_months=months)
    if before != months:
        record(
            action="changed",
            kind="audit log",
            changes={"months kept": [before or "for ever", months or "for ever"]},
            now=now,
        )


def forgotten_before(*, months: int | None, now: datetime) -> datetime | None:
    """What is older is kept no longer; None: nothing is."""
    return None if months is None else kept_from(months, now=now, zone=workspace_zone())


def is_forgetting_due(*, now: datetime) -> bool:
    before = forgotten_before(months=months_kept(), now=now)
    return before is not None and AuditEntry.objects.filter(at__lt=before).exists()


@transaction.atomic
def advance_forgetting(*, now: datetime) -> bool:
    """The oldest first; False: nothing is old enough."""
    before = forgotten_before(months=months_kept(), now=now)
    if before is None:
        return False
    old = AuditEntry.objects.filter(at__lt=before).order_by("at").values_list("id", flat=True)
    ids = list(old[:BITE])
    with connection.cursor() as cursor:
        # What the rule of the table asks for (migration 0008); it ends with the transaction.
        cursor.execute("SELECT set_config('segmentflow.forgets_audit', 'on', true)")
        cursor.execute("DELETE FROM segmentflow_auditentry WHERE id = ANY(%s)", [ids])
        cursor.execute("SELECT set_config('segmentflow.forgets_audit', 'off', true)")
    return bool(ids)


def wake_forgetting() -> None:
    ask_for(FORGET, "segmentflow.audit.tasks.forget")


def forgetting_looks() -> NowAndThen:
    """For the watcher."""
    return NowAndThen(
        between=BETWEEN, is_due=lambda now: is_forgetting_due(now=now), wake=wake_forgetting
    )
