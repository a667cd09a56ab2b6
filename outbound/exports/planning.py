"""Runs that become due: one for each export, however many times were missed."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from outbound.exports.models import Export, ExportRun
from outbound.exports.places import drop_spooled
from outbound.exports.schedule import next_time, times_of
from segmentflow.clock import workspace_zone

State = ExportRun.State
REPLACED = "A newer run took its place."


@transaction.atomic
def plan_due(*, now: datetime) -> int:
    """A run for each export whose time has come; how many. Somebody else's are passed over."""
    zone = workspace_zone()
    due = Export.objects.filter(next_at__lte=now, is_paused=False)
    planned = 0
    for export in due.select_for_update(skip_locked=True, no_key=True).order_by("next_at"):
        open_run = export.runs.filter(state__in=ExportRun.OPEN).select_for_update().first()
        if open_run and open_run.state == State.RUNNING:
            continue  # its turn comes when that has ended
        if open_run:
            _replace(open_run, now=now)
        assert export.next_at  # noqa: S101 - it was looked for by that
        ExportRun.objects.create(export=export, due_at=export.next_at, try_at=now)
        _plan_next(export, zone, now=now)
        planned += 1
    return planned


@transaction.atomic
def follow_zone(*, now: datetime) -> None:
    """The workspace has another time zone: times are on its clocks from now on."""
    zone = workspace_zone()
    others = Export.objects.filter(next_at__gt=now).exclude(zone=zone.key)
    for export in others.select_for_update(skip_locked=True, no_key=True):
        _plan_next(export, zone, now=now)


def _plan_next(export: Export, zone: ZoneInfo, *, now: datetime) -> None:
    export.zone = zone.key
    export.next_at = next_time(times_of(export), after=now, zone=zone)
    export.save(update_fields=["zone", "next_at"])


def _replace(run: ExportRun, *, now: datetime) -> None:
    run.state, run.ended_at = State.FAILED, now
    run.said = f"{run.said} {REPLACED}".strip()
    run.save(update_fields=["state", "ended_at", "said"])
    transaction.on_commit(lambda: drop_spooled(run.pk))
