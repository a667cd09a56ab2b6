"""Tasks that failed: what they said, and what may be done about it.

A task is a wake-up: doing one again is never wrong, and dismissing one loses nothing but the report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django_q.models import Failure
from django_q.tasks import async_task

from segmentflow.audit.recording import record
from segmentflow.logs.masking import mask

SHOWN: Final = 20
LONGEST: Final = 4_000


@dataclass(frozen=True, slots=True)
class Failed:
    id: str
    func: str
    at: datetime
    said: str
    """In one line."""
    details: str
    request_id: str
    """Of the request that asked for it, if one did."""


def last_failures() -> Sequence[Failed]:
    return [_shown(row) for row in Failure.objects.order_by("-stopped")[:SHOWN]]


def count_failures() -> int:
    return int(Failure.objects.count())


@transaction.atomic
def do_again(task_id: str) -> bool:
    """Asked for once more, and its report is gone; False when somebody was quicker."""
    row = _take_away(task_id)
    if row is None:
        return False
    record(action="tried again", kind="failure", name=row.func)
    async_task(
        row.func, *(row.args or ()), **(row.kwargs or {}), ack_failure=True, task_name=row.name
    )
    return True


@transaction.atomic
def dismiss(task_id: str) -> bool:
    row = _take_away(task_id)
    if row is None:
        return False
    record(action="dismissed", kind="failure", name=row.func)
    return True


@transaction.atomic
def dismiss_all() -> int:
    deleted, _ = Failure.objects.all().delete()
    if deleted:
        record(action="dismissed", kind="failures", said=f"{deleted:,}")
    return int(deleted)


def _take_away(task_id: str) -> Failure | None:
    """None: somebody was quicker."""
    row = Failure.objects.select_for_update().filter(pk=task_id).first()
    if row is not None:
        Failure.objects.filter(pk=task_id).delete()
    return row


def _shown(row: Any) -> Failed:
    told = mask(str(row.result or "")).strip() or "It said nothing."
    # Django-Q writes “message : traceback”; an exception without a message has its name at the end.
    said = told.partition(": Traceback")[0].strip() or told.rpartition("\n")[2]
    return Failed(
        id=row.pk,
        func=row.func,
        at=row.stopped,
        said=said.partition("\n")[0][:300],
        details=told[-LONGEST:],
        request_id=row.group or "",
    )
