"""Writes about exports: set up, changed, paused, asked for, deleted."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from campaigns.channels.secrets import seal
from campaigns.targeted import hold_segments
from contacts.locks import share_fields
from contacts.problems import Conflict
from outbound.exports.auditing import facts_of, note
from outbound.exports.models import Export, ExportRun
from outbound.exports.places import drop_spooled
from outbound.exports.schedule import next_time, times_of
from outbound.exports.wakes import wake
from outbound.exports.wanted import Place, Wanted, check, secrets_of, shown
from outbound.webhooks.signing import new_secret
from segmentflow.audit.plain import differences
from segmentflow.clock import workspace_zone
from segmentflow.models import User
from segments.models import Segment

State = ExportRun.State


@transaction.atomic
def create_export(
    *, segment: Segment, wanted: Wanted, author: User | None, now: datetime
) -> Export:
    """Raises Refused with all that is wrong, Conflict when the segment is gone or archived."""
    share_fields()
    _hold(segment)
    check(wanted, segment_id=segment.pk, own_id=None)
    export = Export(segment=segment, created_by=author)
    _fill(export, wanted, now=now)
    export.save()
    note("created", export, said=f"of “{segment.name}”", now=now)
    return export


@transaction.atomic
def change_export(*, export: Export, wanted: Wanted, now: datetime) -> Export:
    """All of it is as wanted from now on, also for what waits to be tried again. Raises Refused."""
    share_fields()
    export = held(export)
    check(wanted, segment_id=export.segment_id, own_id=export.pk)
    before = facts_of(export)
    is_same_address = secrets_of(export).get("url", "") == wanted.url
    _fill(export, wanted, now=now)
    export.save()
    after = facts_of(export)
    if is_same_address:  # sealed anew, it looks like another one
        after["address"] = before["address"]
    if changes := differences(before, after, secret=("address",)):
        note("changed", export, changes=changes, now=now)
    waiting = export.runs.filter(state=State.WAITING)
    ids = list(waiting.values_list("pk", flat=True))
    waiting.update(try_at=now, rows=None)
    _drop_at_commit(*ids)
    return export


@transaction.atomic
def pause_export(*, export: Export, now: datetime) -> None:
    """Nothing is written any more; what waits to be tried again is given up."""
    export = held(export)
    export.is_paused = True
    _plan(export, now=now)
    export.save()
    _stop_waiting(export, said="The export was paused.", now=now)
    note("paused", export, now=now)


@transaction.atomic
def resume_export(*, export: Export, now: datetime) -> None:
    """From its next time on; what was missed stays so. Raises Conflict when the segment is archived."""
    export = held(export)
    _hold(export.segment)
    export.is_paused = False
    _plan(export, now=now)
    export.save()
    note("resumed", export, now=now)


@transaction.atomic
def run_now(*, export: Export, by: User | None, now: datetime) -> ExportRun:
    """Ask for a file at once, also of one that is paused. Raises Conflict while one is written."""
    export = held(export)
    if export.runs.filter(state=State.RUNNING).exists():
        raise Conflict("A file is being written already.")
    _stop_waiting(export, said="Somebody asked for a new file instead.", now=now)
    run = ExportRun.objects.create(
        export=export, is_by_hand=True, asked_by=by, due_at=now, try_at=now
    )
    transaction.on_commit(wake)
    note("started", export, said="a file by hand", now=now)
    return run


@transaction.atomic
def delete_export(*, export: Export) -> None:
    """With the log of its runs; files in the folder stay where they are."""
    export = held(export)
    ids = list(export.runs.filter(state__in=ExportRun.OPEN).values_list("pk", flat=True))
    note("deleted", export)
    export.delete()
    _drop_at_commit(*ids)


def held(export: Export) -> Export:
    """Nobody else changes it until the commit. Raises Conflict when it has gone."""
    found = Export.objects.select_for_update().filter(pk=export.pk).first()
    if found is None:
        raise Conflict("This export was deleted meanwhile.")
    return found


def _hold(segment: Segment) -> None:
    """It is neither archived nor deleted until the commit."""
    hold_segments([segment.pk])
    status = Segment.objects.values_list("status", flat=True).get(pk=segment.pk)
    if status == Segment.Status.ARCHIVED:
        raise Conflict("The segment is in the archive. Restore it first.")


def _fill(export: Export, wanted: Wanted, *, now: datetime) -> None:
    for name in ("name", "kind", "is_gzip", "schedule", "at", "place", "folder", "pattern"):
        setattr(export, name, getattr(wanted, name))
    export.keeps, export.method = wanted.keeps, wanted.method
    export.columns, export.weekdays = list(wanted.columns), sorted(set(wanted.weekdays))
    if wanted.place == Place.URL:
        secret = secrets_of(export).get("secret") or new_secret()
        export.sealed = seal({"url": wanted.url, "secret": secret})
        export.shown_url = shown(wanted.url)
    else:
        export.sealed = export.shown_url = ""
    _plan(export, now=now)


def _plan(export: Export, *, now: datetime) -> None:
    zone = workspace_zone()
    export.zone = zone.key
    export.next_at = None if export.is_paused else next_time(times_of(export), after=now, zone=zone)


def _stop_waiting(export: Export, *, said: str, now: datetime) -> None:
    waiting = export.runs.filter(state=State.WAITING)
    for run in waiting.select_for_update():
        run.state, run.ended_at = State.STOPPED, now
        run.said = f"{said} Before: {run.said}" if run.said else said
        run.save(update_fields=["state", "ended_at", "said"])
        _drop_at_commit(run.pk)


def _drop_at_commit(*ids: int) -> None:
    """What is on its way to an address is of no use any more."""

    def drop() -> None:
        for pk in ids:
            drop_spooled(pk)

    transaction.on_commit(drop)
